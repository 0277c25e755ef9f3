package sampling

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/kpi"
	"github.com/gemba-dev/gemba/internal/source"
)

var monday = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// oracle answers any question and remembers when it was asked.
type oracle struct {
	mu   sync.Mutex
	asks []time.Time
	// reply makes the sample; nil answers 1.
	reply func(ctx context.Context, now time.Time) kpi.Sample
}

func (o *oracle) Ask(ctx context.Context, now time.Time) kpi.Sample {
	o.mu.Lock()
	o.asks = append(o.asks, now)
	o.mu.Unlock()
	if o.reply != nil {
		return o.reply(ctx, now)
	}
	return answered(1, now)
}

func (o *oracle) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.asks)
}

func answered(value float64, at time.Time) kpi.Sample {
	return kpi.Sample{At: at, Value: value, Result: v1alpha1.SampleAnswered}
}

func silent(context.Context, time.Time) kpi.Sample {
	return kpi.Sample{Result: v1alpha1.SampleNoAnswer, Message: "The server does not answer."}
}

// chronicle is an oracle that keeps values of the past.
type chronicle struct {
	oracle
	err     error
	fetches []fetch
}

type fetch struct{ from, to time.Time }

func (c *chronicle) History(_ context.Context, from, to time.Time, step time.Duration) ([]kpi.Point, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fetches = append(c.fetches, fetch{from, to})
	if c.err != nil {
		return nil, c.err
	}
	var points []kpi.Point
	for at := from; !at.After(to); at = at.Add(step) {
		points = append(points, kpi.Point{At: at, Value: 1})
	}
	return points, nil
}

// world is a sampler on a clock that the test drives.
type world struct {
	t       *testing.T
	clock   *clocktesting.FakeClock
	sampler *Sampler
}

func newWorld(t *testing.T) *world {
	t.Helper()
	clock := clocktesting.NewFakeClock(monday)
	return &world{t, clock, NewSampler(clock, Options{Jitter: func() float64 { return 0 }})}
}

func (w *world) now() time.Time { return w.clock.Now() }

// pass lets time pass and asks everything at the instant that it can be asked.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	end := w.now().Add(d)
	for turns := 0; ; turns++ {
		due, ok := w.sampler.NextDue()
		if !ok || due.After(end) {
			w.clock.SetTime(end)
			return
		}
		if due.After(w.now()) {
			w.clock.SetTime(due)
		}
		w.sampler.AskDue(w.t.Context())
		if turns > 1_000_000 {
			w.t.Fatalf("something is due at %s for ever and never asked", due)
		}
	}
}

// take takes what is known of a KPI that must be declared.
func (w *world) take(name types.NamespacedName) Knowledge {
	w.t.Helper()
	known, ok := w.sampler.Take(name)
	if !ok {
		w.t.Fatalf("%s is not known", name)
	}
	return known
}

func named(parts ...any) types.NamespacedName {
	return types.NamespacedName{Namespace: "journeys", Name: fmt.Sprint(parts...)}
}

// generous limits stand in nobody's way.
var generous = Limits{PerSecond: 10_000, Concurrent: 64, Timeout: 10 * time.Second}

// plan asks a question of the lane "prometheus" each minute.
func plan(name types.NamespacedName, key string, asker source.Asker) Plan {
	question := source.Question{Lane: "prometheus", Key: key, Asker: asker}
	return Plan{KPI: name, Question: question, Every: time.Minute, Limits: generous}
}

func wantEqual[V comparable](t *testing.T, what string, got, want V) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
