package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ReviewOutcome is what a review found of the subject as a whole.
//
// +kubebuilder:validation:Enum=Approved;ChangesRequired;Retire
type ReviewOutcome string

// The outcomes, the best first.
const (
	OutcomeApproved        ReviewOutcome = "Approved"
	OutcomeChangesRequired ReviewOutcome = "ChangesRequired"
	OutcomeRetire          ReviewOutcome = "Retire"
)

// ReviewMethod says how the reviewers came to know.
//
// +kubebuilder:validation:Enum=Observation;Interview;Documents;Data
type ReviewMethod string

// The methods.
const (
	MethodObservation ReviewMethod = "Observation"
	MethodInterview   ReviewMethod = "Interview"
	MethodDocuments   ReviewMethod = "Documents"
	MethodData        ReviewMethod = "Data"
)

// Verdict is what a review says of one step.
//
// +kubebuilder:validation:Enum=Keep;Change;Remove
type Verdict string

// The verdicts.
const (
	VerdictKeep   Verdict = "Keep"
	VerdictChange Verdict = "Change"
	VerdictRemove Verdict = "Remove"
)

// StepVerdict is the verdict on one step. Change and Remove stay pending until the declaration proves them or a later
// review says Keep.
type StepVerdict struct {
	// step that is judged.
	Step Key `json:"step"`

	// verdict on the step.
	Verdict Verdict `json:"verdict"`

	// why the verdict is so.
	// +optional
	Why Text `json:"why,omitempty"`
}

// Answer to a question of the requirement, or what was seen on a walk.
type Answer struct {
	// question that is answered.
	// +optional
	Question Text `json:"question,omitempty"`

	// answer to it.
	Answer Text `json:"answer"`
}

// ReviewAction is something that a review asks to be done. It stays pending until a later Review lists it in
// actionsDone.
type ReviewAction struct {
	// name of the action within the Review.
	Name Key `json:"name"`

	// what is to be done.
	What Text `json:"what"`

	// owner who is to do it.
	// +optional
	Owner *Party `json:"owner,omitempty"`

	// due is the day by which it is to be done.
	// +optional
	Due Date `json:"due,omitempty"`
}

// ActionReference names an action of an earlier Review.
type ActionReference struct {
	// review that asked for the action.
	Review ObjectName `json:"review"`

	// action within that review.
	Action Key `json:"action"`
}

// Evidence is what a review rests on.
type Evidence struct {
	// title of the evidence.
	Title Label `json:"title"`

	// url where it is found.
	// +optional
	URL Link `json:"url,omitempty"`

	// sha256 of it, 64 hexadecimal digits.
	// +kubebuilder:validation:Pattern=`^[0-9a-f]{64}$`
	// +optional
	SHA256 string `json:"sha256,omitempty"`

	// expires is the day from which it no longer holds.
	// +optional
	Expires Date `json:"expires,omitempty"`
}

// Withdrawal takes a Review back.
type Withdrawal struct {
	// by whom.
	By Identity `json:"by"`

	// why.
	Why Text `json:"why"`

	// at which instant.
	At metav1.Time `json:"at"`
}

