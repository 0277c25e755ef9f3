package controllers_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/governance"
)

// breach is the finding of a KPI whose objective is missed.
func breach() v1alpha1.Finding {
	return v1alpha1.Finding{
		Rule: v1alpha1.RuleBreached, Severity: v1alpha1.SeverityMedium, Episode: "1",
		Since: metav1.NewTime(parseTime("2026-02-20T06:00:00Z")), Message: "The objective >= 90 is missed.",
	}
}

// withKPI adds a KPI to the world.
func (w *world) withKPI(ctx context.Context, kpi *builders.KPIBuilder) types.NamespacedName {
	GinkgoHelper()
	made := kpi.InNamespace(w.namespace).Obj()
	apply(ctx, made)
	w.kpis = append(w.kpis, client.ObjectKeyFromObject(made))
	return client.ObjectKeyFromObject(made)
}

// judgedKPI publishes findings of a KPI, as its own reconciler would.
func (w *world) judgedKPI(ctx context.Context, key types.NamespacedName, findings ...v1alpha1.Finding) {
	GinkgoHelper()
	kpi := &v1alpha1.KPI{}
	Expect(env.Client.Get(ctx, key, kpi)).To(Succeed())
	seen := metav1.NewTime(parseTime("2026-03-01T00:00:00Z"))
	kpi.Status.ObservedGeneration, kpi.Status.ObservedSince = kpi.Generation, &seen
	kpi.Status.Policy, kpi.Status.Findings = v1alpha1.ObjectName(w.namespace), findings
	Expect(env.Client.Status().Update(ctx, kpi)).To(Succeed())
}

// measures publishes a value and findings of a KPI.
func (w *world) measures(ctx context.Context, key types.NamespacedName) func(v1alpha1.Decimal, ...v1alpha1.Finding) {
	return func(value v1alpha1.Decimal, findings ...v1alpha1.Finding) {
		GinkgoHelper()
		w.judgedKPI(ctx, key, findings...)
		kpi := &v1alpha1.KPI{}
		Expect(env.Client.Get(ctx, key, kpi)).To(Succeed())
		kpi.Status.Value = &value
		Expect(env.Client.Status().Update(ctx, kpi)).To(Succeed())
	}
}

// ticketsBySubject maps "Kind/name" to the state of the only ticket about it.
func (w *world) ticketsBySubject() map[string]string {
	GinkgoHelper()
	states := map[string]string{}
	for _, ticket := range w.desk.Tickets() {
		subject := ticket.Subject[len(w.namespace)+1:]
		Expect(states).NotTo(HaveKey(subject), "two tickets about one subject")
		states[subject] = ticket.State
	}
	return states
}

