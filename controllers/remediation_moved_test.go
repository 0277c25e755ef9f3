package controllers_test

import (
	"context"
	"net/http/httptest"
	"net/url"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/standin"
)

// moves lets the TicketSystem of the world be elsewhere.
func (w *world) moves(ctx context.Context, to string, change ...func(*v1alpha1.TicketSystem)) {
	GinkgoHelper()
	system := &v1alpha1.TicketSystem{}
	Expect(env.Client.Get(ctx, client.ObjectKey{Namespace: w.namespace, Name: "desk"}, system)).To(Succeed())
	system.Spec.URL = v1alpha1.Link(to)
	for _, alter := range change {
		alter(system)
	}
	Expect(env.Client.Update(ctx, system)).To(Succeed())
	secret := &corev1.Secret{}
	if err := env.Client.Get(ctx, client.ObjectKey{Namespace: w.namespace, Name: "vendor"}, secret); err != nil {
		return
	}
	host, err := url.Parse(to)
	Expect(err).NotTo(HaveOccurred())
	secret.Annotations[v1alpha1.AnnotationAllowedHosts] = host.Host
	Expect(env.Client.Update(ctx, secret)).To(Succeed())
}

var _ = Describe("A TicketSystem that is edited while tickets are open", func() {
	DescribeTable("finds them at a new address of the same system", eachVendor(func(ctx SpecContext, of vendor) {
		t := newTracked(ctx, of)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		before := t.status(ctx)
		again := httptest.NewServer(t.tracker)
		DeferCleanup(again.Close)
		t.moves(ctx, again.URL)
		t.judged(ctx)
		t.quiet(ctx)
		t.only(standin.Closed)
		Expect(t.status(ctx).ID).To(Equal(before.ID))
		Expect(t.status(ctx).Place).NotTo(Equal(before.Place))
		Expect(t.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
	})...)

	DescribeTable("does not take another ticket of the same name for its own", eachVendor(func(ctx SpecContext, of vendor) {
		if of.mute {
			// Its tickets are named by their keys.
			return
		}
		t, elsewhere := newTracked(ctx, of), newTracked(ctx, of)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		elsewhere.judged(ctx, overdueFinding())
		elsewhere.quiet(ctx)
		theirs := elsewhere.only(standin.Open).ID
		Expect(t.status(ctx).ID).To(Equal(theirs))

		t.moves(ctx, elsewhere.url)
		t.advance(lookAgain)
		t.quiet(ctx)
		elsewhere.untouched(theirs)
		Expect(elsewhere.tracker.Tickets()).To(HaveLen(2))
		Expect(t.status(ctx).ID).To(Equal(elsewhere.tracker.Tickets()[1].ID))
		Expect(t.manager.recordedEvents()).To(ContainElement(ContainSubstring("TicketLeftOpen")))

		t.moves(ctx, t.url)
		t.judged(ctx)
		t.quiet(ctx)
		t.only(standin.Closed)
		Expect(elsewhere.tracker.Tickets()[1].State).To(Equal(standin.Open), "what it left behind, it left behind")
		elsewhere.untouched(theirs)
	})...)

	It("tells of a ticket that it may have opened where it was, where nobody has said so", func(ctx SpecContext) {
		of := vendors()["GitHub"]
		t, elsewhere := newTracked(ctx, of), newTracked(ctx, of)
		t.tracker.Fail(standin.LoseReply(), 1, of.creates)
		t.judged(ctx, overdueFinding())
		t.pass(ctx)
		t.pass(ctx)
		t.only(standin.Open)
		Expect(t.status(ctx).ID).To(BeEmpty())

		t.moves(ctx, elsewhere.url)
		t.quiet(ctx)
		Expect(t.status(ctx).ID).To(Equal(elsewhere.only(standin.Open).ID))
		left := 0
		for _, event := range t.manager.recordedEvents() {
			if strings.Contains(event, "TicketLeftOpen") {
				left++
			}
		}
		Expect(left).To(Equal(1))
	})

	It("is left with nothing to close where there is nothing to close", func(ctx SpecContext) {
		of := vendors()["GitHub"]
		t, elsewhere := newTracked(ctx, of), newTracked(ctx, of)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		elsewhere.judged(ctx, overdueFinding())
		elsewhere.quiet(ctx)
		t.moves(ctx, elsewhere.url)
		t.judged(ctx)
		t.quiet(ctx)
		elsewhere.untouched(elsewhere.only(standin.Open).ID)
		Expect(t.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
	})

	It("goes on with a ticket that another label would not find", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		t.moves(ctx, t.url, func(system *v1alpha1.TicketSystem) { system.Spec.Parameters["label"] = "gemba-2027" })
		t.advance(lookAgain)
		t.quiet(ctx)
		t.only(standin.Open)
		t.judged(ctx)
		t.quiet(ctx)
		t.only(standin.Closed)
	})

	// webhook is a world whose receiver names its tickets and is told names, and another such receiver.
	webhook := func(ctx SpecContext, change ...func(*builders.TicketSystemBuilder)) (*world, *desk.Desk) {
		GinkgoHelper()
		w := newEmptyWorld(ctx)
		system := builders.MakeTicketSystem("desk").InNamespace(w.namespace).URL(w.desk.URL()).Timeout("1s").
			RateLimit(unlimited, 2).Custom(byName())
		for _, alter := range change {
			alter(system)
		}
		apply(ctx, system.Obj())
		w.route(ctx, w.namespace)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		Expect(w.remediation(ctx).Status.Tickets[0].ID).NotTo(BeEmpty())
		other, err := desk.New(desk.Options{})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(other.Close)
		w.moves(ctx, other.URL())
		w.judged(ctx)
		w.quiet(ctx)
		return w, other
	}

	It("holds what it cannot look for until it is set back", func(ctx SpecContext) {
		w, other := webhook(ctx)
		Expect(other.Messages()).To(BeEmpty())
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonUnconfirmed))
		w.moves(ctx, w.desk.URL())
		w.quiet(ctx)
		Expect(other.Messages()).To(BeEmpty())
		Expect(operations(w.theTicket())).To(Equal([]v1alpha1.Operation{opCreate, opClose}))
	})

	DescribeTable("holds what it cannot look for until a person decides",
		func(ctx SpecContext, action v1alpha1.ResolveAction, id string, messages int) {
			w, other := webhook(ctx)
			w.decide(ctx, "full", action, id)
			w.quiet(ctx)
			Expect(other.Messages()).To(HaveLen(messages))
			Expect(w.desk.Messages()).To(HaveLen(1))
			Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		},
		Entry("that the place is the same", v1alpha1.ResolveRetry, "", 1),
		Entry("that it has another name there", v1alpha1.ResolveAdopt, "DESK-99", 1),
		Entry("that it is given up", v1alpha1.ResolveAbandon, "", 0),
	)

	DescribeTable("goes on with a webhook, which is told keys", func(ctx SpecContext, deduplicates bool) {
		_, other := webhook(ctx, func(system *builders.TicketSystemBuilder) {
			system.OfType(v1alpha1.TicketSystemWebhook)
			if deduplicates {
				system.Deduplicates()
			}
		})
		Expect(other.Messages()).To(HaveLen(1))
	},
		Entry("that removes duplicates", true),
		Entry("that does not", false),
	)
})

// byName is how a desk is spoken to by somebody who thinks that it knows tickets by their names alone.
func byName() v1alpha1.TicketProtocol {
	request := v1alpha1.TicketRequest{
		Path: `""`, CarriesText: true, ID: "reply.body.id", State: "reply.body.state",
		Body: `{
			"specversion": "1.0", "id": ticket.messageKey, "source": "gemba/test", "subject": ticket.id, "datacontenttype": "application/json",
			"type": "dev.gemba.ticket." + {"Create": "opened", "Comment": "commented", "Close": "closed", "Reopen": "reopened"}[ticket.operation],
			"data": {"ticketKey": ticket.key, "operation": ticket.operation, "title": ticket.title, "body": ticket.body}
		}`,
	}
	return v1alpha1.TicketProtocol{
		ContentType: "application/cloudevents+json", StandardWebhooks: true, UnknownOutcome: v1alpha1.UnknownHold,
		Create: request, Close: &request, Reopen: &request,
	}
}
