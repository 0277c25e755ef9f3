package cadence

import (
	"testing"
	"time"
)

// The limit cannot be walked around: each subject below is judged when its last full review is twelve months old.
func TestTheLimitCannotBeWalkedAround(t *testing.T) {
	annual := Spec{Every: "P12M"}
	endOfYear := Spec{RRule: "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"}
	with := func(s Spec, edit func(*Spec)) Spec { edit(&s); return s }
	for name, test := range map[string]struct {
		spec     *Spec // nil: the cadence cannot be computed
		input    Input
		inTime   string // the last second in which it is not overdue; empty: never
		basis    AgeBasis
		graceCut bool
	}{
		"a weekly checkpoint is no full review: the limit runs from inEffectSince": {
			spec:   &annual,
			input:  Input{InEffectSince: ptr(day("2025-01-10")), EarliestReview: ptr(noon("2025-03-01"))},
			inTime: "2026-01-10T23:59:59Z", basis: Declared,
		},
		"a weekly checkpoint and no inEffectSince: of unknown age, overdue at once": {
			spec:  &annual,
			input: Input{EarliestReview: ptr(noon("2025-03-01"))},
			basis: Unknown,
		},
		"an older review of any kind moves inEffectSince back": {
			input:  Input{InEffectSince: ptr(day("2025-06-01")), EarliestReview: ptr(noon("2025-03-01"))},
			inTime: "2026-03-01T23:59:59Z", basis: Declared,
		},
		"openBefore P12M, reviewed at the start of the window": {
			spec:   ptr(with(endOfYear, func(s *Spec) { s.OpenBefore = "P12M" })),
			input:  Input{Held: reviews("2025-01-02")},
			inTime: "2026-01-02T23:59:59Z", basis: Reviewed, graceCut: true,
		},
		"a grace of a year": {
			spec:   ptr(with(annual, func(s *Spec) { s.Grace = "P12M" })),
			input:  Input{Held: reviews("2025-01-02")},
			inTime: "2026-01-02T23:59:59Z", basis: Reviewed, graceCut: true,
		},
		"a cadence of two years": {
			spec:   &Spec{Every: "P24M"},
			input:  Input{Held: reviews("2025-01-02")},
			inTime: "2026-01-02T23:59:59Z", basis: Reviewed, graceCut: true,
		},
		"a dangling cadence, once reviewed": {
			input:  Input{Held: reviews("2025-01-02")},
			inTime: "2026-01-02T23:59:59Z", basis: Reviewed,
		},
		"a dangling cadence, never reviewed": {
			input:  Input{InEffectSince: ptr(day("2025-01-02"))},
			inTime: "2026-01-02T23:59:59Z", basis: Declared,
		},
		"a dangling cadence of unknown age": {
			basis: Unknown,
		},
		"a Calendar cadence reviewed at the start of one window and at the end of the next": {
			spec:   &endOfYear,
			input:  Input{Held: reviews("2025-01-02", "2026-12-31")},
			inTime: "2026-01-02T23:59:59Z", basis: Reviewed, graceCut: true,
		},
		"an occurrence moved to the end of the year after": {
			spec:   ptr(with(endOfYear, func(s *Spec) { s.OpenBefore = "P1M" })),
			input:  Input{Held: reviews("2024-12-10"), Moves: map[Date]Date{day("2025-12-31"): day("2026-12-30")}},
			inTime: "2025-12-10T23:59:59Z", basis: Reviewed, graceCut: true,
		},
		"an occurrence skipped": {
			spec:   ptr(with(endOfYear, func(s *Spec) { s.OpenBefore = "P1M" })),
			input:  Input{Held: reviews("2024-12-10"), Skips: map[Date]bool{day("2025-12-31"): true}},
			inTime: "2025-12-10T23:59:59Z", basis: Reviewed, graceCut: true,
		},
		"a limit ends with the local day, in the schedule's own zone": {
			spec:   ptr(with(annual, func(s *Spec) { s.TimeZone = "Asia/Tokyo" })),
			input:  Input{Held: reviews("2025-01-02")},
			inTime: "2026-01-02T14:59:59Z", basis: Reviewed,
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := test.input
			in.ObservedSince = noon("2025-05-05")
			in.Requirement = annualFull(nil)
			if test.spec != nil {
				in.Requirement.Schedule = compiled(t, *test.spec)
			}
			if test.inTime == "" {
				s := Evaluate(in, in.ObservedSince)
				if s.Stage != StageOverdue || !s.OverdueSince.Equal(in.ObservedSince) || s.AgeBasis != Unknown {
					t.Errorf("is %s since %s with basis %s", s.Stage, s.OverdueSince, s.AgeBasis)
				}
				return
			}
			end := utc(test.inTime)
			before, after := Evaluate(in, end), Evaluate(in, end.Add(time.Second))
			if before.Stage == StageOverdue || before.AgeBasis != test.basis || before.GraceCut != test.graceCut {
				t.Errorf("in time: %s, basis %s, grace cut %v", before.Stage, before.AgeBasis, before.GraceCut)
			}
			if after.Stage != StageOverdue || !after.OverdueSince.Equal(end) {
				t.Errorf("one second later: %s since %s", after.Stage, after.OverdueSince)
			}
		})
	}
}

