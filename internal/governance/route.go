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
