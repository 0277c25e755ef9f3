package ticket

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// decideSentence says what a person can do about a message whose fate is unknown.
const decideSentence = "Look whether it arrived, then set spec.resolve to Adopt, Retry or Abandon."

// maxDeliveryMessage is the bound of the field message of a delivery.
const maxDeliveryMessage = 512

// maxReopenings bounds how many reopenings in a row are answered with a closed ticket. One is needed for each life of the
// Remediation within an episode.
const maxReopenings = 10

// Settle stores what a try came to.
func Settle(ticket v1alpha1.TicketStatus, outcome Outcome, unknown v1alpha1.UnknownOutcome, now time.Time,
) v1alpha1.TicketStatus {
	ticket = *ticket.DeepCopy()
	delivery := ticket.Delivery
	delivery.Message = shorten(outcome.Message, maxDeliveryMessage)
	delivery.NextTry = nil
	delivery.PossiblyReceived = delivery.PossiblyReceived || outcome.Fate == FateUnknown
	switch {
	case outcome.Fate == FateDelivered:
		return delivered(ticket, outcome, now)
	case outcome.Fate == FateRefused:
		delivery.State = v1alpha1.DeliveryRefused
		remember(&ticket, metav1.NewTime(now))
	case delivery.PossiblyReceived && !repeatable(delivery, unknown):
		delivery.State = v1alpha1.DeliveryUnknown
		if unknown != v1alpha1.UnknownSearch {
			delivery.Message = shorten(outcome.Message+" "+decideSentence, maxDeliveryMessage)
			return ticket
		}
		// It is looked for before it is sent again.
		at := metav1.NewTime(nextTry(delivery.MessageKey, delivery.Tries, outcome.RetryAfter, now))
		delivery.NextTry = &at
	case outcome.Lasts:
		at := metav1.NewTime(nextTry(delivery.MessageKey, 1, 0, now))
		delivery.State, delivery.NextTry = v1alpha1.DeliveryRetrying, &at
	case expired(delivery, now):
		delivery.State = v1alpha1.DeliveryGaveUp
		remember(&ticket, metav1.NewTime(now))
	default:
		at := metav1.NewTime(nextTry(delivery.MessageKey, delivery.Tries, outcome.RetryAfter, now))
		delivery.State = v1alpha1.DeliveryRetrying
		delivery.NextTry = &at
	}
	return ticket
}

// expired is true for messages that were tried for too long. Time in which nothing was tried, because somebody had
// stopped messages or a Secret was missing, does not count alone: a fair number of tries belongs to it.
func expired(delivery *v1alpha1.Delivery, now time.Time) bool {
	return delivery.Tries >= giveUpTries && delivery.IntendedAt != nil &&
		now.Sub(delivery.IntendedAt.Time) >= GiveUpAfter
}

// delivered moves the ticket to where the message asked it to be.
func delivered(ticket v1alpha1.TicketStatus, outcome Outcome, now time.Time) v1alpha1.TicketStatus {
	delivery := ticket.Delivery
	delivery.State = v1alpha1.DeliveryDelivered
	if delivery.Shows != "" {
		ticket.Shows = delivery.Shows
	}
	if outcome.Known.ID != "" {
		ticket.ID = outcome.Known.ID
	}
	if outcome.Known.URL != "" {
		ticket.URL = outcome.Known.URL
	}
	done(&ticket, outcome, now)
	return ticket
}

// done is what the ticket is once its message has done what it asks for.
func done(ticket *v1alpha1.TicketStatus, outcome Outcome, now time.Time) {
	switch ticket.Delivery.Operation {
	case v1alpha1.OperationCreate:
		opened(ticket, now)
		if outcome.Known.Closed {
			// A receiver that has had this create before, for a cluster that was rebuilt since, does nothing about it. The
			// ticket is then reopened by a message of its own, unless somebody has declined it.
			ticket.State, ticket.Declined = v1alpha1.TicketClosed, outcome.Known.Declined
		}
	case v1alpha1.OperationReopen:
		opened(ticket, now)
		if outcome.Known.Closed {
			reopenAgain(ticket)
		}
	case v1alpha1.OperationClose:
		at := metav1.NewTime(now)
		ticket.State, ticket.ClosedAt, ticket.ClosedOutside = v1alpha1.TicketClosed, &at, 0
	case v1alpha1.OperationComment:
		remember(ticket, metav1.NewTime(now))
	case v1alpha1.OperationAssign:
		assigned(ticket, outcome.Known.Warning, metav1.NewTime(now))
	}
}

func opened(ticket *v1alpha1.TicketStatus, now time.Time) {
	at := metav1.NewTime(now)
	ticket.State, ticket.OpenedAt, ticket.ClosedAt = v1alpha1.TicketOpen, &at, nil
}