func TestALimitThatEndsBeforeThePeriodOpensIsNoVerdictOnThePeriod(t *testing.T) {
	in := Input{
		Requirement: annualFull(compiled(t, Spec{RRule: "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", OpenBefore: "P1M"})),
		Held:        reviews("2024-12-10"),
		Skips:       map[Date]bool{day("2025-12-31"): true},
	}
	s := Evaluate(in, noon("2026-01-10"))
	if s.Stage != StageOverdue || s.Current.ID != "2026-12-31" || s.Current.State != Open {
		t.Errorf("%s\n%s", s.Stage, show(s))
	}
}

func TestReviewsOfAnotherFullRequirementRestartTheLimitAlone(t *testing.T) {
	in := Input{
		Requirement: annualFull(compiled(t, Spec{Every: "P24M"})),
		Held:        reviews("2024-01-10"),
		FullHeld:    []time.Time{noon("2024-12-01")},
	}
	s := Evaluate(in, noon("2025-06-01"))
	if s.Stage != Current || !s.LimitDeadline.Equal(utc("2025-12-01")) || !s.Deadline.Equal(utc("2025-12-01")) {
		t.Errorf("limit restarted: %s, limit %s, deadline %s", s.Stage, s.LimitDeadline, s.Deadline)
	}
	in.FullHeld = append(in.FullHeld, noon("2025-12-01"))
	if s = Evaluate(in, noon("2026-02-01")); s.Stage != StageOverdue || !s.OverdueSince.Equal(utc("2026-01-10")) {
		t.Errorf("its own cadence was missed: %s since %s", s.Stage, s.OverdueSince)
	}
}

// An annual Calendar cadence that is reviewed a little earlier each year: the limit creeps, because it is elapsed time,
// but every period stays curable and no review is lost.
func TestAnAnnualCalendarReviewedEarlyEachYearStaysCurable(t *testing.T) {
	in := Input{Requirement: annualFull(compiled(t, Spec{
		RRule: "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", OpenBefore: "P2M", Grace: "P1M",
	}))}
	held := day("2015-12-30")
	for year := range 10 {
		in.Held = append(in.Held, reviews(held.String())...)
		s := Evaluate(in, noon(held.String()))
		if s.Stage == StageOverdue {
			t.Fatalf("year %d: overdue on the day of the review, since %s", year, s.OverdueSince)
		}
		if want := utc(held.AddMonths(12).String()); !s.LimitDeadline.Equal(want) {
			t.Fatalf("year %d: the limit ends %s, want %s", year, s.LimitDeadline, want)
		}
		if s.Current.Opens.After(s.Deadline) {
			t.Fatalf("year %d: the next period opens at %s, after its deadline %s", year, s.Current.Opens, s.Deadline)
		}
		held = held.AddMonths(12).AddDays(-5)
	}
	s := Evaluate(in, noon("2024-12-31"))
	if want := (Totals{Satisfied: 10}); s.Totals != want {
		t.Errorf("totals %+v, want %+v", s.Totals, want)
	}
}

// One reviewed in the first days of its window each year: the next window opens before the limit ends.
func TestAnAnnualCalendarReviewedAsSoonAsItOpensStaysCurable(t *testing.T) {
	in := Input{Requirement: annualFull(compiled(t, Spec{RRule: "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"}))}
	opens := utc("2016-01-01T00:00:00Z")
	for year := range 12 {
		in.Held = append(in.Held, Held{Name: opens.Format(time.DateOnly), HeldAt: opens, Outcome: Approved})
		s := Evaluate(in, opens)
		if s.Stage == StageOverdue || s.Current.Opens.After(s.Deadline) {
			t.Fatalf("year %d: %s, next opens %s, deadline %s", year, s.Stage, s.Current.Opens, s.Deadline)
		}
		opens = s.Current.Opens
	}
}
