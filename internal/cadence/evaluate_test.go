package cadence

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestStages(t *testing.T) {
	rolling := Spec{Every: "P3M", Grace: "P1W", LeadTimes: []string{"P1W", "P1M", "P1Y"}}
	quarterly := Spec{RRule: "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1", Grace: "P1W", LeadTimes: []string{"P1M"}}
	for name, test := range map[string]struct {
		spec  Spec
		input Input
		at    string
		stage Stage
		lead  string
		since string
	}{
		"rolling, long before due": {rolling, Input{Held: reviews("2025-01-15")}, "2025-03-01", Current, "", ""},
		"rolling, one second before the first lead time": {
			rolling, Input{Held: reviews("2025-01-15")}, "2025-03-15T23:59:58Z", Current, "", "",
		},
		"rolling, from the first lead time on; the lead time of a year is longer than the period and ignored": {
			rolling, Input{Held: reviews("2025-01-15")}, "2025-03-15T23:59:59Z", DueSoon, "P1M", "",
		},
		"rolling, in the last lead time": {rolling, Input{Held: reviews("2025-01-15")}, "2025-04-10", DueSoon, "P1W", ""},
		"rolling, at the due instant":    {rolling, Input{Held: reviews("2025-01-15")}, "2025-04-15", DueSoon, "P1W", ""},
		"rolling, one second after due":  {rolling, Input{Held: reviews("2025-01-15")}, "2025-04-16T00:00:00Z", StageInGrace, "", ""},
		"rolling, at the deadline":       {rolling, Input{Held: reviews("2025-01-15")}, "2025-04-22", StageInGrace, "", ""},
		"rolling, one second after the deadline": {
			rolling, Input{Held: reviews("2025-01-15")}, "2025-04-23T00:00:00Z", StageOverdue, "", "2025-04-22",
		},
		"rolling, years after the deadline": {rolling, Input{Held: reviews("2025-01-15")}, "2031-01-01", StageOverdue, "", "2025-04-22"},
		"rolling, reviewed late":            {rolling, Input{Held: reviews("2025-01-15", "2025-06-01")}, "2025-06-01", Current, "", ""},
		"calendar, overdue until the next one opens": {
			quarterly, Input{InEffectSince: ptr(day("2025-01-01"))}, "2025-04-08T00:00:00Z", StageOverdue, "", "2025-04-07",
		},
		"calendar, still overdue after the period closed as a gap": {
			quarterly, Input{InEffectSince: ptr(day("2025-01-01"))}, "2025-05-05", StageOverdue, "", "2025-04-07",
		},
		"calendar, the streak keeps its first deadline": {
			quarterly, Input{InEffectSince: ptr(day("2025-01-01"))}, "2027-05-05", StageOverdue, "", "2025-04-07",
		},
		"calendar, a review for the next period ends the streak": {
			quarterly, Input{InEffectSince: ptr(day("2025-01-01")), Held: reviews("2025-05-05")}, "2025-05-05", Current, "", "",
		},
		"calendar, a second streak has a deadline of its own": {
			quarterly, Input{InEffectSince: ptr(day("2025-01-01")), Held: reviews("2025-05-05")}, "2026-01-01", StageOverdue, "", "2025-10-07",
		},
		"calendar, a review asking for changes makes it current": {
			quarterly,
			Input{InEffectSince: ptr(day("2025-01-01")), Held: []Held{{Name: "r", HeldAt: noon("2025-03-01"), Outcome: ChangesRequired}}},
			"2025-04-20", Current, "", "",
		},
		"calendar, a skipped occurrence asks for nothing": {
			quarterly,
			Input{InEffectSince: ptr(day("2025-01-01")), Skips: map[Date]bool{day("2025-03-31"): true}},
			"2025-05-20", Current, "", "",
		},
		"calendar, a moved occurrence is due on the other day": {
			quarterly,
			Input{InEffectSince: ptr(day("2025-01-01")), Moves: map[Date]Date{day("2025-03-31"): day("2025-05-15")}},
			"2025-05-16", StageInGrace, "", "",
		},
		"nothing known but the first observation: judged from there": {
			quarterly, Input{ObservedSince: noon("2025-05-05")}, "2025-06-10", DueSoon, "P1M", "",
		},
		"nothing known but the first observation: overdue when that period is": {
			quarterly, Input{ObservedSince: noon("2025-05-05")}, "2025-07-08T00:00:00Z", StageOverdue, "", "2025-07-07",
		},
		"a change asks for an extra review in time": {
			rolling,
			Input{Held: reviews("2025-01-15"), Change: &Change{Key: "a", Since: noon("2025-02-01"), Due: noon("2025-02-15")}},
			"2025-02-08T23:59:58Z", Current, "", "",
		},
		"a change brings its own lead time": {
			rolling,
			Input{Held: reviews("2025-01-15"), Change: &Change{Key: "a", Since: noon("2025-02-01"), Due: noon("2025-02-15")}},
			"2025-02-10T00:00:00Z", DueSoon, "P1W", "",
		},
		"a change that was not reviewed is overdue": {
			rolling,
			Input{Held: reviews("2025-01-15"), Change: &Change{Key: "a", Since: noon("2025-02-01"), Due: utc("2025-02-15")}},
			"2025-02-16T00:00:00Z", StageOverdue, "", "2025-02-15",
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := test.input
			in.Requirement.Schedule = compiled(t, test.spec)
			s := Evaluate(in, utc(test.at))
			since := time.Time{}
			if test.since != "" {
				since = utc(test.since)
			}
			if s.Stage != test.stage || s.Lead.String() != test.lead || !s.OverdueSince.Equal(since) {
				t.Errorf("is %s %s since %s\n%s", s.Stage, s.Lead, s.OverdueSince, show(s))
			}
		})
	}
}

