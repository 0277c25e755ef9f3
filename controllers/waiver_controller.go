package controllers

import (
	"context"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/status"
)

// WaiverReconciler tells whether waivers are in force.
type WaiverReconciler struct {
	client.Client
	// Clock is read once a pass.
	Clock clock.PassiveClock
	// Events are recorded on transitions.
	Events events.EventRecorder
}

// +kubebuilder:rbac:groups=governance.gemba.dev,resources=waivers/status,verbs=update

// Reconcile judges one waiver and publishes the verdict.
func (r *WaiverReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var waiver governancev1alpha1.Waiver
	if err := r.Get(ctx, request.NamespacedName, &waiver); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !waiver.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, nil
	}
	known, err := observer{r}.around(ctx, keyOf(waiver.Namespace, waiver.Spec.SubjectRef))
	if err != nil {
		return ctrl.Result{}, err
	}
	verdict := governance.JudgeWaiver(governance.WaiverInput{
		Waiver: &waiver, Subject: known.subject, Siblings: known.Waivers, Reviews: known.Reviews,
		Policy: known.Policy, Cadences: known.Cadences,
	}, secondsNow(r.Clock))
	before := waiver.DeepCopy()
	waiver.Status = verdict.Status
	written, err := status.Write(ctx, r.Client, &waiver, before)
	if err != nil {
		return ctrl.Result{}, err
	}
	if happened, changed := waiverEvent(&before.Status, &waiver.Status); changed && written {
		happened.record(r.Events, &waiver)
	}
	return comeBackAt(verdict.NextChange, r.Clock), nil
}

// periodsChanged lets pass that the verdict on a subject shows other periods or another policy: a review was counted, a
// cadence was edited. Which occurrences there are to move or skip depends on it.
var periodsChanged = predicate.Funcs{UpdateFunc: func(update event.UpdateEvent) bool {
	before, after := subjectStatusOf(update.ObjectOld), subjectStatusOf(update.ObjectNew)
	return before != nil && after != nil && (before.Policy != after.Policy ||
		!equality.Semantic.DeepEqual(before.Reviews, after.Reviews))
}}

// SetupWithManager has a waiver judged whenever something changes that a verdict on it depends on.
func (r *WaiverReconciler) SetupWithManager(mgr ctrl.Manager) error {
	edits := builder.WithPredicates(specChanged)
	return ctrl.NewControllerManagedBy(mgr).
		For(&governancev1alpha1.Waiver{}, edits).
		Watches(&governancev1alpha1.Waiver{}, handler.EnqueueRequestsFromMapFunc(r.siblings), edits).
		Watches(&governancev1alpha1.Process{}, handler.EnqueueRequestsFromMapFunc(r.ofSubject),
			builder.WithPredicates(predicate.Or[client.Object](declarationChanged, periodsChanged))).
		Watches(&governancev1alpha1.KPI{}, handler.EnqueueRequestsFromMapFunc(r.ofSubject),
			builder.WithPredicates(predicate.Or[client.Object](declarationChanged, periodsChanged))).
		Watches(&governancev1alpha1.GovernancePolicy{}, handler.EnqueueRequestsFromMapFunc(r.all), edits).
		Complete(r)
}

// siblings asks for the other waivers of the same subject, which may extend this one.
func (r *WaiverReconciler) siblings(ctx context.Context, waiver client.Object) []reconcile.Request {
	return r.requests(ctx, aboutSubject(waiver.GetNamespace(), subjectName(waiver))...)
}

func (r *WaiverReconciler) ofSubject(ctx context.Context, subject client.Object) []reconcile.Request {
	return r.requests(ctx, aboutSubject(subject.GetNamespace(), subject.GetName())...)
}

func (r *WaiverReconciler) all(ctx context.Context, _ client.Object) []reconcile.Request {
	return r.requests(ctx)
}

func (r *WaiverReconciler) requests(ctx context.Context, options ...client.ListOption) []reconcile.Request {
	return requests(ctx, r, &governancev1alpha1.WaiverList{}, nil, options...)
}
