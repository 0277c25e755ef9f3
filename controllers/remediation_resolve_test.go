package controllers_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
)

var _ = Describe("A message to a desk that removes no duplicates", func() {
	// held makes a world in which the fate of the create is unknown.
	held := func(ctx SpecContext, fault desk.Fault) *world {
		GinkgoHelper()
		w := newEmptyWorld(ctx)
		apply(ctx, builders.MakeTicketSystem("desk").InNamespace(w.namespace).URL(w.desk.URL()).Timeout("1s").Obj())
		w.route(ctx, w.namespace)
		failFirst(w, fault)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		w.advance(1000 * time.Hour)
		w.quiet(ctx)
		Expect(w.desk.Messages()).To(HaveLen(1))
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, unknown, v1alpha1.ReasonOutcomeUnknown))
		Expect(w.manager.recordedEvents()).To(ContainElement(ContainSubstring("OutcomeUnknown")))
		return w
	}
	resolve := func(ctx SpecContext, w *world, action v1alpha1.ResolveAction, ticketID string) {
		GinkgoHelper()
		w.edit(ctx, func(spec *v1alpha1.RemediationSpec) {
			spec.Resolve = &v1alpha1.Resolve{MessageKey: w.delivery(ctx).MessageKey, Action: action, TicketID: ticketID}
		})
		w.quiet(ctx)
	}

	It("is held until a person has it sent again", func(ctx SpecContext) {
		w := held(ctx, desk.HangUpBeforeStoring())
		Expect(w.desk.Tickets()).To(BeEmpty())
		resolve(ctx, w, v1alpha1.ResolveRetry, "")
		Expect(w.theTicket().State).To(Equal(desk.Open))
		w.expectSameBytes()
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationOpen))
	})

	It("is sent again once for one decision", func(ctx SpecContext) {
		w := held(ctx, desk.HangUpBeforeStoring())
		w.desk.SetOnRequest(func(desk.Message) desk.Fault { return desk.HangUpBeforeStoring() })
		resolve(ctx, w, v1alpha1.ResolveRetry, "")
		w.edit(ctx, func(spec *v1alpha1.RemediationSpec) { spec.Cause = &v1alpha1.Cause{Category: v1alpha1.CauseUnknown} })
		w.quiet(ctx)
		Expect(w.desk.Messages()).To(HaveLen(2))
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, unknown, v1alpha1.ReasonOutcomeUnknown))
		w.edit(ctx, func(spec *v1alpha1.RemediationSpec) { spec.Resolve = nil })
		w.quiet(ctx)
		resolve(ctx, w, v1alpha1.ResolveRetry, "")
		Expect(w.desk.Messages()).To(HaveLen(3))
	})

	It("is held until a person adopts the ticket that it opened", func(ctx SpecContext) {
		w := held(ctx, desk.HangUpAfterStoring())
		resolve(ctx, w, v1alpha1.ResolveAdopt, w.theTicket().ID)
		Expect(w.remediation(ctx).Status.Tickets[0].ID).To(Equal(w.theTicket().ID))
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationOpen))
		w.judged(ctx)
		w.quiet(ctx)
		Expect(operations(w.theTicket())).To(Equal([]v1alpha1.Operation{opCreate, opClose}))
	})

	It("is held until a person gives it up, and with it the ticket", func(ctx SpecContext) {
		w := held(ctx, desk.HangUpBeforeStoring())
		resolve(ctx, w, v1alpha1.ResolveAbandon, "")
		Expect(w.remediation(ctx).Status.Tickets[0].State).To(Equal(v1alpha1.TicketAbandoned))
		Expect(w.remediation(ctx).Finalizers).To(BeEmpty())
		w.judged(ctx)
		w.quiet(ctx)
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		Expect(w.desk.Messages()).To(HaveLen(1))
	})
})
