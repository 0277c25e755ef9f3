package sampling

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/internal/kpi"
)

func TestEqualQuestionsAreAskedOnceAnIntervalForAllOfTheirKPIs(t *testing.T) {
	w := newWorld(t)
	oracles := make([]oracle, 50)
	for i := range 5000 {
		w.sampler.Declare(plan(named("k", i), fmt.Sprint("q", i%50), &oracles[i%50]))
	}
	total := func() (asks int) {
		for i := range oracles {
			asks += oracles[i].count()
		}
		return asks
	}
	wantEqual(t, "asks at once", w.sampler.AskDue(t.Context()), 50)
	// The first turns after that are left out where they are nearer than half an interval.
	w.pass(90 * time.Second)
	before := total()
	w.pass(10 * time.Minute)
	wantEqual(t, "asks in ten intervals", total()-before, 500)
	for i := range 5000 {
		if got := len(w.take(named("k", i)).Samples); got < 11 || got > 12 {
			t.Fatalf("KPI %d was handed %d samples in eleven and a half minutes", i, got)
		}
	}
}

func TestTurnsAreSpreadOverTheInterval(t *testing.T) {
	w := newWorld(t)
	oracles := make([]oracle, 600)
	for i := range oracles {
		w.sampler.Declare(plan(named("k", i), fmt.Sprint("q", i), &oracles[i]))
	}
	w.pass(5 * time.Minute)
	var tenths [10]int
	for i := range oracles {
		at := oracles[i].asks[len(oracles[i].asks)-1]
		tenths[at.Sub(at.Truncate(time.Minute))/(6*time.Second)]++
	}
	t.Logf("600 questions over the tenths of a minute: %v", tenths)
	for _, asks := range tenths {
		if asks < 30 || asks > 90 {
			t.Errorf("60 are expected in each tenth of the interval: %v", tenths)
		}
	}
}

func TestThousandsOfNewQuestionsDoNotBeginAtTheSameInstant(t *testing.T) {
	w := newWorld(t)
	oracles := make([]oracle, 5000)
	for i := range oracles {
		w.sampler.Declare(plan(named("k", i), fmt.Sprint("q", i), &oracles[i]))
	}
	w.pass(longestSpread)
	var tenths [51]int
	for i := range oracles {
		if oracles[i].count() == 0 {
			t.Fatalf("question %d was not asked within %s", i, longestSpread)
		}
		tenths[oracles[i].asks[0].Sub(monday)/(100*time.Millisecond)]++
	}
	t.Logf("5,000 first asks over tenths of a second: %v", tenths)
	if most := slices.Max(tenths[:]); most > 400 {
		t.Errorf("%d of 5,000 were asked within a tenth of a second", most)
	}
}

func TestADozenNewQuestionsAreAskedAtOnce(t *testing.T) {
	w := newWorld(t)
	for i := range 12 {
		w.sampler.Declare(plan(named("k", i), fmt.Sprint("q", i), &oracle{}))
	}
	wantEqual(t, "asks", w.sampler.AskDue(t.Context()), 12)
}

func TestDeclaringTheSameAgainAsksNothing(t *testing.T) {
	w := newWorld(t)
	var o oracle
	same := plan(named("k"), "q", &o)
	w.sampler.Declare(same)
	w.pass(0)
	due, _ := w.sampler.NextDue()
	for range 3 {
		// A controller declares at every pass, with what the status says by then.
		same.AskedAt = w.now()
		w.sampler.Declare(same)
		same.AskedAt = time.Time{}
		w.sampler.Declare(same)
	}
	wantEqual(t, "asks", w.sampler.AskDue(t.Context()), 0)
	again, _ := w.sampler.NextDue()
	wantEqual(t, "the next turn", again, due)
	wantEqual(t, "samples", len(w.take(named("k")).Samples), 1)
}

