package sampling

import (
	"time"

	"github.com/gemba-dev/gemba/internal/kpi"
)

const (
	// crowd is how many questions of a lane may be asked for the first time at the same instant.
	crowd = 100
	// apart is how far apart the first asks of more than that are, on average, and longestSpread within which time
	// all of them are due. What the limits of the lane make of it is another matter.
	apart         = 2 * time.Millisecond
	longestSpread = 5 * time.Second
)

// turnAfter is the first turn after a time. Turns are every interval, at an offset within it, counted from the year
// 1: a restart does not move them.
func turnAfter(after time.Time, every, offset time.Duration) time.Time {
	turn := after.Truncate(every).Add(offset)
	if !turn.After(after) {
		turn = turn.Add(every)
	}
	return turn
}

// identity names the question among those of all lanes.
func (g *group) identity() string { return g.lane.name + "\n" + g.key }

// next is the first turn after the question was asked, or after now where that is later. A turn that is nearer to the
// ask than half an interval would tell nothing new.
func (g *group) next(now time.Time) time.Time {
	every := g.every()
	after := now
	if half := g.askedAt.Add(every / 2); half.After(now) && !g.askedAt.After(now) {
		after = half
	}
	return turnAfter(after, every, kpi.Offset(g.identity(), every))
}

// scheduleNext makes a question due at its next turn, unless it is due before anyway.
func (g *group) scheduleNext(now time.Time) { g.lane.values.hasten(&g.ask, g.next(now)) }

// askSoon makes the question due at once, or within a few seconds where many are.
func (g *group) askSoon(now time.Time) { g.lane.values.hasten(&g.ask, now.Add(g.spread())) }

// spread is how long the question waits when many begin at the same time.
func (g *group) spread() time.Duration {
	questions := len(g.lane.groups)
	if questions <= crowd {
		return 0
	}
	return kpi.Offset(g.identity(), min(time.Duration(questions)*apart, longestSpread))
}

// scheduleAsked makes a question that has just been asked due again: at its next turn, or sooner where there was no
// answer.
func (g *group) scheduleAsked(now time.Time) {
	due := g.next(now)
	if g.failures > 0 {
		due = earlier(due, now.Add(g.lane.pauseAfter(g.failures, longestPause)))
	}
	g.lane.values.put(&g.ask, due)
}

// welcome makes sure that a new member learns something in time: what is known already, or with the next ask, which is
// brought forward where the member has not been told for an interval.
func (g *group) welcome(m *member, askedAt, now time.Time) (told bool) {
	switch {
	case g.isFresh(now):
		m.keep(g.last)
		g.scheduleNext(now)
		return !m.waits()
	case askedAt.IsZero() || now.Sub(askedAt) >= g.every():
		g.askSoon(now)
	default:
		g.askedAt = later(g.askedAt, askedAt)
		g.scheduleNext(now)
	}
	return false
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
