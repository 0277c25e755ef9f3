package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// NoticeReason says what there is to be proud of. The same word is the reason of the event and the label of the metric.
//
// +kubebuilder:validation:Enum=TargetHeld;ReviewedInTime
type NoticeReason string

// What there is to be proud of.
const (
	// NoticeTargetHeld: no value of a KPI has missed its objective, for a whole period at least (of the policy, P3M).
	NoticeTargetHeld NoticeReason = "TargetHeld"
	// NoticeReviewedInTime: each review of a requirement was held in time, for a whole period at least (of the policy, P12M).
	NoticeReviewedInTime NoticeReason = "ReviewedInTime"
)

// Notice is something good that lasts. It stands while it does, and says so anew with each whole period.
type Notice struct {
	// reason says what it is.
	Reason NoticeReason `json:"reason"`

	// about names the review requirement of which it is said; empty where it is said of the subject itself.
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:default=""
	// +optional
	About string `json:"about"`

	// since is when it began: with the value, or with the review, that was the first good one.
	Since metav1.Time `json:"since"`

	// reached is the last milestone: the end of the last whole period since then.
	Reached metav1.Time `json:"reached"`

	// message says in a sentence what was held, from when to when.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Message string `json:"message,omitempty"`
}

// NoticeMark says until when a notice was told.
type NoticeMark struct {
	// reason of the notice.
	Reason NoticeReason `json:"reason"`

	// about is that of the notice.
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:default=""
	// +optional
	About string `json:"about"`

	// until is the last milestone that was reached.
	Until metav1.Time `json:"until"`
}
