package controllers

import (
	"context"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// relocate finds the ticket of a pass whose TicketSystem has another type, url or parameters than when the ticket was last known
// there: "#17" may be another one now. First the id is tried, then the key is looked for; what cannot be found is opened anew, if
// it is needed. relocated is true where the pass has another ticket now.
func (r *RemediationReconciler) relocate(ctx context.Context, p *pass, target *endpoint) (relocated bool, err error) {
	place := ticket.PlaceOf(&p.system.Spec)
	if p.ticket.ID != "" && target.language.Confirms() {
		switch r.recognise(ctx, p, target, p.ticket.ID) {
		case own:
			p.ticket.Place = place
			return false, nil
		case unread:
			return false, nil
		default:
			// It is looked for.
			p.unconfirmed = ""
		}
	}
	if target.language.CanSearch() {
		return r.searchElsewhere(ctx, p, target, place)
	}
	return r.holdMoved(p, place), nil
}

// searchElsewhere looks for the key of the ticket of a pass where its system is now.
func (r *RemediationReconciler) searchElsewhere(ctx context.Context, p *pass, target *endpoint, place string) (relocated bool, err error) {
	known, found, err := r.lookFor(ctx, p, ticket.Step{Ticket: p.ticket}, target)
	switch {
	case err != nil:
		return false, err
	case p.unasked != "":
		p.unconfirmed = p.unasked
		return false, nil
	case found:
		p.ticket = ticket.FoundAgain(p.ticket, known, place, p.now)
		r.confirmed.keep(p, known.ID)
		return true, nil
	default:
		r.forgetMoved(p, place)
		return true, nil
	}
}

// tellLeft tells of a ticket that a create may have opened where the ticket system was before: it was looked for where it is now.
func (r *RemediationReconciler) tellLeft(p *pass, sought v1alpha1.TicketStatus) {
	if delivery := sought.Delivery; delivery != nil && delivery.PossiblyReceived && ticket.Moved(sought, ticket.PlaceOf(&p.system.Spec)) {
		leftEvent(sought).record(r.Events, p.remediation)
	}
}

// forgetMoved goes on without the ticket of a pass. One that may still be open where it was opened is told of: nobody else will.
func (r *RemediationReconciler) forgetMoved(p *pass, place string) {
	if ticket.MayBeOpen(p.ticket) {
		leftEvent(p.ticket).record(r.Events, p.remediation)
	}
	p.ticket, p.looked = ticket.Forgotten(p.ticket, place), true
}

// holdMoved leaves a ticket to a person that nobody can look for. A receiver that is told keys, as every webhook
// is, or does nothing twice, needs no decision.
func (r *RemediationReconciler) holdMoved(p *pass, place string) (relocated bool) {
	knowsKeys := p.system.Spec.Type == v1alpha1.TicketSystemWebhook
	if p.ticket.ID == "" || knowsKeys || ticket.UnknownOutcomeOf(&p.system.Spec) == v1alpha1.UnknownDeduplicate {
		return false
	}
	resolve, delivery := p.remediation.Spec.Resolve, p.ticket.Delivery
	if resolve == nil || delivery == nil || resolve.MessageKey != delivery.MessageKey || delivery.Resolved == resolve.Action {
		p.unconfirmed = "Ticket " + shown(p.ticket.ID) + " was opened with another type, url or parameters of the TicketSystem: set them back, or " +
			"spec.resolve to Retry (the place is the same), Adopt or Abandon."
		return false
	}
	switch resolve.Action {
	case v1alpha1.ResolveAbandon:
		r.forgetMoved(p, place)
		return true
	case v1alpha1.ResolveAdopt:
		p.ticket.ID, p.ticket.URL, p.ticket.Place = resolve.TicketID, "", place
		p.ticket.Assignment = nil
		return true
	default:
		return false
	}
}