var _ = Describe("The remediation of a KPI", func() {
	It("keeps the number from before and after, and thanks for it", func(ctx SpecContext) {
		w := newWorld(ctx)
		key := w.withKPI(ctx, builders.MakeKPI("days-to-reading").AtMost("5").Tune(func(s *v1alpha1.KPISpec) { s.Unit = "days" }))
		measures := w.measures(ctx, key)
		measures("12", breach())
		w.rest(ctx)
		measures("9", breach())
		w.rest(ctx)
		measures("3")
		w.quiet(ctx)
		effect := w.remediation(ctx).Status.Effect
		Expect(effect).NotTo(BeNil())
		Expect([]v1alpha1.Decimal{*effect.Before, *effect.After}).To(Equal([]v1alpha1.Decimal{"12", "3"}))
		const thanks = "The effect: days-to-reading was 12 days when this began, and is 3 days now. Thank you."
		Expect(w.desk.Messages()[1].Body).To(ContainSubstring(thanks))
		Expect(w.manager.recordedEvents()).To(ContainElement(ContainSubstring("EffectVerified " + thanks)))

		By("where it comes back, the next attempt is measured against the same beginning")
		measures("8", breach())
		w.rest(ctx)
		Expect(w.remediation(ctx).Status.Effect.After).To(BeNil())
		measures("4")
		w.quiet(ctx)
		effect = w.remediation(ctx).Status.Effect
		Expect([]v1alpha1.Decimal{*effect.Before, *effect.After}).To(Equal([]v1alpha1.Decimal{"12", "4"}))
	})

	It("of a group about one KPI keeps it too, from when a number is among its findings", func(ctx SpecContext) {
		w := newGroupedWorld(ctx, []v1alpha1.GroupKey{v1alpha1.GroupBySubject})
		key := w.withKPI(ctx, builders.MakeKPI("days-to-reading").AtMost("5").Tune(func(s *v1alpha1.KPISpec) { s.Unit = "days" }))
		measures := w.measures(ctx, key)
		measures("4", overdueFinding())
		w.settled(ctx)
		Expect(w.remediation(ctx).Status.Effect).To(BeNil(), "a review is no number")
		measures("12", overdueFinding(), breach())
		w.settled(ctx)
		measures("9", breach())
		w.settled(ctx)
		measures("3")
		w.rest(ctx)
		w.advance(8 * 24 * time.Hour)
		w.quiet(ctx)
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		messages := w.desk.Messages()
		Expect(messages[len(messages)-1].Body).To(ContainSubstring(
			"The effect: days-to-reading was 12 days when this began, and is 3 days now. Thank you."))
	})

	It("of a group about one KPI claims no effect where its number was accepted by a waiver, whatever else is cured later", func(ctx SpecContext) {
		w := newGroupedWorld(ctx, []v1alpha1.GroupKey{v1alpha1.GroupBySubject})
		measures := w.measures(ctx, w.withKPI(ctx, builders.MakeKPI("days-to-reading").AtMost("5")))
		waived := breach()
		waived.WaivedBy = "until-summer"
		measures("12", overdueFinding(), breach())
		w.settled(ctx)
		measures("12", overdueFinding(), waived)
		w.settled(ctx)
		By("a message goes out that tells of the waiver, and weeks pass")
		w.advance(30 * 24 * time.Hour)
		w.settled(ctx)
		measures("15", waived)
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Closed))
		messages := w.desk.Messages()
		last := messages[len(messages)-1].Body
		Expect(last).To(ContainSubstring("accepted for a while by a waiver"))
		Expect(last).NotTo(ContainSubstring("The effect"))
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionRecovered, yes, v1alpha1.ReasonWaived))
		Expect(w.remediation(ctx).Status.Effect.After).To(BeNil())
	})

	It("is owned by the KPI, and its ticket is closed once the number has stayed good for as long as its rule asks", func(ctx SpecContext) {
		w := newWorld(ctx)
		key := w.withKPI(ctx, builders.MakeKPI("refund-days"))
		w.judgedKPI(ctx, key, breach())
		w.quiet(ctx)
		opened := w.remediation(ctx)
		kpi := &v1alpha1.KPI{}
		Expect(env.Client.Get(ctx, key, kpi)).To(Succeed())
		isController := true
		Expect(opened.OwnerReferences).To(ConsistOf(metav1.OwnerReference{
			APIVersion: "governance.gemba.dev/v1alpha1", Kind: "KPI", Name: "refund-days", UID: kpi.UID, Controller: &isController,
		}))
		Expect(*opened.Spec.SubjectRef).To(Equal(v1alpha1.SubjectReference{Kind: v1alpha1.KindKPI, Name: "refund-days"}))
		Expect(opened.Spec.Route.VerifyFor).To(Equal(v1alpha1.Duration("168h0m0s")))
		Expect(w.ticketsBySubject()).To(Equal(map[string]string{"KPI/refund-days": desk.Open}))
		Expect(w.theTicket().Body).To(ContainSubstring("What to do: Look at the cases with errors and remove their cause."))

		w.judgedKPI(ctx, key)
		w.rest(ctx)
		w.advance(7*24*time.Hour - time.Second)
		w.rest(ctx)
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationVerifying))
		Expect(w.theTicket().State).To(Equal(desk.Open))
		w.advance(time.Second)
		w.quiet(ctx)
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		Expect(w.theTicket().State).To(Equal(desk.Closed))
	})

	It("is another than that of a process of the same name", func(ctx SpecContext) {
		w := newWorld(ctx)
		key := w.withKPI(ctx, builders.MakeKPI("refunds"))
		w.judged(ctx, overdueFinding())
		w.judgedKPI(ctx, key, overdueFinding())
		w.quiet(ctx)
		Expect(w.ticketsBySubject()).To(Equal(map[string]string{"Process/refunds": desk.Open, "KPI/refunds": desk.Open}))

		w.judgedKPI(ctx, key)
		w.quiet(ctx)
		Expect(w.ticketsBySubject()).To(Equal(map[string]string{"Process/refunds": desk.Open, "KPI/refunds": desk.Closed}))
		w.judgedKPI(ctx, key, overdueFinding())
		w.quiet(ctx)
		Expect(w.ticketsBySubject()).To(Equal(map[string]string{"Process/refunds": desk.Open, "KPI/refunds": desk.Open}),
			"the process's open remediation is none that the KPI's finding could belong to")
		Expect(w.remediations(ctx)).To(HaveLen(2))
	})

	It("ends with the KPI, though a process of the same name has the same finding", func(ctx SpecContext) {
		w := newWorld(ctx)
		key := w.withKPI(ctx, builders.MakeKPI("refunds"))
		w.judged(ctx, overdueFinding())
		w.judgedKPI(ctx, key, overdueFinding())
		w.quiet(ctx)
		Expect(env.Client.Delete(ctx, &v1alpha1.KPI{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}})).
			To(Succeed())
		w.quiet(ctx)
		Expect(w.ticketsBySubject()).To(Equal(map[string]string{"Process/refunds": desk.Open, "KPI/refunds": desk.Closed}))
		Expect(w.desk.Tickets()).To(ContainElement(
			HaveField("Comments", ContainElement(ContainSubstring("The KPI is no longer declared")))))
	})

	It("is not opened for a KPI that is suspended, and is afterwards", func(ctx SpecContext) {
		w := newWorld(ctx)
		key := w.withKPI(ctx, builders.MakeKPI("refund-days").Tune(func(s *v1alpha1.KPISpec) { s.Suspend = true }))
		w.judgedKPI(ctx, key, breach())
		w.quiet(ctx)
		Expect(w.remediations(ctx)).To(BeEmpty())
		kpi := &v1alpha1.KPI{}
		Expect(env.Client.Get(ctx, key, kpi)).To(Succeed())
		kpi.Spec.Suspend = false
		Expect(env.Client.Update(ctx, kpi)).To(Succeed())
		w.quiet(ctx)
		Expect(w.ticketsBySubject()).To(Equal(map[string]string{"KPI/refund-days": desk.Open}))
	})

	It("is the only one for a breach: the process that the KPI judges opens none", func(ctx SpecContext) {
		w := newWorld(ctx)
		key := w.withKPI(ctx, builders.MakeKPI("refund-days").Process("refunds").InEffectSince("2026-01-01").
			Measured("2026-02-28", "50"))
		judgeBoth(ctx, w, key)
		w.quiet(ctx)
		breaches := []v1alpha1.SubjectReference{}
		for _, remediation := range w.remediations(ctx) {
			if remediation.Spec.Finding.Rule == v1alpha1.RuleBreached {
				breaches = append(breaches, *remediation.Spec.SubjectRef)
			}
		}
		Expect(breaches).To(ConsistOf(v1alpha1.SubjectReference{Kind: v1alpha1.KindKPI, Name: "refund-days"}))
	})
})

