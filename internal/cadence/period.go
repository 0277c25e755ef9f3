package cadence

import (
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Period is a calendar period: years, months, weeks and days, none negative. The zero Period is none.
type Period struct {
	Years, Months, Weeks, Days int
}

var periodPattern = regexp.MustCompile(`^P(?:(\d{1,2})Y)?(?:(\d{1,3})M)?(?:(\d{1,3})W)?(?:(\d{1,4})D)?$`)

// ParsePeriod reads an ISO 8601 period of dates, as in P12M, P1W or P90D. A period of zero is an error.
func ParsePeriod(s string) (Period, error) {
	parts := periodPattern.FindStringSubmatch(s)
	if parts == nil {
		return Period{}, fmt.Errorf("%q is not a period: write years, months, weeks or days, as in P12M, P1W or P90D", s)
	}
	var numbers [4]int
	for i, digits := range parts[1:] {
		// The pattern admits at most four digits, so the only failure is an absent part, which is 0.
		numbers[i], _ = strconv.Atoi(digits)
	}
	p := Period{Years: numbers[0], Months: numbers[1], Weeks: numbers[2], Days: numbers[3]}
	if p.IsZero() {
		return Period{}, fmt.Errorf("the period %q is zero: write at least P1D", s)
	}
	return p, nil
}

// String writes the period as ParsePeriod reads it; the zero Period is the empty string.
func (p Period) String() string {
	if p.IsZero() {
		return ""
	}
	var b strings.Builder
	b.WriteByte('P')
	for _, part := range []struct {
		n    int
		unit byte
	}{{p.Years, 'Y'}, {p.Months, 'M'}, {p.Weeks, 'W'}, {p.Days, 'D'}} {
		if part.n != 0 {
			b.WriteString(strconv.Itoa(part.n))
			b.WriteByte(part.unit)
		}
	}
	return b.String()
}

// MarshalText lets a Period be a JSON string.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (p *Period) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*p = Period{}
		return nil
	}
	parsed, err := ParsePeriod(string(text))
	if err != nil {
		return err
	}
	*p = parsed
	return nil
}

// IsZero says whether the period is none.
func (p Period) IsZero() bool { return p == Period{} }

// AddTo is d + n·p computed from d in one go, so that the anchor day is kept: 31 January plus two times P1M is
// 31 March although plus one is 28 February. n may be negative.
func (p Period) AddTo(d Date, n int) Date {
	return d.AddMonths(n * (12*p.Years + p.Months)).AddDays(n * (7*p.Weeks + p.Days))
}

// Before is d - p.
func (p Period) Before(d Date) Date { return p.AddTo(d, -1) }

// From is the instant n periods after another one, in the same second of the UTC day and counted in one go as AddTo does.
func (p Period) From(start time.Time, n int) time.Time {
	start = start.UTC()
	day := p.AddTo(dateOf(start), n)
	return time.Date(day.Year, day.Month, day.Day, start.Hour(), start.Minute(), start.Second(), 0, time.UTC)
}

// Within counts the whole periods between two instants: the greatest n for which From(start, n) is not after end, at least 0.
// The period must not be zero.
func (p Period) Within(start, end time.Time) int {
	// No period is shorter than a day, and from each day on the next one is later still.
	days := int(end.Sub(start)/(secondsPerDay*time.Second)) + 1
	return sort.Search(max(days, 0), func(n int) bool { return p.From(start, n+1).After(end) })
}

// CompareAt compares the lengths of two periods that begin on day d.
func (p Period) CompareAt(q Period, d Date) int { return p.AddTo(d, 1).Compare(q.AddTo(d, 1)) }
