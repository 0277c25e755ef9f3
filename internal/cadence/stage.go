package cadence

import "time"

// state puts the verdict together.
func (j *judge) state() State {
	opened := j.opened()
	s := State{
		AgeBasis:           j.ageBasis(),
		LimitDeadline:      j.limitNow(),
		Extra:              j.extra,
		ScheduleDigest:     j.in.Requirement.digest(),
		CutOver:            j.cut,
		UnknownOccurrences: j.unknownOccurrences(),
		InvalidMoves:       j.invalidMoves(),
		OverdueSince:       j.overdueSince(),
	}
	s.InTimeSince, s.InTimeLast = j.inTime(opened)
	s.InTimeAfter = j.inTimeAfter
	s.Totals = j.totals(opened)
	s.Ledger = j.ledger(opened)
	if last, ok := j.lastHeld(); ok {
		s.LastHeld, s.LastReview, s.LastOutcome = last.HeldAt, last.Name, last.Outcome
	}
	current := j.current()
	s.Due, s.Deadline = s.LimitDeadline, s.LimitDeadline
	if current != nil {
		e := current.Entry
		s.Current = &e
		s.Due, s.Deadline = e.Due, earlier(e.Deadline, s.LimitDeadline)
		s.GraceCut = s.Deadline.Before(j.graceEnd(current))
	}
	s.Stage, s.Lead = j.stage(s, current)
	return s
}

// current is the oldest period that waits for a review, opened or not.
func (j *judge) current() *period {
	for i := range j.periods {
		if p := &j.periods[i]; !p.skip && !p.over(j.now) {
			return p
		}
	}
	return nil
}

// graceEnd is the deadline of a period as the schedule alone has it.
func (j *judge) graceEnd(p *period) time.Time {
	if p.Frozen || j.schedule == nil {
		return p.Deadline
	}
	return j.schedule.deadline(p.Due)
}

// stage is the worst that current period, streak, limit and extra period say.
func (j *judge) stage(s State, current *period) (Stage, Period) {
	if !s.OverdueSince.IsZero() {
		return StageOverdue, Period{}
	}
	if current != nil && current.State == InGrace {
		return StageInGrace, Period{}
	}
	if lead := j.smallestLead(s, current); !lead.IsZero() {
		return DueSoon, lead
	}
	if current == nil && s.LimitDeadline.IsZero() && j.schedule == nil {
		return Unscheduled, Period{}
	}
	return Current, Period{}
}

// overdueSince is the earliest deadline of the streak that no review has ended, zero if there is none.
func (j *judge) overdueSince() time.Time {
	since := earlier(j.limitMissed(), j.extraMissed())
	if j.cut != nil {
		since = earlier(since, j.cut.Missed)
	}
	for i := range j.periods {
		if p := &j.periods[i]; j.missed(p) {
			since = earlier(since, p.Deadline)
		}
	}
	return since
}

// missed says whether a period belongs to the running streak.
func (j *judge) missed(p *period) bool {
	return p.State == Overdue || (p.State == Gap && !j.heldAfter(p.Deadline))
}

// leadStart is when a lead time begins before a period or an extra period falls due.
type leadStart struct {
	lead Period
	at   time.Time
}

// leadStarts lists the lead times that apply. They count back from due or from the limit, whichever is earlier; one
// that is longer than the period is ignored.
func (j *judge) leadStarts(s State, current *period) []leadStart {
	if j.schedule == nil {
		return nil
	}
	var starts []leadStart
	for _, lead := range j.schedule.leads {
		if current != nil && !current.Frozen && (current.from.IsZero() || !lead.AddTo(current.from, 1).After(current.Nominal)) {
			target := earlier(current.Due, s.LimitDeadline)
			starts = append(starts, leadStart{lead: lead, at: j.endOf(lead.Before(j.date(target)))})
		}
		if j.extra == nil {
			continue
		}
		if at := j.endOf(lead.Before(j.date(j.extra.Due))); !at.Before(j.extra.Opens) {
			starts = append(starts, leadStart{lead: lead, at: at})
		}
	}
	return starts
}

func (j *judge) smallestLead(s State, current *period) Period {
	var smallest Period
	for _, start := range j.leadStarts(s, current) {
		if !j.now.Before(start.at) {
			smallest = start.lead
		}
	}
	return smallest
}
