package governance_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/status"
)

func notUnderstood() *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "team", Operator: "Near"}}}
}

func broken(name string) *v1alpha1.GovernancePolicy {
	policy := builders.MakePolicy(name).Priority(100).Obj()
	policy.Spec.NamespaceSelector = notUnderstood()
	return policy
}

func TestSelectPolicy(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		policies []*v1alpha1.GovernancePolicy
		want     string
	}{
		"without a policy there is none": {},
		"a policy without a selector chooses every namespace": {
			policies: []*v1alpha1.GovernancePolicy{builders.MakePolicy("all").Obj()}, want: "all",
		},
		"a policy whose selector does not match chooses nothing": {
			policies: []*v1alpha1.GovernancePolicy{builders.MakePolicy("other").Selects("team", "billing").Obj()},
		},
		"the highest priority wins, however narrow the others are": {
			policies: []*v1alpha1.GovernancePolicy{
				builders.MakePolicy("narrow").Selects("team", "desk").Priority(1).Obj(), builders.MakePolicy("wide").Priority(2).Obj(),
			},
			want: "wide",
		},
		"of the same priority the first by name wins, in whatever order they come": {
			policies: []*v1alpha1.GovernancePolicy{builders.MakePolicy("zoo").Obj(), builders.MakePolicy("ape").Obj()},
			want:     "ape",
		},
		"a negative priority loses to none": {
			policies: []*v1alpha1.GovernancePolicy{builders.MakePolicy("ape").Priority(-1).Obj(), builders.MakePolicy("zoo").Obj()},
			want:     "zoo",
		},
		"a policy whose selector is not understood chooses nothing": {
			policies: []*v1alpha1.GovernancePolicy{broken("ape"), builders.MakePolicy("zoo").Obj()}, want: "zoo",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got := ""
			if chosen := governance.SelectPolicy(values(test.policies), map[string]string{"team": "desk"}); chosen != nil {
				got = chosen.Name
			}
			if got != test.want {
				t.Errorf("chosen: %q", got)
			}
		})
	}
}

func values(policies []*v1alpha1.GovernancePolicy) []v1alpha1.GovernancePolicy {
	var list []v1alpha1.GovernancePolicy
	for _, policy := range policies {
		list = append(list, *policy)
	}
	return list
}

func TestEffectivePolicy(t *testing.T) {
	t.Parallel()
	defaults, empty := governance.EffectivePolicy(nil), governance.EffectivePolicy(builders.MakePolicy("empty").Obj())
	if defaults.Limits != empty.Limits || !defaults.SeparationOfDuties || !empty.SeparationOfDuties {
		t.Errorf("a policy that says nothing is %+v, the defaults are %+v", empty, defaults)
	}
	want := "P12M P60D P6M 2 20 8 12 8"
	if got := spell(defaults.Limits); got != want {
		t.Errorf("defaults are %s, want %s", got, want)
	}
	three := int32(3)
	declared := governance.EffectivePolicy(builders.MakePolicy("own").Limits(v1alpha1.Limits{
		MaxProcessReviewInterval: "P1Y", ActOnReviewWithin: "P2W", MaxWaiver: "P1M", MaxWaiverExtensions: &three,
		MaxSteps: 4, MaxRoles: 5, MaxTouchpoints: 6, MaxHandoffs: 7,
	}).SeparationOfDuties(false).Obj())
	if got := spell(declared.Limits); got != "P1Y P2W P1M 3 4 5 6 7" || declared.SeparationOfDuties || declared.Name != "own" {
		t.Errorf("declared limits are %s", got)
	}
}

func TestPolicyRequirements(t *testing.T) {
	t.Parallel()
	tightened := builders.MakePolicy("house").
		Requires(v1alpha1.PolicyRequirement{Tier: v1alpha1.TierKey, MaxReviewInterval: "P6M", MinApprovals: 2}).
		Requires(v1alpha1.PolicyRequirement{
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"risk": "high"}}, MaxReviewInterval: "P90D", MinApprovals: 1,
		}).
		Requires(v1alpha1.PolicyRequirement{MaxReviewInterval: "P5Y"}).
		Requires(v1alpha1.PolicyRequirement{Selector: notUnderstood(), MaxReviewInterval: "P1D", MinApprovals: 9})
	for sentence, test := range map[string]struct {
		process   *builders.ProcessBuilder
		interval  string
		approvals int
	}{
		"a process that no requirement chooses has the limit, which none makes longer": {builders.MakeProcess("x"), "P12M", 1},
		"a tier is chosen":  {builders.MakeProcess("x").Tier(v1alpha1.TierKey), "P6M", 2},
		"a label is chosen": {builders.MakeProcess("x").Label("risk", "high"), "P90D", 1},
		"of several the strictest holds, in each respect": {
			builders.MakeProcess("x").Tier(v1alpha1.TierKey).Label("risk", "high"), "P90D", 2,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			policy := governance.EffectivePolicy(tightened.Obj())
			process := test.process.Obj()
			if got := policy.ReviewInterval(governance.ProcessSubject(process)).String(); got != test.interval {
				t.Errorf("interval %s", got)
			}
			if got := policy.MinApprovals(governance.ProcessSubject(process)); got != test.approvals {
				t.Errorf("%d approvals", got)
			}
		})
	}
}

