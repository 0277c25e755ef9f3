package governance_test

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/governance"
)

// judgeFamily judges the first of some processes with the others below it, and the KPIs of all of them.
func judgeFamily(processes []*v1alpha1.Process, kpis ...*v1alpha1.KPI) v1alpha1.ProcessStatus {
	tree := governance.Tree{
		Processes: map[types.NamespacedName]*v1alpha1.Process{}, KPIs: map[types.NamespacedName][]*v1alpha1.KPI{},
	}
	for _, process := range processes {
		tree.Processes[types.NamespacedName{Namespace: process.Namespace, Name: process.Name}] = process
	}
	for _, kpi := range kpis {
		key := types.NamespacedName{Namespace: kpi.Namespace, Name: string(kpi.Spec.ProcessRef.Name)}
		tree.KPIs[key] = append(tree.KPIs[key], kpi)
	}
	return governance.JudgeProcess(governance.ProcessInput{
		Known: governance.Known{Policy: governance.EffectivePolicy(nil)}, Process: processes[0], Tree: tree,
	}, at("2024-07-01")).Status
}

func kpiOf(process, name string, state v1alpha1.KPIState) *builders.KPIBuilder {
	return builders.MakeKPI(name).Process(process).State(state)
}

// withFindings gives a KPI the finding that its state leads to.
func withFinding(kpi *v1alpha1.KPI, rule v1alpha1.Rule, severity v1alpha1.Severity) *v1alpha1.KPI {
	kpi.Status.Findings = append(kpi.Status.Findings, v1alpha1.Finding{
		Rule: rule, Severity: severity, Since: stamp("2024-06-30"), Message: "The objective is missed.",
	})
	return kpi
}

// journey is a process of four sub-processes, each with a driver in some state; none where the state is empty.
func journey(states ...v1alpha1.KPIState) (processes []*v1alpha1.Process, kpis []*v1alpha1.KPI) {
	whole := builders.MakeProcess("house-move").Type(v1alpha1.ProcessTypeJourney).Obj()
	processes = append(processes, whole)
	for i, state := range states {
		name := "part-" + string(rune('a'+i))
		whole.Spec.Steps = append(whole.Spec.Steps, v1alpha1.Step{
			Name: v1alpha1.Key(name), Why: "it is needed",
			ProcessRef: &v1alpha1.ObjectReference{Name: v1alpha1.ObjectName(name)},
		})
		processes = append(processes, builders.MakeProcess(name).Step("do", "it is needed").Obj())
		if state != "" {
			kpis = append(kpis, kpiOf(name, "driver-"+name, state).Obj())
		}
	}
	return processes, kpis
}

func TestWatermelon(t *testing.T) {
	t.Parallel()
	const met, risk, stale, bad = v1alpha1.KPIMet, v1alpha1.KPIAtRisk, v1alpha1.KPIStale, v1alpha1.KPIBreached
	outcome := func(state v1alpha1.KPIState) *v1alpha1.KPI {
		kpi := kpiOf("house-move", "movers-retained", state).Outcome(v1alpha1.PerspectiveCustomer).Obj()
		if state == bad {
			withFinding(kpi, v1alpha1.RuleBreached, v1alpha1.SeverityHigh)
		}
		return kpi
	}
	staleSinceBreach := outcome(bad)
	staleSinceBreach.Status.State = stale
	for sentence, test := range map[string]struct {
		drivers []v1alpha1.KPIState
		outcome *v1alpha1.KPI
		kpisMet string
		names   []string
	}{
		"every driver of four sub-processes is met and the outcome is breached": {
			[]v1alpha1.KPIState{met, met, met, met}, outcome(bad), "False/Watermelon", []string{"movers-retained"}},
		"a driver at risk is green still": {
			[]v1alpha1.KPIState{met, risk, met, met}, outcome(bad), "False/Watermelon", []string{"movers-retained"}},
		"a stale driver is named and hides nothing": {
			[]v1alpha1.KPIState{met, stale, met, met}, outcome(bad), "False/Watermelon",
			[]string{"movers-retained", "driver-part-b"}},
		"an outcome that was breached when it was last measured is red still": {
			[]v1alpha1.KPIState{met, met}, staleSinceBreach, "False/Watermelon", []string{"movers-retained"}},
		"a breached driver shows what is wrong: it is no watermelon": {
			[]v1alpha1.KPIState{met, bad, met, met}, outcome(bad), "False/Breached", nil},
		"without a driver nothing is green: it is no watermelon": {
			[]v1alpha1.KPIState{"", "", "", ""}, outcome(bad), "False/Breached", nil},
		"where no driver has a value nothing is green either": {
			[]v1alpha1.KPIState{stale, stale}, outcome(bad), "False/Breached", nil},
		"an outcome that is met is none": {
			[]v1alpha1.KPIState{met, met, met, met}, outcome(met), "True/Met", nil},
		"without a verdict on anything nothing is known": {
			[]v1alpha1.KPIState{v1alpha1.KPIInconclusive}, outcome(v1alpha1.KPIInconclusive), "Unknown/Inconclusive", nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			processes, kpis := journey(test.drivers...)
			status := judgeFamily(processes, append(kpis, test.outcome)...)
			wantCondition(t, status.Conditions, v1alpha1.ConditionKPIsMet, test.kpisMet)
			finding := findingOf(&status, v1alpha1.RuleWatermelon)
			if (finding != nil) != (test.kpisMet == "False/Watermelon") {
				t.Fatalf("finding %v", finding)
			}
			for _, name := range test.names {
				if !strings.Contains(finding.Message, name) {
					t.Errorf("%q does not name %s", finding.Message, name)
				}
			}
		})
	}
}

