package controllers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// reopenCheck is how soon the opener looks again where a Remediation of the same name is still being deleted.
const reopenCheck = 30 * time.Second

// RemediationOpener sees to it that each finding which a route covers has a Remediation. It writes no status and sends
// nothing. What a process answers for of its KPIs is no finding of its own: the ticket is that of the KPI.
type RemediationOpener struct {
	client.Client
	Clock clock.PassiveClock
	// Settle is how long after a subject was first seen its findings open nothing, so that a subject and its reviews
	// can be applied in any order.
	Settle time.Duration
}

// +kubebuilder:rbac:groups=governance.gemba.dev,resources=processes;kpis;governancepolicies,verbs=get;list;watch
// +kubebuilder:rbac:groups=governance.gemba.dev,resources=remediations,verbs=get;list;watch;create

// Reconcile opens what is missing for one process.
func (r *RemediationOpener) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	return r.open(ctx, v1alpha1.KindProcess, request)
}

// ReconcileKPI opens what is missing for one KPI.
func (r *RemediationOpener) ReconcileKPI(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	return r.open(ctx, v1alpha1.KindKPI, request)
}

// open opens what is missing for one subject.
func (r *RemediationOpener) open(ctx context.Context, kind v1alpha1.SubjectKind, request ctrl.Request,
) (ctrl.Result, error) {
	of := subjectKey{kind: kind, namespace: request.Namespace, name: request.Name}
	subject, _, err := observer{r}.subject(ctx, of)
	if err != nil || subject == nil || !mayOpen(subject) {
		return ctrl.Result{}, err
	}
	now := secondsNow(r.Clock)
	if settled := subject.Status.ObservedSince.Add(r.Settle); now.Before(settled) {
		return ctrl.Result{RequeueAfter: settled.Sub(now)}, nil
	}
	policy, err := r.policy(ctx, subject)
	if err != nil || policy == nil {
		return ctrl.Result{}, err
	}
	remediations, err := remediationsOf(ctx, r, subject)
	if err != nil {
		return ctrl.Result{}, err
	}
	return r.openMissing(ctx, subject, policy, remediations, now)
}

// mayOpen is true for subjects whose findings may open tickets at all.
func mayOpen(subject *governance.Subject) bool {
	return !subject.Deleting && subject.Status.ObservedSince != nil && len(subject.Status.Findings) > 0 &&
		!subject.Suspended && !subject.Retired
}

// policy gets the policy that judged the subject; nil where the defaults did, which have no routes, and where it is gone: the subject is
// about to be judged by another one, which wakes the opener.
func (r *RemediationOpener) policy(ctx context.Context, subject *governance.Subject) (*v1alpha1.GovernancePolicy, error) {
	if subject.Status.Policy == "" {
		return nil, nil
	}
	return observer{r}.policyNamed(ctx, string(subject.Status.Policy))
}

// openMissing opens what is missing. One that cannot be opened keeps none of the others from it.
func (r *RemediationOpener) openMissing(ctx context.Context, subject *governance.Subject,
	policy *v1alpha1.GovernancePolicy, remediations []v1alpha1.Remediation, now time.Time,
) (ctrl.Result, error) {
	opening := &opening{
		RemediationOpener: r, subject: subject, policy: policy, own: remediations, now: now,
	}
	var err error
	if opening.groups, err = groupsIn(ctx, r, subject.Namespace); err != nil {
		return ctrl.Result{}, err
	}
	var failed []error
	for _, finding := range subject.Status.Findings {
		failed = append(failed, opening.open(ctx, finding))
	}
	return opening.result, errors.Join(failed...)
}

// opening opens Remediations for the findings of one subject.
type opening struct {
	*RemediationOpener
	subject *governance.Subject
	policy  *v1alpha1.GovernancePolicy
	// own are the Remediations of the subject, groups those for groups of findings in its namespace.
	own, groups []v1alpha1.Remediation
	now         time.Time
	result      ctrl.Result
}

// open opens what a finding needs, unless it has something already.
func (o *opening) open(ctx context.Context, finding v1alpha1.Finding) error {
	if finding.WaivedBy != "" || finding.MutedBy != "" || ticket.Claim(o.own, finding, o.now) != "" ||
		isHeldBy(o.groups, o.subject, finding) {
		return nil
	}
	route := governance.MatchRoute(o.policy, o.subject.Labels, finding)
	if route == nil {
		return nil
	}
	missing := newRemediation(o.subject, o.policy, route, finding)
	if group := ticket.GroupOf(route, o.subject, finding); group != nil {
		if missing = o.newGroup(missing, group, route.Cause); missing == nil {
			return nil
		}
	}
	err := o.Create(ctx, missing)
	switch {
	case apierrors.IsAlreadyExists(err):
		// The cache is behind, or the one of that name is still being deleted.
		o.result.RequeueAfter = reopenCheck
		return nil
	case err != nil:
		return fmt.Errorf("open a Remediation for %s of %s %s/%s: %w", finding.Rule, o.subject.Kind, o.subject.Namespace,
			o.subject.Name, err)
	default:
		o.opened(missing)
		return nil
	}
}

// opened remembers what was opened: the next finding may belong to it.
func (o *opening) opened(created *v1alpha1.Remediation) {
	if created.Spec.Group != nil {
		o.groups = append(o.groups, *created)
	}
}

