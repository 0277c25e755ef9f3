package cadence

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestReviewsAreHeldInTimeSince(t *testing.T) {
	quarterEnd := Spec{RRule: "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1"}
	graceful := Spec{RRule: "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1", Grace: "P1W"}
	changed := func(in Input, held ...string) Input {
		in.Held = reviews(held...)
		in.Prev = &State{
			ScheduleDigest: Requirement{Schedule: mustCompile(quarterEnd)}.digest(),
			Ledger: []Entry{{
				ID: "change-abc", Opens: utc("2025-04-01"), Due: utc("2025-04-15"), Deadline: utc("2025-04-15"),
				State: Late, ClosedBy: "review-2025-05-20", ClosedAt: noon("2025-05-20"),
			}},
		}
		return in
	}
	base := Input{InEffectSince: ptr(day("2025-01-01"))}
	with := func(held ...string) Input {
		in := base
		in.Held = reviews(held...)
		return in
	}
	for name, test := range map[string]struct {
		spec        Spec
		input       Input
		at          string
		since, last string // dates at noon; empty: none
	}{
		"without a review there is nothing to say":     {quarterEnd, with(), "2025-03-01", "", ""},
		"the first review begins the row":              {quarterEnd, with("2025-03-10"), "2025-03-20", "2025-03-10", "2025-03-10"},
		"further ones go on with it":                   {quarterEnd, with("2025-03-10", "2025-06-10"), "2025-06-20", "2025-03-10", "2025-06-10"},
		"in grace is in time":                          {graceful, with("2025-03-10", "2025-07-04"), "2025-07-05", "2025-03-10", "2025-07-04"},
		"until the deadline has passed":                {quarterEnd, with("2025-03-10"), "2025-06-30", "2025-03-10", "2025-03-10"},
		"not one second after the deadline":            {quarterEnd, with("2025-03-10"), "2025-07-01T00:00:00Z", "", ""},
		"a late one breaks it":                         {Spec{Every: "P3M"}, with("2025-03-10", "2025-06-10", "2025-09-11"), "2025-09-12", "", ""},
		"the next one in time begins it anew":          {Spec{Every: "P3M"}, with("2025-03-10", "2025-06-11", "2025-09-10"), "2025-09-11", "2025-09-10", "2025-09-10"},
		"a missed one breaks it for good":              {quarterEnd, with("2025-03-10", "2025-09-10"), "2025-09-11", "2025-09-10", "2025-09-10"},
		"a late answer to a change breaks it":          {quarterEnd, changed(base, "2025-03-10", "2025-05-20"), "2025-06-01", "", ""},
		"and the next review after that begins a row":  {quarterEnd, changed(base, "2025-03-10", "2025-05-20", "2025-09-10"), "2025-09-11", "2025-09-10", "2025-09-10"},
		"of a rolling cadence the row begins the same": {Spec{Every: "P3M"}, with("2025-03-10", "2025-06-09"), "2025-06-10", "2025-03-10", "2025-06-09"},
		"a review that finds something was held in time": {quarterEnd, Input{InEffectSince: base.InEffectSince, Held: []Held{
			{Name: "a", HeldAt: noon("2025-03-10"), Outcome: Approved}, {Name: "b", HeldAt: noon("2025-06-10"), Outcome: ChangesRequired},
		}}, "2025-06-20", "2025-03-10", "2025-06-10"},
		"one that finds something too late was not": {Spec{Every: "P3M"}, Input{InEffectSince: base.InEffectSince, Held: []Held{
			{Name: "a", HeldAt: noon("2025-03-10"), Outcome: Approved}, {Name: "b", HeldAt: noon("2025-06-11"), Outcome: Retire},
		}}, "2025-06-20", "", ""},
		"a skipped occurrence neither breaks it nor counts": {quarterEnd, Input{
			InEffectSince: base.InEffectSince, Held: reviews("2025-03-10", "2025-09-10"), Skips: map[Date]bool{day("2025-06-30"): true},
		}, "2025-09-20", "2025-03-10", "2025-09-10"},
		"and begins none": {quarterEnd, Input{InEffectSince: base.InEffectSince, Skips: map[Date]bool{day("2025-03-31"): true}},
			"2025-04-20", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			test.input.Requirement = Requirement{Schedule: compiled(t, test.spec)}
			state := Evaluate(test.input, utc(test.at))
			var since, last time.Time
			if test.since != "" {
				since, last = noon(test.since), noon(test.last)
			}
			if !state.InTimeSince.Equal(since) || !state.InTimeLast.Equal(last) {
				t.Errorf("in time since %s until %s, want %s and %s; the ledger is %v",
					state.InTimeSince, state.InTimeLast, since, last, entryStates(state))
			}
		})
	}
}

