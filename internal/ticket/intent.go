package ticket

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// Intent is a new message.
type Intent struct {
	Operation v1alpha1.Operation
	Request   Request
	// Reason of the message, and which of that reason it is.
	Reason Reason
	Count  int32
	// Shows is the digest of the findings that it tells of; empty where it tells of none.
	Shows string
	// Attempt and Endpoint are those of the Situation that asked for the message.
	Attempt  int32
	Endpoint string
	// Resolve is what a person has decided before the message was written: it is not about this message.
	Resolve *v1alpha1.Resolve
	DryRun  bool
	// Looked is what was asked before the message was written.
	Looked Looked
	// Account that the ticket is assigned to, with OperationAssign.
	Account string
}

// Intend writes a new message down. In a dry run it is recorded; otherwise it is marked as being sent, so that one write
// is both intent and announcement of the first try.
func Intend(ticket v1alpha1.TicketStatus, intent Intent, now time.Time) v1alpha1.TicketStatus {
	ticket = *ticket.DeepCopy()
	before, at := ticket.Delivery, metav1.NewTime(now)
	ticket.Delivery = &v1alpha1.Delivery{
		Operation:        intent.Operation,
		Sequence:         NextSequence(ticket),
		MessageKey:       intent.Request.MessageKey,
		Method:           intent.Request.Method,
		Path:             intent.Request.Path,
		Reason:           string(intent.Reason),
		Count:            intent.Count,
		Shows:            intent.Shows,
		Body:             intent.Request.Body,
		State:            v1alpha1.DeliveryIntended,
		Attempt:          intent.Attempt,
		IntendedAt:       &at,
		PossiblyReceived: perhapsHeard(before, intent.Request.MessageKey),
		Reopenings:       reopenedInVain(ticket.State, before, intent.Operation),
	}
	if intent.Resolve != nil && intent.Resolve.MessageKey == intent.Request.MessageKey {
		ticket.Delivery.Resolved = intent.Resolve.Action
	}
	switch intent.Operation {
	case v1alpha1.OperationCreate:
		// What was said of one before it is not true of this one.
		ticket.State, ticket.Assignment, ticket.Unassigned = v1alpha1.TicketPending, nil, ""
	case v1alpha1.OperationAssign:
		ticket.Assignment = assignmentOf(assigneeDigest(intent.Account), v1alpha1.AssignmentAsked, now)
	}
	if intent.DryRun {
		ticket.Delivery.State = v1alpha1.DeliveryDryRun
		ticket.Delivery.Message = "Nothing was sent: the ticket system is set to dryRun."
		remember(&ticket, at)
		return ticket
	}
	switch {
	case intent.Looked.Done:
		return WasSo(ticket, now)
	case intent.Looked.Problem != "":
		ticket.Delivery.Endpoint = intent.Endpoint
		return Settle(ticket, Outcome{Fate: FateRefused, Message: intent.Looked.Problem}, v1alpha1.UnknownHold, now)
	default:
		return BeginTry(ticket, intent.Endpoint, now)
	}
}

// WasSo takes that a lookup has shown that nothing is left to do.
func WasSo(ticket v1alpha1.TicketStatus, now time.Time) v1alpha1.TicketStatus {
	return Settle(ticket, Outcome{Fate: FateDelivered, Message: "It was so already."}, v1alpha1.UnknownHold, now)
}

// perhapsHeard is true where the message before had the same key and may have arrived: a create that is said anew may
// then still have opened a ticket. What a person gave up is forgotten.
func perhapsHeard(before *v1alpha1.Delivery, messageKey string) bool {
	return before != nil && before.MessageKey == messageKey && before.PossiblyReceived &&
		before.State != v1alpha1.DeliveryAbandoned
}

// reopenedInVain counts the reopenings in a row that found the ticket closed and left it so.
func reopenedInVain(state v1alpha1.TicketState, before *v1alpha1.Delivery, operation v1alpha1.Operation) int32 {
	again := before != nil && before.Operation == operation && before.State == v1alpha1.DeliveryDelivered
	if operation != v1alpha1.OperationReopen || state != v1alpha1.TicketClosed || !again {
		return 0
	}
	return before.Reopenings + 1
}

// NextSequence is the number of the next message of a ticket.
func NextSequence(ticket v1alpha1.TicketStatus) int32 {
	if ticket.Delivery == nil {
		return 1
	}
	return ticket.Delivery.Sequence + 1
}

// BeginTry marks the message as being sent, with the version of the endpoint that it is sent to. The mark must be stored
// before the request leaves.
func BeginTry(ticket v1alpha1.TicketStatus, endpoint string, now time.Time) v1alpha1.TicketStatus {
	ticket = *ticket.DeepCopy()
	at := metav1.NewTime(now)
	ticket.Delivery.State = v1alpha1.DeliverySending
	ticket.Delivery.Tries++
	ticket.Delivery.Endpoint = endpoint
	ticket.Delivery.LastTry = &at
	ticket.Delivery.NextTry = nil
	return ticket
}

// mendTimes takes back what a clock wrote that was ahead: no try lies in the future, and none is asked to wait for much
// more than a day. One window later nothing that was announced can still leave.
func mendTimes(delivery *v1alpha1.Delivery, now time.Time) {
	if delivery.State == v1alpha1.DeliverySending && delivery.LastTry != nil && delivery.LastTry.After(now) {
		at := metav1.NewTime(now)
		delivery.LastTry = &at
	}
	if delivery.NextTry != nil && delivery.NextTry.After(now.Add(maxRetryAfter+time.Hour)) {
		at := metav1.NewTime(now.Add(SendWindow))
		delivery.NextTry = &at
	}
}
