package governance_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

func TestMatchRoute(t *testing.T) {
	t.Parallel()
	never, always := false, true
	keySubjects := &metav1.LabelSelector{MatchLabels: map[string]string{"tier": "key"}}
	notUnderstood := &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "tier", Operator: "Near"}}}
	overdue := v1alpha1.Finding{Rule: v1alpha1.RuleReviewOverdue, Severity: v1alpha1.SeverityHigh}

	for sentence, test := range map[string]struct {
		routes  []v1alpha1.Route
		rules   []v1alpha1.RuleSetting
		labels  map[string]string
		finding v1alpha1.Finding
		want    string
	}{
		"a policy without routes opens nothing": {finding: overdue},
		"a route without conditions covers a finding of severity Medium": {
			routes:  []v1alpha1.Route{{Name: "any"}},
			finding: v1alpha1.Finding{Rule: v1alpha1.RuleCadenceTooLong, Severity: v1alpha1.SeverityMedium},
			want:    "any",
		},
		"a route without conditions does not cover a finding of severity Low": {
			routes:  []v1alpha1.Route{{Name: "any"}},
			finding: v1alpha1.Finding{Rule: v1alpha1.RuleNoCustomer, Severity: v1alpha1.SeverityLow},
		},
		"a route from Low on covers a finding of severity Low": {
			routes:  []v1alpha1.Route{{Name: "low", MinSeverity: v1alpha1.SeverityLow}},
			finding: v1alpha1.Finding{Rule: v1alpha1.RuleNoCustomer, Severity: v1alpha1.SeverityLow},
			want:    "low",
		},
		"a finding of unknown severity is covered by no route": {
			routes:  []v1alpha1.Route{{Name: "low", MinSeverity: v1alpha1.SeverityLow}},
			finding: v1alpha1.Finding{Rule: v1alpha1.RuleNoCustomer},
		},
		"the first of two routes that match wins": {
			routes:  []v1alpha1.Route{{Name: "first"}, {Name: "second"}},
			finding: overdue,
			want:    "first",
		},
		"a route for other rules is passed over": {
			routes: []v1alpha1.Route{
				{Name: "others", Rules: []v1alpha1.Rule{v1alpha1.RuleCadenceTooLong}},
				{Name: "reviews", Rules: []v1alpha1.Rule{v1alpha1.RuleNeverReviewed, v1alpha1.RuleReviewOverdue}},
			},
			finding: overdue,
			want:    "reviews",
		},
		"a route for subjects with other labels is passed over": {
			routes:  []v1alpha1.Route{{Name: "key", Selector: keySubjects}, {Name: "rest"}},
			labels:  map[string]string{"tier": "standard"},
			finding: overdue,
			want:    "rest",
		},
		"a route for subjects with these labels matches": {
			routes:  []v1alpha1.Route{{Name: "key", Selector: keySubjects}, {Name: "rest"}},
			labels:  map[string]string{"tier": "key"},
			finding: overdue,
			want:    "key",
		},
		"a selector that is not understood matches nothing": {
			routes:  []v1alpha1.Route{{Name: "odd", Selector: notUnderstood}},
			labels:  map[string]string{"tier": "key"},
			finding: overdue,
		},
		"a rule that the policy does not ticket opens nothing": {
			routes:  []v1alpha1.Route{{Name: "any"}},
			rules:   []v1alpha1.RuleSetting{{Name: v1alpha1.RuleReviewOverdue, Ticketed: &never}},
			finding: overdue,
		},
		"a rule that the policy says it tickets opens a ticket": {
			routes:  []v1alpha1.Route{{Name: "any"}},
			rules:   []v1alpha1.RuleSetting{{Name: v1alpha1.RuleReviewOverdue, Ticketed: &always}},
			finding: overdue,
			want:    "any",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			policy := &v1alpha1.GovernancePolicy{Spec: v1alpha1.GovernancePolicySpec{Routes: test.routes, Rules: test.rules}}
			got := ""
			if route := governance.MatchRoute(policy, test.labels, test.finding); route != nil {
				got = string(route.Name)
			}
			if got != test.want {
				t.Errorf("the route is %q, want %q", got, test.want)
			}
		})
	}
}

func TestMatchRouteWithoutAPolicy(t *testing.T) {
	t.Parallel()
	finding := v1alpha1.Finding{Rule: v1alpha1.RuleReviewOverdue, Severity: v1alpha1.SeverityCritical}
	if route := governance.MatchRoute(nil, nil, finding); route != nil {
		t.Errorf("without a policy the finding is routed to %q", route.Name)
	}
}

func TestWhereACauseIsAskedFor(t *testing.T) {
	for sentence, test := range map[string]struct {
		route   v1alpha1.CauseDemand
		finding v1alpha1.Finding
		want    v1alpha1.CauseDemand
	}{
		"of a Fatal KPI that misses": {
			"", v1alpha1.Finding{Rule: v1alpha1.RuleBreached, Severity: v1alpha1.SeverityCritical}, v1alpha1.CauseRequired,
		},
		"of an outcome that misses": {
			"", v1alpha1.Finding{Rule: v1alpha1.RuleBreached, Severity: v1alpha1.SeverityHigh}, v1alpha1.CauseRequired,
		},
		"not of a driver that misses": {
			"", v1alpha1.Finding{Rule: v1alpha1.RuleBreached, Severity: v1alpha1.SeverityMedium}, v1alpha1.CauseOptional,
		},
		"of a KPI met at the expense of another": {
			"", v1alpha1.Finding{Rule: v1alpha1.RuleKPIConflict, Severity: v1alpha1.SeverityLow}, v1alpha1.CauseRequired,
		},
		"of a watermelon": {
			"", v1alpha1.Finding{Rule: v1alpha1.RuleWatermelon}, v1alpha1.CauseRequired,
		},
		"not of a review": {
			"", v1alpha1.Finding{Rule: v1alpha1.RuleReviewOverdue, Severity: v1alpha1.SeverityCritical},
			v1alpha1.CauseOptional,
		},
		"of a review, where the route says so": {
			v1alpha1.CauseRequired, v1alpha1.Finding{Rule: v1alpha1.RuleReviewOverdue}, v1alpha1.CauseRequired,
		},
		"not of a watermelon, where the route says so": {
			v1alpha1.CauseOptional, v1alpha1.Finding{Rule: v1alpha1.RuleWatermelon}, v1alpha1.CauseOptional,
		},
	} {
		if got := governance.CauseDemanded(&v1alpha1.Route{Cause: test.route}, test.finding); got != test.want {
			t.Errorf("%s: it is %s", sentence, got)
		}
	}
}
