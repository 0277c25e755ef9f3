package governance

import (
	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// processView is all that a rule about a process may look at.
type processView struct {
	view
	process *governancev1alpha1.Process
	counts  governancev1alpha1.ProcessCounts
	rides   int32
	family  family
	// parentHasOutcome is true where a process that this one is a part of has an outcome of the customer's perspective.
	parentHasOutcome bool
}

// processRules are read aloud from top to bottom; the reasons stand in rules.go.
var processRules = []rule[*processView]{
	{governancev1alpha1.RuleNeverReviewed, onAny[*processView](neverReviewed)},
	{governancev1alpha1.RuleReviewOverdue, onAny[*processView](reviewOverdue)},
	{governancev1alpha1.RuleCadenceTooLong, onAny[*processView](cadenceTooLong)},
	{governancev1alpha1.RuleWatermelon, watermelon},
	{governancev1alpha1.RuleStepUnjustified, stepUnjustified},
	{governancev1alpha1.RuleDecisionPending, onAny[*processView](decisionPending)},
	{governancev1alpha1.RuleNoOutcome, noOutcome},
	{governancev1alpha1.RuleNotExplainable, notExplainable},
	{governancev1alpha1.RuleTooManySteps, tooManySteps},
	{governancev1alpha1.RuleTooManyRoles, tooManyRoles},
	{governancev1alpha1.RuleTooManyTouchpoints, tooManyTouchpoints},
	{governancev1alpha1.RuleTooManyHandoffs, tooManyHandoffs},
	{governancev1alpha1.RuleTooManyKPIs, tooManyKPIs},
	{governancev1alpha1.RuleNoCustomer, noCustomer},
	{governancev1alpha1.RuleAuthorityGap, authorityGap},
	{governancev1alpha1.RulePeopleCauseShare, peopleCauseShare},
	{governancev1alpha1.RuleNothingLearned, onAny[*processView](nothingLearned)},
}
