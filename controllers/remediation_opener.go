package controllers

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// reopenCheck is how soon the opener looks again where a Remediation of the same name is still being deleted.
const reopenCheck = 30 * time.Second

// RemediationOpener sees to it that each finding which a route covers has a Remediation. It writes no status and sends
// nothing.
type RemediationOpener struct {
	client.Client
	Clock clock.PassiveClock
	// Settle is how long after a process was first seen its findings open nothing, so that a process and its reviews
	// can be applied in any order.
	Settle time.Duration
}

// +kubebuilder:rbac:groups=governance.gemba.dev,resources=processes;governancepolicies,verbs=get;list;watch
// +kubebuilder:rbac:groups=governance.gemba.dev,resources=remediations,verbs=get;list;watch;create

// Reconcile opens what is missing for one process.
func (r *RemediationOpener) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	process := &v1alpha1.Process{}
	if err := r.Get(ctx, request.NamespacedName, process); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	now := secondsNow(r.Clock)
	if !mayOpen(process) {
		return ctrl.Result{}, nil
	}
	if settled := process.Status.ObservedSince.Add(r.Settle); now.Before(settled) {
		return ctrl.Result{RequeueAfter: settled.Sub(now)}, nil
	}
	policy, err := r.policy(ctx, process)
	if err != nil || policy == nil {
		return ctrl.Result{}, err
	}
	remediations, err := remediationsOf(ctx, r, process)
	if err != nil {
		return ctrl.Result{}, err
	}
	return r.openMissing(ctx, process, policy, remediations, now)
}

// mayOpen is true for processes whose findings may open tickets at all.
func mayOpen(process *v1alpha1.Process) bool {
	return process.DeletionTimestamp == nil && process.Status.ObservedSince != nil && len(process.Status.Findings) > 0 &&
		!process.Spec.Suspend && process.Spec.Lifecycle != v1alpha1.LifecycleRetired
}

// policy gets the policy that judged the process; nil where the defaults did, which have no routes.
func (r *RemediationOpener) policy(ctx context.Context, process *v1alpha1.Process) (*v1alpha1.GovernancePolicy, error) {
	name := string(process.Status.Policy)
	if name == "" {
		return nil, nil
	}
	policy := &v1alpha1.GovernancePolicy{}
	if err := r.Get(ctx, types.NamespacedName{Name: name}, policy); err != nil {
		if apierrors.IsNotFound(err) {
			// The process is about to be judged by another policy, which wakes the opener.
			return nil, nil
		}
		return nil, fmt.Errorf("get GovernancePolicy %s: %w", name, err)
	}
	return policy, nil
}

// openMissing opens what is missing. One that cannot be opened keeps none of the others from it.
func (r *RemediationOpener) openMissing(ctx context.Context, process *v1alpha1.Process,
	policy *v1alpha1.GovernancePolicy, remediations []v1alpha1.Remediation, now time.Time,
) (ctrl.Result, error) {
	var result ctrl.Result
	var failed []error
	for _, finding := range process.Status.Findings {
		if finding.WaivedBy != "" || ticket.Claim(remediations, finding, now) != "" {
			continue
		}
		route := governance.MatchRoute(policy, process.Labels, finding)
		if route == nil {
			continue
		}
		err := r.Create(ctx, newRemediation(process, policy, route, finding))
		if apierrors.IsAlreadyExists(err) {
			// The cache is behind, or the one of that name is still being deleted.
			result.RequeueAfter = reopenCheck
			continue
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("open a Remediation for %s of Process %s: %w", finding.Rule,
				client.ObjectKeyFromObject(process), err))
		}
	}
	return result, errors.Join(failed...)
}

// newRemediation is the Remediation of a finding, with the route as it is now. Nothing of the labels and annotations of
// the process is copied: tools that sync them would take the copy for their own.
func newRemediation(process *v1alpha1.Process, policy *v1alpha1.GovernancePolicy, route *v1alpha1.Route,
	finding v1alpha1.Finding,
) *v1alpha1.Remediation {
	identity := ticket.Identity{
		Namespace: process.Namespace, Kind: v1alpha1.KindProcess, Name: process.Name,
		Rule: finding.Rule, About: finding.About, Episode: ticket.EpisodeOf(finding),
	}
	isController := true
	return &v1alpha1.Remediation{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: process.Namespace,
			Name:      ticket.RemediationName(identity),
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: v1alpha1.GroupVersion.String(), Kind: string(v1alpha1.KindProcess),
				Name: process.Name, UID: process.UID, Controller: &isController,
			}},
		},
		Spec: v1alpha1.RemediationSpec{
			SubjectRef: &v1alpha1.SubjectReference{Kind: v1alpha1.KindProcess, Name: v1alpha1.ObjectName(process.Name)},
			Finding:    &v1alpha1.FindingIdentity{Rule: finding.Rule, About: finding.About, Episode: identity.Episode},
			Route: v1alpha1.RouteSnapshot{
				Policy:          v1alpha1.ObjectName(policy.Name),
				Name:            route.Name,
				TicketSystemRef: route.TicketSystemRef,
				VerifyFor:       verifyFor(policy, finding.Rule),
				Cause:           route.Cause,
				ReopenWithin:    route.ReopenWithin,
			},
		},
	}
}

// verifyFor writes how long a finding of a rule must stay gone in the form of the API.
func verifyFor(policy *v1alpha1.GovernancePolicy, rule v1alpha1.Rule) v1alpha1.Duration {
	return v1alpha1.Duration(governance.EffectivePolicy(policy).VerifyFor(rule).Truncate(time.Second).String())
}

// SetupWithManager wakes the opener for processes, for Remediations of theirs that go, and for policies, whose routes
// may have changed.
func (r *RemediationOpener) SetupWithManager(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named("remediation-opener").
		For(&v1alpha1.Process{}).
		Owns(&v1alpha1.Remediation{}).
		Watches(&v1alpha1.GovernancePolicy{}, handler.EnqueueRequestsFromMapFunc(r.ofPolicy)).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the opener of Remediations: %w", err)
	}
	return nil
}

// ofPolicy wakes the processes that a policy judged and that have findings.
func (r *RemediationOpener) ofPolicy(ctx context.Context, policy client.Object) []reconcile.Request {
	var list v1alpha1.ProcessList
	if err := r.List(ctx, &list); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "Cannot list processes to wake")
		return nil
	}
	var requests []reconcile.Request
	for i := range list.Items {
		process := &list.Items[i]
		if string(process.Status.Policy) == policy.GetName() && len(process.Status.Findings) > 0 {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(process)})
		}
	}
	return requests
}
