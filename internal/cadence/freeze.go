package cadence

import (
	"strings"
	"time"
)

// noSchedule stands for a missing schedule in a digest.
const noSchedule = "none"

// digest identifies the schedule and the limit that a requirement is judged by.
func (r Requirement) digest() string {
	d := noSchedule
	if r.Schedule != nil {
		d = r.Schedule.digest
	}
	if r.Full && !r.Limit.IsZero() {
		d += "/" + r.Limit.String()
	}
	return d
}

// freeze takes over what the previous state holds of the time before the last edit, and cuts over if schedule or
// limit were edited since.
func (j *judge) freeze() {
	prev := j.in.Prev
	if prev == nil {
		return
	}
	if prev.CutOver != nil {
		kept := *prev.CutOver
		j.cut = &kept
	}
	if prev.ScheduleDigest != "" && prev.ScheduleDigest != j.in.Requirement.digest() {
		j.cutOver(prev)
		return
	}
	for _, e := range prev.Ledger {
		if e.Frozen {
			j.addFrozen(e)
		}
	}
}

// cutOver freezes what an edit must not change. A schedule that comes back after it could not be computed goes on
// from where it was lost: deleting a cadence for a while excuses nobody.
func (j *judge) cutOver(prev *State) {
	if strings.HasPrefix(prev.ScheduleDigest, noSchedule) && j.schedule != nil {
		if j.cut != nil {
			j.keepEntries(prev)
		}
		return
	}
	cut := j.newCutOver(prev)
	j.cut = &cut
	j.keepEntries(prev)
	j.cut.StartID = j.startID(prev)
	if j.explained(cut.Missed) {
		j.cut.Missed = time.Time{}
	}
}

func (j *judge) newCutOver(prev *State) CutOver {
	cut := CutOver{At: j.now, Start: j.startOf(prev), Missed: missedBefore(prev)}
	cut.Limit, cut.LimitFrom = j.limitMissedBefore(prev)
	cut.Dropped = prev.Totals
	for _, e := range prev.Ledger {
		if !isExtra(e.ID) {
			cut.Dropped.add(e, -1)
		}
	}
	if cut.Dropped != (Totals{}) {
		j.markDropped(&cut, prev)
		cut.InTimeSince = droppedInTime(prev)
	}
	return cut
}

// limitMissedBefore is the limit that had passed at the edit, under the schedule before or one before that, and the
// full review that it was counted from. An unknown age needs no memory: it stays unknown.
func (j *judge) limitMissedBefore(prev *State) (limit, from time.Time) {
	if c := prev.CutOver; c != nil && !c.Limit.IsZero() && !j.fullAfter(c.LimitFrom) {
		return c.Limit, c.LimitFrom
	}
	if prev.AgeBasis == Unknown || prev.LimitDeadline.IsZero() || !prev.LimitDeadline.Before(j.now) {
		return time.Time{}, time.Time{}
	}
	if len(j.fulls) > 0 {
		from = j.fulls[len(j.fulls)-1]
	}
	return wholeSecond(prev.LimitDeadline), from
}

// missedBefore is the earliest deadline of the cadence that was missed when the previous state was computed.
func missedBefore(prev *State) time.Time {
	missed := prev.OverdueSince
	byLimit := missed.Equal(prev.LimitDeadline) || (prev.CutOver != nil && missed.Equal(prev.CutOver.Limit))
	byExtra := prev.Extra != nil && missed.Equal(prev.Extra.Deadline)
	if prev.Stage == StageOverdue && !byLimit && !byExtra {
		return wholeSecond(missed)
	}
	if prev.CutOver != nil {
		return prev.CutOver.Missed
	}
	return time.Time{}
}

// startOf is where a Completion schedule goes on: at the start of the running period, else at the last review; zero
// where there is no base yet that a review could not change.
func (j *judge) startOf(prev *State) time.Time {
	if !j.base.known {
		return time.Time{}
	}
	if running := runningIn(prev); running != nil {
		return wholeSecond(running.Opens).Add(-time.Second)
	}
	if prev.CutOver != nil && prev.Current == nil && !prev.CutOver.Start.IsZero() {
		return prev.CutOver.Start
	}
	if last, ok := j.lastHeld(); ok {
		return last.HeldAt
	}
	return j.base.at
}

// runningIn is the Completion period that was running: one that is waived but not closed comes before the current one.
func runningIn(prev *State) *Entry {
	for i := range prev.Ledger {
		if e := &prev.Ledger[i]; isRolling(e.ID) && e.ClosedAt.IsZero() {
			return e
		}
	}
	if c := prev.Current; c != nil && isRolling(c.ID) {
		return c
	}
	return nil
}

