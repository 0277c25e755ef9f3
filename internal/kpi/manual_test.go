package kpi

import (
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// byHand is a measurement of a period, "2026-01-01", "2026-01-31", taken at some time.
func byHand(value, from, to, taken string) v1alpha1.Measurement {
	return v1alpha1.Measurement{
		Value: v1alpha1.Decimal(value), From: v1alpha1.Date(from), To: v1alpha1.Date(to), TakenAt: metav1.NewTime(utc(taken)),
	}
}

func utc(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

var (
	january  = byHand("91", "2026-01-01", "2026-01-31", "2026-02-03T10:00:00Z")
	february = byHand("80", "2026-02-01", "2026-02-28", "2026-03-03T10:00:00Z")
	march    = byHand("95", "2026-03-01", "2026-03-31", "2026-04-03T10:00:00Z")
)

func TestMeasurementsByHand(t *testing.T) {
	again := byHand("84", "2026-01-01", "2026-01-31", "2026-02-04T10:00:00Z")
	early := byHand("70", "2026-03-01", "2026-03-31", "2026-03-20T10:00:00Z")
	for name, test := range map[string]struct {
		list  []v1alpha1.Measurement
		edits []func(*v1alpha1.KPISpec)
		now   string
		want  v1alpha1.KPIState
		value v1alpha1.Decimal
		at    string
		next  string
	}{
		"a value is true at the end of its period": {
			list: []v1alpha1.Measurement{january}, now: "2026-02-05T00:00:00Z",
			want: v1alpha1.KPIMet, value: "91", at: "2026-01-31T23:59:59Z", next: "2026-05-05T00:00:00Z",
		},
		"or when it was taken, where that is earlier": {
			list: []v1alpha1.Measurement{early}, now: "2026-03-25T00:00:00Z",
			want: v1alpha1.KPIBreached, value: "70", at: "2026-03-20T10:00:00Z", next: "2026-06-21T10:00:01Z",
		},
		"the newest is judged, in whatever order they stand": {
			list: []v1alpha1.Measurement{february, january}, now: "2026-03-05T00:00:00Z",
			want: v1alpha1.KPIBreached, value: "80", at: "2026-02-28T23:59:59Z", next: "2026-06-02T00:00:00Z",
		},
		"one that is taken in the future does not exist yet": {
			list: []v1alpha1.Measurement{march, january, february}, now: "2026-03-03T09:59:59Z",
			want: v1alpha1.KPIMet, value: "91", at: "2026-01-31T23:59:59Z", next: "2026-03-03T10:00:00Z",
		},
		"and does from then on": {
			list: []v1alpha1.Measurement{march, january, february}, now: "2026-03-03T10:00:00Z",
			want: v1alpha1.KPIBreached, value: "80", at: "2026-02-28T23:59:59Z", next: "2026-04-03T10:00:00Z",
		},
		"of a period that is measured twice the last one counts": {
			list: []v1alpha1.Measurement{again, january}, now: "2026-02-05T00:00:00Z",
			want: v1alpha1.KPIBreached, value: "84", at: "2026-01-31T23:59:59Z", next: "2026-05-05T00:00:00Z",
		},
		"but not before it was taken": {
			list: []v1alpha1.Measurement{again, january}, now: "2026-02-04T09:00:00Z",
			want: v1alpha1.KPIMet, value: "91", at: "2026-01-31T23:59:59Z", next: "2026-02-04T10:00:00Z",
		},
		"it grows stale without anybody asking": {
			list: []v1alpha1.Measurement{january}, now: "2026-05-05T00:00:00Z",
			want: v1alpha1.KPIStale, value: "91", at: "2026-01-31T23:59:59Z",
		},
		"breachFor reaches from measurement to measurement": {
			list: []v1alpha1.Measurement{january, february}, edits: []func(*v1alpha1.KPISpec){breachFor("1h")}, now: "2026-03-05T00:00:00Z",
			want: v1alpha1.KPIMet, value: "80", at: "2026-02-28T23:59:59Z", next: "2026-06-02T00:00:00Z",
		},
		"what is corrected is not judged": {
			list:  []v1alpha1.Measurement{january, february},
			edits: []func(*v1alpha1.KPISpec){corrected(utc("2026-02-01T00:00:00Z"), utc("2026-03-01T00:00:00Z"))},
			now:   "2026-03-05T00:00:00Z",
			want:  v1alpha1.KPIMet, value: "91", at: "2026-01-31T23:59:59Z", next: "2026-06-02T00:00:00Z",
		},
	} {
		t.Run(name, func(t *testing.T) {
			spec := atLeast("85", append(test.edits, measuredByHand(test.list...))...)
			verdict := Evaluate(Input{Spec: spec}, utc(test.now))
			wantState(t, verdict, test.want)
			if *verdict.Status.Value != test.value {
				t.Fatalf("the value is %s", *verdict.Status.Value)
			}
			wantTime(t, "valueTime", verdict.Status.ValueTime, utc(test.at))
			if test.next != "" && !verdict.NextChange.Equal(utc(test.next)) || test.next == "" && !verdict.NextChange.IsZero() {
				t.Fatalf("the next change is %s, want %s", verdict.NextChange, test.next)
			}
			slices.Reverse(test.list)
			if turned := Evaluate(Input{Spec: spec}, utc(test.now)); !same(&turned.Status, &verdict.Status) {
				t.Fatalf("in another order it is %+v", turned.Status)
			}
			if again := Evaluate(Input{Spec: spec, Before: &verdict.Status}, utc(test.now)); !same(&again.Status, &verdict.Status) {
				t.Fatalf("judged again it is %+v", again.Status)
			}
		})
	}
}

func TestMeasurementsAreJudgedFromNothingEachTime(t *testing.T) {
	w := watch(atLeast("85", measuredByHand(january, february), recoverFor("1000h")))
	now := utc("2026-03-05T00:00:00Z")
	wantState(t, w.see(now), v1alpha1.KPIBreached)
	repaired := february
	repaired.Value, repaired.TakenAt = "88", metav1.NewTime(utc("2026-03-04T10:00:00Z"))
	w.spec.Source.Manual.Measurements = []v1alpha1.Measurement{january, february, repaired}
	wantState(t, w.see(now), v1alpha1.KPIMet)
	w.spec.Source.Manual.Measurements = nil
	verdict := w.see(now)
	wantState(t, verdict, v1alpha1.KPINeverMeasured)
	if !verdict.NeverMeasuredFor || verdict.Status.Value != nil || verdict.Latest != nil {
		t.Fatalf("there is nothing left, and the verdict is %+v", verdict)
	}
}

func TestAMeasurementThatEndsStalenessBeginsTheState(t *testing.T) {
	late := byHand("95", "2026-05-01", "2026-05-31", "2026-06-02T10:00:00Z")
	w := watch(atLeast("85", measuredByHand(january, late)))
	wantState(t, w.see(utc("2026-06-01T00:00:00Z")), v1alpha1.KPIStale)
	verdict := w.see(utc("2026-06-03T00:00:00Z"))
	wantState(t, verdict, v1alpha1.KPIMet)
	wantTime(t, "stateSince", verdict.Status.StateSince, utc("2026-05-31T23:59:59Z"))
}

func TestWhatCannotBeReadIsNoMeasurement(t *testing.T) {
	noDay, noNumber := january, january
	noDay.To, noNumber.Value = "2026-02-30", "1e3"
	verdict := Evaluate(Input{Spec: atLeast("85", measuredByHand(noDay, noNumber))}, utc("2026-03-05T00:00:00Z"))
	wantState(t, verdict, v1alpha1.KPINeverMeasured)
}

func TestAnAttemptOfAnotherSourceIsForgottenByHand(t *testing.T) {
	w := watch(atLeast("85"))
	w.see(minutes(0), failed(minutes(0), v1alpha1.SampleRefused))
	w.spec = atLeast("85", measuredByHand(january))
	if verdict := w.see(minutes(1)); verdict.Status.Attempt != nil {
		t.Fatalf("the attempt is %+v", verdict.Status.Attempt)
	}
}

func TestOfTwoPeriodsThatEndTogetherTheShorterOneIsJudged(t *testing.T) {
	quarter := byHand("50", "2026-01-01", "2026-03-31", "2026-04-03T10:00:00Z")
	for _, list := range [][]v1alpha1.Measurement{{quarter, march}, {march, quarter}} {
		verdict := Evaluate(Input{Spec: atLeast("85", measuredByHand(list...))}, utc("2026-04-05T00:00:00Z"))
		wantState(t, verdict, v1alpha1.KPIMet)
	}
}
