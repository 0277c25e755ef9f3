package cadence

import (
	"slices"
	"testing"
	"time"
)

func TestAPeriodKeepsItsAnchorDay(t *testing.T) {
	for name, test := range map[string]struct {
		period, from string
		want         []string // plus 1, 2, 3 times the period, and minus once
	}{
		"31 January, monthly":                {"P1M", "2025-01-31", []string{"2025-02-28", "2025-03-31", "2025-04-30", "2024-12-31"}},
		"29 February, yearly":                {"P1Y", "2024-02-29", []string{"2025-02-28", "2026-02-28", "2027-02-28", "2023-02-28"}},
		"29 February, a year and a month":    {"P1Y1M", "2024-02-29", []string{"2025-03-29", "2026-04-29", "2027-05-29", "2023-01-29"}},
		"months first, then days":            {"P1M1D", "2025-01-31", []string{"2025-03-01", "2025-04-02", "2025-05-03", "2024-12-30"}},
		"weeks are seven days, in any month": {"P2W", "2025-02-20", []string{"2025-03-06", "2025-03-20", "2025-04-03", "2025-02-06"}},
		"across the turn of the year":        {"P5M", "2025-10-31", []string{"2026-03-31", "2026-08-31", "2027-01-31", "2025-05-31"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, from := mustPeriod(test.period), day(test.from)
			var got []string
			for _, n := range []int{1, 2, 3, -1} {
				got = append(got, p.AddTo(from, n).String())
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestPeriodsAreComparedWhereTheyBegin(t *testing.T) {
	month, days := mustPeriod("P1M"), mustPeriod("P30D")
	if month.CompareAt(days, day("2025-02-01")) >= 0 || month.CompareAt(days, day("2025-04-01")) != 0 || month.CompareAt(days, day("2025-03-01")) <= 0 {
		t.Error("a month is shorter than, as long as, and longer than 30 days, in turn")
	}
}

func TestInstantsDoNotDependOnTheMachine(t *testing.T) {
	loc, err := loadZone("Pacific/Apia")
	if err != nil {
		t.Fatal(err)
	}
	// Past the end of the zone's table, on the last day of a leap year.
	want := time.Date(2040, time.December, 31, 10, 59, 59, 0, time.UTC)
	if got := instant(day("2040-12-31"), secondsPerDay-1, loc); !got.Equal(want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAWholePeriodEndsInTheSameSecond(t *testing.T) {
	for name, test := range map[string]struct {
		period, start string
		end           []string // of the first period, of the second, ...
	}{
		"30 November, quarterly: the last day of February, and 30 May again": {
			"P3M", "2025-11-30T10:20:30Z", []string{"2026-02-28T10:20:30Z", "2026-05-30T10:20:30Z", "2026-08-30T10:20:30Z"}},
		"30 November before a leap day": {"P3M", "2023-11-30T00:00:00Z", []string{"2024-02-29T00:00:00Z", "2024-05-30T00:00:00Z"}},
		"a leap day, yearly":            {"P12M", "2024-02-29T23:59:59Z", []string{"2025-02-28T23:59:59Z", "2026-02-28T23:59:59Z", "2027-02-28T23:59:59Z", "2028-02-29T23:59:59Z"}},
		"a day, at the turn of a year":  {"P1D", "2024-12-31T12:00:00Z", []string{"2025-01-01T12:00:00Z", "2025-01-02T12:00:00Z"}},
		"a month and a day, from the 31st": {
			"P1M1D", "2025-01-31T00:00:00Z", []string{"2025-03-01T00:00:00Z", "2025-04-02T00:00:00Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, start := mustPeriod(test.period), utc(test.start)
			for i, text := range test.end {
				end := utc(text)
				if got := p.From(start, i+1); !got.Equal(end) {
					t.Errorf("period %d ends at %s, want %s", i+1, got, end)
				}
				if before, at := p.Within(start, end.Add(-time.Second)), p.Within(start, end); before != i || at != i+1 {
					t.Errorf("%d whole periods a second before %s and %d then, want %d and %d", before, text, at, i, i+1)
				}
			}
			if before := p.Within(start, start.Add(-time.Hour)); before != 0 {
				t.Errorf("%d whole periods before it began", before)
			}
		})
	}
}
