package controllers

import (
	"fmt"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// actionDeliver is what Gemba did when something happened to a ticket.
const actionDeliver = "Deliver"

// announce tells what the last write has changed about the tickets, and takes it for what was before the next.
func (r *RemediationReconciler) announce(p *pass) {
	for _, is := range p.tickets() {
		was := v1alpha1.TicketStatus{State: v1alpha1.TicketPending}
		if known := findTicket(p.before.Status.Tickets, is.System); known != nil {
			was = *known
		}
		if happened, worthTelling := ticketEvent(was, is); worthTelling {
			happened.record(r.Events, p.remediation)
		}
	}
	if happened, worthTelling := effectEvent(p.before.Status.Effect, p.remediation); worthTelling {
		happened.record(r.Events, p.remediation)
	}
	p.before = p.remediation.DeepCopy()
}

// ticketEvent tells what happened to a ticket between two writes: that it was opened, closed or opened again, or that a
// message needs a person. Tries that go on are told by the condition and the metric.
func ticketEvent(was, is v1alpha1.TicketStatus) (notice, bool) {
	if was.State != is.State {
		return stateEvent(was, is)
	}
	if is.Delivery == nil || (was.Delivery != nil && was.Delivery.State == is.Delivery.State) {
		return notice{}, false
	}
	if is.Delivery.Operation == v1alpha1.OperationAssign && is.Delivery.State != v1alpha1.DeliveryUnknown {
		return assignmentEvent(was, is)
	}
	reason, told := map[v1alpha1.DeliveryState]string{
		v1alpha1.DeliveryUnknown: "OutcomeUnknown",
		v1alpha1.DeliveryGaveUp:  "DeliveryGaveUp",
		v1alpha1.DeliveryRefused: "DeliveryRefused",
	}[is.Delivery.State]
	message := string(is.Delivery.Operation) + " at " + is.System + ": " + is.Delivery.Message
	return notice{warning: true, reason: reason, action: actionDeliver, message: message}, told
}

// assignmentEvent tells, once, that a ticket was not assigned.
func assignmentEvent(was, is v1alpha1.TicketStatus) (notice, bool) {
	isRefused := is.Assignment != nil && is.Assignment.State == v1alpha1.AssignmentRefused
	message := nameOf(is) + ": " + is.Unassigned
	return notice{warning: true, reason: "TicketNotAssigned", action: actionDeliver, message: message}, isRefused && was.Unassigned != is.Unassigned
}

// effectEvent tells that a number has become good by what was done.
func effectEvent(was *v1alpha1.Effect, remediation *v1alpha1.Remediation) (notice, bool) {
	text := ticket.EffectText(remediation)
	if text == "" || was != nil && was.After != nil {
		return notice{}, false
	}
	return notice{reason: "EffectVerified", action: actionDeliver, message: text}, true
}

// leftEvent tells that a Remediation is gone and its ticket perhaps is not.
func leftEvent(left v1alpha1.TicketStatus) notice {
	return notice{warning: true, reason: "TicketLeftOpen", action: actionDeliver, message: fmt.Sprintf(
		"Ticket %s may still be open: it could not be closed. Close it there.", nameOf(left))}
}

// nameOf is what a ticket is called in a sentence.
func nameOf(named v1alpha1.TicketStatus) string {
	if named.ID == "" {
		return named.Key + " at " + named.System
	}
	return named.ID + " at " + named.System
}

func stateEvent(was, is v1alpha1.TicketStatus) (notice, bool) {
	named := is.System
	if is.ID != "" {
		named = is.ID + " at " + is.System
	}
	happened := notice{action: actionDeliver}
	switch {
	case is.State == v1alpha1.TicketClosed && (is.ClosedOutside > was.ClosedOutside || is.Declined):
		return outsideEvent(named, is.Declined), true
	case is.State == v1alpha1.TicketOpen && was.State == v1alpha1.TicketClosed:
		happened.reason, happened.message = "TicketReopened", "Reopened ticket "+named
	case is.State == v1alpha1.TicketOpen:
		happened.reason, happened.message = "TicketOpened", "Opened ticket "+named
	case is.State == v1alpha1.TicketClosed && was.State == v1alpha1.TicketOpen:
		happened.reason, happened.message = "TicketClosed", "Closed ticket "+named
	default:
		return notice{}, false
	}
	return happened, true
}

// outsideEvent tells that somebody has closed a ticket whose finding stands.
func outsideEvent(named string, declined bool) notice {
	happened := notice{warning: true, reason: "TicketClosedOutside", action: actionDeliver}
	happened.message = "Ticket " + named + " was closed while the finding stands"
	if declined {
		happened.reason = "TicketDeclined"
		happened.message = "Ticket " + named + " was closed as something that will not be done, and the finding stands"
	}
	return happened
}