func TestARestartGoesOnAtTheSamePhase(t *testing.T) {
	const hour = time.Hour
	offset := kpi.Offset("prometheus\nq", hour)
	turn := turnAfter(monday, hour, offset)
	for name, test := range map[string]struct{ askedAt, want time.Time }{
		"never asked: at once":                           {time.Time{}, monday},
		"asked an interval ago: at once":                 {monday.Add(-hour), monday},
		"asked yesterday: at once":                       {monday.Add(-24 * hour), monday},
		"asked less than an interval ago: at its turn":   {monday.Add(-59 * time.Minute), turn},
		"asked by a clock that is ahead: at its turn":    {monday.Add(hour), turn},
		"asked at this very second, before: not so soon": {monday, turnAfter(monday.Add(hour/2), hour, offset)},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			p := plan(named("k"), "q", &oracle{})
			p.Every, p.AskedAt = hour, test.askedAt
			w.sampler.Declare(p)
			due, _ := w.sampler.NextDue()
			wantEqual(t, "due", due, test.want)
		})
	}
}

func TestATurnThatFollowsAnAskTooCloselyIsLeftOut(t *testing.T) {
	every := time.Hour
	offset := kpi.Offset("prometheus\nq", every)
	turn := turnAfter(monday, every, offset)
	for name, test := range map[string]struct {
		ask, want time.Time
	}{
		"less than half an interval before its turn": {turn.Add(-29 * time.Minute), turn.Add(every)},
		"more than half an interval before":          {turn.Add(-31 * time.Minute), turn},
		"at its turn":                                {turn, turn.Add(every)},
		"late":                                       {turn.Add(20 * time.Minute), turn.Add(every)},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.clock.SetTime(test.ask)
			p := plan(named("k"), "q", &oracle{})
			p.Every = every
			w.sampler.Declare(p)
			wantEqual(t, "asks at once", w.sampler.AskDue(t.Context()), 1)
			due, _ := w.sampler.NextDue()
			wantEqual(t, "next turn", due, test.want)
		})
	}
}

func TestTurnsLieAtTheirOffset(t *testing.T) {
	for name, test := range map[string]struct {
		after         time.Time
		every, offset time.Duration
		want          time.Time
	}{
		"before the offset": {monday, time.Minute, 20 * time.Second, monday.Add(20 * time.Second)},
		"at the offset":     {monday.Add(20 * time.Second), time.Minute, 20 * time.Second, monday.Add(80 * time.Second)},
		"after the offset":  {monday.Add(30 * time.Second), time.Minute, 20 * time.Second, monday.Add(80 * time.Second)},
		"without an offset": {monday, time.Minute, 0, monday.Add(time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			wantEqual(t, "turn", turnAfter(test.after, test.every, test.offset), test.want)
		})
	}
}

func TestAfterAMachineSleptEachQuestionIsAskedOnce(t *testing.T) {
	w := newWorld(t)
	var o oracle
	w.sampler.Declare(plan(named("k"), "q", &o))
	w.pass(5 * time.Minute)
	before := o.count()
	w.clock.Step(8 * time.Hour)
	wantEqual(t, "asks", w.sampler.AskDue(t.Context()), 1)
	w.pass(10 * time.Second)
	if got := o.count() - before; got > 2 {
		t.Errorf("480 missed turns were made up for by %d asks", got)
	}
}

func TestAClockThatIsSetBackDoesNotEndTheAsking(t *testing.T) {
	w := newWorld(t)
	c := chronicle{}
	p := plan(named("k"), "q", &c)
	p.Window, p.Step = time.Hour, 10*time.Minute
	p.Limits.PerSecond = 2
	w.sampler.Declare(p)
	w.pass(5 * time.Minute)
	asks, fetches := c.count(), len(c.fetches)
	w.clock.SetTime(monday.Add(-24 * time.Hour))
	w.sampler.AskDue(t.Context())
	w.pass(30 * time.Minute)
	if got := c.count() - asks; got < 29 {
		t.Errorf("%d asks in 30 minutes after the clock was set back a day", got)
	}
	if len(c.fetches) == fetches {
		t.Error("the past was never fetched again")
	}
	if since := w.take(named("k")).TriedSince; since.After(w.now()) {
		t.Errorf("tried since %s, which is to come", since)
	}
}