func TestWithoutScheduleAndLimitNothingIsScheduled(t *testing.T) {
	s := Evaluate(Input{InEffectSince: ptr(day("2020-01-01")), Held: reviews("2021-01-01")}, noon("2026-01-01"))
	if s.Stage != Unscheduled || len(s.Ledger) > 0 || len(s.Placements) > 0 || !s.NextChange.IsZero() {
		t.Errorf("%s, %d placements\n%s", s.Stage, len(s.Placements), show(s))
	}
}

func TestLedger(t *testing.T) {
	quarterly := Spec{RRule: "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1", Grace: "P2W"}
	rolling := Spec{Every: "P3M"}
	declared := ptr(day("2025-01-01"))
	for name, test := range map[string]struct {
		spec    Spec
		input   Input
		at      string
		want    []string
		outside []string
	}{
		"a review in each window": {
			quarterly, Input{InEffectSince: declared, Held: reviews("2025-03-01", "2025-06-01")}, "2025-06-15",
			[]string{"2025-03-31 Satisfied", "2025-06-30 Satisfied"}, nil,
		},
		"one held at the deadline is in time, grace included": {
			quarterly, Input{InEffectSince: declared, Held: []Held{{Name: "a", HeldAt: utc("2025-04-14")}}}, "2025-05-01",
			[]string{"2025-03-31 Satisfied", "2025-06-30 Open"}, nil,
		},
		"nothing held: a gap when the next one is open and the grace has ended": {
			quarterly, Input{InEffectSince: declared}, "2025-04-15T00:00:00Z",
			[]string{"2025-03-31 Gap", "2025-06-30 Open"}, nil,
		},
		"in grace while the next one is open": {
			quarterly, Input{InEffectSince: declared}, "2025-04-14",
			[]string{"2025-03-31 InGrace", "2025-06-30 Open"}, nil,
		},
		"a short window leaves time to be late": {
			Spec{RRule: "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1", OpenBefore: "P1W"},
			Input{InEffectSince: declared, Held: reviews("2025-04-20")}, "2025-05-01",
			[]string{"2025-03-31 Late"}, nil,
		},
		"a review before the window is out of period": {
			Spec{RRule: "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1", OpenBefore: "P1W"},
			Input{InEffectSince: declared, Held: reviews("2025-03-30", "2025-04-20")}, "2025-05-01",
			[]string{"2025-03-31 Satisfied"}, []string{"review-2025-04-20"},
		},
		"two reviews in a window: one counts, the other is out of period": {
			quarterly, Input{InEffectSince: declared, Held: reviews("2025-02-01", "2025-03-01")}, "2025-03-15",
			[]string{"2025-03-31 Satisfied"}, []string{"review-2025-03-01"},
		},
		"two approvals on both sides of a period's end count where the later one lies": {
			Spec{RRule: "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1"},
			Input{InEffectSince: declared, Held: first(Group([]Approval{
				{Name: "a", Reviewer: "ada", HeldAt: noon("2025-03-31")}, {Name: "b", Reviewer: "bob", HeldAt: noon("2025-04-01")},
			}, 2))},
			"2025-04-15",
			[]string{"2025-03-31 Gap", "2025-06-30 Satisfied"}, nil,
		},
		"a review that asks for changes fails its period, in time or not": {
			quarterly, Input{InEffectSince: declared, Held: []Held{
				{Name: "a", HeldAt: noon("2025-03-01"), Outcome: ChangesRequired}, {Name: "b", HeldAt: noon("2025-06-01"), Outcome: Retire},
			}}, "2025-06-15",
			[]string{"2025-03-31 Failed", "2025-06-30 Failed"}, nil,
		},
		"a skipped occurrence is waived": {
			quarterly, Input{InEffectSince: declared, Skips: map[Date]bool{day("2025-03-31"): true}}, "2025-04-20",
			[]string{"2025-03-31 Waived", "2025-06-30 Open"}, nil,
		},
		"a skipped occurrence that is reviewed all the same is satisfied": {
			quarterly,
			Input{InEffectSince: declared, Skips: map[Date]bool{day("2025-03-31"): true}, Held: reviews("2025-03-01")},
			"2025-04-20", []string{"2025-03-31 Satisfied", "2025-06-30 Open"}, nil,
		},
		"a moved occurrence that is met is satisfied under its nominal date": {
			quarterly,
			Input{InEffectSince: declared, Moves: map[Date]Date{day("2025-03-31"): day("2025-05-15")}, Held: reviews("2025-05-10")},
			"2025-05-20", []string{"2025-03-31 Satisfied", "2025-06-30 Open"}, nil,
		},
		"the period after one that was moved to an earlier day opens earlier": {
			quarterly,
			Input{InEffectSince: declared, Moves: map[Date]Date{day("2025-03-31"): day("2025-03-10")}, Held: reviews("2025-03-05", "2025-03-20")},
			"2025-03-25", []string{"2025-03-31 Satisfied", "2025-06-30 Satisfied"}, nil,
		},
		"without a declaration the first review begins the ledger": {
			quarterly, Input{Held: reviews("2025-05-05")}, "2025-07-05",
			[]string{"2025-06-30 Satisfied", "2025-09-30 Open"}, nil,
		},
		"without a declaration a first review in the grace of a period counts for that one": {
			quarterly, Input{Held: reviews("2025-04-05")}, "2025-04-20",
			[]string{"2025-03-31 Satisfied", "2025-06-30 Open"}, nil,
		},
		"before anything is known there is no ledger": {
			quarterly, Input{ObservedSince: noon("2025-01-01")}, "2026-04-20", nil, nil,
		},
		"rolling: each review closes a period and starts the next": {
			rolling, Input{InEffectSince: declared, Held: reviews("2025-03-01", "2025-08-01")}, "2025-08-02",
			[]string{"from-2025-01-01 Satisfied", "from-2025-03-01 Late", "from-2025-08-01 Open"}, nil,
		},
		"rolling: without a declaration the first review starts the first period": {
			rolling, Input{Held: reviews("2025-03-01", "2025-05-01")}, "2025-05-02",
			[]string{"from-2025-03-01 Satisfied", "from-2025-05-01 Open"}, []string{"review-2025-03-01"},
		},
		"rolling: two reviews on one day": {
			rolling,
			Input{InEffectSince: declared, Held: []Held{
				{Name: "a", HeldAt: noon("2025-03-01")}, {Name: "b", HeldAt: noon("2025-03-01").Add(time.Hour)},
			}},
			"2025-03-02",
			[]string{"from-2025-01-01 Satisfied", "from-2025-03-01 Satisfied", "from-2025-03-01-2 Open"}, nil,
		},
		"rolling: a skipped occurrence is waived and the next counts from it": {
			rolling, Input{InEffectSince: declared, Skips: map[Date]bool{day("2025-04-01"): true}}, "2025-05-01",
			[]string{"from-2025-01-01 Waived", "from-2025-04-01 Open"}, nil,
		},
		"rolling: the period after a skipped one counts from its nominal date, not from the day it rolled to": {
			Spec{Every: "P3M", BusinessDays: BusinessDays{Weekend: []time.Weekday{0, 6}, Roll: RollFollowing}},
			Input{InEffectSince: ptr(day("2025-01-05")), Skips: map[Date]bool{day("2025-04-05"): true}}, "2025-05-01",
			[]string{"from-2025-01-05 Waived", "from-2025-04-05 Open"}, nil,
		},
		"without a declaration a first review counts for the oldest occurrence in grace": {
			Spec{RRule: "FREQ=WEEKLY;BYDAY=MO,TU,WE", Grace: "P2D"}, Input{Held: reviews("2025-04-02")}, "2025-04-02",
			[]string{"2025-03-31 Satisfied", "2025-04-01 InGrace", "2025-04-02 Open"}, nil,
		},
		"a review older than the declaration begins the ledger as if there were none": {
			quarterly, Input{InEffectSince: ptr(day("2025-06-01")), Held: reviews("2025-04-05")}, "2025-04-20",
			[]string{"2025-03-31 Satisfied", "2025-06-30 Open"}, nil,
		},
		"rolling: nothing held: overdue for as long as it takes": {
			rolling, Input{InEffectSince: declared}, "2035-01-01", []string{"from-2025-01-01 Overdue"}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := test.input
			in.Requirement.Schedule = compiled(t, test.spec)
			s := Evaluate(in, utc(test.at))
			if got := entryStates(s); !slices.Equal(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
			for name, p := range s.Placements {
				if p.OutOfPeriod != slices.Contains(test.outside, name) {
					t.Errorf("%s is placed %+v", name, p)
				}
			}
		})
	}
}

