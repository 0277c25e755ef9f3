package cadence

import (
	"slices"
	"time"
)

// maxProbes bounds the instants that are tried. Nearly always the first one is it.
const maxProbes = 48

// nextChange is the first instant at which the state is another one, zero if it stays as it is. Whatever can change
// it lies at one of a few instants; each is tried, because not every one of them changes what is seen. One that does
// not may still change what comes later (an older review, say), so the search goes on from the judgement made there.
func (j *judge) nextChange(state State) time.Time {
	in := j.in
	in.Prev = &state
	var at time.Time
	for range maxProbes {
		next, ok := j.nextInstant(state)
		if !ok {
			return time.Time{}
		}
		at = next
		j = newJudge(in, at)
		if !sameVerdict(j.judge(), state) {
			return at
		}
	}
	return at
}

// nextInstant is the first instant after now at which something may change.
func (j *judge) nextInstant(state State) (next time.Time, found bool) {
	add := func(t time.Time) {
		if t.After(j.now) && (!found || t.Before(next)) {
			next, found = t, true
		}
	}
	after := func(t time.Time) { add(t.Add(time.Second)) }
	for i := range j.periods {
		p := &j.periods[i]
		if p.over(j.now) {
			continue
		}
		add(p.Opens)
		after(p.Due)
		after(p.Deadline)
		add(p.Until)
	}
	for _, start := range j.leadStarts(state, j.current()) {
		add(start.at)
	}
	after(state.LimitDeadline)
	if j.extra != nil {
		after(j.extra.Deadline)
	}
	j.addFuture(add)
	return next, found
}

// addFuture adds what the input holds of the future.
func (j *judge) addFuture(add func(time.Time)) {
	for _, h := range j.in.Held {
		add(wholeSecond(h.HeldAt))
	}
	if j.in.Requirement.Full {
		for _, t := range j.in.FullHeld {
			add(wholeSecond(t))
		}
	}
	if j.in.EarliestReview != nil {
		add(wholeSecond(*j.in.EarliestReview))
	}
	if j.in.Change != nil {
		add(wholeSecond(j.in.Change.Since))
	}
}

// sameVerdict compares everything that is seen of two states.
func sameVerdict(a, b State) bool {
	return sameNumbers(a, b) &&
		same(a.Current, b.Current) && same(a.Extra, b.Extra) && same(a.CutOver, b.CutOver) &&
		slices.Equal(a.Ledger, b.Ledger) &&
		slices.Equal(a.UnknownOccurrences, b.UnknownOccurrences) && slices.Equal(a.InvalidMoves, b.InvalidMoves)
}

// sameNumbers compares the fields that are values.
func sameNumbers(a, b State) bool {
	return summaryOf(a) == summaryOf(b)
}

// summary holds the comparable fields of a State.
type summary struct {
	stage                                                Stage
	lead                                                 Period
	overdueSince, lastHeld, due, deadline, limitDeadline time.Time
	inTimeSince, inTimeLast, inTimeAfter                 time.Time
	ageBasis                                             AgeBasis
	lastReview                                           string
	lastOutcome                                          Outcome
	graceCut                                             bool
	totals                                               Totals
	digest                                               string
}

func summaryOf(s State) summary {
	return summary{
		stage: s.Stage, lead: s.Lead, overdueSince: s.OverdueSince, lastHeld: s.LastHeld, due: s.Due,
		inTimeSince: s.InTimeSince, inTimeLast: s.InTimeLast, inTimeAfter: s.InTimeAfter,
		deadline: s.Deadline, limitDeadline: s.LimitDeadline, ageBasis: s.AgeBasis, lastReview: s.LastReview,
		lastOutcome: s.LastOutcome, graceCut: s.GraceCut, totals: s.Totals, digest: s.ScheduleDigest,
	}
}

// same compares what two pointers point to.
func same[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
