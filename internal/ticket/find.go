package ticket

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// repeatable says whether a message that may have arrived may be sent again: the receiver recognises it, or it opens nothing
// where tickets can be looked for. A comment is at worst read twice, and a ticket assigned twice to the same, and so nothing waits for them.
func repeatable(delivery *v1alpha1.Delivery, unknown v1alpha1.UnknownOutcome) bool {
	switch {
	case unknown == v1alpha1.UnknownDeduplicate, delivery.Operation == v1alpha1.OperationComment, delivery.Operation == v1alpha1.OperationAssign:
		return true
	default:
		return unknown == v1alpha1.UnknownSearch && delivery.Operation != v1alpha1.OperationCreate
	}
}

// find proposes to look for the ticket, once a request that was under way can have arrived and the ticket must be seen.
func find(s Situation) Step {
	delivery := s.Ticket.Delivery
	delivery.State = v1alpha1.DeliveryUnknown
	until := s.Now
	if delivery.LastTry != nil {
		until = delivery.LastTry.Add(SendWindow + s.Timeout + s.VisibleAfter)
	}
	if delivery.NextTry != nil && delivery.NextTry.After(until) {
		until = delivery.NextTry.Time
	}
	if s.Now.Before(until) {
		return Step{Kind: StepWait, Until: until, Ticket: s.Ticket}
	}
	return Step{Kind: StepFind, Operation: delivery.Operation, Ticket: s.Ticket}
}

// Found takes a ticket that was looked for and found: the message that may have opened it has, or one of a cluster before this
// one, of which nothing is known here but the declarations.
func Found(ticket v1alpha1.TicketStatus, known Known, now time.Time) v1alpha1.TicketStatus {
	ticket = *ticket.DeepCopy()
	if ticket.Delivery == nil {
		at := metav1.NewTime(now)
		ticket.Delivery = &v1alpha1.Delivery{
			Operation: v1alpha1.OperationCreate, Sequence: 1, MessageKey: ticket.Key, IntendedAt: &at,
		}
		ticket.Assignment = assignmentOf("", v1alpha1.AssignmentKept, now)
	}
	ticket.Delivery.Message = fmt.Sprintf("Found ticket %s, which names the key.", known.ID)
	ticket.Delivery.NextTry = nil
	return delivered(ticket, Outcome{Known: known}, now)
}

// Missed takes that no ticket was found: the message has certainly not opened one, and is sent again, unless that was tried for
// too long.
func Missed(ticket v1alpha1.TicketStatus, now time.Time) v1alpha1.TicketStatus {
	ticket = *ticket.DeepCopy()
	delivery := ticket.Delivery
	if delivery == nil {
		return ticket
	}
	delivery.State, delivery.PossiblyReceived, delivery.NextTry = v1alpha1.DeliveryRetrying, false, nil
	if expired(delivery, now) {
		delivery.State = v1alpha1.DeliveryGaveUp
	}
	return ticket
}

// NotLooked takes that the ticket could not be looked for; it is looked for again later.
func NotLooked(ticket v1alpha1.TicketStatus, why string, now time.Time) v1alpha1.TicketStatus {
	ticket = *ticket.DeepCopy()
	if delivery := ticket.Delivery; delivery != nil {
		delivery.Searches++
		at := metav1.NewTime(nextTry(delivery.MessageKey, delivery.Tries+delivery.Searches, 0, now))
		delivery.State, delivery.NextTry = v1alpha1.DeliveryUnknown, &at
		delivery.Message = shorten(why, maxDeliveryMessage)
	}
	return ticket
}
