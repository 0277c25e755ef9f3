package controllers_test

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
)

// paced routes the findings of an empty world at a pace, with further desks for its escalation.
func (w *world) paced(ctx context.Context, pace v1alpha1.Pace, others ...string) (further []*desk.Desk) {
	GinkgoHelper()
	w.hasSystem(ctx, "desk", w.desk)
	for _, name := range others {
		running, err := desk.New(desk.Options{})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(running.Close)
		further = append(further, running)
		w.hasSystem(ctx, name, running)
	}
	policy := builders.MakePolicy(w.namespace).RouteOf(v1alpha1.Route{
		Name: "all", TicketSystemRef: w.systemRef("desk"), Pace: pace,
	}).Obj()
	apply(ctx, policy)
	DeferCleanup(func(ctx SpecContext) { Expect(env.Client.Delete(ctx, policy)).To(Succeed()) })
	return further
}

func (w *world) hasSystem(ctx context.Context, name string, at *desk.Desk) {
	GinkgoHelper()
	apply(ctx, builders.MakeTicketSystem(name).InNamespace(w.namespace).URL(at.URL()).Timeout("1s").Deduplicates().
		RateLimit(unlimited, 2).Obj())
}

func (w *world) systemRef(name string) v1alpha1.NamespacedReference {
	return v1alpha1.NamespacedReference{Namespace: v1alpha1.ObjectName(w.namespace), Name: v1alpha1.ObjectName(name)}
}

func (w *world) escalatesTo(name string) *v1alpha1.NamespacedReference {
	ref := w.systemRef(name)
	return &ref
}

// reasons lists why each message came to a desk, duplicates left out, and when by the clock of the world.
func reasons(of *desk.Desk) []string {
	var said []string
	for _, message := range of.Messages() {
		if !message.Duplicate {
			said = append(said, message.Event.Data.Reason)
		}
	}
	return said
}

