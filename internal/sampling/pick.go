package sampling

import (
	"time"

	"github.com/gemba-dev/gemba/internal/source"
)

// errand is a turn whose time has come, with all that is needed to perform it without looking at the lane.
type errand struct {
	turn    *turn
	asker   source.Asker
	span    span
	end     time.Time
	timeout time.Duration
	// started is when it was handed out, with a monotonic reading; at is the same without.
	started, at time.Time
	late        time.Duration
	probe       bool
}

// earliest is the turn that is to be performed next. Of those due at the same time the past goes first, because
// samples wait for it. A lane with failures asks for values alone: an error of a range query does not say whether it
// was answered.
func (l *lane) earliest() *turn {
	value, past := l.values.first(), l.pasts.first()
	if past == nil || l.failures > 0 || value != nil && value.due.Before(past.due) {
		return value
	}
	return past
}

// isFull is true where nothing can be asked before something else is done.
func (l *lane) isFull() bool { return l.underWay >= l.limits.Concurrent || l.failures > 0 && l.probing }

// readyAt is when something can be asked next; zero where that depends on what is under way, or on new questions.
func (l *lane) readyAt(now time.Time) time.Time {
	next := l.earliest()
	if next == nil || l.isFull() {
		return time.Time{}
	}
	at := later(next.due, l.tokenAt(now))
	if l.failures > 0 {
		at = later(at, l.until)
	}
	return at
}

// tokenAt is when the rate limit lets the next question pass.
func (l *lane) tokenAt(now time.Time) time.Time {
	missing := 1 - l.limiter.TokensAt(now)
	if missing <= 0 {
		return now
	}
	// A little more, so that rounding does not leave it short.
	return now.Add(time.Duration(missing/float64(l.limits.PerSecond)*float64(time.Second)) + time.Microsecond)
}

// pick hands out the turn that is to be performed now; nil where there is none, and then it says when to look again:
// zero where something else will tell.
func (l *lane) pick(now time.Time) (*errand, time.Time) {
	l.notice(now)
	ready := l.readyAt(now)
	l.lookAt = ready.Round(0)
	if ready.IsZero() {
		l.lookAt = now.Round(0).Add(l.limits.Timeout)
	}
	if ready.IsZero() || ready.After(now) {
		return nil, ready
	}
	l.limiter.AllowN(now, 1)
	return l.handOut(l.earliest(), now), ready
}

// handOut takes a turn out of its queue.
func (l *lane) handOut(t *turn, now time.Time) *errand {
	e := &errand{
		turn: t, asker: t.group.asker, timeout: l.limits.Timeout,
		started: now, at: now.Round(0).UTC(), late: max(now.Sub(t.due), 0), probe: l.failures > 0,
	}
	if t.past == nil {
		l.values.drop(t)
	} else {
		l.pasts.drop(t)
		e.span, e.end = t.past.span, t.past.endAt(e.at)
	}
	t.underWay = true
	l.underWay++
	l.probing = l.probing || e.probe
	return e
}

// takeBack ends what is under way.
func (l *lane) takeBack(e *errand) {
	e.turn.underWay = false
	l.underWay--
	if e.probe {
		l.probing = false
	}
}

// giveBack ends what is under way as if it had never begun.
func (l *lane) giveBack(e *errand) {
	l.takeBack(e)
	switch p, g := e.turn.past, e.turn.group; {
	case len(g.members) == 0 || p != nil && p.users == 0:
	case p == nil:
		l.values.put(e.turn, e.turn.due)
	default:
		l.pasts.put(e.turn, e.turn.due)
	}
}
