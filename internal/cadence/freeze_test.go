package cadence

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// edit is one step of a story: from an instant on, another cadence (nil: none that can be computed).
type edit struct {
	at   string
	spec *Spec
}

func TestEditsOfACadence(t *testing.T) {
	monthEnd := &Spec{RRule: "FREQ=MONTHLY;BYMONTHDAY=-1"}
	quarterEnd := &Spec{RRule: "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1"}
	quarterEndWithGrace := &Spec{RRule: "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1", Grace: "P1M"}
	monthly, quarterly, biennial := &Spec{Every: "P1M"}, &Spec{Every: "P3M"}, &Spec{Every: "P24M"}
	for name, test := range map[string]struct {
		edits []edit
		held  []string
		at    string
		stage Stage
		since string
		want  []string
	}{
		"rolling, not yet due: the running period is recomputed": {
			[]edit{{"2025-01-05", monthly}, {"2025-01-20", quarterly}}, nil, "2025-02-20",
			Current, "", []string{"from-2025-01-01 Open"},
		},
		"rolling, not yet due and much shorter: overdue since the new deadline": {
			[]edit{{"2025-01-05", quarterly}, {"2025-03-20", monthly}}, nil, "2025-03-20",
			StageOverdue, "2025-02-01", []string{"from-2025-01-01 Overdue"},
		},
		"rolling, overdue: a longer cadence does not help": {
			[]edit{{"2025-01-05", monthly}, {"2025-02-20", biennial}}, nil, "2025-12-01",
			StageOverdue, "2025-02-01", []string{"from-2025-01-01 Overdue"},
		},
		"rolling, overdue: the review is late, and the new cadence counts from it": {
			[]edit{{"2025-01-05", monthly}, {"2025-02-20", quarterly}}, []string{"2025-03-01"}, "2025-05-15",
			Current, "", []string{"from-2025-01-01 Late", "from-2025-03-01 Open"},
		},
		"rolling, in a skipped period: a review held in it counts all the same": {
			[]edit{{"2025-04-05", monthly}, {"2025-04-20", quarterly}}, []string{"2025-04-02", "2025-04-25"}, "2025-04-26",
			Current, "", []string{"from-2025-01-01 Late", "from-2025-04-02 Satisfied", "from-2025-04-25 Open"},
		},
		"rolling, what was closed stays as it was judged": {
			[]edit{{"2025-01-05", monthly}, {"2025-04-20", biennial}}, []string{"2025-01-20", "2025-03-20", "2025-04-10"}, "2025-05-01",
			Current, "", []string{"from-2025-01-01 Satisfied", "from-2025-01-20 Late", "from-2025-03-20 Satisfied", "from-2025-04-10 Open"},
		},
		"calendar, not yet due: the new occurrences count from the edit on": {
			[]edit{{"2025-01-05", quarterEnd}, {"2025-02-10", monthEnd}}, []string{"2025-02-15"}, "2025-03-10",
			Current, "", []string{"2025-02-28 Satisfied", "2025-03-31 Open"},
		},
		"calendar, in grace: the grace runs out all the same": {
			[]edit{{"2025-01-05", quarterEndWithGrace}, {"2025-04-10", &Spec{RRule: "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", OpenBefore: "P1M"}}},
			nil, "2025-06-01",
			StageOverdue, "2025-04-30", []string{"2025-03-31 Overdue"},
		},
		"calendar, overdue by a gap: stays overdue under another calendar": {
			[]edit{{"2025-01-05", monthEnd}, {"2025-02-10", quarterEnd}}, nil, "2025-03-01",
			StageOverdue, "2025-01-31", []string{"2025-01-31 Gap", "2025-03-31 Open"},
		},
		"calendar, overdue by a gap: a review ends it": {
			[]edit{{"2025-01-05", monthEnd}, {"2025-02-10", quarterEnd}}, []string{"2025-03-01"}, "2025-03-02",
			Current, "", []string{"2025-01-31 Gap", "2025-03-31 Satisfied"},
		},
		"calendar, a due time moved within the day makes no second period of the same date": {
			[]edit{{"2025-01-05", &Spec{RRule: "FREQ=MONTHLY;BYMONTHDAY=-1", DueTime: "09:00:00"}}, {"2025-01-31T12:00:00Z", monthEnd}},
			nil, "2025-02-10",
			StageOverdue, "2025-01-31T09:00:00Z", []string{"2025-01-31 Gap", "2025-02-28 Open"},
		},
		"calendar to rolling, overdue: waits for the review": {
			[]edit{{"2025-01-05", &Spec{RRule: "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=31", OpenBefore: "P1M"}}, {"2025-02-10", monthly}},
			nil, "2025-08-01",
			StageOverdue, "2025-01-31", []string{"2025-01-31 Overdue"},
		},
		"rolling to calendar, overdue: late until the next occurrence opens": {
			[]edit{{"2025-01-05", monthly}, {"2025-02-10", &Spec{RRule: "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", OpenBefore: "P1M"}}},
			[]string{"2025-03-01"}, "2025-04-01",
			Current, "", []string{"from-2025-01-01 Late"},
		},
		"rolling to calendar, in grace: the grace runs out all the same": {
			[]edit{
				{"2025-01-05", &Spec{Every: "P1M", Grace: "P2W"}},
				{"2025-02-10", &Spec{RRule: "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31", OpenBefore: "P1M"}},
			},
			nil, "2025-04-01",
			StageOverdue, "2025-02-15", []string{"from-2025-01-01 Overdue"},
		},
		"a cadence that is lost while overdue: stays overdue": {
			[]edit{{"2025-01-05", monthEnd}, {"2025-02-10", nil}}, nil, "2025-08-01",
			StageOverdue, "2025-01-31", []string{"2025-01-31 Gap"},
		},
		"a cadence that is lost while overdue, reviewed: nothing is scheduled": {
			[]edit{{"2025-01-05", monthEnd}, {"2025-02-10", nil}}, []string{"2025-03-01"}, "2025-08-01",
			Unscheduled, "", []string{"2025-01-31 Gap"},
		},
		"a cadence that is lost and comes back: what fell due meanwhile was missed": {
			[]edit{{"2025-01-05", monthEnd}, {"2025-02-10", nil}, {"2025-05-10", monthEnd}}, []string{"2025-01-10", "2025-02-05"}, "2025-05-15",
			StageOverdue, "2025-03-31",
			[]string{"2025-01-31 Satisfied", "2025-02-28 Satisfied", "2025-03-31 Gap", "2025-04-30 Gap", "2025-05-31 Open"},
		},
		"a cadence that was missing at first counts from inEffectSince": {
			[]edit{{"2025-01-05", nil}, {"2025-02-10", monthEnd}}, nil, "2025-02-15",
			StageOverdue, "2025-01-31", []string{"2025-01-31 Gap", "2025-02-28 Open"},
		},
		"two edits in a row": {
			[]edit{{"2025-01-05", monthEnd}, {"2025-02-10", quarterEnd}, {"2025-02-20", biennial}}, nil, "2025-04-20",
			StageOverdue, "2025-01-31", []string{"2025-01-31 Gap", "from-2025-01-01 Open"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := Input{
				InEffectSince: ptr(day("2025-01-01")), Held: reviews(test.held...),
				Skips: map[Date]bool{day("2025-05-02"): true},
			}
			s := story(t, in, test.edits, utc(test.at))
			since := time.Time{}
			if test.since != "" {
				since = utc(test.since)
			}
			if s.Stage != test.stage || !s.OverdueSince.Equal(since) {
				t.Errorf("is %s since %s, want %s since %s", s.Stage, s.OverdueSince, test.stage, since)
			}
			if got := entryStates(s); !slices.Equal(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

// story lets a subject live through the edits, woken up whenever its state asks for it.
func story(t *testing.T, in Input, edits []edit, end time.Time) State {
	t.Helper()
	var s State
	for i, e := range edits {
		in.Requirement.Schedule = nil
		if e.spec != nil {
			in.Requirement.Schedule = compiled(t, *e.spec)
		}
		until := end
		if i+1 < len(edits) {
			until = utc(edits[i+1].at).Add(-time.Second)
		}
		for now := utc(e.at); ; now = s.NextChange {
			s = Evaluate(in, now)
			prev := s
			in.Prev = &prev
			if s.NextChange.IsZero() || s.NextChange.After(until) {
				break
			}
		}
	}
	return s
}

func TestALongerLimitDoesNotEndWhatTheShorterOneSaid(t *testing.T) {
	in := Input{Requirement: annualFull(nil), Held: reviews("2024-01-10")}
	state := Evaluate(in, noon("2025-02-01"))
	in.Prev = &state
	in.Requirement.Limit = mustPeriod("P36M")
	for _, at := range []string{"2025-02-02", "2025-03-01", "2026-01-01"} {
		state = Evaluate(in, noon(at))
		prev := state
		in.Prev = &prev
		if state.Stage != StageOverdue || !state.OverdueSince.Equal(utc("2025-01-10")) {
			t.Fatalf("at %s: %s since %s", at, state.Stage, state.OverdueSince)
		}
	}
	in.Held = reviews("2024-01-10", "2026-01-05")
	if state = Evaluate(in, noon("2026-01-06")); state.Stage != Current || !state.LimitDeadline.Equal(utc("2029-01-05")) {
		t.Errorf("reviewed: %s, limit %s", state.Stage, state.LimitDeadline)
	}
}

func TestALimitThatPassedBeforeAnEditSurvivesTheNextOne(t *testing.T) {
	in := Input{Requirement: annualFull(nil), Held: reviews("2024-01-10")}
	state := Evaluate(in, noon("2025-02-01"))
	for month, limit := range []string{"P36M", "P24M", "P30M"} {
		prev := state
		in.Prev, in.Requirement.Limit = &prev, mustPeriod(limit)
		if state = Evaluate(in, noon("2025-02-02").AddDate(0, month, 0)); !state.OverdueSince.Equal(utc("2025-01-10")) {
			t.Fatalf("limit %s: %s since %s", limit, state.Stage, state.OverdueSince)
		}
	}
	in.Prev, in.Held = &state, reviews("2024-01-10", "2024-12-20")
	if s := Evaluate(in, noon("2025-06-01")); s.Stage != Current {
		t.Errorf("a review from before the limit ended arrived: %s since %s", s.Stage, s.OverdueSince)
	}
}

func TestAFrozenOccurrenceCanBeSkipped(t *testing.T) {
	in := Input{InEffectSince: ptr(day("2025-01-01"))}
	edits := []edit{{"2025-01-05", &Spec{RRule: "FREQ=MONTHLY;BYMONTHDAY=-1"}}, {"2025-02-10", &Spec{Every: "P12M"}}}
	state := story(t, in, edits, noon("2025-02-11"))
	in.Prev, in.Skips = &state, map[Date]bool{day("2025-01-31"): true, day("2025-06-30"): true}
	in.Requirement.Schedule = compiled(t, *edits[1].spec)
	s := Evaluate(in, noon("2025-02-12"))
	if s.Stage != Current || s.Ledger[0].State != Waived {
		t.Errorf("%s, %v", s.Stage, entryStates(s))
	}
	if want := []Date{day("2025-06-30")}; !slices.Equal(s.UnknownOccurrences, want) {
		t.Errorf("unknown %v, want %v: the other one lies before the edit", s.UnknownOccurrences, want)
	}
}

func TestAnExtraPeriodDoesNotOutliveItsChangeThroughAnEdit(t *testing.T) {
	in := Input{
		Requirement:   Requirement{Schedule: compiled(t, Spec{Every: "P12M"})},
		InEffectSince: ptr(day("2025-01-01")),
		Change:        &Change{Key: "abc", Since: noon("2025-02-01"), Due: utc("2025-03-01")},
	}
	state := Evaluate(in, noon("2025-03-10"))
	in.Prev, in.Requirement.Schedule, in.Change = &state, compiled(t, Spec{Every: "P6M"}), nil
	if s := Evaluate(in, noon("2025-03-11")); state.Stage != StageOverdue || s.Stage != Current {
		t.Errorf("was %s, is %s since %s", state.Stage, s.Stage, s.OverdueSince)
	}
}

func TestAReviewThatArrivesAfterAnEditAmendsTheFrozenEntry(t *testing.T) {
	in := Input{InEffectSince: ptr(day("2025-01-01"))}
	edits := []edit{{"2025-01-05", &Spec{Every: "P1M"}}, {"2025-02-20", &Spec{Every: "P3M"}}}
	state := story(t, in, edits, noon("2025-02-25"))
	in.Prev, in.Held = &state, reviews("2025-01-25")
	in.Requirement.Schedule = compiled(t, *edits[1].spec)
	state = Evaluate(in, noon("2025-02-26"))
	if e := state.Ledger[0]; e.State != Satisfied || e.ClosedBy != "review-2025-01-25" || state.Stage != Current {
		t.Errorf("%s, first entry %+v", state.Stage, e)
	}
	if !state.Due.Equal(utc("2025-04-25")) {
		t.Errorf("next due %s", state.Due)
	}
}

func TestTotalsSurviveEditsAndALongLife(t *testing.T) {
	weekly := &Spec{RRule: "FREQ=WEEKLY;BYDAY=MO"}
	in := Input{InEffectSince: ptr(day("2020-01-01"))}
	s := story(t, in, []edit{
		{"2020-01-02", weekly},
		{"2024-01-02", &Spec{RRule: "FREQ=WEEKLY;BYDAY=MO", DueTime: "17:00:00"}},
		{"2026-01-06", weekly},
	}, noon("2028-01-04"))
	if want := (Totals{Gap: 418}); s.Totals != want || len(s.Ledger) != ledgerAtMost {
		t.Errorf("totals %+v, want %+v; %d entries", s.Totals, want, len(s.Ledger))
	}
	if !s.OverdueSince.Equal(utc("2020-01-06")) {
		t.Errorf("the streak began %s", s.OverdueSince)
	}
}

// Each review below is held in the grace of its period, when the next one is open already. An edit after three years
// must not let them move up by one.
func TestReviewsOfEntriesThatLeftTheLedgerAreNotPlacedAgain(t *testing.T) {
	in := Input{InEffectSince: ptr(day("2020-01-01"))}
	for week := range 150 {
		in.Held = append(in.Held, reviews(day("2020-01-08").AddDays(7*week).String())...)
	}
	before := Spec{RRule: "FREQ=WEEKLY;BYDAY=MO", Grace: "P3D"}
	s := story(t, in, []edit{{"2020-01-02", &before}, {"2022-11-18", &Spec{RRule: "FREQ=WEEKLY;BYDAY=MO", Grace: "P2D"}}}, noon("2022-11-19"))
	if want := (Totals{Satisfied: 150}); s.Totals != want {
		t.Errorf("totals %+v", s.Totals)
	}
	for _, e := range s.Ledger {
		if e.Amended {
			t.Errorf("amended: %+v", e)
		}
	}
}

func TestExtraPeriods(t *testing.T) {
	change := &Change{Key: "abc", Since: noon("2025-02-01"), Due: utc("2025-03-01")}
	in := Input{Requirement: Requirement{Schedule: compiled(t, Spec{Every: "P12M"})}, InEffectSince: ptr(day("2025-01-01")), Change: change}
	state := Evaluate(in, noon("2025-02-02"))
	if state.Extra == nil || state.Extra.State != Open || state.Extra.ID != "change-abc" {
		t.Fatalf("extra %+v", state.Extra)
	}
	for name, test := range map[string]struct {
		edit  func(*Input)
		at    string
		stage Stage
		extra bool
		want  []string
	}{
		"a review held after the change closes both periods": {
			func(in *Input) { in.Held = reviews("2025-02-10") }, "2025-02-11",
			Current, false, []string{"from-2025-01-01 Satisfied", "change-abc Satisfied", "from-2025-02-10 Open"},
		},
		"a review that closed it is kept when the text is approved": {
			func(in *Input) { in.Held, in.Change = reviews("2025-02-10"), nil }, "2025-02-11",
			Current, false, []string{"from-2025-01-01 Satisfied", "change-abc Satisfied", "from-2025-02-10 Open"},
		},
		"a review held before the change closes the regular period alone": {
			func(in *Input) { in.Held = reviews("2025-01-20") }, "2025-02-11",
			Current, true, []string{"from-2025-01-01 Satisfied", "from-2025-01-20 Open"},
		},
		"a change that is taken back asks for nothing": {
			func(in *Input) { in.Change = nil }, "2025-03-11", Current, false, []string{"from-2025-01-01 Open"},
		},
		"a change that was not reviewed is overdue": {
			func(*Input) {}, "2025-03-02", StageOverdue, true, []string{"from-2025-01-01 Open"},
		},
		"a late review closes it as late": {
			func(in *Input) { in.Held = reviews("2025-03-10") }, "2025-03-11",
			Current, false, []string{"from-2025-01-01 Satisfied", "change-abc Late", "from-2025-03-10 Open"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			prev := state
			edited := in
			edited.Prev = &prev
			test.edit(&edited)
			s := Evaluate(edited, noon(test.at))
			if got := entryStates(s); !slices.Equal(got, test.want) || s.Stage != test.stage || (s.Extra != nil) != test.extra {
				t.Errorf("%s, extra %+v, entries\n%s", s.Stage, s.Extra, strings.Join(got, "\n"))
			}
			if s.Totals.Satisfied+s.Totals.Late > 1 {
				t.Errorf("the extra period is counted in %+v", s.Totals)
			}
			edited.Prev = &s
			if again := Evaluate(edited, noon(test.at).Add(time.Hour)); !slices.Equal(entryStates(again), test.want) {
				t.Errorf("an hour later: %v", entryStates(again))
			}
		})
	}
}
