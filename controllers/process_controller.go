package controllers

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/status"
)

// ProcessMetrics is told what was published about processes.
type ProcessMetrics interface {
	// ObserveProcess replaces what was said of a process.
	ObserveProcess(process *governancev1alpha1.Process)
	// ForgetProcess drops what was said of a process that is gone.
	ForgetProcess(key types.NamespacedName)
}

// ProcessReconciler judges processes: which findings stand, where their reviews stand, whether they comply.
type ProcessReconciler struct {
	client.Client
	// Clock is read once a pass.
	Clock clock.PassiveClock
	// Events are recorded on transitions.
	Events events.EventRecorder
	// Metrics may be nil.
	Metrics ProcessMetrics
	// MaxConcurrentReconciles bounds how many processes are judged at once; zero: one.
	MaxConcurrentReconciles int
}

// +kubebuilder:rbac:groups=governance.gemba.dev,resources=processes;kpis,verbs=get;list;watch
// +kubebuilder:rbac:groups=governance.gemba.dev,resources=processes/status,verbs=update
// +kubebuilder:rbac:groups=governance.gemba.dev,resources=reviews;waivers;remediations;reviewcadences;governancepolicies,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconcile judges one process and publishes the verdict.
func (r *ProcessReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var process governancev1alpha1.Process
	err := r.Get(ctx, request.NamespacedName, &process)
	if apierrors.IsNotFound(err) {
		r.forget(request.NamespacedName)
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("get process %s: %w", request, err)
	}
	if !process.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, nil
	}
	input, err := observer{r}.aroundProcess(ctx, &process)
	if err != nil {
		return ctrl.Result{}, err
	}
	verdict := governance.JudgeProcess(input, secondsNow(r.Clock))
	if err := r.publish(ctx, &process, verdict.Status); err != nil {
		return ctrl.Result{}, err
	}
	return comeBackAt(verdict.NextChange, r.Clock), nil
}

// publish writes the status where it differs, and tells of it.
func (r *ProcessReconciler) publish(
	ctx context.Context, process *governancev1alpha1.Process, judged governancev1alpha1.ProcessStatus,
) error {
	before := process.DeepCopy()
	process.Status = judged
	written, err := status.Write(ctx, r.Client, process, before)
	if err != nil {
		return err
	}
	if r.Metrics != nil {
		r.Metrics.ObserveProcess(process)
	}
	if written && !process.Spec.Suspend {
		tellOfSubject(r.Events, process, &before.Status.SubjectStatus, &process.Status.SubjectStatus)
	}
	return nil
}

func (r *ProcessReconciler) forget(key types.NamespacedName) {
	if r.Metrics != nil {
		r.Metrics.ForgetProcess(key)
	}
}
