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
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.subjectRef) || !has(oldSelf.finding) || (self.subjectRef == oldSelf.subjectRef && self.finding == oldSelf.finding && self.route == oldSelf.route)",message="subjectRef, finding and route cannot be changed: Gemba set them when it opened the remediation"
// +kubebuilder:validation:XValidation:rule="has(self.subjectRef) && has(self.finding)",message="give the subjectRef and the finding that is remedied"
type RemediationSpec struct {
	// subjectRef names the subject, in the namespace of the Remediation.
	// +optional
	SubjectRef *SubjectReference `json:"subjectRef,omitempty"`

	// finding names what is remedied.
	// +optional
	Finding *FindingIdentity `json:"finding,omitempty"`

	// route as it was when the Remediation was created.
	Route RouteSnapshot `json:"route"`

	// cause: what was at fault. People fill it in.
	// +optional
	Cause *Cause `json:"cause,omitempty"`

	// attempts to remedy it. People fill them in.
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

// TicketState is where a ticket stands as far as Gemba knows.
//
// +kubebuilder:validation:Enum=Pending;Open;Closed;Abandoned
type TicketState string

// The states of a ticket.
const (
	TicketPending   TicketState = "Pending"
	TicketOpen      TicketState = "Open"
	TicketClosed    TicketState = "Closed"
	TicketAbandoned TicketState = "Abandoned"
)

// Operation is what a message asks a ticket system to do.
//
// +kubebuilder:validation:Enum=Create;Comment;Close;Reopen
type Operation string

// The operations.
const (
	OperationCreate  Operation = "Create"
	OperationComment Operation = "Comment"
	OperationClose   Operation = "Close"
	OperationReopen  Operation = "Reopen"
)

// DeliveryState is what became of a message.
//
// +kubebuilder:validation:Enum=Intended;Sending;Delivered;Retrying;Refused;Unknown;GaveUp;Abandoned;DryRun
type DeliveryState string

// The states of a delivery.
const (
	// DeliveryIntended: the message is written down and not sent yet.
	DeliveryIntended DeliveryState = "Intended"
	// DeliverySending: the message is being sent, or was when the process ended: its fate is unknown until the next
	// write.
	DeliverySending DeliveryState = "Sending"
	// DeliveryDelivered: the other side took it.
	DeliveryDelivered DeliveryState = "Delivered"
	// DeliveryRetrying: it certainly did not arrive, or may be sent again; the next try has a time.
	DeliveryRetrying DeliveryState = "Retrying"
	// DeliveryRefused: the other side said no for good.
	DeliveryRefused DeliveryState = "Refused"
	// DeliveryUnknown: nobody knows whether it arrived, and the system cannot be asked; a person decides.
	DeliveryUnknown DeliveryState = "Unknown"
	// DeliveryGaveUp: it was tried for too long.
	DeliveryGaveUp DeliveryState = "GaveUp"
	// DeliveryAbandoned: a person gave it up.
	DeliveryAbandoned DeliveryState = "Abandoned"
	// DeliveryDryRun: it was rendered and not sent.
	DeliveryDryRun DeliveryState = "DryRun"
)

// Delivery is the message that was last meant for a ticket system. It is written before the message is sent, and each
// time before it is sent again: it is the outbox.
type Delivery struct {
	// operation that the message asks for.
	Operation Operation `json:"operation"`

	// sequence of the message within the ticket, from 1. It rises when an intent is written and never on a retry.
	// +kubebuilder:validation:Minimum=1
	Sequence int32 `json:"sequence"`

	// messageKey names the message for good: the same over all tries.
	// +kubebuilder:validation:MaxLength=128
	MessageKey string `json:"messageKey"`

	// method of the request.
	// +kubebuilder:validation:MaxLength=8
	Method string `json:"method"`

	// path of the request, below the URL of the TicketSystem.
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Path string `json:"path,omitempty"`

	// body of the request, the same over all tries. It holds no credentials.
	// +kubebuilder:validation:MaxLength=16384
	// +optional
	Body string `json:"body,omitempty"`

	// state of the message.
	State DeliveryState `json:"state"`

	// tries so far.
	// +optional
	Tries int32 `json:"tries,omitempty"`

	// attempt of the Remediation that the message belongs to. A later attempt may say again what was refused.
	// +optional
	Attempt int32 `json:"attempt,omitempty"`

	// endpoint tells one version of the TicketSystem and its Secrets from another: the one of the last try. A message
	// that was refused or given up is sent once more when it changes.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	Endpoint string `json:"endpoint,omitempty"`

	// reopenings that were answered, one after the other before this message, with a ticket that is still closed.
	// +optional
	Reopenings int32 `json:"reopenings,omitempty"`

	// intendedAt is when the message was first written down.
	// +optional
	IntendedAt *metav1.Time `json:"intendedAt,omitempty"`

	// lastTry is when the message was last sent.
	// +optional
	LastTry *metav1.Time `json:"lastTry,omitempty"`

	// nextTry is when the message will be sent again.
	// +optional
	NextTry *metav1.Time `json:"nextTry,omitempty"`

	// possiblyReceived is true once a try of the message may have arrived without an answer that said so.
	// +optional
	PossiblyReceived bool `json:"possiblyReceived,omitempty"`

	// resolved is the action of spec.resolve that was followed for the message. It is cleared when spec.resolve is
	// removed, so that the same action can be asked for again.
	// +optional
	Resolved ResolveAction `json:"resolved,omitempty"`

	// message says in a sentence what the other side answered.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Message string `json:"message,omitempty"`
}

// TicketStatus is one ticket of a Remediation.
type TicketStatus struct {
	// system is namespace and name of the TicketSystem.
	// +kubebuilder:validation:MaxLength=512
	System string `json:"system"`

	// key of the ticket, fixed for its life.
	// +kubebuilder:validation:MaxLength=128
	Key string `json:"key"`

	// subjectKey is the key without the episode.
	// +kubebuilder:validation:MaxLength=128
	// +optional
	SubjectKey string `json:"subjectKey,omitempty"`

	// id of the ticket in its system.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	ID string `json:"id,omitempty"`

	// url of the ticket in its system.
	// +kubebuilder:validation:MaxLength=2048
	// +optional
	URL string `json:"url,omitempty"`

	// state of the ticket as far as Gemba knows.
	// +optional
	State TicketState `json:"state,omitempty"`

	// closedAt is when the ticket was closed.
	// +optional
	ClosedAt *metav1.Time `json:"closedAt,omitempty"`

	// delivery is the last message for the ticket.
	// +optional
	Delivery *Delivery `json:"delivery,omitempty"`
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

	// findings that are remedied, as they were last seen.
	// +kubebuilder:validation:MaxItems=200
	// +listType=map
	// +listMapKey=rule
	// +listMapKey=about
	// +optional
	Findings []Finding `json:"findings,omitempty"`

	// attempt is the number of the present attempt, from 1; a relapse raises it.
	// +optional
	Attempt int32 `json:"attempt,omitempty"`

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
// +kubebuilder:printcolumn:name="Subject",type=string,priority=1,JSONPath=`.spec.subjectRef.name`
// +kubebuilder:printcolumn:name="Rule",type=string,JSONPath=`.spec.finding.rule`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.state`
// +kubebuilder:printcolumn:name="Ticket",type=string,JSONPath=`.status.tickets[0].id`
// +kubebuilder:printcolumn:name="Delivered",type=string,JSONPath=`.status.conditions[?(@.type=="Delivered")].reason`
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
