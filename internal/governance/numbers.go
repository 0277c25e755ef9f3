package governance

import (
	"fmt"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// numberRules are the findings of a KPI that its process answers for.
var numberRules = map[governancev1alpha1.Rule]bool{
	governancev1alpha1.RuleBreached:      true,
	governancev1alpha1.RuleKPIConflict:   true,
	governancev1alpha1.RuleStale:         true,
	governancev1alpha1.RuleNeverMeasured: true,
}

// isOutcome tells whether a KPI is an outcome.
func isOutcome(kpi *governancev1alpha1.KPI) bool {
	return kpi.Spec.Role == governancev1alpha1.KPIOutcome
}

// HasCustomerOutcome tells whether one of the KPIs is an outcome of the customer's perspective.
func HasCustomerOutcome(kpis []*governancev1alpha1.KPI) bool {
	for _, kpi := range kpis {
		if isOutcome(kpi) && kpi.Spec.Perspective == governancev1alpha1.PerspectiveCustomer {
			return true
		}
	}
	return false
}

// noOutcome finds processes that have customers and do not measure what these get out of it, here or in a parent.
func noOutcome(s *processView) []found {
	spec := &s.process.Spec
	if len(spec.Customers) == 0 || s.parentHasOutcome || HasCustomerOutcome(s.family.own) {
		return nil
	}
	finding := found{message: "There are customers, and no KPI says what they get out of it: declare one with role " +
		"Outcome and perspective Customer, here or for a process that this one is a part of."}
	if spec.Type == governancev1alpha1.ProcessTypeJourney || spec.Tier == governancev1alpha1.TierKey {
		finding.severity = s.policy.Severity(governancev1alpha1.RuleNoOutcome, governancev1alpha1.SeverityMedium)
	}
	return []found{finding}
}

func tooManyKPIs(s *processView) []found {
	return tooMany(int32(len(s.family.own)), s.policy.Limits.KPIs, "KPIs")
}

// watermelon finds processes that are green outside and red inside: at least one driver is met, none is breached, and an
// outcome is. A driver at risk is green still; one without a current value is named and hides nothing.
func watermelon(s *processView) []found {
	var outcomes, unknown []string
	green := 0
	for _, kpi := range s.family.kpis {
		name := nameSeenFrom(s.process.Namespace, kpi)
		switch state := kpi.Status.State; {
		case isOutcome(kpi) && missed(kpi):
			outcomes = append(outcomes, name)
		case isOutcome(kpi):
		case missed(kpi):
			return nil
		case state == governancev1alpha1.KPIMet || state == governancev1alpha1.KPIAtRisk:
			green++
		default:
			unknown = append(unknown, name)
		}
	}
	if green == 0 || len(outcomes) == 0 {
		return nil
	}
	parts := joinParts(part("breached outcomes", outcomes), part("drivers without a current value", unknown))
	return []found{{message: fmt.Sprintf(
		"Green outside and red inside, and no driver is breached; %s. Ask what the drivers leave out.", parts)}}
}

// verdictOf gives what the last value of a KPI led to: one that has become stale since has neither recovered nor failed.
func verdictOf(kpi *governancev1alpha1.KPI) governancev1alpha1.KPIState {
	if hasReason(kpi, governancev1alpha1.ReasonRetired) || hasReason(kpi, governancev1alpha1.ReasonDraft) {
		// What it led to then is nobody's any more.
		return governancev1alpha1.KPIInconclusive
	}
	if kpi.Status.State == governancev1alpha1.KPIStale && kpi.Status.Judged != "" {
		return kpi.Status.Judged
	}
	return kpi.Status.State
}

// missed tells whether the last value of a KPI missed its objective.
func missed(kpi *governancev1alpha1.KPI) bool {
	return verdictOf(kpi) == governancev1alpha1.KPIBreached
}

// nameSeenFrom gives the name of a KPI, and no more than that there is one where it lies across a border.
func nameSeenFrom(namespace string, kpi *governancev1alpha1.KPI) string {
	if kpi.Namespace != namespace {
		return "one of another namespace"
	}
	return kpi.Name
}

// numberFindings gives what the process answers for of its KPIs and of those of its sub-processes, named so that a reader
// of the process finds them. They open no ticket of the process: each has one of its own.
func numberFindings(of family, namespace string) []governancev1alpha1.Finding {
	var numbers []governancev1alpha1.Finding
	for _, kpi := range of.kpis {
		for _, finding := range kpi.Status.Findings {
			if !numberRules[finding.Rule] {
				continue
			}
			finding.Message = fmt.Sprintf("KPI %s: %s", nameSeenFrom(namespace, kpi), finding.Message)
			if kpi.Namespace != namespace {
				finding.Message = fmt.Sprintf("A KPI of a sub-process in another namespace is %s.", finding.Rule)
			}
			numbers = append(numbers, finding)
		}
	}
	return numbers
}

// setKPIsMet sums up the numbers of the process. A watermelon comes first among equals: it says what the numbers hide.
func (j *processJudge) setKPIsMet(numbers []governancev1alpha1.Finding) {
	findings := numbers
	if melon := findFinding(j.status.Findings, governancev1alpha1.RuleWatermelon, ""); melon != nil {
		findings = append([]governancev1alpha1.Finding{*melon}, numbers...)
	}
	all := func(*governancev1alpha1.Finding) bool { return true }
	summary := j.status.KPIs
	switch gravest := worst(findings, all); {
	case gravest != nil:
		j.set(governancev1alpha1.ConditionKPIsMet, metav1.ConditionFalse, string(gravest.Rule), gravest.Message)
	case len(findings) > 0:
		j.set(governancev1alpha1.ConditionKPIsMet, metav1.ConditionTrue, governancev1alpha1.ReasonWaived,
			"What the KPIs miss is waived.")
	case slices.ContainsFunc(j.family.kpis, isWanting):
		j.set(governancev1alpha1.ConditionKPIsMet, metav1.ConditionTrue, governancev1alpha1.ReasonWaived,
			"The policy accepts for now what the KPIs miss.")
	case summary == nil:
		j.set(governancev1alpha1.ConditionKPIsMet, metav1.ConditionUnknown, governancev1alpha1.ReasonNoKPIs,
			"No KPI judges the process.")
	case summary.Met+summary.AtRisk == 0:
		j.set(governancev1alpha1.ConditionKPIsMet, metav1.ConditionUnknown, string(governancev1alpha1.KPIInconclusive),
			"No KPI of the process has a verdict yet.")
	default:
		j.set(governancev1alpha1.ConditionKPIsMet, metav1.ConditionTrue, governancev1alpha1.ReasonMet,
			"Every KPI that has a verdict is met.")
	}
}

// isWanting tells whether a KPI misses its objective or has no current value. Without a finding it is the policy that has
// switched the rule off.
func isWanting(kpi *governancev1alpha1.KPI) bool {
	return missed(kpi) || kpi.Status.State == governancev1alpha1.KPIStale
}

// summaryOf counts KPIs by their state; nil where there are none.
func summaryOf(kpis []*governancev1alpha1.KPI) *governancev1alpha1.KPISummary {
	if len(kpis) == 0 {
		return nil
	}
	summary := &governancev1alpha1.KPISummary{Total: int32(len(kpis))}
	for _, kpi := range kpis {
		switch kpi.Status.State {
		case governancev1alpha1.KPIMet:
			summary.Met++
		case governancev1alpha1.KPIAtRisk:
			summary.AtRisk++
		case governancev1alpha1.KPIBreached:
			summary.Breached++
		default:
			summary.Unknown++
		}
	}
	return summary
}

// scoreOf gives how much of the weight of the judged KPIs is met, in percent rounded to the nearest whole; nil where none
// is judged. A Fatal KPI that is Breached makes it 0, whatever the others say.
func scoreOf(kpis []*governancev1alpha1.KPI) *int32 {
	var reached, possible int64
	for _, kpi := range kpis {
		share, judged := shareOf(kpi)
		if !judged {
			continue
		}
		if share == 0 && kpi.Spec.Criticality == governancev1alpha1.CriticalityFatal {
			return new(int32)
		}
		weight := int64(1)
		if kpi.Spec.Weight != nil {
			weight = int64(*kpi.Spec.Weight)
		}
		reached += share * weight
		possible += 2 * weight
	}
	if possible == 0 {
		return nil
	}
	score := int32((200*reached + possible) / (2 * possible))
	return &score
}

// shareOf gives how much of its weight a KPI brings in, in halves; judged is false where it has no verdict. A waiver of a
// breach makes it no better.
func shareOf(kpi *governancev1alpha1.KPI) (halves int64, judged bool) {
	switch {
	case missed(kpi):
		return 0, true
	case kpi.Status.State == governancev1alpha1.KPIMet:
		return 2, true
	case kpi.Status.State == governancev1alpha1.KPIAtRisk:
		return 1, true
	default:
		return 0, false
	}
}
