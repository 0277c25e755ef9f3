package ticket

import (
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

// Read takes what the ticket system says of an open ticket. That somebody has closed it counts where the finding stands.
func Read(ticket v1alpha1.TicketStatus, known Known, stands bool, now time.Time) v1alpha1.TicketStatus {
	ticket = *ticket.DeepCopy()
	if known.URL != "" {
		ticket.URL = known.URL
	}
	if known.Open {
		if ticket.State != v1alpha1.TicketOpen {
			opened(&ticket, now)
		}
		ticket.ClosedAt = nil
	}
	if ticket.State == v1alpha1.TicketClosed {
		return ticket
	}
	if known.Closed {
		at := metav1.NewTime(now)
		ticket.State, ticket.ClosedAt = v1alpha1.TicketClosed, &at
	}
	if known.Closed && stands {
		ticket.ClosedOutside++
	}
	return ticket
}

// LeftClosed is true for a ticket that somebody has closed, and closed again after it was reopened.
func LeftClosed(ticket v1alpha1.TicketStatus) bool {
	return ticket.State == v1alpha1.TicketClosed && ticket.ClosedOutside > reopenings
}
