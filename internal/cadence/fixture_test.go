package cadence

import (
	"testing"
	"time"
)

// compiled is a schedule that a test takes for granted.
func compiled(t testing.TB, spec Spec) *Schedule {
	t.Helper()
	s, err := Compile(spec)
	if err != nil {
		t.Fatalf("compiling %+v: %v", spec, err)
	}
	return s
}

// day is a date that a test takes for granted.
func day(text string) Date {
	d, err := ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// utc is an instant: a date (its last second) or a full RFC 3339 time.
func utc(text string) time.Time {
	if len(text) == len(time.DateOnly) {
		text += "T23:59:59Z"
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// noon is twelve o'clock UTC of a date.
func noon(date string) time.Time { return utc(date + "T12:00:00Z") }

// ptr is for optional fields.
func ptr[T any](v T) *T { return &v }

// reviews are approvals at noon of some dates, each named after its date.
func reviews(dates ...string) []Held {
	var held []Held
	for _, d := range dates {
		held = append(held, Held{Name: "review-" + d, HeldAt: noon(d), Outcome: Approved})
	}
	return held
}

// mustPeriod is a period that a test takes for granted.
func mustPeriod(text string) Period {
	p, err := ParsePeriod(text)
	if err != nil {
		panic(err)
	}
	return p
}

// annualFull is a Full requirement with the usual limit.
func annualFull(s *Schedule) Requirement {
	return Requirement{Schedule: s, Full: true, Limit: mustPeriod("P12M")}
}

// entryStates is a ledger as text: one "id state" a period.
func entryStates(s State) []string {
	var out []string
	for _, e := range s.Ledger {
		out = append(out, e.ID+" "+string(e.State))
	}
	return out
}
