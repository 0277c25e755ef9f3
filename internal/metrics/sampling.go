package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// The sources are not a label: each would bring a histogram, and which of them does not answer is told by the condition
// Reachable of its MetricSource.

func newSamples() *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "gemba_kpi_samples_total",
		Help: "Values of KPIs that sources were asked for, by what came of it: Answered, NoAnswer, Refused, NotANumber, " +
			"Empty, TooMany, Invalid or Forbidden.",
	}, []string{"result"})
}

func newLateness() prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "gemba_kpi_sampling_lateness_seconds",
		Help: "How long after it was due a source was asked for the value of a KPI.",
		// From what a timer is off by to what a source is behind that cannot keep up.
		Buckets: []float64{.01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 900},
	})
}

func newQueries() prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "gemba_kpi_query_duration_seconds",
		Help: "How long sources took to answer when they were asked for the value of a KPI.",
		// Up to the longest timeout of a MetricSource.
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
	})
}

// Asked implements sampling.Observer. The lane is left out: it names a source.
func (o *Operations) Asked(_ string, result governancev1alpha1.SampleResult, took, late time.Duration) {
	o.samples.WithLabelValues(string(result)).Inc()
	// A clock that was set back makes nothing early: a sum that falls would look like a restart.
	o.queries.Observe(max(took, 0).Seconds())
	o.lateness.Observe(max(late, 0).Seconds())
}
