package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/kpi"
)

const (
	// steadyEvery is how often each of the KPIs is measured.
	steadyEvery = 15 * time.Second
	// tenMinutes is the window that the budget of status writes speaks of.
	tenMinutes = 10 * time.Minute
)

// watchSteadyKPIs runs the built manager with all KPIs and watches what it does while no value changes.
func watchSteadyKPIs(ctx context.Context, b *bench, url string) (err error) {
	b.say("starts a control plane")
	p, err := startPlane(ctx, b.folder)
	defer func() { err = errors.Join(err, p.stop()) }()
	if err != nil {
		return err
	}
	empty, err := heapWithout(ctx, p)
	if err != nil {
		return err
	}
	b.say("creates 5,000 KPIs")
	if err := createSteadyKPIs(ctx, p, url); err != nil {
		return err
	}
	rate, err := judgeAll(ctx, b, p)
	if err != nil {
		return err
	}
	if err := watchSteadily(ctx, b, p, url, empty); err != nil {
		return err
	}
	b.say("writes the status of all KPIs by a bare client")
	bare, err := p.bareWrites(ctx, sampledKPIs)
	if err != nil {
		return err
	}
	tellWriting(b, rate, bare, "in the cold start, from the first to the last; events beside them are not counted")
	return nil
}

// heapWithout is what the manager keeps where there is nothing.
func heapWithout(ctx context.Context, p *plane) (float64, error) {
	if err := p.startManager(ctx); err != nil {
		return 0, err
	}
	// Its first collections of garbage come while it starts.
	if err := pass(ctx, 5*time.Second); err != nil {
		return 0, err
	}
	idle, err := p.counts(ctx)
	if err != nil {
		return 0, err
	}
	return liveHeap(idle.manager), p.stopManager()
}

// liveHeap is what the last collection of garbage left.
func liveHeap(manager counters) float64 { return manager.sum("go_gc_heap_live_bytes", nil) }

func createSteadyKPIs(ctx context.Context, p *plane, url string) error {
	namespace, err := p.env.NewNamespace(ctx, "bench", nil)
	if err != nil {
		return err
	}
	if err := p.env.Client.Create(ctx, sampledSource(namespace, url)); err != nil {
		return fmt.Errorf("create the MetricSource: %w", err)
	}
	today := time.Now().UTC().Format(time.DateOnly)
	return p.create(ctx, sampledKPIs, func(i int) client.Object {
		line := i % sampledQueries
		return sampledKPI(i, lineQuery(line, line)).InNamespace(namespace).InEffectSince(today).Every(steadyEvery.String()).Obj()
	})
}

// judgeAll starts the manager and waits until each KPI has the value that it asked for. It gives how many were written in
// a second.
func judgeAll(ctx context.Context, b *bench, p *plane) (perSecond float64, err error) {
	before, err := p.apiCounts(ctx)
	if err != nil {
		return 0, err
	}
	b.say("starts the manager")
	p.watch.forget()
	begun := time.Now()
	if err := p.startManager(ctx); err != nil {
		return 0, err
	}
	if err := p.watch.awaitKPIs(ctx, "KPIs that are met", sampledKPIs, hasItsValue); err != nil {
		return 0, err
	}
	kpis, _ := p.watch.seen()
	// What is still to be written about the first values is written by then.
	if err := pass(ctx, 2*steadyEvery); err != nil {
		return 0, err
	}
	after, err := p.apiCounts(ctx)
	if err != nil {
		return 0, err
	}
	writes := after.statusWrites("kpis") - before.statusWrites("kpis")
	b.figures.add("cold start, until all are judged", seconds(kpis.last.Sub(begun)), "from the start of the manager's process")
	b.figures.add("status writes a KPI in a cold start", fmt.Sprintf("%.2f", writes/sampledKPIs),
		whole(writes)+" in all, heartbeats included")
	return sampledKPIs / kpis.last.Sub(kpis.first).Seconds(), nil
}

// hasItsValue says whether a KPI is met by the value of the line that it asks for, and of no other.
func hasItsValue(found *governancev1alpha1.KPI) bool {
	if found.Status.State != governancev1alpha1.KPIMet || found.Status.Value == nil {
		return false
	}
	value, err := strconv.ParseFloat(string(*found.Status.Value), 64)
	for line := range sampledQueries {
		if found.Spec.Source.Prometheus.Query == lineQuery(line, line) {
			return err == nil && value == lineValue(line)
		}
	}
	return false
}

