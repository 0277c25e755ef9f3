package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// KPIState is what the values of a KPI say.
//
// +kubebuilder:validation:Enum=Met;AtRisk;Breached;Stale;NeverMeasured;Inconclusive
type KPIState string

// The states of a KPI.
const (
	// KPIMet: the objective is met.
	KPIMet KPIState = "Met"
	// KPIAtRisk: the objective is met, and the value is in the warning band, or its trend crosses the target soon.
	KPIAtRisk KPIState = "AtRisk"
	// KPIBreached: the objective is missed, for breachFor.
	KPIBreached KPIState = "Breached"
	// KPIStale: the newest value is older than staleAfter.
	KPIStale KPIState = "Stale"
	// KPINeverMeasured: there was never a value.
	KPINeverMeasured KPIState = "NeverMeasured"
	// KPIInconclusive: nothing can be said yet, such as while the first values miss the objective for less than breachFor.
	KPIInconclusive KPIState = "Inconclusive"
)

// SampleResult is what came of asking for a value.
//
// +kubebuilder:validation:Enum=Answered;NoAnswer;Refused;NotANumber;Empty;TooMany;Invalid;Forbidden
type SampleResult string

// The results of asking for a value. All but the first leave value and state as they are, until the value is stale.
const (
	// SampleAnswered: there is a value.
	SampleAnswered SampleResult = "Answered"
	// SampleNoAnswer: the source cannot be reached, or does not answer in time.
	SampleNoAnswer SampleResult = "NoAnswer"
	// SampleRefused: the source answers with an error.
	SampleRefused SampleResult = "Refused"
	// SampleNotANumber: the answer is NaN, infinite, a text, or has too many digits.
	SampleNotANumber SampleResult = "NotANumber"
	// SampleEmpty: the answer holds no value.
	SampleEmpty SampleResult = "Empty"
	// SampleTooMany: the answer holds several values, or is too long.
	SampleTooMany SampleResult = "TooMany"
	// SampleInvalid: the answer is not of the form that was expected, or the expression fails on it.
	SampleInvalid SampleResult = "Invalid"
	// SampleForbidden: Gemba may not ask this.
	SampleForbidden SampleResult = "Forbidden"
)

// KPIAttempt is the last time that a value was asked for.
type KPIAttempt struct {
	// at is when a value was last asked for, as far as the status was written since.
	At metav1.Time `json:"at"`
	// result of asking.
	Result SampleResult `json:"result"`
	// message says in a sentence why there is no value.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Message string `json:"message,omitempty"`
}

// KPIRuns says since when the values have been as good or as bad as they are. Each is the time of a value.
type KPIRuns struct {
	// metSince is since when no value is at risk or worse.
	// +optional
	MetSince *metav1.Time `json:"metSince,omitempty"`
	// withinSince is since when no value misses the objective.
	// +optional
	WithinSince *metav1.Time `json:"withinSince,omitempty"`
	// riskSince is since when every value is at risk or worse.
	// +optional
	RiskSince *metav1.Time `json:"riskSince,omitempty"`
	// missedSince is since when every value misses the objective.
	// +optional
	MissedSince *metav1.Time `json:"missedSince,omitempty"`
}

// KPIPoint is a value and when it was true.
type KPIPoint struct {
	// at is when it was true.
	At metav1.Time `json:"at"`
	// value at that time.
	Value Decimal `json:"value"`
}

// KPITrend is where a KPI is heading.
type KPITrend struct {
	// perDay is the slope: by how much the value changes in 24 hours (the median of the slopes between all pairs of
	// values, after Theil and Sen).
	PerDay Decimal `json:"perDay"`
	// samples that it rests on.
	Samples int32 `json:"samples"`
	// crossesAt is when the trend crosses the target; none where it does not within the horizon.
	// +optional
	CrossesAt *metav1.Time `json:"crossesAt,omitempty"`
}

// KPICorrelation is how well a KPI predicts another.
type KPICorrelation struct {
	// with names the KPI that is predicted.
	With ObjectName `json:"with"`
	// value is the rank correlation after Spearman, between -1 and 1.
	Value Decimal `json:"value"`
	// samples: pairs of values that it rests on.
	Samples int32 `json:"samples"`
}

// SuspectReason says why a value is hard to believe.
//
// +kubebuilder:validation:Enum=OutOfRange;Flat;Jump
type SuspectReason string

// Why a value is hard to believe.
const (
	SuspectOutOfRange SuspectReason = "OutOfRange"
	SuspectFlat       SuspectReason = "Flat"
	SuspectJump       SuspectReason = "Jump"
)

// KPISuspect says that a value is hard to believe. It is reported and changes no verdict.
type KPISuspect struct {
	// reason why.
	Reason SuspectReason `json:"reason"`
	// since is the time of the first value that was.
	Since metav1.Time `json:"since"`
	// message says why in a sentence.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Message string `json:"message,omitempty"`
}

// KPIStatus is what Gemba found about a KPI.
type KPIStatus struct {
	SubjectStatus `json:",inline"`

	// state is what the values say.
	// +optional
	State KPIState `json:"state,omitempty"`

	// stateSince is when the state began: the time of the value that changed it, or when it became stale.
	// +optional
	StateSince *metav1.Time `json:"stateSince,omitempty"`

	// judged is the state that the last value led to; it stays while state says Stale.
	// +optional
	Judged KPIState `json:"judged,omitempty"`

	// value that was judged last, rounded to six digits after the point. It moves with every change of state, and
	// otherwise at most every five minutes; the metric gemba_kpi_value moves with every value.
	// +optional
	Value *Decimal `json:"value,omitempty"`

	// valueTime is when the value was true.
	// +optional
	ValueTime *metav1.Time `json:"valueTime,omitempty"`

	// objective in a few words, as kubectl prints it.
	// +kubebuilder:validation:MaxLength=128
	// +optional
	Objective string `json:"objective,omitempty"`

	// runs say since when the values have been as good or as bad as they are.
	// +optional
	Runs *KPIRuns `json:"runs,omitempty"`

	// attempt is the last time that a value was asked for.
	// +optional
	Attempt *KPIAttempt `json:"attempt,omitempty"`

	// history holds the values that trend and correlation rest on, the oldest first, where the source has no history of
	// its own and one of them is declared: the first of each step.
	// +kubebuilder:validation:MaxItems=200
	// +listType=atomic
	// +optional
	History []KPIPoint `json:"history,omitempty"`

	// recent holds the last values, the oldest first, where the source has no history of its own and plausibility is
	// declared. It is as old as writtenAt.
	// +kubebuilder:validation:MaxItems=200
	// +listType=atomic
	// +optional
	Recent []KPIPoint `json:"recent,omitempty"`

	// trend is where the KPI is heading, where spec.trend asks for it and there is one.
	// +optional
	Trend *KPITrend `json:"trend,omitempty"`

	// correlation is how well the KPI predicts the one that it is a proxy for.
	// +optional
	Correlation *KPICorrelation `json:"correlation,omitempty"`

	// suspect says that the value is hard to believe.
	// +optional
	Suspect *KPISuspect `json:"suspect,omitempty"`

	// definition names, by a short hash, the objective and the source that the values were judged by. When they change,
	// state and value stay until the next value.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	Definition string `json:"definition,omitempty"`

	// definedSince is when that definition was first seen; none where it is the first one that was. What was measured
	// before was not held by it.
	// +optional
	DefinedSince *metav1.Time `json:"definedSince,omitempty"`

	// writtenAt is when value, valueTime and attempt were last written.
	// +optional
	WrittenAt *metav1.Time `json:"writtenAt,omitempty"`
}
