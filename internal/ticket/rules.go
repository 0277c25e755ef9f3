package ticket

import (
	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// ruleText says of a rule, to somebody who has never heard of it, what is wrong and what to do. Why the rule exists is
// said by package governance.
type ruleText struct {
	// title continues "<process>: ".
	title string
	// todo says what to do, in one sentence or two.
	todo string
	// review is true where recording a review is what clears the finding.
	review bool
}

// ruleTexts holds one entry for each rule that judges a Process.
var ruleTexts = map[v1alpha1.Rule]ruleText{
	v1alpha1.RuleReviewOverdue: {
		title:  "a review is overdue",
		todo:   "Hold the review, then record it as a Review. This ticket is closed by itself once the review counts.",
		review: true,
	},
	v1alpha1.RuleNeverReviewed: {
		title:  "it was never reviewed",
		todo:   "Hold a full review, then record it as a Review. This ticket is closed by itself once the review counts.",
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
}

// whyOf says why a rule exists.
func whyOf(rule v1alpha1.Rule) string {
	if info, known := governance.Rule(rule); known {
		return info.Why
	}
	return "The governance policy of this namespace asks for it."
}

// textOf explains any rule, also one that a later version knows and this one does not.
func textOf(rule v1alpha1.Rule) ruleText {
	if text, known := ruleTexts[rule]; known {
		return text
	}
	return ruleText{
		title: string(rule),
		todo:  "Look at the status of the process, which says what is wrong, and cure it in the declaration.",
	}
}
