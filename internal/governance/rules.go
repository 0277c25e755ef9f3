package governance

import (
	"time"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// RuleInfo is what is known of a rule before any policy speaks.
type RuleInfo struct {
	// Name of the rule.
	Name governancev1alpha1.Rule
	// Severity of its findings.
	Severity governancev1alpha1.Severity
	// Why the rule exists, as a sentence for people who have never heard of it.
	Why string
	// VerifyFor is how long a finding must stay gone before it counts as verified; zero for reviews and texts.
	VerifyFor time.Duration
}

// rules lists every rule, in the order in which findings are shown.
var rules = []RuleInfo{
	// What nobody has justified for a year may no longer be needed, or no longer be what is done.
	{Name: governancev1alpha1.RuleNeverReviewed, Severity: governancev1alpha1.SeverityHigh,
		Why: "A process that nobody has ever examined as a whole may do harm that nobody has noticed."},
	{Name: governancev1alpha1.RuleReviewOverdue, Severity: governancev1alpha1.SeverityHigh,
		Why: "Processes rot: what was right a year ago may be needless or wrong today, and only a review tells."},
	// A cadence beyond the limit promises to break it.
	{Name: governancev1alpha1.RuleCadenceTooLong, Severity: governancev1alpha1.SeverityMedium,
		Why: "A cadence that is longer than the limit plans to miss it."},
	// A step that nobody can justify is a step that customers pay for in vain.
	{Name: governancev1alpha1.RuleStepUnjustified, Severity: governancev1alpha1.SeverityMedium,
		Why: "A step without a reason, or changed since the last full review, was justified by nobody."},
	// A review whose decisions are not carried out was a waste.
	{Name: governancev1alpha1.RuleDecisionPending, Severity: governancev1alpha1.SeverityLow,
		Why: "A review helps only when what it decided is done."},
	// What cannot be told in one elevator ride is too complex to be done right every time.
	{Name: governancev1alpha1.RuleNotExplainable, Severity: governancev1alpha1.SeverityLow,
		Why: "A process that cannot be told in one elevator ride is too complex."},
	{Name: governancev1alpha1.RuleTooManySteps, Severity: governancev1alpha1.SeverityLow,
		Why: "Each step is a place where work waits and goes wrong."},
	{Name: governancev1alpha1.RuleTooManyRoles, Severity: governancev1alpha1.SeverityLow,
		Why: "Where many roles take part, nobody owns the whole."},
	{Name: governancev1alpha1.RuleTooManyTouchpoints, Severity: governancev1alpha1.SeverityLow,
		Why: "Each touchpoint asks the customer for time and patience."},
	{Name: governancev1alpha1.RuleTooManyHandoffs, Severity: governancev1alpha1.SeverityLow,
		Why: "Work waits, and knowledge is lost, each time that it changes hands."},
	// A process for nobody in particular serves nobody.
	{Name: governancev1alpha1.RuleNoCustomer, Severity: governancev1alpha1.SeverityLow,
		Why: "A process that names no customer, inside or outside, cannot be judged by what it does for one."},
	// Whoever refuses a customer for lack of authority shows a gap in the process.
	{Name: governancev1alpha1.RuleAuthorityGap, Severity: governancev1alpha1.SeverityLow,
		Why: "Where nobody may decide, customers are refused for want of authority and not on the merits."},
}

var rulesByName = func() map[governancev1alpha1.Rule]RuleInfo {
	byName := make(map[governancev1alpha1.Rule]RuleInfo, len(rules))
	for _, rule := range rules {
		byName[rule.Name] = rule
	}
	return byName
}()

// Rules gives every rule, in the order in which findings are shown.
func Rules() []RuleInfo {
	return append([]RuleInfo(nil), rules...)
}

// Rule gives what is known of a rule; ok is false for a name that is no rule.
func Rule(name governancev1alpha1.Rule) (info RuleInfo, ok bool) {
	info, ok = rulesByName[name]
	return info, ok
}

// severityRank orders severities; an unknown one ranks below all.
var severityRank = map[governancev1alpha1.Severity]int{
	governancev1alpha1.SeverityLow:      1,
	governancev1alpha1.SeverityMedium:   2,
	governancev1alpha1.SeverityHigh:     3,
	governancev1alpha1.SeverityCritical: 4,
}

// AtLeast tells whether a severity is as grave as a bound.
func AtLeast(severity, bound governancev1alpha1.Severity) bool {
	return severityRank[severity] >= severityRank[bound]
}
