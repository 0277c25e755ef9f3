package sampling

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

const (
	month     = 30 * 24 * time.Hour
	fourHours = 4 * time.Hour
)

// trending is a plan that wants a month in steps of four hours.
func trending(name, key string, c *chronicle) Plan {
	p := plan(named(name), key, c)
	p.Window, p.Step = month, fourHours
	return p
}

func TestThePastIsFetchedOnceAStepForAllWhoWantTheSame(t *testing.T) {
	w := newWorld(t)
	var c chronicle
	for i := range 100 {
		w.sampler.Declare(trending(fmt.Sprint("k", i), "q", &c))
	}
	w.pass(0)
	wantEqual(t, "fetches at once", len(c.fetches), 1)
	for i := range 100 {
		known := w.take(named("k", i))
		wantEqual(t, "known", known.HasSeries, true)
		wantEqual(t, "points", len(known.Series), int(month/fourHours)+1)
	}
	w.pass(48 * time.Hour)
	wantAbout(t, "fetches in two days", len(c.fetches), 12)
	for i, fetched := range c.fetches {
		wantEqual(t, "window", fetched.to.Sub(fetched.from), month)
		wantEqual(t, "distance from a multiple of the step", fetched.to.Sub(fetched.to.Truncate(fourHours)), 0)
		if i > 0 {
			wantEqual(t, "distance from the one before", fetched.to.Sub(c.fetches[i-1].to), fourHours)
		}
	}
}

func TestARestartFetchesTheSamePast(t *testing.T) {
	for tenths := range 30 {
		var before, after chronicle
		old := newWorld(t)
		old.sampler.Declare(trending("k", "q", &before))
		old.pass(24*time.Hour + time.Duration(tenths)*10*time.Minute)
		restarted := newWorld(t)
		restarted.clock.SetTime(old.now())
		restarted.sampler.Declare(trending("k", "q", &after))
		restarted.pass(0)
		wantEqual(t, "end", after.fetches[0].to, before.fetches[len(before.fetches)-1].to)
	}
}

func TestDifferentWindowsOfOneQuestionAreFetchedApart(t *testing.T) {
	w := newWorld(t)
	var c chronicle
	long, short := trending("long", "q", &c), trending("short", "q", &c)
	short.Window, short.Step = time.Hour, 10*time.Minute
	w.sampler.Declare(long)
	w.sampler.Declare(short)
	w.pass(0)
	wantEqual(t, "points of the long one", len(w.take(long.KPI).Series), int(month/fourHours)+1)
	wantEqual(t, "points of the short one", len(w.take(short.KPI).Series), 7)
	wantEqual(t, "asks", c.count(), 1)
	w.sampler.Forget(short.KPI)
	before := len(c.fetches)
	w.pass(fourHours)
	wantEqual(t, "fetches without the short one", len(c.fetches)-before, 1)
}

func TestAnErrorLeavesThePastAsItWasAndIsTriedAgainWithPauses(t *testing.T) {
	w := newWorld(t)
	var c chronicle
	w.sampler.Declare(trending("k", "q", &c))
	w.pass(0)
	c.err = errors.New("out of order")
	w.pass(24 * time.Hour)
	known := w.take(named("k"))
	wantEqual(t, "known", known.HasSeries, true)
	wantEqual(t, "points", len(known.Series), int(month/fourHours)+1)
	if got := len(c.fetches); got < 100 || got > 310 {
		t.Errorf("%d fetches in 20 hours of errors, want some one in five minutes", got)
	}
	c.err = nil
	before := len(c.fetches)
	w.pass(10 * time.Minute)
	wantEqual(t, "fetches after it was repaired", len(c.fetches)-before, 1)
}

func TestTheFirstSamplesWaitForThePast(t *testing.T) {
	for name, err := range map[string]error{
		"until it is known":           nil,
		"no longer than for an error": errors.New("out of order"),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c := chronicle{err: err}
			p := trending("k", "q", &c)
			w.sampler.Declare(p)
			// A value before its past, as it comes about where both are under way at once.
			l := w.sampler.lanes["prometheus"]
			value := l.handOut(l.values.first(), w.now())
			w.sampler.perform(t.Context(), value)
			wantEqual(t, "samples before", len(w.take(p.KPI).Samples), 0)
			w.pass(0)
			known := w.take(p.KPI)
			wantEqual(t, "samples after", len(known.Samples), 1)
			wantEqual(t, "known", known.HasSeries, err == nil)
		})
	}
}

func TestASourceThatIsOutOfReachIsNotWaitedForNorAskedForThePast(t *testing.T) {
	w := newWorld(t)
	o := oracle{reply: silent}
	w.sampler.Declare(plan(named("first"), "first", &o))
	w.pass(10 * time.Second)
	var c chronicle
	c.reply = silent
	p := trending("k", "q", &c)
	w.sampler.Declare(p)
	w.pass(5 * time.Minute)
	known := w.take(p.KPI)
	if len(known.Samples) == 0 {
		t.Error("no sample says that there is no answer")
	}
	wantEqual(t, "fetches", len(c.fetches), 0)
	o.reply, c.reply = nil, nil
	w.pass(2 * time.Minute)
	wantEqual(t, "known when the source is back", w.take(p.KPI).HasSeries, true)
}

func TestThePastIsNotFetchedWhereTheSourceKeepsNone(t *testing.T) {
	w := newWorld(t)
	var o oracle
	p := plan(named("k"), "q", &o)
	p.Window, p.Step = month, fourHours
	w.sampler.Declare(p)
	w.pass(time.Minute)
	known := w.take(p.KPI)
	wantEqual(t, "known", known.HasSeries, false)
	wantAbout(t, "samples", len(known.Samples), 1)
}

func TestSeriesTakesNothing(t *testing.T) {
	w := newWorld(t)
	var c chronicle
	p := trending("k", "q", &c)
	if _, ok := w.sampler.Series(p.KPI); ok {
		t.Error("the past of nobody is known")
	}
	w.sampler.Declare(p)
	w.pass(0)
	points, ok := w.sampler.Series(p.KPI)
	wantEqual(t, "known", ok, true)
	wantEqual(t, "points", len(points), int(month/fourHours)+1)
	wantEqual(t, "samples", len(w.take(p.KPI).Samples), 1)
}

func TestThePastCountsAgainstTheRateLimit(t *testing.T) {
	w := newWorld(t)
	var c chronicle
	for i := range 50 {
		p := trending(fmt.Sprint("k", i), fmt.Sprint("q", i), &c)
		p.Limits.PerSecond = 4
		w.sampler.Declare(p)
	}
	w.pass(10 * time.Second)
	wantAbout(t, "requests", c.count()+len(c.fetches), 4+10*4)
}
