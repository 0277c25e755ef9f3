package loop

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
)

var _ = Describe("One finding", func() {
	var w *world

	// monday is the beginning of the week of that number; the board meets on Mondays, from the first on.
	monday := func(week int) time.Time { return day("2026-01-05").AddDate(0, 0, 7*(week-1)) }
	held := func(week int) {
		GinkgoHelper()
		w.apply(builders.MakeReview(fmt.Sprintf("board-%02d", week)).Of("house-move").For("board").
			HeldOn(w.clock.Now().UTC().Format(time.RFC3339)).Obj())
	}
	until := func(at time.Time) {
		GinkgoHelper()
		w.runUntil(at, func() {})
	}
	subjects := func() []string {
		var states []string
		for _, ticket := range w.desk.Tickets() {
			states = append(states, ticket.State)
		}
		return states
	}

	BeforeEach(func(ctx context.Context) {
		w = newWorldIn(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "one-"}}, day("2026-01-01"))
	})

	weekly := func() {
		GinkgoHelper()
		cadence := w.namespace + "-weekly"
		w.apply(
			builders.MakeCadence(cadence).Every("P1W").Calendar("2026-01-05").Obj(),
			builders.MakeProcess("house-move").InEffectSince("2025-12-01").Every("P12M").Requirement(governancev1alpha1.ReviewRequirement{
				Name: "board", Type: governancev1alpha1.ReviewCheckpoint,
				CadenceRef: &governancev1alpha1.ClusterReference{Name: governancev1alpha1.ObjectName(cadence)},
			}).Obj(),
		)
	}

	It("is one ticket for each of two requirements that fall due at the same instant", func() {
		// Both are of one rule: the full review, which was never held, is of another.
		w.apply(builders.MakeProcess("house-move").InEffectSince("2025-01-10").Every("P12M").Checkpoint("board", "P12M").
			Checkpoint("team", "P12M").Obj())
		until(day("2026-01-12"))
		Expect(subjects()).To(Equal([]string{desk.Open, desk.Open, desk.Open}))
		var about []string
		for _, remediation := range w.remediations() {
			about = append(about, string(remediation.Spec.Finding.Rule)+" "+remediation.Spec.Finding.About)
		}
		Expect(about).To(ConsistOf("NeverReviewed full", "ReviewOverdue board", "ReviewOverdue team"))
	})

	It("is one ticket where a weekly review is overdue for three weeks", func() {
		weekly()
		until(monday(4))
		Expect(subjects()).To(Equal([]string{desk.Open}))
		Expect(w.desk.Messages()).To(HaveLen(1))
	})

	It("is one ticket where the cadence is edited while it is overdue", func() {
		weekly()
		until(monday(3))
		cadence := builders.MakeCadence(w.namespace + "-weekly").Obj()
		w.edit(cadence, func() { cadence.Spec.Every = "P2W" })
		until(monday(4))
		w.edit(cadence, func() { cadence.Spec.Every = "P3M" })
		until(monday(6))
		Expect(subjects()).To(Equal([]string{desk.Open}))
		Expect(w.desk.Messages()).To(HaveLen(1))
	})

	It("is the same ticket where it comes back within the window, and another one after it", func() {
		weekly()
		until(monday(2))
		Expect(subjects()).To(Equal([]string{desk.Open}))
		held(2)
		until(monday(2).Add(time.Hour))
		Expect(subjects()).To(Equal([]string{desk.Closed}))

		By("the board does not meet in the week after")
		until(monday(4))
		Expect(subjects()).To(Equal([]string{desk.Open}))
		Expect(w.remediations()[0].Status.Attempt).To(Equal(int32(2)))

		By("it meets for six weeks, and then does not")
		for week := 4; week < 10; week++ {
			held(week)
			until(monday(week + 1))
		}
		Expect(subjects()).To(Equal([]string{desk.Closed}))
		until(monday(13))
		Expect(subjects()).To(Equal([]string{desk.Closed, desk.Open}))
	})
})
