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

// week is how long a number must stay good before its ticket is closed, unless the policy says otherwise.
const week = 7 * 24 * time.Hour

// rules lists every rule, in the order in which findings are shown.
var rules = []RuleInfo{
	// What nobody has justified for a year may no longer be needed, or no longer be what is done.
	{Name: governancev1alpha1.RuleNeverReviewed, Severity: governancev1alpha1.SeverityHigh,
		Why: "What nobody has ever examined as a whole may do harm that nobody has noticed: repair it or retire it."},
	{Name: governancev1alpha1.RuleReviewOverdue, Severity: governancev1alpha1.SeverityHigh,
		Why: "Processes and KPIs rot: what was right a year ago may be needless or wrong today, and only a review tells."},
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
		Why: "What cannot be told in one elevator ride is too complex, and a KPI that the newest member cannot explain steers nobody."},
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
	// What everybody measures, nobody looks at.
	{Name: governancev1alpha1.RuleTooManyKPIs, Severity: governancev1alpha1.SeverityLow,
		Why: "Whoever is judged by many numbers is led by none of them."},
	// A journey is judged end to end, by what the customer gets out of it.
	{Name: governancev1alpha1.RuleNoOutcome, Severity: governancev1alpha1.SeverityLow,
		Why: "Numbers about the work alone cannot tell whether the customer got what they came for."},
	{Name: governancev1alpha1.RuleWatermelon, Severity: governancev1alpha1.SeverityHigh, VerifyFor: week,
		Why: "A process whose every number is green while its customers leave measures the wrong things."},
	// A number is there to be acted upon.
	{Name: governancev1alpha1.RuleBreached, Severity: governancev1alpha1.SeverityMedium, VerifyFor: week,
		Why: "An objective that is missed and that nobody acts upon is no objective."},
	{Name: governancev1alpha1.RuleKPIConflict, Severity: governancev1alpha1.SeverityHigh, VerifyFor: week,
		Why: "A target that is met at the expense of what balances it works against the customer."},
	{Name: governancev1alpha1.RuleStale, Severity: governancev1alpha1.SeverityMedium, VerifyFor: time.Hour,
		Why: "Old data misleads: whoever looks at it believes that all is as it was."},
	{Name: governancev1alpha1.RuleNeverMeasured, Severity: governancev1alpha1.SeverityMedium, VerifyFor: time.Hour,
		Why: "A KPI without a value is a promise that nobody keeps."},
	{Name: governancev1alpha1.RuleNotActionable, Severity: governancev1alpha1.SeverityMedium,
		Why: "A number that calls for nothing when it goes wrong is waste."},
	// A KPI must not work against the customer.
	{Name: governancev1alpha1.RuleUnbalanced, Severity: governancev1alpha1.SeverityLow,
		Why: "What is measured gets done, at the expense of what is not: a number about cost or speed needs a counterweight."},
	// Act on a trend before everybody feels it.
	{Name: governancev1alpha1.RuleAtRisk, Severity: governancev1alpha1.SeverityLow, VerifyFor: 24 * time.Hour,
		Why: "It is cheaper to act on a trend than on the breach that it leads to."},
	// An internal score that does not move with what the customer feels has lost its use.
	{Name: governancev1alpha1.RuleNotPredictive, Severity: governancev1alpha1.SeverityLow,
		Why: "A score that does not move with what it stands for steers by chance."},
	{Name: governancev1alpha1.RuleTargetOutgrown, Severity: governancev1alpha1.SeverityLow,
		Why: "A target that is never at risk asks for nothing any more: raise it, or spend the attention elsewhere."},
	// When numbers go wrong, the process or the KPI is at fault in nine cases of ten.
	{Name: governancev1alpha1.RulePeopleCauseShare, Severity: governancev1alpha1.SeverityLow,
		Why: "When numbers go wrong, the process or the KPI is at fault in nine cases of ten: where people are blamed, the process stays as it is."},
	// Failing is fine while it drives the next attempt.
	{Name: governancev1alpha1.RuleNothingLearned, Severity: governancev1alpha1.SeverityLow,
		Why: "Failing is fine while it drives the next attempt: what nobody has learned from is tried again."},
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

// Rank orders severities: the graver, the higher. An unknown one ranks below all.
func Rank(severity governancev1alpha1.Severity) int { return severityRank[severity] }

// AtLeast tells whether a severity is as grave as a bound.
func AtLeast(severity, bound governancev1alpha1.Severity) bool {
	return severityRank[severity] >= severityRank[bound]
}
