package governance_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/governance"
)

// heldKPI must be 90 at least, and was measured: days and values in turn.
func heldKPI(values ...string) *builders.KPIBuilder {
	declared := builders.MakeKPI("first-time-right").InEffectSince("2023-11-01").Every("744h").StaleAfter("2232h").AtLeast("90", "92")
	for i := 0; i < len(values); i += 2 {
		declared.Measured(values[i], values[i+1])
	}
	return declared
}

func TestTargetHeld(t *testing.T) {
	t.Parallel()
	quarter := []string{"2023-11-30", "95", "2023-12-31", "95", "2024-01-31", "95", "2024-02-29", "95"}
	with := func(more ...string) *builders.KPIBuilder {
		return heldKPI(append(append([]string{}, quarter...), more...)...)
	}
	counterweight := builders.MakeKPI("satisfaction").State(v1alpha1.KPIBreached).Obj()
	for sentence, test := range map[string]struct {
		kpi    *builders.KPIBuilder
		others []*v1alpha1.KPI
		policy *builders.PolicyBuilder
		at     string
		want   string // since and reached; empty: nothing is told
	}{
		"a second before the value of the quarter nothing is told": {kpi: with(), at: "2024-02-29T23:59:58Z"},
		"the value at the end of the quarter is the milestone, on the last day of February": {kpi: with(), at: "2024-02-29T23:59:59Z",
			want: "2023-11-30T23:59:59Z 2024-02-29T23:59:59Z"},
		"the clock alone reaches none": {kpi: heldKPI(quarter[:6]...), at: "2024-03-15"},
		"the first value after it does": {kpi: heldKPI(append(append([]string{}, quarter[:6]...), "2024-03-10", "95")...), at: "2024-03-15",
			want: "2023-11-30T23:59:59Z 2024-02-29T23:59:59Z"},
		"the next quarter ends on the thirtieth again": {kpi: with("2024-04-30", "95", "2024-05-30", "95"), at: "2024-05-31",
			want: "2023-11-30T23:59:59Z 2024-05-30T23:59:59Z"},
		"a value at risk holds the target": {kpi: with("2024-03-15", "91"), at: "2024-03-16",
			want: "2023-11-30T23:59:59Z 2024-02-29T23:59:59Z"},
		"a value that misses breaks the row": {kpi: with("2024-03-15", "89"), at: "2024-03-16"},
		"also where breachFor lets it pass":  {kpi: with("2024-03-15", "89").HoldsFor("8760h", "0s"), at: "2024-03-16"},
		"and a new one begins with the next that holds": {kpi: with("2024-03-15", "89", "2024-03-31", "95", "2024-06-30", "95"), at: "2024-07-01",
			want: "2024-03-31T23:59:59Z 2024-06-30T23:59:59Z"},
		"what has not recovered yet holds nothing": {
			kpi: with("2024-03-15", "89", "2024-03-31", "95", "2024-06-30", "95").HoldsFor("0s", "8760h"), at: "2024-07-01"},
		"a value that grows stale takes nothing back": {kpi: with(), at: "2024-06-15",
			want: "2023-11-30T23:59:59Z 2024-02-29T23:59:59Z"},
		"what is met at another's expense is not praised": {kpi: with().BalancedBy("satisfaction"), others: []*v1alpha1.KPI{counterweight},
			at: "2024-03-01"},
		"the policy says after how long": {kpi: with(), at: "2024-03-01",
			policy: builders.MakePolicy("monthly").Notices(v1alpha1.NoticeSettings{TargetHeldEvery: "P1M"}),
			want:   "2023-11-30T23:59:59Z 2024-02-29T23:59:59Z"},
		"and whether at all": {kpi: with(), at: "2024-03-01",
			policy: builders.MakePolicy("dry").Notices(v1alpha1.NoticeSettings{Enabled: new(bool)})},
		"without a value there is none": {kpi: heldKPI(), at: "2024-03-01"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			in := kpiInput(test.kpi.Obj(), test.others...)
			if test.policy != nil {
				in.Policy = governance.EffectivePolicy(test.policy.Obj())
			}
			verdict := governance.JudgeKPI(in, at(test.at))
			want := test.want
			if want != "" {
				want = "TargetHeld  " + want
			}
			if got := noticed(verdict.Status.Notices); got != want {
				t.Errorf("told %q, want %q", got, want)
			}
		})
	}
}

