package cadence

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var worldStart = time.Date(2021, time.March, 1, 0, 0, 0, 0, time.UTC)

const worldDays = 1500

// drawSpec draws a cadence that compiles, of any kind.
func drawSpec(t *rapid.T, label string) Spec {
	spec := rapid.SampledFrom([]Spec{
		{Every: "P1W"}, {Every: "P1M"}, {Every: "P12M"}, {Every: "P18M"},
		{Every: "P1M", Anchor: Calendar, StartDate: "2021-01-31"},
		{Every: "P12M", Anchor: Calendar, StartDate: "2020-02-29"},
		{Every: "P3M", Anchor: Calendar, StartDate: "2022-06-30"},
		{RRule: "FREQ=WEEKLY;BYDAY=FR"},
		{RRule: "FREQ=WEEKLY;BYDAY=MO,TU,TH", StartDate: "2021-06-01"},
		{RRule: "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"},
		{RRule: "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"},
		{RRule: "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=1", StartDate: "2021-02-01"},
	}).Draw(t, label)
	spec.TimeZone = rapid.SampledFrom([]string{"", "Europe/Berlin", "Pacific/Apia", "Australia/Lord_Howe"}).Draw(t, label+" zone")
	spec.DueTime = rapid.SampledFrom([]string{"", "02:30:00"}).Draw(t, label+" time")
	spec.Grace = rapid.SampledFrom([]string{"", "P1D", "P7D"}).Draw(t, label+" grace")
	if spec.Grace == "P7D" && spec.RRule == "FREQ=WEEKLY;BYDAY=MO,TU,TH" {
		spec.Grace = "P2D"
	}
	spec.LeadTimes = rapid.SampledFrom([][]string{nil, {"P1M", "P2D"}, {"P1Y"}}).Draw(t, label+" leads")
	spec.BusinessDays.Roll = rapid.SampledFrom([]Roll{RollNone, RollFollowing, RollPreceding, RollModifiedFollowing}).Draw(t, label+" roll")
	spec.BusinessDays.Weekend = []time.Weekday{time.Saturday, time.Sunday}
	spec.BusinessDays.Holidays = []string{"2022-12-30", "2023-01-02", "2023-06-30", "2024-01-01"}
	if spec.RRule != "" || spec.Anchor == Calendar {
		spec.OpenBefore = rapid.SampledFrom([]string{"", "P1D", "P3D"}).Draw(t, label+" opens")
	}
	return spec
}

func drawTime(t *rapid.T, label string) time.Time {
	days := rapid.IntRange(0, worldDays).Draw(t, label+" day")
	return worldStart.AddDate(0, 0, days).Add(time.Duration(rapid.IntRange(0, secondsPerDay-1).Draw(t, label+" second")) * time.Second)
}

// drawInput draws a subject's whole life; only Change is left to the tests that want one.
func drawInput(t *rapid.T) Input {
	schedule := compiled2(t, drawSpec(t, "cadence"))
	in := Input{
		Requirement:   Requirement{Schedule: schedule, Full: rapid.Bool().Draw(t, "full"), Limit: mustPeriod("P12M")},
		ObservedSince: worldStart.AddDate(0, 0, 3),
		Moves:         map[Date]Date{},
		Skips:         map[Date]bool{},
	}
	for i := range rapid.IntRange(0, 12).Draw(t, "reviews") {
		in.Held = append(in.Held, Held{
			Name:    fmt.Sprintf("r%02d", i),
			HeldAt:  drawTime(t, "held"),
			Outcome: rapid.SampledFrom([]Outcome{Approved, Approved, ChangesRequired, Retire}).Draw(t, "outcome"),
		})
	}
	if len(in.Held) == 0 || rapid.Bool().Draw(t, "declared") {
		in.InEffectSince = ptr(DateIn(drawTime(t, "in effect"), time.UTC))
	}
	for range rapid.IntRange(0, 2).Draw(t, "other reviews") {
		at := drawTime(t, "other")
		if in.FullHeld = append(in.FullHeld, at); in.EarliestReview == nil || at.Before(*in.EarliestReview) {
			in.EarliestReview = &at
		}
	}
	drawWaivers(t, &in)
	return in
}

// drawWaivers moves and skips occurrences, and names some dates that are none.
func drawWaivers(t *rapid.T, in *Input) {
	for range rapid.IntRange(0, 4).Draw(t, "waivers") {
		near := DateIn(drawTime(t, "waived"), time.UTC)
		for o := range in.Requirement.Schedule.Occurrences(near) {
			near = o.Nominal
			break
		}
		if rapid.Bool().Draw(t, "skip") {
			in.Skips[near] = true
			continue
		}
		in.Moves[near] = near.AddDays(rapid.IntRange(-5, 20).Draw(t, "move by"))
	}
}

