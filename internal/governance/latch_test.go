package governance_test

import (
	"reflect"
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/governance"
)

func TestCountingLatches(t *testing.T) {
	t.Parallel()
	for sentence, change := range map[string]func(w *world){
		"an edit of the text takes nothing back":       func(w *world) { w.process.Spec.Steps[0].Why = "habit" },
		"a step that is added takes nothing back":      func(w *world) { w.process.Spec.Steps = append(w.process.Spec.Steps, v1alpha1.Step{Name: "stamp"}) },
		"a reviewer who leaves the list stays counted": func(w *world) { w.process.Spec.Reviews[0].Reviewers = []v1alpha1.Identity{"walt"} },
		"a reviewer who becomes owner stays counted":   func(w *world) { w.process.Spec.Owner.User = "vera" },
		"a requirement that goes takes nothing back":   func(w *world) { w.process.Spec.Reviews = nil },
		"more approvals asked for take nothing back":   func(w *world) { w.process.Spec.Reviews[0].MinApprovals = 3 },
		"a policy that asks for more takes nothing back": func(w *world) {
			w.under(builders.MakePolicy("strict").MinAssurance(v1alpha1.AssuranceAuthenticated))
		},
		"a process that is created anew finds it counted": func(w *world) { w.process.Status = v1alpha1.ProcessStatus{} },
		"a process that is deleted takes nothing back":    func(w *world) { w.process = nil },
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := newWorld(reviewable()).observed("2024-01-01")
			before := w.record(whole("first"), "2024-07-10").Status
			change(w)
			after := w.judgeReview("first", at("2024-08-10")).Status
			wantCondition(t, after.Conditions, v1alpha1.ConditionCounted, "True/Counted")
			if !reflect.DeepEqual(before.Counted, after.Counted) || before.Assurance != after.Assurance {
				t.Errorf("record was %+v, is %+v", before.Counted, after.Counted)
			}
		})
	}
}

func TestWhatIsRecordedWhenAReviewCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(reviewable()).observed("2024-01-01").under(builders.MakePolicy("house"))
	got := w.record(whole("first"), "2024-07-10").Status.Counted
	spec := reviewable().Obj().Spec
	want := &v1alpha1.CountedRecord{
		Requirement: "full", Type: v1alpha1.ReviewFull, Period: "from-2024-01-01", Policy: "house",
		Digest: governance.ProcessDigest(&spec),
		Steps: []v1alpha1.StepDigest{
			{Step: "receive", Digest: governance.StepDigest(&spec.Steps[0])},
			{Step: "check", Digest: governance.StepDigest(&spec.Steps[1])},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("record is %+v, want %+v", got, want)
	}
}

func TestOnlyAWithdrawalTakesACountedReviewBack(t *testing.T) {
	t.Parallel()
	w := newWorld(reviewable()).observed("2024-01-01")
	w.record(whole("first"), "2024-07-10")
	status := w.judge("2024-07-10").Status
	if requirementOf(&status, "full").LastReview != "first" {
		t.Fatal("the review does not count for the process")
	}
	w.withdraw("first", "2024-07-11")
	status = w.judge("2024-07-11").Status
	if last := requirementOf(&status, "full").LastReview; last != "" {
		t.Errorf("before the review is judged again the process still shows %s", last)
	}
	got := w.judgeReview("first", at("2024-07-11")).Status
	wantCondition(t, got.Conditions, v1alpha1.ConditionCounted, "False/Withdrawn")
}

func TestAssurance(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		review  *builders.ReviewBuilder
		rebuilt bool
		want    v1alpha1.Assurance
	}{
		"what the reviewer recorded is authenticated":         {whole("first").RecordedBy("vera"), false, v1alpha1.AssuranceAuthenticated},
		"what another recorded is asserted":                   {whole("first").RecordedBy("flux"), false, v1alpha1.AssuranceAsserted},
		"where nobody says who recorded it, it is asserted":   {whole("first"), false, v1alpha1.AssuranceAsserted},
		"what is older than the cluster's memory is asserted": {whole("first").RecordedBy("vera"), true, v1alpha1.AssuranceAsserted},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := newWorld(reviewable()).observed("2024-01-01")
			if test.rebuilt {
				w.observed("2024-07-10")
			}
			if got := w.record(test.review, "2024-07-10").Status.Assurance; got != test.want {
				t.Errorf("assurance %s", got)
			}
		})
	}
}

func TestAReviewRecordedWhileItsCadenceIsMissingCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(builders.MakeProcess("refunds").InEffectSince("2024-01-01").Cadence("annual")).observed("2024-01-01")
	got := w.record(builders.MakeReview("first"), "2024-07-10").Status
	wantCondition(t, got.Conditions, v1alpha1.ConditionCounted, "True/Counted")
	if message := got.Conditions[1].Message; message != "The review counts for full; its period shows once the cadence can be computed." {
		t.Errorf("message %q", message)
	}
	status := w.judge("2024-07-11").Status
	if limit := requirementOf(&status, "full").LimitDeadline; !limit.Time.Equal(at("2025-06-30T23:59:59Z")) {
		t.Errorf("limit %s", limit)
	}
}

func TestAReviewHeldBeforeItsPeriodOpensIsOutOfPeriod(t *testing.T) {
	t.Parallel()
	w := newWorld(builders.MakeProcess("refunds").InEffectSince("2024-01-01").Cadence("yearly")).observed("2024-01-01").
		withCadence(builders.MakeCadence("yearly").Calendar("2024-12-31").OpenBefore("P1M"))
	got := w.record(builders.MakeReview("first"), "2024-07-10").Status
	wantCondition(t, got.Conditions, v1alpha1.ConditionCounted, "True/OutOfPeriod")
	if got.Counted.Period != "" {
		t.Errorf("period %s", got.Counted.Period)
	}
	status := w.judge("2024-07-11").Status
	if full := requirementOf(&status, "full"); !full.LimitDeadline.Time.Equal(at("2025-06-30T23:59:59Z")) || len(full.Ledger) > 0 {
		t.Errorf("limit %s, ledger %v", full.LimitDeadline, full.Ledger)
	}
}
