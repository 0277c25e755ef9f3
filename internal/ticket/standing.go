package ticket

import "github.com/gemba-dev/gemba/api/v1alpha1"

// failed is true for messages that ended without an answer that took them.
func failed(state v1alpha1.DeliveryState) bool {
	return state == v1alpha1.DeliveryRefused || state == v1alpha1.DeliveryGaveUp || state == v1alpha1.DeliveryAbandoned
}

// perhapsClosed is true where a close was given up that may have arrived, or the ticket could not be reopened.
func perhapsClosed(ticket v1alpha1.TicketStatus) bool {
	delivery := ticket.Delivery
	if delivery == nil || !failed(delivery.State) {
		return false
	}
	return delivery.Operation == v1alpha1.OperationReopen ||
		delivery.Operation == v1alpha1.OperationClose && delivery.PossiblyReceived
}

// perhapsOpen is true where a create or a reopening failed that may have arrived, before a person gave up the ticket.
func perhapsOpen(ticket v1alpha1.TicketStatus) bool {
	delivery := ticket.Delivery
	if delivery == nil || !delivery.PossiblyReceived || ticket.State == v1alpha1.TicketAbandoned {
		return false
	}
	opens := delivery.Operation == v1alpha1.OperationCreate || delivery.Operation == v1alpha1.OperationReopen
	return opens && (failed(delivery.State) || delivery.State == v1alpha1.DeliveryDryRun)
}

// notClosed is true where closing the ticket has failed for good, or was only recorded. A close is not said of a ticket
// that cannot be open.
func notClosed(ticket v1alpha1.TicketStatus) bool {
	delivery := ticket.Delivery
	return delivery != nil && delivery.Operation == v1alpha1.OperationClose &&
		(failed(delivery.State) || delivery.State == v1alpha1.DeliveryDryRun)
}

// AwaitsEndpoint is true where the last message was refused or given up: a change of the TicketSystem or of its Secrets
// is worth another try.
func AwaitsEndpoint(ticket v1alpha1.TicketStatus) bool {
	return ticket.Delivery != nil && (ticket.Delivery.State == v1alpha1.DeliveryRefused ||
		ticket.Delivery.State == v1alpha1.DeliveryGaveUp)
}

// Untold is true for a ticket about which nothing was said yet.
func Untold(ticket v1alpha1.TicketStatus) bool { return ticket.Delivery == nil }

// InFlight is true while more is to come of the last message without a person's doing.
func InFlight(ticket v1alpha1.TicketStatus) bool {
	if ticket.Delivery == nil {
		return false
	}
	switch ticket.Delivery.State {
	case v1alpha1.DeliveryIntended, v1alpha1.DeliverySending, v1alpha1.DeliveryRetrying:
		return true
	default:
		return false
	}
}

// Done is true where nothing more will be said to close the ticket: it is closed, was never opened, or closing it has
// failed for good.
func Done(ticket v1alpha1.TicketStatus) bool {
	switch {
	case InFlight(ticket), held(ticket), perhapsOpen(ticket):
		return false
	case ticket.State != v1alpha1.TicketOpen:
		return true
	default:
		return notClosed(ticket)
	}
}

// MayBeOpen is true where somebody may have to close the ticket before the Remediation goes.
func MayBeOpen(ticket v1alpha1.TicketStatus) bool {
	return ticket.State == v1alpha1.TicketOpen || InFlight(ticket) || held(ticket) || perhapsOpen(ticket) || notClosed(ticket)
}

// held is true where only a person can go on.
func held(ticket v1alpha1.TicketStatus) bool {
	return ticket.Delivery != nil && ticket.Delivery.State == v1alpha1.DeliveryUnknown
}
