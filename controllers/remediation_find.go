package controllers

import (
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/internal/ticket"
)

// askAgain is how soon a pass is repeated that could not ask what it needs to know.
const askAgain = time.Minute

// find looks for the ticket of a step, takes it where it is there, and else goes on to the message that opens it.
func (r *RemediationReconciler) find(ctx context.Context, p *pass, step ticket.Step) error {
	target, err := r.target(ctx, p, false)
	if err != nil {
		return err
	}
	if p.blocked != "" {
		return r.settleBlocked(ctx, p)
	}
	known, found, err := r.lookFor(ctx, p, step, target)
	if err != nil {
		return err
	}
	switch {
	case p.unasked != "":
		p.ticket = ticket.NotLooked(step.Ticket, p.unasked, p.now)
		p.wake = append(p.wake, p.now.Add(askAgain))
		return r.settle(ctx, p)
	case found:
		if err := r.hold(ctx, p); err != nil {
			return err
		}
		p.ticket = ticket.Found(step.Ticket, known, p.now)
		return r.settle(ctx, p)
	default:
		p.looked = true
		p.ticket = ticket.Missed(step.Ticket, p.now)
		return r.act(ctx, p)
	}
}

// lookFor looks for the ticket of a step within the bounds of what may be under way at once.
func (r *RemediationReconciler) lookFor(
	ctx context.Context, p *pass, step ticket.Step, target *endpoint,
) (known ticket.Known, found bool, err error) {
	leave, free := r.sending.take(client.ObjectKeyFromObject(p.system))
	if !free {
		return ticket.Known{}, false, errBusy
	}
	defer leave()
	known, found, asked := target.findTicket(ctx, step.Ticket, r.Clock.Now())
	r.reportAsked(p.system, asked)
	if asked != nil {
		p.unasked = sentence("The ticket could not be looked for", asked)
	}
	return known, found, nil
}
