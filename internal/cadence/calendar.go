package cadence

import (
	"iter"
	"slices"
	"time"
)

// earliestJudged is the first day for which Calendar periods are made: a subject in effect since the last century
// is not given a ledger of it. The limit knows no such bound.
var earliestJudged = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

// unfoldCalendar makes a period of each occurrence, up to the first that opens after now and needs a review.
func (j *judge) unfoldCalendar() {
	j.periods = slices.Grow(j.periods, len(j.held))
	next, stop := iter.Pull(j.calendarOccurrences())
	defer stop()
	following, more := next()
	previousDue := time.Time{}
	for more {
		o := following
		following, more = next()
		if j.cut != nil && !o.Nominal.After(j.cut.Nominal) {
			continue
		}
		p := j.occurrencePeriod(o, following, previousDue)
		j.endPrevious(p)
		j.periods = append(j.periods, p)
		previousDue = p.Due
		if p.Opens.After(j.now) && !p.skip {
			break
		}
	}
	if more && len(j.periods) > j.frozen {
		j.endPrevious(j.occurrencePeriod(following, Occurrence{}, previousDue))
	}
	j.dropGapsBeforeBase()
	j.placeCalendar()
}

// calendarOccurrences yields what falls due from the base, or after the last edit.
func (j *judge) calendarOccurrences() iter.Seq[Occurrence] {
	if j.cut != nil {
		return j.schedule.dueFrom(j.cut.At.Add(time.Second))
	}
	from := later(j.base.at, earliestJudged)
	if !j.base.byReview {
		return j.schedule.dueFrom(from)
	}
	// A review may have been held in the grace of an earlier occurrence, or late for the one before.
	for o := range j.schedule.dueFrom(from) {
		start := o.Nominal
		if !o.previous.IsZero() {
			start = o.previous
		}
		return j.schedule.Occurrences(j.schedule.grace.Before(start).AddDays(-j.schedule.days.reach()))
	}
	return func(func(Occurrence) bool) {}
}

// occurrencePeriod is the period of an occurrence, moved if it is to be. previousDue is zero for the first one.
func (j *judge) occurrencePeriod(o, following Occurrence, previousDue time.Time) period {
	p := period{from: o.previous, skip: j.in.Skips[o.Nominal]}
	p.ID, p.Nominal, p.Opens, p.Due = o.id, o.Nominal, o.Opens, o.Due
	if len(j.in.Moves) > 0 {
		j.move(&p, o, following, previousDue)
	}
	p.Deadline = j.schedule.deadline(p.Due)
	if p.skip {
		p.Until = p.Due.Add(time.Second)
	}
	return p
}

// move applies a move to an occurrence, and the one before to the instant at which it opens.
func (j *judge) move(p *period, o, following Occurrence, previousDue time.Time) {
	if previousDue.IsZero() && !o.previous.IsZero() {
		previousDue = j.schedule.dueOn(o.previous)
	}
	if to, ok := j.in.Moves[o.Nominal]; ok {
		due := j.schedule.at(to)
		if due.After(previousDue) && (following.Due.IsZero() || due.Before(following.Due)) {
			p.Due = due
		} else if !slices.Contains(j.invalid, o.Nominal) {
			j.invalid = append(j.invalid, o.Nominal)
		}
	}
	if !previousDue.IsZero() {
		p.Opens = j.schedule.opens(p.Due, previousDue)
	}
}

// endPrevious closes the period before as Gap when the next one opens and its own grace has ended.
func (j *judge) endPrevious(next period) {
	if len(j.periods) == j.frozen {
		return
	}
	if p := &j.periods[len(j.periods)-1]; !p.skip {
		p.Until = later(next.Opens, p.Deadline.Add(time.Second))
	}
}

// dropGapsBeforeBase leaves out what had closed when a review began the judging.
func (j *judge) dropGapsBeforeBase() {
	if !j.base.byReview || j.cut != nil {
		return
	}
	j.periods = slices.DeleteFunc(j.periods, func(p period) bool { return p.over(j.base.at) })
}

func (j *judge) placeCalendar() {
	q := queue{periods: j.periods}
	for _, h := range j.placeable() {
		if !q.place(h) {
			j.outside = append(j.outside, h.Name)
		}
	}
}
