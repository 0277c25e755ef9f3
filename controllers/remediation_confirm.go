package controllers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// Whoever may write spec.resolve or the status of a Remediation names tickets in words that Gemba has not taken from a ticket
// system itself. Such a ticket is read before anything is said to it, and must carry the key of the Remediation.

// vet reads at once a ticket that a person names for adoption, and one that was found not to be the right one some time ago. All
// others are read when there is something to say to them. The place at the ticket system is for the rest of the pass.
func (r *RemediationReconciler) vet(ctx context.Context, p *pass) (leave func(), err error) {
	nothing := func() {}
	id := p.named()
	if !r.isToBeVetted(p, id) {
		return nothing, nil
	}
	if r.mustWaitFor(p, aboutOwner) {
		p.unconfirmed = p.unasked
		return nothing, nil
	}
	target, err := r.target(ctx, p, false)
	if err != nil {
		return nil, err
	}
	if target == nil {
		// Nothing is sent, and so nothing is adopted. Secrets are not watched.
		p.wake = append(p.wake, p.now.Add(recheckSecrets))
		return nothing, nil
	}
	if leave, err = r.place(p); err != nil {
		return nil, err
	}
	r.recognise(ctx, p, target, id)
	return leave, nil
}

// isToBeVetted is true for a ticket that must be read now. What is known of one already is noted in the pass.
func (r *RemediationReconciler) isToBeVetted(p *pass, id string) bool {
	if id == "" || !p.vettable() {
		return false
	}
	if !p.adopts() && ticket.Moved(p.ticket, ticket.PlaceOf(&p.system.Spec)) {
		// Its id means nothing there.
		return false
	}
	kept, known := r.confirmed.of(p, id)
	if !known {
		return p.adopts() || p.wasUnconfirmed()
	}
	if recheck := kept.at.Add(recheckRefused); kept.foreign && p.now.Before(recheck) {
		p.unconfirmed = foreign(p, id)
		p.wake = append(p.wake, recheck)
		return false
	}
	return kept.foreign
}

// named is the id that a person names for the ticket of a pass, else the one that its status shows.
func (p *pass) named() string {
	if p.adopts() {
		return p.remediation.Spec.Resolve.TicketID
	}
	return p.ticket.ID
}

// adopts is true where a person names the ticket that a create has opened, and that is still to be followed.
func (p *pass) adopts() bool { return ticket.Adopts(p.ticket, p.remediation.Spec.Resolve) }

// vettable is true where the system of a pass can be asked whether a ticket carries its key, and may be.
func (p *pass) vettable() bool {
	if !p.mayAsk() {
		return false
	}
	language, err := ticket.LanguageOf(&p.system.Spec)
	return err == nil && language.Confirms()
}

func (p *pass) wasUnconfirmed() bool {
	return slices.ContainsFunc(p.before.Status.Conditions, func(c metav1.Condition) bool {
		return c.Type == v1alpha1.ConditionDelivered && c.Reason == v1alpha1.ReasonUnconfirmed
	})
}

// recognition is what a reading says about whose ticket an id names.
type recognition int

const (
	// unread: it could not be asked; the pass says why.
	unread recognition = iota
	// own: it carries the key.
	own
	// absent: there is none.
	absent
	// another: it does not carry the key.
	another
)

// recognise reads the ticket with an id, and notes in the pass why it is not the right one. One that there is not is told of where a
// person names it; a message to it is refused, which is told as well.
func (r *RemediationReconciler) recognise(ctx context.Context, p *pass, target *endpoint, id string) recognition {
	if r.mustWaitFor(p, aboutOwner) {
		p.unconfirmed = p.unasked
		return unread
	}
	known, isGone, err := r.readNamed(ctx, p, target, id)
	if !r.asked(p, aboutOwner, "Whether ticket "+shown(id)+" is the right one could not be asked", err) {
		p.unconfirmed = p.unasked
		return unread
	}
	switch {
	case isGone:
		if p.adopts() {
			r.isForeign(p, id)
		}
		return absent
	case known.Foreign:
		r.isForeign(p, id)
		return another
	default:
		r.confirmed.keep(p, id)
		return own
	}
}

// readNamed reads the ticket with an id; isGone is true where the system says that there is none.
func (r *RemediationReconciler) readNamed(ctx context.Context, p *pass, target *endpoint, id string) (known ticket.Known, isGone bool, err error) {
	about := p.ticket
	about.ID = id
	known, err = target.read(ctx, about, r.Clock.Now())
	var refused *askedError
	switch {
	case errors.As(err, &refused) && (refused.status == http.StatusNotFound || refused.status == http.StatusGone):
		return known, true, nil
	case err == nil && !known.Says():
		return known, false, errNotUnderstood
	default:
		return known, false, err
	}
}

// isForeign notes that an id is that of another ticket.
func (r *RemediationReconciler) isForeign(p *pass, id string) {
	r.confirmed.keepForeign(p, id)
	p.unconfirmed = foreign(p, id)
	p.wake = append(p.wake, p.now.Add(recheckRefused))
}

// errNotUnderstood says that what has answered may not have been the ticket system.
var errNotUnderstood = errors.New("the answer does not say whether it is open")

// isOwn is true for a reading of the right ticket. What has carried the key once, in this process, stays it: people edit texts.
func (r *RemediationReconciler) isOwn(p *pass, known ticket.Known) bool {
	kept, found := r.confirmed.of(p, p.ticket.ID)
	switch {
	case known.Foreign && (!found || kept.foreign):
		r.isForeign(p, p.ticket.ID)
		return false
	case known.Says() && !known.Foreign:
		r.confirmed.keep(p, p.ticket.ID)
	}
	return true
}

// confirm makes sure that a message reaches the ticket of the pass and no other. relocated is true where the ticket was found
// elsewhere or forgotten: then what there is to say is decided anew.
func (r *RemediationReconciler) confirm(
	ctx context.Context, p *pass, operation v1alpha1.Operation, target *endpoint,
) (relocated bool, err error) {
	if target == nil || operation == v1alpha1.OperationCreate {
		return false, nil
	}
	if kept, known := r.confirmed.of(p, p.ticket.ID); known && !kept.foreign {
		return false, nil
	}
	if ticket.Moved(p.ticket, ticket.PlaceOf(&p.system.Spec)) {
		return r.relocate(ctx, p, target)
	}
	if p.ticket.ID != "" && target.language.Confirms() {
		r.recognise(ctx, p, target, p.ticket.ID)
	}
	return false, nil
}

// settleUnconfirmed notes why nothing is said. A Remediation that is deleted does not wait for the ticket of somebody else.
func (r *RemediationReconciler) settleUnconfirmed(p *pass) {
	p.unsettled = true
	p.lost = p.unasked == ""
}

// maxShownID bounds an id in a sentence.
const maxShownID = 40

func shown(id string) string {
	if runes := []rune(id); len(runes) > maxShownID {
		return string(runes[:maxShownID-1]) + "…"
	}
	return id
}

// foreign says that an id does not name the ticket of a pass, and what to do.
func foreign(p *pass, id string) string {
	return fmt.Sprintf("Ticket %s does not carry the key %s, and nothing is said to it. Correct the id, or give the ticket the key.",
		shown(id), p.ticket.Key)
}
