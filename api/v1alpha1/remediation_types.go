package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// CauseCategory says what was at fault.
//
// +kubebuilder:validation:Enum=Process;Handoff;Policy;Incentive;KPI;Authority;Technology;Training;Communication;Resources;Supplier;People;Unknown
type CauseCategory string

// The categories of cause.
const (
	CauseProcess       CauseCategory = "Process"
	CauseHandoff       CauseCategory = "Handoff"
	CausePolicy        CauseCategory = "Policy"
	CauseIncentive     CauseCategory = "Incentive"
	CauseKPI           CauseCategory = "KPI"
	CauseAuthority     CauseCategory = "Authority"
	CauseTechnology    CauseCategory = "Technology"
	CauseTraining      CauseCategory = "Training"
	CauseCommunication CauseCategory = "Communication"
	CauseResources     CauseCategory = "Resources"
	CauseSupplier      CauseCategory = "Supplier"
	CausePeople        CauseCategory = "People"
	CauseUnknown       CauseCategory = "Unknown"
)

// Cause says what was at fault.
type Cause struct {
	// category of the cause.
	Category CauseCategory `json:"category"`

	// note on the cause.
	// +optional
	Note Text `json:"note,omitempty"`
}

// Attempt is one try to remedy a finding.
type Attempt struct {
	// hypothesis: what is believed to help, and why.
	Hypothesis Text `json:"hypothesis"`

	// correction: what was done about this case.
	// +optional
	Correction Text `json:"correction,omitempty"`

	// correctiveAction: what was done so that it does not come back.
	// +optional
	CorrectiveAction Text `json:"correctiveAction,omitempty"`

	// startedAt is when the attempt began.
	// +optional
	StartedAt *metav1.Time `json:"startedAt,omitempty"`

	// result of the attempt.
	// +optional
	Result Text `json:"result,omitempty"`

	// learned from the attempt.
	// +optional
	Learned Text `json:"learned,omitempty"`
}

// FindingIdentity names the finding that a Remediation is for.
type FindingIdentity struct {
	// rule of the finding.
	Rule Rule `json:"rule"`

	// about of the finding.
	// +kubebuilder:validation:MaxLength=253
	// +optional
	About string `json:"about,omitempty"`

	// episode of the finding.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	Episode string `json:"episode"`
}

// FindingGroup names the findings that one Remediation is for together: those of one route, with more in common.
type FindingGroup struct {
	// scope that they lie in: the namespace of the Remediation.
	// +kubebuilder:validation:Enum=Namespace
	// +kubebuilder:default=Namespace
	// +optional
	Scope GroupKey `json:"scope,omitempty"`

	// rule that has found them. Default: any.
	// +optional
	Rule Rule `json:"rule,omitempty"`

	// subjectRef names the subject that they are about. Default: any.
	// +optional
	SubjectRef *SubjectReference `json:"subjectRef,omitempty"`

	// episode of the group, a number from 1.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	Episode string `json:"episode"`
}

// SeveralRules stands in the place of a rule where different rules have found something.
const SeveralRules Rule = "Several"

// RemediedFinding is one of the findings that a Remediation is for.
type RemediedFinding struct {
	// kind of the subject that it is about.
	Kind SubjectKind `json:"kind"`

	// subject is the name of that subject.
	Subject ObjectName `json:"subject"`

	Finding `json:",inline"`

	// verifyFor is how long it must stay gone.
	// +optional
	VerifyFor Duration `json:"verifyFor,omitempty"`

	// told is true once every open ticket has told of it as it is: that it stands, or that it is gone.
	// +optional
	Told bool `json:"told,omitempty"`

	// goneAt is when it was seen to be gone; not set while it stands.
	// +optional
	GoneAt *metav1.Time `json:"goneAt,omitempty"`
}

// RouteSnapshot is the route as it was when the Remediation was created.
type RouteSnapshot struct {
	// policy that the route stood in.
	Policy ObjectName `json:"policy"`

	// name of the route.
	Name Key `json:"name"`

	// ticketSystemRef names where the ticket is opened.
	TicketSystemRef NamespacedReference `json:"ticketSystemRef"`

	// verifyFor is how long the finding must stay gone before the ticket is closed.
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('8760h')",message="verifyFor must lie between 0s and 8760h"
	// +optional
	VerifyFor Duration `json:"verifyFor,omitempty"`

	Pace `json:",inline"`

	// assignee says to whom tickets are assigned.
	// +optional
	Assignee Expression `json:"assignee,omitempty"`

	// cause says whether a cause must be named.
	// +optional
	Cause CauseDemand `json:"cause,omitempty"`

	// reopenWithin is how long after the ticket was closed the same finding reopens it.
	// +optional
	ReopenWithin Period `json:"reopenWithin,omitempty"`
}

