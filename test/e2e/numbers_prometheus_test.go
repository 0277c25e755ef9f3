package e2e_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

var _ = Describe("A KPI that a real Prometheus measures", func() {
	It("turns met, at risk by its trend, breached, and met again", func(ctx SpecContext) {
		prometheus, exporter := newPrometheus(ctx)
		exporter.Set("first_time_right", nil, 99)
		Expect(prometheus.AwaitValue(ctx, "first_time_right", 99)).To(Succeed())
		receiver := newDesk()
		namespace := newNamespace(ctx, receiver)
		start(ctx, "--leader-elect=false", "--metrics-bind-address=0")
		apply(ctx, builders.MakeMetricSource("prometheus", prometheus.URL()).InNamespace(namespace).Obj(),
			quick(namespace, "share").Prometheus("prometheus", "first_time_right").Trend("1m", "10m").HoldsFor("0s", "5s").Obj())
		Eventually(stateOf(namespace, "share")).WithContext(ctx).Should(Equal(governancev1alpha1.KPIMet))

		By("falling slowly, and not below the target yet")
		began := wall.Now()
		falling := func(ctx SpecContext) governancev1alpha1.KPIState {
			exporter.Set("first_time_right", nil, max(90.5, 99-0.15*wall.Since(began).Seconds()))
			return kpiStatus(ctx, namespace, "share").State
		}
		Eventually(falling).WithContext(ctx).WithTimeout(2 * time.Minute).Should(Equal(governancev1alpha1.KPIAtRisk))
		status := kpiStatus(ctx, namespace, "share")
		Expect(status.Trend).NotTo(BeNil())
		Expect(status.Trend.CrossesAt).NotTo(BeNil())
		Expect(rulesOf(status)).To(ConsistOf(governancev1alpha1.RuleAtRisk))

		By("falling below the target")
		exporter.Set("first_time_right", nil, 80)
		Eventually(stateOf(namespace, "share")).WithContext(ctx).Should(Equal(governancev1alpha1.KPIBreached))
		Expect(rulesOf(kpiStatus(ctx, namespace, "share"))).To(ConsistOf(governancev1alpha1.RuleBreached))
		Eventually(delivered).WithContext(ctx).WithArguments(namespace).Should(Equal(1))
		expectOneTicketEach(receiver, 1)

		By("coming back")
		exporter.Set("first_time_right", nil, 99)
		Eventually(stateOf(namespace, "share")).WithContext(ctx).WithTimeout(3 * time.Minute).
			Should(Equal(governancev1alpha1.KPIMet))
	}, SpecTimeout(8*time.Minute))

	It("is stale while Prometheus is away, and neither good nor bad", func(ctx SpecContext) {
		prometheus, exporter := newPrometheus(ctx)
		exporter.Set("first_time_right", nil, 99)
		Expect(prometheus.AwaitValue(ctx, "first_time_right", 99)).To(Succeed())
		receiver := newDesk()
		namespace := newNamespace(ctx, receiver)
		source := builders.MakeMetricSource("prometheus", prometheus.URL()).InNamespace(namespace).Obj()
		manager := start(ctx, "--leader-elect=false", "--metrics-bind-address=0")
		apply(ctx, source, quick(namespace, "share").Prometheus("prometheus", "first_time_right").Obj())
		Eventually(stateOf(namespace, "share")).WithContext(ctx).Should(Equal(governancev1alpha1.KPIMet))
		Expect(prometheus.Stop()).To(Succeed())
		Eventually(stateOf(namespace, "share")).WithContext(ctx).Should(Equal(governancev1alpha1.KPIStale))

		status := kpiStatus(ctx, namespace, "share")
		Expect(status.Value).To(HaveValue(Equal(governancev1alpha1.Decimal("99"))))
		Expect(status.ValueTime.Add(15 * time.Second)).To(BeTemporally("<=", wall.Now()))
		Expect(rulesOf(status)).To(ConsistOf(governancev1alpha1.RuleStale))
		Expect(status.Attempt.Result).To(Equal(governancev1alpha1.SampleNoAnswer))
		Expect(conditionOf(status.Conditions, governancev1alpha1.ConditionTargetMet)).To(Equal("Unknown/Stale"))
		Expect(conditionOf(status.Conditions, governancev1alpha1.ConditionFresh)).To(Equal("False/Stale"))
		Expect(conditionOf(status.Conditions, governancev1alpha1.ConditionReady)).To(Equal("True/Reconciled"))
		reachable := reasonOf(source, governancev1alpha1.ConditionReachable, func() []metav1.Condition { return source.Status.Conditions })
		Eventually(reachable).WithContext(ctx).Should(Equal("False/NoAnswer"))
		Expect(conditionOf(source.Status.Conditions, governancev1alpha1.ConditionReady)).To(Equal("True/Reconciled"))
		for _, remediation := range remediationsOf(ctx, namespace) {
			Expect(remediation.Spec.Finding.Rule).To(Equal(governancev1alpha1.RuleStale))
		}

		By("Prometheus coming back")
		Expect(prometheus.Start(ctx)).To(Succeed())
		Eventually(stateOf(namespace, "share")).WithContext(ctx).Should(Equal(governancev1alpha1.KPIMet))
		Eventually(reachable).WithContext(ctx).Should(Equal("True/Answered"))

		By("a manager that starts while Prometheus is away")
		Expect(manager.Stop()).To(Succeed())
		Expect(prometheus.Stop()).To(Succeed())
		var kpi governancev1alpha1.KPI
		Expect(env.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "share"}, &kpi)).To(Succeed())
		old := metav1.NewTime(wall.Now().Add(-time.Hour).Truncate(time.Second))
		kpi.Status.ValueTime = &old
		Expect(env.Client.Status().Update(ctx, &kpi)).To(Succeed())
		began := wall.Now()
		start(ctx, "--leader-elect=false", "--metrics-bind-address=0")
		Eventually(attemptOf(namespace, "share")).WithContext(ctx).Should(Equal(governancev1alpha1.SampleNoAnswer))
		Expect(kpiStatus(ctx, namespace, "share").State).To(Equal(governancev1alpha1.KPIMet), "it was tried once and not for staleAfter")
		Eventually(stateOf(namespace, "share")).WithContext(ctx).Should(Equal(governancev1alpha1.KPIStale))
		Expect(wall.Since(began)).To(BeNumerically(">=", 15*time.Second))
	}, SpecTimeout(8*time.Minute))

	It("sees the numbers of its own namespace only where the source keeps tenants apart", func(ctx SpecContext) {
		prometheus, exporter := newPrometheus(ctx)
		receiver := newDesk()
		platform, one, other := newNamespace(ctx, newDesk()), newNamespace(ctx, receiver), newNamespace(ctx, receiver)
		exporter.Set("cases_right", map[string]string{"namespace": one}, 95)
		exporter.Set("cases_right", map[string]string{"namespace": other}, 50)
		// Labels of the target come first; those of the series are kept beside them.
		mine := func(namespace string) string {
			return `cases_right{exported_namespace="` + namespace + `"} or cases_right{namespace="` + namespace + `"}`
		}
		Expect(prometheus.AwaitValue(ctx, mine(other), 50)).To(Succeed())
		start(ctx, "--leader-elect=false", "--metrics-bind-address=0")
		apply(ctx, builders.MakeMetricSource("shared", prometheus.URL()).InNamespace(platform).Tune(func(spec *governancev1alpha1.MetricSourceSpec) {
			spec.AllowedNamespaces = &governancev1alpha1.AllowedNamespaces{From: governancev1alpha1.NamespacesAll}
			spec.Prometheus = &governancev1alpha1.PrometheusSource{Tenancy: &governancev1alpha1.PrometheusTenancy{Label: "namespace"}}
		}).Obj())
		asks := func(namespace, name, query string) {
			apply(ctx, quick(namespace, name).Source(governancev1alpha1.KPISource{Prometheus: &governancev1alpha1.PrometheusQuery{
				MetricSourceRef: governancev1alpha1.ObjectReference{Namespace: governancev1alpha1.ObjectName(platform), Name: "shared"},
				Query:           query,
			}}).Obj())
		}
		asks(one, "own", "cases_right")
		asks(other, "own", "cases_right")
		asks(one, "stolen", `cases_right{namespace="`+other+`"}`)
		asks(one, "summed", `sum(cases_right)`)
		Eventually(stateOf(one, "own")).WithContext(ctx).Should(Equal(governancev1alpha1.KPIMet))
		Eventually(stateOf(other, "own")).WithContext(ctx).Should(Equal(governancev1alpha1.KPIBreached))
		Eventually(attemptOf(one, "stolen")).WithContext(ctx).Should(Equal(governancev1alpha1.SampleEmpty))
		Eventually(func(ctx SpecContext) *governancev1alpha1.Decimal { return kpiStatus(ctx, one, "summed").Value }).
			WithContext(ctx).Should(HaveValue(Equal(governancev1alpha1.Decimal("95"))))
	}, SpecTimeout(4*time.Minute))
})
