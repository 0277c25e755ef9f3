package controllers_test

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
)

// newGroupedWorld makes a world whose route groups findings, with further processes.
func newGroupedWorld(ctx context.Context, by []v1alpha1.GroupKey, others ...string) *world {
	GinkgoHelper()
	w := newEmptyWorld(ctx)
	w.hasSystem(ctx, "desk", w.desk)
	w.hasProcesses(ctx, others...)
	policy := builders.MakePolicy(w.namespace).RouteOf(v1alpha1.Route{
		Name: "all", TicketSystemRef: w.systemRef("desk"), GroupBy: by, Pace: v1alpha1.Pace{GroupWait: "5m"},
	}).Obj()
	apply(ctx, policy)
	DeferCleanup(func(ctx SpecContext) { Expect(env.Client.Delete(ctx, policy)).To(Succeed()) })
	return w
}

func (w *world) hasProcesses(ctx context.Context, names ...string) {
	GinkgoHelper()
	for _, name := range names {
		apply(ctx, builders.MakeProcess(name).InNamespace(w.namespace).Every("P12M").Obj())
		w.others = append(w.others, types.NamespacedName{Namespace: w.namespace, Name: name})
	}
}

// settled runs the reconcilers until what is gathered was told.
func (w *world) settled(ctx context.Context) {
	GinkgoHelper()
	w.rest(ctx)
	w.advance(5 * time.Minute)
	w.rest(ctx)
}