func compiled2(t *rapid.T, spec Spec) *Schedule {
	s, err := Compile(spec)
	if err != nil {
		t.Fatalf("compiling %+v: %v", spec, err)
	}
	return s
}

// stored is what comes back when a caller writes a state down and reads it.
func stored(t *rapid.T, s State) *State {
	s.Placements, s.NextChange = nil, time.Time{}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatalf("encoding: %v", err)
	}
	var back State
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatalf("decoding %s: %v", text, err)
	}
	return &back
}

// show writes a state on few lines: one for the verdict and one for each entry.
func show(s State) string {
	var b strings.Builder
	entry := func(label string, e *Entry) {
		if e != nil {
			fmt.Fprintf(&b, "%s %+v\n", label, *e)
		}
	}
	fmt.Fprintf(&b, "%+v\nunknown %v invalid %v next %s\n", summaryOf(s), s.UnknownOccurrences, s.InvalidMoves, s.NextChange)
	if s.CutOver != nil {
		fmt.Fprintf(&b, "cut %+v\n", *s.CutOver)
	}
	entry("current", s.Current)
	entry("extra", s.Extra)
	for i := range s.Ledger {
		entry("ledger", &s.Ledger[i])
	}
	return strings.ReplaceAll(b.String(), " +0000 UTC", "")
}

// difference are the lines of two states that are not in both.
func difference(a, b State) string {
	linesOfA, linesOfB := strings.Split(show(a), "\n"), strings.Split(show(b), "\n")
	var out strings.Builder
	for _, line := range linesOfA {
		if !slices.Contains(linesOfB, line) {
			fmt.Fprintln(&out, "<", line)
		}
	}
	for _, line := range linesOfB {
		if !slices.Contains(linesOfA, line) {
			fmt.Fprintln(&out, ">", line)
		}
	}
	return out.String()
}

func TestOccurrencesAreInOrderAndNextIsAfterNow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := compiled2(t, drawSpec(t, "cadence"))
		now := drawTime(t, "now")
		if next, ok := s.Next(now); ok && !next.Due.After(now) {
			t.Fatalf("next(%s) is due at %s", now, next.Due)
		}
		var before *Occurrence
		count := 0
		for o := range s.Occurrences(DateIn(now, time.UTC)) {
			if before != nil && (!o.Nominal.After(before.Nominal) || !o.Due.After(before.Due)) {
				t.Fatalf("%+v follows %+v", o, *before)
			}
			if before != nil && !o.Opens.After(before.Due) {
				t.Fatalf("%+v opens before %+v is due", o, *before)
			}
			if o.Opens.After(o.Due) {
				t.Fatalf("%+v opens after it is due", o)
			}
			before = &o
			if count++; count > 60 {
				return
			}
		}
	})
}

func TestNextChangeIsTheFirstInstantWithAnotherAnswer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		if rapid.Bool().Draw(t, "change") {
			since := drawTime(t, "change since")
			in.Change = &Change{Key: "k", Since: since, Due: since.AddDate(0, 0, 14)}
		}
		now := drawTime(t, "now")
		state := Evaluate(in, now)
		in.Prev = &state
		until := state.NextChange
		if until.IsZero() {
			until = now.AddDate(3, 0, 0)
		} else if differs := Evaluate(in, until); sameVerdict(differs, state) {
			t.Fatalf("nothing changes at %s:\n%s", until, show(state))
		}
		if !until.After(now) {
			t.Fatalf("next change %s is not after %s", until, now)
		}
		between := int(until.Sub(now)/time.Second) - 1
		for _, second := range []int{1, between, rapid.IntRange(0, max(between, 0)).Draw(t, "between"), rapid.IntRange(0, max(between, 0)).Draw(t, "between")} {
			at := now.Add(time.Duration(second) * time.Second)
			if !at.Before(until) {
				continue
			}
			if got := Evaluate(in, at); !sameVerdict(got, state) {
				t.Fatalf("at %s, before %s, the answer differs:\n%s", at, until, difference(state, got))
			}
		}
	})
}

// run lets the clock go through some instants and returns the state at the last one.
func run(t *rapid.T, in Input, instants []time.Time) State {
	var state State
	for _, at := range instants {
		state = Evaluate(in, at)
		in.Prev = stored(t, state)
	}
	return state
}

// drawSteps draws some instants between two, which they begin and end with.
func drawSteps(t *rapid.T, label string, from, to time.Time) []time.Time {
	steps := []time.Time{from, to}
	for range rapid.IntRange(0, 10).Draw(t, label) {
		steps = append(steps, from.Add(time.Duration(rapid.Int64Range(0, int64(to.Sub(from)/time.Second)).Draw(t, label+" at"))*time.Second))
	}
	slices.SortFunc(steps, time.Time.Compare)
	return steps
}

