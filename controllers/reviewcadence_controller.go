package controllers

import (
	"context"

	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/status"
)

// ReviewCadenceReconciler tells whether cadences can be computed.
type ReviewCadenceReconciler struct {
	client.Client
	// Clock is read once a pass.
	Clock clock.PassiveClock
}

// +kubebuilder:rbac:groups=governance.gemba.dev,resources=reviewcadences/status,verbs=update

// Reconcile judges one cadence and publishes the verdict.
func (r *ReviewCadenceReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var cadence governancev1alpha1.ReviewCadence
	if err := r.Get(ctx, request.NamespacedName, &cadence); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !cadence.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, nil
	}
	verdict := governance.JudgeCadence(&cadence, secondsNow(r.Clock))
	before := cadence.DeepCopy()
	cadence.Status = verdict.Status
	if _, err := status.Write(ctx, r.Client, &cadence, before); err != nil {
		return ctrl.Result{}, err
	}
	return comeBackAt(verdict.NextChange, r.Clock), nil
}

// SetupWithManager has a cadence judged when it is edited.
func (r *ReviewCadenceReconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		For(&governancev1alpha1.ReviewCadence{}, builder.WithPredicates(specChanged)).
		Complete(r)
}