func TestAScoreThatPredictsNothingIsNotPraised(t *testing.T) {
	t.Parallel()
	for correlation, want := range map[v1alpha1.Decimal]string{
		"0.08": "", "0.8": "TargetHeld  2023-11-30T23:59:59Z 2024-02-29T23:59:59Z",
	} {
		declared := heldKPI("2023-11-30", "95", "2024-02-29", "95").Obj()
		declared.Spec.ProxyFor = &v1alpha1.ProxyFor{
			KPIRef: v1alpha1.LocalReference{Name: "satisfaction"}, MinCorrelation: decimal("0.3"), MinSamples: 12,
		}
		declared.Status.Correlation = &v1alpha1.KPICorrelation{With: "satisfaction", Value: correlation, Samples: 26}
		in := kpiInput(declared, builders.MakeKPI("satisfaction").State(v1alpha1.KPIMet).Obj())
		if got := noticed(governance.JudgeKPI(in, at("2024-03-01")).Status.Notices); got != want {
			t.Errorf("with a correlation of %s it says %q, want %q", correlation, got, want)
		}
	}
}

// A target that is held so easily that it asks for nothing is praised and questioned in one sentence, not in two that quarrel.
func TestPraiseAndTargetOutgrownAgree(t *testing.T) {
	t.Parallel()
	in := kpiInput(heldKPI("2023-11-30", "95", "2024-11-30", "95").StaleAfter("17520h").Obj())
	const praise = "No value missed the objective >= 90 from 2023-11-30T23:59:59Z to 2024-11-30T23:59:59Z."
	outgrown := governance.JudgeKPI(in, at("2024-12-01")).Status
	if got, want := outgrown.Notices[0].Message, praise+" It was met so easily that a better one can be aimed at: see TargetOutgrown."; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	in.Waivers = []v1alpha1.Waiver{*builders.MakeWaiver("enough").OfKPI("first-time-right").Accepts(v1alpha1.RuleTargetOutgrown).
		ApprovedOn("2024-11-01").Until("2025-03-01").Obj()}
	if got := governance.JudgeKPI(in, at("2024-12-01")).Status.Notices[0].Message; got != praise {
		t.Errorf("where that is accepted it says %q, want %q", got, praise)
	}
}

func TestKPIsOfARetiredProcessAreNotPraised(t *testing.T) {
	t.Parallel()
	in := kpiInput(heldKPI("2023-11-30", "95", "2024-02-29", "95").Obj())
	in.KPI.Status = governance.JudgeKPI(in, at("2024-03-01")).Status
	told := until(in.KPI.Status.Noticed, v1alpha1.NoticeTargetHeld, "")
	if len(in.KPI.Status.Notices) != 1 || told == "" {
		t.Fatalf("there is %q, noticed until %q", noticed(in.KPI.Status.Notices), told)
	}
	in.Lifecycle = v1alpha1.LifecycleRetired
	status := governance.JudgeKPI(in, at("2024-03-02")).Status
	if got := until(status.Noticed, v1alpha1.NoticeTargetHeld, ""); len(status.Notices) != 0 || got != told {
		t.Errorf("there is %q, noticed until %q", noticed(status.Notices), got)
	}
}

// What was measured by hand before an objective was set is judged by it, and was never held by it.
func TestARowBeginsNoEarlierThanItsObjective(t *testing.T) {
	t.Parallel()
	year := []string{"2023-11-30", "95", "2024-02-29", "95", "2024-05-31", "95"}
	for sentence, test := range map[string]struct {
		change func(*v1alpha1.KPI)
		after  []string // measured after the change, and judged on the day after that
		want   string
	}{
		"another objective begins the row anew":      {toAtLeast("94"), nil, ""},
		"and not with values from before":            {toAtLeast("94"), []string{"2024-08-31", "95"}, ""},
		"but with itself":                            {toAtLeast("94"), []string{"2024-09-02", "95"}, "TargetHeld  2024-06-01T00:00:00Z 2024-09-01T00:00:00Z"},
		"a value that misses begins it later":        {toAtLeast("94"), []string{"2024-06-30", "93", "2024-07-31", "95", "2024-09-02", "95"}, ""},
		"one that is corrected changes no objective": {func(k *v1alpha1.KPI) { k.Spec.Source.Manual.Measurements[1].Value = "96" }, nil, "TargetHeld  2023-11-30T23:59:59Z 2024-05-30T23:59:59Z"},
		"nor do words":                               {func(k *v1alpha1.KPI) { k.Spec.Why = "so" }, nil, "TargetHeld  2023-11-30T23:59:59Z 2024-05-30T23:59:59Z"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			in := kpiInput(heldKPI(year...).Obj())
			in.KPI.Status = governance.JudgeKPI(in, at("2024-05-31T23:59:59Z")).Status
			if got := noticed(in.KPI.Status.Notices); got != "TargetHeld  2023-11-30T23:59:59Z 2024-05-30T23:59:59Z" {
				t.Fatalf("before there is %q", got)
			}
			test.change(in.KPI)
			now := "2024-06-01"
			in.KPI.Status = governance.JudgeKPI(in, at(now)).Status
			if len(test.after) > 0 {
				measured := heldKPI(test.after...).Obj().Spec.Source.Manual.Measurements
				in.KPI.Spec.Source.Manual.Measurements = append(in.KPI.Spec.Source.Manual.Measurements, measured...)
				now = "2024-09-03"
				in.KPI.Status = governance.JudgeKPI(in, at(now)).Status
			}
			if got := noticed(in.KPI.Status.Notices); got != test.want {
				t.Errorf("told %q, want %q", got, test.want)
			}
		})
	}
}