func TestAClockThatIsSetBackDoesNotKeepFromAnybodyThatASourceIsOutOfReach(t *testing.T) {
	w := newWorld(t)
	// Both a failure and an answer are noted at times that are to come again.
	o := oracle{reply: silent}
	w.declareMany(20, &o, nil)
	w.pass(0)
	o.reply = nil
	w.pass(5 * time.Minute)
	for i := range 20 {
		w.take(named("k", i))
	}
	o.reply = silent
	w.clock.SetTime(monday.Add(-24 * time.Hour))
	w.sampler.AskDue(t.Context())
	w.pass(10 * time.Minute)
	reach, _ := w.sampler.Reach("prometheus")
	wantEqual(t, "the source answers", reach.Answers, false)
	for i := range 20 {
		if got := len(w.take(named("k", i)).Samples); got < 5 {
			t.Errorf("KPI %d was told %d times in ten minutes", i, got)
		}
	}
}

func TestAClockThatIsSetBackDoesNotFreezeTheRateLimit(t *testing.T) {
	w := newWorld(t)
	var o oracle
	w.declareMany(10, &o, func(p *Plan) { p.Limits.PerSecond = 1 })
	w.sampler.AskDue(t.Context())
	w.clock.SetTime(monday.Add(-24 * time.Hour))
	w.sampler.AskDue(t.Context())
	w.pass(20 * time.Second)
	if got := o.count(); got < 10 {
		t.Errorf("%d of 10 questions were asked in 20 seconds after the clock was set back", got)
	}
}

func TestTheShortestIntervalOfAGroupCounts(t *testing.T) {
	w := newWorld(t)
	var o oracle
	expect := func(what string, asksInTenHours int) {
		t.Helper()
		before := o.count()
		w.pass(10 * time.Hour)
		wantAbout(t, what, o.count()-before, asksInTenHours)
	}
	slow, fast, slower := plan(named("slow"), "q", &o), plan(named("fast"), "q", &o), plan(named("slower"), "q", &o)
	slow.Every, fast.Every, slower.Every = time.Hour, 10*time.Minute, 5*time.Hour
	w.sampler.Declare(slow)
	expect("each hour", 10)
	w.sampler.Declare(fast)
	w.sampler.Declare(slower)
	expect("each ten minutes", 60)
	w.sampler.Forget(named("fast"))
	expect("each hour again", 10)
	slow.Every = 20 * time.Minute
	w.sampler.Declare(slow)
	expect("each twenty minutes", 30)
	slow.Every = 2 * time.Hour
	w.sampler.Declare(slow)
	expect("every two hours", 5)
}

// wantAbout allows for one more or less, where an interval begins within a turn.
func wantAbout(t *testing.T, what string, got, want int) {
	t.Helper()
	if got < want-1 || got > want+1 {
		t.Errorf("%s: got %d, want %d", what, got, want)
	}
}

func TestAChangedQuestionIsAskedAtOnceAndTheOldOneNoMore(t *testing.T) {
	w := newWorld(t)
	var before, after oracle
	p := plan(named("k"), "before", &before)
	p.Every = time.Hour
	w.sampler.Declare(p)
	w.pass(0)
	p.Question.Key, p.Question.Asker = "after", &after
	after.reply = nil
	// The status says that the KPI was just asked: that was another question.
	p.AskedAt = w.now()
	w.sampler.Declare(p)
	if got := w.take(named("k")).Samples; len(got) > 0 {
		t.Errorf("samples of the old question are handed over: %v", got)
	}
	wantEqual(t, "asks at once", w.sampler.AskDue(t.Context()), 1)
	w.pass(3 * time.Hour)
	wantEqual(t, "asks of the old question", before.count(), 1)
	wantAbout(t, "asks of the new one", after.count(), 4)
}

func TestANewAskerForTheSameQuestionIsUsedAtTheNextTurn(t *testing.T) {
	w := newWorld(t)
	var before, after oracle
	w.sampler.Declare(plan(named("k"), "q", &before))
	w.pass(0)
	w.sampler.Declare(plan(named("k"), "q", &after))
	wantEqual(t, "asks at once", w.sampler.AskDue(t.Context()), 0)
	w.pass(10 * time.Minute)
	wantEqual(t, "asks by the old one", before.count(), 1)
	wantAbout(t, "asks by the new one", after.count(), 10)
}
