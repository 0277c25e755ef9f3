package ticket

import (
	"maps"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

const placeHash = 16

// PlaceOf tells where the tickets of a TicketSystem are: type, url and parameters, as a short digest. The id of a ticket means
// something there and nowhere else.
func PlaceOf(spec *v1alpha1.TicketSystemSpec) string {
	fields := []string{"place", string(spec.Type), strings.TrimSuffix(string(spec.URL), "/")}
	for _, name := range slices.Sorted(maps.Keys(spec.Parameters)) {
		fields = append(fields, string(name), string(spec.Parameters[name]))
	}
	return digest(fields...)[:placeHash]
}

// Moved is true where the TicketSystem is no longer what it was when the ticket was last known there.
func Moved(ticket v1alpha1.TicketStatus, place string) bool {
	return ticket.Place != "" && ticket.Place != place
}

// FoundAgain takes a ticket that was found by its key where its system is now. A message that was on its way to the former place is
// dropped: what is needed is decided anew, from where the ticket stands.
func FoundAgain(ticket v1alpha1.TicketStatus, known Known, place string, now time.Time) v1alpha1.TicketStatus {
	ticket = *ticket.DeepCopy()
	at := metav1.NewTime(now)
	again := &v1alpha1.Delivery{Operation: v1alpha1.OperationCreate, Sequence: 1, MessageKey: ticket.Key, IntendedAt: &at}
	if before := ticket.Delivery; before != nil {
		// The sequence never falls: the keys of messages stay apart.
		again.Sequence, again.Attempt = before.Sequence, before.Attempt
	}
	ticket.Delivery, ticket.Place, ticket.URL = again, place, ""
	return Found(ticket, known, now)
}

// Forgotten is a ticket that is not where its system is now: as if none had been opened yet.
func Forgotten(ticket v1alpha1.TicketStatus, place string) v1alpha1.TicketStatus {
	return v1alpha1.TicketStatus{
		System: ticket.System, Key: ticket.Key, SubjectKey: ticket.SubjectKey, State: v1alpha1.TicketPending, Place: place,
	}
}