// judgeBoth judges a KPI and the process of the world, which it judges, as their reconcilers do.
func judgeBoth(ctx context.Context, w *world, key types.NamespacedName) {
	GinkgoHelper()
	policy, kpi, process := &v1alpha1.GovernancePolicy{}, &v1alpha1.KPI{}, &v1alpha1.Process{}
	Expect(env.Client.Get(ctx, types.NamespacedName{Name: w.namespace}, policy)).To(Succeed())
	Expect(env.Client.Get(ctx, key, kpi)).To(Succeed())
	Expect(env.Client.Get(ctx, w.process, process)).To(Succeed())
	known := governance.Known{Policy: governance.EffectivePolicy(policy)}
	kpi.Status = governance.JudgeKPI(governance.KPIInput{Known: known, KPI: kpi, ProcessExists: true}, w.clock.Now()).Status
	Expect(kpi.Status.State).To(Equal(v1alpha1.KPIBreached))
	Expect(env.Client.Status().Update(ctx, kpi)).To(Succeed())

	process.Status = governance.JudgeProcess(governance.ProcessInput{Known: known, Process: process, Tree: governance.Tree{
		Processes: map[types.NamespacedName]*v1alpha1.Process{w.process: process},
		KPIs:      map[types.NamespacedName][]*v1alpha1.KPI{w.process: {kpi}},
	}}, w.clock.Now()).Status
	Expect(process.Status.Conditions).To(ContainElement(And(
		HaveField("Type", v1alpha1.ConditionKPIsMet), HaveField("Reason", string(v1alpha1.RuleBreached)))))
	Expect(env.Client.Status().Update(ctx, process)).To(Succeed())
	w.advance(time.Minute)
}
