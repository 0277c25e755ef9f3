package controllers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/ticket"
)

const (
	// defaultDeletionGrace is how long a Remediation that is deleted waits for its ticket to be closed.
	defaultDeletionGrace = 24 * time.Hour
	// remediationWorkers is how many Remediations are worked on at once: a ticket system that does not answer holds up as many
	// of them as its rateLimit.concurrent says, for the timeout of a request, until it is left alone.
	remediationWorkers = 8
	// conflictRetry is how soon a pass is repeated whose write met a newer version.
	conflictRetry = time.Second
)

// RemediationReconciler leads each Remediation from its finding to its closed ticket, and delivers what is said to
// ticket systems. It is the one writer of the status of Remediations, and the one sender of messages.
type RemediationReconciler struct {
	client.Client
	// APIReader reads past the cache, for the write after a send that met a newer version.
	APIReader client.Reader
	Clock     clock.PassiveClock
	Events    events.EventRecorder
	// ClusterID tells tickets of one cluster from those of another.
	ClusterID string
	// Endpoints say how ticket systems are reached.
	Endpoints *Endpoints
	// Reachability is told what each try says about a ticket system; may be nil.
	Reachability *Reachability
	// Observer is told of each try; may be nil.
	Observer ticket.Observer
	// Settle is how long after a subject was first seen its findings come to no group; see RemediationOpener.
	Settle time.Duration
	// DeletionGrace is how long a Remediation that is deleted waits for its ticket to be closed. Default: 24 hours.
	DeletionGrace time.Duration

	unstored unstoredResults
	// readings say when the state of each ticket was last read.
	readings readings
	// confirmed are the tickets that are known to be those of their Remediations.
	confirmed confirmations
	// questions remember what could not be asked.
	questions questions
	// sending bounds what is said to each TicketSystem and asked of it.
	sending slots
}

// +kubebuilder:rbac:groups=governance.gemba.dev,resources=remediations,verbs=get;list;watch;patch;delete
// +kubebuilder:rbac:groups=governance.gemba.dev,resources=remediations/status,verbs=get;update
// +kubebuilder:rbac:groups=governance.gemba.dev,resources=processes;kpis;ticketsystems;governancepolicies,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconcile observes the finding of one Remediation, judges where it stands, and does the next thing about its ticket.
func (r *RemediationReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	end := r.sending.begin(request.NamespacedName)
	defer func() { end(r.Clock.Now()) }()
	if err := r.storeLeftover(ctx, request.NamespacedName); err != nil {
		return afterConflict(err)
	}
	remediation, err := r.remediation(ctx, request.NamespacedName)
	if err != nil || remediation == nil {
		r.readings.forget(request.NamespacedName)
		r.confirmed.forget(request.NamespacedName)
		r.questions.forget(request.NamespacedName)
		return ctrl.Result{}, err
	}
	if r.graceIsOver(remediation) {
		return afterConflict(r.letGo(ctx, remediation))
	}
	pass, err := r.observe(ctx, remediation)
	if err != nil {
		return ctrl.Result{}, err
	}
	return r.lead(ctx, pass)
}

// lead judges where the finding of a pass stands, and does the next thing about its ticket.
func (r *RemediationReconciler) lead(ctx context.Context, pass *pass) (ctrl.Result, error) {
	switch deleted := pass.remediation.DeletionTimestamp != nil; {
	case deleted && pass.mayGo():
		return afterConflict(r.release(ctx, pass))
	case !deleted && !pass.observation.Certain:
		return ctrl.Result{}, nil
	}
	pass.judge()
	pass.dropUntaken()
	if err := r.noteEffect(ctx, pass); err != nil {
		return ctrl.Result{}, err
	}
	if done, err := r.retire(ctx, pass); done || err != nil {
		return afterConflict(err)
	}
	if err := r.deliver(ctx, pass); err != nil {
		return afterConflict(err)
	}
	result := comeBackAt(pass.soonest(), r.Clock)
	// The turn that a pass was called for is over.
	result.Priority = new(int)
	if !pass.busyUntil.IsZero() {
		// To the fraction of a second: a ticket system may be talked to many times in one.
		wait := max(pass.busyUntil.Sub(r.Clock.Now()), time.Millisecond)
		result.RequeueAfter = cmp.Or(min(result.RequeueAfter, wait), wait)
	}
	return result, nil
}

