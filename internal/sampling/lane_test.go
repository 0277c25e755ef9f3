package sampling

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/kpi"
)

// declareMany declares as many questions of one lane, all asked by the same asker.
func (w *world) declareMany(questions int, o *oracle, edit func(*Plan)) {
	for i := range questions {
		p := plan(named("k", i), fmt.Sprint("q", i), o)
		if edit != nil {
			edit(&p)
		}
		w.sampler.Declare(p)
	}
}

func TestASourceThatDoesNotAnswerIsAskedOneQuestionAtATimeWithPausesThatDouble(t *testing.T) {
	w := newWorld(t)
	o := oracle{reply: silent}
	w.declareMany(20, &o, nil)
	w.pass(10 * time.Minute)
	for i, seconds := range []float64{2, 4, 8, 16, 32, 60, 60, 60} {
		wantEqual(t, fmt.Sprint("pause ", i+1), o.asks[i+1].Sub(o.asks[i]).Seconds(), seconds)
	}
	if got := o.count(); got > 16 {
		t.Errorf("asked %d times in ten minutes", got)
	}
}

func TestPausesAreDrawnFromHalfToTheWholeAndAreNeverLongerThanAnIntervalOfTheLane(t *testing.T) {
	for name, test := range map[string]struct {
		every       time.Duration
		failures    int
		draw        float64
		least, most time.Duration
	}{
		"the first, shortest draw":           {time.Hour, 1, 0.999999, time.Second, 1001 * time.Millisecond},
		"the first, longest draw":            {time.Hour, 1, 0, 2 * time.Second, 2 * time.Second},
		"the fourth":                         {time.Hour, 4, 0.5, 12 * time.Second, 12 * time.Second},
		"the hundredth, with long intervals": {time.Hour, 100, 0, 5 * time.Minute, 5 * time.Minute},
		"the hundredth, with a short one":    {20 * time.Second, 100, 0, 20 * time.Second, 20 * time.Second},
		"the first, with a very short one":   {time.Second, 1, 0, time.Second, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.sampler.options.Jitter = func() float64 { return test.draw }
			for i, every := range []time.Duration{2 * time.Hour, test.every} {
				p := plan(named("k", i), fmt.Sprint("q", i), &oracle{})
				p.Every = every
				w.sampler.Declare(p)
			}
			l := w.sampler.lanes["prometheus"]
			got := l.pauseAfter(test.failures, l.longestLanePause())
			if got < test.least || got > test.most {
				t.Errorf("got a pause of %s, want %s to %s", got, test.least, test.most)
			}
		})
	}
}

func TestAPauseIsDrawnOnce(t *testing.T) {
	w := newWorld(t)
	draws := 0
	w.sampler.options.Jitter = func() float64 { draws++; return 0.5 }
	o := oracle{reply: silent}
	w.sampler.Declare(plan(named("k"), "q", &o))
	w.sampler.AskDue(t.Context())
	first, _ := w.sampler.NextDue()
	before := draws
	for range 5 {
		w.clock.Step(100 * time.Millisecond)
		w.sampler.AskDue(t.Context())
	}
	again, _ := w.sampler.NextDue()
	wantEqual(t, "end of the pause", again, first)
	wantEqual(t, "draws meanwhile", draws-before, 0)
}

func TestTheFirstAnswerEndsThePauses(t *testing.T) {
	w := newWorld(t)
	o := oracle{reply: silent}
	w.declareMany(20, &o, nil)
	w.pass(5 * time.Minute)
	o.reply = nil
	before := o.count()
	w.pass(time.Minute)
	if got := o.count() - before; got < 20 {
		t.Errorf("%d of 20 questions were asked in the minute after the source was back", got)
	}
	o.reply = silent
	w.pass(time.Minute)
	at := len(o.asks) - 1
	for at > 0 && o.asks[at].Sub(o.asks[at-1]) > 3*time.Second {
		at--
	}
	wantEqual(t, "first pause of the next outage", o.asks[at].Sub(o.asks[at-1]), 2*time.Second)
}

