package main

import (
	"context"
	"fmt"
	"io"
	"time"
)

// scenario is one thing that is measured. Each has a file of its own.
type scenario struct {
	name, about string
	// run does it and fills in the figures. An error says what was not done.
	run func(ctx context.Context, b *bench) error
}

// scenarios in the order in which they run.
func scenarios() []scenario {
	return []scenario{
		{"kpi-samples", "5,000 KPIs over 50 queries on a real Prometheus", kpiSamples},
		{"kpi-hanging-source", "one source that accepts and never answers, beside four that do", kpiHangingSource},
		{"process-rollup", "2,000 KPIs of 100 processes change at once", processRollUp},
		{"tickets", "1,000 tickets through a webhook", tickets},
	}
}

func names() []string {
	all := make([]string, 0, len(scenarios()))
	for _, one := range scenarios() {
		all = append(all, one.name)
	}
	return all
}

// bench is what a scenario works with.
type bench struct {
	// window is how long a steady state is watched.
	window time.Duration
	// folder holds kubeconfigs and logs. It is kept where the scenario fails.
	folder  string
	figures table

	out   io.Writer
	began time.Time
}

// say tells how far it is.
func (b *bench) say(format string, arguments ...any) {
	_, _ = fmt.Fprintf(b.out, "  [%3.0fs] %s\n", time.Since(b.began).Seconds(), fmt.Sprintf(format, arguments...))
}

// pass waits, unless the context ends before.
func pass(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