// ResolveAction says what to do about a message whose fate is unknown.
//
// +kubebuilder:validation:Enum=Retry;Abandon;Adopt
type ResolveAction string

// What to do about a message whose fate is unknown.
const (
	// ResolveRetry sends it again: it did not arrive.
	ResolveRetry ResolveAction = "Retry"
	// ResolveAbandon gives the message up.
	ResolveAbandon ResolveAction = "Abandon"
	// ResolveAdopt takes the ticket with the given ID: it did arrive.
	ResolveAdopt ResolveAction = "Adopt"
)

// Resolve is a person's decision about a message whose fate is unknown.
//
// +kubebuilder:validation:XValidation:rule="(self.action == 'Adopt') == has(self.ticketID)",message="give the ticketID with action: Adopt, and only there"
type Resolve struct {
	// messageKey of the message, as the ticket's delivery shows it.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	MessageKey string `json:"messageKey"`

	// action to take.
	Action ResolveAction `json:"action"`

	// ticketID of the ticket that the message opened, with action Adopt. For a message that opened none it is not used.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^[^\x00-\x1f\x7f]+$`
	// +optional
	TicketID string `json:"ticketID,omitempty"`
}

// RemediationSpec names the finding that is remedied, and holds what people say about it.
//
// +kubebuilder:validation:XValidation:rule="self.route == oldSelf.route && has(self.group) == has(oldSelf.group) && (has(self.group) ? self.group == oldSelf.group : !has(oldSelf.subjectRef) || !has(oldSelf.finding) || (self.subjectRef == oldSelf.subjectRef && self.finding == oldSelf.finding))",message="subjectRef, finding, group and route cannot be changed: Gemba set them when it opened the remediation"
// +kubebuilder:validation:XValidation:rule="has(self.group) ? !has(self.subjectRef) && !has(self.finding) : has(self.subjectRef) && has(self.finding)",message="give the subjectRef and the finding that is remedied, or the group of findings"
type RemediationSpec struct {
	// subjectRef names the subject, in the namespace of the Remediation.
	// +optional
	SubjectRef *SubjectReference `json:"subjectRef,omitempty"`

	// finding names what is remedied.
	// +optional
	Finding *FindingIdentity `json:"finding,omitempty"`

	// group names the findings that are remedied together.
	// +optional
	Group *FindingGroup `json:"group,omitempty"`

	// route as it was when the Remediation was created.
	Route RouteSnapshot `json:"route"`

	// cause: what was at fault. People fill it in, or name it in the ticket where its system can be read.
	// +optional
	Cause *Cause `json:"cause,omitempty"`

	// attempts to remedy it. People fill them in, or write them into the ticket where its system can be read.
	// +kubebuilder:validation:MaxItems=32
	// +listType=atomic
	// +optional
	Attempts []Attempt `json:"attempts,omitempty"`

	// suspend stops messages about this remediation.
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// resolve decides about a message whose fate is unknown.
	// +optional
	Resolve *Resolve `json:"resolve,omitempty"`
}

// RemediationState is where a Remediation stands.
//
// +kubebuilder:validation:Enum=Pending;Open;Verifying;Closed
type RemediationState string

// The states of a Remediation.
const (
	// RemediationPending: no ticket was opened yet.
	RemediationPending RemediationState = "Pending"
	// RemediationOpen: a ticket is open and the finding stands.
	RemediationOpen RemediationState = "Open"
	// RemediationVerifying: the finding is gone, and must stay so for a while.
	RemediationVerifying RemediationState = "Verifying"
	// RemediationClosed: the finding stayed gone and the ticket is closed.
	RemediationClosed RemediationState = "Closed"
)