func toAtLeast(target v1alpha1.Decimal) func(*v1alpha1.KPI) {
	return func(k *v1alpha1.KPI) { k.Spec.Objective.AtLeast = &v1alpha1.AtLeast{Target: target} }
}

// A milestone of one notice says nothing of another, which may be reached later and lie earlier.
func TestEachNoticeIsNoticedByItself(t *testing.T) {
	t.Parallel()
	in := kpiInput(heldKPI("2023-11-30", "95").Obj())
	marked := v1alpha1.NoticeMark{Reason: v1alpha1.NoticeReviewedInTime, About: "full", Until: stamp("2024-03-15")}
	in.KPI.Status = governance.JudgeKPI(in, at("2023-12-01")).Status
	in.KPI.Status.Noticed = []v1alpha1.NoticeMark{marked}
	in.KPI.Spec.Source.Manual.Measurements = heldKPI("2023-11-30", "95", "2024-03-20", "95").Obj().Spec.Source.Manual.Measurements
	status := governance.JudgeKPI(in, at("2024-03-21")).Status
	if full, held := until(status.Noticed, marked.Reason, "full"), until(status.Noticed, v1alpha1.NoticeTargetHeld, ""); full !=
		"2024-03-15T00:00:00Z" || held != "2024-02-29T23:59:59Z" {
		t.Errorf("noticed %v", status.Noticed)
	}
}

// Who renames requirements again and again fills no status.
func TestSixteenMarksAreKept(t *testing.T) {
	t.Parallel()
	w := reviewedOn(builders.MakeProcess("refunds").Every("P12M"), "2021-01-10", "2022-01-05")
	for i := range 16 {
		w.process.Status.Noticed = append(w.process.Status.Noticed, v1alpha1.NoticeMark{
			Reason: v1alpha1.NoticeReviewedInTime, About: string(rune('a' + i)), Until: metav1.NewTime(at("2021-06-01").AddDate(0, 0, i)),
		})
	}
	status := w.judge("2022-02-01").Status
	if len(status.Noticed) != 16 || untilFull(&status) == "" || until(status.Noticed, v1alpha1.NoticeReviewedInTime, "a") != "" ||
		until(status.Noticed, v1alpha1.NoticeReviewedInTime, "b") == "" {
		t.Errorf("kept %v", status.Noticed)
	}
}

// A clock that ran ahead and was set right mutes nothing.
func TestAMarkThatLiesAheadIsTakenBack(t *testing.T) {
	t.Parallel()
	w := reviewedOn(builders.MakeProcess("refunds").Every("P12M"), "2021-01-10", "2022-01-05")
	w.process.Status.Noticed = []v1alpha1.NoticeMark{{Reason: v1alpha1.NoticeReviewedInTime, About: "full", Until: stamp("2031-01-10")}}
	if status := w.judge("2022-01-06T12:00:00Z").Status; untilFull(&status) != "2022-01-06T12:00:00Z" {
		t.Errorf("noticed %v", status.Noticed)
	}
	if status := w.judge("2022-02-01").Status; untilFull(&status) != "2022-01-10T10:00:00Z" {
		t.Errorf("later it is noticed %v", status.Noticed)
	}
}
