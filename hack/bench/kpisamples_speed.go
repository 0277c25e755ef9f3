package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/api"
	prometheusv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/controllers"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/sampling"
	"github.com/gemba-dev/gemba/internal/source"
)

const (
	// rounds is how often each contestant runs. They take turns, so that whatever else the machine does hits all of them.
	rounds = 5
	// atOnce is how many queries are under way: what a MetricSource has by default.
	atOnce = 4
)

// contestant is a way to get a sample for each of the KPIs.
type contestant struct {
	name string
	// gemba is true for Gemba itself, which has a budget.
	gemba bool
	get   func(ctx context.Context) (time.Duration, error)
	rates []float64
}

// compareSampling measures samples a second as ratios to a bare loop over the official client.
func compareSampling(ctx context.Context, b *bench, url string) error {
	distinct, shared := make([]string, sampledKPIs), make([]string, sampledKPIs)
	for i := range sampledKPIs {
		line := i % sampledQueries
		distinct[i], shared[i] = lineQuery(line, i), lineQuery(line, line)
	}
	guarded, err := guardedClient(ctx, url)
	if err != nil {
		return err
	}
	defer guarded.Close()
	plain := &http.Transport{MaxIdleConns: atOnce, MaxIdleConnsPerHost: atOnce}
	defer plain.CloseIdleConnections()
	contestants := []*contestant{
		{name: "bare loop, plain transport", get: func(ctx context.Context) (time.Duration, error) {
			return askBare(ctx, url, plain, distinct)
		}},
		{name: "bare loop, egress transport", get: func(ctx context.Context) (time.Duration, error) {
			return askBare(ctx, url, guarded.RoundTripper(), distinct)
		}},
		{name: "sampler, 5,000 queries", gemba: true, get: func(ctx context.Context) (time.Duration, error) {
			return askSampled(ctx, url, guarded, distinct, sampledKPIs)
		}},
		{name: "sampler, 50 queries", gemba: true, get: func(ctx context.Context) (time.Duration, error) {
			return askSampled(ctx, url, guarded, shared, sampledQueries)
		}},
	}
	for round := range rounds {
		b.say("round %d of %d: 5,000 samples, by each of %d", round+1, rounds, len(contestants))
		for i := range contestants {
			one := contestants[(i+round)%len(contestants)]
			took, err := one.get(ctx)
			if err != nil {
				return fmt.Errorf("%s: %w", one.name, err)
			}
			one.rates = append(one.rates, sampledKPIs/took.Seconds())
		}
	}
	tellRates(b, contestants)
	return nil
}

// tellRates compares each with the first, round by round.
func tellRates(b *bench, contestants []*contestant) {
	bare := contestants[0]
	for _, one := range contestants {
		b.figures.add("samples a second, "+one.name, whole(median(one.rates)), "median of "+spread(one.rates, 0))
	}
	for _, one := range contestants[1:] {
		ratios := make([]float64, 0, rounds)
		for round, rate := range one.rates {
			ratios = append(ratios, rate/bare.rates[round])
		}
		ratio := median(ratios)
		note := "median of " + spread(ratios, 2)
		if one.gemba {
			note += "; " + budget(">= 0.9", ratio >= .9)
		}
		b.figures.add("ratio to the bare loop, "+one.name, fmt.Sprintf("%.2f", ratio), note)
	}
}

// guardedClient reaches a MetricSource as the manager does.
func guardedClient(ctx context.Context, url string) (*egress.Client, error) {
	guard, err := egress.NewGuard(egress.GuardOptions{AllowCIDRs: []string{"127.0.0.0/8"}, AllowHTTP: true})
	if err != nil {
		return nil, err
	}
	declared := sampledSource("bench", url)
	declared.Spec.RateLimit.Concurrent = atOnce
	// No Secret is named, and so none is read.
	return controllers.NewMetricSources(nil, guard).Client(ctx, declared)
}

// askBare asks one query after another, several at once.
func askBare(ctx context.Context, url string, through http.RoundTripper, queries []string) (time.Duration, error) {
	opened, err := api.NewClient(api.Config{Address: url, RoundTripper: through})
	if err != nil {
		return 0, fmt.Errorf("make a client for Prometheus: %w", err)
	}
	asked := prometheusv1.NewAPI(opened)
	var next atomic.Int64
	var asking sync.WaitGroup
	errs := make([]error, atOnce)
	begun := time.Now()
	for worker := range atOnce {
		asking.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(queries) && errs[worker] == nil; i = next.Add(1) - 1 {
				errs[worker] = askOnce(ctx, asked, queries[i], lineValue(int(i)%sampledQueries))
			}
		})
	}
	asking.Wait()
	return time.Since(begun), errors.Join(errs...)
}