// reopenAgain leaves a ticket closed that a reopening found closed: the receiver has had a message of its key before, in
// an earlier life of the Remediation. The next reopening has another sequence and so another key. A receiver that says
// so again and again does not reopen at all.
func reopenAgain(ticket *v1alpha1.TicketStatus) {
	ticket.State = v1alpha1.TicketClosed
	if ticket.Delivery.Reopenings+1 < maxReopenings {
		return
	}
	ticket.Delivery.State = v1alpha1.DeliveryRefused
	ticket.Delivery.Message = fmt.Sprintf("The ticket system took %d reopenings and says that the ticket is closed: "+
		"reopen it there, then set spec.resolve to Adopt.", maxReopenings)
}

// SameTry is true where a stored ticket still shows the try that an outcome belongs to, so that the outcome may be
// stored. A success is stored also where somebody else has tried again since: it is the same message.
func SameTry(stored v1alpha1.TicketStatus, sent v1alpha1.TicketStatus, fate Fate) bool {
	if stored.Delivery == nil || sent.Delivery == nil || stored.Delivery.MessageKey != sent.Delivery.MessageKey {
		return false
	}
	if fate == FateDelivered {
		return stored.Delivery.State != v1alpha1.DeliveryDelivered
	}
	return stored.Delivery.State == v1alpha1.DeliverySending && stored.Delivery.Tries == sent.Delivery.Tries
}

// followResolve does what a person decided about the message, once for each decision. The ticket of a step that sends
// must not be stored where the message is not sent after all: the decision would be used up.
func followResolve(s Situation) (Step, bool) {
	delivery := s.Ticket.Delivery
	resolve := s.Resolve
	if resolve == nil || resolve.MessageKey != delivery.MessageKey {
		delivery.Resolved = ""
		return Step{}, false
	}
	if delivery.Resolved == resolve.Action || !open(delivery.State) || s.Silent {
		return Step{}, false
	}
	switch resolve.Action {
	case v1alpha1.ResolveRetry:
		return retryResolved(s)
	case v1alpha1.ResolveAdopt:
		delivery.Resolved = resolve.Action
		delivery.NextTry = nil
		delivery.Message = "It was said to have arrived by spec.resolve."
		return Step{Ticket: delivered(s.Ticket, Outcome{Known: adopted(delivery, resolve)}, s.Now)}, true
	case v1alpha1.ResolveAbandon:
		delivery.Resolved = resolve.Action
		return Step{Ticket: abandon(s.Ticket, s.Now)}, true
	default:
		return Step{}, false
	}
}

// retryResolved sends the message again for a person. In a dry run the decision is left for later.
func retryResolved(s Situation) (Step, bool) {
	delivery := s.Ticket.Delivery
	if delivery.State == v1alpha1.DeliveryRetrying || s.DryRun {
		return Step{}, false
	}
	delivery.Resolved = v1alpha1.ResolveRetry
	if Unwritten(s.Ticket) {
		return Step{
			Kind: StepIntend, Operation: delivery.Operation, Reason: Reason(delivery.Reason), Count: delivery.Count, Ticket: s.Ticket,
		}, true
	}
	// Where duplicates are not removed the person vouches that nothing has arrived.
	delivery.PossiblyReceived = delivery.PossiblyReceived && repeatable(delivery, s.Unknown)
	return Step{Kind: StepSend, Operation: delivery.Operation, Ticket: s.Ticket}, true
}

// adopted is the ticket that a person names, for a message that opens one; no other changes what a ticket is called.
func adopted(delivery *v1alpha1.Delivery, resolve *v1alpha1.Resolve) Known {
	if delivery.Operation != v1alpha1.OperationCreate || !plain(resolve.TicketID) {
		return Known{}
	}
	return Known{ID: resolve.TicketID}
}

// open is true for messages that a person may still decide about: not taken, and not under way.
func open(state v1alpha1.DeliveryState) bool {
	switch state {
	case v1alpha1.DeliveryUnknown, v1alpha1.DeliveryRetrying, v1alpha1.DeliveryRefused, v1alpha1.DeliveryGaveUp:
		return true
	default:
		return false
	}
}

func abandon(ticket v1alpha1.TicketStatus, now time.Time) v1alpha1.TicketStatus {
	ticket.Delivery.State = v1alpha1.DeliveryAbandoned
	ticket.Delivery.NextTry = nil
	ticket.Delivery.Message = "It was given up by spec.resolve."
	remember(&ticket, metav1.NewTime(now))
	if ticket.Delivery.Operation == v1alpha1.OperationCreate {
		ticket.State = v1alpha1.TicketAbandoned
	}
	return ticket
}