func TestAFullReviewIsLateAfterTheLimitWhateverTheCadenceGives(t *testing.T) {
	for name, test := range map[string]struct {
		held  string
		state PeriodState
	}{
		"on the last day of the limit": {"2025-01-10", Satisfied},
		"on the day after":             {"2025-01-11", Late},
	} {
		t.Run(name, func(t *testing.T) {
			in := Input{Requirement: annualFull(compiled(t, Spec{Every: "P24M", Grace: "P6M"})), Held: reviews("2024-01-10", test.held)}
			s := Evaluate(in, noon("2025-02-01"))
			if e := s.Ledger[0]; e.State != test.state || !e.Deadline.Equal(utc("2025-01-10")) || !e.Due.Equal(utc("2026-01-10")) {
				t.Errorf("%+v", e)
			}
		})
	}
}

func TestEveryMemberOfAGroupIsPlacedWithIt(t *testing.T) {
	in := Input{
		Requirement:   Requirement{Schedule: compiled(t, Spec{Every: "P1M"})},
		InEffectSince: ptr(day("2025-01-01")),
		Held:          []Held{{Name: "b", HeldAt: noon("2025-01-20"), Members: []string{"a", "b"}}},
	}
	s := Evaluate(in, noon("2025-01-21"))
	want := Placement{PeriodID: "from-2025-01-01", State: Satisfied}
	if len(s.Placements) != 2 || s.Placements["a"] != want || s.Placements["b"] != want {
		t.Errorf("%+v", s.Placements)
	}
}

