package sampling

import (
	"context"
	"sync"
	"time"
)

// longestWait is how long a lane waits at most before it looks again. A timer waits for elapsed time: where the machine
// slept, or its clock was set, it rings too late.
const longestWait = 30 * time.Second

// Start asks what is due until the context ends. It returns when all that was under way has ended, which askers do when
// their context does; what they say then is dropped.
func (s *Sampler) Start(ctx context.Context) error {
	var serving sync.WaitGroup
	defer serving.Wait()
	for {
		for _, l := range s.unserved() {
			serving.Go(func() { s.serve(ctx, l) })
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.changed:
		}
	}
}

// NeedLeaderElection implements manager.LeaderElectionRunnable: sources are asked by one manager.
func (s *Sampler) NeedLeaderElection() bool { return true }

// unserved lists the lanes without a goroutine, which they are to have now.
func (s *Sampler) unserved() (lanes []*lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lanes {
		if !l.served {
			l.served = true
			lanes = append(lanes, l)
		}
	}
	return lanes
}

// serve asks what is due in a lane until the context ends or the lane does.
func (s *Sampler) serve(ctx context.Context, l *lane) {
	var asking sync.WaitGroup
	defer s.leaveUnserved(l)
	defer asking.Wait()
	for ctx.Err() == nil {
		e, ready := s.pick(l)
		switch {
		case e != nil:
			asking.Go(func() { s.work(ctx, e) })
		case s.retire(l):
			return
		default:
			s.wait(ctx, l, ready)
		}
	}
}

// work performs an errand, and goes on with what is ready then, which spares the goroutine of the lane a turn for each.
func (s *Sampler) work(ctx context.Context, e *errand) {
	for l := e.turn.group.lane; e != nil; e = s.pickAgain(ctx, l) {
		s.perform(ctx, e)
	}
}

// pickAgain picks on behalf of one who has just asked. The goroutine of the lane looks as well where there is room for more
// than that, and where there is nothing: it knows how to wait.
func (s *Sampler) pickAgain(ctx context.Context, l *lane) (e *errand) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() == nil {
		e, _ = l.pick(s.clock.Now())
	}
	if e == nil || !l.isFull() {
		l.rouse()
	}
	return e
}

func (s *Sampler) pick(l *lane) (e *errand, ready time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// The clock is read under the lock: several look at one lane, and a time that was read before looks like a clock that was set
	// back.
	return l.pick(s.clock.Now())
}

// retire ends a lane in which nothing is left.
func (s *Sampler) retire(l *lane) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.end(l)
}

func (s *Sampler) leaveUnserved(l *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.served = false
}

// wait waits until something is ready in a lane; the zero time waits for the lane to be roused.
func (s *Sampler) wait(ctx context.Context, l *lane, ready time.Time) {
	wait := longestWait
	if !ready.IsZero() {
		wait = min(ready.Sub(s.clock.Now()), longestWait)
	}
	if wait <= 0 {
		return
	}
	timer := s.clock.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-l.wake:
	case <-timer.C():
	}
}

// AskDue asks everything that is due at the clock's time, one after the other, and returns how many values it asked
// for. What limits and pauses keep from being asked now is not waited for. It is for tests that drive a clock; what
// it does is what the goroutines of Start do.
func (s *Sampler) AskDue(ctx context.Context) (values int) {
	for _, l := range s.byName() {
		for ctx.Err() == nil {
			e, _ := s.pick(l)
			if e == nil {
				break
			}
			s.perform(ctx, e)
			if e.turn.past == nil {
				values++
			}
		}
	}
	return values
}
