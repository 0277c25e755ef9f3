package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/controllers"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/sampling"
	"github.com/gemba-dev/gemba/internal/source"
)

const (
	answeringSources = 4
	hangingSource    = "hanging"
	kpisPerSource    = 100
	hangingEvery     = 5 * time.Second
	// hangingTimeout lets a source hang several times in a phase: four questions at once, then one at a time.
	hangingTimeout = 2 * time.Second
	// phases take turns, without the source that hangs and with it, so that whatever else the machine does hits both.
	phases = 4
	// In the shortest phase each question falls due at least once.
	shortestPhase, longestPhase = 10 * time.Second, 15 * time.Second
)

// kpiHangingSource measures how late KPIs are asked for whose sources answer, without and with a source that hangs.
func kpiHangingSource(ctx context.Context, b *bench) error {
	sources, stop, err := startSources(ctx)
	if err != nil {
		return err
	}
	defer stop()
	without, with := &latenesses{}, &latenesses{}
	length := min(max(b.window/phases, shortestPhase), longestPhase)
	for phase := range phases {
		asked, observed, what := sources[:answeringSources], without, "without the source that hangs"
		if phase%2 == 1 {
			asked, observed, what = sources, with, "with it"
		}
		b.say("phase %d of %d, %s", phase+1, phases, what)
		if err := samplePhase(ctx, asked, observed, length); err != nil {
			return err
		}
	}
	return tellLateness(b, without, with)
}

// startSources starts servers that answer, and one that does not, which is the last of the sources.
func startSources(ctx context.Context) (sources []*governancev1alpha1.MetricSource, stop func(), err error) {
	answering := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"share": 97}`))
	}))
	hanging, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		answering.Close()
		return nil, nil, fmt.Errorf("listen and never answer: %w", err)
	}
	go accept(hanging)
	for i := range answeringSources {
		sources = append(sources, jsonSource(fmt.Sprintf("answering-%d", i), answering.URL))
	}
	sources = append(sources, jsonSource(hangingSource, "http://"+hanging.Addr().String()))
	return sources, func() { answering.Close(); _ = hanging.Close() }, nil
}

// accept takes connections, reads nothing and answers nothing.
func accept(listener net.Listener) {
	var kept []net.Conn
	for {
		connection, err := listener.Accept()
		if err != nil {
			break
		}
		kept = append(kept, connection)
	}
	for _, connection := range kept {
		_ = connection.Close()
	}
}

func jsonSource(name, url string) *governancev1alpha1.MetricSource {
	return builders.MakeMetricSource(name, url).InNamespace("bench").HTTP("/").
		Tune(func(spec *governancev1alpha1.MetricSourceSpec) {
			spec.RateLimit = governancev1alpha1.RateLimit{PerSecond: kpisPerSource, Concurrent: atOnce}
			spec.Timeout = governancev1alpha1.Duration(hangingTimeout.String())
		}).Obj()
}

// samplePhase runs a sampler of its own for a while. KPIs were asked for just now, as after a restart: there is no crowd at
// the beginning whose lateness would be that of the queue.
func samplePhase(
	ctx context.Context, sources []*governancev1alpha1.MetricSource, observed *latenesses, length time.Duration,
) error {
	guard, err := egress.NewGuard(egress.GuardOptions{AllowCIDRs: []string{"127.0.0.0/8"}, AllowHTTP: true})
	if err != nil {
		return err
	}
	reached, questions := controllers.NewMetricSources(nil, guard), &source.Builder{}
	sampler := sampling.NewSampler(clock.RealClock{}, sampling.Options{Observer: observed})
	for _, from := range sources {
		through, err := reached.Client(ctx, from)
		if err != nil {
			return err
		}
		if err := declareSource(sampler, questions, from, through); err != nil {
			return err
		}
	}
	running, end := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- sampler.Start(running) }()
	err = pass(ctx, length)
	end()
	err = errors.Join(err, <-ended)
	for _, from := range sources {
		reached.Forget(client.ObjectKeyFromObject(from))
	}
	return err
}

// declareSource declares the KPIs that ask a source.
func declareSource(
	sampler *sampling.Sampler, questions *source.Builder, from *governancev1alpha1.MetricSource, through *egress.Client,
) error {
	for i := range kpisPerSource {
		kpi := builders.MakeKPI(fmt.Sprintf("%s-%03d", from.Name, i)).InNamespace(from.Namespace).
			HTTP(from.Name, fmt.Sprintf("/kpis/%d", i), "reply.share").Obj()
		question, err := questions.Question(kpi, from, through)
		if err != nil {
			return err
		}
		sampler.Declare(sampling.Plan{
			KPI: client.ObjectKeyFromObject(kpi), Question: question, Every: hangingEvery, AskedAt: time.Now(),
			Limits: sampling.Limits{PerSecond: kpisPerSource, Concurrent: atOnce, Timeout: hangingTimeout},
		})
	}
	return nil
}

// latenesses keeps how late each question was asked.
type latenesses struct {
	mu sync.Mutex
	// late are those of sources that are to answer; unanswered counts those of them that had no answer.
	late       []time.Duration
	unanswered int
	// hung counts the questions that the source which hangs did not answer, and hungFor how long they took together.
	hung    int
	hungFor time.Duration
}

// Asked implements sampling.Observer.
func (l *latenesses) Asked(lane string, result governancev1alpha1.SampleResult, took, late time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	answered := result == governancev1alpha1.SampleAnswered
	switch {
	case strings.HasSuffix(lane, "/"+hangingSource) && !answered:
		l.hung++
		l.hungFor += took
	case answered:
		l.late = append(l.late, late)
	default:
		l.unanswered++
	}
}

func tellLateness(b *bench, without, with *latenesses) error {
	if without.hung > 0 || with.hung == 0 || len(without.late) == 0 || len(with.late) == 0 {
		return fmt.Errorf("%d and %d questions were answered, %d and %d hung: this is not what was to be compared",
			len(without.late), len(with.late), without.hung, with.hung)
	}
	if missing := without.unanswered + with.unanswered; missing > 0 {
		return fmt.Errorf("sources that answer did not answer %d questions", missing)
	}
	for _, one := range []struct {
		name  string
		share float64
	}{{"p50", .5}, {"p99", .99}} {
		b.figures.add("lateness of the other four, "+one.name, milliseconds(quantile(with.late, one.share)),
			milliseconds(quantile(without.late, one.share))+" without the source that hangs")
	}
	b.figures.add("lateness of the other four, greatest", milliseconds(slices.Max(with.late)),
		milliseconds(slices.Max(without.late))+" without the source that hangs")
	b.figures.add("questions to the other four", whole(float64(len(with.late))),
		whole(float64(len(without.late)))+" without the source that hangs")
	b.figures.add("questions that hung", whole(float64(with.hung)),
		fmt.Sprintf("for %s each, on average", seconds(with.hungFor/time.Duration(with.hung))))
	return nil
}
