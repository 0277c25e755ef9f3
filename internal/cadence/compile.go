package cadence

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

const maxLeadTimes = 8

// Compile checks a spec and turns it into a schedule. The error says what to change. Compile never panics, and it
// ends soon whatever it is given.
func Compile(spec Spec) (*Schedule, error) {
	s := &Schedule{years: map[int][]Occurrence{}, exceeds: map[Period]bool{}}
	for _, step := range []func(*Schedule, Spec) error{
		(*Schedule).compileZone,
		(*Schedule).compileDueTime,
		(*Schedule).compileAnchor,
		(*Schedule).compileStart,
		(*Schedule).compileDays,
		(*Schedule).compileRecurrence,
		(*Schedule).compilePeriods,
		(*Schedule).compileIntervals,
	} {
		if err := step(s, spec); err != nil {
			return nil, err
		}
	}
	s.digest = s.digestOf()
	return s, nil
}

func (s *Schedule) compileZone(spec Spec) (err error) {
	s.zone, err = loadZone(spec.TimeZone)
	return err
}

func (s *Schedule) compileDueTime(spec Spec) error {
	text := spec.DueTime
	if text == "" {
		text = "23:59:59"
	}
	t, err := time.Parse(time.TimeOnly, text)
	if err != nil || len(text) != len(time.TimeOnly) {
		return fmt.Errorf("dueTime %.40q is no time of day: write hours, minutes and seconds, as in 17:00:00", text)
	}
	s.dueSecond = t.Hour()*3600 + t.Minute()*60 + t.Second()
	return nil
}

func (s *Schedule) compileAnchor(spec Spec) error {
	if (spec.Every == "") == (spec.RRule == "") {
		return errors.New("a cadence has either every or rrule: set exactly one of them")
	}
	s.anchor = spec.Anchor
	switch {
	case spec.Anchor == "" && spec.RRule != "":
		s.anchor = Calendar
	case spec.Anchor == "":
		s.anchor = Completion
	case spec.Anchor == Completion && spec.RRule != "":
		return errors.New("an rrule has fixed occurrences: leave anchor out or set it to Calendar")
	case spec.Anchor != Completion && spec.Anchor != Calendar:
		return fmt.Errorf("anchor %.40q is not known: use Completion or Calendar", spec.Anchor)
	}
	return nil
}

func (s *Schedule) compileStart(spec Spec) error {
	if spec.StartDate == "" {
		if s.anchor == Calendar && spec.Every != "" {
			return errors.New("anchor Calendar with every needs a startDate: set it to the first due date")
		}
		return nil
	}
	if s.anchor == Completion {
		return errors.New("startDate has no meaning with anchor Completion: remove it, or set anchor to Calendar")
	}
	start, err := ParseDate(spec.StartDate)
	if err != nil {
		return fmt.Errorf("startDate: %w", err)
	}
	if start.Year < firstYear || start.Year > lastYear-2*rarestYears {
		return fmt.Errorf("startDate %s is out of range: use a year from %d to %d", start, firstYear, lastYear-2*rarestYears)
	}
	s.start = start
	return nil
}

func (s *Schedule) compileDays(spec Spec) (err error) {
	s.days, err = compileBusinessDays(spec.BusinessDays)
	return err
}

func (s *Schedule) compileRecurrence(spec Spec) (err error) {
	if spec.RRule != "" {
		s.recurrence, err = parseRule(spec.RRule, s.start)
		return err
	}
	s.every, err = ParsePeriod(spec.Every)
	if err != nil {
		return fmt.Errorf("every: %w", err)
	}
	if s.anchor == Calendar {
		s.recurrence = everyFrom{every: s.every, start: s.start}
	}
	return nil
}

func (s *Schedule) compilePeriods(spec Spec) (err error) {
	if spec.OpenBefore != "" && s.anchor == Completion {
		return errors.New("openBefore has no meaning with anchor Completion: remove it, or set anchor to Calendar")
	}
	if s.openBefore, err = optionalPeriod("openBefore", spec.OpenBefore); err != nil {
		return err
	}
	if s.grace, err = optionalPeriod("grace", spec.Grace); err != nil {
		return err
	}
	if len(spec.LeadTimes) > maxLeadTimes {
		return fmt.Errorf("there are more than %d leadTimes: remove some", maxLeadTimes)
	}
	for _, text := range spec.LeadTimes {
		lead, err := ParsePeriod(text)
		if err != nil {
			return fmt.Errorf("leadTimes: %w", err)
		}
		s.leads = append(s.leads, lead)
	}
	slices.SortFunc(s.leads, func(a, b Period) int { return b.CompareAt(a, sampleStart) })
	return nil
}

func optionalPeriod(field, text string) (Period, error) {
	if text == "" {
		return Period{}, nil
	}
	p, err := ParsePeriod(text)
	if err != nil {
		return Period{}, fmt.Errorf("%s: %w", field, err)
	}
	return p, nil
}

// digestOf hashes everything that decides periods and deadlines.
func (s *Schedule) digestOf() string {
	h := sha256.New()
	holidays := slices.SortedFunc(maps.Keys(s.days.holidays), Date.Compare)
	fmt.Fprintln(h, s.anchor, s.zone, s.dueSecond, s.every, s.start, s.openBefore, s.grace)
	fmt.Fprintln(h, s.days.roll, s.days.weekend, holidays)
	if r, ok := s.recurrence.(*rule); ok {
		fmt.Fprintln(h, r)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}
