package sampling

import (
	"context"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/kpi"
)

func TestEachSampleIsHandedOverOnce(t *testing.T) {
	w := newWorld(t)
	counted := 0.0
	o := oracle{}
	o.reply = func(_ context.Context, now time.Time) kpi.Sample { counted++; return answered(counted, now) }
	w.sampler.Declare(plan(named("a"), "q", &o))
	w.sampler.Declare(plan(named("b"), "q", &o))
	next := map[string]float64{"a": 1, "b": 1}
	for minute := range 20 {
		w.pass(time.Minute)
		for name := range next {
			if name == "b" && minute%4 > 0 {
				continue
			}
			for _, sample := range w.take(named(name)).Samples {
				wantEqual(t, "sample of "+name, sample.Value, next[name])
				next[name]++
			}
		}
	}
	wantEqual(t, "samples of a", next["a"], counted+1)
}

func TestSamplesThatNobodyTakesAreBoundedAndTheNewestAreKept(t *testing.T) {
	w := newWorld(t)
	counted := 0.0
	o := oracle{}
	o.reply = func(_ context.Context, now time.Time) kpi.Sample { counted++; return answered(counted, now) }
	w.sampler.Declare(plan(named("k"), "q", &o))
	w.pass(2 * time.Hour)
	samples := w.take(named("k")).Samples
	wantEqual(t, "samples", len(samples), maxSamples)
	for i, sample := range samples {
		wantEqual(t, "value", sample.Value, counted-float64(maxSamples-1-i))
	}
}

func TestASampleSaysWhenItWasAskedFor(t *testing.T) {
	w := newWorld(t)
	w.sampler.Declare(plan(named("k"), "q", &oracle{}))
	w.clock.Step(time.Second)
	w.pass(0)
	sample := w.take(named("k")).Samples[0]
	wantEqual(t, "asked at", sample.AskedAt, monday.Add(time.Second))
}

func TestAKPIThatIsForgottenIsNeitherAskedForNorKnown(t *testing.T) {
	w := newWorld(t)
	var shared, own oracle
	w.sampler.Declare(plan(named("stays"), "shared", &shared))
	w.sampler.Declare(plan(named("goes"), "shared", &shared))
	w.sampler.Declare(plan(named("alone"), "own", &own))
	w.pass(0)
	w.sampler.Forget(named("goes"))
	w.sampler.Forget(named("alone"))
	w.sampler.Forget(named("never declared"))
	w.pass(10 * time.Minute)
	for _, name := range []string{"goes", "alone"} {
		if known, ok := w.sampler.Take(named(name)); ok {
			t.Errorf("%s is known: %v", name, known)
		}
	}
	wantEqual(t, "asks for the one that was alone", own.count(), 1)
	wantAbout(t, "asks for the one that stays", shared.count(), 10)
	wantAbout(t, "its samples", len(w.take(named("stays")).Samples), 10)
}

func TestKPIsOfOneQuestionAreForgottenInAnyOrder(t *testing.T) {
	w := newWorld(t)
	var o oracle
	left := map[int]bool{}
	for i := range 30 {
		w.sampler.Declare(plan(named("k", i), "q", &o))
		left[i] = true
	}
	for i := range 30 {
		// Some order that neither begins nor ends with the first or last.
		gone := i * 7 % 30
		w.sampler.Forget(named("k", gone))
		delete(left, gone)
		w.pass(time.Minute)
		for still := range left {
			if got := len(w.take(named("k", still)).Samples); got < 1 || got > 2 {
				t.Fatalf("KPI %d was handed %d samples in the minute after %d was forgotten", still, got, gone)
			}
		}
	}
	wantEqual(t, "lanes", len(w.sampler.lanes), 0)
}

func TestAQuestionOfSomebodyForgottenWhileItIsAskedIsNotAskedAgain(t *testing.T) {
	w := newWorld(t)
	var o oracle
	o.reply = func(_ context.Context, now time.Time) kpi.Sample {
		w.sampler.Forget(named("k"))
		return answered(1, now)
	}
	w.sampler.Declare(plan(named("k"), "q", &o))
	w.sampler.Declare(plan(named("another"), "another", &oracle{}))
	w.pass(time.Hour)
	wantEqual(t, "asks", o.count(), 1)
	wantEqual(t, "turns to come", len(w.sampler.lanes["prometheus"].values), 1)
}