var _ = Describe("A ticket that stays open", func() {
	It("is reminded of every so often, up to the cap, and once for all that was missed", func(ctx SpecContext) {
		w := newEmptyWorld(ctx)
		w.paced(ctx, v1alpha1.Pace{RepeatEvery: "24h", MaxRepeats: 5})
		w.judged(ctx, overdueFinding())
		next := w.rest(ctx)
		Expect(reasons(w.desk)).To(Equal([]string{"Opened"}))
		Expect(next).To(Equal(24 * time.Hour))

		w.advance(24*time.Hour - time.Second)
		w.rest(ctx)
		Expect(reasons(w.desk)).To(HaveLen(1))
		w.advance(time.Second)
		w.rest(ctx)
		Expect(reasons(w.desk)).To(Equal([]string{"Opened", "Reminded"}))
		Expect(w.desk.Messages()[1].Body).To(ContainSubstring("Reminder 1 of 5"))

		By("three days of which nobody heard are one reminder")
		w.manager = w.start()
		w.advance(3 * 24 * time.Hour)
		w.rest(ctx)
		Expect(reasons(w.desk)).To(Equal([]string{"Opened", "Reminded", "Reminded"}))
		Expect(w.desk.Messages()[2].Body).To(ContainSubstring("Reminder 4 of 5"))

		w.advance(365 * 24 * time.Hour)
		w.rest(ctx)
		w.advance(365 * 24 * time.Hour)
		Expect(w.rest(ctx)).To(BeZero())
		Expect(reasons(w.desk)).To(Equal([]string{"Opened", "Reminded", "Reminded", "Reminded"}))

		By("what has come back is reminded of from the beginning")
		w.judged(ctx)
		w.quiet(ctx)
		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		w.advance(24 * time.Hour)
		w.rest(ctx)
		Expect(reasons(w.desk)[4:]).To(Equal([]string{"Verified", "Relapsed", "Reminded"}))
		Expect(w.desk.Messages()[6].Body).To(ContainSubstring("Reminder 1 of 5"))
		w.expectSameBytes()
	})

	It("is told that its finding has become worse, once the changes were gathered", func(ctx SpecContext) {
		w := newEmptyWorld(ctx)
		w.paced(ctx, v1alpha1.Pace{GroupWait: "10m"})
		finding := overdueFinding()
		finding.Severity = v1alpha1.SeverityMedium
		w.judged(ctx, finding)
		Expect(w.rest(ctx)).To(Equal(10 * time.Minute))
		Expect(w.desk.Messages()).To(BeEmpty())
		w.advance(10 * time.Minute)
		w.rest(ctx)
		Expect(reasons(w.desk)).To(Equal([]string{"Opened"}))

		finding.Severity = v1alpha1.SeverityHigh
		w.judged(ctx, finding)
		Expect(w.rest(ctx)).To(Equal(10 * time.Minute))
		w.advance(10 * time.Minute)
		Expect(w.rest(ctx)).To(BeZero())
		Expect(reasons(w.desk)).To(Equal([]string{"Opened", "Updated"}))
		Expect(w.desk.Messages()[1].Body).To(ContainSubstring("severity High"))
	})

	It("goes to others and gets more severe, step by step, and is closed everywhere", func(ctx SpecContext) {
		w := newEmptyWorld(ctx)
		managers := w.paced(ctx, v1alpha1.Pace{Escalate: []v1alpha1.Escalation{
			{After: "72h", Severity: v1alpha1.SeverityCritical},
			{After: "168h", TicketSystemRef: w.escalatesTo("managers")},
		}}, "managers")[0]

		w.judged(ctx, overdueFinding())
		Expect(w.rest(ctx)).To(Equal(72 * time.Hour))
		Expect(w.remediation(ctx).Status.Tickets).To(HaveLen(1))
		w.advance(72 * time.Hour)
		Expect(w.rest(ctx)).To(Equal(96 * time.Hour))
		Expect(reasons(w.desk)).To(Equal([]string{"Opened", "Escalated"}))
		Expect(w.desk.Messages()[1].Body).To(ContainSubstring("Its severity is now Critical"))
		Expect(managers.Messages()).To(BeEmpty())

		w.advance(96 * time.Hour)
		w.quiet(ctx)
		Expect(reasons(w.desk)).To(Equal([]string{"Opened", "Escalated", "Escalated"}))
		Expect(reasons(managers)).To(Equal([]string{"Escalated"}))
		Expect(managers.Messages()[0].Body).To(ContainSubstring("There is a ticket about it elsewhere: " + w.theTicket().ID))
		Expect(w.remediation(ctx).Status.Tickets).To(HaveLen(2))
		Expect(w.remediation(ctx).Status.Escalation).To(Equal(int32(2)))

		w.judged(ctx)
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Closed))
		Expect(managers.Tickets()[0].State).To(Equal(desk.Closed))
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		Expect(w.remediation(ctx).Finalizers).To(BeEmpty())

		By("what has come back begins at the first step again")
		w.judged(ctx, overdueFinding())
		Expect(w.rest(ctx)).To(Equal(72 * time.Hour))
		Expect(w.theTicket().State).To(Equal(desk.Open))
		Expect(managers.Tickets()[0].State).To(Equal(desk.Closed))
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationOpen))
	})

	It("goes to others although the first system does not answer", func(ctx SpecContext) {
		w := newEmptyWorld(ctx)
		managers := w.paced(ctx, v1alpha1.Pace{Escalate: []v1alpha1.Escalation{
			{After: "24h", TicketSystemRef: w.escalatesTo("managers")},
		}}, "managers")[0]
		Expect(w.desk.Down()).To(Succeed())

		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		w.advance(24 * time.Hour)
		w.rest(ctx)
		Expect(managers.Tickets()).To(HaveLen(1))
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonRetrying))

		By("the first is told once it is back")
		Expect(w.desk.Up()).To(Succeed())
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Open))
		Expect(managers.Tickets()).To(HaveLen(1))
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
	})

	It("goes to others while its own message has never had its turn", func(ctx SpecContext) {
		w := newEmptyWorld(ctx)
		managers := w.paced(ctx, v1alpha1.Pace{Escalate: []v1alpha1.Escalation{
			{After: "15m", TicketSystemRef: w.escalatesTo("managers")},
		}}, "managers")[0]
		Expect(w.desk.Down()).To(Succeed())
		By("a dozen others wait for it, and it is known to be down")
		var standing []v1alpha1.Finding
		for i := range 12 {
			finding := overdueFinding()
			finding.About = fmt.Sprintf("other-%d", i)
			standing = append(standing, finding)
		}
		w.judged(ctx, standing...)
		w.pass(ctx)
		w.judged(ctx, append(standing, overdueFinding())...)
		for range 20 {
			w.pass(ctx)
			w.advance(time.Minute)
		}
		subjects := map[string]bool{}
		for _, ticket := range managers.Tickets() {
			subjects[ticket.Key] = true
		}
		Expect(subjects).To(HaveKey(w.ticketKeyAt("managers")))
	})

	It("is closed everywhere when its remediation is deleted, also where one of its systems has lost its Secret", func(ctx SpecContext) {
		w := newEmptyWorld(ctx)
		managers := w.paced(ctx, v1alpha1.Pace{Escalate: []v1alpha1.Escalation{
			{After: "24h", TicketSystemRef: w.escalatesTo("managers")},
		}}, "managers")[0]
		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		w.advance(24 * time.Hour)
		w.rest(ctx)
		Expect(managers.Tickets()).To(HaveLen(1))
		system := &v1alpha1.TicketSystem{}
		Expect(env.Client.Get(ctx, types.NamespacedName{Namespace: w.namespace, Name: "desk"}, system)).To(Succeed())
		system.Spec.Auth = &v1alpha1.Auth{Bearer: &v1alpha1.SecretKeyReference{Name: "gone", Key: "token"}}
		Expect(env.Client.Update(ctx, system)).To(Succeed())
		Expect(env.Client.Delete(ctx, w.remediation(ctx))).To(Succeed())
		w.pass(ctx)
		Expect(managers.Tickets()[0].State).To(Equal(desk.Closed))
	})
})

