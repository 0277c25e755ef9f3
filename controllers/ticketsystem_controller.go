package controllers

import (
	"context"
	"fmt"
	"time"

	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/status"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// recheckSecrets is how often a TicketSystem that cannot be used is looked at again: Secrets are not watched.
const recheckSecrets = 5 * time.Minute

// TicketSystemReconciler says whether ticket systems can be used and whether they answer. It sends nothing itself.
type TicketSystemReconciler struct {
	client.Client
	Clock        clock.PassiveClock
	Endpoints    *Endpoints
	Reachability *Reachability
}

// +kubebuilder:rbac:groups=governance.gemba.dev,resources=ticketsystems,verbs=get;list;watch
// +kubebuilder:rbac:groups=governance.gemba.dev,resources=ticketsystems/status,verbs=get;update
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get

// Reconcile checks one TicketSystem.
func (r *TicketSystemReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	system := &v1alpha1.TicketSystem{}
	if err := r.Get(ctx, request.NamespacedName, system); err != nil {
		if client.IgnoreNotFound(err) == nil {
			r.Endpoints.Forget(request.NamespacedName)
			r.Reachability.Forget(request.NamespacedName)
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, fmt.Errorf("get TicketSystem %s: %w", request.NamespacedName, err)
	}
	now := secondsNow(r.Clock)
	before := system.DeepCopy()
	readiness, err := r.judge(ctx, system)
	if err != nil {
		return ctrl.Result{}, err
	}
	system.Status.ObservedGeneration = system.Generation
	status.SetReady(&system.Status.Conditions, readiness, system.Generation, now)
	r.setReachable(system, now)
	if _, err := status.Write(ctx, r.Client, system, before); err != nil {
		return afterConflict(err)
	}
	if !readiness.Ready {
		return ctrl.Result{RequeueAfter: recheckSecrets}, nil
	}
	return ctrl.Result{}, nil
}

// judge says whether the TicketSystem can be sent to. Errors may pass by themselves.
func (r *TicketSystemReconciler) judge(ctx context.Context, system *v1alpha1.TicketSystem) (status.Readiness, error) {
	err := r.Endpoints.judge(ctx, system)
	if err == nil {
		return status.Reconciled("The ticket system can be used." + assigneesProblem(ctx, system)), nil
	}
	if readiness, ok := asNotReady(err); ok {
		return readiness, nil
	}
	return status.Readiness{}, err
}

// assigneesProblem says, after a blank, which accounts are of no use. They keep no ticket from being opened.
func assigneesProblem(ctx context.Context, system *v1alpha1.TicketSystem) string {
	language, err := ticket.LanguageOf(&system.Spec)
	if err != nil {
		return ""
	}
	if problem := language.Assignees(ctx, &system.Spec); problem != "" {
		return " " + problem
	}
	return ""
}

// setReachable says whether the system answers. What is shown stays where nothing was sent since the process began, and
// where the reason is the same, so that the wording of one failure after another writes nothing.
func (r *TicketSystemReconciler) setReachable(system *v1alpha1.TicketSystem, now time.Time) {
	shown := status.Find(system.Status.Conditions, v1alpha1.ConditionReachable)
	learnt, found := r.Reachability.Last(client.ObjectKeyFromObject(system))
	switch {
	case found && (shown == nil || shown.Reason != learnt.Reason):
		status.Set(&system.Status.Conditions, learnt, system.Generation, now)
	case shown != nil:
		status.Set(&system.Status.Conditions, *shown, system.Generation, now)
	}
}

// SetupWithManager wakes the reconciler for each TicketSystem and for what senders learn.
func (r *TicketSystemReconciler) SetupWithManager(mgr ctrl.Manager) error {
	learnt := source.Channel(r.Reachability.changes, &handler.TypedEnqueueRequestForObject[*v1alpha1.TicketSystem]{})
	err := ctrl.NewControllerManagedBy(mgr).
		Named("ticketsystem").
		For(&v1alpha1.TicketSystem{}).
		WatchesRawSource(learnt).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the controller of TicketSystems: %w", err)
	}
	return nil
}
