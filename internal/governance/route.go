package governance

import (
	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// MatchRoute gives the first route of a policy that covers a finding of a subject with the given labels; nil where none
// does, where the policy does not ticket the rule, and where there is no policy. Whether the finding is waived is not
// asked here.
func MatchRoute(policy *governancev1alpha1.GovernancePolicy, subjectLabels map[string]string,
	finding governancev1alpha1.Finding,
) *governancev1alpha1.Route {
	if policy == nil || !EffectivePolicy(policy).Ticketed(finding.Rule) {
		return nil
	}
	for i := range policy.Spec.Routes {
		route := &policy.Spec.Routes[i]
		if covers(route, finding) && Selects(route.Selector, subjectLabels) {
			return route
		}
	}
	return nil
}

// Covers tells whether a route of the policy covers a finding of a subject with the given labels.
func (p Policy) Covers(subjectLabels map[string]string, finding governancev1alpha1.Finding) bool {
	return MatchRoute(&governancev1alpha1.GovernancePolicy{Spec: p.spec}, subjectLabels, finding) != nil
}

// covers tells whether a route is meant for findings such as this one.
func covers(route *governancev1alpha1.Route, finding governancev1alpha1.Finding) bool {
	least := route.MinSeverity
	if least == "" {
		least = governancev1alpha1.SeverityMedium
	}
	return AtLeast(finding.Severity, least) && names(route.Rules, finding.Rule)
}

// names tells whether a list of rules holds a rule; an empty list holds all.
func names(rules []governancev1alpha1.Rule, rule governancev1alpha1.Rule) bool {
	for _, named := range rules {
		if named == rule {
			return true
		}
	}
	return len(rules) == 0
}

// CauseDemanded says whether a route wants the cause of a finding to be named: as it says, and else where numbers harm the
// customer, because then the process or the KPI is at fault in nine cases of ten, and not the people.
func CauseDemanded(route *governancev1alpha1.Route, finding governancev1alpha1.Finding) governancev1alpha1.CauseDemand {
	if route.Cause != "" {
		return route.Cause
	}
	switch finding.Rule {
	case governancev1alpha1.RuleKPIConflict, governancev1alpha1.RuleWatermelon:
		return governancev1alpha1.CauseRequired
	case governancev1alpha1.RuleBreached:
		if AtLeast(finding.Severity, governancev1alpha1.SeverityHigh) {
			return governancev1alpha1.CauseRequired
		}
	}
	return governancev1alpha1.CauseOptional
}