func TestNoOutcome(t *testing.T) {
	t.Parallel()
	customer := func() *v1alpha1.KPI {
		return kpiOf("moves", "retained", v1alpha1.KPIMet).Outcome(v1alpha1.PerspectiveCustomer).Obj()
	}
	for sentence, test := range map[string]struct {
		process *builders.ProcessBuilder
		kpis    []*v1alpha1.KPI
		parent  bool
		want    v1alpha1.Severity
	}{
		"a standard process without an outcome weighs little": {
			process: builders.MakeProcess("moves"), want: v1alpha1.SeverityLow},
		"a journey must have one": {
			process: builders.MakeProcess("moves").Type(v1alpha1.ProcessTypeJourney), want: v1alpha1.SeverityMedium},
		"a key process must have one": {
			process: builders.MakeProcess("moves").Tier(v1alpha1.TierKey), want: v1alpha1.SeverityMedium},
		"a driver is none": {
			process: builders.MakeProcess("moves"), kpis: []*v1alpha1.KPI{
				kpiOf("moves", "speed", v1alpha1.KPIMet).Perspective(v1alpha1.PerspectiveCustomer).Obj()},
			want: v1alpha1.SeverityLow},
		"an outcome of another perspective is none": {
			process: builders.MakeProcess("moves"), kpis: []*v1alpha1.KPI{
				kpiOf("moves", "margin", v1alpha1.KPIMet).Outcome(v1alpha1.PerspectiveFinancial).Obj()},
			want: v1alpha1.SeverityLow},
		"an outcome of the customer's perspective is one": {
			process: builders.MakeProcess("moves").Tier(v1alpha1.TierKey), kpis: []*v1alpha1.KPI{customer()}},
		"one in a parent is enough":                                {process: builders.MakeProcess("moves").Tier(v1alpha1.TierKey), parent: true},
		"a process for nobody misses its customers and no outcome": {process: builders.MakeProcess("moves").NoCustomers()},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			process := test.process.Obj()
			key := types.NamespacedName{Namespace: process.Namespace, Name: process.Name}
			status := governance.JudgeProcess(governance.ProcessInput{
				Known: governance.Known{Policy: governance.EffectivePolicy(nil)}, Process: process,
				Tree:             governance.Tree{KPIs: map[types.NamespacedName][]*v1alpha1.KPI{key: test.kpis}},
				ParentHasOutcome: test.parent,
			}, at("2024-07-01")).Status
			var got v1alpha1.Severity
			if finding := findingOf(&status, v1alpha1.RuleNoOutcome); finding != nil {
				got = finding.Severity
			}
			if got != test.want {
				t.Errorf("severity %q, want %q", got, test.want)
			}
		})
	}
}

