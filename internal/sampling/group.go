package sampling

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/gemba-dev/gemba/internal/kpi"
	"github.com/gemba-dev/gemba/internal/source"
)

// group is a question and the KPIs that ask it.
type group struct {
	lane    *lane
	key     string
	asker   source.Asker
	members []*member
	// intervals of the members: few, and mostly one.
	intervals []interval
	ask       turn
	pasts     []*past
	// askedAt is when it was last asked, by this process or one before; zero: never.
	askedAt    time.Time
	triedSince time.Time
	// last is the newest sample.
	last kpi.Sample
	// failures is how often in a row there was no answer.
	failures int
}

// interval is how many members have the same one.
type interval struct {
	every   time.Duration
	members int
}

// member is a KPI that asks a question.
type member struct {
	kpi   types.NamespacedName
	group *group
	// place among the members of the group.
	place int
	every time.Duration
	past  *past
	// samples that nobody has taken yet.
	samples []kpi.Sample
}

// keep keeps a sample until it is taken.
func (m *member) keep(sample kpi.Sample) {
	if len(m.samples) >= maxSamples {
		m.samples = slices.Delete(m.samples, 0, len(m.samples)-maxSamples+1)
	}
	m.samples = append(m.samples, sample)
}

// waits is true while samples are held back until the past was tried for. A source that does not answer is not waited
// for.
func (m *member) waits() bool {
	return m.past != nil && !m.past.tried && m.group.lane.failures == 0
}

// add makes a KPI a member.
func (g *group) add(m *member, wanted span) {
	m.group, m.place = g, len(g.members)
	g.members = append(g.members, m)
	g.count(m.every, 1)
	m.past = g.want(wanted)
}

// remove ends the membership of a KPI.
func (g *group) remove(m *member) {
	end := len(g.members) - 1
	last := g.members[end]
	g.members[m.place], last.place = last, m.place
	g.members[end] = nil
	g.members = g.members[:end]
	g.count(m.every, -1)
	g.unwant(m.past)
}

// amend changes the terms of a member.
func (g *group) amend(m *member, every time.Duration, wanted span) {
	if every != m.every {
		g.count(every, 1)
		g.count(m.every, -1)
		m.every = every
	}
	if before := m.past; wanted != before.wanted() {
		m.past = g.want(wanted)
		g.unwant(before)
	}
}

// count adds to the number of members with an interval.
func (g *group) count(every time.Duration, members int) {
	at := slices.IndexFunc(g.intervals, func(known interval) bool { return known.every == every })
	if at < 0 {
		g.intervals = append(g.intervals, interval{every, members})
		return
	}
	g.intervals[at].members += members
	if g.intervals[at].members == 0 {
		g.intervals = slices.Delete(g.intervals, at, at+1)
	}
}

// every is the shortest interval of the members.
func (g *group) every() time.Duration {
	shortest := longestEvery
	for _, known := range g.intervals {
		shortest = min(shortest, known.every)
	}
	return shortest
}

// hand gives every member the sample and returns those that can be told of it.
func (g *group) hand(sample kpi.Sample) (told []types.NamespacedName) {
	g.last = sample
	told = make([]types.NamespacedName, 0, len(g.members))
	for _, m := range g.members {
		m.keep(sample)
		if !m.waits() {
			told = append(told, m.kpi)
		}
	}
	return told
}

// isFresh is true where this process knows of a sample of the present interval.
func (g *group) isFresh(now time.Time) bool {
	return !g.last.AskedAt.IsZero() && now.Sub(g.last.AskedAt) < g.every()
}
