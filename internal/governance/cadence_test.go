package governance_test

import (
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/governance"
)

func TestJudgeCadence(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		cadence *builders.CadenceBuilder
		when    string
		ready   string
		next    string
	}{
		"a rolling cadence falls due when its subjects say": {cadence: builders.MakeCadence("annual"), ready: "True/Reconciled"},
		"fixed occurrences fall due by themselves": {
			cadence: builders.MakeCadence("quarterly").Every("P3M").Calendar("2024-03-31"),
			ready:   "True/Reconciled", next: "2024-09-30T23:59:59Z",
		},
		"at its due time the next one is the one after it": {
			cadence: builders.MakeCadence("quarterly").Every("P3M").Calendar("2024-03-31"), when: "2024-09-30T23:59:59Z",
			ready: "True/Reconciled", next: "2024-12-31T23:59:59Z",
		},
		"a time of day may leave out the seconds": {
			cadence: builders.MakeCadence("weekly").RRule("FREQ=WEEKLY;BYDAY=MO").DueTime("17:00").TimeZone("Europe/Berlin"),
			ready:   "True/Reconciled", next: "2024-07-01T15:00:00Z",
		},
		"a holiday rolls": {
			cadence: builders.MakeCadence("monthly").RRule("FREQ=MONTHLY;BYMONTHDAY=1").
				BusinessDays(v1alpha1.RollFollowing, "2024-07-01", "2024-07-02"),
			ready: "True/Reconciled", next: "2024-07-03T23:59:59Z",
		},
		"a zone that nobody knows stalls": {
			cadence: builders.MakeCadence("lost").TimeZone("Atlantis/Poseidonis"), ready: "False/InvalidSpec",
		},
		"a rule by the second stalls": {cadence: builders.MakeCadence("mad").RRule("FREQ=SECONDLY"), ready: "False/InvalidSpec"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if test.when == "" {
				test.when = "2024-07-01"
			}
			declared := test.cadence.Obj()
			verdict := governance.JudgeCadence(declared, at(test.when))
			wantCondition(t, verdict.Status.Conditions, v1alpha1.ConditionReady, test.ready)
			if test.next == "" {
				if verdict.Status.Next != nil || !verdict.NextChange.IsZero() {
					t.Errorf("next %s, judged again at %s", verdict.Status.Next, verdict.NextChange)
				}
				return
			}
			if !verdict.Status.Next.Time.Equal(at(test.next)) || !verdict.NextChange.Equal(at(test.next)) {
				t.Errorf("next %s, judged again at %s", verdict.Status.Next, verdict.NextChange)
			}
		})
	}
}

func TestABrokenCadenceForgetsItsNextOccurrence(t *testing.T) {
	t.Parallel()
	declared := builders.MakeCadence("quarterly").Every("P3M").Calendar("2024-03-31").Obj()
	declared.Status = governance.JudgeCadence(declared, at("2024-07-01")).Status
	declared.Spec.TimeZone = "Atlantis/Poseidonis"
	got := governance.JudgeCadence(declared, at("2024-07-02")).Status
	if got.Next != nil {
		t.Errorf("next %s", got.Next)
	}
	wantCondition(t, got.Conditions, v1alpha1.ConditionStalled, "True/InvalidSpec")
}
