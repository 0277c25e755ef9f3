package governance_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/kpi"
)

// measure is a KPI that is in effect and was measured on 30 June 2024.
func measure(value string) *builders.KPIBuilder {
	return builders.MakeKPI("first-time-right").InEffectSince("2024-06-01").Measured("2024-06-30", value)
}

// judgeKPI judges a KPI ten minutes after its measurement, beside others.
func judgeKPI(declared *v1alpha1.KPI, others ...*v1alpha1.KPI) governance.KPIVerdict {
	return governance.JudgeKPI(kpiInput(declared, others...), at("2024-07-01T00:10:00Z"))
}

func kpiInput(declared *v1alpha1.KPI, others ...*v1alpha1.KPI) governance.KPIInput {
	input := governance.KPIInput{
		Known: governance.Known{Policy: governance.EffectivePolicy(nil)}, KPI: declared, ProcessExists: true,
		Others: map[v1alpha1.ObjectName]*v1alpha1.KPI{},
	}
	for _, other := range others {
		input.Others[v1alpha1.ObjectName(other.Name)] = other
	}
	return input
}

func TestRulesOfKPIs(t *testing.T) {
	t.Parallel()
	breached := builders.MakeKPI("satisfaction").State(v1alpha1.KPIBreached).Obj()
	gone := breached.DeepCopy()
	gone.Status.State = v1alpha1.KPIStale
	held := builders.MakeKPI("satisfaction").State(v1alpha1.KPIMet).Obj()
	predicts := func(value v1alpha1.Decimal, samples int32) func(*v1alpha1.KPI) {
		return func(declared *v1alpha1.KPI) {
			declared.Spec.ProxyFor = &v1alpha1.ProxyFor{
				KPIRef: v1alpha1.LocalReference{Name: "satisfaction"}, MinCorrelation: decimal("0.3"), MinSamples: 12,
			}
			declared.Status.Correlation = &v1alpha1.KPICorrelation{With: "satisfaction", Value: value, Samples: samples}
		}
	}
	const low, medium, high, critical = v1alpha1.SeverityLow, v1alpha1.SeverityMedium, v1alpha1.SeverityHigh, v1alpha1.SeverityCritical
	for sentence, test := range map[string]struct {
		kpi    *builders.KPIBuilder
		status func(*v1alpha1.KPI)
		others []*v1alpha1.KPI
		want   map[v1alpha1.Rule]v1alpha1.Severity
	}{
		"one that is met and explains itself has no finding": {kpi: measure("95")},
		"a driver that misses weighs medium": {kpi: measure("80"),
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleBreached: medium}},
		"an outcome that misses weighs high": {kpi: measure("80").Outcome(v1alpha1.PerspectiveCustomer),
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleBreached: high}},
		"a fatal one that misses is critical": {kpi: measure("80").Fatal(),
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleBreached: critical}},
		"in the warning band it is at risk": {kpi: measure("91").AtLeast("90", "92"),
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleAtRisk: low}},
		"measured too long ago it is stale": {kpi: measure("95").StaleAfter("5s").Every("5s"),
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleStale: medium}},
		"missed and measured too long ago it is both: it has not recovered": {
			kpi:  measure("80").StaleAfter("5s").Every("5s"),
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleStale: medium, v1alpha1.RuleBreached: medium}},
		"without a measurement it was never measured": {
			kpi:  builders.MakeKPI("first-time-right").InEffectSince("2024-06-01"),
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleNeverMeasured: medium}},
		"without an action it is not actionable": {
			kpi:  measure("95").Tune(func(spec *v1alpha1.KPISpec) { spec.Action = "" }),
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleNotActionable: medium}},
		"without a why it explains nothing": {
			kpi:  measure("95").Tune(func(spec *v1alpha1.KPISpec) { spec.Why = "" }),
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleNotExplainable: low}},
		"without a what neither": {
			kpi:  measure("95").Tune(func(spec *v1alpha1.KPISpec) { spec.What = "" }),
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleNotExplainable: low}},
		"in more than one elevator ride neither": {
			kpi: measure("95").Tune(func(spec *v1alpha1.KPISpec) {
				spec.What = v1alpha1.Text(strings.Repeat("word ", 151))
			}),
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleNotExplainable: low}},
		"one of efficiency needs a counterweight": {kpi: measure("95").Perspective(v1alpha1.PerspectiveEfficiency),
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleUnbalanced: low}},
		"the more where somebody's pay hangs on it": {
			kpi: measure("95").Perspective(v1alpha1.PerspectiveFinancial).Tune(func(spec *v1alpha1.KPISpec) {
				spec.Incentive = v1alpha1.IncentiveIndividual
			}),
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleUnbalanced: medium}},
		"one with a counterweight that is met is balanced": {
			kpi:    measure("95").Perspective(v1alpha1.PerspectiveEfficiency).BalancedBy("satisfaction"),
			others: []*v1alpha1.KPI{held}},
		"met while its counterweight is breached it works against somebody": {
			kpi: measure("95").BalancedBy("satisfaction"), others: []*v1alpha1.KPI{breached},
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleKPIConflict: high}},
		"a counterweight that nobody measures any more has not recovered": {
			kpi: measure("95").BalancedBy("satisfaction"), others: []*v1alpha1.KPI{gone},
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleKPIConflict: high}},
		"missed like its counterweight there is no conflict": {
			kpi: measure("80").BalancedBy("satisfaction"), others: []*v1alpha1.KPI{breached},
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleBreached: medium}},
		"a proxy that does not move with what it stands for": {
			kpi: measure("95"), status: predicts("0.08", 26), others: []*v1alpha1.KPI{held},
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleNotPredictive: low}},
		"a proxy that moves against it predicts it as well": {
			kpi: measure("95"), status: predicts("-0.4", 26), others: []*v1alpha1.KPI{held}},
		"too few values say nothing of a proxy": {
			kpi: measure("95"), status: predicts("0.08", 11), others: []*v1alpha1.KPI{held}},
		"of unknown age its definition was never reviewed": {
			kpi:  builders.MakeKPI("first-time-right").Measured("2024-06-30", "95"),
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleNeverReviewed: high}},
		"nineteen months in effect neither": {kpi: measure("95").InEffectSince("2022-11-30"),
			want: map[v1alpha1.Rule]v1alpha1.Severity{v1alpha1.RuleNeverReviewed: high}},
		"seventeen months are within the limit": {kpi: measure("95").InEffectSince("2023-02-01")},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			declared := test.kpi.Obj()
			if test.status != nil {
				test.status(declared)
			}
			got := map[v1alpha1.Rule]v1alpha1.Severity{}
			for _, finding := range judgeKPI(declared, test.others...).Status.Findings {
				got[finding.Rule] = finding.Severity
				if finding.Message == "" || finding.Since.IsZero() {
					t.Errorf("%s says %q since %s", finding.Rule, finding.Message, finding.Since)
				}
			}
			if len(got) != len(test.want) {
				t.Errorf("findings %v, want %v", got, test.want)
			}
			for rule, severity := range test.want {
				if got[rule] != severity {
					t.Errorf("%s is %q, want %q", rule, got[rule], severity)
				}
			}
		})
	}
}

