package controllers_test

import (
	"context"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/standin"
)

// findingAbout is the finding of these specs about another requirement.
func findingAbout(about string) v1alpha1.Finding {
	finding := overdueFinding()
	finding.About = about
	return finding
}

// about is the remediation of the finding about a requirement.
func (w *world) about(ctx context.Context, requirement string) *v1alpha1.Remediation {
	GinkgoHelper()
	for _, remediation := range w.remediations(ctx) {
		if remediation.Spec.Finding.About == requirement {
			return &remediation
		}
	}
	Fail("there is no remediation about " + requirement)
	return nil
}

// decide writes spec.resolve of the remediation about a requirement, as a person would.
func (w *world) decide(ctx context.Context, requirement string, action v1alpha1.ResolveAction, ticketID string) {
	GinkgoHelper()
	remediation := w.about(ctx, requirement)
	remediation.Spec.Resolve = &v1alpha1.Resolve{
		MessageKey: remediation.Status.Tickets[0].Delivery.MessageKey, Action: action, TicketID: ticketID,
	}
	Expect(env.Client.Update(ctx, remediation)).To(Succeed())
}

// renamed writes another id into the status of the remediation about a requirement, as whoever may write the status could.
func (w *world) renamed(ctx context.Context, requirement, id string) {
	GinkgoHelper()
	remediation := w.about(ctx, requirement)
	remediation.Status.Tickets[0].ID = id
	Expect(env.Client.Status().Update(ctx, remediation)).To(Succeed())
}

// unread lets nothing be read of itself: readings of several tickets are spread, and the world would never be quiet.
func (t *tracked) unread(ctx context.Context) {
	GinkgoHelper()
	t.moves(ctx, t.url, func(system *v1alpha1.TicketSystem) { system.Spec.ReadEvery = "0s" })
}

// untouched asserts that nothing was said to a ticket since it was opened.
func (t *tracked) untouched(id string) {
	GinkgoHelper()
	for _, at := range t.tracker.Tickets() {
		if at.ID == id {
			Expect(at.State).To(Equal(standin.Open))
			Expect(at.Comments).To(BeEmpty())
			return
		}
	}
	Fail("there is no ticket " + id)
}

