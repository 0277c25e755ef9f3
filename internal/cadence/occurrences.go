package cadence

import (
	"iter"
	"time"
)

// rarestYears is the longest time that a rule may leave between two occurrences.
const rarestYears = 40

// Occurrences yields the occurrences of a Calendar schedule with a nominal date not before from, in order, up to the
// year 2500. Due instants increase strictly: of two that roll to the same instant only the first is an occurrence.
// A Completion schedule has none.
func (s *Schedule) Occurrences(from Date) iter.Seq[Occurrence] {
	return func(yield func(Occurrence) bool) {
		if s.recurrence == nil {
			return
		}
		if from.Before(s.start) {
			from = s.start
		}
		for year := max(from.Year, firstYear); year <= lastYear; year++ {
			for _, o := range s.occurrencesIn(year) {
				if !o.Nominal.Before(from) && !yield(o) {
					return
				}
			}
		}
	}
}

// Next is the first occurrence that falls due after the instant; false where there is none.
func (s *Schedule) Next(after time.Time) (Occurrence, bool) {
	for o := range s.dueFrom(after.Add(time.Second)) {
		return o, true
	}
	return Occurrence{}, false
}

// dueFrom yields the occurrences that fall due at the instant or later.
func (s *Schedule) dueFrom(t time.Time) iter.Seq[Occurrence] {
	return func(yield func(Occurrence) bool) {
		// One day more than rolling can move a date: a gap may move the due time into the next day.
		for o := range s.Occurrences(s.date(t).AddDays(-s.days.reach() - 1)) {
			if !o.Due.Before(t) && !yield(o) {
				return
			}
		}
	}
}

// occurrencesIn remembers the occurrences with a nominal date in the year.
func (s *Schedule) occurrencesIn(year int) []Occurrence {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.years[year]; ok {
		return known
	}
	computed := s.computeYear(year)
	s.years[year] = computed
	return computed
}

func (s *Schedule) computeYear(year int) []Occurrence {
	var out []Occurrence
	previous := s.lastBefore(year)
	for d := range s.recurrence.dates(year, year) {
		o := Occurrence{Nominal: d, Due: s.dueOn(d), previous: previous, id: d.String()}
		if previous.IsZero() {
			o.Opens = s.midnight(d)
		} else {
			previousDue := s.dueOn(previous)
			if !o.Due.After(previousDue) {
				continue
			}
			o.Opens = s.opens(o.Due, previousDue)
		}
		previous = d
		if !d.Before(s.start) {
			out = append(out, o)
		}
	}
	return out
}

// lastBefore is the last date before the year that the recurrence has, going back as far as a rule may be rare. It
// knows no startDate: the first occurrence opens when the one before it would have been due.
func (s *Schedule) lastBefore(year int) Date {
	var last Date
	for back := 1; back <= rarestYears && last.IsZero(); back++ {
		for d := range s.recurrence.dates(year-back, year-back) {
			last = d
		}
	}
	return last
}

// rolling is the nominal date and the due instant of a Completion period that starts on a day.
func (s *Schedule) rolling(start Date) (Date, time.Time) {
	nominal := s.every.AddTo(start, 1)
	return nominal, s.dueOn(nominal)
}
