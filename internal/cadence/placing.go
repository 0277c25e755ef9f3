package cadence

import "time"

// period is an Entry in the making.
type period struct {
	Entry
	// from is the day before which a lead time would be longer than the period; zero if there is none.
	from Date
	// skip says that no review is needed.
	skip bool
	// outcome is that of the review that closed it.
	outcome Outcome
}

// reviewed says whether a review closed the period.
func (p *period) reviewed() bool { return p.ClosedBy != "" }

// over says whether no review can count for the period any more at the instant.
func (p *period) over(t time.Time) bool {
	return p.reviewed() || (!p.Until.IsZero() && !t.Before(p.Until))
}

// take lets a review close the period.
func (p *period) take(h Held) {
	p.ClosedBy, p.ClosedAt, p.outcome = h.Name, h.HeldAt, h.Outcome
}

// queue gives each review to the oldest of some periods that is open when it is held. Reviews come oldest first.
type queue struct {
	periods []period
	next    int
}

// place says whether a period took the review.
func (q *queue) place(h Held) bool {
	for q.next < len(q.periods) && q.periods[q.next].over(h.HeldAt) {
		q.next++
	}
	if q.next == len(q.periods) || h.HeldAt.Before(q.periods[q.next].Opens) {
		return false
	}
	q.periods[q.next].take(h)
	return true
}

// placeable are the reviews that may count for a period that is still known.
func (j *judge) placeable() []Held {
	if j.cut == nil {
		return j.held
	}
	for i, h := range j.held {
		if !j.cut.droppedBefore(h) {
			return j.held[i:]
		}
	}
	return nil
}

// placeFrozen places what it can where there is no schedule; the rest is placed when there is one.
func (j *judge) placeFrozen() {
	q := queue{periods: j.periods}
	for _, h := range j.placeable() {
		q.place(h)
	}
}

// settle gives every period its deadline and its state at now.
func (j *judge) settle() {
	for i := range j.periods {
		p := &j.periods[i]
		if !p.Frozen {
			p.Deadline = j.deadlineOf(p)
		}
		j.settleState(p)
	}
}

// deadlineOf is due plus grace, cut by the limit that was running when the period closed, or now.
func (j *judge) deadlineOf(p *period) time.Time {
	judgedAt := j.now.Add(time.Second)
	if p.reviewed() {
		judgedAt = p.ClosedAt
	} else if !p.Until.IsZero() {
		judgedAt = earlier(judgedAt, p.Until)
	}
	return earlier(p.Deadline, j.limitBefore(judgedAt))
}

func (j *judge) settleState(p *period) {
	switch {
	case p.reviewed():
		p.State = verdictOf(p)
	case p.skip:
		p.State = Waived
	case p.over(j.now):
		p.State = Gap
	case j.now.Before(p.Opens):
		p.State = Open
	case j.now.After(p.Deadline):
		p.State = Overdue
	case j.now.After(p.Due):
		p.State = InGrace
	default:
		p.State = Open
	}
	if !p.reviewed() && p.over(j.now) {
		p.ClosedAt = p.Until
	}
}

// verdictOf is what a review made of the period.
func verdictOf(p *period) PeriodState {
	switch {
	case p.outcome == ChangesRequired || p.outcome == Retire:
		return Failed
	case p.ClosedAt.After(p.Deadline):
		return Late
	default:
		return Satisfied
	}
}

// placements says where each review counts. Without a schedule only those of frozen periods are known.
func (j *judge) placements() map[string]Placement {
	held := j.placeable()
	members := make(map[string][]string, 0)
	out := make(map[string]Placement, len(held))
	for _, h := range held {
		if len(h.Members) > 0 {
			members[h.Name] = h.Members
		}
	}
	record := func(name string, p Placement) {
		out[name] = p
		for _, member := range members[name] {
			out[member] = p
		}
	}
	for i := range j.periods {
		if p := &j.periods[i]; p.reviewed() {
			record(p.ClosedBy, Placement{PeriodID: p.ID, State: p.State})
		}
	}
	for _, name := range j.outside {
		record(name, Placement{OutOfPeriod: true})
	}
	return out
}
