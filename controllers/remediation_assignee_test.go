package controllers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/standin"
)

// speaks routes the findings of an empty world to a system of one's own that assigns tickets to ayse, and is answered by a handler.
func (w *world) speaks(ctx context.Context, protocol v1alpha1.TicketProtocol, pace v1alpha1.Pace, answers http.HandlerFunc) {
	GinkgoHelper()
	server := httptest.NewServer(answers)
	DeferCleanup(server.Close)
	apply(ctx, builders.MakeTicketSystem("desk").InNamespace(w.namespace).URL(server.URL).Timeout("1s").RateLimit(unlimited, 2).
		Assigns("ayse", "a1").Custom(protocol).Obj())
	policy := builders.MakePolicy(w.namespace).RouteOf(v1alpha1.Route{
		Name: "all", TicketSystemRef: w.systemRef("desk"), Assignee: `"ayse"`, Pace: pace,
	}).Obj()
	apply(ctx, policy)
	DeferCleanup(func(ctx SpecContext) { Expect(env.Client.Delete(ctx, policy)).To(Succeed()) })
}

var _ = Describe("Whom an escalation assigns a ticket to", func() {
	It("is another from that step on, and whom the route names again after a relapse", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["ServiceNow"])
		t.ownedBy(ctx, "ayse")
		policy := &v1alpha1.GovernancePolicy{}
		Expect(env.Client.Get(ctx, client.ObjectKey{Name: t.namespace}, policy)).To(Succeed())
		policy.Spec.Routes[0].Escalate = []v1alpha1.Escalation{
			{After: "24h", Severity: v1alpha1.SeverityCritical}, {After: "48h", Assignee: `"chief"`},
		}
		Expect(env.Client.Update(ctx, policy)).To(Succeed())
		t.assigns(ctx, owner, accountOf("ayse", "a1"), accountOf("chief", "c3"))
		t.judged(ctx, overdueFinding())
		t.rest(ctx)
		Expect(t.only(standin.Open).Fields["assigned_to"]).To(Equal("a1"))
		t.advance(24 * time.Hour)
		t.rest(ctx)
		Expect(t.only(standin.Open).Fields["assigned_to"]).To(Equal("a1"))
		t.advance(24 * time.Hour)
		t.rest(ctx)
		Expect(t.only(standin.Open).Fields["assigned_to"]).To(Equal("c3"))

		t.judged(ctx)
		t.rest(ctx)
		t.advance(time.Hour)
		t.judged(ctx, overdueFinding())
		t.rest(ctx)
		Expect(t.only(standin.Open).Fields["assigned_to"]).To(Equal("a1"))
	})

	It("stays so in the ticket of a step that a relapse has not come to yet", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["ServiceNow"])
		system := &v1alpha1.TicketSystem{}
		Expect(env.Client.Get(ctx, client.ObjectKey{Namespace: t.namespace, Name: "desk"}, system)).To(Succeed())
		board := builders.MakeTicketSystem("board").InNamespace(t.namespace).Obj()
		board.Spec = system.Spec
		board.Spec.Assignees = []v1alpha1.TicketAssignee{accountOf("chief", "c3"), accountOf("ayse", "a1-board")}
		apply(ctx, board)
		t.ownedBy(ctx, "ayse")
		policy := &v1alpha1.GovernancePolicy{}
		Expect(env.Client.Get(ctx, client.ObjectKey{Name: t.namespace}, policy)).To(Succeed())
		policy.Spec.Routes[0].Escalate = []v1alpha1.Escalation{{After: "24h", TicketSystemRef: t.escalatesTo("board"), Assignee: `"chief"`}}
		policy.Spec.Rules = []v1alpha1.RuleSetting{{Name: v1alpha1.RuleReviewOverdue, VerifyFor: "2h"}}
		Expect(env.Client.Update(ctx, policy)).To(Succeed())
		t.assigns(ctx, owner, accountOf("ayse", "a1"))
		assignees := func() []string {
			var to []string
			for _, ticket := range t.tracker.Tickets() {
				to = append(to, ticket.Fields["assigned_to"])
			}
			return to
		}
		t.judged(ctx, overdueFinding())
		t.rest(ctx)
		t.advance(24 * time.Hour)
		t.rest(ctx)
		Expect(assignees()).To(Equal([]string{"a1", "c3"}))
		t.judged(ctx)
		t.rest(ctx)
		t.advance(time.Hour)
		t.judged(ctx, overdueFinding())
		t.rest(ctx)
		Expect(t.remediation(ctx).Status.Attempt).To(Equal(int32(2)))
		Expect(assignees()).To(Equal([]string{"a1", "c3"}))
	})

	It("is said of a ticket that is opened anew, where none can be opened again", func(ctx SpecContext) {
		w := newEmptyWorld(ctx)
		var said []string
		w.speaks(ctx, v1alpha1.TicketProtocol{
			UnknownOutcome: v1alpha1.UnknownHold,
			Create:         v1alpha1.TicketRequest{Path: `"/create"`, Body: `{"title": ticket.title}`, ID: "reply.body.id"},
			Close:          &v1alpha1.TicketRequest{Path: `"/close"`},
			Assign:         &v1alpha1.TicketRequest{Path: `"/assign"`, Body: `{"id": int(ticket.id), "to": ticket.assignee}`},
		}, v1alpha1.Pace{}, func(rw http.ResponseWriter, r *http.Request) {
			said = append(said, r.URL.Path)
			_, _ = fmt.Fprintf(rw, `{"id": %d}`, len(said))
		})
		for range 2 {
			w.judged(ctx, overdueFinding())
			w.rest(ctx)
			w.judged(ctx)
			w.rest(ctx)
		}
		Expect(said).To(Equal([]string{"/create", "/assign", "/close", "/create", "/assign", "/close"}))
	})

	It("keeps no reminder waiting where it cannot be written", func(ctx SpecContext) {
		w := newEmptyWorld(ctx)
		said := map[string]int{}
		w.speaks(ctx, v1alpha1.TicketProtocol{
			UnknownOutcome: v1alpha1.UnknownHold,
			Create:         v1alpha1.TicketRequest{Path: `"/create"`, Body: `{"title": ticket.title}`, ID: "reply.body.id"},
			Comment:        &v1alpha1.TicketRequest{Path: `"/" + ticket.id + "/comment"`, Body: `{"text": ticket.body}`},
			Assign: &v1alpha1.TicketRequest{
				Path: `"/assign"`, Lookup: &v1alpha1.TicketLookup{Path: `"/users"`}, Body: `{"to": lookup.body.filter(u, u == ticket.assignee)[0]}`,
			},
		}, v1alpha1.Pace{RepeatEvery: "24h"}, func(rw http.ResponseWriter, r *http.Request) {
			said[r.URL.Path]++
			_, _ = fmt.Fprint(rw, map[string]string{"/users": `["bo"]`, "/create": `{"id": "1"}`}[r.URL.Path])
		})
		w.judged(ctx, overdueFinding())
		end := w.clock.Now().Add(50 * time.Hour)
		for w.clock.Now().Before(end) {
			w.advance(max(min(w.rest(ctx), time.Hour), time.Second))
		}
		Expect(said["/1/comment"]).To(Equal(2), "%v", said)
		Expect(said["/users"]).To(BeNumerically("<", 15))
		remediation := w.remediation(ctx)
		Expect(remediation.Status.Tickets[0].Unassigned).To(HavePrefix("The message that assigns the ticket could not be written"))
		Expect(remediation).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
	})

	It("is asked for again after hours, where somebody must do something first or it cannot be looked up", func(ctx SpecContext) {
		for answer, unassigned := range map[string]string{
			`["bo"]`: "Invite the user first.", `{}`: "What the assignment must know could not be asked",
		} {
			w := newEmptyWorld(ctx)
			said := map[string]int{}
			w.speaks(ctx, v1alpha1.TicketProtocol{
				UnknownOutcome: v1alpha1.UnknownHold,
				Create:         v1alpha1.TicketRequest{Path: `"/create"`, Body: `{"title": ticket.title}`, ID: "reply.body.id"},
				Assign: &v1alpha1.TicketRequest{
					Path: `"/assign"`, Body: `{"to": ticket.assignee}`, Lookup: &v1alpha1.TicketLookup{
						Path: `"/users?name=" + queryEscape(ticket.assignee)`, Problem: `lookup.body[0] == ticket.assignee ? "" : "Invite the user first."`,
					},
				},
			}, v1alpha1.Pace{}, func(rw http.ResponseWriter, r *http.Request) {
				said[r.URL.RequestURI()]++
				_, _ = fmt.Fprint(rw, map[string]string{"/users": answer, "/create": `{"id": "1"}`}[r.URL.Path])
			})
			w.judged(ctx, overdueFinding())
			end := w.clock.Now().Add(47 * time.Hour)
			for w.clock.Now().Before(end) {
				w.advance(max(min(w.rest(ctx), time.Hour), time.Second))
			}
			Expect(said).To(HaveKeyWithValue("/users?name=a1", BeNumerically("<=", 8)))
			remediation := w.remediation(ctx)
			Expect(remediation.Status.Tickets[0].Unassigned).To(HavePrefix(unassigned))
			Expect(remediation).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))

			answer = `["a1"]`
			w.advance(6 * time.Hour)
			w.rest(ctx)
			Expect(said).To(HaveKeyWithValue("/assign", 1))
		}
	})

	It("keeps nothing waiting where it does not come through", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		policy := &v1alpha1.GovernancePolicy{}
		Expect(env.Client.Get(ctx, client.ObjectKey{Name: t.namespace}, policy)).To(Succeed())
		policy.Spec.Routes[0].RepeatEvery = "24h"
		Expect(env.Client.Update(ctx, policy)).To(Succeed())
		t.ownedBy(ctx, "ayse")
		t.assigns(ctx, owner, accountOf("ayse", "octocat"))
		t.tracker.Fail(standin.Refuse(http.StatusBadGateway, "", nil), 100000, standin.To(http.MethodPatch, "/issues/"))
		t.judged(ctx, overdueFinding())
		end := t.clock.Now().Add(50 * time.Hour)
		for t.clock.Now().Before(end) {
			t.advance(max(min(t.rest(ctx), time.Hour), time.Second))
		}
		Expect(t.only(standin.Open).Comments).To(HaveLen(2), "reminders")
		t.tracker.Heal()
		t.advance(6 * time.Hour)
		t.rest(ctx)
		Expect(t.only(standin.Open).Fields["assignees"]).To(ContainSubstring("octocat"))
	})

	It("is lost in no pass where somebody has emptied the status", func(ctx SpecContext) {
		w := newEmptyWorld(ctx)
		w.speaks(ctx, v1alpha1.TicketProtocol{
			UnknownOutcome: v1alpha1.UnknownHold,
			Create:         v1alpha1.TicketRequest{Path: `"/create"`, Body: `{"title": ticket.title}`, ID: "reply.body.id"},
			Assign:         &v1alpha1.TicketRequest{Path: `"/assign"`, Body: `{"to": int(ticket.assignee)}`},
		}, v1alpha1.Pace{}, func(rw http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(rw, `{"id": "1"}`) })
		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		remediation := w.remediation(ctx)
		remediation.Status.Tickets[0].Delivery, remediation.Status.Tickets[0].Assignment = nil, nil
		Expect(env.Client.Status().Update(ctx, remediation)).To(Succeed())
		w.rest(ctx)
		Expect(w.remediation(ctx).Status.Tickets[0].Unassigned).To(HavePrefix("The message that assigns the ticket could not be written"))
	})

	It("is said to a receiver of one's own with the ticket itself", func(ctx SpecContext) {
		w := newEmptyWorld(ctx)
		w.paced(ctx, v1alpha1.Pace{Escalate: []v1alpha1.Escalation{{After: "24h", TicketSystemRef: w.escalatesTo("board"), Assignee: `"chief"`}}}, "board")
		w.ownedBy(ctx, "ayse")
		w.assigns(ctx, owner, accountOf("ayse", "ayse@example.com"), accountOf("chief", "chief@example.com"))
		board := &v1alpha1.TicketSystem{}
		Expect(env.Client.Get(ctx, client.ObjectKey{Namespace: w.namespace, Name: "board"}, board)).To(Succeed())
		board.Spec.Assignees = []v1alpha1.TicketAssignee{accountOf("chief", "the-chief")}
		Expect(env.Client.Update(ctx, board)).To(Succeed())
		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		w.advance(24 * time.Hour)
		w.rest(ctx)
		Expect(w.desk.Messages()).To(HaveLen(2))
		Expect(w.desk.Messages()[0].Event.Data.Assignee).To(Equal("ayse@example.com"))
		Expect(w.desk.Messages()[1].Event.Data.Assignee).To(Equal("ayse@example.com"), "the ticket of the step has an assignee of its own")
		assigned := map[string]string{}
		for _, ticket := range w.remediation(ctx).Status.Tickets {
			assigned[ticket.System] = ticket.Unassigned
		}
		Expect(assigned).To(HaveLen(2))
		Expect(assigned).To(HaveEach(BeEmpty()))
	})

	It("is one for all findings of a group, where they belong to the same", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["ServiceNow"])
		t.hasProcesses(ctx, "payments")
		policy := &v1alpha1.GovernancePolicy{}
		Expect(env.Client.Get(ctx, client.ObjectKey{Name: t.namespace}, policy)).To(Succeed())
		policy.Spec.Routes[0].GroupBy = []v1alpha1.GroupKey{v1alpha1.GroupByNamespace}
		Expect(env.Client.Update(ctx, policy)).To(Succeed())
		t.ownedBy(ctx, "ayse")
		t.assigns(ctx, owner, accountOf("ayse", "a1"))
		t.judged(ctx, overdueFinding())
		payments := types.NamespacedName{Namespace: t.namespace, Name: "payments"}
		t.judgedOf(ctx, payments, overdueFinding())
		t.quiet(ctx)
		Expect(t.status(ctx).Unassigned).To(Equal("The findings of the group belong to several people, and a ticket is assigned to one."))

		process := &v1alpha1.Process{}
		Expect(env.Client.Get(ctx, payments, process)).To(Succeed())
		process.Spec.Owner.User = "ayse"
		Expect(env.Client.Update(ctx, process)).To(Succeed())
		t.judgedOf(ctx, payments, overdueFinding())
		t.quiet(ctx)
		Expect(t.only(standin.Open).Fields["assigned_to"]).To(Equal("a1"))
	})
})
