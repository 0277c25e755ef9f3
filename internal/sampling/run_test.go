package sampling

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/utils/clock"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/kpi"
)

// The tests below run the goroutines of Start in a bubble of testing/synctest: clock and timers are those of
// production, time passes when everybody waits, and a goroutine that is left at the end fails the test.

// after lets time pass in a bubble.
func after(d time.Duration) {
	<-time.NewTimer(d).C
	synctest.Wait()
}

// run starts a sampler and returns what stops it, and waits for it.
func run(t *testing.T, s *Sampler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Start(ctx) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// lateness remembers how late the asks of each lane were.
type lateness struct {
	mu   sync.Mutex
	late map[string][]time.Duration
}

func (l *lateness) Asked(lane string, _ v1alpha1.SampleResult, _, late time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.late[lane] = append(l.late[lane], late)
}

func (l *lateness) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.late)
}

// answerTime is how long a healthy source takes.
const answerTime = 150 * time.Millisecond

// hang answers when its context ends.
func hang(ctx context.Context, now time.Time) kpi.Sample {
	<-ctx.Done()
	return silent(ctx, now)
}

// slowly answers after some time, as sources do.
func slowly(d time.Duration) func(context.Context, time.Time) kpi.Sample {
	return func(ctx context.Context, now time.Time) kpi.Sample {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return answered(1, now)
		case <-ctx.Done():
			return silent(ctx, now)
		}
	}
}

// fiveLanes runs five sources with 400 questions each, which is 83 % of what their limits admit, for 12 minutes. It
// tells how late the last four were asked in the last ten of them, when the first asks are done.
func fiveLanes(t *testing.T, first func(context.Context, time.Time) kpi.Sample) (late []time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		seen := &lateness{late: map[string][]time.Duration{}}
		s := NewSampler(clock.RealClock{}, Options{Observer: seen, Jitter: func() float64 { return 0.5 }})
		for l := range 5 {
			o := &oracle{reply: slowly(answerTime)}
			if l == 0 {
				o.reply = first
			}
			for i := range 400 {
				p := plan(named(l, "-", i), fmt.Sprint("q", i), o)
				p.Question.Lane, p.Limits = fmt.Sprint("lane ", l), Limits{PerSecond: 8, Concurrent: 2}
				s.Declare(p)
			}
		}
		stop := run(t, s)
		after(2 * time.Minute)
		seen.forget()
		after(10 * time.Minute)
		stop()
		for l := 1; l < 5; l++ {
			late = append(late, seen.late[fmt.Sprint("lane ", l)]...)
		}
		slices.Sort(late)
	})
	return late
}

func TestASourceThatHangsMakesNoOtherLate(t *testing.T) {
	at := func(late []time.Duration, percent int) time.Duration { return late[len(late)*percent/100] }
	healthy, hanging := fiveLanes(t, slowly(answerTime)), fiveLanes(t, hang)
	t.Logf("lateness of four sources: all five answer: %d asks, p50 %s, p99 %s; the fifth hangs: %d asks, p50 %s, p99 %s",
		len(healthy), at(healthy, 50), at(healthy, 99), len(hanging), at(hanging, 50), at(hanging, 99))
	if !slices.Equal(healthy, hanging) {
		t.Error("a source that hangs changes the lateness of the others")
	}
	if len(healthy) < 15_000 || at(healthy, 99) == 0 {
		t.Errorf("%d asks with a p99 of %s show nothing", len(healthy), at(healthy, 99))
	}
}

func TestNoMoreQuestionsAreUnderWayThanTheLimitSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		underWay, most := 0, 0
		answer := slowly(3 * time.Second)
		count := func(by int) {
			mu.Lock()
			defer mu.Unlock()
			underWay += by
			most = max(most, underWay)
		}
		o := oracle{reply: func(ctx context.Context, now time.Time) kpi.Sample {
			count(1)
			defer count(-1)
			return answer(ctx, now)
		}}
		s := NewSampler(clock.RealClock{}, Options{})
		for i := range 50 {
			p := plan(named("k", i), fmt.Sprint("q", i), &o)
			p.Limits.Concurrent = 7
			s.Declare(p)
		}
		stop := run(t, s)
		after(time.Minute)
		stop()
		wantEqual(t, "most at once", most, 7)
	})
}

func TestQuestionsThatAreAtFaultThemselvesHoldUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := &lateness{late: map[string][]time.Duration{}}
		s := NewSampler(clock.RealClock{}, Options{Observer: seen})
		for i := range 30 {
			s.Declare(plan(named("k", i), fmt.Sprint("q", i), &oracle{reply: slowly(answerTime)}))
		}
		bad := &oracle{reply: hang}
		s.Declare(plan(named("bad"), "bad", bad))
		s.Declare(plan(named("worse"), "worse", bad))
		stop := run(t, s)
		after(2 * time.Minute)
		seen.forget()
		after(10 * time.Minute)
		reach, _ := s.Reach("prometheus")
		stop()
		wantEqual(t, "the source answers", reach.Answers, true)
		late := seen.late["prometheus"]
		if worst := slices.Max(late); worst > time.Millisecond {
			t.Errorf("of %d asks beside one that hangs the latest was %s late", len(late), worst)
		}
		if got := bad.count(); got > 2*36 {
			t.Errorf("the bad questions were asked %d times in 12 minutes", got)
		}
	})
}