// ReviewSpec records one review that was held. It cannot be edited; withdrawn can be set once, which is how a mistake
// is corrected.
//
// +kubebuilder:validation:XValidation:rule="self.subjectRef == oldSelf.subjectRef && self.requirement == oldSelf.requirement && self.reviewer == oldSelf.reviewer && self.heldAt == oldSelf.heldAt",message="a recorded review cannot be edited: withdraw it by setting spec.withdrawn, and record another"
// +kubebuilder:validation:XValidation:rule="has(self.actingFor) == has(oldSelf.actingFor) && (!has(self.actingFor) || self.actingFor == oldSelf.actingFor)",message="a recorded review cannot be edited: withdraw it by setting spec.withdrawn, and record another"
// +kubebuilder:validation:XValidation:rule="has(self.department) == has(oldSelf.department) && (!has(self.department) || self.department == oldSelf.department)",message="a recorded review cannot be edited: withdraw it by setting spec.withdrawn, and record another"
// +kubebuilder:validation:XValidation:rule="has(self.outcome) == has(oldSelf.outcome) && (!has(self.outcome) || self.outcome == oldSelf.outcome)",message="a recorded review cannot be edited: withdraw it by setting spec.withdrawn, and record another"
// +kubebuilder:validation:XValidation:rule="has(self.method) == has(oldSelf.method) && (!has(self.method) || self.method == oldSelf.method)",message="a recorded review cannot be edited: withdraw it by setting spec.withdrawn, and record another"
// +kubebuilder:validation:XValidation:rule="has(self.count) == has(oldSelf.count) && (!has(self.count) || self.count == oldSelf.count)",message="a recorded review cannot be edited: withdraw it by setting spec.withdrawn, and record another"
// +kubebuilder:validation:XValidation:rule="has(self.verdicts) == has(oldSelf.verdicts) && (!has(self.verdicts) || self.verdicts == oldSelf.verdicts)",message="a recorded review cannot be edited: withdraw it by setting spec.withdrawn, and record another"
// +kubebuilder:validation:XValidation:rule="has(self.answers) == has(oldSelf.answers) && (!has(self.answers) || self.answers == oldSelf.answers)",message="a recorded review cannot be edited: withdraw it by setting spec.withdrawn, and record another"
// +kubebuilder:validation:XValidation:rule="has(self.actions) == has(oldSelf.actions) && (!has(self.actions) || self.actions == oldSelf.actions)",message="a recorded review cannot be edited: withdraw it by setting spec.withdrawn, and record another"
// +kubebuilder:validation:XValidation:rule="has(self.actionsDone) == has(oldSelf.actionsDone) && (!has(self.actionsDone) || self.actionsDone == oldSelf.actionsDone)",message="a recorded review cannot be edited: withdraw it by setting spec.withdrawn, and record another"
// +kubebuilder:validation:XValidation:rule="has(self.evidence) == has(oldSelf.evidence) && (!has(self.evidence) || self.evidence == oldSelf.evidence)",message="a recorded review cannot be edited: withdraw it by setting spec.withdrawn, and record another"
// +kubebuilder:validation:XValidation:rule="has(self.subjectDigest) == has(oldSelf.subjectDigest) && (!has(self.subjectDigest) || self.subjectDigest == oldSelf.subjectDigest)",message="a recorded review cannot be edited: withdraw it by setting spec.withdrawn, and record another"
// +kubebuilder:validation:XValidation:rule="has(self.recordedBy) == has(oldSelf.recordedBy) && (!has(self.recordedBy) || self.recordedBy == oldSelf.recordedBy)",message="a recorded review cannot be edited: withdraw it by setting spec.withdrawn, and record another"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.withdrawn) || (has(self.withdrawn) && self.withdrawn == oldSelf.withdrawn)",message="a withdrawal cannot be changed or taken back: record another review"
// +kubebuilder:validation:XValidation:rule="!has(self.outcome) || self.outcome != 'ChangesRequired' || (has(self.actions) && size(self.actions) > 0) || (has(self.verdicts) && self.verdicts.exists(v, v.verdict != 'Keep'))",message="outcome ChangesRequired needs to say what: a verdict Change or Remove, or an action"
type ReviewSpec struct {
	// subjectRef names what was reviewed, in the namespace of the Review.
	SubjectRef SubjectReference `json:"subjectRef"`

	// requirement of the subject that the review answers. Default: full.
	// +kubebuilder:default=full
	// +optional
	Requirement Key `json:"requirement,omitempty"`

	// reviewer is the user who held the review. The API server accepts only the requesting user here, unless that user
	// has the verb recordfor on reviews in the namespace.
	Reviewer Identity `json:"reviewer"`

	// actingFor is a group of the reviewer on whose behalf the review was held.
	// +optional
	ActingFor Identity `json:"actingFor,omitempty"`

	// department of the reviewer.
	// +optional
	Department Label `json:"department,omitempty"`

	// heldAt is when the review was held, at most five minutes after it is recorded.
	HeldAt metav1.Time `json:"heldAt"`

	// outcome of the review. A full review and a checkpoint need one.
	// +optional
	Outcome ReviewOutcome `json:"outcome,omitempty"`

	// method by which the reviewers came to know.
	// +optional
	Method ReviewMethod `json:"method,omitempty"`

	// count of contacts, for a review of type Contact.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100000
	// +optional
	Count int32 `json:"count,omitempty"`

	// verdicts on the steps. A full review needs one for each step.
	// +kubebuilder:validation:MaxItems=200
	// +listType=map
	// +listMapKey=step
	// +optional
	Verdicts []StepVerdict `json:"verdicts,omitempty"`

	// answers to the questions of the requirement; for a walk, what was seen.
	// +kubebuilder:validation:MaxItems=64
	// +listType=atomic
	// +optional
	Answers []Answer `json:"answers,omitempty"`

	// actions that the review asks for.
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=name
	// +optional
	Actions []ReviewAction `json:"actions,omitempty"`

	// actionsDone lists actions of earlier reviews that this one found done.
	// +kubebuilder:validation:MaxItems=64
	// +listType=atomic
	// +optional
	ActionsDone []ActionReference `json:"actionsDone,omitempty"`

	// evidence that the review rests on.
	// +kubebuilder:validation:MaxItems=32
	// +listType=atomic
	// +optional
	Evidence []Evidence `json:"evidence,omitempty"`

	// subjectDigest says which text was read: the digest that the subject shows in its status. Given, it must be the
	// subject's; absent, the subject's is taken when the review is counted.
	// +optional
	SubjectDigest Digest `json:"subjectDigest,omitempty"`

	// recordedBy is the user who created the Review. The API server sets it where the cluster has
	// MutatingAdmissionPolicy; leave it out.
	// +optional
	RecordedBy Identity `json:"recordedBy,omitempty"`

	// withdrawn takes the review back. It can be set once.
	// +optional
	Withdrawn *Withdrawal `json:"withdrawn,omitempty"`
}

