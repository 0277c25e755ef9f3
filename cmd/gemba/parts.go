package main

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	controllermetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/gemba-dev/gemba/controllers"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/metrics"
	"github.com/gemba-dev/gemba/internal/sampling"
	"github.com/gemba-dev/gemba/internal/source"
)

// parts are what the manager runs, and what they have in common.
type parts struct {
	mgr        ctrl.Manager
	options    *options
	clock      clock.PassiveClock
	guard      *egress.Guard
	operations *metrics.Operations
}

// reconciler is anything that watches and acts.
type reconciler interface {
	SetupWithManager(ctrl.Manager) error
}

// setup hands everything that runs to the manager.
func (p *parts) setup(ctx context.Context) error {
	if err := controllers.SetupIndexes(ctx, p.mgr.GetFieldIndexer()); err != nil {
		return err
	}
	recorder, err := p.setupMetrics()
	if err != nil {
		return err
	}
	events := p.operations.LimitEvents(p.mgr.GetEventRecorder("gemba"), p.clock)
	numbers, err := p.numbers(recorder, events)
	if err != nil {
		return err
	}
	for _, one := range slices.Concat(p.judges(recorder, events), numbers, p.remediators(events)) {
		if err := one.SetupWithManager(p.mgr); err != nil {
			return fmt.Errorf("set up %T: %w", one, err)
		}
	}
	return nil
}

// client reads what the manager watches, and takes a process that it does not watch for one that is not there.
func (p *parts) client() client.Client {
	return controllers.Within(p.mgr.GetClient(), p.options.watchNamespaces)
}

// setupMetrics registers the metrics. The numbers about processes come from their reconciler, those about remediations
// from the cache.
func (p *parts) setupMetrics() (*metrics.Recorder, error) {
	recorder := metrics.NewRecorder()
	if err := controllermetrics.Registry.Register(recorder); err != nil {
		return nil, fmt.Errorf("register the metrics about objects: %w", err)
	}
	if err := p.operations.Register(controllermetrics.Registry); err != nil {
		return nil, fmt.Errorf("register the metrics about operations: %w", err)
	}
	feed := &metrics.Remediations{Cache: p.mgr.GetCache(), Recorder: recorder}
	if err := p.mgr.Add(feed); err != nil {
		return nil, fmt.Errorf("add the metrics about remediations: %w", err)
	}
	return recorder, nil
}

// judges say what holds.
func (p *parts) judges(recorder *metrics.Recorder, events events.EventRecorder) []reconciler {
	api, workers := p.client(), p.options.workers
	return []reconciler{
		&controllers.ProcessReconciler{
			Client: api, Clock: p.clock, Events: events, Metrics: recorder, MaxConcurrentReconciles: workers,
		},
		&controllers.ReviewReconciler{
			Client: api, APIReader: p.mgr.GetAPIReader(), Clock: p.clock, Events: events, MaxConcurrentReconciles: workers,
		},
		&controllers.WaiverReconciler{Client: api, Clock: p.clock, Events: events},
		&controllers.ReviewCadenceReconciler{Client: api, Clock: p.clock},
		&controllers.GovernancePolicyReconciler{Client: api, Clock: p.clock},
	}
}

// numbers say what the values of KPIs hold, and whether their sources answer.
func (p *parts) numbers(recorder *metrics.Recorder, events events.EventRecorder) ([]reconciler, error) {
	api := p.client()
	reach := controllers.NewSourceReach(p.operations)
	sampler := sampling.NewSampler(clock.RealClock{}, sampling.Options{Observer: reach})
	reach.Sampler = sampler
	if err := p.mgr.Add(sampler); err != nil {
		return nil, fmt.Errorf("add the sampler: %w", err)
	}
	sources := controllers.NewMetricSources(p.mgr.GetAPIReader(), p.guard)
	return []reconciler{
		&controllers.KPIReconciler{
			Client: api, Clock: p.clock, Events: events, Metrics: recorder, Sampler: sampler, Sources: sources,
			Questions: &source.Builder{
				Kubernetes: source.NewKubernetes(p.mgr.GetConfig(), p.mgr.GetRESTMapper(), p.mgr.GetAPIReader()),
			},
			MaxConcurrentReconciles: p.options.workers,
		},
		&controllers.MetricSourceReconciler{Client: api, Clock: p.clock, Sources: sources, Reach: reach},
	}, nil
}

// remediators see to what does not hold.
func (p *parts) remediators(events events.EventRecorder) []reconciler {
	api := p.mgr.GetClient()
	endpoints := &controllers.Endpoints{Secrets: p.mgr.GetAPIReader(), Guard: p.guard, Clock: p.clock}
	reachability := controllers.NewReachability()
	return []reconciler{
		&controllers.RemediationOpener{Client: api, Clock: p.clock, Settle: p.options.settle},
		&controllers.RemediationReconciler{
			Client: api, APIReader: p.mgr.GetAPIReader(), Clock: p.clock, Events: events,
			ClusterID: p.options.clusterID, Settle: p.options.settle, Endpoints: endpoints, Reachability: reachability, Observer: p.operations,
		},
		&controllers.TicketSystemReconciler{Client: api, Clock: p.clock, Endpoints: endpoints, Reachability: reachability},
	}
}
