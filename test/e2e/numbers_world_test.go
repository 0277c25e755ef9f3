package e2e_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/testenv"
)

// newPrometheus runs a real Prometheus that scrapes a real exporter until the spec ends.
func newPrometheus(ctx context.Context) (*testenv.Prometheus, *testenv.Exporter) {
	GinkgoHelper()
	exporter := testenv.StartExporter()
	DeferCleanup(exporter.Close)
	running, err := testenv.StartPrometheus(ctx, testenv.WithScrapeEvery(time.Second), testenv.WithTargets("demo", exporter.Address()))
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(running.Close)
	return running, exporter
}

// quick is a KPI that is asked for every five seconds, belongs to nobody's process and has been reported since today's
// world began, so that only its numbers are judged.
func quick(namespace, name string) *builders.KPIBuilder {
	return builders.MakeKPI(name).InNamespace(namespace).InEffectSince(today()).Every("5s").StaleAfter("15s")
}

func today() string { return wall.Now().UTC().Format(time.DateOnly) }

// kpiStatus reads a KPI as it is now.
func kpiStatus(ctx context.Context, namespace, name string) governancev1alpha1.KPIStatus {
	GinkgoHelper()
	var kpi governancev1alpha1.KPI
	Expect(env.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &kpi)).To(Succeed())
	return kpi.Status
}

// stateOf gives a function that reads the state of a KPI.
func stateOf(namespace, name string) func(context.Context) governancev1alpha1.KPIState {
	return func(ctx context.Context) governancev1alpha1.KPIState { return kpiStatus(ctx, namespace, name).State }
}

// attemptOf gives a function that reads what came of asking for the value of a KPI last.
func attemptOf(namespace, name string) func(context.Context) governancev1alpha1.SampleResult {
	return func(ctx context.Context) governancev1alpha1.SampleResult {
		if attempt := kpiStatus(ctx, namespace, name).Attempt; attempt != nil {
			return attempt.Result
		}
		return ""
	}
}

// rulesOf lists the rules of the findings of a KPI.
func rulesOf(status governancev1alpha1.KPIStatus) []governancev1alpha1.Rule {
	rules := []governancev1alpha1.Rule{}
	for _, finding := range status.Findings {
		rules = append(rules, finding.Rule)
	}
	return rules
}

// reasonOf gives a function that reads a condition of an object, as "False/NoAnswer".
func reasonOf(object client.Object, conditionType string, conditions func() []metav1.Condition) func(context.Context) string {
	return func(ctx context.Context) string {
		Expect(env.Client.Get(ctx, client.ObjectKeyFromObject(object), object)).To(Succeed())
		return conditionOf(conditions(), conditionType)
	}
}

// conditionOf reads a condition, as "False/NoAnswer".
func conditionOf(conditions []metav1.Condition, conditionType string) string {
	condition := meta.FindStatusCondition(conditions, conditionType)
	if condition == nil {
		return ""
	}
	return string(condition.Status) + "/" + condition.Reason
}
