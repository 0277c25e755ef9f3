package controllers

import (
	"errors"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

const (
	// sendsAtOnce is how many messages are under way to one TicketSystem. It is less than there are workers, so that a
	// system that does not answer holds up its own messages and nobody else's.
	sendsAtOnce = 2
	// busyRetry is how soon a pass is repeated that found the TicketSystem busy.
	busyRetry = 5 * time.Second
)

// errBusy says that as many messages are under way to the TicketSystem as may be. Nothing was written or sent.
var errBusy = errors.New("as many messages are under way to the ticket system as may be")

// slots count the messages that are under way to each TicketSystem. The zero value counts none; safe for concurrent use.
type slots struct {
	mu    sync.Mutex
	taken map[types.NamespacedName]int
}

// take takes a place, to be given back by leave; free is false where all are taken.
func (s *slots) take(system types.NamespacedName) (leave func(), free bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[system] >= sendsAtOnce {
		return nil, false
	}
	if s.taken == nil {
		s.taken = map[types.NamespacedName]int{}
	}
	s.taken[system]++
	return func() { s.giveBack(system) }, true
}

func (s *slots) giveBack(system types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[system]--; s.taken[system] == 0 {
		delete(s.taken, system)
	}
}
