package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ProcessType tells a journey of the customer from the processes and procedures that it is made of.
//
// +kubebuilder:validation:Enum=Journey;Process;Procedure
type ProcessType string

// The types of process.
const (
	ProcessTypeJourney   ProcessType = "Journey"
	ProcessTypeProcess   ProcessType = "Process"
	ProcessTypeProcedure ProcessType = "Procedure"
)

// Tier says how much depends on a process.
//
// +kubebuilder:validation:Enum=Key;Standard
type Tier string

// The tiers.
const (
	TierKey      Tier = "Key"
	TierStandard Tier = "Standard"
)

// Lifecycle of a process.
//
// +kubebuilder:validation:Enum=Draft;Active;Retired
type Lifecycle string

// The lifecycles.
const (
	// LifecycleDraft is not judged, save that a draft that was in effect before is still held to the limit.
	LifecycleDraft Lifecycle = "Draft"
	// LifecycleActive is judged.
	LifecycleActive Lifecycle = "Active"
	// LifecycleRetired is over; its tickets are closed.
	LifecycleRetired Lifecycle = "Retired"
)

// Retirement says why a process is no longer in effect.
type Retirement struct {
	// reason for the retirement.
	Reason Text `json:"reason"`

	// replacedBy names the Process that took its place, in the same namespace.
	// +optional
	ReplacedBy ObjectName `json:"replacedBy,omitempty"`
}

// CustomerRelation tells customers outside the company from those inside.
//
// +kubebuilder:validation:Enum=Internal;External
type CustomerRelation string

// The relations of customers.
const (
	CustomerInternal CustomerRelation = "Internal"
	CustomerExternal CustomerRelation = "External"
)

// Customer is somebody for whom the process exists.
type Customer struct {
	// name of the customer or the group of customers.
	Name Label `json:"name"`

	// relation of the customer to the company. Default: External.
	// +kubebuilder:default=External
	// +optional
	Relation CustomerRelation `json:"relation,omitempty"`
}

// Authority says up to what a role may decide, and who decides beyond it.
type Authority struct {
	// role that may decide.
	Role Label `json:"role"`

	// limit up to which the role may decide. Without it the role decides without limit.
	// +optional
	Limit *Decimal `json:"limit,omitempty"`

	// unit of the limit: a currency, pieces.
	// +kubebuilder:validation:MaxLength=32
	// +optional
	Unit string `json:"unit,omitempty"`

	// escalatesTo is the role that decides beyond the limit. A highest limit that escalates to nobody is an
	// AuthorityGap.
	// +optional
	EscalatesTo Label `json:"escalatesTo,omitempty"`
}

// Step is one thing that is done in a process.
type Step struct {
	// name of the step; verdicts of reviews name it.
	Name Key `json:"name"`

	// why the step exists. A step without it is StepUnjustified.
	// +optional
	Why Text `json:"why,omitempty"`

	// what is done; its title.
	// +optional
	What Text `json:"what,omitempty"`

	// department in which it is done.
	// +optional
	Department Label `json:"department,omitempty"`

	// role that does it.
	// +optional
	Role Label `json:"role,omitempty"`

	// system in which it is done.
	// +optional
	System Label `json:"system,omitempty"`

	// touchpoint is true where the customer notices the step.
	// +optional
	Touchpoint bool `json:"touchpoint,omitempty"`

	// decision is true where somebody decides about a customer; it then needs authority.
	// +optional
	Decision bool `json:"decision,omitempty"`

	// authority says who may decide up to what.
	// +kubebuilder:validation:MaxItems=16
	// +listType=atomic
	// +optional
	Authority []Authority `json:"authority,omitempty"`

	// fallback says what is done when the system is down.
	// +optional
	Fallback Text `json:"fallback,omitempty"`

	// processRef names the Process that the step stands for.
	// +optional
	ProcessRef *ObjectReference `json:"processRef,omitempty"`
}

// LinkType says what a link shows.
//
// +kubebuilder:validation:Enum=Example;CounterExample;Training;Runbook;Source
type LinkType string

// The types of link.
const (
	LinkExample        LinkType = "Example"
	LinkCounterExample LinkType = "CounterExample"
	LinkTraining       LinkType = "Training"
	LinkRunbook        LinkType = "Runbook"
	LinkSource         LinkType = "Source"
)

// TypedLink points to something that explains the subject.
type TypedLink struct {
	// type of what is linked.
	Type LinkType `json:"type"`
	// url of what is linked.
	URL Link `json:"url"`
}