// Effect is what a remediation has done to a number.
type Effect struct {
	// kpi is the name of the KPI, in the namespace of the Remediation.
	KPI ObjectName `json:"kpi"`

	// unit of its value.
	// +kubebuilder:validation:MaxLength=32
	// +optional
	Unit string `json:"unit,omitempty"`

	// before is its value when the Remediation was opened.
	// +optional
	Before *Decimal `json:"before,omitempty"`

	// after is its value when the finding was verified to be gone.
	// +optional
	After *Decimal `json:"after,omitempty"`
}

// RemediationStatus is where a Remediation stands.
type RemediationStatus struct {
	// observedGeneration is the generation of the spec that the status speaks of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions of the remediation: Ready, Delivered, Recovered, Verified.
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// state of the remediation.
	// +optional
	State RemediationState `json:"state,omitempty"`

	// findings that are remedied, as they were last seen. Those of a group that are gone stay until its ticket was told.
	// +kubebuilder:validation:MaxItems=200
	// +listType=map
	// +listMapKey=kind
	// +listMapKey=subject
	// +listMapKey=rule
	// +listMapKey=about
	// +optional
	Findings []RemediedFinding `json:"findings,omitempty"`

	// rule that has found them; Several where different rules have.
	// +optional
	Rule Rule `json:"rule,omitempty"`

	// standing is how many findings stand, those included for which findings has no room.
	// +optional
	Standing int32 `json:"standing,omitempty"`

	// attempt is the number of the present attempt, from 1; a relapse raises it.
	// +optional
	Attempt int32 `json:"attempt,omitempty"`

	// attemptSince is when the present attempt began: when the finding was first seen here, or seen to have come back.
	// +optional
	AttemptSince *metav1.Time `json:"attemptSince,omitempty"`

	// escalation is how many steps of the route's escalation were taken in the present attempt.
	// +kubebuilder:validation:Minimum=0
	// +optional
	Escalation int32 `json:"escalation,omitempty"`

	// cause is what was at fault, as it counts: what spec.cause says, else what was named in a ticket, or Unknown where nobody has
	// named it in time. Set when the remediation is closed.
	// +optional
	Cause CauseCategory `json:"cause,omitempty"`

	// effect is what became of the number that the finding is about; not set where it is about none.
	// +optional
	Effect *Effect `json:"effect,omitempty"`

	// recoveredAt is when the finding was last seen to be gone.
	// +optional
	RecoveredAt *metav1.Time `json:"recoveredAt,omitempty"`

	// closedAt is when the remediation was closed.
	// +optional
	ClosedAt *metav1.Time `json:"closedAt,omitempty"`

	// tickets of the remediation, one for each system.
	// +kubebuilder:validation:MaxItems=4
	// +listType=map
	// +listMapKey=system
	// +optional
	Tickets []TicketStatus `json:"tickets,omitempty"`
}

// Remediation is what is being done about a finding: its tickets, its cause, its attempts. Gemba opens it; people fill
// in cause and attempts.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=rem,categories=governance
// +kubebuilder:selectablefield:JSONPath=`.spec.subjectRef.name`
// +kubebuilder:selectablefield:JSONPath=`.spec.route.ticketSystemRef.name`
// +kubebuilder:selectablefield:JSONPath=`.spec.group.scope`
// +kubebuilder:selectablefield:JSONPath=`.spec.group.subjectRef.name`
// +kubebuilder:printcolumn:name="Subject",type=string,priority=1,JSONPath=`.spec.subjectRef.name`
// +kubebuilder:printcolumn:name="Rule",type=string,JSONPath=`.status.rule`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.state`
// +kubebuilder:printcolumn:name="Ticket",type=string,JSONPath=`.status.tickets[0].id`
// +kubebuilder:printcolumn:name="Delivered",type=string,JSONPath=`.status.conditions[?(@.type=="Delivered")].reason`
// +kubebuilder:printcolumn:name="Findings",type=integer,priority=1,JSONPath=`.status.standing`
// +kubebuilder:printcolumn:name="Attempt",type=integer,priority=1,JSONPath=`.status.attempt`
// +kubebuilder:printcolumn:name="URL",type=string,priority=1,JSONPath=`.status.tickets[0].url`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Remediation struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec names the finding, and holds what people say about it.
	Spec RemediationSpec `json:"spec"`

	// status is where the remediation stands.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status RemediationStatus `json:"status,omitempty"`
}

// RemediationList is a list of remediations.
//
// +kubebuilder:object:root=true
type RemediationList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Remediation `json:"items"`
}
