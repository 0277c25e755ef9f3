package controllers

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
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
	known, err := observer{r}.around(ctx, review.Namespace, string(review.Spec.SubjectRef.Name))
	if err != nil {
		return ctrl.Result{}, err
	}
	verdict := governance.JudgeReview(governance.ReviewInput{
		Review: &review, Process: known.process, Siblings: known.reviews, Waivers: known.waivers,
		Policy: known.policy, Cadences: known.cadences,
	}, secondsNow(r.Clock))
	if newlyCounted(&review.Status, &verdict.Status) {
		stale, err := r.isStale(ctx, known.process)
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

// isStale tells whether the process that a review is about to be counted for is not the one at the API server.
func (r *ReviewReconciler) isStale(ctx context.Context, process *governancev1alpha1.Process) (bool, error) {
	if r.APIReader == nil {
		return false, nil
	}
	var live governancev1alpha1.Process
	err := r.APIReader.Get(ctx, client.ObjectKeyFromObject(process), &live)
	if apierrors.IsNotFound(err) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("get process %s: %w", client.ObjectKeyFromObject(process), err)
	}
	return live.UID != process.UID || live.Generation != process.Generation, nil
}
