package ticket

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// Comments are what must be said beside a change of a ticket's state, in a system whose requests for it carry no text.
type Comments struct {
	// Known says that the system takes comments.
	Known bool
	// Closing is why the ticket is closed, to be said before it is; empty where the request tells it.
	Closing Reason
	// Reopened is why the ticket is open again, to be said after it is; empty where the request tells it.
	Reopened Reason
	// Waiting is why the ticket stays open although its finding is gone; empty where nothing is waited for.
	Waiting Reason
	// Declined is why a ticket that is closed needs a word more; empty where it does not.
	Declined Reason
}

// due is the reason of the comment that is due before an operation, or where none is needed; empty where none is. Each is said
// once in an attempt.
func (c Comments) due(ticket v1alpha1.TicketStatus, operation v1alpha1.Operation, attempt int32) Reason {
	reason := c.beside(ticket.State, operation, attempt)
	if !c.Known || reason == "" || hasSaid(ticket, Notice{Reason: reason}, attempt) {
		return ""
	}
	return reason
}

// beside is what there is to be said beside an operation, said already or not.
func (c Comments) beside(state v1alpha1.TicketState, operation v1alpha1.Operation, attempt int32) Reason {
	switch {
	case operation == v1alpha1.OperationClose:
		return c.Closing
	case operation == "" && state == v1alpha1.TicketClosed:
		return c.Declined
	case operation != "" || state != v1alpha1.TicketOpen:
		return ""
	case c.Waiting != "":
		return c.Waiting
	case attempt > 1 || c.Reopened == ReasonReopened:
		return c.Reopened
	default:
		return ""
	}
}

func hasSaid(ticket v1alpha1.TicketStatus, notice Notice, attempt int32) bool {
	for _, said := range ticket.Said {
		if said.Reason != string(notice.Reason) {
			continue
		}
		return said.Attempt > attempt || said.Attempt == attempt && said.Count >= notice.Count
	}
	return false
}

// notice is the comment that is due on a ticket whose state is as it should be; its reason is empty where none is.
func (s Situation) notice(operation v1alpha1.Operation) Notice {
	if reason := s.Comments.due(s.Ticket, operation, s.Attempt); reason != "" {
		return Notice{Reason: reason}
	}
	if operation != "" || !s.Comments.Known || len(s.Notices) == 0 {
		return Notice{}
	}
	return s.Notices[0]
}

// remember notes that a comment was said, or that it cannot be said: nothing waits for a comment for ever. It notes the same of a
// ticket that was to be assigned.
func remember(ticket *v1alpha1.TicketStatus, now metav1.Time) {
	delivery := ticket.Delivery
	if delivery != nil && delivery.Operation == v1alpha1.OperationAssign {
		assigned(ticket, "", now)
		return
	}
	if delivery == nil || delivery.Operation != v1alpha1.OperationComment || delivery.Reason == "" {
		return
	}
	if delivery.Shows != "" {
		ticket.Shows = delivery.Shows
	}
	said := v1alpha1.SaidNotice{
		Reason: delivery.Reason, Attempt: delivery.Attempt, Count: delivery.Count, At: now,
	}
	for i := range ticket.Said {
		if ticket.Said[i].Reason == said.Reason {
			ticket.Said[i] = said
			return
		}
	}
	ticket.Said = append(ticket.Said, said)
}