func TestProcessesAnswerForTheirNumbers(t *testing.T) {
	t.Parallel()
	fatal := withFinding(kpiOf("moves", "wrong-bill", v1alpha1.KPIBreached).Fatal().Obj(),
		v1alpha1.RuleBreached, v1alpha1.SeverityCritical)
	driver := func() *v1alpha1.KPI {
		return withFinding(kpiOf("moves", "speed", v1alpha1.KPIBreached).Obj(), v1alpha1.RuleBreached, v1alpha1.SeverityMedium)
	}
	waived := driver()
	waived.Status.Findings[0].WaivedBy = "for-now"
	abroad := withFinding(builders.MakeKPI("secret-name").InNamespace("elsewhere").Process("part").
		State(v1alpha1.KPIBreached).Obj(), v1alpha1.RuleBreached, v1alpha1.SeverityMedium)
	low := withFinding(kpiOf("moves", "speed", v1alpha1.KPIAtRisk).Obj(), v1alpha1.RuleAtRisk, v1alpha1.SeverityLow)
	unreviewed := withFinding(kpiOf("moves", "speed", v1alpha1.KPIMet).Obj(), v1alpha1.RuleNeverReviewed, v1alpha1.SeverityHigh)
	for sentence, test := range map[string]struct {
		kpis               []*v1alpha1.KPI
		kpisMet, compliant string
		score              int32
	}{
		"a breached driver":                {[]*v1alpha1.KPI{driver()}, "False/Breached", "False/Breached", 0},
		"a fatal one outranks the reviews": {[]*v1alpha1.KPI{driver(), fatal}, "False/Breached", "False/Breached", 0},
		"a waived one shows as waived":     {[]*v1alpha1.KPI{waived}, "True/Waived", "True/Waived", 0},
		"one at risk is met":               {[]*v1alpha1.KPI{low}, "True/Met", "True/Compliant", 50},
		"a definition that nobody reviewed is the KPI's own affair": {
			[]*v1alpha1.KPI{unreviewed}, "True/Met", "True/Compliant", 100},
		"one whose finding the policy has switched off is no reason to say that all is met": {
			[]*v1alpha1.KPI{kpiOf("moves", "speed", v1alpha1.KPIBreached).Obj()}, "True/Waived", "True/Compliant", 0},
		"none at all": {nil, "Unknown/NoKPIs", "True/Compliant", -1},
		"of another namespace only the rule is told": {
			[]*v1alpha1.KPI{abroad}, "False/Breached", "False/Breached", -1},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			process := builders.MakeProcess("moves").InEffectSince("2024-06-01").Obj()
			part := builders.MakeProcess("part").InNamespace("elsewhere").Obj()
			process.Spec.Steps = []v1alpha1.Step{{Name: "part", Why: "it is needed", ProcessRef: &v1alpha1.ObjectReference{
				Namespace: "elsewhere", Name: "part",
			}}}
			status := judgeFamily([]*v1alpha1.Process{process, part}, test.kpis...)
			wantCondition(t, status.Conditions, v1alpha1.ConditionKPIsMet, test.kpisMet)
			wantCondition(t, status.Conditions, v1alpha1.ConditionCompliant, test.compliant)
			score := int32(-1)
			if status.Score != nil {
				score = *status.Score
			}
			if score != test.score {
				t.Errorf("score %d, want %d", score, test.score)
			}
			for _, condition := range status.Conditions {
				if strings.Contains(condition.Message, "secret-name") {
					t.Errorf("%s tells across a border: %s", condition.Type, condition.Message)
				}
			}
			if findingOf(&status, v1alpha1.RuleBreached) != nil {
				t.Error("the process has a finding that is its KPI's, which would open a second ticket")
			}
		})
	}
}

