package loop

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

// saysOf gives the message of a finding; empty where it does not stand.
func saysOf(findings []governancev1alpha1.Finding, rule governancev1alpha1.Rule) string {
	for _, finding := range findings {
		if finding.Rule == rule {
			return finding.Message
		}
	}
	return ""
}

var _ = Describe("What remediations tell, where a watch alone wakes their process", Ordered, func() {
	var namespace string

	BeforeAll(func(ctx context.Context) {
		home := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "learning-"}}
		Expect(env.Client.Create(ctx, home)).To(Succeed())
		namespace = home.Name
		startManager()
	})

	create := func(ctx context.Context, made client.Object) {
		GinkgoHelper()
		made.SetNamespace(namespace)
		Expect(env.Client.Create(ctx, made)).To(Succeed())
	}
	// becomes writes the status of a Remediation, as its own reconciler would.
	becomes := func(ctx context.Context, made *governancev1alpha1.Remediation, state governancev1alpha1.RemediationState,
		cause governancev1alpha1.CauseCategory, attempt int32,
	) {
		GinkgoHelper()
		made.Status.ObservedGeneration, made.Status.State = made.Generation, state
		made.Status.Cause, made.Status.Attempt = cause, attempt
		Expect(env.Client.Status().Update(ctx, made)).To(Succeed())
	}
	// judged makes a process, and waits until it was judged.
	judged := func(ctx context.Context, name string) func(governancev1alpha1.Rule) func() string {
		GinkgoHelper()
		process := builders.MakeProcess(name).Every("P12M").InEffectSince("2025-06-01").Obj()
		create(ctx, process)
		read := func() *governancev1alpha1.ProcessStatus {
			Expect(env.Client.Get(ctx, client.ObjectKeyFromObject(process), process)).To(Succeed())
			return &process.Status
		}
		Eventually(func() bool { return read().ObservedSince != nil }).Should(BeTrue())
		return func(rule governancev1alpha1.Rule) func() string {
			return func() string { return saysOf(read().Findings, rule) }
		}
	}

	It("a cause counts once its remediation is closed, and no longer than that is kept", func(ctx context.Context) {
		blamed := judged(ctx, "blamed")(governancev1alpha1.RulePeopleCauseShare)
		create(ctx, builders.MakeKPI("days").Process("blamed").Obj())
		var last *governancev1alpha1.Remediation
		for i := range 10 {
			last = builders.MakeRemediation(fmt.Sprint("blamed-", i)).Of("blamed").Obj()
			cause := governancev1alpha1.CauseProcess
			switch i {
			case 8:
				last, cause = builders.MakeRemediation("blamed-8").OfKPI("days").Obj(), governancev1alpha1.CausePeople
			case 9:
				last = builders.MakeRemediation("blamed-9").Group("").Obj()
				last.Spec.Group.SubjectRef.Name = "blamed"
			}
			create(ctx, last)
			if i < 9 {
				becomes(ctx, last, governancev1alpha1.RemediationClosed, cause, 1)
			}
		}
		becomes(ctx, last, governancev1alpha1.RemediationVerifying, "", 1)
		Consistently(blamed).WithTimeout(time.Second).Should(BeEmpty())
		becomes(ctx, last, governancev1alpha1.RemediationClosed, governancev1alpha1.CausePeople, 1)
		Eventually(blamed).Should(ContainSubstring("of 2 of 10 remediations, and the limit is 10 %"))
		becomes(ctx, last, governancev1alpha1.RemediationClosed, governancev1alpha1.CauseHandoff, 1)
		Eventually(blamed).Should(BeEmpty())
		becomes(ctx, last, governancev1alpha1.RemediationClosed, governancev1alpha1.CausePeople, 1)
		Eventually(blamed).ShouldNot(BeEmpty())
		Expect(env.Client.Delete(ctx, last)).To(Succeed())
		Eventually(blamed).Should(BeEmpty(), "nine are too few")
	})

	It("a relapse from which nothing was learned is a finding, until somebody writes it down or the remediation is gone",
		func(ctx context.Context) {
			unlearned := judged(ctx, "failing")(governancev1alpha1.RuleNothingLearned)
			made := builders.MakeRemediation("failing-1").Of("failing").Finding(governancev1alpha1.RuleWatermelon, "", "1").Obj()
			create(ctx, made)
			becomes(ctx, made, governancev1alpha1.RemediationOpen, "", 2)
			Eventually(unlearned).Should(ContainSubstring("in 1 remediation: failing-1."))

			made.Spec.Attempts = []governancev1alpha1.Attempt{{Hypothesis: "more clerks", Result: "no change", Learned: "it waits elsewhere"}}
			Expect(env.Client.Update(ctx, made)).To(Succeed())
			Eventually(unlearned).Should(BeEmpty())
			becomes(ctx, made, governancev1alpha1.RemediationOpen, "", 3)
			Eventually(unlearned).ShouldNot(BeEmpty())
			Expect(env.Client.Delete(ctx, made)).To(Succeed())
			Eventually(unlearned).Should(BeEmpty())
		})
})