var _ = Describe("A ticket that is not that of the remediation", func() {
	DescribeTable("is not adopted", eachVendor(func(ctx SpecContext, of vendor) {
		if of.mute {
			return
		}
		t := newTracked(ctx, of)
		t.unread(ctx)
		t.judged(ctx, findingAbout("theirs"))
		t.quiet(ctx)
		theirs := t.only(standin.Open).ID
		t.tracker.Fail(standin.Refuse(http.StatusUnprocessableEntity, "{}", nil), 1, of.creates)
		t.judged(ctx, findingAbout("theirs"), findingAbout("ours"))
		t.quiet(ctx)
		Expect(t.about(ctx, "ours")).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonRefused))

		t.decide(ctx, "ours", v1alpha1.ResolveAdopt, theirs)
		t.quiet(ctx)
		Expect(t.about(ctx, "ours")).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonUnconfirmed))
		Expect(t.about(ctx, "ours").Status.Tickets[0].ID).To(BeEmpty())
		before := len(t.tracker.Requests())
		t.rest(ctx)
		Expect(t.tracker.Requests()).To(HaveLen(before), "it is not asked for in each pass")
		t.judged(ctx, findingAbout("theirs"))
		t.quiet(ctx)
		t.untouched(theirs)

		t.judged(ctx, findingAbout("theirs"), findingAbout("ours"))
		t.quiet(ctx)
		t.decide(ctx, "ours", v1alpha1.ResolveAdopt, "999")
		t.quiet(ctx)
		Expect(t.about(ctx, "ours")).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonUnconfirmed))
		t.decide(ctx, "ours", v1alpha1.ResolveRetry, "")
		t.quiet(ctx)
		Expect(t.about(ctx, "ours")).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
		Expect(t.tracker.Tickets()).To(HaveLen(2))
	})...)

	It("is adopted where it carries the key", func(ctx SpecContext) {
		of := vendors()["GitHub"]
		t := newTracked(ctx, of)
		t.unread(ctx)
		t.judged(ctx, findingAbout("theirs"))
		t.quiet(ctx)
		id := t.only(standin.Open).ID
		t.tracker.Fail(standin.Refuse(http.StatusUnprocessableEntity, "{}", nil), 1, of.creates)
		t.judged(ctx, findingAbout("theirs"), findingAbout("ours"))
		t.quiet(ctx)
		Expect(t.tracker.EditOutside(id, "Written by hand. "+t.about(ctx, "ours").Status.Tickets[0].Key)).To(Succeed())
		t.decide(ctx, "ours", v1alpha1.ResolveAdopt, id)
		t.quiet(ctx)
		Expect(t.about(ctx, "ours").Status.Tickets[0].ID).To(Equal(id))
		Expect(t.about(ctx, "ours")).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
	})

	DescribeTable("is not spoken to where the status names it", eachVendor(func(ctx SpecContext, of vendor) {
		if of.mute {
			return
		}
		t := newTracked(ctx, of)
		t.judged(ctx, findingAbout("theirs"), findingAbout("ours"))
		t.rest(ctx)
		ids := t.names(ctx)
		Expect(ids).To(HaveLen(2))
		t.renamed(ctx, "ours", ids["theirs"])
		t.judged(ctx, findingAbout("theirs"))
		t.rest(ctx)
		t.untouched(ids["theirs"])
		Expect(t.about(ctx, "ours")).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonUnconfirmed))

		t.manager = t.start()
		t.advance(lookAgain)
		t.rest(ctx)
		t.untouched(ids["theirs"])
		Expect(t.about(ctx, "ours")).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonUnconfirmed))
		before := t.about(ctx, "ours").ResourceVersion
		t.advance(lookAgain)
		t.rest(ctx)
		Expect(t.about(ctx, "ours").ResourceVersion).To(Equal(before), "what is as it was writes nothing")

		t.renamed(ctx, "ours", ids["ours"])
		t.rest(ctx)
		t.untouched(ids["theirs"])
		Expect(t.about(ctx, "ours").Status.State).To(Equal(v1alpha1.RemediationClosed))
	})...)

	It("keeps nobody from deleting the remediation", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		t.judged(ctx, findingAbout("theirs"), findingAbout("ours"))
		t.rest(ctx)
		ids := t.names(ctx)
		t.renamed(ctx, "ours", ids["theirs"])
		t.judged(ctx, findingAbout("theirs"))
		Expect(env.Client.Delete(ctx, t.about(ctx, "ours"))).To(Succeed())
		t.rest(ctx)
		t.untouched(ids["theirs"])
		Expect(t.remediations(ctx)).To(HaveLen(1))
	})

	It("is asked for once by each process, and never by the one that has opened it", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		t.judged(ctx, overdueFinding())
		t.rest(ctx)
		before := t.reads()
		t.judged(ctx)
		t.rest(ctx)
		t.only(standin.Closed)
		Expect(t.reads()).To(Equal(before))

		t.judged(ctx, overdueFinding())
		t.rest(ctx)
		t.manager = t.start()
		before = t.reads()
		t.judged(ctx)
		t.rest(ctx)
		t.only(standin.Closed)
		Expect(t.reads()).To(Equal(before + 1))
	})

	It("is asked for less and less often where it may not be read", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		t.unread(ctx)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		t.manager = t.start()
		t.tracker.Fail(standin.Refuse(http.StatusForbidden, "{}", nil), 1000, standin.To(http.MethodGet, ""))
		before := t.reads()
		t.judged(ctx)
		end := t.clock.Now().Add(6 * time.Hour)
		for t.clock.Now().Before(end) {
			t.advance(max(t.rest(ctx), time.Second))
		}
		Expect(t.reads()-before).To(BeNumerically("<", 30), "readings in six hours")
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonRetrying))
		t.only(standin.Open)

		t.tracker.Heal()
		t.advance(time.Hour)
		t.rest(ctx)
		t.only(standin.Closed)
	})

	It("is known by its id for as long as the process that has opened it lives, whatever becomes of its text", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		id := t.only(standin.Open).ID
		Expect(t.tracker.EditOutside(id, "somebody has tidied up")).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
		t.judged(ctx)
		t.quiet(ctx)
		t.only(standin.Closed)
	})
})
