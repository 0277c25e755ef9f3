package controllers_test

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
)

// theirs is the key of a ticket that is not the world's.
const theirs = "gemba-0123456789012345678901234567890123456789"

// forge rewrites the only ticket in the status of the only remediation, as somebody who may write the status could.
func forge(ctx context.Context, w *world, change func(*v1alpha1.TicketStatus)) {
	GinkgoHelper()
	remediation := w.remediation(ctx)
	change(&remediation.Status.Tickets[0])
	Expect(env.Client.Status().Update(ctx, remediation)).To(Succeed())
}

var _ = Describe("A status that somebody has rewritten", func() {
	DescribeTable("does not say where a message goes", func(ctx SpecContext, path string) {
		w := newWorld(ctx)
		failFirst(w, desk.FailBeforeStoring())
		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		forge(ctx, w, func(t *v1alpha1.TicketStatus) { t.Delivery.Method, t.Delivery.Path = "PUT", path })
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Open))
		Expect(w.desk.Messages()).To(HaveLen(2))
	},
		Entry("with another port", "1/"),
		Entry("with another host", ".evil.example/"),
		Entry("with another path", "/admin"),
	)

	It("does not say which ticket is meant", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		forge(ctx, w, func(t *v1alpha1.TicketStatus) { t.Key, t.SubjectKey = "gemba-another", "gemba-other" })
		w.judged(ctx)
		w.quiet(ctx)
		Expect(operations(w.theTicket())).To(Equal([]v1alpha1.Operation{opCreate, opClose}))
		Expect(w.remediation(ctx).Status.Tickets[0].Key).To(Equal(w.ticketKey()))
	})

	DescribeTable("does not make Gemba speak for the ticket of somebody else", func(ctx SpecContext,
		change func(delivery *v1alpha1.Delivery, key string),
	) {
		w := newWorld(ctx)
		failFirst(w, desk.FailBeforeStoring())
		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		forge(ctx, w, func(t *v1alpha1.TicketStatus) {
			t.Key = theirs
			change(t.Delivery, w.ticketKey())
		})
		w.quiet(ctx)
		Expect(w.desk.Messages()).To(HaveLen(1))
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonRefused))
		Expect(w.delivery(ctx).State).To(Equal(v1alpha1.DeliveryRefused))
	},
		Entry("by a body that names it", func(delivery *v1alpha1.Delivery, key string) {
			delivery.Body = strings.ReplaceAll(delivery.Body, key, theirs)
		}),
		Entry("by a body and a key that name it", func(delivery *v1alpha1.Delivery, key string) {
			delivery.Body = strings.ReplaceAll(delivery.Body, key, theirs)
			delivery.MessageKey = theirs
		}),
		Entry("by another operation", func(delivery *v1alpha1.Delivery, _ string) {
			delivery.Body = strings.ReplaceAll(delivery.Body, `"operation":"Create"`, `"operation":"Close"`)
		}),
	)
})