func TestScore(t *testing.T) {
	t.Parallel()
	weigh := func(kpi *builders.KPIBuilder, weight int32) *v1alpha1.KPI {
		return kpi.Tune(func(spec *v1alpha1.KPISpec) { spec.Weight = &weight }).Obj()
	}
	for sentence, test := range map[string]struct {
		kpis []*v1alpha1.KPI
		want int32
	}{
		"weights count": {[]*v1alpha1.KPI{
			weigh(kpiOf("moves", "a", v1alpha1.KPIMet), 3), weigh(kpiOf("moves", "b", v1alpha1.KPIBreached), 1)}, 75},
		"what has no verdict does not count": {[]*v1alpha1.KPI{
			weigh(kpiOf("moves", "a", v1alpha1.KPIMet), 1), weigh(kpiOf("moves", "b", v1alpha1.KPIStale), 9)}, 100},
		"at risk is half": {[]*v1alpha1.KPI{weigh(kpiOf("moves", "a", v1alpha1.KPIAtRisk), 1)}, 50},
		"it is rounded to the nearest": {[]*v1alpha1.KPI{
			weigh(kpiOf("moves", "a", v1alpha1.KPIMet), 2), weigh(kpiOf("moves", "b", v1alpha1.KPIBreached), 1)}, 67},
		"a fatal breach vetoes it, whatever it weighs": {[]*v1alpha1.KPI{
			weigh(kpiOf("moves", "a", v1alpha1.KPIMet), 99), weigh(kpiOf("moves", "b", v1alpha1.KPIBreached).Fatal(), 0)}, 0},
		"a fatal KPI that is met vetoes nothing": {[]*v1alpha1.KPI{weigh(kpiOf("moves", "a", v1alpha1.KPIMet).Fatal(), 1)}, 100},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			status := judgeFamily([]*v1alpha1.Process{builders.MakeProcess("moves").Obj()}, test.kpis...)
			if status.Score == nil || *status.Score != test.want {
				t.Errorf("score %v, want %d", status.Score, test.want)
			}
		})
	}
}

func TestSubProcessesAreUnrolled(t *testing.T) {
	t.Parallel()
	leads := func(name string, to ...string) *v1alpha1.Process {
		process := builders.MakeProcess(name).Obj()
		for _, one := range to {
			process.Spec.Steps = append(process.Spec.Steps, v1alpha1.Step{
				Name: v1alpha1.Key("to-" + one), Why: "it is needed", Touchpoint: true,
				ProcessRef: &v1alpha1.ObjectReference{Name: v1alpha1.ObjectName(one)},
			})
		}
		return process
	}
	touched := builders.MakeProcess("leaf").Obj()
	for _, name := range []v1alpha1.Key{"ask", "tell", "bill"} {
		touched.Spec.Steps = append(touched.Spec.Steps, v1alpha1.Step{Name: name, Why: "it is needed", Touchpoint: true})
	}
	for sentence, test := range map[string]struct {
		processes   []*v1alpha1.Process
		touchpoints int32
		ready       string
	}{
		"the steps of a sub-process stand in the place of its step": {
			[]*v1alpha1.Process{leads("top", "leaf"), touched}, 3, "True/Reconciled"},
		"a sub-process that is done twice counts twice": {
			[]*v1alpha1.Process{leads("top", "leaf", "middle"), leads("middle", "leaf"), touched}, 6, "True/Reconciled"},
		"a sub-process that is not there counts as a step": {
			[]*v1alpha1.Process{leads("top", "gone")}, 1, "True/Reconciled"},
		"a process that is a part of itself": {[]*v1alpha1.Process{leads("top", "top")}, 1, "False/ReferenceCycle"},
		"a longer cycle": {
			[]*v1alpha1.Process{leads("top", "middle"), leads("middle", "top", "leaf"), touched}, 4, "False/ReferenceCycle"},
		"a cycle further down is told where it is": {
			[]*v1alpha1.Process{leads("top", "a"), leads("a", "b"), leads("b", "a")}, 1, "True/Reconciled"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			status := judgeFamily(test.processes)
			if got := status.Counts.Touchpoints; got != test.touchpoints {
				t.Errorf("%d touchpoints, want %d", got, test.touchpoints)
			}
			wantCondition(t, status.Conditions, v1alpha1.ConditionReady, test.ready)
		})
	}
}

// A process that is made of itself many times over does not take for ever, and counts as so much and no more.
func TestUnrollingIsBounded(t *testing.T) {
	t.Parallel()
	var processes []*v1alpha1.Process
	for level := range 16 {
		process := builders.MakeProcess("level-" + string(rune('a'+level))).Obj()
		for i := range 200 {
			process.Spec.Steps = append(process.Spec.Steps, v1alpha1.Step{
				Name: v1alpha1.Key("s-" + string(rune('a'+i%26)) + string(rune('a'+i/26))),
				ProcessRef: &v1alpha1.ObjectReference{
					Name: v1alpha1.ObjectName("level-" + string(rune('a'+level+1)))},
			})
		}
		processes = append(processes, process)
	}
	if got := judgeFamily(processes).Counts.Steps; got != 2000 {
		t.Errorf("%d steps", got)
	}
}