func askOnce(ctx context.Context, asked prometheusv1.API, query string, want float64) error {
	answer, _, _, err := asked.Query(ctx, query, time.Now())
	if err != nil {
		return fmt.Errorf("query %s: %w", query, err)
	}
	if vector, ok := answer.(model.Vector); !ok || len(vector) != 1 || float64(vector[0].Value) != want {
		return fmt.Errorf("query %s: want %v, got %v", query, want, answer)
	}
	return nil
}

// askSampled has a sampler ask for the values of KPIs that have all fallen due, as fast as it can, and takes what it hands
// out as the controller of KPIs does.
func askSampled(
	ctx context.Context, url string, through *egress.Client, queries []string, asks int,
) (took time.Duration, err error) {
	asked := &askCounter{}
	late := &lateClock{behind: 2 * time.Hour}
	sampler := sampling.NewSampler(late, sampling.Options{Observer: asked})
	if err := declareAll(sampler, late.Now(), sampledSource("bench", url), through, queries); err != nil {
		return 0, err
	}
	// Two hours later: everything is due.
	late.behind = 0
	ctx, end := context.WithCancel(ctx)
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
	if err := sampler.Changes().Start(ctx, queue); err != nil {
		end()
		return 0, fmt.Errorf("follow the sampler: %w", err)
	}
	context.AfterFunc(ctx, queue.ShutDown)
	var running sync.WaitGroup
	begun := time.Now()
	running.Go(func() { err = sampler.Start(ctx) })
	took, taken := takeAll(sampler, queue, len(queries), begun)
	end()
	running.Wait()
	if err = errors.Join(err, taken); err == nil && asked.count.Load() != int64(asks) {
		err = fmt.Errorf("%d queries were asked, and not %d", asked.count.Load(), asks)
	}
	return took, err
}

// declareAll declares a KPI for each query. All were asked just now, so that none is due.
func declareAll(
	sampler *sampling.Sampler, now time.Time, from *governancev1alpha1.MetricSource, through *egress.Client, queries []string,
) error {
	questions := &source.Builder{}
	for i, query := range queries {
		kpi := sampledKPI(i, query).InNamespace(from.Namespace).Obj()
		question, err := questions.Question(kpi, from, through)
		if err != nil {
			return fmt.Errorf("prepare query %s: %w", query, err)
		}
		sampler.Declare(sampling.Plan{
			KPI: client.ObjectKeyFromObject(kpi), Question: question, Every: time.Hour, AskedAt: now,
			Limits: sampling.Limits{PerSecond: 1_000_000, Concurrent: atOnce, Timeout: 10 * time.Second},
		})
	}
	return nil
}

// takeAll takes the sample of each KPI.
func takeAll(
	sampler *sampling.Sampler, queue workqueue.TypedRateLimitingInterface[reconcile.Request], count int, begun time.Time,
) (time.Duration, error) {
	taken := map[types.NamespacedName]bool{}
	for len(taken) < count {
		request, ended := queue.Get()
		if ended {
			return 0, fmt.Errorf("the sampler handed out %d of %d samples", len(taken), count)
		}
		known, _ := sampler.Take(request.NamespacedName)
		queue.Done(request)
		for _, sample := range known.Samples {
			if sample.Result != governancev1alpha1.SampleAnswered {
				return 0, fmt.Errorf("the sampler hands out %s: %s", sample.Result, sample.Message)
			}
			taken[request.NamespacedName] = true
		}
	}
	return time.Since(begun), nil
}

// askCounter counts what a sampler asks.
type askCounter struct{ count atomic.Int64 }

// Asked implements sampling.Observer.
func (c *askCounter) Asked(string, governancev1alpha1.SampleResult, time.Duration, time.Duration) {
	c.count.Add(1)
}

// lateClock can be behind, while nobody else reads it.
type lateClock struct {
	clock.RealClock
	behind time.Duration
}

// Now is what the clock shows.
func (c *lateClock) Now() time.Time { return time.Now().Add(-c.behind) }