// watchSteadily watches for the length of the window.
func watchSteadily(ctx context.Context, b *bench, p *plane, url string, empty float64) error {
	beats, err := heartbeats(ctx, p)
	if err != nil {
		return err
	}
	b.say("watches for %s", b.window)
	begun := time.Now()
	before, asked, err := steadyCounts(ctx, p, url)
	if err != nil {
		return err
	}
	if err := pass(ctx, b.window-time.Since(begun)); err != nil {
		return err
	}
	took := time.Since(begun)
	after, askedAfter, err := steadyCounts(ctx, p, url)
	if err != nil {
		return err
	}
	queries := (askedAfter - asked) / took.Seconds() * steadyEvery.Seconds()
	if queries < 1 {
		return errors.New("no value was asked for while the KPIs were watched")
	}
	b.figures.add("queries asked in an interval", fmt.Sprintf("%.1f", queries),
		fmt.Sprintf("of %d that differ, by %s KPIs; as Prometheus counts them, every %s; %s",
			sampledQueries, whole(sampledKPIs), steadyEvery, budget("<= 50", queries < sampledQueries+1)))
	tellWrites(b, after.api.statusWrites("kpis")-before.api.statusWrites("kpis"), beats, begun, took)
	tellProcess(b, before.manager, after.manager, empty, took)
	return nil
}

// steadyCounts counts, and how many queries Prometheus was asked.
func steadyCounts(ctx context.Context, p *plane, url string) (now counts, asked float64, err error) {
	if now, err = p.counts(ctx); err != nil {
		return now, 0, err
	}
	prometheus, err := scrape(ctx, http.DefaultClient, url+"/metrics")
	return now, prometheus.sum("prometheus_http_requests_total", map[string]string{"handler": "/api/v1/query"}), err
}

// heartbeats are when the status of each KPI is to be written next if nothing happens but that its value is measured.
func heartbeats(ctx context.Context, p *plane) ([]time.Time, error) {
	kpis, err := p.watch.listKPIs(ctx)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	beats := make([]time.Time, 0, len(kpis))
	for i := range kpis {
		found := &kpis[i]
		later := found.Status.DeepCopy()
		later.ValueTime = &metav1.Time{Time: now.Add(time.Second)}
		key := client.ObjectKeyFromObject(found).String()
		_, due := kpi.Throttle(key, &found.Spec, &found.Status, later, now)
		beats = append(beats, due)
	}
	return beats, nil
}

// tellWrites compares the writes with the heartbeats that were due.
func tellWrites(b *bench, writes float64, beats []time.Time, begun time.Time, took time.Duration) {
	due := func(within time.Duration) (count int) {
		for _, beat := range beats {
			if !beat.After(begun.Add(within)) {
				count++
			}
		}
		return count
	}
	// A beat at the edge of the window may be written beyond it.
	const edge = 2 * time.Second
	b.figures.add("status writes in "+took.Round(time.Second).String()+" of unchanged values", whole(writes),
		fmt.Sprintf("heartbeats due: %d; %s", due(took), budget("the heartbeat", writes <= float64(due(took+edge)))))
	if took < tenMinutes {
		b.figures.add("heartbeats due in ten minutes", strconv.Itoa(due(tenMinutes)),
			"one an hour for each KPI, spread; planned, and measured by -window 10m")
	}
}

// tellProcess says what the manager takes of the machine.
func tellProcess(b *bench, before, after counters, empty float64, took time.Duration) {
	heap := liveHeap(after)
	b.figures.add("heap of the manager, live", mebibytes(heap), mebibytes(empty)+" without KPIs; its budget, for all kinds, is 60 MiB + 4 kB an object")
	b.figures.add("heap a KPI", fmt.Sprintf("%.1f kB", (heap-empty)/sampledKPIs/1000), "with its metrics")
	b.figures.add("resident memory of the manager", mebibytes(after.sum("process_resident_memory_bytes", nil)), "garbage included")
	cpu := after.sum("process_cpu_seconds_total", nil) - before.sum("process_cpu_seconds_total", nil)
	b.figures.add("CPU of the manager", fmt.Sprintf("%.0f %% of a core", 100*cpu/took.Seconds()),
		fmt.Sprintf("%s KPIs judged every %s", whole(sampledKPIs), steadyEvery))
}
