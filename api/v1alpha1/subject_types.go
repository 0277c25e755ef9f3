package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ComplianceChange is one change of the Compliant condition.
type ComplianceChange struct {
	// at is when it changed.
	At metav1.Time `json:"at"`
	// status after the change.
	// +kubebuilder:validation:Enum=True;False;Unknown
	Status metav1.ConditionStatus `json:"status"`
	// reason after the change.
	// +kubebuilder:validation:MaxLength=64
	Reason string `json:"reason"`
}

// NextReview is the review that falls due first.
type NextReview struct {
	// requirement that falls due.
	Requirement Key `json:"requirement"`
	// due is when it falls due.
	Due metav1.Time `json:"due"`
	// day on which it falls due, in the zone of its cadence.
	// +optional
	Day ComputedDate `json:"day,omitempty"`
}

// SubjectStatus is what Gemba found about a subject of reviews, whatever its kind.
type SubjectStatus struct {
	// observedGeneration is the generation of the spec that the status speaks of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions of the subject; the reference of the kind says which.
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedSince is when this cluster first saw the subject. A review held before that is taken as it stands.
	// +optional
	ObservedSince *metav1.Time `json:"observedSince,omitempty"`

	// digest of the text that a review approves.
	// +optional
	Digest Digest `json:"digest,omitempty"`

	// policy names the GovernancePolicy that judges the subject; empty: the defaults.
	// +optional
	Policy ObjectName `json:"policy,omitempty"`

	// findings that stand.
	// +kubebuilder:validation:MaxItems=64
	// +listType=map
	// +listMapKey=rule
	// +listMapKey=about
	// +optional
	Findings []Finding `json:"findings,omitempty"`

	// episodes counts how often each finding has come up.
	// +kubebuilder:validation:MaxItems=64
	// +listType=map
	// +listMapKey=rule
	// +listMapKey=about
	// +optional
	Episodes []FindingEpisode `json:"episodes,omitempty"`

	// notices tell of what is going well, for as long as it does.
	// +kubebuilder:validation:MaxItems=8
	// +listType=map
	// +listMapKey=reason
	// +listMapKey=about
	// +optional
	Notices []Notice `json:"notices,omitempty"`

	// noticed says of each notice until which milestone it was told. None up to it is told again, whatever becomes of the
	// notice meanwhile. The sixteen that reach furthest are kept.
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=reason
	// +listMapKey=about
	// +optional
	Noticed []NoticeMark `json:"noticed,omitempty"`

	// reviews says where each review requirement stands.
	// +kubebuilder:validation:MaxItems=6
	// +listType=map
	// +listMapKey=name
	// +optional
	Reviews []RequirementStatus `json:"reviews,omitempty"`

	// nextReview is the review that falls due first.
	// +optional
	NextReview *NextReview `json:"nextReview,omitempty"`

	// changes are the last twenty changes of Compliant, the oldest first.
	// +kubebuilder:validation:MaxItems=20
	// +listType=atomic
	// +optional
	Changes []ComplianceChange `json:"changes,omitempty"`
}