func TestConditionsOfKPIs(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		kpi                                *builders.KPIBuilder
		target, fresh, compliant, readable string
	}{
		"met":            {measure("95"), "True/Met", "True/Fresh", "True/Compliant", "True/WellDefined"},
		"at risk":        {measure("91").AtLeast("90", "92"), "True/AtRisk", "True/Fresh", "True/Compliant", "True/WellDefined"},
		"breached":       {measure("80"), "False/Breached", "True/Fresh", "False/Breached", "True/WellDefined"},
		"stale":          {measure("95").StaleAfter("5s").Every("5s"), "Unknown/Stale", "False/Stale", "False/Stale", "True/WellDefined"},
		"never measured": {builders.MakeKPI("x").InEffectSince("2024-06-01"), "Unknown/NeverMeasured", "Unknown/NeverMeasured", "False/NeverMeasured", "True/WellDefined"},
		"not actionable": {measure("95").Tune(func(spec *v1alpha1.KPISpec) { spec.Action = "" }), "True/Met", "True/Fresh", "False/NotActionable", "False/NotActionable"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			status := judgeKPI(test.kpi.Obj()).Status
			wantCondition(t, status.Conditions, v1alpha1.ConditionTargetMet, test.target)
			wantCondition(t, status.Conditions, v1alpha1.ConditionFresh, test.fresh)
			wantCondition(t, status.Conditions, v1alpha1.ConditionCompliant, test.compliant)
			wantCondition(t, status.Conditions, v1alpha1.ConditionWellDefined, test.readable)
			wantCondition(t, status.Conditions, v1alpha1.ConditionReady, "True/Reconciled")
		})
	}
}