var _ = Describe("Quiet hours", func() {
	berlin := &v1alpha1.ActiveTimes{
		TimeZone: "Europe/Berlin", Weekdays: []v1alpha1.Weekday{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"},
		From: "08:00", To: "17:00",
	}

	DescribeTable("hold a message up until people are there", func(ctx SpecContext, severity v1alpha1.Severity, waits time.Duration) {
		w := newEmptyWorld(ctx)
		w.paced(ctx, v1alpha1.Pace{ActiveTimes: berlin})
		w.clock.SetTime(parseTime("2026-03-06T20:00:00Z")) // a Friday evening
		finding := overdueFinding()
		finding.Severity = severity
		w.judged(ctx, finding)
		Expect(w.rest(ctx)).To(Equal(waits))
		w.advance(waits)
		w.rest(ctx)
		Expect(reasons(w.desk)).To(Equal([]string{"Opened"}))

		By(fmt.Sprintf("a close waits %s as well", waits))
		w.clock.SetTime(parseTime("2026-03-13T20:00:00Z"))
		w.judged(ctx)
		w.rest(ctx)
		if waits > 0 {
			Expect(w.theTicket().State).To(Equal(desk.Open))
		}
		w.advance(waits)
		w.rest(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Closed))
	},
		Entry("over the weekend", v1alpha1.SeverityHigh, 59*time.Hour),
		Entry("but not one about a Critical finding", v1alpha1.SeverityCritical, time.Duration(0)),
	)

	It("do not hold up a remediation that is deleted", func(ctx SpecContext) {
		w := newEmptyWorld(ctx)
		w.paced(ctx, v1alpha1.Pace{ActiveTimes: berlin})
		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		w.clock.SetTime(parseTime("2026-03-06T20:00:00Z"))
		Expect(env.Client.Delete(ctx, w.remediation(ctx))).To(Succeed())
		Expect(env.Client.Delete(ctx, builders.MakeProcess("refunds").InNamespace(w.namespace).Obj())).To(Succeed())
		w.rest(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Closed))
		Expect(w.remediations(ctx)).To(BeEmpty())
	})
})
