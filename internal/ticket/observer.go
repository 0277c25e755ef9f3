package ticket

import "github.com/gemba-dev/gemba/api/v1alpha1"

// Observer is told of every try of a message, for metrics.
type Observer interface {
	// DeliveryAttempt tells of one try: the TicketSystem as "namespace/name", what was asked, and what became of it.
	DeliveryAttempt(system string, operation v1alpha1.Operation, fate Fate)
}