func first(held []Held, _ []string) []Held { return held }

func TestTheLedgerKeepsTwelvePeriodsOrTwoYearsAndCountsTheRest(t *testing.T) {
	for name, test := range map[string]struct {
		spec    Spec
		since   string
		entries int
		oldest  string
		totals  Totals
	}{
		"an annual one keeps twelve":             {Spec{RRule: "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"}, "2006-01-01", 12, "2014-12-31", Totals{Gap: 19}},
		"a monthly one keeps two years":          {Spec{RRule: "FREQ=MONTHLY;BYMONTHDAY=1"}, "2006-01-01", 25, "2023-07-01", Totals{Gap: 234}},
		"a weekly one keeps sixty":               {Spec{RRule: "FREQ=WEEKLY;BYDAY=MO"}, "2024-01-01", 60, "2024-05-06", Totals{Gap: 77}},
		"a century is judged from the year 2000": {Spec{RRule: "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"}, "1905-01-01", 12, "2014-12-31", Totals{Gap: 25}},
	} {
		t.Run(name, func(t *testing.T) {
			in := Input{Requirement: Requirement{Schedule: compiled(t, test.spec)}, InEffectSince: ptr(day(test.since))}
			s := Evaluate(in, noon("2025-06-20"))
			if len(s.Ledger) != test.entries || s.Ledger[0].ID != test.oldest || s.Totals != test.totals {
				t.Errorf("%d entries from %s, totals %+v", len(s.Ledger), s.Ledger[0].ID, s.Totals)
			}
		})
	}
}

