package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/testenv"
)

const (
	sampledKPIs    = 5000
	sampledQueries = 50
	sampledFrom    = "prometheus"
)

// kpiSamples measures how fast samples come from Prometheus, and what 5,000 KPIs cost while nothing changes.
func kpiSamples(ctx context.Context, b *bench) (err error) {
	exporter := testenv.StartExporter()
	defer exporter.Close()
	for line := range sampledQueries {
		exporter.Set("bench_share", map[string]string{"line": lineName(line)}, lineValue(line))
	}
	prometheus, err := testenv.StartPrometheus(ctx,
		testenv.WithScrapeEvery(5*time.Second), testenv.WithTargets("bench", exporter.Address()))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, prometheus.Close()) }()
	last := sampledQueries - 1
	if err := prometheus.AwaitValue(ctx, lineQuery(last, last), lineValue(last)); err != nil {
		return err
	}
	if err := compareSampling(ctx, b, prometheus.URL()); err != nil {
		return err
	}
	return watchSteadyKPIs(ctx, b, prometheus.URL())
}

func lineName(line int) string { return fmt.Sprintf("%02d", line) }

// lineValue is another one for each line: whoever has it has asked for this line. All of them meet the target of 90.
func lineValue(line int) float64 { return 91 + float64(line)/8 }

// lineQuery asks for the value of a line. Another variant is another query, and as much work for Prometheus.
func lineQuery(line, variant int) string {
	return fmt.Sprintf(`bench_share{line=%q} + 0 * %d`, lineName(line), variant)
}

// sampledKPI is the KPI with a number, which asks a query.
func sampledKPI(i int, query string) *builders.KPIBuilder {
	return builders.MakeKPI(fmt.Sprintf("share-%04d", i)).Prometheus(sampledFrom, query)
}

// sampledSource is the MetricSource that they ask.
func sampledSource(namespace, url string) *governancev1alpha1.MetricSource {
	return builders.MakeMetricSource(sampledFrom, url).InNamespace(namespace).Obj()
}
