package governance

import (
	"reflect"
	"testing"
	"time"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

// What the status keeps of a requirement is all that the next evaluation needs: a field that cadence adds and that is
// not stored is found here.
func TestAStateSurvivesBeingStored(t *testing.T) {
	t.Parallel()
	state := cadence.State{
		Stage: cadence.StageOverdue, OverdueSince: instantAt(1), InTimeSince: instantAt(3), InTimeAfter: instantAt(4),
		AgeBasis: cadence.Reviewed, LimitDeadline: instantAt(2),
		ScheduleDigest: "digest", Totals: cadence.Totals{Satisfied: 1, Late: 2, Failed: 3, Gap: 4, Waived: 5},
		Current: filled[cadence.Entry](t), Extra: filled[cadence.Entry](t), CutOver: filled[cadence.CutOver](t),
		Ledger: []cadence.Entry{*filled[cadence.Entry](t), {ID: "2024-01-31", State: cadence.Open}},
	}
	stored := requirementStatus(requirement{}, state, nil)
	if got := stateOf(&stored); !reflect.DeepEqual(*got, state) {
		t.Errorf("stored was\n%+v\nread back is\n%+v", state, *got)
	}
}

func TestAStatusThatSaysNothingIsNoState(t *testing.T) {
	t.Parallel()
	if stateOf(nil) != nil || stateOf(&governancev1alpha1.RequirementStatus{Name: "full"}) != nil {
		t.Error("a state was made of nothing")
	}
}

// filled gives a value each field of which is set, to a value of its own.
func filled[T any](t *testing.T) *T {
	t.Helper()
	value := new(T)
	fill(t, reflect.ValueOf(value).Elem(), 1)
	return value
}

func fill(t *testing.T, value reflect.Value, number int) {
	t.Helper()
	switch value.Interface().(type) {
	case time.Time:
		value.Set(reflect.ValueOf(instantAt(number)))
		return
	case cadence.Date:
		value.Set(reflect.ValueOf(cadence.Date{Year: 2024, Month: time.May, Day: number}))
		return
	}
	switch value.Kind() {
	case reflect.String:
		value.SetString(string(rune('a' + number)))
	case reflect.Bool:
		value.SetBool(true)
	case reflect.Int:
		value.SetInt(int64(number))
	case reflect.Struct:
		for i := range value.NumField() {
			fill(t, value.Field(i), number+i)
		}
	default:
		t.Fatalf("a field of kind %s: fill it here", value.Kind())
	}
}

func instantAt(second int) time.Time { return time.Unix(1_700_000_000+int64(second), 0).UTC() }