// Each change opens a period of its own, and only the last twelve of them are in the ledger: one that was answered too late breaks the
// row for as long as anybody remembers, also where the same text comes and goes.
func TestALateAnswerToAChangeIsNotForgotten(t *testing.T) {
	for name, test := range map[string]struct {
		key  func(change int) string
		late int // the change that is answered too late, on 2025-04-10; none where it is negative
		want string
	}{
		"after many other changes":                  {func(n int) string { return fmt.Sprint("text-", n) }, 2, "2025-05-03"},
		"where the same text comes again":           {func(n int) string { return fmt.Sprint("text-", n%2) }, 2, "2025-05-03"},
		"and what was answered in time is no break": {func(n int) string { return fmt.Sprint("text-", n) }, -1, "2025-01-10"},
	} {
		t.Run(name, func(t *testing.T) {
			in := Input{Requirement: Requirement{Schedule: mustCompile(Spec{Every: "P12M"})}, InEffectSince: ptr(day("2025-01-01"))}
			var state State
			judge := func(at time.Time, change *Change) {
				in.Change = change
				state = Evaluate(in, at)
				in.Prev = &state
			}
			first := noon("2025-01-10")
			hold := func(at time.Time) { in.Held = append(in.Held, Held{Name: at.String(), HeldAt: at, Outcome: Approved}) }
			hold(first)
			judge(first, nil)
			for n := range 20 {
				since := first.AddDate(0, n+1, -10)
				change := &Change{Key: test.key(n), Since: since, Due: since.AddDate(0, 0, 5)}
				answered := since.AddDate(0, 0, 3)
				if n == test.late {
					answered = since.AddDate(0, 0, 10)
				}
				judge(since, change)
				hold(answered)
				judge(answered, nil)
				if n > 2 {
					wantInTimeSince(t, state, noon(test.want))
				}
			}
			if slices.ContainsFunc(state.Ledger, func(e Entry) bool { return isExtra(e.ID) && e.State == Late }) {
				t.Errorf("the late one is in the ledger still: the test tries nothing: %v", entryStates(state))
			}
		})
	}
}

func mustCompile(spec Spec) *Schedule {
	s, err := Compile(spec)
	if err != nil {
		panic(err)
	}
	return s
}

// Sixty weeks fit into a ledger; a row that began before them is not forgotten, not where the cadence is edited either.
func TestARowIsLongerThanTheLedger(t *testing.T) {
	for name, test := range map[string]struct{ missed, since string }{
		"from the first review on": {"", "2022-01-07"},
		"from the one after a gap": {"2024-06-07", "2024-06-14"},
	} {
		t.Run(name, func(t *testing.T) {
			weekly := compiled(t, Spec{RRule: "FREQ=WEEKLY;BYDAY=FR"})
			input := Input{Requirement: Requirement{Schedule: weekly}, InEffectSince: ptr(day("2022-01-03"))}
			for friday := day("2022-01-07"); friday.Before(day("2027-01-01")); friday = friday.AddDays(7) {
				if friday.String() != test.missed {
					input.Held = append(input.Held, reviews(friday.String())...)
				}
			}
			state := Evaluate(input, utc("2025-01-04"))
			wantInTimeSince(t, state, noon(test.since))
			input.Requirement.Schedule = compiled(t, Spec{RRule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", StartDate: "2025-01-03"})
			for _, d := range []string{"2025-01-05", "2025-01-20", "2025-02-05", "2026-03-01", "2026-12-20"} {
				input.Prev = ptr(state)
				state = Evaluate(input, utc(d))
				wantInTimeSince(t, state, noon(test.since))
			}
			if state.CutOver.InTimeSince.IsZero() || len(state.Ledger) > ledgerAtMost {
				t.Errorf("nothing has left the ledger of %d entries: the test tries nothing", len(state.Ledger))
			}
			input.Prev = ptr(state)
			wantInTimeSince(t, Evaluate(input, utc("2027-02-01")), time.Time{})
		})
	}
}

func wantInTimeSince(t *testing.T, state State, since time.Time) {
	t.Helper()
	if !state.InTimeSince.Equal(since) {
		t.Fatalf("in time since %s, want %s; the ledger is %v", state.InTimeSince, since, entryStates(state))
	}
}

// Whatever happens, a row of reviews in time is one: while it stands nothing is overdue, and no entry since then tells otherwise.
func TestARowIsUnbroken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		now := drawTime(t, "now")
		s := Evaluate(in, now)
		if s.InTimeSince.IsZero() {
			if !s.InTimeLast.IsZero() {
				t.Fatalf("a row without a beginning until %s", s.InTimeLast)
			}
			return
		}
		if s.InTimeLast.Before(s.InTimeSince) || s.InTimeLast.After(now) || s.Stage == StageOverdue {
			t.Fatalf("in time since %s until %s and %s at %s", s.InTimeSince, s.InTimeLast, s.Stage, now)
		}
		for _, e := range s.Ledger {
			if punctualityOf(e) == unpunctual && !e.ClosedAt.Before(s.InTimeSince) {
				t.Fatalf("in time since %s, and there is %+v", s.InTimeSince, e)
			}
		}
	})
}