func TestRuleSettings(t *testing.T) {
	t.Parallel()
	never := false
	policy := governance.EffectivePolicy(builders.MakePolicy("house").
		Rule(v1alpha1.RuleSetting{
			Name: v1alpha1.RuleNoCustomer, Severity: v1alpha1.SeverityHigh, Ticketed: &never, VerifyFor: "24h",
			Disabled: &v1alpha1.RuleDisabled{Reason: "later", Until: "2024-09-01"},
		}).Obj())
	if got := policy.Severity(v1alpha1.RuleNoCustomer, v1alpha1.SeverityLow); got != v1alpha1.SeverityHigh {
		t.Errorf("severity %s", got)
	}
	if got := policy.Severity(v1alpha1.RuleTooManySteps, v1alpha1.SeverityLow); got != v1alpha1.SeverityLow {
		t.Errorf("severity of another rule %s", got)
	}
	if policy.Ticketed(v1alpha1.RuleNoCustomer) || !policy.Ticketed(v1alpha1.RuleTooManySteps) {
		t.Error("only the rule that is set must not open tickets")
	}
	if policy.VerifyFor(v1alpha1.RuleNoCustomer) != 24*time.Hour || policy.VerifyFor(v1alpha1.RuleTooManySteps) != 0 {
		t.Error("only the rule that is set is verified for a day")
	}
	for when, want := range map[string]bool{"2024-08-31T23:59:59Z": true, "2024-09-01": false} {
		if until, disabled := policy.DisabledUntil(v1alpha1.RuleNoCustomer, at(when)); disabled != want || !until.Equal(at("2024-09-01")) {
			t.Errorf("at %s disabled: %v, until %s", when, disabled, until)
		}
	}
	if _, disabled := policy.DisabledUntil(v1alpha1.RuleTooManySteps, at("2024-08-01")); disabled {
		t.Error("another rule is disabled")
	}
}

func TestEveryRuleIsTold(t *testing.T) {
	t.Parallel()
	listed := governance.Rules()
	listed[0].Name = "changed"
	for _, rule := range governance.Rules() {
		info, known := governance.Rule(rule.Name)
		if !known || info != rule || !governance.AtLeast(rule.Severity, v1alpha1.SeverityLow) || !strings.HasSuffix(rule.Why, ".") {
			t.Errorf("rule %+v", rule)
		}
	}
	if _, known := governance.Rule("Overdue"); known {
		t.Error("Overdue is no rule")
	}
	if governance.AtLeast(v1alpha1.SeverityLow, v1alpha1.SeverityMedium) || !governance.AtLeast(v1alpha1.SeverityMedium, v1alpha1.SeverityMedium) ||
		governance.AtLeast("Unheard", v1alpha1.SeverityLow) {
		t.Error("severities are out of order")
	}
}

func TestJudgePolicy(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		policy  *v1alpha1.GovernancePolicy
		missing []string
		ready   string
		says    string
	}{
		"a policy is understood": {
			policy: builders.MakePolicy("house").Obj(), ready: "True/Reconciled", says: "The policy is understood.",
		},
		"what is missing is waited for": {
			policy: builders.MakePolicy("house").Obj(), missing: []string{"ReviewCadence annual does not exist: create it."},
			ready: "False/ReferenceNotFound", says: "ReviewCadence annual does not exist: create it.",
		},
		"a selector that is not understood stalls": {policy: broken("house"), ready: "False/InvalidSpec"},
		"a rule that there is not stalls": {
			policy: builders.MakePolicy("house").Rule(v1alpha1.RuleSetting{Name: "Overdue"}).Obj(), ready: "False/InvalidSpec",
			says: "spec.rules names Overdue, which is no rule: see the reference for their names.",
		},
		"a route for a rule that there is not stalls": {
			policy: builders.MakePolicy("house").Route("all", "gemba", "desk", "Overdue").Obj(), ready: "False/InvalidSpec",
			says: "Route all names Overdue, which is no rule: see the reference for their names.",
		},
		"a requirement whose selector is not understood stalls": {
			policy: builders.MakePolicy("house").Requires(v1alpha1.PolicyRequirement{Selector: notUnderstood()}).Obj(),
			ready:  "False/InvalidSpec",
		},
		"a route whose selector is not understood stalls": {
			policy: builders.MakePolicy("house").RouteOf(v1alpha1.Route{Name: "all", Selector: notUnderstood()}).Obj(),
			ready:  "False/InvalidSpec",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got := governance.JudgePolicy(t.Context(), governance.PolicyInput{
				Policy: test.policy, Policies: []v1alpha1.GovernancePolicy{*test.policy}, Missing: test.missing,
			}, at("2024-07-01"))
			wantCondition(t, got.Conditions, v1alpha1.ConditionReady, test.ready)
			if message := status.Find(got.Conditions, v1alpha1.ConditionReady).Message; test.says != "" && message != test.says {
				t.Errorf("message %q", message)
			}
		})
	}
}

func TestAPolicyCountsItsNamespacesAndThoseItIsShadowedIn(t *testing.T) {
	t.Parallel()
	wide, narrow := builders.MakePolicy("wide").Obj(), builders.MakePolicy("narrow").Selects("team", "desk").Priority(1).Obj()
	namespaces := []map[string]string{nil, {"team": "desk"}, {"team": "billing"}}
	for policy, want := range map[*v1alpha1.GovernancePolicy][2]int32{wide: {2, 1}, narrow: {1, 0}} {
		got := governance.JudgePolicy(t.Context(), governance.PolicyInput{
			Policy: policy, Policies: []v1alpha1.GovernancePolicy{*wide, *narrow}, Namespaces: namespaces,
		}, at("2024-07-01"))
		if got.Namespaces != want[0] || got.Shadowed != want[1] {
			t.Errorf("%s judges %d and is shadowed in %d", policy.Name, got.Namespaces, got.Shadowed)
		}
	}
}

func spell(limits governance.Limits) string {
	return fmt.Sprint(limits.ReviewInterval, " ", limits.ActOnReviewWithin, " ", limits.Waiver, " ", limits.WaiverExtensions, " ",
		limits.Steps, " ", limits.Roles, " ", limits.Touchpoints, " ", limits.Handoffs)
}