func samePlacements(a, b State) bool { return maps.Equal(a.Placements, b.Placements) }

func TestTheStepsOfTheClockDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		end := drawTime(t, "end")
		scratch := Evaluate(in, end)
		stepped := run(t, in, drawSteps(t, "steps", worldStart, end))
		if !sameVerdict(stepped, scratch) || !samePlacements(stepped, scratch) || !stepped.NextChange.Equal(scratch.NextChange) {
			t.Fatalf("in steps < and from scratch >:\n%s", difference(stepped, scratch))
		}
	})
}

func TestFollowingNextChangeMissesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		start := drawTime(t, "start")
		end := start.AddDate(0, 0, 250)
		state := Evaluate(in, start)
		for !state.NextChange.IsZero() && !state.NextChange.After(end) {
			in.Prev = stored(t, state)
			state = Evaluate(in, state.NextChange)
		}
		in.Prev = nil
		if scratch := Evaluate(in, end); !sameVerdict(state, scratch) {
			t.Fatalf("woken up < and from scratch >:\n%s", difference(state, scratch))
		}
	})
}

func TestTheStepsOfTheClockDoNotMatterAroundEdits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		schedules := []*Schedule{in.Requirement.Schedule}
		edits := []time.Time{worldStart}
		for i := range rapid.IntRange(1, 3).Draw(t, "edits") {
			label := fmt.Sprintf("edit %d", i)
			var s *Schedule
			if rapid.IntRange(0, 3).Draw(t, label+" to one that exists") > 0 {
				s = compiled2(t, drawSpec(t, label))
			}
			schedules = append(schedules, s)
			edits = append(edits, drawTime(t, label))
		}
		slices.SortFunc(edits, time.Time.Compare)
		edits = append(slices.Compact(edits), worldStart.AddDate(0, 0, worldDays+30))
		var ends []State
		for _, label := range []string{"one", "other"} {
			in.Prev = nil
			var state State
			for i := range edits[:len(edits)-1] {
				in.Requirement.Schedule = schedules[i]
				state = run(t, in, drawSteps(t, label, edits[i], edits[i+1].Add(-time.Second)))
				in.Prev = stored(t, state)
			}
			ends = append(ends, state)
		}
		if !sameVerdict(ends[0], ends[1]) {
			t.Fatalf("one way < and the other >:\n%s", difference(ends[0], ends[1]))
		}
		checkLedger(t, ends[0])
	})
}

func TestTheLedgerIsSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		state := Evaluate(in, drawTime(t, "now"))
		checkLedger(t, state)
	})
}

// checkLedger checks what holds of every ledger.
func checkLedger(t *rapid.T, s State) {
	ids, closers := map[string]bool{}, map[string]bool{}
	for _, e := range s.Ledger {
		if ids[e.ID] || (e.ClosedBy != "" && closers[e.ClosedBy]) {
			t.Fatalf("%q or its review %q is twice in\n%s", e.ID, e.ClosedBy, show(s))
		}
		ids[e.ID], closers[e.ClosedBy] = true, true
		if e.State == Satisfied && e.ClosedAt.After(e.Deadline) || e.State == Late && !e.ClosedAt.After(e.Deadline) {
			t.Fatalf("%+v", e)
		}
		if !e.ClosedAt.IsZero() && e.ClosedAt.Before(e.Opens) {
			t.Fatalf("closed before it opened: %+v", e)
		}
	}
	if len(s.Ledger) > ledgerAtMost {
		t.Fatalf("%d entries", len(s.Ledger))
	}
	if (s.Stage == StageOverdue) == s.OverdueSince.IsZero() {
		t.Fatalf("stage and overdueSince disagree:\n%s", show(s))
	}
}

func TestFullIsNeverLongerThanTheLimitWithoutAReview(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t)
		in.Requirement.Full = true
		now := drawTime(t, "now")
		state := Evaluate(in, now)
		latest := time.Time{}
		for _, h := range in.Held {
			if !h.HeldAt.After(now) {
				latest = later(latest, h.HeldAt)
			}
		}
		for _, f := range in.FullHeld {
			if !f.After(now) {
				latest = later(latest, f)
			}
		}
		// One day more: the limit ends with the local day.
		if now.After(latest.AddDate(1, 0, 2)) && !latest.IsZero() && state.Stage != StageOverdue {
			t.Fatalf("last full review %s, now %s, stage %s", latest, now, state.Stage)
		}
	})
}
