package sampling

import (
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"

	"github.com/gemba-dev/gemba/internal/kpi"
)

// Sampler asks for the values of KPIs when they are due. It is safe for concurrent use.
type Sampler struct {
	clock   clock.Clock
	options Options
	// changed tells Start of lanes that nobody serves yet.
	changed chan struct{}

	mu      sync.Mutex
	members map[types.NamespacedName]*member
	lanes   map[string]*lane
	queues  []requestQueue
}

// NewSampler makes a sampler that knows of no KPI. It asks nothing by itself before Start.
func NewSampler(clock clock.Clock, options Options) *Sampler {
	if options.Jitter == nil {
		options.Jitter = rand.Float64
	}
	return &Sampler{
		clock: clock, options: options, changed: make(chan struct{}, 1),
		members: map[types.NamespacedName]*member{}, lanes: map[string]*lane{},
	}
}

// Declare says what a KPI wants to know from now on. What was said of it before is replaced; saying the same again
// changes nothing. Where the question is another, the samples of the one before are dropped and the new one is asked
// soon.
func (s *Sampler) Declare(plan Plan) {
	now := s.clock.Now()
	s.mu.Lock()
	told := s.declare(&plan, now)
	s.mu.Unlock()
	if told {
		s.announce([]types.NamespacedName{plan.KPI})
	}
}

func (s *Sampler) declare(plan *Plan, now time.Time) (told bool) {
	l := s.lane(plan, now)
	now = now.Round(0)
	before := s.members[plan.KPI]
	if before != nil && before.group.lane == l && before.group.key == plan.Question.Key {
		l.amend(before, plan, now)
		return false
	}
	askedAt := plan.AskedAt.Round(0)
	if before != nil {
		// It tells of the question that the KPI had before.
		askedAt = time.Time{}
	}
	m := &member{kpi: plan.KPI, every: plan.every()}
	s.members[plan.KPI] = m
	told = l.join(m, plan, askedAt, now)
	if before != nil {
		s.leave(before)
	}
	return told
}

// lane finds or makes the lane of a plan.
func (s *Sampler) lane(plan *Plan, now time.Time) *lane {
	limits := plan.Limits.orDefaults()
	l := s.lanes[plan.Question.Lane]
	if l == nil {
		l = newLane(plan.Question.Lane, limits, s.options.Jitter)
		s.lanes[l.name] = l
		select {
		case s.changed <- struct{}{}:
		default:
			// Start will look anyway.
		}
	}
	l.limit(limits, now)
	return l
}

// leave ends a membership, and the lane where nothing is left in it.
func (s *Sampler) leave(m *member) {
	l := m.group.lane
	l.leave(m)
	if !l.served {
		s.end(l)
	}
}

// end forgets a lane that has neither questions nor anything under way.
func (s *Sampler) end(l *lane) (ended bool) {
	if len(l.groups) > 0 || l.underWay > 0 {
		return false
	}
	if s.lanes[l.name] == l {
		delete(s.lanes, l.name)
	}
	return true
}

// Forget ends the asking for a KPI and drops what was learnt for it.
func (s *Sampler) Forget(name types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.members[name]; m != nil {
		delete(s.members, name)
		s.leave(m)
	}
}

// Take hands over what was learnt for a KPI: each sample once, the rest each time. ok is false where the KPI was not
// declared.
func (s *Sampler) Take(name types.NamespacedName) (known Knowledge, ok bool) {
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.members[name]
	if m == nil {
		return Knowledge{}, false
	}
	known.TriedSince = m.group.triedSinceAt(now)
	if m.past != nil && m.past.known {
		known.Series, known.HasSeries = m.past.points, true
	}
	if !m.waits() {
		known.Samples, m.samples = m.samples, nil
	}
	return known, true
}

// Series gives the values of the past that a KPI was declared to want, and takes nothing. ok is false where nothing is
// known of the past. They are shared: do not change them.
func (s *Sampler) Series(name types.NamespacedName) (points []kpi.Point, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.members[name]
	if m == nil || m.past == nil || !m.past.known {
		return nil, false
	}
	return m.past.points, true
}

// NextDue is when something can be asked next, limits and pauses considered; a time that has passed means now. ok is
// false where nothing can be asked before something that is under way is done.
func (s *Sampler) NextDue() (due time.Time, ok bool) {
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lanes {
		ready := l.readyAt(now).Round(0)
		if !ready.IsZero() && (!ok || ready.Before(due)) {
			due, ok = ready, true
		}
	}
	return due, ok
}

// byName lists the lanes in the order of their names.
func (s *Sampler) byName() []*lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := slices.Sorted(maps.Keys(s.lanes))
	lanes := make([]*lane, 0, len(names))
	for _, name := range names {
		lanes = append(lanes, s.lanes[name])
	}
	return lanes
}