func TestQuestionsThatFailTogetherCountAsOneFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSampler(clock.RealClock{}, Options{Jitter: func() float64 { return 0 }})
		o := &oracle{reply: hang}
		for i := range 40 {
			p := plan(named("k", i), fmt.Sprint("q", i), o)
			p.Limits.Concurrent = 8
			s.Declare(p)
		}
		stop := run(t, s)
		after(generous.Timeout)
		wantEqual(t, "asks at first", o.count(), 8)
		if reach, known := s.Reach("prometheus"); known {
			t.Errorf("after one outage of %s the reach is known: %v", generous.Timeout, reach)
		}
		after(firstPause - 1)
		wantEqual(t, "asks in the pause", o.count(), 8)
		after(1)
		wantEqual(t, "asks at its end", o.count(), 9)
		after(generous.Timeout + 2*firstPause - 1)
		wantEqual(t, "asks in the next pause", o.count(), 9)
		after(1)
		wantEqual(t, "asks at its end", o.count(), 10)
		stop()
	})
}

func TestAQuestionThatHangsEndsWithItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSampler(clock.RealClock{}, Options{})
		o := oracle{reply: hang}
		p := plan(named("k"), "q", &o)
		p.Limits.Timeout = 4 * time.Second
		s.Declare(p)
		stop := run(t, s)
		after(4 * time.Second)
		known, _ := s.Take(p.KPI)
		wantEqual(t, "samples", len(known.Samples), 1)
		stop()
	})
}

func TestStartReturnsAtOnceWhenItsContextEndsAndWhatIsUnderWayIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSampler(clock.RealClock{}, Options{})
		for i := range 100 {
			p := plan(named("k", i), fmt.Sprint("q", i), &oracle{reply: hang})
			p.Question.Lane = fmt.Sprint("lane ", i%10)
			s.Declare(p)
		}
		stop := run(t, s)
		after(time.Second)
		before := clock.RealClock{}.Now()
		stop()
		wantEqual(t, "time to stop", clock.RealClock{}.Since(before), 0)
		for i := range 100 {
			known, _ := s.Take(named("k", i))
			wantEqual(t, "samples", len(known.Samples), 0)
			wantEqual(t, "tried since", known.TriedSince, time.Time{})
		}
		if _, ok := s.Reach("lane 0"); ok {
			t.Error("the end of the process counts as a failure of the source")
		}
	})
}

func TestStartReturnsWhenTheLastThatIsUnderWayHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Int32
		o := &oracle{reply: func(ctx context.Context, now time.Time) kpi.Sample {
			<-ctx.Done()
			<-time.NewTimer(time.Second).C
			ended.Add(1)
			return silent(ctx, now)
		}}
		s := NewSampler(clock.RealClock{}, Options{})
		for i := range 8 {
			p := plan(named("k", i), fmt.Sprint("q", i), o)
			p.Question.Lane = fmt.Sprint("lane ", i%4)
			s.Declare(p)
		}
		stop := run(t, s)
		after(time.Second)
		stop()
		wantEqual(t, "asks that have ended", ended.Load(), 8)
	})
}

func TestWhatIsDeclaredAndForgottenWhileItRunsIsHeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSampler(clock.RealClock{}, Options{})
		stop := run(t, s)
		defer stop()
		after(time.Hour)
		for round := range 3 {
			var first, second oracle
			s.Declare(plan(named("first"), "q1", &first))
			after(0)
			wantEqual(t, "asks at once", first.count(), 1)
			s.Declare(plan(named("second"), "q2", &second))
			after(0)
			wantEqual(t, "asks of the second at once", second.count(), 1)
			after(10 * time.Minute)
			wantAbout(t, fmt.Sprint("asks of the first, round ", round), first.count(), 11)
			wantAbout(t, fmt.Sprint("asks of the second, round ", round), second.count(), 11)
			s.Forget(named("first"))
			s.Forget(named("second"))
			asked := first.count() + second.count()
			after(10 * time.Minute)
			wantEqual(t, "asks when both are forgotten", first.count()+second.count(), asked)
			wantEqual(t, "lanes", len(s.lanes), 0)
		}
	})
}

func TestTurnsAreOnTimeToTheMillisecondWhereNothingStandsInTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := &lateness{late: map[string][]time.Duration{}}
		s := NewSampler(clock.RealClock{}, Options{Observer: seen})
		for i := range 500 {
			s.Declare(plan(named("k", i), fmt.Sprint("q", i), &oracle{}))
		}
		stop := run(t, s)
		after(10 * time.Minute)
		stop()
		wantAboutTenth(t, len(seen.late["prometheus"]), 5250)
		if worst := slices.Max(seen.late["prometheus"]); worst > time.Millisecond {
			t.Errorf("a question was asked %s late", worst)
		}
	})
}

// wantAboutTenth allows for a tenth more or less.
func wantAboutTenth(t *testing.T, got, want int) {
	t.Helper()
	if got < want*9/10 || got > want*11/10 {
		t.Errorf("got %d, want some %d", got, want)
	}
}

func TestManyCallersAtOnceLoseNoSample(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSampler(clock.RealClock{}, Options{})
		stop := run(t, s)
		queue := newQueue(t)
		start(t, t.Context(), s, queue)
		o := oracle{reply: slowly(time.Millisecond)}
		var callers sync.WaitGroup
		taken := make([]int, 4)
		for c := range taken {
			callers.Go(func() {
				for i := range 500 {
					p := plan(named(c, "-", i), fmt.Sprint("q", i%20), &o)
					s.Declare(p)
					if i%5 == 4 {
						s.Forget(p.KPI)
					}
					s.NextDue()
					s.Reach("prometheus")
				}
				for range 10 {
					after := time.NewTimer(time.Minute)
					<-after.C
					for i := range 500 {
						known, _ := s.Take(named(c, "-", i))
						taken[c] += len(known.Samples)
					}
				}
			})
		}
		callers.Wait()
		stop()
		for c := range taken {
			wantAboutTenth(t, taken[c], 400*10)
		}
		wantEqual(t, "requests", len(drain(queue)), 1600)
		queue.ShutDown()
	})
}
