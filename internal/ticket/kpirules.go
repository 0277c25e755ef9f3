package ticket

import "github.com/gemba-dev/gemba/api/v1alpha1"

// kpiTexts holds one entry for each rule that judges a KPI. A definition that nobody has examined for long does harm:
// what is said of its reviews is "repair it, or retire the KPI". A KPI is retired by taking its declaration away.
var kpiTexts = map[v1alpha1.Rule]ruleText{
	v1alpha1.RuleReviewOverdue: {
		title:  "a review is overdue",
		todo:   "Examine the definition, then repair it or retire the KPI. Record the review as a Review; this ticket is closed by itself once the review counts, or once the KPI is no longer declared.",
		byWhen: deadlinePassed,
		review: true,
	},
	v1alpha1.RuleNeverReviewed: {
		title:  "its definition was never reviewed",
		todo:   "Examine the definition as a whole, then repair it or retire the KPI. Record the full review as a Review; this ticket is closed by itself once the review counts, or once the KPI is no longer declared.",
		byWhen: deadlinePassed,
		review: true,
	},
	v1alpha1.RuleCadenceTooLong: {
		title: "its reviews are planned too far apart",
		todo:  "Choose a cadence within the limit in the declaration of the KPI (spec.reviews), so that it is repaired or retired in time.",
	},
	v1alpha1.RuleDecisionPending: {
		title: "what a review decided is not done",
		todo:  "Repair the definition as the review decided, or retire the KPI; list actions that are done in actionsDone of the next Review.",
	},
	v1alpha1.RuleNotExplainable: {
		title: "the newest member could not explain it",
		todo:  "Say in a few sentences why the KPI exists and what it measures (spec.why, spec.what), or retire it.",
	},
	v1alpha1.RuleNotActionable: {
		title: "nobody says what to do when it misses",
		todo:  "Say what to do when the objective is missed (spec.action), or retire the KPI.",
	},
	v1alpha1.RuleUnbalanced: {
		title: "it has no counterweight",
		todo:  "Name the KPIs that must not suffer from this one (spec.balancedBy).",
	},
	v1alpha1.RuleNotPredictive: {
		title: "it does not move with what it stands for",
		todo:  "Find a better proxy, or retire the KPI. How well it does is shown in status.correlation.",
	},
	v1alpha1.RuleTargetOutgrown: {
		title: "its target asks for nothing any more",
		todo:  "Raise the target (spec.objective), or retire the KPI.",
	},
	v1alpha1.RuleBreached: {
		title:  "its objective is missed",
		todo:   "Find what is at fault in the process, or in the KPI, and change that. The value is shown in status.value.",
		byWhen: numbersTell,
		number: true,
		acts:   true,
	},
	v1alpha1.RuleAtRisk: {
		title:  "its objective is at risk",
		todo:   "Act now, while the objective is met still. The value is shown in status.value, where it is heading in status.trend.",
		byWhen: "before the objective is missed",
		number: true,
		acts:   true,
	},
	v1alpha1.RuleKPIConflict: {
		title:  "it is met at the expense of what balances it",
		todo:   "Look what people do to meet the one that harms the other. Change the target, the incentive or the process, so that both can be met.",
		byWhen: numbersTell,
		number: true,
	},
	v1alpha1.RuleStale: {
		title:  "it has no current value",
		todo:   "Repair the source (spec.source), or retire the KPI. What came of asking is shown in status.attempt.",
		byWhen: "as soon as possible; until then nobody knows whether the objective is met",
		number: true,
	},
	v1alpha1.RuleNothingLearned: {
		title:  "nothing was learned from what was tried",
		todo:   "Write down what was learned from each attempt, in spec.attempts of the Remediations that are named above or in their tickets. It need not be much: a sentence that keeps the next one from trying the same again.",
		byWhen: "before the next attempt",
	},
	v1alpha1.RuleNeverMeasured: {
		title:  "it was never measured",
		todo:   "Repair the source (spec.source), or retire the KPI. What came of asking is shown in status.attempt.",
		byWhen: "as soon as possible; until then nobody knows whether the objective is met",
		number: true,
	},
}