func TestWhatASourceAnswersEndsThePausesUnlessItIsGembasOwnRefusal(t *testing.T) {
	for result, ends := range map[v1alpha1.SampleResult]bool{
		v1alpha1.SampleAnswered: true, v1alpha1.SampleRefused: true, v1alpha1.SampleNotANumber: true,
		v1alpha1.SampleEmpty: true, v1alpha1.SampleTooMany: true, v1alpha1.SampleInvalid: true,
		v1alpha1.SampleForbidden: false, v1alpha1.SampleNoAnswer: false,
	} {
		t.Run(string(result), func(t *testing.T) {
			w := newWorld(t)
			o := oracle{reply: silent}
			w.declareMany(5, &o, nil)
			w.pass(time.Minute)
			o.reply = func(context.Context, time.Time) kpi.Sample { return kpi.Sample{Result: result} }
			due, _ := w.sampler.NextDue()
			w.clock.SetTime(due)
			w.sampler.AskDue(t.Context())
			reach, _ := w.sampler.Reach("prometheus")
			wantEqual(t, "answers", reach.Answers, ends)
		})
	}
}

func TestAQuestionWithoutAnAnswerIsTriedAgainBeforeItsTurn(t *testing.T) {
	w := newWorld(t)
	o := oracle{reply: silent}
	p := plan(named("k"), "q", &o)
	p.Every = 24 * time.Hour
	w.sampler.Declare(p)
	w.pass(10 * time.Second)
	wantEqual(t, "tries in ten seconds", o.count(), 3)
	o.reply = nil
	w.pass(10 * time.Second)
	wantEqual(t, "tries until the answer", o.count(), 4)
	w.pass(11 * time.Hour)
	wantEqual(t, "tries until its turn", o.count(), 4)
}

func TestAQuestionThatASourceChokesOnPausesItsLaneNoMoreThanOnce(t *testing.T) {
	w := newWorld(t)
	seen := &lateness{late: map[string][]time.Duration{}}
	w.sampler.options.Observer = seen
	good, bad := &oracle{}, &oracle{reply: silent}
	w.sampler.Declare(plan(named("bad"), "bad", bad))
	w.sampler.Declare(plan(named("good"), "good", good))
	w.pass(10 * time.Second)
	seen.forget()
	w.pass(10 * time.Minute)
	reach, _ := w.sampler.Reach("prometheus")
	wantEqual(t, "the source answers", reach.Answers, true)
	wantEqual(t, "the latest", slices.Max(seen.late["prometheus"]), 0)
	wantAbout(t, "good answers", good.count(), 11)
	if got := bad.count(); got > 20 {
		t.Errorf("the bad question was asked %d times in ten minutes", got)
	}
}

func TestAnotherQuestionIsBroughtForwardToTellWhetherASourceIsOutOfReach(t *testing.T) {
	w := newWorld(t)
	hourly, often := &oracle{}, &oracle{}
	p := plan(named("hourly"), "hourly", hourly)
	p.Every, p.AskedAt = 100*time.Hour, monday
	w.sampler.Declare(p)
	w.sampler.Declare(plan(named("often"), "often", often))
	w.pass(10 * time.Minute)
	wantEqual(t, "asks for the hourly one while the source answers", hourly.count(), 0)
	hourly.reply, often.reply = silent, silent
	w.pass(2 * time.Minute)
	reach, known := w.sampler.Reach("prometheus")
	wantEqual(t, "known", known, true)
	wantEqual(t, "the source answers", reach.Answers, false)
	if got := hourly.count(); got == 0 || got > 4 {
		t.Errorf("the hourly question was asked %d times in two minutes", got)
	}
	before := hourly.count() + often.count()
	w.pass(time.Hour)
	// Each minute for the one, and each five for the other, which is as long as a pause gets.
	if got := hourly.count() + often.count() - before; got > 60+12+2 {
		t.Errorf("the source was asked %d times in an hour in which it did not answer", got)
	}
}

func TestWhileASourceIsOutOfReachEveryQuestionThatIsDueHasBeenTried(t *testing.T) {
	w := newWorld(t)
	o := oracle{reply: silent}
	w.declareMany(20, &o, func(p *Plan) { p.Every = 2 * time.Minute })
	w.pass(10 * time.Minute)
	for i := range 20 {
		known := w.take(named("k", i))
		if late := known.TriedSince.Sub(monday); late < 0 || late > 10*time.Second {
			t.Errorf("KPI %d counts as tried since %s", i, known.TriedSince)
		}
		if got := len(known.Samples); got < 4 || got > 7 {
			t.Errorf("KPI %d was told %d times in ten minutes that there is no answer", i, got)
		}
		for _, sample := range known.Samples {
			wantEqual(t, "result", sample.Result, v1alpha1.SampleNoAnswer)
		}
	}
	if got := o.count(); got > 16 {
		t.Errorf("the source was asked %d times", got)
	}
}

