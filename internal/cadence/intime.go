package cadence

import "time"

// punctuality is what an entry tells of reviews that are held in time.
type punctuality int

const (
	// silent: it is not closed, or nobody had to hold a review.
	silent punctuality = iota
	// punctual: its review was held by the deadline, whatever it found. Finding something is what reviews are for.
	punctual
	// unpunctual: its review was held after the deadline, or not at all.
	unpunctual
)

func punctualityOf(e Entry) punctuality {
	switch {
	case e.ClosedAt.IsZero() || e.State == Waived:
		return silent
	case e.State == Gap || e.ClosedAt.After(e.Deadline):
		return unpunctual
	default:
		return punctual
	}
}

// inTime is when the first review and the last one was held of those that were all held in time, up to now. Extra periods
// break the row where they are late, and never begin one: the review that closes them counts for a period as well.
func (j *judge) inTime(opened []period) (since, last time.Time) {
	if !j.overdueSince().IsZero() {
		return time.Time{}, time.Time{}
	}
	broken := j.extraBroken()
	if j.cut != nil && j.cut.InTimeSince.After(broken) {
		since, last = j.cut.InTimeSince, j.cut.InTimeSince
	}
	for i := range opened {
		e := opened[i].Entry
		isPunctual := punctualityOf(e) == punctual
		if isPunctual && !e.ClosedAt.After(broken) {
			continue
		}
		since = inTimeWith(since, e)
		if isPunctual {
			last = e.ClosedAt
		}
	}
	if since.IsZero() {
		return time.Time{}, time.Time{}
	}
	return since, last
}

// inTimeWith is since when reviews are held in time once one more entry is closed.
func inTimeWith(since time.Time, e Entry) time.Time {
	switch punctualityOf(e) {
	case unpunctual:
		return time.Time{}
	case punctual:
		if since.IsZero() {
			return e.ClosedAt
		}
	}
	return since
}

// extraBroken is when the last extra period was closed that was reviewed too late, also where it has left the ledger; zero for never.
func (j *judge) extraBroken() time.Time {
	return later(j.inTimeAfter, lastUnpunctual(j.extras))
}

// lastUnpunctual is when the last of some entries was closed that was reviewed too late; zero for none.
func lastUnpunctual(entries []Entry) (at time.Time) {
	for _, e := range entries {
		if punctualityOf(e) == unpunctual {
			at = later(at, e.ClosedAt)
		}
	}
	return at
}

// droppedInTime is since when reviews are held in time as far as entries tell that the ledger does not show; zero where the
// row began with one that it shows.
func droppedInTime(prev *State) time.Time {
	for _, e := range prev.Ledger {
		if !isExtra(e.ID) && punctualityOf(e) == punctual && !prev.InTimeSince.Before(e.ClosedAt) {
			return time.Time{}
		}
	}
	return prev.InTimeSince
}
