package cadence

import (
	"sync"
	"time"
)

// Schedule is a compiled cadence. It is safe for concurrent use and meant to be shared by everything that is
// reviewed on it: it remembers the occurrences of the years that were asked for.
type Schedule struct {
	anchor     Anchor
	zone       *time.Location
	dueSecond  int
	every      Period // zero with an rrule
	start      Date   // zero without startDate
	days       workdays
	openBefore Period
	grace      Period
	leads      []Period   // longest first
	recurrence recurrence // nil with Completion
	intervals  []interval // a sample, for checks of length
	digest     string

	mu      sync.Mutex
	years   map[int][]Occurrence
	exceeds map[Period]bool
}

// Occurrence is one fixed due date of a Calendar schedule.
type Occurrence struct {
	// Nominal is the local date before rolling: the identity of the occurrence.
	Nominal Date
	// Opens is the first instant at which a review counts for it, Due the last at which it is not late.
	Opens, Due time.Time
	// previous is the nominal date of the occurrence before, zero if none is known.
	previous Date
	// id is the nominal date as text.
	id string
}

// Anchor says whether the schedule is rolling (Completion) or fixed (Calendar).
func (s *Schedule) Anchor() Anchor { return s.anchor }

// Location is the zone in which dates are meant.
func (s *Schedule) Location() *time.Location { return s.zone }

// Digest identifies what the schedule means for periods and deadlines: two texts that mean the same have the same
// digest. Lead times are no part of it, because they move no deadline.
func (s *Schedule) Digest() string { return s.digest }

// MaxInterval is the longest distance between two nominal due dates, in days.
func (s *Schedule) MaxInterval() int {
	longest := 0
	for _, i := range s.intervals {
		longest = max(longest, i.to.DaysSince(i.from))
	}
	return longest
}

// ExceedsLimit says whether two nominal due dates can be further apart than the limit.
func (s *Schedule) ExceedsLimit(limit Period) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.exceeds[limit]; ok {
		return known
	}
	exceeded := false
	for _, i := range s.intervals {
		exceeded = exceeded || limit.AddTo(i.from, 1).Before(i.to)
	}
	s.exceeds[limit] = exceeded
	return exceeded
}

// at is the due time of a day.
func (s *Schedule) at(d Date) time.Time { return instant(d, s.dueSecond, s.zone) }

// date is the local day of an instant.
func (s *Schedule) date(t time.Time) Date { return DateIn(t, s.zone) }

// midnight is the first second of a local day.
func (s *Schedule) midnight(d Date) time.Time { return instant(d, 0, s.zone) }

// dueOn is when an occurrence of a nominal date falls due.
func (s *Schedule) dueOn(nominal Date) time.Time { return s.at(s.days.rolled(nominal)) }

// deadline is due plus grace.
func (s *Schedule) deadline(due time.Time) time.Time {
	if s.grace.IsZero() {
		return due
	}
	return s.at(s.grace.AddTo(s.date(due), 1))
}

// opens is when the period that is due at that instant opens, one second after the due instant before it or later.
func (s *Schedule) opens(due, previousDue time.Time) time.Time {
	afterPrevious := previousDue.Add(time.Second)
	if s.openBefore.IsZero() {
		return afterPrevious
	}
	opens := s.at(s.openBefore.Before(s.date(due)))
	if opens.Before(afterPrevious) {
		return afterPrevious
	}
	return opens
}