func TestTheReachOfASourceIsUnknownUntilItAnswersOrFailsTwice(t *testing.T) {
	w := newWorld(t)
	o := oracle{reply: silent}
	w.declareMany(5, &o, nil)
	unknown := func() {
		t.Helper()
		if reach, ok := w.sampler.Reach("prometheus"); ok {
			t.Errorf("the reach is known: %v", reach)
		}
	}
	unknown()
	w.pass(0)
	unknown()
	w.pass(2 * time.Second)
	reach, _ := w.sampler.Reach("prometheus")
	wantEqual(t, "reach", reach, Reach{Since: monday.Add(2 * time.Second), Message: "The server does not answer."})
	w.pass(3 * time.Second)
	o.reply = nil
	w.pass(time.Minute)
	reach, _ = w.sampler.Reach("prometheus")
	want := Reach{Answers: true, Since: monday.Add(6 * time.Second)}
	wantEqual(t, "reach", reach, want)
	failures := 0
	o.reply = func(ctx context.Context, now time.Time) kpi.Sample {
		if failures++; failures == 1 {
			return silent(ctx, now)
		}
		return answered(1, now)
	}
	for failures == 0 {
		w.pass(time.Second)
	}
	reach, _ = w.sampler.Reach("prometheus")
	wantEqual(t, "reach after one failure", reach, want)
}

func TestASourceWithOneQuestionIsOutOfReachWhenThatFailsTwice(t *testing.T) {
	w := newWorld(t)
	o := oracle{reply: silent}
	w.declareMany(1, &o, nil)
	w.pass(2 * time.Second)
	reach, known := w.sampler.Reach("prometheus")
	wantEqual(t, "known", known, true)
	wantEqual(t, "answers", reach.Answers, false)
}

func TestTheRateLimitHolds(t *testing.T) {
	w := newWorld(t)
	var o oracle
	w.declareMany(200, &o, func(p *Plan) { p.Limits.PerSecond = 5 })
	wantEqual(t, "at once", w.sampler.AskDue(t.Context()), 5)
	for range 30 {
		before := o.count()
		w.pass(time.Second)
		wantAbout(t, "asks in a second", o.count()-before, 5)
	}
	wantAbout(t, "asks in thirty seconds", o.count(), 5+30*5)
}

func TestChangedLimitsTakeEffect(t *testing.T) {
	w := newWorld(t)
	var o oracle
	w.declareMany(2000, &o, func(p *Plan) { p.Limits.PerSecond = 5 })
	w.pass(10 * time.Second)
	p := plan(named("k", 0), "q0", &o)
	p.Limits.PerSecond = 50
	w.sampler.Declare(p)
	before := o.count()
	w.pass(10 * time.Second)
	if got := o.count() - before; got < 495 || got > 555 {
		t.Errorf("%d asks in ten seconds at 50 a second", got)
	}
}

func TestALaneThatCannotKeepUpAsksEverybodyInTurn(t *testing.T) {
	w := newWorld(t)
	oracles := make([]oracle, 600)
	for i := range oracles {
		p := plan(named("k", i), fmt.Sprint("q", i), &oracles[i])
		// A hundred are in a hurry. The lane manages half of what is due.
		if i < 100 {
			p.Every = 15 * time.Second
		}
		p.Limits.PerSecond = 7
		w.sampler.Declare(p)
	}
	w.pass(20 * time.Minute)
	slowest := 1 << 30
	for i := range oracles {
		slowest = min(slowest, oracles[i].count())
	}
	if slowest < 8 {
		t.Errorf("a question was asked %d times in 20 minutes", slowest)
	}
}

func TestTheClosedLaneIsForgotten(t *testing.T) {
	w := newWorld(t)
	var o oracle
	w.declareMany(10, &o, nil)
	w.pass(time.Minute)
	for i := range 10 {
		w.sampler.Forget(named("k", i))
	}
	wantEqual(t, "lanes", len(w.sampler.lanes), 0)
	if due, ok := w.sampler.NextDue(); ok {
		t.Errorf("something is due at %s", due)
	}
	before := o.count()
	w.pass(time.Hour)
	wantEqual(t, "asks", o.count()-before, 0)
}
