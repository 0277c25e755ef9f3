package controllers

import (
	"context"
	"time"

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
	// APIReader reads past the cache: what is counted is counted for good, and not for a text that is no longer there.
	// Without it the cache is trusted.
	APIReader client.Reader
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
	known, err := observer{r}.around(ctx, keyOf(review.Namespace, review.Spec.SubjectRef))
	if err != nil {
		return ctrl.Result{}, err
	}
	verdict := governance.JudgeReview(governance.ReviewInput{
		Review: &review, Subject: known.subject, Siblings: known.Reviews, Waivers: known.Waivers,
		Policy: known.Policy, Cadences: known.Cadences,
	}, secondsNow(r.Clock))
	if newlyCounted(&review.Status, &verdict.Status) {
		stale, err := r.isStale(ctx, known)
		if err != nil || stale {
			return ctrl.Result{RequeueAfter: staleRetry}, err
		}
	}
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

// staleRetry is how soon a review is judged again whose subject has a newer text than the cache.
const staleRetry = time.Second

// newlyCounted tells whether a review was not counted before and is now.
func newlyCounted(before, after *governancev1alpha1.ReviewStatus) bool {
	return before.Counted == nil && after.Counted != nil
}

// isStale tells whether the subject that a review is about to be counted for is not the one at the API server.
func (r *ReviewReconciler) isStale(ctx context.Context, known surroundings) (bool, error) {
	if r.APIReader == nil {
		return false, nil
	}
	of := subjectKey{kind: known.subject.Kind, namespace: known.subject.Namespace, name: known.subject.Name}
	_, live, err := observer{r.APIReader}.subject(ctx, of)
	if err != nil || live == nil {
		return live == nil, err
	}
	return live.GetUID() != known.object.GetUID() || live.GetGeneration() != known.object.GetGeneration(), nil
}