func TestWhoeverJoinsAQuestionHasTheNewestSampleAtOnce(t *testing.T) {
	w := newWorld(t)
	var o oracle
	first := plan(named("first"), "q", &o)
	first.Every = time.Hour
	w.sampler.Declare(first)
	w.pass(10 * time.Minute)
	second := first
	second.KPI = named("second")
	w.sampler.Declare(second)
	known := w.take(second.KPI)
	wantEqual(t, "samples", len(known.Samples), 1)
	wantEqual(t, "tried since", known.TriedSince, monday)
	wantEqual(t, "asks", w.sampler.AskDue(t.Context()), 0)
}

func TestWhoeverJoinsAQuestionThatAnotherProcessAskedDoesNotWaitForItsTurn(t *testing.T) {
	w := newWorld(t)
	old := plan(named("old"), "q", &oracle{})
	old.Every, old.AskedAt = 24*time.Hour, monday.Add(-time.Hour)
	w.sampler.Declare(old)
	wantEqual(t, "asks", w.sampler.AskDue(t.Context()), 0)
	young := old
	young.KPI, young.AskedAt = named("young"), time.Time{}
	w.sampler.Declare(young)
	wantEqual(t, "asks", w.sampler.AskDue(t.Context()), 1)
}

func TestWhoeverWasJustAskedForDoesNotHoldUpWhoNeverWas(t *testing.T) {
	w := newWorld(t)
	young := plan(named("young"), "q", &oracle{})
	w.sampler.Declare(young)
	old := young
	old.KPI, old.AskedAt = named("old"), monday
	w.sampler.Declare(old)
	wantEqual(t, "asks", w.sampler.AskDue(t.Context()), 1)
}

func TestTriedSinceIsTheFirstAttemptWhateverCameOfIt(t *testing.T) {
	w := newWorld(t)
	o := oracle{reply: silent}
	w.sampler.Declare(plan(named("k"), "q", &o))
	wantEqual(t, "before", w.take(named("k")).TriedSince, time.Time{})
	w.clock.Step(time.Second)
	for range 5 {
		w.pass(time.Minute)
		wantEqual(t, "after", w.take(named("k")).TriedSince, monday.Add(time.Second))
	}
	o.reply = nil
	w.pass(5 * time.Minute)
	wantEqual(t, "with answers", w.take(named("k")).TriedSince, monday.Add(time.Second))
}

func TestTriedSinceBeginsAnewAfterAMachineSlept(t *testing.T) {
	w := newWorld(t)
	o := oracle{reply: silent}
	w.sampler.Declare(plan(named("k"), "q", &o))
	w.pass(5 * time.Minute)
	w.clock.Step(8 * time.Hour)
	// The judge may be awake before the sampler is.
	wantEqual(t, "before it is asked again", w.take(named("k")).TriedSince, time.Time{})
	awake := w.now()
	w.pass(5 * time.Minute)
	wantEqual(t, "after", w.take(named("k")).TriedSince, awake)
}

func TestTriedSinceStandsWhereATestStepsByWholeIntervals(t *testing.T) {
	w := newWorld(t)
	p := plan(named("k"), "q", &oracle{reply: silent})
	p.Every = time.Hour
	w.sampler.Declare(p)
	for range 5 {
		w.sampler.AskDue(t.Context())
		w.clock.Step(time.Hour)
	}
	wantEqual(t, "tried since", w.take(named("k")).TriedSince, monday)
}

func TestAPanicOfAnAskerIsASampleAndEndsNothing(t *testing.T) {
	w := newWorld(t)
	o := oracle{reply: func(context.Context, time.Time) kpi.Sample { panic("odd") }}
	w.sampler.Declare(plan(named("k"), "q", &o))
	w.pass(3 * time.Minute)
	known := w.take(named("k"))
	wantAbout(t, "samples", len(known.Samples), 3)
	wantEqual(t, "result", known.Samples[0].Result, v1alpha1.SampleInvalid)
}
