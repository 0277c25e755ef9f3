package controllers

import (
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// busyError says that nothing can be said to a ticket system or asked of it yet: as much is under way as may be, its rate
// limit is reached, it has asked for patience, or it is down. Nothing was sent.
type busyError struct{ until time.Time }

// Error says until when.
func (e *busyError) Error() string {
	return "the ticket system can be talked to at " + e.until.UTC().Format(time.RFC3339)
}

// visit is what a pass has to do with its ticket system: the place that it takes there, and its requests, which are counted
// and learnt from. A nil *visit counts nothing. It belongs to one pass, and is not safe for concurrent use.
type visit struct {
	slots  *slots
	wish   wish
	clock  clock.PassiveClock
	report func(outcome ticket.Outcome, paused bool)
	// placed is true while the pass has a place.
	placed bool
	// prepaid is true until the request is made whose token was taken with the place.
	prepaid bool
}

// leaves is called when a request is about to leave.
func (v *visit) leaves() {
	switch {
	case v == nil:
	case v.prepaid:
		v.prepaid = false
	default:
		v.slots.borrow(v.wish.system, v.clock.Now())
	}
}

// came is called with what came of a request.
func (v *visit) came(outcome ticket.Outcome) {
	if v != nil {
		v.report(outcome, v.slots.learn(v.wish.system, outcome, v.clock.Now()))
	}
}

// visitOf is the visit of a pass at its ticket system.
func (r *RemediationReconciler) visitOf(p *pass) *visit {
	if p.visit != nil {
		return p.visit
	}
	system := p.system
	p.visit = &visit{
		slots: &r.sending, clock: r.Clock,
		wish: wish{system: client.ObjectKeyFromObject(system), by: client.ObjectKeyFromObject(p.remediation)},
		report: func(outcome ticket.Outcome, paused bool) {
			if r.Reachability != nil {
				r.Reachability.Report(system, outcome, paused)
			}
		},
	}
	return p.visit
}

// place takes a place at the ticket system of a pass, where it has none yet, and the token for a first request; a *busyError
// says that it must wait. A pass keeps it from its first question to its message: who gave it back in between would have
// asked in vain, because what was answered is written down with the message. A pass that has found out that nobody answers
// says nothing more. A dry run needs no place.
func (r *RemediationReconciler) place(p *pass) (leave func(), err error) {
	return r.placeFor(p, false)
}

// placeToRead takes a place that messages go before.
func (r *RemediationReconciler) placeToRead(p *pass) (leave func(), err error) {
	return r.placeFor(p, true)
}

func (r *RemediationReconciler) placeFor(p *pass, reading bool) (leave func(), err error) {
	if p.system.Spec.DryRun {
		return func() {}, nil
	}
	v, now := r.visitOf(p), r.Clock.Now()
	wanted := v.wish
	wanted.reading = reading
	if v.placed {
		if until, shut := r.sending.shut(wanted, now); shut {
			return nil, &busyError{until}
		}
		return func() {}, nil
	}
	until, free := r.sending.take(wanted, limitsOfSystem(p.system), now)
	if !free {
		return nil, &busyError{until}
	}
	v.placed, v.prepaid = true, true
	return func() {
		v.placed = false
		r.sending.leave(wanted.system, r.Clock.Now())
	}, nil
}

// busyUntil tells a ticket system that must be waited for from other errors.
func busyUntil(err error) (until time.Time, busy bool) {
	var found *busyError
	if !errors.As(err, &found) {
		return time.Time{}, false
	}
	return found.until, true
}

// versionOfSpec tells one version of the spec of a TicketSystem from another.
func versionOfSpec(system *v1alpha1.TicketSystem) string {
	return fmt.Sprintf("%s/%d", system.UID, system.Generation)
}

// borrow takes a token for a request of a pass that has a place.
func (s *slots) borrow(system types.NamespacedName, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of := s.systems[system]; of != nil {
		of.borrow(now)
	}
}

// learn takes in what came of a request, and says whether the system is left alone because of it.
func (s *slots) learn(system types.NamespacedName, outcome ticket.Outcome, now time.Time) (paused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.systems[system]
	if of == nil {
		return false
	}
	of.learn(system.String(), outcome, now)
	return of.breaker.isOpen()
}

// shut is true where a system has turned out to be down, or has asked for patience, since a pass took its place there; the
// pass is put in line again.
func (s *slots) shut(w wish, now time.Time) (until time.Time, shut bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.systems[w.system]
	if of == nil || !of.opens(now).After(now) {
		return time.Time{}, false
	}
	of.lineFor(w).add(w.by)
	return s.patience(of, w, now), true
}
