package controllers

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// SetupWithManager has a process judged whenever something changes that a verdict on it depends on.
func (r *ProcessReconciler) SetupWithManager(mgr ctrl.Manager) error {
	edits := builder.WithPredicates(declarationChanged)
	return ctrl.NewControllerManagedBy(mgr).
		For(&governancev1alpha1.Process{}, edits).
		Watches(&governancev1alpha1.Process{}, handler.EnqueueRequestsFromMapFunc(r.relatives), edits).
		Watches(&governancev1alpha1.Process{}, handler.EnqueueRequestsFromMapFunc(r.below), builder.WithPredicates(findingsChanged)).
		Watches(&governancev1alpha1.KPI{}, r.ofKPI(), builder.WithPredicates(predicate.Or[client.Object](specChanged, arrived, numbersChanged))).
		Watches(&governancev1alpha1.Review{}, handler.EnqueueRequestsFromMapFunc(subjectRequest(governancev1alpha1.KindProcess)),
			builder.WithPredicates(predicate.Or[client.Object](declarationChanged, reviewJudged))).
		Watches(&governancev1alpha1.Waiver{}, handler.EnqueueRequestsFromMapFunc(subjectRequest(governancev1alpha1.KindProcess)), edits).
		Watches(&governancev1alpha1.Remediation{}, handler.EnqueueRequestsFromMapFunc(requestOf(governancev1alpha1.KindProcess, remediedSubject)),
			builder.WithPredicates(predicate.Or(causesChanged, lessonsChanged))).
		Watches(&governancev1alpha1.Remediation{}, handler.EnqueueRequestsFromMapFunc(r.ofRemediedKPI), builder.WithPredicates(causesChanged)).
		Watches(&governancev1alpha1.ReviewCadence{}, handler.EnqueueRequestsFromMapFunc(r.ofCadence), edits).
		Watches(&governancev1alpha1.GovernancePolicy{}, handler.EnqueueRequestsFromMapFunc(r.all), edits).
		Watches(&corev1.Namespace{}, handler.EnqueueRequestsFromMapFunc(r.ofNamespace),
			builder.WithPredicates(predicate.LabelChangedPredicate{})).
		WithOptions(controller.Options{MaxConcurrentReconciles: r.MaxConcurrentReconciles}).
		Complete(r)
}

// subjectRequest asks for the subject that an object refers to, where it is of a kind.
func subjectRequest(kind governancev1alpha1.SubjectKind) handler.MapFunc {
	return requestOf(kind, subjectOfObject)
}

// requestOf asks for the subject that is found in an object, where it is of a kind.
func requestOf(kind governancev1alpha1.SubjectKind, find func(client.Object) (subjectKey, bool)) handler.MapFunc {
	return func(_ context.Context, object client.Object) []reconcile.Request {
		of, ok := find(object)
		if !ok || of.kind != kind {
			return nil
		}
		return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: of.namespace, Name: of.name}}}
	}
}

// ofCadence asks for the processes that name a cadence; for all where a policy names it as its default.
func (r *ProcessReconciler) ofCadence(ctx context.Context, cadence client.Object) []reconcile.Request {
	if isDefaultCadence(ctx, r, governancev1alpha1.KindProcess, cadence.GetName()) {
		return r.requests(ctx)
	}
	return r.requests(ctx, client.MatchingFields{fieldCadence: cadence.GetName()})
}

// isDefaultCadence tells whether a policy names a cadence as the default of a kind.
func isDefaultCadence(
	ctx context.Context, reader client.Reader, kind governancev1alpha1.SubjectKind, cadence string,
) bool {
	var policies governancev1alpha1.GovernancePolicyList
	if err := reader.List(ctx, &policies); err != nil {
		log.FromContext(ctx).Error(err, "List the policies that name a cadence", "cadence", cadence)
		return false
	}
	return slices.ContainsFunc(policies.Items, func(policy governancev1alpha1.GovernancePolicy) bool {
		return governance.EffectivePolicy(&policy).DefaultCadence(kind) == cadence
	})
}

func (r *ProcessReconciler) all(ctx context.Context, _ client.Object) []reconcile.Request {
	return r.requests(ctx)
}

// requests asks for the processes that a list finds.
func (r *ProcessReconciler) requests(ctx context.Context, options ...client.ListOption) []reconcile.Request {
	return requests(ctx, r, &governancev1alpha1.ProcessList{}, nil, options...)
}
