package cadence

import (
	"sort"
	"time"
)

// limited says whether the requirement is held to a limit of elapsed time.
func (j *judge) limited() bool {
	return j.in.Requirement.Full && !j.in.Requirement.Limit.IsZero()
}

// limitBefore is when the limit ends that was running at an instant: counted from the last full review before it,
// else from the declared day. It is zero where there is no limit or nothing to count from.
func (j *judge) limitBefore(t time.Time) time.Time {
	if !j.limited() {
		return time.Time{}
	}
	n := sort.Search(len(j.fulls), func(i int) bool { return !j.fulls[i].Before(t) })
	if n > 0 {
		return j.limitFrom(j.date(j.fulls[n-1]))
	}
	if j.in.InEffectSince == nil {
		return time.Time{}
	}
	return j.limitFrom(j.declaredDay())
}

// declaredDay is InEffectSince, moved back by an older review.
func (j *judge) declaredDay() Date {
	day := *j.in.InEffectSince
	if earliest, ok := j.earliestReview(); ok && j.date(earliest).Before(day) {
		return j.date(earliest)
	}
	return day
}

func (j *judge) limitFrom(day Date) time.Time {
	return j.endOf(j.in.Requirement.Limit.AddTo(day, 1))
}

// limitNow is when the limit ends as things stand. Of unknown age, it ended when the subject was first seen.
func (j *judge) limitNow() time.Time {
	if !j.limited() {
		return time.Time{}
	}
	if j.ageBasis() == Unknown {
		return wholeSecond(j.in.ObservedSince)
	}
	return j.limitBefore(j.now.Add(time.Second))
}

// limitMissed is the deadline of the limit if it has passed, else zero. One that had passed before an edit stays the
// one that was missed when the edited limit passes too.
func (j *judge) limitMissed() time.Time {
	var missed time.Time
	if j.cut != nil {
		missed = j.cut.Limit
	}
	end := j.limitNow()
	if !end.IsZero() && (j.now.After(end) || j.ageBasis() == Unknown) {
		missed = earlier(missed, end)
	}
	return missed
}

// fullAfter says whether a full review was held after the instant.
func (j *judge) fullAfter(t time.Time) bool {
	return len(j.fulls) > 0 && j.fulls[len(j.fulls)-1].After(t)
}

// earlier is the earlier of two instants, of which zero ones are none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// later is the later of two instants.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
