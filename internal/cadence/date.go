package cadence

import (
	"cmp"
	"fmt"
	"time"
)

const secondsPerDay = 24 * 60 * 60

// Date is a day of the proleptic Gregorian calendar, without time and zone. The zero Date is no day.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads a day as in 2026-01-31.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date: write year-month-day, as in 2026-01-31", s)
	}
	return dateOf(t), nil
}

// DateIn returns the local day of an instant.
func DateIn(t time.Time, loc *time.Location) Date { return dateOf(t.In(loc)) }

func dateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{Year: year, Month: month, Day: day}
}

// String writes the day as in 2026-01-31; the zero Date is the empty string.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return time.Unix(d.wall(0), 0).UTC().Format(time.DateOnly)
}

// MarshalText lets a Date be a JSON string and a map key.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// IsZero says whether d is no day.
func (d Date) IsZero() bool { return d == Date{} }

// Compare is negative where d is before other, positive where it is after, else 0.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// Before says whether d is an earlier day than other.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// After says whether d is a later day than other.
func (d Date) After(other Date) bool { return d.Compare(other) > 0 }

// AddDays moves by n days.
func (d Date) AddDays(n int) Date {
	return dateOf(time.Unix(d.wall(0)+int64(n)*secondsPerDay, 0).UTC())
}

// AddMonths moves by n months; a day that the month does not have becomes its last one.
func (d Date) AddMonths(n int) Date {
	index := d.Year*12 + int(d.Month) - 1 + n
	year, month := index/12, index%12
	if month < 0 {
		year, month = year-1, month+12
	}
	moved := Date{Year: year, Month: time.Month(month + 1), Day: d.Day}
	moved.Day = min(moved.Day, daysIn(moved.Year, moved.Month))
	return moved
}

// DaysSince counts the days from other to d.
func (d Date) DaysSince(other Date) int { return int((d.wall(0) - other.wall(0)) / secondsPerDay) }

// Weekday of the day.
func (d Date) Weekday() time.Weekday { return time.Unix(d.wall(0), 0).UTC().Weekday() }

// wall is the day and time of day as a clock without a zone, in seconds since 1970.
func (d Date) wall(secondOfDay int) int64 {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, secondOfDay, 0, time.UTC).Unix()
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
