package controllers

import (
	"context"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// reviewJudged lets pass that the verdict on a review changed.
var reviewJudged = predicate.Funcs{UpdateFunc: func(update event.UpdateEvent) bool {
	before, okBefore := update.ObjectOld.(*governancev1alpha1.Review)
	after, okAfter := update.ObjectNew.(*governancev1alpha1.Review)
	return okBefore && okAfter && !equality.Semantic.DeepEqual(before.Status, after.Status)
}}

// subjectJudged lets pass that a subject was judged for the first time, anew after an edit, or under another policy,
// which its reviews wait for.
var subjectJudged = predicate.Funcs{UpdateFunc: func(update event.UpdateEvent) bool {
	before, after := subjectStatusOf(update.ObjectOld), subjectStatusOf(update.ObjectNew)
	return before != nil && after != nil && (before.ObservedSince == nil != (after.ObservedSince == nil) ||
		before.ObservedGeneration != after.ObservedGeneration || before.Policy != after.Policy)
}}

// subjectStatusOf gives the status of an object as a subject; nil where it is none.
func subjectStatusOf(object client.Object) *governancev1alpha1.SubjectStatus {
	switch typed := object.(type) {
	case *governancev1alpha1.Process:
		return &typed.Status.SubjectStatus
	case *governancev1alpha1.KPI:
		return &typed.Status.SubjectStatus
	default:
		return nil
	}
}

// SetupWithManager has a review judged whenever something changes that a verdict on it depends on.
func (r *ReviewReconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&governancev1alpha1.Review{}, builder.WithPredicates(specChanged)).
		Watches(&governancev1alpha1.Review{}, handler.EnqueueRequestsFromMapFunc(r.siblings),
			builder.WithPredicates(predicate.Or[client.Object](predicate.GenerationChangedPredicate{}, reviewJudged))).
		Watches(&governancev1alpha1.Process{}, handler.EnqueueRequestsFromMapFunc(r.ofSubject),
			builder.WithPredicates(predicate.Or[client.Object](declarationChanged, subjectJudged))).
		Watches(&governancev1alpha1.KPI{}, handler.EnqueueRequestsFromMapFunc(r.ofSubject),
			builder.WithPredicates(predicate.Or[client.Object](declarationChanged, subjectJudged))).
		Watches(&governancev1alpha1.GovernancePolicy{}, handler.EnqueueRequestsFromMapFunc(r.open),
			builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WithOptions(controller.Options{MaxConcurrentReconciles: r.MaxConcurrentReconciles}).
		Complete(r)
}

// siblings asks for the other reviews of the same subject on which this one has a bearing.
func (r *ReviewReconciler) siblings(ctx context.Context, review client.Object) []reconcile.Request {
	return r.requests(ctx, aboutSubject(review.GetNamespace(), subjectName(review))...)
}

func (r *ReviewReconciler) ofSubject(ctx context.Context, subject client.Object) []reconcile.Request {
	return r.requests(ctx, aboutSubject(subject.GetNamespace(), subject.GetName())...)
}

func (r *ReviewReconciler) open(ctx context.Context, _ client.Object) []reconcile.Request {
	return r.requests(ctx)
}

// requests asks for the reviews that a list finds and about which something can change still: those that do not count,
// and those that count together with others.
func (r *ReviewReconciler) requests(ctx context.Context, options ...client.ListOption) []reconcile.Request {
	canChange := func(object client.Object) bool {
		review, ok := object.(*governancev1alpha1.Review)
		return ok && !isSettled(review)
	}
	return requests(ctx, r, &governancev1alpha1.ReviewList{}, canChange, options...)
}

// isSettled tells whether only an edit of the review itself can change the verdict on it.
func isSettled(review *governancev1alpha1.Review) bool {
	if review.Spec.Withdrawn != nil {
		return true
	}
	counts := meta.IsStatusConditionTrue(review.Status.Conditions, governancev1alpha1.ConditionCounted)
	return counts && review.Status.Counted != nil && len(review.Status.Counted.With) == 0
}
