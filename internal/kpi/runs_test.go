package kpi

import (
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

func TestValuesLeadToStates(t *testing.T) {
	margin := func(s *v1alpha1.KPISpec) {
		s.Objective = v1alpha1.Objective{Within: &v1alpha1.Within{Min: "5", Max: "9", Margin: ptr(v1alpha1.Decimal("1"))}}
	}
	atMost := func(s *v1alpha1.KPISpec) {
		s.Objective = v1alpha1.Objective{AtMost: &v1alpha1.AtMost{Target: "240", Warning: ptr(v1alpha1.Decimal("200"))}}
	}
	for name, test := range map[string]struct {
		spec  *v1alpha1.KPISpec
		story string
	}{
		"a value on the target of atLeast meets it": {
			atLeast("85"), "0:85=Met 1:84.999999=Breached 2:85=Met",
		},
		"a value between target and warning is at risk, and one on the warning is not": {
			atLeast("85", warning("90")), "0:90=Met 1:89.999999=AtRisk 2:85=AtRisk 3:84.999999=Breached",
		},
		"atMost is met up to its target, and at risk above its warning": {
			atLeast("0", atMost), "0:200=Met 1:200.000001=AtRisk 2:240=AtRisk 3:240.000001=Breached",
		},
		"within is met between its bounds, and at risk within the margin": {
			atLeast("0", margin), "0:6=Met 1:8=Met 2:5.999999=AtRisk 3:8.000001=AtRisk 4:5=AtRisk 5:9=AtRisk 6:4.999999=Breached 7:7=Met 8:9.000001=Breached",
		},
		"a value that rounds to the target meets it": {
			atLeast("85"), "0:84.9999996=Met 1:84.9999994=Breached",
		},
		"misses for breachFor are a breach, shorter ones are not": {
			atLeast("85", breachFor("5m")), "0:90=Met 1:80=Met 5:80=Met 6:80=Breached",
		},
		"a value that meets in between begins breachFor anew": {
			atLeast("85", breachFor("5m")), "0:90=Met 1:80=Met 5:86=Met 6:80=Met 10:80=Met 11:80=Breached",
		},
		"a Fatal KPI is breached by its first miss": {
			atLeast("85", breachFor("5m"), fatal), "0:90=Met 1:80=Breached",
		},
		"a breach lasts until no value has missed for recoverFor": {
			atLeast("85", recoverFor("10m")), "0:80=Breached 1:90=Breached 10:90=Breached 11:90=Met",
		},
		"a miss in between begins recoverFor anew": {
			atLeast("85", recoverFor("10m")), "0:80=Breached 1:90=Breached 9:80=Breached 11:90=Breached 20:90=Breached 21:90=Met",
		},
		"a miss that is shorter than breachFor also begins recoverFor anew": {
			atLeast("85", breachFor("5m"), recoverFor("10m")),
			"0:90 1:80 6:80=Breached 7:90=Breached 12:80=Breached 13:90=Breached 17:90=Breached 22:90=Breached 23:90=Met",
		},
		"out of a breach into the warning band is at risk, whatever breachFor says": {
			atLeast("85", warning("90"), breachFor("1h")), "0:80=Inconclusive 60:80=Breached 61:86=AtRisk 62:95=Met",
		},
		"out of a breach it stays at risk until every value has been met for recoverFor": {
			atLeast("85", warning("90"), recoverFor("10m")),
			"0:80=Breached 1:86=Breached 8:95=Breached 11:95=AtRisk 17:95=AtRisk 18:95=Met",
		},
		"the warning band for breachFor is at risk, shorter it is not": {
			atLeast("85", warning("90"), breachFor("5m")), "0:95=Met 1:88=Met 5:88=Met 6:88=AtRisk",
		},
		"misses count for being at risk as well": {
			atLeast("85", warning("90"), breachFor("5m")), "0:95=Met 1:88=Met 5:80=Met 6:80=AtRisk 10:80=Breached",
		},
		"at risk lasts until every value has been met for recoverFor": {
			atLeast("85", warning("90"), recoverFor("10m")), "0:88=AtRisk 1:95=AtRisk 10:95=AtRisk 11:95=Met",
		},
		"first values that miss for less than breachFor say nothing": {
			atLeast("85", breachFor("5m")), "0:80=Inconclusive 4:80=Inconclusive 5:80=Breached",
		},
		"first values in the warning band for less than breachFor are met": {
			atLeast("85", warning("90"), breachFor("5m")), "0:88=Met 5:88=AtRisk",
		},
		"a value that meets ends what is inconclusive": {
			atLeast("85", breachFor("5m"), recoverFor("10m")), "0:80=Inconclusive 1:90=Met",
		},
		"a value in the warning band ends what is inconclusive as well": {
			atLeast("85", warning("90"), breachFor("5m")), "0:80=Inconclusive 1:88=Met 5:88=AtRisk",
		},
		"a value that is not newer than the last one changes nothing": {
			atLeast("85"), "5:90=Met 3:10=Met 5:10=Met 6:10=Breached",
		},
		"an objective that says nothing judges nothing": {
			atLeast("0", func(s *v1alpha1.KPISpec) { s.Objective = v1alpha1.Objective{} }), "0:90=Inconclusive 1:10=Inconclusive",
		},
	} {
		t.Run(name, func(t *testing.T) { watch(test.spec).tell(t, test.story) })
	}
}

func TestOfTwoValuesOfOneTimeTheOneThatWasHadFirstIsJudged(t *testing.T) {
	first := Sample{AskedAt: minutes(5), At: minutes(4), Value: 90, Result: v1alpha1.SampleAnswered}
	second := Sample{AskedAt: minutes(6), At: minutes(4), Value: 10, Result: v1alpha1.SampleAnswered}
	for _, samples := range [][]Sample{{first, second}, {second, first}} {
		wantState(t, Evaluate(Input{Spec: atLeast("85"), Samples: samples}, minutes(6)), v1alpha1.KPIMet)
	}
}

func TestRunsSaySinceWhenValuesAreAsTheyAre(t *testing.T) {
	for name, test := range map[string]struct{ story, want string }{
		"met":                         {"0:95 1:96", "met 08:00:00, within 08:00:00"},
		"met, then at risk":           {"0:95 1:88 2:87", "within 08:00:00, risk 08:01:00"},
		"met, at risk, then missed":   {"0:95 1:88 2:80 3:70", "risk 08:01:00, missed 08:02:00"},
		"missed, at risk":             {"0:80 1:88", "within 08:01:00, risk 08:00:00"},
		"missed, at risk, then met":   {"0:80 1:88 2:95", "met 08:02:00, within 08:01:00"},
		"an older value moves none":   {"5:95 3:10", "met 08:05:00, within 08:05:00"},
		"the same again moves none":   {"5:95 5:95", "met 08:05:00, within 08:05:00"},
		"missed, met, missed at once": {"0:80 1:95 2:80", "risk 08:02:00, missed 08:02:00"},
	} {
		t.Run(name, func(t *testing.T) {
			verdict := watch(atLeast("85", warning("90"))).tell(t, test.story)
			if got := show(verdict.Status.Runs); got != test.want {
				t.Fatalf("the runs are %s, want %s", got, test.want)
			}
		})
	}
}

func TestTheClockAloneConfirmsNothing(t *testing.T) {
	spec := atLeast("85", breachFor("5m"), recoverFor("5m"), staleAfter("24h"))
	w := watch(spec)
	w.tell(t, "0:90=Met 1:80=Met")
	wantState(t, w.see(minutes(60)), v1alpha1.KPIMet)
	w.tell(t, "61:80=Breached 62:90=Breached")
	wantState(t, w.see(minutes(120)), v1alpha1.KPIBreached)
	w.tell(t, "121:90=Met")
}

func TestTheStateBeganWithTheValueThatLedToIt(t *testing.T) {
	w := watch(atLeast("85", breachFor("5m")))
	verdict := w.tell(t, "0:90 1:80 6:80 7:80")
	wantTime(t, "stateSince", verdict.Status.StateSince, minutes(6))

	all := Evaluate(Input{Spec: w.spec, Samples: []Sample{
		answered(minutes(7), 80), answered(minutes(0), 90), answered(minutes(6), 80), answered(minutes(1), 80),
	}}, minutes(9))
	wantTime(t, "stateSince of all values at once", all.Status.StateSince, minutes(6))

	back := Evaluate(Input{Spec: w.spec, Before: &all.Status, Samples: []Sample{
		answered(minutes(10), 90), answered(minutes(11), 80), answered(minutes(16), 80),
	}}, minutes(16))
	wantState(t, back, v1alpha1.KPIBreached)
	wantTime(t, "stateSince of there and back", back.Status.StateSince, minutes(16))
}

func TestAValueIsShownAsItIsJudged(t *testing.T) {
	verdict := watch(atLeast("85")).tell(t, "3:84.99999951")
	if got := verdict.Status.Value; got == nil || *got != "85" {
		t.Fatalf("the value is %v", got)
	}
	wantTime(t, "valueTime", verdict.Status.ValueTime, minutes(3))
	if verdict.Status.Objective != ">= 85" {
		t.Fatalf("the objective is %q", verdict.Status.Objective)
	}
	if verdict.Latest == nil || verdict.Latest.Value != 84.99999951 || !verdict.Latest.At.Equal(minutes(3)) {
		t.Fatalf("the latest value is %v, want it unrounded", verdict.Latest)
	}
}

func TestTheNewestValueIsKnownWithoutASample(t *testing.T) {
	w := watch(atLeast("85"))
	if verdict := w.see(minutes(0)); verdict.Latest != nil {
		t.Fatalf("there was never a value, and the latest is %v", verdict.Latest)
	}
	w.tell(t, "3:90.5")
	for name, verdict := range map[string]Verdict{
		"nothing came":        w.see(minutes(4)),
		"a failure came":      w.see(minutes(5), failed(minutes(5), v1alpha1.SampleNoAnswer)),
		"an older value came": w.see(minutes(6), answered(minutes(1), 7)),
	} {
		if verdict.Latest == nil || verdict.Latest.Value != 90.5 || !verdict.Latest.At.Equal(minutes(3)) {
			t.Errorf("%s: the latest value is %v", name, verdict.Latest)
		}
	}
}

func TestThereMayBeNothingToJudge(t *testing.T) {
	before := &v1alpha1.KPIStatus{State: v1alpha1.KPIMet}
	if verdict := Evaluate(Input{Before: before}, start); !same(&verdict.Status, before) {
		t.Fatalf("without a spec it became %+v", verdict.Status)
	}
	wantState(t, Evaluate(Input{Spec: &v1alpha1.KPISpec{}}, start), v1alpha1.KPINeverMeasured)
}
