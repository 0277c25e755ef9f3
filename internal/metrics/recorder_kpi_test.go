package metrics_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"k8s.io/apimachinery/pkg/types"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/metrics"
)

func kpi(name string, state governancev1alpha1.KPIState, findings ...governancev1alpha1.Finding) *governancev1alpha1.KPI {
	judged := &governancev1alpha1.KPI{Status: governancev1alpha1.KPIStatus{State: state}}
	judged.ObjectMeta = process(name, "").ObjectMeta
	judged.Status.SubjectStatus = process(name, governancev1alpha1.StageCurrent, findings...).Status.SubjectStatus
	return judged
}

func billing(name string) types.NamespacedName {
	return types.NamespacedName{Namespace: "billing", Name: name}
}

func TestTheMetricsOfAKPIFollowItsStatusAndItsValues(t *testing.T) {
	recorder := metrics.NewRecorder()
	bad := kpi("refund-days", governancev1alpha1.KPIBreached, finding("Breached", "High", ""))
	bad.Status.Suspect = &governancev1alpha1.KPISuspect{Reason: governancev1alpha1.SuspectJump}
	recorder.ObserveKPI(bad)
	recorder.ObserveKPIValue(billing("refund-days"), 12.5)
	all := []string{"gemba_findings", "gemba_review_stage", "gemba_kpi_value", "gemba_kpi_state", "gemba_kpi_suspect"}
	stage := `gemba_review_stage{kind="KPI",name="refund-days",namespace="billing",requirement="full",stage="Current"} 1`
	expect(t, recorder, all, stage,
		`gemba_findings{kind="KPI",namespace="billing",rule="Breached",severity="High",waived="false"} 1`,
		`gemba_kpi_value{name="refund-days",namespace="billing"} 12.5`,
		`gemba_kpi_state{name="refund-days",namespace="billing",state="Breached"} 1`,
		`gemba_kpi_suspect{name="refund-days",namespace="billing",reason="Jump"} 1`,
	)

	recorder.ObserveKPIValue(billing("refund-days"), 3)
	recorder.ObserveKPI(kpi("refund-days", governancev1alpha1.KPIMet))
	expect(t, recorder, all, stage,
		`gemba_kpi_value{name="refund-days",namespace="billing"} 3`,
		`gemba_kpi_state{name="refund-days",namespace="billing",state="Met"} 1`,
	)

	recorder.ForgetKPI(billing("refund-days"))
	if left := testutil.CollectAndCount(recorder); left != 0 {
		t.Errorf("%d metrics are left of a KPI that is gone, want none", left)
	}
}

func TestAKPIThatWasNotJudgedYetHasNoState(t *testing.T) {
	recorder := metrics.NewRecorder()
	recorder.ObserveKPI(&governancev1alpha1.KPI{})
	if left := testutil.CollectAndCount(recorder); left != 0 {
		t.Errorf("%d metrics tell of a KPI that nobody has judged, want none", left)
	}
}

func TestAKPIAndAProcessOfOneNameAreTwo(t *testing.T) {
	recorder := metrics.NewRecorder()
	recorder.ObserveProcess(process("refunds", governancev1alpha1.StageOverdue, finding("ReviewOverdue", "High", "")))
	recorder.ObserveKPI(kpi("refunds", governancev1alpha1.KPIMet, finding("ReviewOverdue", "High", "")))
	count := []string{"gemba_findings"}
	ofProcess := `gemba_findings{kind="Process",namespace="billing",rule="ReviewOverdue",severity="High",waived="false"} 1`
	ofKPI := `gemba_findings{kind="KPI",namespace="billing",rule="ReviewOverdue",severity="High",waived="false"} 1`
	expect(t, recorder, count, ofKPI, ofProcess)
	recorder.ForgetProcess(billing("refunds"))
	expect(t, recorder, count, ofKPI)
	recorder.ObserveProcess(process("refunds", governancev1alpha1.StageOverdue, finding("ReviewOverdue", "High", "")))
	recorder.ForgetKPI(billing("refunds"))
	expect(t, recorder, count, ofProcess)
}

func TestTheScoreOfAProcess(t *testing.T) {
	tests := map[string]struct {
		score     *int32
		lifecycle governancev1alpha1.Lifecycle
		want      []string
	}{
		"is told":                                  {score: new(int32(85)), want: []string{`gemba_process_score{name="refunds",namespace="billing"} 85`}},
		"is told where it is nothing":              {score: new(int32(0)), want: []string{`gemba_process_score{name="refunds",namespace="billing"} 0`}},
		"is not told where there is none":          {},
		"is not told where the process is retired": {score: new(int32(85)), lifecycle: governancev1alpha1.LifecycleRetired},
	}
	for sentence, test := range tests {
		t.Run(sentence, func(t *testing.T) {
			recorder := metrics.NewRecorder()
			observed := process("refunds", governancev1alpha1.StageCurrent)
			observed.Status.Score, observed.Spec.Lifecycle = test.score, test.lifecycle
			recorder.ObserveProcess(observed)
			expect(t, recorder, []string{"gemba_process_score"}, test.want...)
		})
	}
}

func TestTheNamesOfTheMetricsAreAsPrometheusWantsThem(t *testing.T) {
	recorder, operations := metrics.NewRecorder(), metrics.NewOperations("v0.0.0")
	recorder.ObserveProcess(process("refunds", governancev1alpha1.StageOverdue, finding("ReviewOverdue", "High", "")))
	suspect := kpi("refund-days", governancev1alpha1.KPIMet)
	suspect.Status.Suspect = &governancev1alpha1.KPISuspect{Reason: governancev1alpha1.SuspectFlat}
	recorder.ObserveKPI(suspect)
	recorder.ObserveKPIValue(billing("refund-days"), 3)
	operations.Asked("a lane", governancev1alpha1.SampleAnswered, time.Second, time.Second)
	registry := prometheus.NewRegistry()
	registry.MustRegister(recorder)
	if err := operations.Register(registry); err != nil {
		t.Fatal(err)
	}
	problems, err := testutil.GatherAndLint(registry)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%s: %s", problem.Metric, problem.Text)
	}
}
