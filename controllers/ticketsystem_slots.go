package controllers

import (
	"context"
	"errors"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

const (
	// sendsAtOnce is how many messages are under way to one TicketSystem. It is less than there are workers, so that a
	// system that does not answer holds up its own messages and nobody else's.
	sendsAtOnce = 2
	// busyRetry is how soon a pass is repeated at the latest that found the TicketSystem busy. Usually it is told before.
	busyRetry = 5 * time.Second
)

// turnPriority puts a pass whose turn it is before all others: a place waits for it.
var turnPriority = 10

// errBusy says that as many messages are under way to the TicketSystem as may be. Nothing was written or sent.
var errBusy = errors.New("as many messages are under way to the ticket system as may be")

// slots hand out the places of messages that are under way to each TicketSystem. Who finds none waits in line, one namespace
// after the other, so that one with a thousand messages holds up no other; when a place is free, it is kept for the next, who
// is told. Where nobody follows, everybody looks again after busyRetry. Safe for concurrent use.
type slots struct {
	mu      sync.Mutex
	systems map[types.NamespacedName]*places
	// called are the Remediations that a place is kept for.
	called map[types.NamespacedName]turn
	number int
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

// turn is a place that is kept.
type turn struct {
	system types.NamespacedName
	number int
}

// places are those of one TicketSystem.
type places struct {
	// taken counts those in use, and those that are kept for somebody.
	taken   int
	waiting line
}

// take takes a place for a Remediation, to be given back by leave; free is false where it has to wait for its turn.
func (s *slots) take(system, by types.NamespacedName) (leave func(), free bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.of(system)
	if !s.isKept(system, by) {
		of.waiting.add(by)
		s.call(system, by)
	}
	if !s.isKept(system, by) {
		return nil, false
	}
	delete(s.called, by)
	return func() { s.giveBack(system) }, true
}

func (s *slots) of(system types.NamespacedName) *places {
	if s.systems == nil {
		s.systems, s.called = map[types.NamespacedName]*places{}, map[types.NamespacedName]turn{}
	}
	if s.systems[system] == nil {
		s.systems[system] = &places{}
	}
	return s.systems[system]
}

func (s *slots) isKept(system, by types.NamespacedName) bool {
	kept, found := s.called[by]
	return found && kept.system == system
}

// call keeps places that are free for those who are next, and tells them, but for the one that is asking.
func (s *slots) call(system, asking types.NamespacedName) {
	of := s.of(system)
	for of.taken < sendsAtOnce {
		next, found := of.waiting.next()
		if !found {
			break
		}
		of.taken++
		s.number++
		s.called[next] = turn{system: system, number: s.number}
		if next != asking {
			s.tell(next)
		}
	}
	if of.taken == 0 {
		delete(s.systems, system)
	}
}

func (s *slots) tell(whom types.NamespacedName) {
	request := reconcile.Request{NamespacedName: whom}
	switch queue := s.queue.(type) {
	case nil:
	case priorityqueue.PriorityQueue[reconcile.Request]:
		queue.AddWithOpts(priorityqueue.AddOpts{Priority: &turnPriority}, request)
	default:
		queue.Add(request)
	}
}

func (s *slots) giveBack(system types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.of(system).taken--
	s.call(system, types.NamespacedName{})
}

// begin is called when a pass begins, and says whether a place is kept for it. end is called when the pass ends: a place that
// was kept and not taken is for the next.
func (s *slots) begin(by types.NamespacedName) (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	had, found := s.called[by]
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if kept, still := s.called[by]; found && still && kept == had {
			delete(s.called, by)
			s.of(kept.system).taken--
			s.call(kept.system, types.NamespacedName{})
		}
	}
}

// line is who waits, one namespace after the other. The zero value is empty.
type line struct {
	namespaces []string
	waiting    map[string][]types.NamespacedName
	in         map[types.NamespacedName]bool
}

// add puts somebody at the end of the line of their namespace, once.
func (l *line) add(who types.NamespacedName) {
	if l.in[who] {
		return
	}
	if l.in == nil {
		l.in, l.waiting = map[types.NamespacedName]bool{}, map[string][]types.NamespacedName{}
	}
	l.in[who] = true
	if len(l.waiting[who.Namespace]) == 0 {
		l.namespaces = append(l.namespaces, who.Namespace)
	}
	l.waiting[who.Namespace] = append(l.waiting[who.Namespace], who)
}

// next takes who is first in the namespace whose turn it is.
func (l *line) next() (who types.NamespacedName, found bool) {
	if len(l.namespaces) == 0 {
		return types.NamespacedName{}, false
	}
	namespace := l.namespaces[0]
	l.namespaces = l.namespaces[1:]
	queue := l.waiting[namespace]
	who = queue[0]
	delete(l.in, who)
	if len(queue) == 1 {
		delete(l.waiting, namespace)
		return who, true
	}
	l.waiting[namespace] = queue[1:]
	l.namespaces = append(l.namespaces, namespace)
	return who, true
}