// ProcessSpec declares a process: what it is, for whom, why, in which steps, and which reviews it needs.
//
// +kubebuilder:validation:XValidation:rule="self.lifecycle != 'Draft' || oldSelf.lifecycle == 'Draft'",message="a process that was in effect cannot become a draft again: retire it, or keep it Active"
// +kubebuilder:validation:XValidation:rule="(self.lifecycle == 'Retired') == has(self.retirement)",message="give a retirement with a reason when lifecycle is Retired, and only then"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.inEffectSince) || (has(self.inEffectSince) && self.inEffectSince <= oldSelf.inEffectSince)",message="inEffectSince can only be moved back, and not be taken away"
type ProcessSpec struct {
	// type of process. Default: Process.
	// +kubebuilder:default=Process
	// +optional
	Type ProcessType `json:"type,omitempty"`

	// tier of the process. Default: Standard.
	// +kubebuilder:default=Standard
	// +optional
	Tier Tier `json:"tier,omitempty"`

	// lifecycle of the process. Default: Active. Only Active is judged; from Active there is no way back to Draft.
	// +kubebuilder:default=Active
	// +optional
	Lifecycle Lifecycle `json:"lifecycle,omitempty"`

	// retirement says why the process is over, with lifecycle Retired.
	// +optional
	Retirement *Retirement `json:"retirement,omitempty"`

	// owner runs the process. A review by the owner, or on behalf of the owner's team, does not count.
	Owner Party `json:"owner"`

	// accountable answers for the process above its owner.
	// +optional
	Accountable *Party `json:"accountable,omitempty"`

	// deputy stands in for the owner.
	// +optional
	Deputy *Party `json:"deputy,omitempty"`

	// why the process exists.
	Why Text `json:"why"`

	// what the process does, in a few sentences.
	// +optional
	What Text `json:"what,omitempty"`

	// customers are those for whom the process exists, inside or outside the company. Nobody named: NoCustomer.
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=name
	// +optional
	Customers []Customer `json:"customers,omitempty"`

	// steps of the process, in the order in which they are done.
	// +kubebuilder:validation:MaxItems=200
	// +listType=map
	// +listMapKey=name
	// +optional
	Steps []Step `json:"steps,omitempty"`

	// links to what explains the process.
	// +kubebuilder:validation:MaxItems=32
	// +listType=atomic
	// +optional
	Links []TypedLink `json:"links,omitempty"`

	// inEffectSince is the first day on which the process was in effect. Without it and without a counted full review
	// the age is unknown, and the process is NeverReviewed at once. It can be moved back, never forward.
	// +optional
	InEffectSince Date `json:"inEffectSince,omitempty"`

	// reviews that the process needs. A full review is always needed: where none is declared, one named "full" with
	// the policy's default cadence is implied.
	// +kubebuilder:validation:MaxItems=5
	// +listType=map
	// +listMapKey=name
	// +optional
	Reviews []ReviewRequirement `json:"reviews,omitempty"`

	// suspend stops tickets and events about the process, not the verdicts on it.
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// allowedNamespaces says from which namespaces the process may be referred to. Default: its own only.
	// +optional
	AllowedNamespaces *AllowedNamespaces `json:"allowedNamespaces,omitempty"`
}

// ProcessCounts measures the size of a process.
type ProcessCounts struct {
	// steps of the process.
	Steps int32 `json:"steps"`
	// roles that take part.
	Roles int32 `json:"roles"`
	// departments that take part.
	Departments int32 `json:"departments"`
	// systems that are used.
	Systems int32 `json:"systems"`
	// touchpoints with the customer.
	Touchpoints int32 `json:"touchpoints"`
	// handoffs from one role or department to another.
	Handoffs int32 `json:"handoffs"`
}

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

// ProcessStatus is what Gemba found about a process.
type ProcessStatus struct {
	// observedGeneration is the generation of the spec that the status speaks of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions of the process: Ready, ReviewCurrent, WellDefined, Compliant.
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// observedSince is when this cluster first saw the process. A review held before that is taken as it stands.
	// +optional
	ObservedSince *metav1.Time `json:"observedSince,omitempty"`

	// digest of the text that a review approves.
	// +optional
	Digest Digest `json:"digest,omitempty"`

	// policy names the GovernancePolicy that judges the process; empty: the defaults.
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

	// reviews says where each review requirement stands.
	// +kubebuilder:validation:MaxItems=6
	// +listType=map
	// +listMapKey=name
	// +optional
	Reviews []RequirementStatus `json:"reviews,omitempty"`

	// nextReview is the review that falls due first.
	// +optional
	NextReview *NextReview `json:"nextReview,omitempty"`

	// elevatorRides says how many rides of 60 seconds it takes to tell the process.
	// +optional
	ElevatorRides int32 `json:"elevatorRides,omitempty"`

	// counts measures the size of the process.
	// +optional
	Counts *ProcessCounts `json:"counts,omitempty"`

	// changes are the last twenty changes of Compliant, the oldest first.
	// +kubebuilder:validation:MaxItems=20
	// +listType=atomic
	// +optional
	Changes []ComplianceChange `json:"changes,omitempty"`
}

// Process is a business process: what it is, for whom, why, in which steps, and when it must be justified again.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=proc,categories=governance
// +kubebuilder:printcolumn:name="Compliant",type=string,JSONPath=`.status.conditions[?(@.type=="Compliant")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Compliant")].reason`
// +kubebuilder:printcolumn:name="Review",type=string,JSONPath=`.status.conditions[?(@.type=="ReviewCurrent")].reason`
// +kubebuilder:printcolumn:name="Next due",type=string,JSONPath=`.status.nextReview.day`
// +kubebuilder:printcolumn:name="Ready",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Tier",type=string,priority=1,JSONPath=`.spec.tier`
// +kubebuilder:printcolumn:name="Owner",type=string,priority=1,JSONPath=`.spec.owner.role`
// +kubebuilder:printcolumn:name="Rides",type=integer,priority=1,JSONPath=`.status.elevatorRides`
// +kubebuilder:printcolumn:name="Policy",type=string,priority=1,JSONPath=`.status.policy`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Process struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec declares the process.
	Spec ProcessSpec `json:"spec"`

	// status is what Gemba found.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status ProcessStatus `json:"status,omitempty"`
}

// ProcessList is a list of processes.
//
// +kubebuilder:object:root=true
type ProcessList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Process `json:"items"`
}
