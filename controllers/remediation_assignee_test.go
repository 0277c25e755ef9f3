package controllers_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/standin"
)

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
