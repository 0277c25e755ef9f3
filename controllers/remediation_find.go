package controllers

import (
	"context"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// find looks for the ticket of a step, takes it where it is there, and else goes on to the message that opens it.
func (r *RemediationReconciler) find(ctx context.Context, p *pass, step ticket.Step) error {
	target, err := r.target(ctx, p, false)
	if err != nil {
		return err
	}
	if p.blocked != "" {
		p.settleBlocked()
		return nil
	}
	if r.mustWait(p, step) {
		p.unsettled = true
		return nil
	}
	leave, err := r.place(p)
	if err != nil {
		return err
	}
	defer leave()
	known, found, err := r.lookFor(ctx, p, step, target)
	if err != nil {
		return err
	}
	switch {
	case p.unasked != "":
		p.ticket, p.unsettled = ticket.NotLooked(step.Ticket, p.unasked, p.now), true
		return nil
	case found:
		if err := r.hold(ctx, p); err != nil {
			return err
		}
		p.ticket, p.unsettled = ticket.Found(step.Ticket, known, p.now), true
		p.ticket.Place = ticket.PlaceOf(&p.system.Spec)
		r.confirmed.keep(p, known.ID)
		return nil
	default:
		r.tellLeft(p, step.Ticket)
		p.looked = true
		p.ticket = ticket.Missed(step.Ticket, p.now)
		return r.act(ctx, p)
	}
}

// taken are the names of the tickets, in the system of a pass, that other Remediations of its subject have.
func (r *RemediationReconciler) taken(ctx context.Context, p *pass) (map[string]bool, error) {
	siblings, err := r.siblings(ctx, p)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for i := range siblings {
		theirs := findTicket(siblings[i].Status.Tickets, p.ticket.System)
		if siblings[i].Name != p.remediation.Name && theirs != nil && theirs.ID != "" {
			names[theirs.ID] = true
		}
	}
	return names, nil
}

// siblings are the Remediations whose tickets may carry the same subject key.
func (r *RemediationReconciler) siblings(ctx context.Context, p *pass) ([]v1alpha1.Remediation, error) {
	switch {
	case p.remediation.Spec.Group != nil:
		return groupsIn(ctx, r, p.remediation.Namespace)
	case p.subject == nil:
		return nil, nil
	default:
		return remediationsOf(ctx, r, p.subject)
	}
}

// lookFor looks for the ticket of a step.
func (r *RemediationReconciler) lookFor(
	ctx context.Context, p *pass, step ticket.Step, target *endpoint,
) (known ticket.Known, found bool, err error) {
	taken, err := r.taken(ctx, p)
	if err != nil {
		return ticket.Known{}, false, err
	}
	known, found, asked := target.findTicket(ctx, step.Ticket, taken, r.Clock.Now())
	r.asked(p, aboutStep(step), "The ticket could not be looked for", asked)
	return known, found, nil
}
