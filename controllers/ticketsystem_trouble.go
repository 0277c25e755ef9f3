package controllers

import (
	"sync"
	"time"

	"github.com/gemba-dev/gemba/internal/egress"
)

// trouble is what the last try found of a TicketSystem that lasts until somebody changes a configuration: that of the
// TicketSystem, or the flags of the manager. It is safe for concurrent use.
type trouble struct {
	mu    sync.Mutex
	found error
	at    time.Time
}

// learn keeps the error of a try that nothing was sent in, and forgets an earlier one where there is none that lasts.
func (t *trouble) learn(err error, now time.Time) (lasts bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.found, t.at = nil, now
	if egress.OutcomeOf(err) == egress.NotSent && egress.IsPermanent(err) {
		t.found = invalid("The last try failed", err)
	}
	return t.found != nil
}

// last gives what the last try found; nil where nothing that lasts.
func (t *trouble) last() (at time.Time, found error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.at, t.found
}