// startID is the name of the period that the edit found running, else a new one.
func (j *judge) startID(prev *State) string {
	if j.cut.Start.IsZero() {
		return ""
	}
	if running := runningIn(prev); running != nil && !j.isFrozen(running.ID) {
		return running.ID
	}
	for number := 1; ; number++ {
		if id := rollingID(j.date(j.cut.Start), number); !j.isFrozen(id) {
			return id
		}
	}
}

// markDropped marks the last review that belongs to an entry which has left the ledger: the last one before the
// ledger's first closed entry that closed none of its entries.
func (j *judge) markDropped(cut *CutOver, prev *State) {
	named := map[string]bool{}
	end := j.now
	for i := len(prev.Ledger) - 1; i >= 0; i-- {
		e := prev.Ledger[i]
		named[e.ClosedBy] = true
		if !isExtra(e.ID) && !e.ClosedAt.IsZero() {
			end = wholeSecond(e.ClosedAt)
		}
	}
	for _, h := range j.held {
		if h.HeldAt.Before(end) && !named[h.Name] {
			cut.droppedWith(h)
		}
	}
}

// keepEntries freezes the entries that the new schedule does not recompute.
func (j *judge) keepEntries(prev *State) {
	known := map[string]bool{}
	for _, e := range prev.Ledger {
		if !isExtra(e.ID) && j.outlives(e) {
			known[e.ID] = true
			j.addFrozen(e)
		}
	}
	if c := prev.Current; c != nil && !known[c.ID] && c.Opens.Before(j.cut.At) && j.outlives(*c) {
		j.addFrozen(*c)
	}
	j.endFrozen()
}

// rolls says whether the schedule is a Completion one.
func (j *judge) rolls() bool { return j.schedule != nil && j.schedule.anchor == Completion }

// outlives says whether an entry stays as it is stored: whatever fell due, and a Completion period that was closed.
// A running Completion period is recomputed by another Completion schedule while its deadline has not passed.
// Without a schedule whatever was closed stays.
func (j *judge) outlives(e Entry) bool {
	closed := !e.ClosedAt.IsZero()
	if isRolling(e.ID) && (closed || j.rolls()) {
		return closed || e.Deadline.Before(j.cut.At)
	}
	return !e.Due.After(j.cut.At) || (closed && j.schedule == nil)
}

// addFrozen takes an entry as it was stored, but not what became of it: that follows from the reviews.
func (j *judge) addFrozen(e Entry) {
	p := period{Entry: e, skip: e.State == Waived || j.in.Skips[e.Nominal]}
	p.Opens, p.Due, p.Deadline = wholeSecond(e.Opens), wholeSecond(e.Due), wholeSecond(e.Deadline)
	if !e.Until.IsZero() {
		p.Until = wholeSecond(e.Until)
	}
	if p.skip && p.Until.IsZero() {
		p.Until = p.Due.Add(time.Second)
	}
	if !isRolling(p.ID) && !p.Due.After(j.cut.At) && p.Nominal.After(j.cut.Nominal) {
		j.cut.Nominal = p.Nominal
	}
	p.Frozen, p.Amended, p.State, p.ClosedBy, p.ClosedAt = true, false, "", "", time.Time{}
	j.periods = append(j.periods, p)
	j.frozen = len(j.periods)
}

// endFrozen says, for each frozen period that is still open, when the new schedule closes it as Gap: never with
// Completion or none, with Calendar when the next occurrence opens and the grace has ended.
func (j *judge) endFrozen() {
	var end time.Time
	if j.schedule != nil && j.schedule.anchor == Calendar {
		if o, ok := j.schedule.Next(j.cut.At); ok {
			end = later(o.Opens, j.now)
		}
	}
	for i := range j.periods {
		p := &j.periods[i]
		if p.skip || (!p.Until.IsZero() && !p.Until.After(j.now)) || j.closedInPrev(p.ID) {
			continue
		}
		p.Until = end
		if !end.IsZero() {
			p.Until = later(end, p.Deadline.Add(time.Second))
		}
	}
}

func (j *judge) closedInPrev(id string) bool {
	for _, e := range j.in.Prev.Ledger {
		if e.ID == id {
			return !e.ClosedAt.IsZero()
		}
	}
	return false
}

// forget ends what was missed before the edit and has been reviewed since.
func (j *judge) forget() {
	if j.cut == nil {
		return
	}
	if j.heldAfter(j.cut.Missed) {
		j.cut.Missed = time.Time{}
	}
	if j.fullAfter(j.cut.LimitFrom) {
		j.cut.Limit, j.cut.LimitFrom = time.Time{}, time.Time{}
	}
}

// explained says whether a frozen entry tells of the missed deadline, so that a review that arrives late can clear it.
func (j *judge) explained(missed time.Time) bool {
	for i := range j.periods {
		if j.periods[i].Deadline.Equal(missed) {
			return true
		}
	}
	return false
}
