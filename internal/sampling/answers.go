package sampling

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/kpi"
)

// asked takes in what came of asking for a value, and returns who is to be told.
func (l *lane) asked(e *errand, sample kpi.Sample, now time.Time) (told []types.NamespacedName) {
	l.takeBack(e)
	g := e.turn.group
	g.tried(e.at)
	g.askedAt = e.at
	g.failures++
	if sample.Result != v1alpha1.SampleNoAnswer {
		g.failures = 0
	}
	outOfReach := l.learn(g, sample, e.started, now)
	if len(g.members) > 0 {
		told = g.hand(sample)
		g.scheduleAsked(now)
	}
	if outOfReach {
		told = append(told, l.share(sample, now)...)
	}
	return told
}

// share hands the sample that says that the source is out of reach to every question that is due, once an interval. The
// questions stay due.
func (l *lane) share(sample kpi.Sample, now time.Time) (told []types.NamespacedName) {
	for _, g := range l.groups {
		if g.ask.place == 0 || g.ask.due.After(now) || g.isFresh(now) {
			continue
		}
		g.tried(sample.AskedAt)
		told = append(told, g.hand(sample)...)
	}
	return told
}

// tried notes an attempt on behalf of a question.
func (g *group) tried(at time.Time) {
	if g.triedSince.IsZero() {
		g.triedSince = at
	}
}

// fetched takes in what came of asking for the past, and returns who is to be told.
func (l *lane) fetched(e *errand, points []kpi.Point, err error, now time.Time) (told []types.NamespacedName) {
	l.takeBack(e)
	p := e.turn.past
	if p.users == 0 {
		return nil
	}
	first := !p.tried
	p.fetched(points, err, e.end, now)
	if err != nil && !first {
		return nil
	}
	return p.wantedBy()
}
