package cadence

import "fmt"

// sampleStart is a year before a leap year, so that samples of four years hold every length of month.
var sampleStart = Date{Year: 2023, Month: 1, Day: 1}

const (
	sampleDays  = 4*365 + 1
	sampleDates = 600
)

// interval is the time between two nominal due dates that follow each other.
type interval struct{ from, to Date }

// compileIntervals samples the distances between due dates and checks what must not be longer than they are.
func (s *Schedule) compileIntervals(Spec) error {
	if err := s.sampleIntervals(); err != nil {
		return err
	}
	if s.longerThanAll(s.grace) {
		return fmt.Errorf("grace %s is longer than the time between two due dates: make it shorter", s.grace)
	}
	if s.longerThanAll(s.openBefore) {
		return fmt.Errorf("openBefore %s is longer than the time between two due dates: make it shorter", s.openBefore)
	}
	return nil
}

// longerThanAll says whether the period is longer than every sampled interval: a month of 31 days does not refuse P31D.
func (s *Schedule) longerThanAll(p Period) bool {
	for _, i := range s.intervals {
		if !p.AddTo(i.from, 1).After(i.to) {
			return false
		}
	}
	return true
}

func (s *Schedule) sampleIntervals() error {
	if !s.every.IsZero() {
		for n := range sampleDays {
			from := sampleStart.AddDays(n)
			s.intervals = append(s.intervals, interval{from: from, to: s.every.AddTo(from, 1)})
		}
		return nil
	}
	return s.sampleRule()
}

// sampleRule walks some decades of a rule. A rule that shows nothing in that time is refused.
func (s *Schedule) sampleRule() error {
	begin := s.start
	if begin.IsZero() {
		begin = sampleStart
	}
	previous := begin
	found := 0
	for d := range s.recurrence.dates(begin.Year, begin.Year+2*rarestYears) {
		if d.Before(begin) {
			continue
		}
		if d.Year > previous.Year+rarestYears {
			break
		}
		if found > 0 {
			s.intervals = append(s.intervals, interval{from: previous, to: d})
		}
		previous = d
		if found++; found > sampleDates {
			return nil
		}
	}
	if previous.Year < begin.Year+rarestYears {
		return fmt.Errorf("the rrule has no occurrence, or none for %d years: change BYMONTH, BYMONTHDAY, BYDAY, BYSETPOS or INTERVAL", rarestYears)
	}
	return nil
}
