package controllers_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/standin"
)

// assigns makes the route of the world assign tickets, to the accounts that its ticket system lists for users.
func (w *world) assigns(ctx context.Context, to v1alpha1.Expression, assignees ...v1alpha1.TicketAssignee) {
	GinkgoHelper()
	policy := &v1alpha1.GovernancePolicy{}
	Expect(env.Client.Get(ctx, client.ObjectKey{Name: w.namespace}, policy)).To(Succeed())
	policy.Spec.Routes[0].Assignee = to
	Expect(env.Client.Update(ctx, policy)).To(Succeed())
	w.lists(ctx, assignees...)
}

// lists makes the ticket system of the world know some accounts.
func (w *world) lists(ctx context.Context, assignees ...v1alpha1.TicketAssignee) {
	GinkgoHelper()
	system := &v1alpha1.TicketSystem{}
	Expect(env.Client.Get(ctx, client.ObjectKey{Namespace: w.namespace, Name: "desk"}, system)).To(Succeed())
	system.Spec.Assignees = assignees
	Expect(env.Client.Update(ctx, system)).To(Succeed())
}

// ownedBy declares who owns the process of the world.
func (w *world) ownedBy(ctx context.Context, user string) {
	GinkgoHelper()
	process := &v1alpha1.Process{}
	Expect(env.Client.Get(ctx, w.process, process)).To(Succeed())
	process.Spec.Owner.User = v1alpha1.Identity(user)
	Expect(env.Client.Update(ctx, process)).To(Succeed())
}

func accountOf(user, account string) v1alpha1.TicketAssignee {
	return v1alpha1.TicketAssignee{User: user, Account: account}
}

const owner = v1alpha1.Expression("subject.owner.user")

// newAssigned is a world whose only ticket is about a process of ayse, and assigned to the account of its owner where there is one.
func newAssigned(ctx context.Context, of vendor, assignees ...v1alpha1.TicketAssignee) *tracked {
	GinkgoHelper()
	t := newTracked(ctx, of)
	t.ownedBy(ctx, "ayse")
	t.assigns(ctx, owner, assignees...)
	t.judged(ctx, overdueFinding())
	t.quiet(ctx)
	return t
}

// requestsTo counts the requests so far that a match recognises.
func (t *tracked) requestsTo(is standin.Match) (count int) {
	for _, request := range t.tracker.Requests() {
		if is(request.Method, request.Path) {
			count++
		}
	}
	return count
}

