package cadence

import (
	"cmp"
	"slices"
	"time"
)

// Evaluate judges one requirement at one instant. It is a function of its arguments alone, ignores what lies after
// now, and says in NextChange when to ask again.
func Evaluate(in Input, now time.Time) State {
	now = wholeSecond(now)
	j := newJudge(in, now)
	state := j.judge()
	state.Placements = j.placements()
	state.NextChange = j.nextChange(state)
	return state
}

// judge holds what one evaluation works with: the input cut off at now, and the periods as they unfold.
type judge struct {
	in       Input
	now      time.Time
	schedule *Schedule
	held     []Held      // up to now, oldest first
	fulls    []time.Time // up to now, oldest first
	base     base
	cut      *CutOver
	frozen   int // how many of periods are frozen
	periods  []period
	outside  []string // reviews that were held in no open period
	extras   []Entry  // closed extra periods
	extra    *Entry   // the extra period that is not closed
	invalid  []Date   // moves to a day that is not allowed

	inTimeAfter time.Time // State.InTimeAfter
}

func newJudge(in Input, now time.Time) *judge {
	j := &judge{in: in, now: now, schedule: in.Requirement.Schedule}
	j.held = heldUntil(in.Held, now)
	if in.Requirement.Full {
		j.fulls = j.fullsUntil(in.FullHeld)
	}
	j.base = j.findBase()
	return j
}

// judge goes through the steps in the order in which each needs the one before.
func (j *judge) judge() State {
	j.freeze()
	j.forget()
	j.unfold()
	j.settle()
	j.judgeExtra()
	return j.state()
}

// unfold makes the periods from the schedule and lets every review count for one.
func (j *judge) unfold() {
	switch {
	case j.schedule == nil:
		j.placeFrozen()
	case j.schedule.anchor == Calendar:
		j.unfoldCalendar()
	default:
		j.unfoldCompletion()
	}
}

func wholeSecond(t time.Time) time.Time { return time.Unix(t.Unix(), 0).UTC() }

// heldUntil copies the reviews up to now, in whole seconds, oldest first.
func heldUntil(all []Held, now time.Time) []Held {
	held := make([]Held, 0, len(all))
	for _, h := range all {
		if h.HeldAt = wholeSecond(h.HeldAt); !h.HeldAt.After(now) {
			held = append(held, h)
		}
	}
	if !slices.IsSortedFunc(held, compareHeld) {
		slices.SortFunc(held, compareHeld)
	}
	return held
}

// compareHeld orders reviews by time, and those of the same second by name.
func compareHeld(a, b Held) int {
	return cmp.Or(a.HeldAt.Compare(b.HeldAt), cmp.Compare(a.Name, b.Name))
}

// fullsUntil merges the subject's full reviews with those of this requirement.
func (j *judge) fullsUntil(all []time.Time) []time.Time {
	fulls := make([]time.Time, 0, len(all)+len(j.held))
	for _, t := range all {
		if t = wholeSecond(t); !t.After(j.now) {
			fulls = append(fulls, t)
		}
	}
	for _, h := range j.held {
		fulls = append(fulls, h.HeldAt)
	}
	slices.SortFunc(fulls, time.Time.Compare)
	return fulls
}

// lastHeld is the latest counted review, if there is one.
func (j *judge) lastHeld() (Held, bool) {
	if len(j.held) == 0 {
		return Held{}, false
	}
	return j.held[len(j.held)-1], true
}

// heldAfter says whether a counted review was held after the instant.
func (j *judge) heldAfter(t time.Time) bool {
	last, ok := j.lastHeld()
	return ok && last.HeldAt.After(t)
}

// location is the zone that dates are meant in: that of the schedule, else UTC.
func (j *judge) location() *time.Location {
	if j.schedule == nil {
		return time.UTC
	}
	return j.schedule.zone
}

func (j *judge) date(t time.Time) Date { return DateIn(t, j.location()) }

// endOf is the due time of a day: that of the schedule, else the last second in UTC.
func (j *judge) endOf(d Date) time.Time {
	if j.schedule == nil {
		return instant(d, secondsPerDay-1, time.UTC)
	}
	return j.schedule.at(d)
}
