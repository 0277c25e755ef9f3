package metrics_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/metrics"
)

func process(name string, stage governancev1alpha1.Stage, findings ...governancev1alpha1.Finding,
) *governancev1alpha1.Process {
	due := metav1.NewTime(time.Unix(1_700_000_000, 0))
	return &governancev1alpha1.Process{
		ObjectMeta: metav1.ObjectMeta{Namespace: "billing", Name: name},
		Status: governancev1alpha1.ProcessStatus{
			SubjectStatus: governancev1alpha1.SubjectStatus{
				Reviews:  []governancev1alpha1.RequirementStatus{{Name: "full", Stage: stage, Due: &due}},
				Findings: findings,
			},
		},
	}
}

func finding(rule governancev1alpha1.Rule, severity governancev1alpha1.Severity, waivedBy string,
) governancev1alpha1.Finding {
	return governancev1alpha1.Finding{
		Rule: rule, Severity: severity, WaivedBy: governancev1alpha1.ObjectName(waivedBy),
	}
}

func expect(t *testing.T, recorder *metrics.Recorder, names []string, lines ...string) {
	t.Helper()
	help := map[string]string{
		"gemba_review_stage":      "1 for the stage where a review requirement stands: Current, DueSoon, InGrace, Overdue or Unscheduled.",
		"gemba_findings":          "Findings that stand, by rule, severity, and whether a waiver accepts them.",
		"gemba_remediations_open": "Remediations that are not closed.",
		"gemba_deliveries_stuck":  "Tickets of Remediations that are not closed whose last message waits for somebody: Refused, GaveUp or OutcomeUnknown.",

		"gemba_review_next_due_timestamp_seconds": "When the next review of a requirement falls due, in seconds since 1970.",

		"gemba_notice_since_timestamp_seconds": "When what a notice is proud of began, in seconds since 1970; there while it lasts: TargetHeld or ReviewedInTime.",

		"gemba_process_score": "How much of the weight of the judged KPIs of a process is met, in percent. 0 where a Fatal one is breached.",
		"gemba_kpi_value":     "The newest value of a KPI, in its own unit.",
		"gemba_kpi_state":     "1 for what the values of a KPI say: Met, AtRisk, Breached, Stale, NeverMeasured or Inconclusive.",
		"gemba_kpi_suspect":   "1 where the value of a KPI is hard to believe, with the reason: OutOfRange, Flat or Jump.",
	}
	var text strings.Builder
	for _, name := range names {
		text.WriteString("# HELP " + name + " " + help[name] + "\n# TYPE " + name + " gauge\n")
		for _, line := range lines {
			if strings.HasPrefix(line, name+"{") {
				text.WriteString(line + "\n")
			}
		}
	}
	if err := testutil.CollectAndCompare(recorder, strings.NewReader(text.String()), names...); err != nil {
		t.Error(err)
	}
}

func TestTheMetricsOfAProcessFollowItsStatus(t *testing.T) {
	recorder := metrics.NewRecorder()
	recorder.ObserveProcess(process("refunds", governancev1alpha1.StageOverdue,
		finding("ReviewOverdue", "High", ""), finding("TooManySteps", "Low", "too-many")))
	recorder.ObserveProcess(process("invoices", governancev1alpha1.StageOverdue, finding("ReviewOverdue", "High", "")))
	all := []string{"gemba_findings", "gemba_review_stage", "gemba_review_next_due_timestamp_seconds"}
	expect(t, recorder, all,
		`gemba_findings{kind="Process",namespace="billing",rule="ReviewOverdue",severity="High",waived="false"} 2`,
		`gemba_findings{kind="Process",namespace="billing",rule="TooManySteps",severity="Low",waived="true"} 1`,
		`gemba_review_stage{kind="Process",name="invoices",namespace="billing",requirement="full",stage="Overdue"} 1`,
		`gemba_review_stage{kind="Process",name="refunds",namespace="billing",requirement="full",stage="Overdue"} 1`,
		`gemba_review_next_due_timestamp_seconds{kind="Process",name="invoices",namespace="billing",requirement="full"} 1.7e+09`,
		`gemba_review_next_due_timestamp_seconds{kind="Process",name="refunds",namespace="billing",requirement="full"} 1.7e+09`,
	)

	recorder.ObserveProcess(process("refunds", governancev1alpha1.StageCurrent))
	recorder.ForgetProcess(types.NamespacedName{Namespace: "billing", Name: "invoices"})
	expect(t, recorder, all,
		`gemba_review_stage{kind="Process",name="refunds",namespace="billing",requirement="full",stage="Current"} 1`,
		`gemba_review_next_due_timestamp_seconds{kind="Process",name="refunds",namespace="billing",requirement="full"} 1.7e+09`,
	)
}

