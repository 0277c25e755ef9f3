package controllers

import (
	"context"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/gemba-dev/gemba/internal/kpi"
)

const (
	// lookAgain is how soon somebody who waits looks by themselves whether their turn was missed, and at the latest after twice
	// that time: two thousand who wait cost a few passes a second. They are told before.
	lookAgain = 10 * time.Minute
	// lookSoon is how soon they look where nobody tells them and nobody knows when there is a place.
	lookSoon = time.Second
	// forgetAfter is when nothing is remembered any more of a TicketSystem that nobody talks to: later than any pause or hold.
	forgetAfter = 2 * time.Hour
)

// turnPriority puts a pass whose turn it is before all others: a place waits for it.
var turnPriority = 10

// slots hand out the places of passes that talk to each TicketSystem, no more at once and no sooner than its gate says. Who
// finds none waits in line, one namespace after the other, so that one with a thousand messages holds up no other, and
// messages before readings. When a place is free it is kept for the next, who is told when to come. Nobody is lost where
// nobody follows: each is told with the refusal when to look again. The zero value is ready; safe for concurrent use.
type slots struct {
	mu      sync.Mutex
	systems map[types.NamespacedName]*places
	number  int
	// queue is that of the controller, by which they are told.
	queue requestQueue
}

// requestQueue is the queue of a controller. It never makes anybody wait, and holds a request once until it is worked on.
type requestQueue = workqueue.TypedRateLimitingInterface[reconcile.Request]

// follow is a source for the controller whose passes take places.
func (s *slots) follow(_ context.Context, queue requestQueue) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = queue
	return nil
}

// wish is what a Remediation wants of a TicketSystem.
type wish struct {
	system, by types.NamespacedName
	// reading says that it is a reading, which can wait for messages.
	reading bool
}

// turn is a place that is kept for a Remediation from a time on. The number tells it from an earlier one of the same.
type turn struct {
	by     types.NamespacedName
	at     time.Time
	number int
}

// places are those of one TicketSystem.
type places struct {
	gate
	// taken counts those in use, beside those that are kept.
	taken int
	kept  []*turn
	// messages wait before readings.
	messages, readings line
	used               time.Time
}

// take takes a place and the token for a first request, to be given back by leave. Where free is false it has to wait for its
// turn, and should look again at until.
func (s *slots) take(w wish, l limits, now time.Time) (until time.Time, free bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.of(w.system, l, now)
	if of.follow(l, now) {
		s.hasten(of, now)
	}
	if of.turnOf(w.by) == nil {
		of.lineFor(w).add(w.by)
		s.call(of, w.by, now)
	}
	kept := of.turnOf(w.by)
	if kept == nil {
		return s.patience(of, w, now), false
	}
	if until, entered := of.enterNow(kept, now); !entered {
		s.number++
		kept.at, kept.number = until, s.number
		return until, false
	}
	of.drop(kept)
	of.taken++
	return time.Time{}, true
}

// leave gives a place back.
func (s *slots) leave(system types.NamespacedName, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.systems[system]
	of.taken--
	s.hasten(of, now)
	s.call(of, types.NamespacedName{}, now)
}

// begin is called when a pass begins, and looks which places are kept for it. end is called when the pass ends: a place that
// was kept and not asked for is for the next.
func (s *slots) begin(by types.NamespacedName) (end func(now time.Time)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	had := map[*places]int{}
	for _, of := range s.systems {
		if kept := of.turnOf(by); kept != nil {
			had[of] = kept.number
		}
	}
	return func(now time.Time) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for of, number := range had {
			if kept := of.turnOf(by); kept != nil && kept.number == number {
				of.drop(kept)
				s.hasten(of, now)
				s.call(of, types.NamespacedName{}, now)
			}
		}
	}
}

// of gives the places of a TicketSystem, and forgets those that nobody has used for long.
func (s *slots) of(system types.NamespacedName, l limits, now time.Time) *places {
	if s.systems == nil {
		s.systems = map[types.NamespacedName]*places{}
	}
	if s.systems[system] == nil {
		for name, other := range s.systems {
			if other.isIdle() && now.Sub(other.used) > forgetAfter {
				delete(s.systems, name)
			}
		}
		s.systems[system] = &places{gate: newGate(l)}
	}
	s.systems[system].used = now
	return s.systems[system]
}

// call keeps places that are free for those who are next, and tells them, but for the one that is asking.
func (s *slots) call(of *places, asking types.NamespacedName, now time.Time) {
	for of.taken+len(of.kept) < of.atOnce() {
		next, found := of.next()
		if !found {
			return
		}
		if of.turnOf(next) != nil {
			// It waited in both lines, and has its turn.
			continue
		}
		s.number++
		called := &turn{by: next, at: of.opensFor(len(of.kept)+1, now), number: s.number}
		of.kept = append(of.kept, called)
		if next != asking {
			s.tell(called, now)
		}
	}
}

// hasten tells those that a place is kept for where they may come sooner than they were told.
func (s *slots) hasten(of *places, now time.Time) {
	for i, kept := range of.kept {
		if at := of.opensFor(i+1, now); at.Before(kept.at) {
			kept.at = at
			s.tell(kept, now)
		}
	}
}

// patience is when somebody who waits looks again: when their turn comes if all goes as it should. Where they are told, long
// after that.
func (s *slots) patience(of *places, w wish, now time.Time) time.Time {
	ahead := len(of.kept) + of.lineFor(w).ahead(w.by)
	if w.reading {
		ahead += of.messages.size()
	}
	at := of.opensFor(ahead+1, now)
	if s.queue != nil {
		return at.Add(lookAgain + kpi.Offset(w.by.String(), lookAgain))
	}
	if !at.After(now) {
		// There are tokens, and no place.
		return now.Add(lookSoon)
	}
	return at
}

func (s *slots) tell(called *turn, now time.Time) {
	request := reconcile.Request{NamespacedName: called.by}
	after := max(called.at.Sub(now), 0)
	switch queue := s.queue.(type) {
	case nil:
	case priorityqueue.PriorityQueue[reconcile.Request]:
		queue.AddWithOpts(priorityqueue.AddOpts{Priority: &turnPriority, After: after}, request)
	default:
		queue.AddAfter(request, after)
	}
}

// enterNow lets somebody in for whom a place is kept. While a system is tried that is down, nobody else is let in.
func (p *places) enterNow(kept *turn, now time.Time) (until time.Time, entered bool) {
	switch {
	case p.taken >= p.atOnce():
		return now.Add(firstPause), false
	case p.enter(now):
		return time.Time{}, true
	default:
		return p.opensFor(slices.Index(p.kept, kept)+1, now), false
	}
}

func (p *places) turnOf(by types.NamespacedName) *turn {
	for _, kept := range p.kept {
		if kept.by == by {
			return kept
		}
	}
	return nil
}

func (p *places) drop(gone *turn) {
	p.kept = slices.DeleteFunc(p.kept, func(kept *turn) bool { return kept == gone })
}

func (p *places) lineFor(w wish) *line {
	if w.reading {
		return &p.readings
	}
	return &p.messages
}

// next takes who is first in line.
func (p *places) next() (who types.NamespacedName, found bool) {
	if who, found = p.messages.next(); found {
		return who, true
	}
	return p.readings.next()
}

func (p *places) isIdle() bool {
	return p.taken == 0 && len(p.kept) == 0 && p.messages.size() == 0 && p.readings.size() == 0
}
