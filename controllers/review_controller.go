package controllers

import (
	"context"

	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/status"
)

// ReviewReconciler decides whether reviews count.
type ReviewReconciler struct {
	client.Client
	// Clock is read once a pass.
	Clock clock.PassiveClock
	// Events are recorded on transitions.
	Events events.EventRecorder
	// MaxConcurrentReconciles bounds how many reviews are judged at once; zero: one.
	MaxConcurrentReconciles int
}

// +kubebuilder:rbac:groups=governance.gemba.dev,resources=reviews/status,verbs=update

// Reconcile judges one review and publishes the verdict.
func (r *ReviewReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var review governancev1alpha1.Review
	if err := r.Get(ctx, request.NamespacedName, &review); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !review.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, nil
	}
	known, err := observer{r}.around(ctx, review.Namespace, string(review.Spec.SubjectRef.Name))
	if err != nil {
		return ctrl.Result{}, err
	}
	verdict := governance.JudgeReview(governance.ReviewInput{
		Review: &review, Process: known.process, Siblings: known.reviews, Waivers: known.waivers,
		Policy: known.policy, Cadences: known.cadences,
	}, secondsNow(r.Clock))
	before := review.DeepCopy()
	review.Status = verdict.Status
	written, err := status.Write(ctx, r.Client, &review, before)
	if err != nil {
		return ctrl.Result{}, err
	}
	if happened, changed := reviewEvent(&before.Status, &review.Status); changed && written {
		happened.record(r.Events, &review)
	}
	return comeBackAt(verdict.NextChange, r.Clock), nil
}
