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

var _ = Describe("A finding of a process", func() {
	It("mutes the same one of its sub-processes, for as long as it stands", func(ctx context.Context) {
		w := newWorldIn(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "muting-"}}, day("2026-01-10"))
		w.apply(
			builders.MakeProcess("house-move").Every("P12M").InEffectSince("2019-01-01").StepOf(governancev1alpha1.Step{
				Name: "hand-over", Why: "the meter has to be read", ProcessRef: &governancev1alpha1.ObjectReference{Name: "meter-handover"},
			}).Obj(),
			builders.MakeProcess("meter-handover").Every("P12M").InEffectSince("2019-01-01").Step("read", "somebody has to").Obj(),
		)
		mutedBy := func() string {
			for _, finding := range w.process("meter-handover").Status.Findings {
				if finding.Rule == governancev1alpha1.RuleNeverReviewed {
					return finding.MutedBy
				}
			}
			return "no finding"
		}
		subjects := func() (all []string) {
			for _, ticket := range w.desk.Tickets() {
				all = append(all, ticket.Subject)
			}
			return all
		}
		above, below := w.namespace+"/Process/house-move", w.namespace+"/Process/meter-handover"
		w.runUntil(day("2026-01-11"), func() {})
		Expect(mutedBy()).To(Equal(w.namespace + "/house-move"))
		Expect(subjects()).To(Equal([]string{above}))

		w.apply(builders.MakeReview("winter").Of("house-move").HeldOn("2026-01-10T12:00:00Z").Keeps("hand-over").Obj())
		w.runUntil(day("2026-01-12"), func() {})
		Expect(mutedBy()).To(BeEmpty())
		Expect(subjects()).To(Equal([]string{above, below}))

		By("a ticket that is open already stays so")
		w.withdraw("winter")
		w.runUntil(day("2026-01-13").Add(time.Hour), func() {})
		Expect(mutedBy()).To(Equal(w.namespace + "/house-move"))
		Expect(w.desk.Tickets()[1].State).To(Equal("open"))
		Expect(w.desk.Tickets()[0].State).To(Equal("open"))
	})
})
