package metrics

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// Operations counts what the manager does: messages sent, values asked for, events dropped, watches that failed.
type Operations struct {
	deliveries      *prometheus.CounterVec
	droppedEvents   prometheus.Counter
	reflectorErrors *prometheus.CounterVec
	build           *prometheus.GaugeVec
	samples         *prometheus.CounterVec
	lateness        prometheus.Histogram
	queries         prometheus.Histogram
}

// NewOperations makes counters that stand at zero, and says which version is running.
func NewOperations(version string) *Operations {
	o := &Operations{
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gemba_delivery_attempts_total",
			Help: "Tries to send a message to a ticket system, by what was asked and what became of it: " +
				"Delivered, Refused, NotReceived or Unknown.",
		}, []string{"system", "operation", "outcome"}),
		droppedEvents: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gemba_events_dropped_total",
			Help: "Events that were not sent because too many came at once.",
		}),
		reflectorErrors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gemba_reflector_errors_total",
			Help: "Failures to list or watch a kind. One that goes on means that what is declared is not seen.",
		}, []string{"kind"}),
		build: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "gemba_build_info",
			Help: "1, with the version that is running.",
		}, []string{"version", "goversion"}),
		samples:  newSamples(),
		lateness: newLateness(),
		queries:  newQueries(),
	}
	o.build.WithLabelValues(version, runtime.Version()).Set(1)
	return o
}

// Register adds the counters to a registry.
func (o *Operations) Register(registry prometheus.Registerer) error {
	for _, collector := range []prometheus.Collector{
		o.deliveries, o.droppedEvents, o.reflectorErrors, o.build, o.samples, o.lateness, o.queries,
	} {
		if err := registry.Register(collector); err != nil {
			return err
		}
	}
	return nil
}

// DeliveryAttempt implements ticket.Observer.
func (o *Operations) DeliveryAttempt(system string, operation governancev1alpha1.Operation, fate ticket.Fate) {
	o.deliveries.WithLabelValues(system, string(operation), string(fate)).Inc()
}