// Assurance says how it is known that the reviewer held the review.
//
// +kubebuilder:validation:Enum=Asserted;Authenticated
type Assurance string

// The assurances.
const (
	// AssuranceAsserted: somebody who may record for others says so, or the review is older than the cluster's
	// knowledge of the subject.
	AssuranceAsserted Assurance = "Asserted"
	// AssuranceAuthenticated: the API server saw the reviewer record it.
	AssuranceAuthenticated Assurance = "Authenticated"
)

// StepDigest is the digest of one step.
type StepDigest struct {
	// step of the subject.
	Step Key `json:"step"`

	// digest of its text.
	Digest Digest `json:"digest"`
}

// CountedRecord is what was decided when a Review was counted; it does not change afterwards.
type CountedRecord struct {
	// requirement that the review counts for.
	Requirement Key `json:"requirement"`

	// type of the requirement.
	Type ReviewType `json:"type"`

	// period that the review was counted for when it was counted; empty where it counts for none, or for one that was not
	// known then.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	Period string `json:"period,omitempty"`

	// with names the Reviews that were counted together where several approvals are needed, at most the latest 64.
	// +kubebuilder:validation:MaxItems=64
	// +listType=set
	// +optional
	With []ObjectName `json:"with,omitempty"`

	// digest of the text that was approved.
	Digest Digest `json:"digest"`

	// steps are the digests of the steps that were approved.
	// +kubebuilder:validation:MaxItems=200
	// +listType=map
	// +listMapKey=step
	// +optional
	Steps []StepDigest `json:"steps,omitempty"`

	// policy that applied; empty: the defaults.
	// +optional
	Policy ObjectName `json:"policy,omitempty"`
}

// ReviewStatus is what Gemba decided about a Review.
type ReviewStatus struct {
	// observedGeneration is the generation of the spec that the status speaks of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions of the review: Ready, Counted.
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// assurance says how it is known that the reviewer held the review.
	// +optional
	Assurance Assurance `json:"assurance,omitempty"`

	// predatesSubject is true where the review was held before this cluster first saw its subject; neither today's text
	// nor today's list of reviewers is held against it. It is decided once, so that declaring the subject again changes
	// nothing.
	// +optional
	PredatesSubject *bool `json:"predatesSubject,omitempty"`

	// counted is what was decided when the review was counted.
	// +optional
	Counted *CountedRecord `json:"counted,omitempty"`
}

// Review records one review that was held. It has no owner reference: it outlives its subject.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=rev,categories=governance
// +kubebuilder:selectablefield:JSONPath=`.spec.subjectRef.name`
// +kubebuilder:printcolumn:name="Subject",type=string,JSONPath=`.spec.subjectRef.name`
// +kubebuilder:printcolumn:name="Requirement",type=string,priority=1,JSONPath=`.spec.requirement`
// +kubebuilder:printcolumn:name="Held",type=string,JSONPath=`.spec.heldAt`
// +kubebuilder:printcolumn:name="Outcome",type=string,JSONPath=`.spec.outcome`
// +kubebuilder:printcolumn:name="Counted",type=string,JSONPath=`.status.conditions[?(@.type=="Counted")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Counted")].reason`
// +kubebuilder:printcolumn:name="Reviewer",type=string,priority=1,JSONPath=`.spec.reviewer`
// +kubebuilder:printcolumn:name="Assurance",type=string,priority=1,JSONPath=`.status.assurance`
// +kubebuilder:printcolumn:name="Period",type=string,priority=1,JSONPath=`.status.counted.period`
type Review struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec records the review.
	Spec ReviewSpec `json:"spec"`

	// status is what Gemba decided about it.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status ReviewStatus `json:"status,omitempty"`
}

// ReviewList is a list of reviews.
//
// +kubebuilder:object:root=true
type ReviewList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Review `json:"items"`
}
