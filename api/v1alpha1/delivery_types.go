package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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
// +kubebuilder:validation:Enum=Create;Comment;Close;Reopen;Assign
type Operation string

// The operations.
const (
	OperationCreate  Operation = "Create"
	OperationComment Operation = "Comment"
	OperationClose   Operation = "Close"
	OperationReopen  Operation = "Reopen"
	OperationAssign  Operation = "Assign"
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

	// reason of the message, such as Opened or Verified.
	// +kubebuilder:validation:MaxLength=32
	// +optional
	Reason string `json:"reason,omitempty"`

	// count tells one message of a reason from the next in the same attempt: the second reminder, the first step of an escalation.
	// +optional
	Count int32 `json:"count,omitempty"`

	// shows is a digest of the findings that the message tells of.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	Shows string `json:"shows,omitempty"`

	// searches for the ticket that the message may have opened, so far, that could not be made.
	// +optional
	Searches int32 `json:"searches,omitempty"`

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

// SaidNotice is a comment that was made on a ticket.
type SaidNotice struct {
	// reason of the comment.
	// +kubebuilder:validation:MaxLength=32
	Reason string `json:"reason"`

	// attempt in which it was made.
	Attempt int32 `json:"attempt"`

	// count of them in the attempt, those included that were passed over because a later one was due already.
	// +optional
	Count int32 `json:"count,omitempty"`

	// at is when it was made.
	At metav1.Time `json:"at"`
}

// TicketAttempt is one try to remedy a finding, as people have written it into the text of a ticket.
type TicketAttempt struct {
	// hypothesis: what is believed to help, and why.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Hypothesis string `json:"hypothesis,omitempty"`

	// done is what was done.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Done string `json:"done,omitempty"`

	// result of the attempt.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Result string `json:"result,omitempty"`

	// learned from the attempt.
	// +kubebuilder:validation:MaxLength=512
	// +optional
	Learned string `json:"learned,omitempty"`
}

// AssignmentState is what has come of assigning a ticket.
//
// +kubebuilder:validation:Enum=Asked;Assigned;Refused;Kept;DryRun
type AssignmentState string

// What has come of assigning a ticket.
const (
	// AssignmentAsked: the message that asks for it is on its way.
	AssignmentAsked AssignmentState = "Asked"
	// AssignmentDone: the ticket is assigned. What people make of it later is theirs.
	AssignmentDone AssignmentState = "Assigned"
	// AssignmentRefused: the ticket system has not done it. It is asked again some hours later.
	AssignmentRefused AssignmentState = "Refused"
	// AssignmentKept: the ticket was taken up again after the cluster was built anew, and stays with whom it is.
	AssignmentKept AssignmentState = "Kept"
	// AssignmentDryRun: the message was recorded and not sent.
	AssignmentDryRun AssignmentState = "DryRun"
)

// TicketAssignment is what has come of assigning a ticket to an account.
type TicketAssignment struct {
	// account is a digest of it: who it is stands in the ticket system.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	Account string `json:"account,omitempty"`

	// state of the assignment.
	State AssignmentState `json:"state"`

	// at is when it came to that.
	// +optional
	At *metav1.Time `json:"at,omitempty"`
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

	// place tells where the ticket was opened: a digest of type, url and parameters of the TicketSystem. Where it differs from what
	// they are now, the ticket is looked for before anything is said to it.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	Place string `json:"place,omitempty"`

	// state of the ticket as far as Gemba knows.
	// +optional
	State TicketState `json:"state,omitempty"`

	// openedAt is when the ticket was last opened or reopened.
	// +optional
	OpenedAt *metav1.Time `json:"openedAt,omitempty"`

	// shows is a digest of the findings that the ticket was last told of.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	Shows string `json:"shows,omitempty"`

	// closedAt is when the ticket was closed.
	// +optional
	ClosedAt *metav1.Time `json:"closedAt,omitempty"`

	// closedOutside is how often, since Gemba opened it, the ticket was found closed by somebody else while the finding stood.
	// +optional
	ClosedOutside int32 `json:"closedOutside,omitempty"`

	// declined is true where somebody has closed the ticket as something that will not be done, while the finding stood. Gemba
	// leaves it closed until the finding comes back.
	// +optional
	Declined bool `json:"declined,omitempty"`

	// cause is what people have named as the cause in the ticket system. It counts where spec.cause is empty.
	// +optional
	Cause CauseCategory `json:"cause,omitempty"`

	// assignment is what has come of assigning the ticket; not set where that was never tried.
	// +optional
	Assignment *TicketAssignment `json:"assignment,omitempty"`

	// unassigned says in a sentence why the ticket is not assigned to whom its route names.
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Unassigned string `json:"unassigned,omitempty"`

	// attempts are what people have written into the text of the ticket, the last 8 of them, each shortened. They count where
	// spec.attempts is empty.
	// +kubebuilder:validation:MaxItems=8
	// +listType=atomic
	// +optional
	Attempts []TicketAttempt `json:"attempts,omitempty"`

	// said are the comments that were made, the last for each reason.
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=reason
	// +optional
	Said []SaidNotice `json:"said,omitempty"`

	// delivery is the last message for the ticket.
	// +optional
	Delivery *Delivery `json:"delivery,omitempty"`
}
