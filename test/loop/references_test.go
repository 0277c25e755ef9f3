package loop

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

var _ = Describe("A process that stands for others", func() {
	referring := func(namespace string) *governancev1alpha1.Process {
		process := builders.MakeProcess("house-move").InEffectSince("2023-12-01").Step("meter", "both homes need a reading").Obj()
		process.Spec.Steps[0].ProcessRef = &governancev1alpha1.ObjectReference{
			Name: "meter-handover", Namespace: governancev1alpha1.ObjectName(namespace),
		}
		return process
	}
	ready := func(w *world) string {
		return condition(w.process("house-move").Status.Conditions, governancev1alpha1.ConditionReady)
	}

	It("waits for one of its own namespace that is not there", func(ctx context.Context) {
		w := newWorld(ctx, day("2024-01-01"))
		w.apply(referring(""))
		w.settle()
		Expect(ready(w)).To(Equal("Ready=False/ReferenceNotFound"))
		w.apply(builders.MakeProcess("meter-handover").InEffectSince("2023-12-01").Obj())
		w.settle()
		Expect(ready(w)).To(Equal("Ready=True/Reconciled"))
	})

	It("says in the same words whether one elsewhere does not admit it or does not exist", func(ctx context.Context) {
		w, elsewhere := newWorld(ctx, day("2024-01-01")), newWorld(ctx, day("2024-01-01"))
		w.apply(referring(elsewhere.namespace))
		w.settle()
		Expect(ready(w)).To(Equal("Ready=False/ReferenceNotPermitted"))
		version := w.process("house-move").ResourceVersion
		guarded := builders.MakeProcess("meter-handover").InEffectSince("2023-12-01").Obj()
		elsewhere.apply(guarded)
		w.settle()
		Expect(w.process("house-move").ResourceVersion).To(Equal(version))
		elsewhere.edit(guarded, func() {
			guarded.Spec.AllowedNamespaces = &governancev1alpha1.AllowedNamespaces{From: governancev1alpha1.NamespacesAll}
		})
		elsewhere.settle()
		w.settle()
		Expect(ready(w)).To(Equal("Ready=True/Reconciled"))
	})
})