// newGroup makes the Remediation of a group out of that of a finding; nil where there is one that takes the finding up by itself.
// Whether a cause is asked for depends on all of its findings, unless the route says it.
func (o *opening) newGroup(from *v1alpha1.Remediation, group *v1alpha1.FindingGroup, cause v1alpha1.CauseDemand) *v1alpha1.Remediation {
	of := slices.DeleteFunc(slices.Clone(o.groups), func(other v1alpha1.Remediation) bool {
		return !ticket.IsOfGroup(&other, from.Spec.Route.Policy, from.Spec.Route.Name, group)
	})
	if ticket.ClaimGroup(of, o.now) != "" {
		return nil
	}
	group.Episode = ticket.NextGroupEpisode(of)
	made := &v1alpha1.Remediation{Spec: v1alpha1.RemediationSpec{Group: group, Route: from.Spec.Route}}
	made.Spec.Route.Cause = cause
	made.Namespace, made.Finalizers = from.Namespace, from.Finalizers
	made.Name = ticket.RemediationName(ticket.IdentityOf(made))
	return made
}

// newRemediation is the Remediation of a finding, with the route as it is now. Nothing of the labels and annotations of
// the subject is copied: tools that sync them would take the copy for their own.
func newRemediation(subject *governance.Subject, policy *v1alpha1.GovernancePolicy, route *v1alpha1.Route,
	finding v1alpha1.Finding,
) *v1alpha1.Remediation {
	identity := ticket.Identity{
		Namespace: subject.Namespace, Kind: subject.Kind, Name: subject.Name,
		Rule: finding.Rule, About: finding.About, Episode: ticket.EpisodeOf(finding),
	}
	isController := true
	return &v1alpha1.Remediation{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: subject.Namespace,
			Name:      ticket.RemediationName(identity),
			// Its ticket is opened next: a write of its own for the finalizer would be one for each ticket.
			Finalizers: []string{v1alpha1.FinalizerRemediation},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: v1alpha1.GroupVersion.String(), Kind: string(subject.Kind),
				Name: subject.Name, UID: subject.UID, Controller: &isController,
			}},
		},
		Spec: v1alpha1.RemediationSpec{
			SubjectRef: &v1alpha1.SubjectReference{Kind: subject.Kind, Name: v1alpha1.ObjectName(subject.Name)},
			Finding:    &v1alpha1.FindingIdentity{Rule: finding.Rule, About: finding.About, Episode: identity.Episode},
			Route: v1alpha1.RouteSnapshot{
				Policy:          v1alpha1.ObjectName(policy.Name),
				Name:            route.Name,
				TicketSystemRef: route.TicketSystemRef,
				VerifyFor:       verifyFor(policy, finding.Rule),
				Pace:            *route.Pace.DeepCopy(),
				Assignee:        route.Assignee,
				Cause:           governance.CauseDemanded(route, finding),
				ReopenWithin:    route.ReopenWithin,
			},
		},
	}
}

// verifyFor writes how long a finding of a rule must stay gone in the form of the API.
func verifyFor(policy *v1alpha1.GovernancePolicy, rule v1alpha1.Rule) v1alpha1.Duration {
	return v1alpha1.Duration(governance.EffectivePolicy(policy).VerifyFor(rule).Truncate(time.Second).String())
}

// SetupWithManager wakes the opener for processes and KPIs, for Remediations of theirs that go, and for policies, whose
// routes may have changed. Each kind has a controller of its own: a request names an object and not its kind.
func (r *RemediationOpener) SetupWithManager(mgr ctrl.Manager) error {
	for _, opens := range []struct {
		name      string
		subject   client.Object
		all       func() client.ObjectList
		reconcile reconcile.Func
	}{
		{"remediation-opener", &v1alpha1.Process{}, func() client.ObjectList { return &v1alpha1.ProcessList{} }, r.Reconcile},
		{"remediation-opener-kpi", &v1alpha1.KPI{}, func() client.ObjectList { return &v1alpha1.KPIList{} }, r.ReconcileKPI},
	} {
		err := ctrl.NewControllerManagedBy(mgr).
			Named(opens.name).
			For(opens.subject).
			Owns(&v1alpha1.Remediation{}).
			Watches(&v1alpha1.GovernancePolicy{}, handler.EnqueueRequestsFromMapFunc(r.ofPolicy(opens.all))).
			Watches(&v1alpha1.Remediation{}, handler.EnqueueRequestsFromMapFunc(r.ofGroup(opens.all)), builder.WithPredicates(deletions)).
			Complete(opens.reconcile)
		if err != nil {
			return fmt.Errorf("set up the opener of Remediations %s: %w", opens.name, err)
		}
	}
	return nil
}

// deletions lets pass that objects are gone, and nothing else.
var deletions = predicate.Funcs{
	CreateFunc:  func(event.CreateEvent) bool { return false },
	UpdateFunc:  func(event.UpdateEvent) bool { return false },
	GenericFunc: func(event.GenericEvent) bool { return false },
}

// ofGroup wakes the subjects, of those that a list finds, whose findings may have been on the ticket of a group.
func (r *RemediationOpener) ofGroup(list func() client.ObjectList) handler.MapFunc {
	return func(ctx context.Context, remediation client.Object) []reconcile.Request {
		if len(groupScopeOf(remediation)) == 0 {
			return nil
		}
		hasFindings := func(object client.Object) bool {
			status := subjectStatusOf(object)
			return status != nil && len(status.Findings) > 0
		}
		return requests(ctx, r, list(), hasFindings, client.InNamespace(remediation.GetNamespace()))
	}
}

// ofPolicy wakes the subjects, of those that a list finds, that a policy judged and that have findings.
func (r *RemediationOpener) ofPolicy(list func() client.ObjectList) handler.MapFunc {
	return func(ctx context.Context, policy client.Object) []reconcile.Request {
		judged := func(object client.Object) bool {
			status := subjectStatusOf(object)
			return status != nil && string(status.Policy) == policy.GetName() && len(status.Findings) > 0
		}
		return requests(ctx, r, list(), judged)
	}
}
