package ticket

import "github.com/gemba-dev/gemba/api/v1alpha1"

// Adopts is true where a person names the ticket that a create has opened, and that is still to be followed.
func Adopts(ticket v1alpha1.TicketStatus, resolve *v1alpha1.Resolve) bool {
	delivery := ticket.Delivery
	if resolve == nil || delivery == nil || resolve.Action != v1alpha1.ResolveAdopt || resolve.MessageKey != delivery.MessageKey {
		return false
	}
	return delivery.Operation == v1alpha1.OperationCreate && delivery.Resolved != resolve.Action && open(delivery.State)
}
