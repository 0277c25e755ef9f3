package loop

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

var _ = Describe("What the API server accepts and nobody can use", func() {
	for _, stalling := range builders.StallingObjects() {
		It("says what to do, and comes to rest: "+stalling.Sentence, func(ctx context.Context) {
			w := newWorld(ctx, day("2024-01-01"))
			for _, object := range append(stalling.Needs, stalling.Object) {
				w.applyWhereItBelongs(object)
			}
			w.settle()
			Expect(cached.Get(ctx, client.ObjectKeyFromObject(stalling.Object), stalling.Object)).To(Succeed())
			ready := meta.FindStatusCondition(subjectOf(stalling.Object).Conditions, governancev1alpha1.ConditionReady)
			Expect(ready).NotTo(BeNil())
			Expect(condition(subjectOf(stalling.Object).Conditions, governancev1alpha1.ConditionReady)).
				To(Equal("Ready=False/" + stalling.WantReason))
			Expect(ready.Message).To(ContainSubstring(stalling.WantSubstring))
			Expect(w.desk.Messages()).To(BeEmpty())
		})
	}
})

// applyWhereItBelongs creates an object of the builders' namespace in the world's, and leaves others where they are.
// What belongs to no namespace is gone after the spec.
func (w *world) applyWhereItBelongs(object client.Object) {
	GinkgoHelper()
	switch object.GetNamespace() {
	case builders.Namespace:
		object.SetNamespace(w.namespace)
	case "":
		object.SetLabels(map[string]string{"world": w.namespace})
	}
	Expect(cached.Create(w.ctx, object)).To(Succeed())
	if object.GetNamespace() != w.namespace {
		DeferCleanup(func(ctx context.Context) { Expect(cached.Delete(ctx, object)).To(Succeed()) })
	}
}