var _ = Describe("Findings that are grouped", func() {
	it := func(rule v1alpha1.Rule) v1alpha1.Finding {
		finding := overdueFinding()
		finding.Rule, finding.Episode = rule, "1"
		return finding
	}
	byNamespace := []v1alpha1.GroupKey{v1alpha1.GroupByNamespace}

	It("share one ticket that is told as they come and go, and closed when none is left", func(ctx SpecContext) {
		w := newGroupedWorld(ctx, byNamespace, "house-move", "tariff-change")
		moves, tariffs := w.others[0], w.others[1]
		w.judged(ctx, overdueFinding())
		w.judgedOf(ctx, moves, overdueFinding(), it(v1alpha1.RuleDecisionPending))
		w.settled(ctx)
		Expect(reasons(w.desk)).To(Equal([]string{"Opened"}))
		opened := w.theTicket()
		Expect(opened.Title).To(ContainSubstring("3 findings need attention"))
		Expect(w.desk.Messages()[0].Body).To(And(ContainSubstring("Process refunds"), ContainSubstring("Process house-move"),
			ContainSubstring("DecisionPending")))
		Expect(w.remediation(ctx).Status.Standing).To(Equal(int32(3)))
		Expect(w.remediation(ctx).Status.Rule).To(Equal(v1alpha1.SeveralRules))

		By("two come and one goes, told at once")
		w.judged(ctx)
		w.judgedOf(ctx, tariffs, overdueFinding(), it(v1alpha1.RuleDecisionPending))
		w.settled(ctx)
		Expect(reasons(w.desk)).To(Equal([]string{"Opened", "Updated"}))
		Expect(w.desk.Messages()[1].Body).To(And(
			ContainSubstring("gone: ReviewOverdue of process refunds"), ContainSubstring("new: ReviewOverdue of process tariff-change"),
			ContainSubstring("4 findings"), Not(ContainSubstring("new: ReviewOverdue of process house-move"))))
		Expect(w.remediations(ctx)).To(HaveLen(1))

		By("all go, and the ticket is closed")
		w.judgedOf(ctx, moves)
		w.judgedOf(ctx, tariffs)
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Closed))
		Expect(reasons(w.desk)).To(Equal([]string{"Opened", "Updated", "Verified"}))
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		Expect(w.remediation(ctx).Finalizers).To(BeEmpty())
		Expect(w.remediation(ctx).Status.Rule).To(Equal(v1alpha1.SeveralRules), "what it was about")

		By("another one soon after is the same ticket")
		w.judgedOf(ctx, moves, overdueFinding())
		w.settled(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Open))
		Expect(w.remediation(ctx).Status.Attempt).To(Equal(int32(2)))
		Expect(w.remediation(ctx).Status.Rule).To(Equal(v1alpha1.RuleReviewOverdue))
		w.judgedOf(ctx, moves)
		w.quiet(ctx)

		By("another one long after is another ticket")
		w.advance(40 * 24 * time.Hour)
		w.judgedOf(ctx, moves, overdueFinding())
		w.settled(ctx)
		Expect(w.desk.Tickets()).To(HaveLen(2))
		Expect(w.remediations(ctx)).To(HaveLen(2))
		w.expectSameBytes()
	})

	It("are gathered before the ticket is opened, but for a Critical one", func(ctx SpecContext) {
		w := newGroupedWorld(ctx, byNamespace, "house-move")
		w.judged(ctx, overdueFinding())
		Expect(w.rest(ctx)).To(Equal(5 * time.Minute))
		Expect(w.desk.Messages()).To(BeEmpty())
		critical := it(v1alpha1.RuleDecisionPending)
		critical.Severity = v1alpha1.SeverityCritical
		w.judgedOf(ctx, w.others[0], critical)
		w.rest(ctx)
		Expect(reasons(w.desk)).To(Equal([]string{"Opened"}))
		Expect(w.desk.Messages()[0].Body).To(ContainSubstring("Process refunds"))
	})

	DescribeTable("are grouped by what the route says", func(ctx SpecContext, by []v1alpha1.GroupKey, tickets int) {
		w := newGroupedWorld(ctx, by, "house-move")
		for _, process := range []types.NamespacedName{w.process, w.others[0]} {
			w.judgedOf(ctx, process, overdueFinding(), it(v1alpha1.RuleDecisionPending), it(v1alpha1.RuleStepUnjustified))
		}
		w.settled(ctx)
		Expect(w.desk.Tickets()).To(HaveLen(tickets))
		total := int32(0)
		for _, remediation := range w.remediations(ctx) {
			total += remediation.Status.Standing
		}
		Expect(total).To(Equal(int32(6)))
	},
		Entry("the namespace", byNamespace, 1),
		Entry("the rule", []v1alpha1.GroupKey{v1alpha1.GroupByRule}, 3),
		Entry("the subject", []v1alpha1.GroupKey{v1alpha1.GroupBySubject}, 2),
		Entry("the rule and the subject", []v1alpha1.GroupKey{v1alpha1.GroupByRule, v1alpha1.GroupBySubject}, 6),
	)

	It("stay on the ticket that they have when the route is changed", func(ctx SpecContext) {
		w := newGroupedWorld(ctx, byNamespace, "house-move")
		w.judged(ctx, overdueFinding())
		w.settled(ctx)
		policy := &v1alpha1.GovernancePolicy{}
		Expect(env.Client.Get(ctx, types.NamespacedName{Name: w.namespace}, policy)).To(Succeed())
		policy.Spec.Routes[0].GroupBy = nil
		Expect(env.Client.Update(ctx, policy)).To(Succeed())
		w.judgedOf(ctx, w.others[0], overdueFinding())
		w.settled(ctx)
		Expect(w.desk.Tickets()).To(HaveLen(2))

		By("and back: the one that has a ticket of its own keeps it")
		Expect(env.Client.Get(ctx, types.NamespacedName{Name: w.namespace}, policy)).To(Succeed())
		policy.Spec.Routes[0].GroupBy = byNamespace
		Expect(env.Client.Update(ctx, policy)).To(Succeed())
		w.settled(ctx)
		Expect(w.desk.Tickets()).To(HaveLen(2))
		for _, remediation := range w.remediations(ctx) {
			Expect(remediation.Status.Standing).To(Equal(int32(1)))
		}
	})

	It("are on one ticket each where the route groups them in another way meanwhile", func(ctx SpecContext) {
		w := newGroupedWorld(ctx, byNamespace, "house-move")
		w.judged(ctx, overdueFinding())
		w.settled(ctx)
		policy := &v1alpha1.GovernancePolicy{}
		Expect(env.Client.Get(ctx, types.NamespacedName{Name: w.namespace}, policy)).To(Succeed())
		policy.Spec.Routes[0].GroupBy = []v1alpha1.GroupKey{v1alpha1.GroupByRule}
		Expect(env.Client.Update(ctx, policy)).To(Succeed())
		w.judgedOf(ctx, w.others[0], overdueFinding())
		w.settled(ctx)
		Expect(w.remediations(ctx)).To(HaveLen(2))
		for _, remediation := range w.remediations(ctx) {
			Expect(remediation.Status.Standing).To(Equal(int32(1)))
		}
	})

	It("are told at once where a Critical one comes to a ticket that is open", func(ctx SpecContext) {
		w := newGroupedWorld(ctx, byNamespace, "house-move")
		w.judged(ctx, overdueFinding())
		w.settled(ctx)
		critical := it(v1alpha1.RuleDecisionPending)
		critical.Severity = v1alpha1.SeverityCritical
		w.judgedOf(ctx, w.others[0], critical)
		w.rest(ctx)
		Expect(reasons(w.desk)).To(Equal([]string{"Opened", "Updated"}))
	})

	It("wait for a new subject to settle, and come to the group then", func(ctx SpecContext) {
		w := newGroupedWorld(ctx, byNamespace, "house-move")
		w.judged(ctx, overdueFinding())
		w.settled(ctx)
		w.judgedOf(ctx, w.others[0], overdueFinding())
		process := &v1alpha1.Process{}
		Expect(env.Client.Get(ctx, w.others[0], process)).To(Succeed())
		now := metav1.NewTime(w.clock.Now())
		process.Status.ObservedSince = &now
		Expect(env.Client.Status().Update(ctx, process)).To(Succeed())
		next := reconcileOnce(ctx, w.manager.remediation, client.ObjectKeyFromObject(w.remediation(ctx))).RequeueAfter
		Expect(next).To(Equal(30 * time.Second))
		w.advance(next)
		reconcileOnce(ctx, w.manager.remediation, client.ObjectKeyFromObject(w.remediation(ctx)))
		Expect(w.remediation(ctx).Status.Standing).To(Equal(int32(2)))
	})

	It("are not said to be done where a waiver accepts them", func(ctx SpecContext) {
		w := newGroupedWorld(ctx, byNamespace)
		w.judged(ctx, overdueFinding())
		w.settled(ctx)
		waived := overdueFinding()
		waived.WaivedBy = "for-a-while"
		w.judged(ctx, waived)
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Closed))
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionRecovered, yes, v1alpha1.ReasonWaived))
		Expect(w.desk.Messages()[1].Body).To(ContainSubstring("accepted for a while by a waiver"))
	})

	It("are not said to be gone where a waiver accepts some of them", func(ctx SpecContext) {
		w := newGroupedWorld(ctx, byNamespace, "house-move", "tariff-change")
		w.judged(ctx, overdueFinding())
		w.judgedOf(ctx, w.others[0], overdueFinding())
		w.judgedOf(ctx, w.others[1], overdueFinding())
		w.settled(ctx)
		waived := overdueFinding()
		waived.WaivedBy = "until-summer"
		w.judgedOf(ctx, w.others[0], waived)
		w.judgedOf(ctx, w.others[1])
		w.settled(ctx)
		Expect(w.desk.Messages()).To(HaveLen(2))
		Expect(w.desk.Messages()[1].Body).To(And(
			ContainSubstring("- accepted by waiver until-summer: ReviewOverdue of process house-move"),
			ContainSubstring("- gone: ReviewOverdue of process tariff-change")))
		Expect(w.theTicket().State).To(Equal(desk.Open))

		By("telling it as new once the waiver has lapsed")
		w.judgedOf(ctx, w.others[0], overdueFinding())
		w.settled(ctx)
		Expect(w.desk.Messages()[2].Body).To(ContainSubstring("- new: ReviewOverdue of process house-move"))
		Expect(w.remediation(ctx).Status.Findings).To(HaveEach(HaveField("WaivedBy", BeEmpty())))
	})

	It("of one subject are told with what a ticket about one says", func(ctx SpecContext) {
		w := newGroupedWorld(ctx, []v1alpha1.GroupKey{v1alpha1.GroupBySubject})
		w.judged(ctx, overdueFinding())
		w.settled(ctx)
		Expect(w.theTicket().Title).To(ContainSubstring("1 finding needs attention"))
		Expect(w.theTicket().Body).To(And(ContainSubstring("Whom it concerns: the owner"), ContainSubstring("Why the process exists:"),
			ContainSubstring("By when: now; the deadline has passed"), ContainSubstring("kind: Review\n")))

		By("in a few words when another comes")
		w.judged(ctx, overdueFinding(), it(v1alpha1.RuleDecisionPending))
		w.settled(ctx)
		Expect(reasons(w.desk)).To(Equal([]string{"Opened", "Updated"}))
		Expect(w.desk.Messages()[1].Body).NotTo(Or(ContainSubstring("Whom it concerns"), ContainSubstring("kind: Review")))

		By("in full when it is opened again")
		w.judged(ctx)
		w.quiet(ctx)
		w.judged(ctx, overdueFinding())
		w.settled(ctx)
		Expect(reasons(w.desk)).To(Equal([]string{"Opened", "Updated", "Verified", "Relapsed"}))
		Expect(w.desk.Messages()[3].Body).To(And(ContainSubstring("Whom it concerns"), ContainSubstring("kind: Review")))
	})

	It("of several subjects say where each is explained", func(ctx SpecContext) {
		w := newGroupedWorld(ctx, byNamespace, "house-move")
		w.judgedOf(ctx, w.others[0], overdueFinding())
		w.settled(ctx)
		Expect(w.theTicket().Body).To(And(ContainSubstring("- Process house-move: kubectl describe process house-move -n "+w.namespace),
			ContainSubstring("By when: now; the deadline has passed"), Not(ContainSubstring("Whom it concerns"))))
	})

	It("are named, all of them, where there are fifty", func(ctx SpecContext) {
		w := newGroupedWorld(ctx, byNamespace)
		for i := range 50 {
			w.hasProcesses(ctx, fmt.Sprintf("process-%02d", i))
			finding := overdueFinding()
			finding.Message = fmt.Sprintf("%0400d", i)
			w.judgedOf(ctx, w.others[i], finding)
		}
		w.settled(ctx)
		body := w.desk.Messages()[0].Body
		for _, process := range w.others {
			Expect(body).To(ContainSubstring("Process " + process.Name + " (full)"))
		}
	})
})
