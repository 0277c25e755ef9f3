package cadence

import (
	"iter"
	"sort"
	"time"

	"github.com/teambition/rrule-go"
)

const (
	// firstYear and lastYear bound the years in which occurrences are computed.
	firstYear, lastYear = 1900, 2500
	// gregorianCycle is the number of years after which the calendar repeats, days of the week included.
	gregorianCycle = 400
)

// recurrence yields nominal dates. It has neither beginning nor end: startDate is applied by the schedule.
type recurrence interface {
	// dates yields the dates from 1 January of one year to 31 December of another, in order.
	dates(fromYear, toYear int) iter.Seq[Date]
}

// everyFrom repeats a period from a start, counted from it in one go so that the anchor day is kept.
type everyFrom struct {
	every Period
	start Date
}

func (e everyFrom) dates(fromYear, toYear int) iter.Seq[Date] {
	return func(yield func(Date) bool) {
		for k := e.indexFrom(Date{Year: fromYear, Month: time.January, Day: 1}); ; k++ {
			d := e.every.AddTo(e.start, k)
			if d.Year > toYear || !yield(d) {
				return
			}
		}
	}
}

// indexFrom is the smallest k, possibly negative, for which start + k·every is not before the day.
func (e everyFrom) indexFrom(day Date) int {
	days := day.DaysSince(e.start)
	// A period is at least one day, so k is no further from 0 than the days are.
	low, high := min(days, 0)-1, max(days, 0)+1
	return low + sort.Search(high-low, func(i int) bool { return !e.every.AddTo(e.start, low+i).Before(day) })
}

// dates lets rrule-go expand the rule. The library looks for a next date up to the year 9999; moving everything
// by whole Gregorian cycles to the end of that range keeps a rule that never occurs from being searched for long.
func (r *rule) dates(fromYear, toYear int) iter.Seq[Date] {
	return func(yield func(Date) bool) {
		shift := (rrule.MAXYEAR - toYear - 1) / gregorianCycle * gregorianCycle
		next := r.iterator(fromYear, toYear, shift)
		for {
			t, ok := next()
			if !ok {
				return
			}
			d := dateOf(t)
			d.Year -= shift
			if d.Year >= fromYear && !yield(d) {
				return
			}
		}
	}
}

func (r *rule) iterator(fromYear, toYear, shift int) rrule.Next {
	begin := r.aligned(Date{Year: fromYear, Month: time.January, Day: 1})
	option := rrule.ROption{
		Freq:       r.freq,
		Interval:   r.interval,
		Dtstart:    time.Date(begin.Year+shift, begin.Month, begin.Day, 0, 0, 0, 0, time.UTC),
		Until:      time.Date(toYear+shift, time.December, 31, 0, 0, 0, 0, time.UTC),
		Bymonth:    r.byMonth,
		Bymonthday: r.byMonthDay,
		Bysetpos:   r.bySetPos,
	}
	for _, d := range r.byDay {
		day := ruleWeekdays[d.day]
		option.Byweekday = append(option.Byweekday, day.Nth(d.n))
	}
	expanded, err := rrule.NewRRule(option)
	if err != nil {
		// Every bound that the library checks was checked when the rule was read.
		return func() (time.Time, bool) { return time.Time{}, false }
	}
	return expanded.Iterator()
}

// aligned is the latest beginning of an interval of the rule that is not after the day.
func (r *rule) aligned(day Date) Date {
	switch r.freq {
	case rrule.YEARLY:
		return Date{Year: day.Year - floorMod(day.Year-r.start.Year, r.interval), Month: time.January, Day: 1}
	case rrule.MONTHLY:
		months := (day.Year-r.start.Year)*12 + int(day.Month-r.start.Month)
		first := Date{Year: day.Year, Month: day.Month, Day: 1}
		return first.AddMonths(-floorMod(months, r.interval))
	case rrule.WEEKLY:
		monday := r.start.AddDays(-(int(r.start.Weekday()) + 6) % 7)
		return day.AddDays(-floorMod(day.DaysSince(monday), 7*r.interval))
	default:
		return day.AddDays(-floorMod(day.DaysSince(r.start), r.interval))
	}
}

func floorMod(a, b int) int { return (a%b + b) % b }
