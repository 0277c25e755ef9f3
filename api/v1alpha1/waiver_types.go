package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// WaivedRule names a finding that is accepted.
type WaivedRule struct {
	// rule of the finding.
	Rule Rule `json:"rule"`

	// about of the finding: the name of a requirement for review findings. Default: any.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	About string `json:"about,omitempty"`
}

// OccurrenceMove moves one occurrence of a requirement.
type OccurrenceMove struct {
	// requirement whose occurrence is moved.
	Requirement Key `json:"requirement"`

	// occurrence is its nominal local date, before it is rolled to a business day.
	Occurrence Date `json:"occurrence"`

	// to is the day on which it falls due instead; it lies before the next occurrence.
	To Date `json:"to"`
}

// OccurrenceSkip leaves one occurrence of a requirement out.
type OccurrenceSkip struct {
	// requirement whose occurrence is skipped.
	Requirement Key `json:"requirement"`

	// occurrence is its nominal local date, before it is rolled to a business day.
	Occurrence Date `json:"occurrence"`
}

// WaiverSpec accepts named findings until a date, or moves or skips one occurrence. It cannot be edited: a longer time
// is a new Waiver that extends this one.
//
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a waiver cannot be edited: delete it, or create another with spec.extends"
// +kubebuilder:validation:XValidation:rule="(has(self.rules) ? 1 : 0) + (has(self.move) ? 1 : 0) + (has(self.skip) ? 1 : 0) == 1",message="say what is waived: give exactly one of rules, move and skip"
// +kubebuilder:validation:XValidation:rule="has(self.rules) == has(self.until)",message="give until with rules, and only there: a moved or skipped occurrence has no end"
// +kubebuilder:validation:XValidation:rule="!has(self.until) || timestamp(self.until) > timestamp(self.approvedAt)",message="until must lie after approvedAt"
type WaiverSpec struct {
	// subjectRef names the subject, in the namespace of the Waiver.
	SubjectRef SubjectReference `json:"subjectRef"`

	// rules are the findings that are accepted. They stay in the status of the subject, with the name of the Waiver,
	// and open no ticket.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +listType=atomic
	// +optional
	Rules []WaivedRule `json:"rules,omitempty"`

	// until is when the acceptance of rules ends.
	// +optional
	Until *metav1.Time `json:"until,omitempty"`

	// move moves one occurrence of a requirement. It never stretches the limit on full reviews.
	// +optional
	Move *OccurrenceMove `json:"move,omitempty"`

	// skip leaves one occurrence of a requirement out. It never stretches the limit on full reviews.
	// +optional
	Skip *OccurrenceSkip `json:"skip,omitempty"`

	// justification says why it is accepted.
	Justification Text `json:"justification"`

	// residualRisk says what can happen meanwhile.
	// +optional
	ResidualRisk Text `json:"residualRisk,omitempty"`

	// compensatingControl says what is done about that risk.
	// +optional
	CompensatingControl Text `json:"compensatingControl,omitempty"`

	// affects names those who bear the consequences; they are told until when.
	// +kubebuilder:validation:MaxItems=32
	// +listType=set
	// +optional
	Affects []Label `json:"affects,omitempty"`

	// approvedBy is the user who approved. The API server accepts only the requesting user here, unless that user has
	// the verb recordfor on waivers in the namespace.
	ApprovedBy Identity `json:"approvedBy"`

	// approvedAt is when it was approved, at most five minutes after it is recorded. The length of the waiver counts
	// from here.
	ApprovedAt metav1.Time `json:"approvedAt"`

	// actingFor is a group of the approver on whose behalf it was approved.
	// +optional
	ActingFor Identity `json:"actingFor,omitempty"`

	// extends names the Waiver that this one prolongs.
	// +optional
	Extends ObjectName `json:"extends,omitempty"`

	// recordedBy is the user who created the Waiver. The API server sets it where the cluster has
	// MutatingAdmissionPolicy; leave it out.
	// +optional
	RecordedBy Identity `json:"recordedBy,omitempty"`
}

// WaiverStatus is what Gemba made of a Waiver.
type WaiverStatus struct {
	// observedGeneration is the generation of the spec that the status speaks of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions of the waiver: Ready, with reason InForce while it works and Lapsed after its end.
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Waiver accepts named findings until a date, or moves or skips one occurrence of a review.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=wv,categories=governance
// +kubebuilder:selectablefield:JSONPath=`.spec.subjectRef.name`
// +kubebuilder:printcolumn:name="Subject",type=string,JSONPath=`.spec.subjectRef.name`
// +kubebuilder:printcolumn:name="Rules",type=string,JSONPath=`.spec.rules[*].rule`
// +kubebuilder:printcolumn:name="Until",type=string,JSONPath=`.spec.until`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Waiver struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says what is accepted.
	Spec WaiverSpec `json:"spec"`

	// status is what Gemba made of it.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status WaiverStatus `json:"status,omitempty"`
}

// WaiverList is a list of waivers.
//
// +kubebuilder:object:root=true
type WaiverList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Waiver `json:"items"`
}
