package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Severity of a finding.
//
// +kubebuilder:validation:Enum=Low;Medium;High;Critical
type Severity string

// The severities, the mildest first. From Medium on a finding makes its subject non-compliant.
const (
	SeverityLow      Severity = "Low"
	SeverityMedium   Severity = "Medium"
	SeverityHigh     Severity = "High"
	SeverityCritical Severity = "Critical"
)

// Rule names what a finding is about. The same word is the reason of the condition and of the event, the label of the
// metric and the category of the ticket.
//
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:Pattern=`^[A-Z][A-Za-z0-9]+$`
type Rule string

// The rules that judge Processes and KPIs alike, most of them about reviews.
const (
	// RuleReviewOverdue (High): the deadline of a review has passed and no counted review has followed.
	RuleReviewOverdue Rule = "ReviewOverdue"
	// RuleNeverReviewed (High): no full review was ever counted and the deadline has passed; an unknown age has passed
	// it at once.
	RuleNeverReviewed Rule = "NeverReviewed"
	// RuleCadenceTooLong (Medium): the longest distance between two due times is beyond the limit.
	RuleCadenceTooLong Rule = "CadenceTooLong"
	// RuleStepUnjustified (Medium): a step has no why, or was added or changed since the last full review without a
	// verdict that asked for it.
	RuleStepUnjustified Rule = "StepUnjustified"
	// RuleDecisionPending (Low, Medium past the policy's actOnReviewWithin): what a review decided is not done.
	RuleDecisionPending Rule = "DecisionPending"
	// RuleNotExplainable (Low): telling the process takes more than one elevator ride, or a KPI does not say why it exists
	// and what it measures.
	RuleNotExplainable Rule = "NotExplainable"
	// RuleNothingLearned (Low): something was tried to remedy a finding, and nobody has written down what was learned from it.
	RuleNothingLearned Rule = "NothingLearned"
)

// The other rules that judge a Process.
const (
	// RuleTooManySteps (Low): the process has more steps than the limit.
	RuleTooManySteps Rule = "TooManySteps"
	// RuleTooManyRoles (Low): more roles take part than the limit.
	RuleTooManyRoles Rule = "TooManyRoles"
	// RuleTooManyTouchpoints (Low): the customer is touched more often than the limit.
	RuleTooManyTouchpoints Rule = "TooManyTouchpoints"
	// RuleTooManyHandoffs (Low): the work changes hands more often than the limit.
	RuleTooManyHandoffs Rule = "TooManyHandoffs"
	// RuleNoCustomer (Low): nobody is named for whom the process exists.
	RuleNoCustomer Rule = "NoCustomer"
	// RuleAuthorityGap (Low): a decision step without authority, or whose highest limit escalates to nobody.
	RuleAuthorityGap Rule = "AuthorityGap"
	// RuleTooManyKPIs (Low): the process is judged by more KPIs than the limit.
	RuleTooManyKPIs Rule = "TooManyKPIs"
	// RuleNoOutcome (Medium for journeys and Key processes, else Low): there are customers, and no outcome KPI of the
	// customer's perspective, here or in a parent.
	RuleNoOutcome Rule = "NoOutcome"
	// RuleWatermelon (High): green outside and red inside: there are drivers, none of them is breached, and an outcome is.
	RuleWatermelon Rule = "Watermelon"
	// RulePeopleCauseShare (Low): people are named as the cause more often than the limit.
	RulePeopleCauseShare Rule = "PeopleCauseShare"
)

// The other rules that judge a KPI.
const (
	// RuleNotActionable (Medium): nobody says what to do when the KPI misses.
	RuleNotActionable Rule = "NotActionable"
	// RuleUnbalanced (Low, Medium where the incentive is individual): a KPI of efficiency or finance without a counterweight.
	RuleUnbalanced Rule = "Unbalanced"
	// RuleKPIConflict (High): the KPI is met while its counterweight is breached.
	RuleKPIConflict Rule = "KPIConflict"
	// RuleAtRisk (Low): the value is in the warning band, or its trend crosses the target within the horizon.
	RuleAtRisk Rule = "AtRisk"
	// RuleBreached (Critical where the KPI is Fatal, High for an outcome, Medium for a driver): the objective is missed.
	RuleBreached Rule = "Breached"
	// RuleStale (Medium): the newest value is older than staleAfter.
	RuleStale Rule = "Stale"
	// RuleNeverMeasured (Medium): there was never a value.
	RuleNeverMeasured Rule = "NeverMeasured"
	// RuleNotPredictive (Low): the KPI does not move with the one that it is a proxy for.
	RuleNotPredictive Rule = "NotPredictive"
	// RuleTargetOutgrown (Low): a whole period without risk: the target asks for nothing any more.
	RuleTargetOutgrown Rule = "TargetOutgrown"
)

// Finding is what a rule found wrong with a subject.
type Finding struct {
	// rule that found it.
	Rule Rule `json:"rule"`

	// about says which part of the subject it is about where a rule can find several: the name of a requirement.
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:default=""
	// +optional
	About string `json:"about"`

	// severity of the finding under the policy that applies.
	Severity Severity `json:"severity"`

	// since is when it became so: the deadline for review findings, the first observation for the rest.
	Since metav1.Time `json:"since"`

	// message says in a sentence what is wrong.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Message string `json:"message,omitempty"`

	// episode tells one occurrence of the finding from the next: the deadline for review findings, a number from 1
	// for the rest.
	// +kubebuilder:validation:MaxLength=32
	// +optional
	Episode string `json:"episode,omitempty"`

	// waivedBy names the Waiver that accepts the finding for now.
	// +optional
	WaivedBy ObjectName `json:"waivedBy,omitempty"`

	// mutedBy is namespace and name of a process that this one is a part of and that has the same finding: the ticket is about that
	// one.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	MutedBy string `json:"mutedBy,omitempty"`
}

// FindingEpisode counts how often a finding has come up.
type FindingEpisode struct {
	// rule of the finding.
	Rule Rule `json:"rule"`

	// about of the finding.
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:default=""
	// +optional
	About string `json:"about"`

	// count of the episodes so far.
	// +kubebuilder:validation:Minimum=1
	Count int32 `json:"count"`
}