// remediation gets one; nil where it is gone, or says nothing that could be worked on, which the schema rules out.
func (r *RemediationReconciler) remediation(ctx context.Context, key types.NamespacedName) (*v1alpha1.Remediation, error) {
	remediation := &v1alpha1.Remediation{}
	if err := r.Get(ctx, key, remediation); err != nil {
		return nil, client.IgnoreNotFound(err)
	}
	if spec := &remediation.Spec; spec.Group == nil && (spec.SubjectRef == nil || spec.Finding == nil) {
		return nil, nil
	}
	return remediation, nil
}

// grace is how long a Remediation that is deleted waits for its ticket to be closed.
func (r *RemediationReconciler) grace() time.Duration {
	if r.DeletionGrace == 0 {
		return defaultDeletionGrace
	}
	return r.DeletionGrace
}

// letGo releases a Remediation without a look at anything else.
func (r *RemediationReconciler) letGo(ctx context.Context, remediation *v1alpha1.Remediation) error {
	p := &pass{now: secondsNow(r.Clock), before: remediation.DeepCopy(), remediation: remediation}
	for _, ref := range ticket.PaceOf(&remediation.Spec.Route.Pace).Systems(remediation.Spec.Route.TicketSystemRef) {
		p.errands = append(p.errands, &errand{ticket: ticketOf(remediation, ref, r.ClusterID)})
	}
	return r.release(ctx, p)
}

// graceIsOver is true for a Remediation that is deleted and has waited for long enough. It is asked before anything else
// is read, so that what cannot be read holds up no namespace.
func (r *RemediationReconciler) graceIsOver(remediation *v1alpha1.Remediation) bool {
	deleted := remediation.DeletionTimestamp
	return deleted != nil && !secondsNow(r.Clock).Before(deleted.Add(r.grace()))
}

// afterConflict turns the refusal of a stale write into another pass: nothing was sent, and somebody else knows better.
func afterConflict(err error) (ctrl.Result, error) {
	if apierrors.IsConflict(err) {
		return ctrl.Result{RequeueAfter: conflictRetry}, nil
	}
	return ctrl.Result{}, client.IgnoreNotFound(err)
}

// observe gathers what a pass needs.
func (r *RemediationReconciler) observe(ctx context.Context, remediation *v1alpha1.Remediation) (*pass, error) {
	p := &pass{
		now: secondsNow(r.Clock), before: remediation.DeepCopy(), remediation: remediation,
		clusterID: r.ClusterID, grace: r.grace(), pace: ticket.PaceOf(&remediation.Spec.Route.Pace),
	}
	if err := r.observeFindings(ctx, p); err != nil {
		return nil, err
	}
	return p, r.errandsOf(ctx, p)
}

// observeFindings looks what became of the findings that a Remediation is for.
func (r *RemediationReconciler) observeFindings(ctx context.Context, p *pass) error {
	look := r.observeFinding
	if p.remediation.Spec.Group != nil {
		look = r.observeGroup
	}
	if err := look(ctx, p); err != nil {
		return err
	}
	p.observation = p.observation.After(p.remediation)
	return nil
}

func (r *RemediationReconciler) observeFinding(ctx context.Context, p *pass) (err error) {
	p.subject, _, err = observer{r}.subject(ctx, keyOf(p.remediation.Namespace, *p.remediation.Spec.SubjectRef))
	if err != nil {
		return err
	}
	p.observation = ticket.Observe(p.remediation, p.subject)
	return r.disclaim(ctx, p)
}

// disclaim leaves a finding that has come back to the Remediation that it belongs to, where that is not this one: a
// closed one takes it back only within its episode and its reopenWithin.
func (r *RemediationReconciler) disclaim(ctx context.Context, p *pass) error {
	if p.remediation.Status.State != v1alpha1.RemediationClosed || p.observation.Gone != "" {
		return nil
	}
	siblings, err := remediationsOf(ctx, r, p.subject)
	if err != nil {
		return err
	}
	if ticket.Claim(siblings, *p.observation.Finding, p.now) != p.remediation.Name {
		p.observation.Finding, p.observation.Gone = nil, v1alpha1.ReasonFindingGone
	}
	return nil
}

