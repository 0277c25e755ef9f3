package kpi

import (
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

func TestCorrectedValuesDoNotCount(t *testing.T) {
	for name, test := range map[string]struct {
		spec  *v1alpha1.KPISpec
		story string
	}{
		"from is within and to is not": {
			atLeast("85", corrected(minutes(2), minutes(4))), "0:90=Met 2:10=Met 3:10=Met 4:10=Breached",
		},
		"runs go on over a correction": {
			atLeast("85", breachFor("5m"), corrected(minutes(2), minutes(4))), "0:90=Met 1:10=Met 2:95=Met 3:95=Met 6:10=Breached",
		},
		"a breach does not recover in a correction": {
			atLeast("85", corrected(minutes(2), minutes(4))), "1:10=Breached 2:95=Breached 3:95=Breached 4:95=Met",
		},
		"corrections that overlap are one": {
			atLeast("85", corrected(minutes(3), minutes(5)), corrected(minutes(2), minutes(4)), corrected(minutes(5), minutes(6))),
			"0:90=Met 2:10=Met 4:10=Met 5:10=Met 6:10=Breached",
		},
		"one within another ends nothing": {
			atLeast("85", corrected(minutes(2), minutes(9)), corrected(minutes(3), minutes(5))), "0:90=Met 7:10=Met 9:10=Breached",
		},
		"one that ends before it begins is none": {
			atLeast("85", corrected(minutes(4), minutes(2))), "0:90=Met 3:10=Breached",
		},
	} {
		t.Run(name, func(t *testing.T) { watch(test.spec).tell(t, test.story) })
	}
}

func TestACorrectedValueIsNotShownButMovesTheMetric(t *testing.T) {
	verdict := watch(atLeast("85", corrected(minutes(2), minutes(4)))).tell(t, "0:90 2:10")
	if *verdict.Status.Value != "90" || !verdict.Status.ValueTime.Time.Equal(minutes(0)) {
		t.Fatalf("the value is %s of %s", *verdict.Status.Value, verdict.Status.ValueTime)
	}
	if verdict.Latest.Value != 10 || !verdict.Latest.At.Equal(minutes(2)) {
		t.Fatalf("the latest is %v", verdict.Latest)
	}
}

func TestTheTimeOfACorrectionMakesNoValueOlder(t *testing.T) {
	for name, test := range map[string]struct {
		edits []func(*v1alpha1.KPISpec)
		stale time.Time
	}{
		"without one":                     {nil, minutes(10)},
		"one after the value":             {[]func(*v1alpha1.KPISpec){corrected(minutes(5), minutes(65))}, minutes(70)},
		"one around the value":            {[]func(*v1alpha1.KPISpec){corrected(minutes(-5), minutes(65))}, minutes(75)},
		"one that begins at the deadline": {[]func(*v1alpha1.KPISpec){corrected(minutes(10), minutes(65))}, minutes(65)},
		"one that begins later":           {[]func(*v1alpha1.KPISpec){corrected(minutes(11), minutes(65))}, minutes(10)},
		"one that is over":                {[]func(*v1alpha1.KPISpec){corrected(minutes(-65), minutes(0))}, minutes(10)},
		"one that puts off into another": {
			[]func(*v1alpha1.KPISpec){corrected(minutes(5), minutes(15)), corrected(minutes(20), minutes(30))}, minutes(30),
		},
	} {
		t.Run(name, func(t *testing.T) {
			bare := watch(atLeast("85", staleAfter("10m")))
			bare.tell(t, "0:90=Met")
			spec := atLeast("85", append(test.edits, staleAfter("10m"))...)
			verdict := Evaluate(Input{Spec: spec, Before: &bare.memory, TriedSince: minutes(-60)}, test.stale)
			wantState(t, verdict, v1alpha1.KPIMet)
			if want := test.stale.Add(time.Second); !verdict.NextChange.Equal(want) {
				t.Fatalf("the next change is %s, want %s", verdict.NextChange, want)
			}
			verdict = Evaluate(Input{Spec: spec, Before: &bare.memory, TriedSince: minutes(-60)}, test.stale.Add(time.Second))
			wantState(t, verdict, v1alpha1.KPIStale)
		})
	}
}