func TestMovesAndSkipsOfWhatIsNoOccurrenceAreSaid(t *testing.T) {
	in := Input{
		Requirement:   Requirement{Schedule: compiled(t, Spec{RRule: "FREQ=MONTHLY;BYMONTHDAY=-1"})},
		InEffectSince: ptr(day("2025-01-01")),
		Skips:         map[Date]bool{day("2025-02-27"): true, day("2031-02-28"): true, day("2025-02-01"): false},
		Moves: map[Date]Date{
			day("2025-03-30"): day("2025-04-02"), // no occurrence
			day("2025-03-31"): day("2025-05-01"), // past the next
			day("2025-04-30"): day("2025-03-31"), // not after the one before
			day("2025-05-31"): day("2025-06-05"),
		},
	}
	s := Evaluate(in, noon("2025-05-20"))
	if want := []Date{day("2025-02-27"), day("2025-03-30")}; !slices.Equal(s.UnknownOccurrences, want) {
		t.Errorf("unknown %v, want %v", s.UnknownOccurrences, want)
	}
	if want := []Date{day("2025-03-31"), day("2025-04-30")}; !slices.Equal(s.InvalidMoves, want) {
		t.Errorf("invalid %v, want %v", s.InvalidMoves, want)
	}
	if !s.Due.Equal(utc("2025-06-05")) {
		t.Errorf("due %s", s.Due)
	}
}

func TestAReviewThatArrivesLateAmendsItsEntry(t *testing.T) {
	for name, spec := range map[string]Spec{
		"calendar": {RRule: "FREQ=MONTHLY;BYMONTHDAY=-1"},
		"rolling":  {Every: "P1M"},
	} {
		t.Run(name, func(t *testing.T) {
			in := Input{
				Requirement:   Requirement{Schedule: compiled(t, spec)},
				InEffectSince: ptr(day("2025-01-01")),
				Held:          reviews("2025-03-20"),
			}
			state := Evaluate(in, noon("2025-03-21"))
			in.Prev = &state
			in.Held = reviews("2025-01-20", "2025-03-20")
			state = Evaluate(in, noon("2025-03-22"))
			if e := state.Ledger[0]; e.State != Satisfied || !e.Amended || e.ClosedBy != "review-2025-01-20" {
				t.Errorf("first entry %+v", e)
			}
			if e := state.Ledger[len(state.Ledger)-1]; e.Amended {
				t.Errorf("last entry %+v", e)
			}
			in.Prev = &state
			if state = Evaluate(in, noon("2025-03-23")); !state.Ledger[0].Amended {
				t.Error("the mark was lost")
			}
			in.Prev = nil
			if again := Evaluate(in, noon("2025-03-23")); again.Totals != state.Totals || again.Ledger[0].Amended {
				t.Errorf("from scratch: %+v, first %+v", again.Totals, again.Ledger[0])
			}
		})
	}
}
