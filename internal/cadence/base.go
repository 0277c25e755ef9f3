package cadence

import "time"

// base is where judging begins.
type base struct {
	at time.Time
	// known is false where it is only the time of first observation: then there is a stage, but no ledger, because
	// a cluster rebuilt from its files could not compute the same one.
	known bool
	// byReview says that a review of this requirement began it, rather than a declaration.
	byReview bool
}

func (j *judge) findBase() base {
	first := time.Time{}
	if len(j.held) > 0 {
		first = j.held[0].HeldAt
	}
	if j.in.InEffectSince == nil {
		if first.IsZero() {
			return base{at: wholeSecond(j.in.ObservedSince)}
		}
		return base{at: first, known: true, byReview: true}
	}
	b := base{at: instant(*j.in.InEffectSince, 0, j.location()), known: true}
	if earliest, ok := j.earliestReview(); ok && earliest.Before(b.at) {
		b.at = earliest
		b.byReview = earliest.Equal(first)
	}
	return b
}

// earliestReview is the first review of the subject under any requirement, up to now.
func (j *judge) earliestReview() (time.Time, bool) {
	var earliest time.Time
	found := false
	consider := func(t time.Time) {
		if !t.After(j.now) && (!found || t.Before(earliest)) {
			earliest, found = t, true
		}
	}
	if j.in.EarliestReview != nil {
		consider(wholeSecond(*j.in.EarliestReview))
	}
	if len(j.held) > 0 {
		consider(j.held[0].HeldAt)
	}
	if len(j.fulls) > 0 {
		consider(j.fulls[0])
	}
	return earliest, found
}

// ageBasis says what the age of the last justification rests on.
func (j *judge) ageBasis() AgeBasis {
	reviewed := len(j.held) > 0 || len(j.fulls) > 0
	switch {
	case reviewed:
		return Reviewed
	case j.in.InEffectSince != nil:
		return Declared
	default:
		return Unknown
	}
}