func TestReferencesOfKPIs(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		change func(*governance.KPIInput)
		want   string
	}{
		"a process that does not exist is waited for": {func(in *governance.KPIInput) {
			in.KPI.Spec.ProcessRef, in.ProcessExists = &v1alpha1.LocalReference{Name: "gone"}, false
		}, "False/ReferenceNotFound"},
		"a counterweight that does not exist is waited for": {func(in *governance.KPIInput) {
			in.KPI.Spec.BalancedBy = []v1alpha1.ObjectName{"gone"}
		}, "False/ReferenceNotFound"},
		"a KPI to predict that does not exist is waited for": {func(in *governance.KPIInput) {
			in.KPI.Spec.ProxyFor = &v1alpha1.ProxyFor{KPIRef: v1alpha1.LocalReference{Name: "gone"}}
		}, "False/ReferenceNotFound"},
		"a source that cannot be asked says why": {func(in *governance.KPIInput) {
			in.Source = &governance.SourceProblem{Reason: v1alpha1.ReasonReferenceNotPermitted, Message: "It may not be used"}
		}, "False/ReferenceNotPermitted"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			in := kpiInput(measure("95").Obj())
			test.change(&in)
			status := governance.JudgeKPI(in, at("2024-07-01")).Status
			wantCondition(t, status.Conditions, v1alpha1.ConditionReady, test.want)
			wantCondition(t, status.Conditions, v1alpha1.ConditionTargetMet, "True/Met")
		})
	}
}

// A fatal error cannot be accepted, unless the policy says so.
func TestFatalBreachesAreNotWaived(t *testing.T) {
	t.Parallel()
	waiver := builders.MakeWaiver("for-now").Accepts(v1alpha1.RuleBreached).Until("2024-08-01").Obj()
	waiver.Spec.SubjectRef = v1alpha1.SubjectReference{Kind: v1alpha1.KindKPI, Name: "first-time-right"}
	waiver.Spec.ApprovedAt = stamp("2024-06-30")
	lenient := builders.MakePolicy("lenient").Rule(v1alpha1.RuleSetting{Name: v1alpha1.RuleBreached, CriticalWaivable: true})
	for sentence, test := range map[string]struct {
		kpi    *builders.KPIBuilder
		policy governance.Policy
		waived bool
	}{
		"a breach that is not fatal can be waived": {measure("80"), governance.EffectivePolicy(nil), true},
		"a fatal one cannot":                       {measure("80").Fatal(), governance.EffectivePolicy(nil), false},
		"unless the policy says so":                {measure("80").Fatal(), governance.EffectivePolicy(lenient.Obj()), true},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			in := kpiInput(test.kpi.Obj())
			in.Policy, in.Waivers = test.policy, []v1alpha1.Waiver{*waiver}
			findings := governance.JudgeKPI(in, at("2024-07-01")).Status.Findings
			if waived := findings[0].WaivedBy != ""; waived != test.waived {
				t.Errorf("waived %t: %v", waived, findings)
			}
			judged := governance.JudgeWaiver(governance.WaiverInput{
				Waiver: waiver, Subject: governance.KPISubject(in.KPI), Siblings: in.Waivers, Policy: test.policy,
			}, at("2024-07-01"))
			want := "True/InForce"
			if !test.waived {
				want = "False/NotWaivable"
			}
			wantCondition(t, judged.Status.Conditions, v1alpha1.ConditionReady, want)
		})
	}
}

func TestTargetOutgrown(t *testing.T) {
	t.Parallel()
	declared := measure("95").InEffectSince("2024-01-01").Every("8760h").StaleAfter("17520h").Obj()
	verdict := governance.JudgeKPI(kpiInput(declared), at("2024-07-01"))
	if slices.ContainsFunc(verdict.Status.Findings, func(f v1alpha1.Finding) bool { return f.Rule == v1alpha1.RuleTargetOutgrown }) {
		t.Fatal("outgrown at once")
	}
	outgrown := at("2025-06-30T23:59:59Z")
	if verdict.NextChange.After(outgrown) || verdict.NextChange.IsZero() {
		t.Errorf("nobody looks again at %s, but at %s", outgrown, verdict.NextChange)
	}
	before := governance.JudgeKPI(kpiInput(declared), outgrown.Add(-time.Second)).Status.Findings
	after := governance.JudgeKPI(kpiInput(declared), outgrown).Status.Findings
	if len(after) != len(before)+1 || after[len(after)-1].Rule != v1alpha1.RuleTargetOutgrown {
		t.Errorf("before %v, after %v", before, after)
	}
}

