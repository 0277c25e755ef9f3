package samples

import (
	"slices"

	"k8s.io/apimachinery/pkg/types"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// Verdict is what Gemba must say of one sample, no more and no less.
type Verdict struct {
	Process types.NamespacedName
	// Findings by rule, in alphabetical order.
	Findings []governancev1alpha1.Rule
	// Tickets are the findings for which the policy opens a ticket.
	Tickets []governancev1alpha1.Rule
}

// Verdicts on the samples as they are applied at first.
var Verdicts = []Verdict{
	{
		Process:  types.NamespacedName{Namespace: "metering", Name: "supplier-switch"},
		Findings: []governancev1alpha1.Rule{governancev1alpha1.RuleReviewOverdue},
		Tickets:  []governancev1alpha1.Rule{governancev1alpha1.RuleReviewOverdue},
	},
	{
		// Twelve roles hand over at least eleven times, so the sixth rule comes with the third.
		Process: types.NamespacedName{Namespace: "billing", Name: "refunds"},
		Findings: []governancev1alpha1.Rule{
			governancev1alpha1.RuleDecisionPending, governancev1alpha1.RuleNotExplainable,
			governancev1alpha1.RuleReviewOverdue, governancev1alpha1.RuleTooManyHandoffs,
			governancev1alpha1.RuleTooManyRoles, governancev1alpha1.RuleTooManySteps,
		},
		Tickets: []governancev1alpha1.Rule{
			governancev1alpha1.RuleDecisionPending, governancev1alpha1.RuleReviewOverdue,
		},
	},
	{Process: types.NamespacedName{Namespace: "billing", Name: "refunds-v2"}},
	{
		Process: types.NamespacedName{Namespace: "billing", Name: "disconnection-non-payment"},
		Findings: []governancev1alpha1.Rule{
			governancev1alpha1.RuleNeverReviewed, governancev1alpha1.RuleNoCustomer,
		},
		Tickets: []governancev1alpha1.Rule{governancev1alpha1.RuleNeverReviewed},
	},
	{
		Process: types.NamespacedName{Namespace: "contact-centre", Name: "tariff-change"},
		Findings: []governancev1alpha1.Rule{
			governancev1alpha1.RuleCadenceTooLong, governancev1alpha1.RuleStepUnjustified,
		},
		Tickets: []governancev1alpha1.Rule{
			governancev1alpha1.RuleCadenceTooLong, governancev1alpha1.RuleStepUnjustified,
		},
	},
	{
		Process:  types.NamespacedName{Namespace: "contact-centre", Name: "credit-check"},
		Findings: []governancev1alpha1.Rule{governancev1alpha1.RuleAuthorityGap},
	},
	{Process: types.NamespacedName{Namespace: "contact-centre", Name: "complaint-handling"}},
	{Process: types.NamespacedName{Namespace: "billing", Name: "paper-archive"}},
	{
		// Suspended: the verdict stands, and no ticket is opened.
		Process:  types.NamespacedName{Namespace: "contact-centre", Name: "loyalty-club"},
		Findings: []governancev1alpha1.Rule{governancev1alpha1.RuleReviewOverdue},
	},
}

// ReviewedLater is the sample whose finding one review clears.
var ReviewedLater = types.NamespacedName{Namespace: "metering", Name: "supplier-switch"}

// RulesOf gives the rules of findings in alphabetical order.
func RulesOf(findings []governancev1alpha1.Finding) []governancev1alpha1.Rule {
	var rules []governancev1alpha1.Rule
	for i := range findings {
		rules = append(rules, findings[i].Rule)
	}
	slices.Sort(rules)
	return rules
}
