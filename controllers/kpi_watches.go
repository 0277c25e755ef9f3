package controllers

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// SetupWithManager has a KPI judged whenever something changes that a verdict on it depends on: when the sampler has
// learnt something, before all.
func (r *KPIReconciler) SetupWithManager(mgr ctrl.Manager) error {
	edits := builder.WithPredicates(declarationChanged)
	every := handler.EnqueueRequestsFromMapFunc
	renewed := source.Channel(r.Sources.changes, handler.TypedEnqueueRequestsFromMapFunc(r.ofRenewedSource))
	err := ctrl.NewControllerManagedBy(mgr).
		For(&governancev1alpha1.KPI{}, edits).
		WatchesRawSource(r.Sampler.Changes()).
		WatchesRawSource(renewed).
		Watches(&governancev1alpha1.KPI{}, every(r.ofOtherKPI),
			builder.WithPredicates(predicate.Or[client.Object](specChanged, arrived, numbersChanged))).
		Watches(&governancev1alpha1.KPI{}, every(named), builder.WithPredicates(predicate.Or[client.Object](specChanged, arrived))).
		Watches(&governancev1alpha1.Process{}, every(r.ofProcess),
			builder.WithPredicates(predicate.Or[client.Object](specChanged, arrived))).
		Watches(&governancev1alpha1.MetricSource{}, every(r.ofSource),
			builder.WithPredicates(predicate.Or[client.Object](specChanged, arrived))).
		Watches(&governancev1alpha1.Review{}, every(subjectRequest(governancev1alpha1.KindKPI)),
			builder.WithPredicates(predicate.Or[client.Object](declarationChanged, reviewJudged))).
		Watches(&governancev1alpha1.Waiver{}, every(subjectRequest(governancev1alpha1.KindKPI)), edits).
		Watches(&governancev1alpha1.Remediation{}, every(requestOf(governancev1alpha1.KindKPI, remediedSubject)),
			builder.WithPredicates(lessonsChanged)).
		Watches(&governancev1alpha1.ReviewCadence{}, every(r.ofCadence), edits).
		Watches(&governancev1alpha1.GovernancePolicy{}, every(r.all), edits).
		Watches(&corev1.Namespace{}, every(r.ofNamespace), builder.WithPredicates(predicate.LabelChangedPredicate{})).
		WithOptions(controller.Options{MaxConcurrentReconciles: r.MaxConcurrentReconciles}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the controller of KPIs: %w", err)
	}
	return nil
}

// ofOtherKPI asks for the KPIs that are balanced by a KPI or that predict it.
func (r *KPIReconciler) ofOtherKPI(ctx context.Context, other client.Object) []reconcile.Request {
	return r.requests(ctx, client.InNamespace(other.GetNamespace()), client.MatchingFields{fieldOtherKPI: other.GetName()})
}

// named asks for the KPIs that a KPI names: how far back the values of one are wanted depends on those that it is predicted
// by.
func named(_ context.Context, naming client.Object) []reconcile.Request {
	var found []reconcile.Request
	for _, name := range otherKPIsOf(naming) {
		found = append(found, reconcile.Request{
			NamespacedName: types.NamespacedName{Namespace: naming.GetNamespace(), Name: name},
		})
	}
	return found
}

func (r *KPIReconciler) ofProcess(ctx context.Context, process client.Object) []reconcile.Request {
	return r.requests(ctx, client.InNamespace(process.GetNamespace()), client.MatchingFields{fieldProcess: process.GetName()})
}

func (r *KPIReconciler) ofSource(ctx context.Context, from client.Object) []reconcile.Request {
	return r.requests(ctx, client.MatchingFields{fieldMetricSource: client.ObjectKeyFromObject(from).String()})
}

func (r *KPIReconciler) ofRenewedSource(
	ctx context.Context, from *governancev1alpha1.MetricSource,
) []reconcile.Request {
	return r.ofSource(ctx, from)
}

// ofCadence asks for the KPIs that name a cadence; for all where a policy names it as its default.
func (r *KPIReconciler) ofCadence(ctx context.Context, cadence client.Object) []reconcile.Request {
	if isDefaultCadence(ctx, r, governancev1alpha1.KindKPI, cadence.GetName()) {
		return r.requests(ctx)
	}
	return r.requests(ctx, client.MatchingFields{fieldCadence: cadence.GetName()})
}

func (r *KPIReconciler) ofNamespace(ctx context.Context, namespace client.Object) []reconcile.Request {
	return r.requests(ctx, client.InNamespace(namespace.GetName()))
}

func (r *KPIReconciler) all(ctx context.Context, _ client.Object) []reconcile.Request {
	return r.requests(ctx)
}

// requests asks for the KPIs that a list finds.
func (r *KPIReconciler) requests(ctx context.Context, options ...client.ListOption) []reconcile.Request {
	return requests(ctx, r, &governancev1alpha1.KPIList{}, nil, options...)
}