// remediationsOf lists the Remediations of a subject. The index knows its name alone, and two kinds may use one name.
func remediationsOf(ctx context.Context, reader client.Reader, subject *governance.Subject) ([]v1alpha1.Remediation, error) {
	var list v1alpha1.RemediationList
	if err := reader.List(ctx, &list, aboutSubject(subject.Namespace, subject.Name)...); err != nil {
		return nil, fmt.Errorf("list the Remediations of %s %s/%s: %w", subject.Kind, subject.Namespace, subject.Name, err)
	}
	of := subjectKey{kind: subject.Kind, namespace: subject.Namespace, name: subject.Name}
	return slices.DeleteFunc(list.Items, func(remediation v1alpha1.Remediation) bool {
		return !isAbout(of)(&remediation)
	}), nil
}

// isAbout lets pass what refers to a subject.
func isAbout(of subjectKey) func(client.Object) bool {
	return func(object client.Object) bool {
		named, ok := subjectOfObject(object)
		return ok && named == of
	}
}

// SetupWithManager wakes the reconciler for Remediations, their subjects and their ticket systems.
func (r *RemediationReconciler) SetupWithManager(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named("remediation").
		For(&v1alpha1.Remediation{}).
		WatchesRawSource(source.Func(r.sending.follow)).
		Watches(&v1alpha1.Process{}, handler.EnqueueRequestsFromMapFunc(r.ofSubject(v1alpha1.KindProcess))).
		Watches(&v1alpha1.KPI{}, handler.EnqueueRequestsFromMapFunc(r.ofSubject(v1alpha1.KindKPI))).
		Watches(&v1alpha1.GovernancePolicy{}, handler.EnqueueRequestsFromMapFunc(r.ofPolicy), builder.WithPredicates(specChanged)).
		Watches(&v1alpha1.Remediation{}, handler.EnqueueRequestsFromMapFunc(r.ofSibling), builder.WithPredicates(deletions)).
		Watches(&v1alpha1.TicketSystem{}, handler.EnqueueRequestsFromMapFunc(r.ofTicketSystem)).
		WithOptions(controller.Options{MaxConcurrentReconciles: remediationWorkers}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("set up the controller of Remediations: %w", err)
	}
	return nil
}

// ofSubject finds the Remediations of subjects of a kind.
func (r *RemediationReconciler) ofSubject(kind v1alpha1.SubjectKind) handler.MapFunc {
	return func(ctx context.Context, subject client.Object) []reconcile.Request {
		of := subjectKey{kind: kind, namespace: subject.GetNamespace(), name: subject.GetName()}
		own := requests(ctx, r, &v1alpha1.RemediationList{}, isAbout(of), aboutSubject(of.namespace, of.name)...)
		return append(own, r.groupsWith(ctx, of.namespace, func(group *v1alpha1.FindingGroup) bool {
			return group.SubjectRef == nil || keyOf(of.namespace, *group.SubjectRef) == of
		})...)
	}
}

// groupsWith finds the Remediations for groups of findings in a namespace, empty for all, that a condition holds for.
func (r *RemediationReconciler) groupsWith(
	ctx context.Context, namespace string, is func(*v1alpha1.FindingGroup) bool,
) []reconcile.Request {
	return requests(ctx, r, &v1alpha1.RemediationList{}, func(object client.Object) bool {
		remediation, ok := object.(*v1alpha1.Remediation)
		return ok && remediation.Spec.Group != nil && is(remediation.Spec.Group)
	}, client.InNamespace(namespace), client.MatchingFields{fieldGroup: string(v1alpha1.GroupByNamespace)})
}

// anyGroup holds for all.
func anyGroup(*v1alpha1.FindingGroup) bool { return true }

// ofPolicy finds the groups that a route may bring other findings to now.
func (r *RemediationReconciler) ofPolicy(ctx context.Context, _ client.Object) []reconcile.Request {
	return r.groupsWith(ctx, "", anyGroup)
}

// ofSibling finds the groups that may take up the findings of a Remediation that is gone.
func (r *RemediationReconciler) ofSibling(ctx context.Context, gone client.Object) []reconcile.Request {
	return r.groupsWith(ctx, gone.GetNamespace(), anyGroup)
}

// ofTicketSystem finds the Remediations that may wait for a ticket system. The index knows its name alone; a pass too
// many for a namesake elsewhere writes nothing.
func (r *RemediationReconciler) ofTicketSystem(ctx context.Context, system client.Object) []reconcile.Request {
	return requests(ctx, r, &v1alpha1.RemediationList{}, nil, client.MatchingFields{fieldTicketSystem: system.GetName()})
}
