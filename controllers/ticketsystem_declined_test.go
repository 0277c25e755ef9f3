package controllers_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/standin"
)

var _ = Describe("A ticket that somebody closes as something that will not be done", func() {
	DescribeTable("stays closed until its finding comes back", eachVendor(func(ctx SpecContext, of vendor) {
		if !of.declines {
			return
		}
		t := newTracked(ctx, of)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		Expect(t.tracker.DeclineOutside(t.only(standin.Open).ID)).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		declined := t.only(standin.Closed)
		Expect(declined.Comments).To(ConsistOf(And(
			ContainSubstring("was closed as something that will not be done"), ContainSubstring("kind: Waiver"),
		)))
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionVerified, no, v1alpha1.ReasonWontFix))
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
		Expect(t.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationOpen))
		Expect(t.manager.recordedEvents()).To(ContainElement(ContainSubstring("TicketDeclined")))

		before := t.remediation(ctx).ResourceVersion
		t.advance(48 * time.Hour)
		t.quiet(ctx)
		Expect(t.only(standin.Closed).Comments).To(HaveLen(1), "it is said once")
		Expect(t.remediation(ctx).ResourceVersion).To(Equal(before), "what is as it was writes nothing")

		t.judged(ctx)
		t.quiet(ctx)
		Expect(t.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		t.advance(time.Hour)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		Expect(t.only(standin.Open).Comments).To(ContainElement(ContainSubstring("has come back (attempt 2)")))
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionVerified, no, v1alpha1.ReasonNotRecovered))
		Expect(t.status(ctx).Declined).To(BeFalse())
	})...)

	DescribeTable("is left closed by a cluster that was built anew", eachVendor(func(ctx SpecContext, of vendor) {
		if !of.declines {
			return
		}
		t := newTracked(ctx, of)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		Expect(t.tracker.DeclineOutside(t.only(standin.Open).ID)).To(Succeed())
		t.advance(time.Hour)
		t.forgets(ctx)
		t.quiet(ctx)
		t.only(standin.Closed)
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionVerified, no, v1alpha1.ReasonWontFix))
	})...)

	It("is open again where somebody thinks better of it", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		id := t.only(standin.Open).ID
		Expect(t.tracker.DeclineOutside(id)).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		Expect(t.tracker.ReopenOutside(id)).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		Expect(t.status(ctx).State).To(Equal(v1alpha1.TicketOpen))
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionVerified, no, v1alpha1.ReasonNotRecovered))

		Expect(t.tracker.SetField(id, "state_reason", nil)).To(Succeed())
		Expect(t.tracker.CloseOutside(id)).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		Expect(t.only(standin.Open).Comments).To(ContainElement(ContainSubstring("It is opened again this once")))
	})

	It("ends with the waiver that accepts the finding, and is opened again when that lapses", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		Expect(t.tracker.DeclineOutside(t.only(standin.Open).ID)).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		waived := overdueFinding()
		waived.WaivedBy = "refunds-wont-fix"
		t.judged(ctx, waived)
		t.quiet(ctx)
		t.only(standin.Closed)
		Expect(t.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		t.advance(24 * time.Hour)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		t.only(standin.Open)
	})
})
