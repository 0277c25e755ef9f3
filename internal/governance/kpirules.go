package governance

import (
	"fmt"
	"math/big"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// kpiView is all that a rule about a KPI may look at.
type kpiView struct {
	view
	// kpi with the values judged.
	kpi *governancev1alpha1.KPI
	// others are the KPIs that this one names, by name.
	others map[governancev1alpha1.ObjectName]*governancev1alpha1.KPI
	// neverMeasured is true where there should have been a value by now.
	neverMeasured bool
}

// kpiRules are read aloud from top to bottom; the reasons stand in rules.go.
var kpiRules = []rule[*kpiView]{
	{governancev1alpha1.RuleBreached, breached},
	{governancev1alpha1.RuleKPIConflict, kpiConflict},
	{governancev1alpha1.RuleNeverReviewed, onAny[*kpiView](neverReviewed)},
	{governancev1alpha1.RuleReviewOverdue, onAny[*kpiView](reviewOverdue)},
	{governancev1alpha1.RuleCadenceTooLong, onAny[*kpiView](cadenceTooLong)},
	{governancev1alpha1.RuleStale, stale},
	{governancev1alpha1.RuleNeverMeasured, neverMeasured},
	{governancev1alpha1.RuleDecisionPending, onAny[*kpiView](decisionPending)},
	{governancev1alpha1.RuleNotActionable, notActionable},
	{governancev1alpha1.RuleUnbalanced, unbalanced},
	{governancev1alpha1.RuleAtRisk, atRisk},
	{governancev1alpha1.RuleNotPredictive, notPredictive},
	{governancev1alpha1.RuleTargetOutgrown, targetOutgrown},
	{governancev1alpha1.RuleNotExplainable, kpiNotExplainable},
	{governancev1alpha1.RuleNothingLearned, onAny[*kpiView](nothingLearned)},
}

// breached finds a missed objective. Messages hold no value: it moves, and the status shows it.
func breached(s *kpiView) []found {
	if !missed(s.kpi) {
		return nil
	}
	severity := governancev1alpha1.SeverityMedium
	switch {
	case s.kpi.Spec.Criticality == governancev1alpha1.CriticalityFatal:
		severity = governancev1alpha1.SeverityCritical
	case isOutcome(s.kpi):
		severity = governancev1alpha1.SeverityHigh
	}
	return []found{{
		severity: s.policy.Severity(governancev1alpha1.RuleBreached, severity), since: instantOf(s.kpi.Status.StateSince),
		message: fmt.Sprintf("The objective %s is missed. %s", s.kpi.Status.Objective, actionOf(s.kpi)),
	}}
}

// actionOf says what to do when a KPI misses.
func actionOf(kpi *governancev1alpha1.KPI) string {
	if kpi.Spec.Action == "" {
		return "Nobody says what to do then: declare an action."
	}
	return "What to do: " + string(kpi.Spec.Action)
}

// kpiConflict finds counterweights that are breached while the KPI itself is met: the target is met at somebody's
// expense.
func kpiConflict(s *kpiView) []found {
	if verdict := verdictOf(s.kpi); verdict != governancev1alpha1.KPIMet && verdict != governancev1alpha1.KPIAtRisk {
		return nil
	}
	var findings []found
	for _, name := range s.kpi.Spec.BalancedBy {
		if other := s.others[name]; other != nil && missed(other) {
			findings = append(findings, found{about: string(name), message: fmt.Sprintf(
				"The KPI is met while its counterweight %s is Breached: look whether one is met at the other's expense.", name)})
		}
	}
	return findings
}

func stale(s *kpiView) []found {
	if s.kpi.Status.State != governancev1alpha1.KPIStale {
		return nil
	}
	return []found{{
		since: instantOf(s.kpi.Status.StateSince),
		message: fmt.Sprintf("The newest value is of %s and too old to be used: repair the source, or retire the KPI.",
			rfc3339(instantOf(s.kpi.Status.ValueTime))),
	}}
}

func neverMeasured(s *kpiView) []found {
	if !s.neverMeasured {
		return nil
	}
	return []found{{message: "There was never a value: repair the source, or retire the KPI."}}
}

func notActionable(s *kpiView) []found {
	if s.kpi.Spec.Action != "" {
		return nil
	}
	return []found{{message: "Nobody says what to do when the KPI misses: declare an action, or retire the KPI."}}
}

// unbalanced finds KPIs that are met the easier, the worse others are served.
func unbalanced(s *kpiView) []found {
	perspective := s.kpi.Spec.Perspective
	if perspective != governancev1alpha1.PerspectiveEfficiency && perspective != governancev1alpha1.PerspectiveFinancial {
		return nil
	}
	if len(s.kpi.Spec.BalancedBy) > 0 {
		return nil
	}
	finding := found{message: fmt.Sprintf(
		"A KPI of perspective %s has no counterweight: name in balancedBy what must not suffer from it.", perspective)}
	if s.kpi.Spec.Incentive == governancev1alpha1.IncentiveIndividual {
		finding.severity = s.policy.Severity(governancev1alpha1.RuleUnbalanced, governancev1alpha1.SeverityMedium)
	}
	return []found{finding}
}

func atRisk(s *kpiView) []found {
	if verdictOf(s.kpi) != governancev1alpha1.KPIAtRisk {
		return nil
	}
	why := "the value is in the warning band"
	if trend := s.kpi.Status.Trend; trend != nil && trend.CrossesAt != nil {
		why = "its trend crosses the target soon (status.trend)"
	}
	return []found{{message: fmt.Sprintf("The objective %s is met still, and %s. %s",
		s.kpi.Status.Objective, why, actionOf(s.kpi))}}
}

// notPredictive finds KPIs that do not move with the one that they are a proxy for.
func notPredictive(s *kpiView) []found {
	proxy, shown := s.kpi.Spec.ProxyFor, s.kpi.Status.Correlation
	if proxy == nil || shown == nil || shown.With != proxy.KPIRef.Name || shown.Samples < proxy.MinSamples {
		return nil
	}
	least := governancev1alpha1.Decimal("0.3")
	if proxy.MinCorrelation != nil {
		least = *proxy.MinCorrelation
	}
	bound, okBound := least.Rat()
	correlation, okValue := shown.Value.Rat()
	if !okBound || !okValue || new(big.Rat).Abs(correlation).Cmp(bound) >= 0 {
		return nil
	}
	return []found{{message: fmt.Sprintf("The KPI does not move with %s, which it is a proxy for: their rank correlation "+
		"stays below %s (status.correlation). Find a better proxy, or retire it.", proxy.KPIRef.Name, least)}}
}

// targetOutgrown finds KPIs that were met without risk for a whole period.
func targetOutgrown(s *kpiView) []found {
	runs := s.kpi.Status.Runs
	if runs == nil || runs.MetSince == nil || s.kpi.Status.State != governancev1alpha1.KPIMet {
		return nil
	}
	since := runs.MetSince.UTC()
	reached := s.policy.Limits.TargetOutgrown.From(since, 1)
	if s.now.Before(reached) {
		// Nothing stands yet; the finding comes by itself.
		return []found{{changes: reached}}
	}
	return []found{{since: reached, message: fmt.Sprintf(
		"The KPI is met without risk since %s: raise the target, or retire the KPI.", rfc3339(since))}}
}

// kpiNotExplainable finds KPIs that the newest member could not explain.
func kpiNotExplainable(s *kpiView) []found {
	var missing []string
	if s.kpi.Spec.Why == "" {
		missing = append(missing, "why it exists")
	}
	if s.kpi.Spec.What == "" {
		missing = append(missing, "what it measures")
	}
	var told speech
	for _, text := range []governancev1alpha1.Text{s.kpi.Spec.Why, s.kpi.Spec.What, s.kpi.Spec.Action} {
		told.add(string(text))
	}
	if rides := roundUp(told.seconds(), rideSeconds); rides > 1 {
		return []found{{message: fmt.Sprintf(
			"Telling the KPI takes %d elevator rides of %d s: shorten it until one is enough.", rides, rideSeconds)}}
	}
	if len(missing) == 0 {
		return nil
	}
	return []found{{message: "The KPI " + part("does not say", missing) + ". Say it, so that the newest member can explain it."}}
}
