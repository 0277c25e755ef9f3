package loop

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

var _ = Describe("A year of a process", func() {
	It("reads like a diary", func(ctx context.Context) {
		// The namespace has a fixed name, since the names of remediations, and so their order, follow from it.
		w := newWorldIn(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "contact-centre"}}, day("2023-10-01"))
		d := newDiary(w, "refunds")
		year := &refundsYear{w: w, d: d}
		year.begin()
		year.until("2024-01-10")
		year.reviewWithVerdicts()
		year.until("2024-01-20")
		year.followTheVerdicts()
		year.until("2024-01-31")
		year.withdrawTheReview()
		year.until("2024-02-10")
		year.recordALateReview()
		year.until("2024-08-25")
		year.reviewInGrace()
		year.until("2024-12-01")
		d.expectGolden("year-of-a-process.txt")
	})
})

// refundsYear is what people do in that year.
type refundsYear struct {
	w *world
	d *diary
}

func (y *refundsYear) until(date string) { y.w.runUntil(day(date), y.d.look) }

func (y *refundsYear) begin() {
	y.d.did("the team declares refunds with the review of last spring; due every nine months, a fortnight of grace")
	y.w.apply(
		builders.MakeCadence(y.w.namespace+"-nine-months").Every("P9M").LeadTimes("P30D", "P7D").Grace("P14D").Obj(),
		builders.MakeProcess("refunds").InEffectSince("2022-01-15").Cadence(y.w.namespace+"-nine-months").
			Step("check-claim", "a wrong refund is paid twice").Step("sign-twice", "it was always so").
			Step("pay", "the customer waits for the money").Obj(),
		builders.MakeReview("spring-2023").Of("refunds").HeldOn("2023-03-01T10:00:00Z").
			Keeps("check-claim", "sign-twice", "pay").Obj(),
	)
}

func (y *refundsYear) reviewWithVerdicts() {
	y.d.did("a review is held: change check-claim, remove sign-twice")
	y.w.apply(builders.MakeReview("winter-2024").Of("refunds").HeldOn("2024-01-10T00:00:00Z").
		Outcome(governancev1alpha1.OutcomeChangesRequired).
		Changes("check-claim", "nobody knows what a valid claim is").
		Removes("sign-twice", "the second signature never stopped a payment").Keeps("pay").Obj())
}

func (y *refundsYear) followTheVerdicts() {
	y.d.did("the team applies refunds anew: check-claim says what a valid claim is, sign-twice is gone")
	process := y.w.process("refunds")
	y.w.edit(process, func() {
		process.Spec.Steps[0].Why = "a claim without a meter reading is paid twice"
		process.Spec.Steps = append(process.Spec.Steps[:1], process.Spec.Steps[2])
	})
}

func (y *refundsYear) withdrawTheReview() {
	y.d.did("the review is withdrawn: it was held about another process")
	var review governancev1alpha1.Review
	review.Namespace, review.Name = y.w.namespace, "winter-2024"
	y.w.edit(&review, func() {
		review.Spec.Withdrawn = builders.MakeReview("x").Withdrawn("quality", "held about another process",
			"2024-01-31T00:00:00Z").Obj().Spec.Withdrawn
	})
}

func (y *refundsYear) recordALateReview() {
	y.d.did("a review that was held in time, on 20 November, is found and recorded")
	y.w.apply(builders.MakeReview("autumn-2023").Of("refunds").HeldOn("2023-11-20T15:00:00Z").
		Keeps("check-claim", "pay").Obj())
}

func (y *refundsYear) reviewInGrace() {
	y.d.did("a review is held within the grace")
	y.w.apply(builders.MakeReview("summer-2024").Of("refunds").HeldOn("2024-08-25T00:00:00Z").
		Keeps("check-claim", "pay").Obj())
}
