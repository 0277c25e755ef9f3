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

// KPISummary counts KPIs by their state.
type KPISummary struct {
	// total number of KPIs.
	Total int32 `json:"total"`
	// met KPIs.
	// +optional
	Met int32 `json:"met,omitempty"`
	// atRisk KPIs: still within the objective.
	// +optional
	AtRisk int32 `json:"atRisk,omitempty"`
	// breached KPIs.
	// +optional
	Breached int32 `json:"breached,omitempty"`
	// unknown KPIs: Stale, NeverMeasured or Inconclusive.
	// +optional
	Unknown int32 `json:"unknown,omitempty"`
}

// ProcessCounts measures the size of a process. A step that stands for a sub-process counts as the steps of that one.
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

// ProcessStatus is what Gemba found about a process.
type ProcessStatus struct {
	SubjectStatus `json:",inline"`

	// elevatorRides says how many rides of 60 seconds it takes to tell the process.
	// +optional
	ElevatorRides int32 `json:"elevatorRides,omitempty"`

	// counts measures the size of the process; sub-processes count with their own steps.
	// +optional
	Counts *ProcessCounts `json:"counts,omitempty"`

	// kpis counts the KPIs of the process and of its sub-processes by their state.
	// +optional
	KPIs *KPISummary `json:"kpis,omitempty"`

	// score is how much of the weight of its own judged KPIs is met, in percent: Met counts whole, AtRisk half, Breached
	// and waived findings nothing, and a KPI without a verdict does not count. A Fatal KPI that is Breached makes it 0.
	// None while no KPI of the process is judged.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	// +optional
	Score *int32 `json:"score,omitempty"`
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
// +kubebuilder:printcolumn:name="Score",type=integer,priority=1,JSONPath=`.status.score`
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
