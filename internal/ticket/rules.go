package ticket

import (
	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// ruleText says of a rule, to somebody who has never heard of it, what is wrong and what to do. Why the rule exists is
// said by package governance, save where a kind needs words of its own.
type ruleText struct {
	// title continues "<subject>: ".
	title string
	// why the rule exists, where it is said of one kind in other words than package governance has for all.
	why string
	// todo says what to do, in one sentence or two.
	todo string
	// byWhen says by when, where that is not the next review.
	byWhen string
	// review is true where recording a review is what clears the finding.
	review bool
	// number is true where only a number that has become good clears the finding.
	number bool
	// acts is true where the action that a KPI declares is what to do.
	acts bool
}

const (
	deadlinePassed = "now; the deadline has passed"
	numbersTell    = "as soon as possible; the numbers say when it is done"
)

// ruleTexts holds what is said of each rule, by the kind that it judges.
var ruleTexts = map[v1alpha1.SubjectKind]map[v1alpha1.Rule]ruleText{
	v1alpha1.KindProcess: processTexts,
	v1alpha1.KindKPI:     kpiTexts,
}

// processTexts holds one entry for each rule that judges a Process.
var processTexts = map[v1alpha1.Rule]ruleText{
	v1alpha1.RuleReviewOverdue: {
		title:  "a review is overdue",
		why:    "Processes rot: what was right a year ago may be needless or wrong today, and only a review tells.",
		todo:   "Hold the review, then record it as a Review. This ticket is closed by itself once the review counts.",
		byWhen: deadlinePassed,
		review: true,
	},
	v1alpha1.RuleNeverReviewed: {
		title:  "it was never reviewed",
		why:    "A process that nobody has ever examined as a whole may do harm that nobody has noticed.",
		todo:   "Hold a full review, then record it as a Review. This ticket is closed by itself once the review counts.",
		byWhen: deadlinePassed,
		review: true,
	},
	v1alpha1.RuleCadenceTooLong: {
		title: "its reviews are planned too far apart",
		todo:  "Choose a cadence within the limit in the declaration of the process (spec.reviews).",
	},
	v1alpha1.RuleStepUnjustified: {
		title:  "a step is not justified",
		todo:   "Write down why the step exists (spec.steps[].why), or remove the step. A step that was added or changed since the last full review is justified by the next one.",
		review: true,
	},
	v1alpha1.RuleDecisionPending: {
		title: "what a review decided is not done",
		todo:  "Change or remove the steps that the review named in the declaration of the process; list actions that are done in actionsDone of the next Review.",
	},
	v1alpha1.RuleNotExplainable: {
		title: "it takes too long to explain",
		why:   "A process that cannot be told in one elevator ride is too complex.",
		todo:  "Shorten the text, merge steps, or split the process.",
	},
	v1alpha1.RuleTooManySteps: {
		title: "it has too many steps",
		todo:  "Remove or merge steps, or split the process.",
	},
	v1alpha1.RuleTooManyRoles: {
		title: "too many roles take part",
		todo:  "Let fewer roles do more of the work, and change the steps accordingly.",
	},
	v1alpha1.RuleTooManyTouchpoints: {
		title: "the customer is bothered too often",
		todo:  "Remove or merge touchpoints.",
	},
	v1alpha1.RuleTooManyHandoffs: {
		title: "the work changes hands too often",
		todo:  "Reorder or merge steps so that the work stays longer in one pair of hands.",
	},
	v1alpha1.RuleNoCustomer: {
		title: "nobody is named for whom it exists",
		todo:  "Name the customers in the declaration of the process (spec.customers), or retire it.",
	},
	v1alpha1.RuleAuthorityGap: {
		title: "a decision lacks authority",
		todo:  "Say for each decision who may decide up to what, and who decides beyond (spec.steps[].authority).",
	},
	v1alpha1.RuleTooManyKPIs: {
		title: "too many KPIs judge it",
		todo:  "Keep the KPIs that somebody acts upon, and retire the others.",
	},
	v1alpha1.RuleNoOutcome: {
		title: "nobody measures what its customers get",
		todo:  "Declare a KPI with role Outcome and perspective Customer, for the process or for one that it is a part of.",
	},
	v1alpha1.RuleWatermelon: {
		title:  "it is green outside and red inside",
		todo:   "Ask the customers what the drivers leave out, and change the process there. Replace the drivers that hid it.",
		byWhen: numbersTell,
		number: true,
	},
	v1alpha1.RulePeopleCauseShare: {
		title: "its people are blamed too often",
		todo:  "Look for what in the process lets people fail, and change that. kubectl get remediations shows the causes (status.cause); one that was named too quickly can be corrected (spec.cause).",
	},
	v1alpha1.RuleNothingLearned: {
		title:  "nothing was learned from what was tried",
		todo:   "Write down what was learned from each attempt, in spec.attempts of the Remediations that are named above or in their tickets. It need not be much: a sentence that keeps the next one from trying the same again.",
		byWhen: "before the next attempt",
	},
}

// textOf explains any rule to those who answer for a kind, also a rule that a later version knows and this one does not.
func textOf(kind v1alpha1.SubjectKind, rule v1alpha1.Rule) ruleText {
	text, known := ruleTexts[governance.KindOf(kind)][rule]
	if !known {
		text = ruleText{
			title: string(rule),
			todo: "Look at the status of the " + governance.Noun(kind) +
				", which says what is wrong, and cure it in the declaration.",
		}
	}
	if text.why == "" {
		text.why = whyOf(rule)
	}
	return text
}

// whyOf says why a rule exists.
func whyOf(rule v1alpha1.Rule) string {
	if info, known := governance.Rule(rule); known {
		return info.Why
	}
	return "The governance policy of this namespace asks for it."
}
