package sampling

import "time"

const (
	// leastHole is how late a lane looks for what is due before it counts as having slept.
	leastHole = 2 * time.Minute
	// leastSetBack is by how much a clock must be set back to be noticed. Corrections by less harm nothing.
	leastSetBack = time.Second
)

// notice looks whether the machine slept since the lane was to be looked at, or whether its clock was set back.
func (l *lane) notice(now time.Time) {
	wall := now.Round(0)
	if wall.Add(leastSetBack).Before(l.lookedAt) {
		l.setBack(now)
	} else if hole := l.hole(now); hole > leastHole {
		for _, g := range l.groups {
			g.triedSince = g.triedSinceAt(now)
		}
	}
	l.lookedAt = wall
}

// hole is for how long nobody has looked at the lane although something was due.
func (l *lane) hole(now time.Time) time.Duration {
	if l.lookAt.IsZero() {
		return 0
	}
	return now.Sub(l.lookAt)
}

// triedSinceAt is since when there were attempts. A hole begins them anew: what a source did meanwhile nobody knows.
func (g *group) triedSinceAt(now time.Time) time.Time {
	if g.lane.hole(now) > max(g.every(), leastHole) {
		return time.Time{}
	}
	return g.triedSince
}

// setBack moves along with a clock that is set back whatever was planned or noted by it before.
func (l *lane) setBack(now time.Time) {
	wall := now.Round(0)
	for _, planned := range []queue{l.values, l.pasts} {
		for _, t := range planned {
			t.due = t.due.Add(wall.Sub(l.lookedAt))
		}
	}
	for _, g := range l.groups {
		g.triedSince, g.last.AskedAt = earlier(g.triedSince, wall), earlier(g.last.AskedAt, wall)
	}
	// What has a monotonic reading was not moved, and stays as it is.
	l.until = earlier(l.until, now.Add(longestPause))
	l.failedAt, l.answeredAt = earlier(l.failedAt, now), earlier(l.answeredAt, now)
	l.limiter.SetLimitAt(now, l.limiter.Limit())
}