func TestARemediationCountsUntilItIsClosedOrGone(t *testing.T) {
	recorder := metrics.NewRecorder()
	remediation := func(name string, state governancev1alpha1.RemediationState) *governancev1alpha1.Remediation {
		return &governancev1alpha1.Remediation{
			ObjectMeta: metav1.ObjectMeta{Namespace: "billing", Name: name},
			Spec: governancev1alpha1.RemediationSpec{
				Finding: &governancev1alpha1.FindingIdentity{Rule: "ReviewOverdue", Episode: "1"},
			},
			Status: governancev1alpha1.RemediationStatus{State: state},
		}
	}
	count := []string{"gemba_remediations_open"}
	recorder.ObserveRemediation(remediation("a", ""))
	recorder.ObserveRemediation(remediation("b", governancev1alpha1.RemediationOpen))
	recorder.ObserveRemediation(remediation("b", governancev1alpha1.RemediationVerifying))
	recorder.ObserveRemediation(remediation("c", governancev1alpha1.RemediationOpen))
	expect(t, recorder, count, `gemba_remediations_open{namespace="billing",rule="ReviewOverdue"} 3`)

	recorder.ObserveRemediation(remediation("b", governancev1alpha1.RemediationClosed))
	recorder.ForgetRemediation(types.NamespacedName{Namespace: "billing", Name: "c"})
	recorder.ForgetRemediation(types.NamespacedName{Namespace: "billing", Name: "never-seen"})
	expect(t, recorder, count, `gemba_remediations_open{namespace="billing",rule="ReviewOverdue"} 1`)
	recorder.ObserveRemediation(remediation("a", governancev1alpha1.RemediationClosed))
	if left := testutil.CollectAndCount(recorder); left != 0 {
		t.Errorf("%d metrics are left of remediations that are closed, want none", left)
	}
}

func TestObservingAndScrapingAtOnceLosesNothing(t *testing.T) {
	recorder := metrics.NewRecorder()
	var workers sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d"} {
		workers.Go(func() {
			for range 200 {
				recorder.ObserveProcess(process(name, governancev1alpha1.StageOverdue, finding("ReviewOverdue", "High", "")))
				testutil.CollectAndCount(recorder)
			}
		})
	}
	workers.Wait()
	expect(t, recorder, []string{"gemba_findings"},
		`gemba_findings{kind="Process",namespace="billing",rule="ReviewOverdue",severity="High",waived="false"} 4`)
}

func TestANoticeIsASeriesWhileItLasts(t *testing.T) {
	recorder := metrics.NewRecorder()
	praised := process("refunds", governancev1alpha1.StageCurrent)
	for _, about := range []string{"full", "walk"} {
		praised.Status.Notices = append(praised.Status.Notices, governancev1alpha1.Notice{
			Reason: governancev1alpha1.NoticeReviewedInTime, About: about, Since: metav1.NewTime(time.Unix(1_600_000_000, 0)),
		})
	}
	const name = "gemba_notice_since_timestamp_seconds"
	recorder.ObserveProcess(praised)
	expect(t, recorder, []string{name},
		name+`{about="full",kind="Process",name="refunds",namespace="billing",reason="ReviewedInTime"} 1.6e+09`,
		name+`{about="walk",kind="Process",name="refunds",namespace="billing",reason="ReviewedInTime"} 1.6e+09`,
	)
	recorder.ObserveProcess(process("refunds", governancev1alpha1.StageOverdue))
	if count := testutil.CollectAndCount(recorder, name); count != 0 {
		t.Errorf("%d series of notices that are gone", count)
	}
}
