package loop

import (
	"context"
	"maps"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

// What can be declared can lie so far away that what follows from it lies outside the years that can be declared.
var extremes = map[string]func(w *world){
	"a review in the first hours of 1970, east of Greenwich": func(w *world) {
		w.apply(builders.MakeProcess("attempt").InEffectSince("2020-01-01").Obj())
		// Go would write the time in UTC, and the API server refuses 1969.
		review, err := runtime.DefaultUnstructuredConverter.ToUnstructured(builders.MakeReview("first").Of("attempt").Obj())
		Expect(err).NotTo(HaveOccurred())
		Expect(unstructured.SetNestedField(review, "1970-01-01T00:00:00+14:00", "spec", "heldAt")).To(Succeed())
		w.apply(&unstructured.Unstructured{Object: review})
	},
	"the longest period that can be declared": func(w *world) {
		w.apply(builders.MakeProcess("attempt").Every("P99Y999M999W9999D").InEffectSince("2020-01-01").Obj())
	},
	"a cadence that starts on the last day, a holiday": func(w *world) {
		w.apply(builders.MakeCadence(w.namespace).Every("P12M").Calendar("2199-12-31").
			BusinessDays(governancev1alpha1.RollFollowing, "2199-12-31").Obj(),
			builders.MakeProcess("attempt").Cadence(w.namespace).InEffectSince("2020-01-01").Obj())
	},
}

var _ = Describe("What lies at the ends of time", func() {
	for _, sentence := range slices.Sorted(maps.Keys(extremes)) {
		It("does not keep a verdict from being written: "+sentence, func(ctx context.Context) {
			w := newWorld(ctx, day("2024-01-01"))
			extremes[sentence](w)
			w.settle()
			Expect(condition(w.process("attempt").Status.Conditions, governancev1alpha1.ConditionReviewCurrent)).
				To(HavePrefix("ReviewCurrent=False/"))
		})
	}
})