// A KPI is reviewed as a process is, and a review of a process of the same name is none of it.
func TestDefinitionsAreReviewed(t *testing.T) {
	t.Parallel()
	declared := measure("95").Obj()
	stored := func(in governance.KPIInput, when string) { declared.Status = governance.JudgeKPI(in, at(when)).Status }
	stored(kpiInput(declared), "2024-07-01")
	review := builders.MakeReview("looked").OfKPI("first-time-right").HeldOn("2024-07-02").Obj()
	verdict := governance.JudgeReview(governance.ReviewInput{
		Review: review, Subject: governance.KPISubject(declared), Siblings: []v1alpha1.Review{*review},
		Policy: governance.EffectivePolicy(nil),
	}, at("2024-07-03"))
	wantCondition(t, verdict.Status.Conditions, v1alpha1.ConditionCounted, "True/Counted")
	review.Status = verdict.Status
	in := kpiInput(declared)
	in.Reviews = []v1alpha1.Review{*review}
	stored(in, "2024-07-03")
	wantCondition(t, declared.Status.Conditions, v1alpha1.ConditionReviewCurrent, "True/Current")
	if due := declared.Status.NextReview; due == nil || due.Day != "2026-01-02" {
		t.Errorf("next review %v, want 18 months after the last", due)
	}
}

// Retelling a KPI's text asks for a review anew; a new measurement does not.
func TestDigestOfKPIs(t *testing.T) {
	t.Parallel()
	digest := func(declared *builders.KPIBuilder) v1alpha1.Digest { return governance.KPIDigest(&declared.Obj().Spec) }
	same := digest(measure("95"))
	if digest(measure("80")) != same {
		t.Error("a measurement changes the digest")
	}
	for sentence, change := range map[string]func(*v1alpha1.KPISpec){
		"why":       func(spec *v1alpha1.KPISpec) { spec.Why = "because" },
		"what":      func(spec *v1alpha1.KPISpec) { spec.What = "something" },
		"action":    func(spec *v1alpha1.KPISpec) { spec.Action = "run" },
		"objective": func(spec *v1alpha1.KPISpec) { spec.Objective.AtLeast.Target = "91" },
		"source": func(spec *v1alpha1.KPISpec) {
			spec.Source = v1alpha1.KPISource{Prometheus: &v1alpha1.PrometheusQuery{Query: "up"}}
		},
	} {
		if digest(measure("95").Tune(change)) == same {
			t.Errorf("%s does not change the digest", sentence)
		}
	}
}

// What is judged is published: the newest value goes to the metric even where the status is not written.
func TestTheNewestValueIsTold(t *testing.T) {
	t.Parallel()
	declared := builders.MakeKPI("load").InEffectSince("2024-06-01").Prometheus("prometheus", "up").Obj()
	in := kpiInput(declared)
	in.Values = kpi.Input{TriedSince: at("2024-07-01"), Samples: []kpi.Sample{{
		AskedAt: at("2024-07-01"), At: at("2024-07-01"), Value: 95.25, Result: v1alpha1.SampleAnswered,
	}}}
	verdict := governance.JudgeKPI(in, at("2024-07-01"))
	if verdict.Latest == nil || verdict.Latest.Value != 95.25 || verdict.Status.State != v1alpha1.KPIMet {
		t.Errorf("latest %v, state %s", verdict.Latest, verdict.Status.State)
	}
}

// With its process a KPI goes out of effect, and comes back with it.
func TestKPIsOfAProcessThatIsNotInEffect(t *testing.T) {
	t.Parallel()
	for lifecycle, reason := range map[v1alpha1.Lifecycle]string{
		v1alpha1.LifecycleRetired: "Unknown/Retired", v1alpha1.LifecycleDraft: "Unknown/Draft",
	} {
		declared := measure("80").Process("cases").Obj()
		declared.Status = judgeKPI(declared).Status
		in := kpiInput(declared)
		in.Lifecycle = lifecycle
		verdict := governance.JudgeKPI(in, at("2024-07-02"))
		if len(verdict.Status.Findings) != 0 || verdict.Status.State != v1alpha1.KPIBreached {
			t.Errorf("%s: state %s, findings %v", lifecycle, verdict.Status.State, verdict.Status.Findings)
		}
		for _, conditionType := range []string{
			v1alpha1.ConditionTargetMet, v1alpha1.ConditionFresh, v1alpha1.ConditionCompliant, v1alpha1.ConditionReviewCurrent,
		} {
			wantCondition(t, verdict.Status.Conditions, conditionType, reason)
		}
		declared.Status = verdict.Status
		if retired := governance.KPISubject(declared).Retired; retired != (lifecycle == v1alpha1.LifecycleRetired) {
			t.Errorf("%s: retired %t", lifecycle, retired)
		}
		relies := measure("95").BalancedBy("first-time-right").Obj()
		relies.Name = "relies"
		if findings := judgeKPI(relies, declared).Status.Findings; len(findings) != 0 {
			t.Errorf("%s: as a counterweight it still counts: %v", lifecycle, findings)
		}
		in.Lifecycle = v1alpha1.LifecycleActive
		wantCondition(t, governance.JudgeKPI(in, at("2024-07-03")).Status.Conditions,
			v1alpha1.ConditionTargetMet, "False/Breached")
	}
}
