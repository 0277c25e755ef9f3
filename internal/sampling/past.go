package sampling

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/gemba-dev/gemba/internal/kpi"
)

// past are values of the past of one question: one window in one step, for the members that want just that.
type past struct {
	span
	turn  turn
	users int
	// points end at a time; both are as the last success left them.
	points []kpi.Point
	end    time.Time
	// tried is true from the first attempt on, known from the first success on.
	tried, known bool
	failures     int
}

// wanted is the span; zero for none.
func (p *past) wanted() span {
	if p == nil {
		return span{}
	}
	return p.span
}

// want gives the past of a span, which is fetched soon where nobody wanted it so far; nil for the zero span.
func (g *group) want(wanted span) *past {
	if wanted == (span{}) {
		return nil
	}
	at := slices.IndexFunc(g.pasts, func(known *past) bool { return known.span == wanted })
	if at >= 0 {
		g.pasts[at].users++
		return g.pasts[at]
	}
	added := &past{span: wanted, users: 1}
	added.turn.group, added.turn.past = g, added
	g.pasts = append(g.pasts, added)
	return added
}

// unwant drops a past that nobody wants any more; nil is nobody's.
func (g *group) unwant(p *past) {
	if p == nil {
		return
	}
	if p.users--; p.users > 0 {
		return
	}
	g.lane.pasts.drop(&p.turn)
	g.pasts = slices.DeleteFunc(g.pasts, func(known *past) bool { return known == p })
}

// schedulePasts makes due what was never tried.
func (g *group) schedulePasts(now time.Time) {
	for _, p := range g.pasts {
		if !p.tried {
			g.lane.pasts.hasten(&p.turn, now.Add(g.spread()))
		}
	}
}

// phase is how long after the end of a step the past is fetched, so that not all of them are fetched at the full
// hour: a quarter of the step at most.
func (p *past) phase() time.Duration {
	return kpi.Offset(p.turn.group.identity()+"\n"+p.window.String(), max(p.step/4, 1))
}

// endAt is up to when the past is fetched at a time: a multiple of the step, so that a restart asks for the same
// points.
func (p *past) endAt(now time.Time) time.Time { return now.Add(-p.phase()).Truncate(p.step) }

// fetched takes in what came of asking for the points up to an end, and makes the next one due: when a step has
// ended, and not more often than the value is asked for. After an error what is known stays.
func (p *past) fetched(points []kpi.Point, err error, end, now time.Time) {
	g := p.turn.group
	p.tried = true
	if err != nil {
		p.failures++
		pause := g.lane.pauseAfter(p.failures, longestPause)
		g.lane.pasts.put(&p.turn, now.Add(max(pause, g.every())))
		return
	}
	p.failures = 0
	p.points, p.end, p.known = points, end, true
	g.lane.pasts.put(&p.turn, later(p.end.Add(p.step+p.phase()), now.Add(g.every())))
}

// wantedBy lists the members that want this past.
func (p *past) wantedBy() (members []types.NamespacedName) {
	for _, m := range p.turn.group.members {
		if m.past == p {
			members = append(members, m.kpi)
		}
	}
	return members
}