var _ = Describe("To whom a ticket is assigned", func() {
	DescribeTable("is the account of whom the route names", eachVendor(func(ctx SpecContext, of vendor) {
		t := newTracked(ctx, of)
		t.ownedBy(ctx, "ayse")
		t.assigns(ctx, owner, accountOf("ayse", "7"), accountOf("bo", "8"))
		if of.owner != "" {
			t.assigns(ctx, owner, accountOf("bo", "8"), accountOf("ayse", of.owner))
		}
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		if of.owner == "" {
			Expect(t.status(ctx).Unassigned).To(ContainSubstring("PagerDuty are assigned to nobody"))
			return
		}
		opened := t.only(standin.Open)
		Expect(strings.Trim(opened.Fields[of.assigned], `[]"`)).To(Equal(of.owner))
		Expect(t.status(ctx).Unassigned).To(BeEmpty())
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
		Expect(t.delivery(ctx).Reason).To(Equal("Assigned"))

		t.judged(ctx)
		t.quiet(ctx)
		t.only(standin.Closed)
	})...)

	DescribeTable("is told where the system refuses it, and names nobody there", eachVendor(func(ctx SpecContext, of vendor) {
		if of.owner == "" || of.systemType == v1alpha1.TicketSystemServiceNow {
			// Nothing can be assigned in the one, and the other takes whatever it is given.
			return
		}
		t := newTracked(ctx, of)
		t.ownedBy(ctx, "ayse")
		const stranger = "4711"
		t.assigns(ctx, owner, accountOf("ayse", stranger))
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		t.only(standin.Open)
		ticket := t.status(ctx)
		Expect(ticket.Unassigned).NotTo(BeEmpty())
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
		for _, condition := range t.remediation(ctx).Status.Conditions {
			Expect(condition.Message).NotTo(ContainSubstring(stranger))
		}
		Expect(strings.Join(t.manager.recordedEvents(), "\n")).NotTo(ContainSubstring(stranger))

		By("the ticket goes its way all the same")
		t.judged(ctx)
		t.quiet(ctx)
		t.only(standin.Closed)
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
	})...)

	It("is refused by a system that fails over an account, as Gitea does", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		t.ownedBy(ctx, "ayse")
		t.assigns(ctx, owner, accountOf("ayse", "octocat"))
		fails := standin.Refuse(http.StatusInternalServerError, `{"message":""}`, nil)
		assigning := standin.To(http.MethodPatch, "/issues/")
		t.tracker.Fail(fails, 100, assigning)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		Expect(t.requestsTo(assigning)).To(Equal(3))
		Expect(t.status(ctx).Unassigned).To(ContainSubstring("did not assign the ticket"))

		By("it is asked again after some hours, and goes on with that")
		t.tracker.Heal()
		t.advance(6 * time.Hour)
		t.quiet(ctx)
		Expect(t.only(standin.Open).Fields["assignees"]).To(ContainSubstring("octocat"))
		Expect(t.status(ctx).Unassigned).To(BeEmpty())
	})

	It("keeps no other ticket waiting where the system fails over its account", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		names := []string{"urgent"}
		for i := range 12 {
			names = append(names, fmt.Sprint("process-", i))
		}
		t.hasProcesses(ctx, names...)
		t.assigns(ctx, `subject.name == "urgent" ? "" : "gone"`, accountOf("gone", "gone"))
		assigning := standin.To(http.MethodPatch, "/issues/")
		t.tracker.Fail(standin.Refuse(http.StatusInternalServerError, `{"message":""}`, nil), 1000, assigning)
		for _, name := range names[1:] {
			t.judgedOf(ctx, types.NamespacedName{Namespace: t.namespace, Name: name}, overdueFinding())
		}
		for range 6 {
			t.pass(ctx)
		}
		Expect(t.requestsTo(assigning)).To(BeNumerically(">", 6))
		t.judgedOf(ctx, types.NamespacedName{Namespace: t.namespace, Name: "urgent"}, overdueFinding())
		t.pass(ctx)
		t.pass(ctx)
		Expect(t.tracker.Tickets()).To(ContainElement(HaveField("Title", HavePrefix("urgent"))))
		key := client.ObjectKey{Namespace: t.namespace, Name: "desk"}
		reconcileOnce(ctx, t.manager.system, key)
		system := &v1alpha1.TicketSystem{}
		Expect(env.Client.Get(ctx, key, system)).To(Succeed())
		Expect(system.Status.Conditions).To(ContainElement(SatisfyAll(HaveField("Type", v1alpha1.ConditionReachable), HaveField("Status", yes))))
	})

	It("is said once a dry run is over", func(ctx SpecContext) {
		t := newAssigned(ctx, vendors()["ServiceNow"], accountOf("ayse", "a1"), accountOf("bo", "b2"))
		dry := func(is bool) {
			t.moves(ctx, t.url, func(system *v1alpha1.TicketSystem) { system.Spec.DryRun = is })
		}
		dry(true)
		t.ownedBy(ctx, "bo")
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		Expect(t.only(standin.Open).Fields["assigned_to"]).To(Equal("a1"))
		Expect(t.delivery(ctx).State).To(Equal(v1alpha1.DeliveryDryRun))
		dry(false)
		t.quiet(ctx)
		Expect(t.only(standin.Open).Fields["assigned_to"]).To(Equal("b2"))
	})

	DescribeTable("is said again where the answer was lost", eachVendor(func(ctx SpecContext, of vendor) {
		if of.owner == "" {
			return
		}
		t := newTracked(ctx, of)
		t.ownedBy(ctx, "ayse")
		t.assigns(ctx, owner, accountOf("ayse", of.owner))
		assigning := func(method, _ string) bool { return method == http.MethodPut || method == http.MethodPatch }
		t.tracker.Fail(standin.LoseReply(), 1, assigning)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		Expect(strings.Trim(t.only(standin.Open).Fields[of.assigned], `[]"`)).To(Equal(of.owner))
		Expect(t.requestsTo(assigning)).To(Equal(2))
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
	})...)

	It("is left to people, until the route names another", func(ctx SpecContext) {
		t := newAssigned(ctx, vendors()["Jira Cloud"], accountOf("ayse", "gemba-owner"))
		Expect(t.tracker.SetField(t.only(standin.Open).ID, "assignee", "somebody-else")).To(Succeed())
		t.advance(24 * time.Hour)
		t.manager = t.start()
		t.quiet(ctx)
		Expect(t.only(standin.Open).Fields["assignee"]).To(Equal("somebody-else"))

		t.lists(ctx, accountOf("ayse", "gemba-owner"), accountOf("bo", "gemba-owner"))
		t.ownedBy(ctx, "bo")
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		Expect(t.only(standin.Open).Fields["assignee"]).To(Equal("somebody-else"), "bo has the same account")
	})

	It("changes with the declared owner", func(ctx SpecContext) {
		t := newAssigned(ctx, vendors()["ServiceNow"], accountOf("ayse", "a1"), accountOf("bo", "b2"))
		Expect(t.only(standin.Open).Fields["assigned_to"]).To(Equal("a1"))
		t.ownedBy(ctx, "bo")
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		Expect(t.only(standin.Open).Fields["assigned_to"]).To(Equal("b2"))
	})

	It("stays as it is in a ticket that a cluster built anew takes up", func(ctx SpecContext) {
		t := newAssigned(ctx, vendors()["GitHub"], accountOf("ayse", "octocat"))
		opened := t.only(standin.Open)
		Expect(opened.Fields["assignees"]).To(ContainSubstring("octocat"))
		patches := t.requestsTo(standin.To(http.MethodPatch, "/issues/"))
		t.advance(time.Hour)
		t.forgets(ctx)
		t.quiet(ctx)
		Expect(t.status(ctx).ID).To(Equal(opened.ID))
		Expect(t.requestsTo(standin.To(http.MethodPatch, "/issues/"))).To(Equal(patches))
	})

	It("is nobody where the system lists none, until it does", func(ctx SpecContext) {
		t := newAssigned(ctx, vendors()["GitHub"])
		Expect(t.status(ctx).Unassigned).To(Equal("Whom the route names for the ticket has no account in spec.assignees of the TicketSystem."))
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
		t.lists(ctx, accountOf("ayse", "octocat"))
		t.quiet(ctx)
		Expect(t.only(standin.Open).Fields["assignees"]).To(ContainSubstring("octocat"))
		Expect(t.status(ctx).Unassigned).To(BeEmpty())
	})

	It("is nobody where an account is not of the form of the system, which says so", func(ctx SpecContext) {
		t := newAssigned(ctx, vendors()["GitLab"], accountOf("bo", "8"), accountOf("ayse", "ayse"))
		t.only(standin.Open)
		Expect(t.status(ctx).Unassigned).To(HavePrefix("The account in spec.assignees of the TicketSystem is not of its form"))
		key := client.ObjectKey{Namespace: t.namespace, Name: "desk"}
		_, err := t.manager.system.Reconcile(ctx, ctrl.Request{NamespacedName: key})
		Expect(err).NotTo(HaveOccurred())
		system := &v1alpha1.TicketSystem{}
		Expect(env.Client.Get(ctx, key, system)).To(Succeed())
		Expect(system.Status.Conditions).To(ContainElement(SatisfyAll(
			HaveField("Type", v1alpha1.ConditionReady), HaveField("Status", yes),
			HaveField("Message", ContainSubstring("1 account is not of the form that type: GitLab wants, and nothing is assigned to them: look at spec.assignees[1].")))))
	})

	It("is nobody where the expression asks for what a subject does not have", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		t.assigns(ctx, "subject.labels.team", accountOf("ayse", "octocat"))
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		t.only(standin.Open)
		Expect(t.status(ctx).Unassigned).To(Equal("The assignee of the route cannot be found: the expression fails: no such key: team."))
	})
})