var _ = Describe("A KPI that fails again", func() {
	var (
		w      *world
		number *teller
	)
	BeforeEach(func(ctx context.Context) {
		w = newWorldIn(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "failing-"}}, day("2026-01-10"))
		number = newTeller(80)
		w.apply(
			builders.MakeProcess("refunds").InEffectSince("2025-06-01").Every("P12M").Obj(),
			builders.MakeMetricSource("numbers", number.server.URL).HTTP("/value").Obj(),
			builders.MakeKPI("share").Process("refunds").InEffectSince("2025-06-01").
				HTTP("numbers", "/value", "double(reply.value)").Every("1h").Obj(),
		)
	})
	kpi := func() []governancev1alpha1.Finding {
		GinkgoHelper()
		var found governancev1alpha1.KPI
		Expect(cached.Get(w.ctx, client.ObjectKey{Namespace: w.namespace, Name: "share"}, &found)).To(Succeed())
		return found.Status.Findings
	}
	until := func(text string) {
		GinkgoHelper()
		w.runUntil(day(text), func() {})
	}
	// routes has tickets opened for Low findings too, those of a subject on one or each on its own.
	routes := func(groupBy ...governancev1alpha1.GroupKey) {
		GinkgoHelper()
		policy := builders.MakePolicy(w.namespace).Obj()
		w.edit(policy, func() {
			policy.Spec.Routes[0].MinSeverity, policy.Spec.Routes[0].GroupBy = governancev1alpha1.SeverityLow, groupBy
		})
	}
	// states are those of the Remediations that are for the KPI, by rule; those for groups have none.
	states := func() map[governancev1alpha1.Rule]governancev1alpha1.RemediationState {
		found := map[governancev1alpha1.Rule]governancev1alpha1.RemediationState{}
		for _, remediation := range w.remediations() {
			switch spec := remediation.Spec; {
			case spec.Group != nil && spec.Group.SubjectRef.Name == "share":
				found[""] = remediation.Status.State
			case spec.Group == nil && spec.SubjectRef.Name == "share":
				found[spec.Finding.Rule] = remediation.Status.State
			}
		}
		return found
	}

	It("has learned nothing until somebody says what, and its process is not told of that", func() {
		until("2026-01-11")
		Expect(saysOf(kpi(), governancev1alpha1.RuleBreached)).NotTo(BeEmpty())
		Expect(saysOf(kpi(), governancev1alpha1.RuleNothingLearned)).To(BeEmpty(), "the first attempt goes on")
		number.value.Store(95)
		until("2026-01-25")
		Expect(saysOf(kpi(), governancev1alpha1.RuleNothingLearned)).To(BeEmpty(), "it worked")

		number.value.Store(80)
		until("2026-01-26")
		Expect(saysOf(kpi(), governancev1alpha1.RuleNothingLearned)).To(ContainSubstring("in 1 remediation: "))
		Expect(saysOf(w.process("refunds").Status.Findings, governancev1alpha1.RuleNothingLearned)).To(BeEmpty())
		for _, remediation := range w.remediations() {
			if remediation.Spec.Finding.Rule == governancev1alpha1.RuleBreached {
				w.edit(&remediation, func() {
					remediation.Spec.Attempts = []governancev1alpha1.Attempt{{Hypothesis: "h", Result: "worse", Learned: "ask first"}}
				})
			}
		}
		w.settle()
		Expect(saysOf(kpi(), governancev1alpha1.RuleNothingLearned)).To(BeEmpty())
	})

	It("opens a ticket for that where a route says so, which is closed when it was learned and feeds no other", func() {
		routes()
		until("2026-01-11")
		number.value.Store(95)
		until("2026-01-25")
		number.value.Store(80)
		until("2026-01-26")
		Expect(states()).To(Equal(map[governancev1alpha1.Rule]governancev1alpha1.RemediationState{
			governancev1alpha1.RuleBreached: governancev1alpha1.RemediationOpen, governancev1alpha1.RuleNothingLearned: governancev1alpha1.RemediationOpen,
		}))
		number.value.Store(95)
		until("2026-02-10")
		Expect(saysOf(kpi(), governancev1alpha1.RuleNothingLearned)).To(BeEmpty(), "the second attempt worked")
		Expect(states()).To(HaveEach(governancev1alpha1.RemediationClosed))
		number.value.Store(80)
		until("2026-02-11")
		Expect(saysOf(kpi(), governancev1alpha1.RuleNothingLearned)).To(ContainSubstring("in 1 remediation: "))
	})

	It("keeps the ticket of its group open no longer than what it is about stands", func() {
		routes(governancev1alpha1.GroupBySubject)
		until("2026-01-11")
		number.value.Store(95)
		until("2026-01-25")
		number.value.Store(80)
		until("2026-01-26")
		Expect(saysOf(kpi(), governancev1alpha1.RuleNothingLearned)).NotTo(BeEmpty())
		Expect(states()).To(HaveKeyWithValue(governancev1alpha1.Rule(""), governancev1alpha1.RemediationOpen))
		number.value.Store(95)
		until("2026-01-27")
		Expect(saysOf(kpi(), governancev1alpha1.RuleNothingLearned)).To(BeEmpty())
		until("2026-02-10")
		Expect(states()).To(HaveKeyWithValue(governancev1alpha1.Rule(""), governancev1alpha1.RemediationClosed))
	})
})
