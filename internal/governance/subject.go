package governance

import (
	"time"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

// judged is one requirement with the verdict on it.
type judged struct {
	requirement
	state  cadence.State
	change *governancev1alpha1.SubjectChange
}

// subject is all that a rule about a process may look at.
type subject struct {
	process      *governancev1alpha1.Process
	policy       Policy
	history      history
	requirements []judged
	counts       governancev1alpha1.ProcessCounts
	rides        int32
	now          time.Time
}

// found is what a rule found, before severity, waivers and the past are brought in.
type found struct {
	about string
	// since and episode are set where the rule knows them; otherwise they are taken from the first observation.
	since   time.Time
	episode string
	// severity is set where it is not the rule's own.
	severity governancev1alpha1.Severity
	message  string
	// changes is when the finding can change next without anything else happening; zero for never.
	changes time.Time
}

// processRule yields the findings of one rule about a process.
type processRule struct {
	name governancev1alpha1.Rule
	find func(*subject) []found
}

// processRules are read aloud from top to bottom; the names and the reasons stand in rules.go.
var processRules = []processRule{
	{governancev1alpha1.RuleNeverReviewed, neverReviewed},
	{governancev1alpha1.RuleReviewOverdue, reviewOverdue},
	{governancev1alpha1.RuleCadenceTooLong, cadenceTooLong},
	{governancev1alpha1.RuleStepUnjustified, stepUnjustified},
	{governancev1alpha1.RuleDecisionPending, decisionPending},
	{governancev1alpha1.RuleNotExplainable, notExplainable},
	{governancev1alpha1.RuleTooManySteps, tooManySteps},
	{governancev1alpha1.RuleTooManyRoles, tooManyRoles},
	{governancev1alpha1.RuleTooManyTouchpoints, tooManyTouchpoints},
	{governancev1alpha1.RuleTooManyHandoffs, tooManyHandoffs},
	{governancev1alpha1.RuleNoCustomer, noCustomer},
	{governancev1alpha1.RuleAuthorityGap, authorityGap},
}

// limitRules are the rules that a draft is held to which was in effect before: leaving Active must not silence them.
var limitRules = map[governancev1alpha1.Rule]bool{
	governancev1alpha1.RuleNeverReviewed: true,
	governancev1alpha1.RuleReviewOverdue: true,
}

// wellDefinedRules are those that ConditionWellDefined sums up.
var wellDefinedRules = map[governancev1alpha1.Rule]bool{
	governancev1alpha1.RuleNotExplainable:     true,
	governancev1alpha1.RuleTooManySteps:       true,
	governancev1alpha1.RuleTooManyRoles:       true,
	governancev1alpha1.RuleTooManyTouchpoints: true,
	governancev1alpha1.RuleTooManyHandoffs:    true,
	governancev1alpha1.RuleNoCustomer:         true,
	governancev1alpha1.RuleAuthorityGap:       true,
}
