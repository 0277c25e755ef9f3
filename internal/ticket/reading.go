package ticket

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// reopenings is how often a ticket is opened again that somebody closes while its finding stands. After that it is a matter
// between people.
const reopenings = 1

// Readable says whether it is worth asking what became of a ticket: it should be open, or was left closed, and nothing is under
// way.
func Readable(ticket v1alpha1.TicketStatus) bool {
	open := ticket.State == v1alpha1.TicketOpen || LeftClosed(ticket)
	return open && ticket.ID != "" && !InFlight(ticket) && !held(ticket)
}

// Answerable says whether it is worth asking for the cause in a ticket: one that people have closed can still be labelled.
func Answerable(ticket v1alpha1.TicketStatus) bool {
	known := ticket.State == v1alpha1.TicketOpen || ticket.State == v1alpha1.TicketClosed
	return known && ticket.ID != "" && !InFlight(ticket) && !held(ticket)
}

// Read takes what the ticket system says of an open ticket. That somebody has closed it counts where the finding stands.
func Read(ticket v1alpha1.TicketStatus, known Known, stands bool, now time.Time) v1alpha1.TicketStatus {
	ticket = *ticket.DeepCopy()
	if known.URL != "" {
		ticket.URL = known.URL
	}
	if known.Says() {
		// Who has closed a ticket may change the reason afterwards.
		ticket.Cause, ticket.Attempts = known.Cause, known.Attempts
		ticket.Declined = known.Declined && stands
	}
	if known.Open {
		if ticket.State != v1alpha1.TicketOpen {
			opened(&ticket, now)
		}
		ticket.ClosedAt = nil
	}
	if known.Closed && ticket.State != v1alpha1.TicketClosed {
		closedByOthers(&ticket, stands && !known.Declined, now)
	}
	return ticket
}

// ReadAnswers takes what people have answered in a ticket that is done with. What they do with it otherwise is their own.
func ReadAnswers(ticket v1alpha1.TicketStatus, known Known) v1alpha1.TicketStatus {
	ticket = *ticket.DeepCopy()
	if known.Says() {
		ticket.Cause, ticket.Attempts = known.Cause, known.Attempts
	}
	return ticket
}

// closedByOthers closes a ticket that somebody else has closed; by mistake, as far as Gemba can tell, where that counts.
func closedByOthers(ticket *v1alpha1.TicketStatus, counts bool, now time.Time) {
	at := metav1.NewTime(now)
	ticket.State, ticket.ClosedAt = v1alpha1.TicketClosed, &at
	if counts {
		ticket.ClosedOutside++
	}
}

// LeftClosed is true for a ticket that somebody has closed as something that will not be done, or closed again after it was
// reopened.
func LeftClosed(ticket v1alpha1.TicketStatus) bool {
	return ticket.State == v1alpha1.TicketClosed && (ticket.Declined || ticket.ClosedOutside > reopenings)
}

// CanRead says whether a ticket's state can be read.
func (p *Protocol) CanRead() bool { return p.read != nil }

// Reading is the request that reads a ticket's state; ok is false where the system cannot be asked.
func (l Language) Reading(ctx context.Context, message Message) (ask Ask, ok bool, err error) {
	if l.read == nil {
		return Ask{}, false, nil
	}
	path, err := pathOf(ctx, l.read.path, l.named(message))
	if err != nil {
		return Ask{}, false, fmt.Errorf("make the path of the reading: %w", err)
	}
	return Ask{Method: l.read.method, Path: path}, true, nil
}

// Read takes a ticket's state out of the reply to a reading.
func (l Language) Read(ctx context.Context, message Message, reply Reply) Known {
	variables := l.named(message)
	known := l.read.parse(ctx, variables, reply)
	if known.Says() && l.Confirms() {
		carries, err := l.read.carries.Bool(ctx, variables)
		known.Foreign = err != nil || !carries
	}
	return known
}

// Confirms says whether a reading shows that a ticket is the one that it should be.
func (p *Protocol) Confirms() bool { return p.read != nil && p.read.carries != nil }

// CauseHint says how people name the cause in the system; empty where they cannot. It continues a sentence after "or".
func (l Language) CauseHint(ctx context.Context) string {
	if l.read == nil || l.read.causeHint == nil {
		return ""
	}
	hint, err := l.read.causeHint.Text(ctx, l.shared())
	if err != nil {
		return ""
	}
	return shorten(hint, maxHint)
}

// maxHint bounds a hint in characters.
const maxHint = 300

// ReadsText says whether what people write into the text of a ticket can be read.
func (p *Protocol) ReadsText() bool { return p.read != nil && p.read.text != nil }

// ReadsCause says whether people can name the cause in the system.
func (p *Protocol) ReadsCause() bool { return p.read != nil && p.read.cause != nil }
