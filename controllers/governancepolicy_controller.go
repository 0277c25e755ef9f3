package controllers

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/status"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// GovernancePolicyReconciler tells whether policies are understood and which namespaces they judge.
type GovernancePolicyReconciler struct {
	client.Client
	// Clock is read once a pass.
	Clock clock.PassiveClock
}

// +kubebuilder:rbac:groups=governance.gemba.dev,resources=governancepolicies/status,verbs=update
// +kubebuilder:rbac:groups=governance.gemba.dev,resources=ticketsystems,verbs=get;list;watch

// Reconcile judges one policy and publishes the verdict.
func (r *GovernancePolicyReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	var policy governancev1alpha1.GovernancePolicy
	if err := r.Get(ctx, request.NamespacedName, &policy); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !policy.DeletionTimestamp.IsZero() {
		return ctrl.Result{}, nil
	}
	input, err := r.observe(ctx, &policy)
	if err != nil {
		return ctrl.Result{}, err
	}
	before := policy.DeepCopy()
	policy.Status = governance.JudgePolicy(ctx, input, secondsNow(r.Clock))
	_, err = status.Write(ctx, r.Client, &policy, before)
	return ctrl.Result{}, err
}

func (r *GovernancePolicyReconciler) observe(
	ctx context.Context, policy *governancev1alpha1.GovernancePolicy,
) (governance.PolicyInput, error) {
	input := governance.PolicyInput{Policy: policy}
	var policies governancev1alpha1.GovernancePolicyList
	if err := r.List(ctx, &policies); err != nil {
		return input, fmt.Errorf("list governance policies: %w", err)
	}
	input.Policies = policies.Items
	var namespaces corev1.NamespaceList
	if err := r.List(ctx, &namespaces); err != nil {
		return input, fmt.Errorf("list namespaces: %w", err)
	}
	for i := range namespaces.Items {
		input.Namespaces = append(input.Namespaces, namespaces.Items[i].Labels)
	}
	missing, err := r.missing(ctx, policy)
	input.Missing = missing
	return input, err
}

// missing names what the policy refers to and does not exist.
func (r *GovernancePolicyReconciler) missing(
	ctx context.Context, policy *governancev1alpha1.GovernancePolicy,
) (missing []string, err error) {
	note := func(object client.Object, key client.ObjectKey, sentence string) {
		found := r.Get(ctx, key, object)
		if apierrors.IsNotFound(found) {
			missing = append(missing, sentence)
			return
		}
		if found != nil {
			err = fmt.Errorf("get %T %s: %w", object, key, found)
		}
	}
	defaults := policy.Spec.Defaults
	for _, ref := range []*governancev1alpha1.ClusterReference{defaults.ProcessCadenceRef, defaults.KPICadenceRef} {
		if ref != nil {
			note(&governancev1alpha1.ReviewCadence{}, client.ObjectKey{Name: string(ref.Name)}, fmt.Sprintf(
				"ReviewCadence %s of spec.defaults does not exist: create it, or name another one.", ref.Name))
		}
	}
	for _, route := range policy.Spec.Routes {
		for _, ref := range ticket.PaceOf(&route.Pace).Systems(route.TicketSystemRef) {
			key := client.ObjectKey{Namespace: string(ref.Namespace), Name: string(ref.Name)}
			note(&governancev1alpha1.TicketSystem{}, key, fmt.Sprintf(
				"TicketSystem %s of route %s does not exist: create it, or name another one.", key, route.Name))
		}
	}
	return missing, err
}

// SetupWithManager has every policy judged whenever one of them, a namespace, or what they refer to changes.
func (r *GovernancePolicyReconciler) SetupWithManager(mgr ctrl.Manager) error {
	edits := builder.WithPredicates(predicate.GenerationChangedPredicate{})
	every := handler.EnqueueRequestsFromMapFunc(r.all)
	return ctrl.NewControllerManagedBy(mgr).
		For(&governancev1alpha1.GovernancePolicy{}, edits).
		Watches(&governancev1alpha1.GovernancePolicy{}, every, edits).
		Watches(&governancev1alpha1.ReviewCadence{}, every, edits).
		Watches(&governancev1alpha1.TicketSystem{}, every, edits).
		Watches(&corev1.Namespace{}, every, builder.WithPredicates(predicate.LabelChangedPredicate{})).
		Complete(r)
}

func (r *GovernancePolicyReconciler) all(ctx context.Context, _ client.Object) []reconcile.Request {
	return requests(ctx, r, &governancev1alpha1.GovernancePolicyList{}, nil)
}
