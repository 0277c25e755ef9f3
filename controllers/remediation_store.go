package controllers

import (
	"context"
	"fmt"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/status"
	"github.com/gemba-dev/gemba/internal/ticket"
)

const (
	// storeTimeout bounds the write after a send, which a manager that is told to stop still makes.
	storeTimeout = 10 * time.Second
	// storeTries is how often that write is repeated on newer versions in one pass.
	storeTries = 5
)

// result is what came of a send and must be stored: the ticket as it was announced, and the outcome.
type result struct {
	sent    v1alpha1.TicketStatus
	outcome ticket.Outcome
	unknown v1alpha1.UnknownOutcome
	at      time.Time
}

// apply gives the ticket with the result in it; ok is false where the stored ticket has moved on.
func (r result) apply(stored v1alpha1.TicketStatus) (settled v1alpha1.TicketStatus, ok bool) {
	if !ticket.SameTry(stored, r.sent, r.outcome.Fate) {
		return stored, false
	}
	return ticket.Settle(stored, r.outcome, r.unknown, r.at), true
}

// unstoredResults keeps what came of a send while the API server does not take it: the same process need not guess.
type unstoredResults struct {
	mu      sync.Mutex
	results map[types.NamespacedName]result
}

func (u *unstoredResults) put(key types.NamespacedName, kept result) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.results == nil {
		u.results = map[types.NamespacedName]result{}
	}
	u.results[key] = kept
}

func (u *unstoredResults) get(key types.NamespacedName) (result, bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	kept, found := u.results[key]
	return kept, found
}

func (u *unstoredResults) drop(key types.NamespacedName) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.results, key)
}

// store writes what came of the send of a pass, together with all that follows for the Remediation. A newer version that
// somebody has written meanwhile gets the result alone; the rest follows in the pass that its change causes.
func (r *RemediationReconciler) store(ctx context.Context, p *pass, outcome ticket.Outcome) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	kept := result{
		sent: p.ticket, outcome: outcome, unknown: p.situation().Unknown,
		at: secondsNow(r.Clock),
	}
	key := client.ObjectKeyFromObject(p.remediation)
	r.unstored.put(key, kept)
	p.now = kept.at
	p.ticket, _ = kept.apply(p.ticket)
	if p.ticket.Delivery.Operation == v1alpha1.OperationCreate && outcome.Fate == ticket.FateDelivered {
		r.confirmed.keep(p, outcome.Known.ID)
	}
	if next := p.ticket.Delivery.NextTry; next != nil {
		p.wake = append(p.wake, next.Time)
	}
	p.publish()
	_, err := status.Write(ctx, r.Client, p.remediation, p.before)
	if apierrors.IsConflict(err) {
		return r.storeLeftover(ctx, key)
	}
	if err != nil {
		return client.IgnoreNotFound(err)
	}
	r.unstored.drop(key)
	r.announce(p)
	return nil
}

// storeLeftover stores a result that is still only in memory, on the version that the API server has now.
func (r *RemediationReconciler) storeLeftover(ctx context.Context, key types.NamespacedName) error {
	kept, found := r.unstored.get(key)
	if !found {
		return nil
	}
	var err error
	for range storeTries {
		if err = r.storeOnNewest(ctx, key, kept); !apierrors.IsConflict(err) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("store what came of the message for Remediation %s: %w", key, err)
	}
	r.unstored.drop(key)
	return nil
}

func (r *RemediationReconciler) storeOnNewest(ctx context.Context, key types.NamespacedName, kept result) error {
	newest := &v1alpha1.Remediation{}
	if err := r.APIReader.Get(ctx, key, newest); err != nil {
		return client.IgnoreNotFound(err)
	}
	stored := findTicket(newest.Status.Tickets, kept.sent.System)
	if stored == nil {
		return nil
	}
	settled, ok := kept.apply(*stored)
	if !ok {
		return nil
	}
	before := newest.DeepCopy()
	*stored = settled
	status.Set(&newest.Status.Conditions, ticket.DeliveredCondition(settled), newest.Status.ObservedGeneration, kept.at)
	_, err := status.Write(ctx, r.Client, newest, before)
	return err
}
