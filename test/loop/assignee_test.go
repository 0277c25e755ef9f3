package loop

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

// A cache lists in another order each time.
var _ = Describe("A ticket about the processes of several teams", func() {
	It("says in one way why it is assigned to nobody, and writes that once", func(ctx context.Context) {
		w := newWorldIn(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "teams-"}}, day("2026-01-01"))
		policy := &governancev1alpha1.GovernancePolicy{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}
		w.edit(policy, func() {
			policy.Spec.Routes[0].GroupBy = []governancev1alpha1.GroupKey{governancev1alpha1.GroupByNamespace}
			policy.Spec.Routes[0].Assignee = "subject.labels.team"
		})
		old := func(name string) *builders.ProcessBuilder {
			return builders.MakeProcess(name).InEffectSince("2024-12-01").Every("P12M")
		}
		w.apply(old("complaints").Obj(), old("payments").Label("team", "x").Obj(), old("refunds").Label("team", "y").Obj())
		w.runUntil(day("2026-01-02"), func() {})
		Expect(w.remediations()).To(HaveLen(1))
		Expect(w.remediations()[0].Status.Tickets[0].Unassigned).To(Equal("The assignee of the route cannot be found: the expression fails: no such key: team."))
		before := w.statusWrites.Load()
		for range 60 {
			for _, worker := range w.workers {
				w.callAll(worker)
			}
			w.clock.SetTime(w.clock.Now().Add(time.Second))
		}
		Expect(w.statusWrites.Load()).To(Equal(before))
	})
})
