package controllers

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/kpi"
	"github.com/gemba-dev/gemba/internal/sampling"
	"github.com/gemba-dev/gemba/internal/source"
	"github.com/gemba-dev/gemba/internal/status"
)

// KPIMetrics is told what is known of KPIs.
type KPIMetrics interface {
	// ObserveKPI replaces what was said of a KPI by what its status says.
	ObserveKPI(kpi *governancev1alpha1.KPI)
	// ObserveKPIValue replaces the value of a KPI; it is told of every one.
	ObserveKPIValue(key types.NamespacedName, value float64)
	// ForgetKPI drops what was said of a KPI that is gone.
	ForgetKPI(key types.NamespacedName)
}

// KPIReconciler judges KPIs: what their values say, where the reviews of their definitions stand, which findings stand.
// It declares to the sampler what they want to know.
type KPIReconciler struct {
	client.Client
	// Clock is read once a pass.
	Clock clock.PassiveClock
	// Events are recorded on transitions.
	Events events.EventRecorder
	// Metrics may be nil.
	Metrics KPIMetrics
	// Sampler asks for values.
	Sampler *sampling.Sampler
	// Sources say how metric sources are reached.
	Sources *MetricSources
	// Questions turn what KPIs declare into what is asked.
	Questions *source.Builder
	// MaxConcurrentReconciles bounds how many KPIs are judged at once; zero: one.
	MaxConcurrentReconciles int

	values knownValues
}

// +kubebuilder:rbac:groups=governance.gemba.dev,resources=kpis,verbs=get;list;watch
// +kubebuilder:rbac:groups=governance.gemba.dev,resources=kpis/status,verbs=update
// +kubebuilder:rbac:groups=governance.gemba.dev,resources=metricsources;processes;reviews;waivers;remediations;reviewcadences;governancepolicies,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=serviceaccounts,verbs=get
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconcile judges one KPI by what was learnt of it, and publishes the verdict.
func (r *KPIReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	found := &governancev1alpha1.KPI{}
	err := r.Get(ctx, request.NamespacedName, found)
	if apierrors.IsNotFound(err) {
		r.forget(request.NamespacedName)
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("get KPI %s: %w", request, err)
	}
	if !found.DeletionTimestamp.IsZero() {
		r.forget(request.NamespacedName)
		return ctrl.Result{}, nil
	}
	if r.values.isAnother(found) {
		r.forget(request.NamespacedName)
	}
	input, err := r.observe(ctx, found)
	if err != nil {
		return ctrl.Result{}, err
	}
	// What keeps the source from being asked for a while keeps nothing else from being judged.
	var declared error
	input.Source, declared = r.declare(ctx, input)
	now := secondsNow(r.Clock)
	verdict := governance.JudgeKPI(r.remembered(input, now), now)
	r.values.keep(found, &verdict.Status)
	next, err := r.publish(ctx, found, verdict, now)
	return comeBackAt(next, r.Clock), errors.Join(declared, err)
}

// observe gathers what a verdict on a KPI needs.
func (r *KPIReconciler) observe(ctx context.Context, found *governancev1alpha1.KPI) (governance.KPIInput, error) {
	o := observer{r}
	of := subjectKey{kind: governancev1alpha1.KindKPI, namespace: found.Namespace, name: found.Name}
	input := governance.KPIInput{KPI: found}
	var err error
	if input.Known, err = o.known(ctx, of, governance.KPISubject(found)); err != nil {
		return input, err
	}
	if input.ProcessExists, input.Lifecycle, err = o.processOfKPI(ctx, found); err != nil {
		return input, err
	}
	if input.Others, err = o.otherKPIs(ctx, found); err != nil {
		return input, err
	}
	if input.Experience, err = o.experienceOf(ctx, of, nil); err != nil {
		return input, err
	}
	input.Values.KeepFor, err = o.wantedBack(ctx, found)
	return input, err
}

// remembered adds what was learnt since the last pass. It comes last: samples are handed over once.
func (r *KPIReconciler) remembered(input governance.KPIInput, now time.Time) governance.KPIInput {
	key := client.ObjectKeyFromObject(input.KPI)
	input.KPI = r.values.recall(input.KPI)
	input.Values.TriedSince = r.values.blocked(input.KPI, input.Source != nil, now)
	if known, declared := r.Sampler.Take(key); declared {
		input.Values.Samples, input.Values.TriedSince = known.Samples, known.TriedSince
		input.Values.Series, input.Values.HasSeries = known.Series, known.HasSeries
	}
	if proxy := input.KPI.Spec.ProxyFor; proxy != nil {
		input.Values.Predicted = r.past(input.Others[proxy.KPIRef.Name], now)
	}
	return input
}

// past gives the values of the past of a KPI, from its source or as its status keeps them.
func (r *KPIReconciler) past(other *governancev1alpha1.KPI, now time.Time) []kpi.Point {
	if other == nil {
		return nil
	}
	if series, known := r.Sampler.Series(client.ObjectKeyFromObject(other)); known {
		return series
	}
	return kpi.Kept(&other.Spec, &other.Status, now)
}

// publish writes the status where it is worth a write, and tells of it. It says when to come back.
func (r *KPIReconciler) publish(
	ctx context.Context, found *governancev1alpha1.KPI, verdict governance.KPIVerdict, now time.Time,
) (next time.Time, err error) {
	before := found.DeepCopy()
	published, due := kpi.Throttle(client.ObjectKeyFromObject(found).String(), &found.Spec, &before.Status, &verdict.Status, now)
	found.Status = published
	written, err := status.Write(ctx, r.Client, found, before)
	if err != nil {
		return time.Time{}, err
	}
	r.tell(found, verdict)
	if written && !found.Spec.Suspend {
		tellOfSubject(r.Events, found, &before.Status.SubjectStatus, &found.Status.SubjectStatus)
	}
	return soonest(verdict.NextChange, due), nil
}

// tell says in metrics what is known.
func (r *KPIReconciler) tell(found *governancev1alpha1.KPI, verdict governance.KPIVerdict) {
	if r.Metrics == nil {
		return
	}
	r.Metrics.ObserveKPI(found)
	if verdict.Latest != nil {
		r.Metrics.ObserveKPIValue(client.ObjectKeyFromObject(found), verdict.Latest.Value)
	}
}

func (r *KPIReconciler) forget(key types.NamespacedName) {
	r.Sampler.Forget(key)
	r.values.forget(key)
	if r.Metrics != nil {
		r.Metrics.ForgetKPI(key)
	}
}

// soonest gives the earlier of two instants, where zero means never.
func soonest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
