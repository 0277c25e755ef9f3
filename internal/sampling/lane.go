package sampling

import (
	"time"

	"golang.org/x/time/rate"
)

// lane is a source with the questions that it is asked.
type lane struct {
	health
	name    string
	groups  map[string]*group
	values  queue
	pasts   queue
	limits  Limits
	limiter *rate.Limiter
	jitter  func() float64
	// underWay counts what is being asked.
	underWay int
	// lookAt is when it is to be looked for something due, as was said at lookedAt. Neither has a monotonic reading:
	// what they are compared for is whether the machine slept or its clock was set.
	lookAt, lookedAt time.Time
	// wake ends the wait for something due.
	wake chan struct{}
	// served is true while there is a goroutine for the lane.
	served bool
}

func newLane(name string, limits Limits, jitter func() float64) *lane {
	return &lane{
		name: name, groups: map[string]*group{}, limits: limits, jitter: jitter, wake: make(chan struct{}, 1),
		limiter: rate.NewLimiter(rate.Limit(limits.PerSecond), limits.PerSecond),
	}
}

// limit changes the limits.
func (l *lane) limit(limits Limits, now time.Time) {
	if limits == l.limits {
		return
	}
	l.limits = limits
	l.limiter.SetLimitAt(now, rate.Limit(limits.PerSecond))
	l.limiter.SetBurstAt(now, limits.PerSecond)
	l.rouse()
}

// rouse makes the goroutine of the lane look again.
func (l *lane) rouse() {
	select {
	case l.wake <- struct{}{}:
	default:
		// It will look anyway.
	}
}

// join makes a KPI a member of the group of its question.
func (l *lane) join(m *member, plan *Plan, askedAt, now time.Time) (told bool) {
	g := l.groups[plan.Question.Key]
	if g == nil {
		g = &group{lane: l, key: plan.Question.Key}
		g.ask.group = g
		l.groups[g.key] = g
	}
	g.asker = plan.Question.Asker
	g.add(m, plan.span())
	g.schedulePasts(now)
	told = g.welcome(m, askedAt, now)
	l.rouse()
	return told
}

// amend changes the terms of a member whose question stays the same.
func (l *lane) amend(m *member, plan *Plan, now time.Time) {
	g := m.group
	g.asker = plan.Question.Asker
	every, wanted := plan.every(), plan.span()
	if every == m.every && wanted == m.past.wanted() {
		return
	}
	g.amend(m, every, wanted)
	g.schedulePasts(now)
	g.scheduleNext(now)
	l.rouse()
}

// leave ends a membership, and the group with its last member.
func (l *lane) leave(m *member) {
	g := m.group
	g.remove(m)
	if len(g.members) > 0 {
		return
	}
	l.values.drop(&g.ask)
	delete(l.groups, g.key)
	l.rouse()
}
