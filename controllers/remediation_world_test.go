package controllers_test

import (
	"context"
	"errors"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	gomegatypes "github.com/onsi/gomega/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/controllers"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/status"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// errKilled is what a manager that is killed panics with, so that nothing of the pass goes on.
var errKilled = errors.New("the manager was killed")

// world is a process, and KPIs where a spec makes some, a policy that routes their findings to a real ticket desk, and the
// reconcilers between them.
type world struct {
	namespace string
	process   types.NamespacedName
	kpis      []types.NamespacedName
	// others are further processes.
	others  []types.NamespacedName
	clock   *clocktesting.FakePassiveClock
	desk    *desk.Desk
	manager *manager
	// start makes the manager that takes over when one was killed.
	start func() *manager
}

// manager is what one process of the operator holds in memory.
type manager struct {
	opener      *controllers.RemediationOpener
	remediation *controllers.RemediationReconciler
	system      *controllers.TicketSystemReconciler
	events      *events.FakeRecorder
}

// newManager makes reconcilers that work through a client.
func newManager(through client.Client, clock *clocktesting.FakePassiveClock) *manager {
	GinkgoHelper()
	guard, err := egress.NewGuard(egress.GuardOptions{AllowCIDRs: []string{"127.0.0.0/8"}, AllowHTTP: true})
	Expect(err).NotTo(HaveOccurred())
	endpoints := &controllers.Endpoints{Secrets: through, Guard: guard}
	reachability := controllers.NewReachability()
	recorder := events.NewFakeRecorder(1000)
	return &manager{
		opener: &controllers.RemediationOpener{Client: through, Clock: clock, Settle: 30 * time.Second},
		remediation: &controllers.RemediationReconciler{
			Client: through, APIReader: through, Clock: clock, Events: recorder, ClusterID: "test", Endpoints: endpoints,
			Reachability: reachability, Settle: 30 * time.Second,
		},
		system: &controllers.TicketSystemReconciler{
			Client: through, Clock: clock, Endpoints: endpoints, Reachability: reachability,
		},
		events: recorder,
	}
}

// unlimited is a rate limit that no spec reaches whose clock stands still.
const unlimited = 10000

// newWorld makes a world whose desk is used as a TicketSystem that change may alter.
func newWorld(ctx context.Context, change ...func(*builders.TicketSystemBuilder)) *world {
	GinkgoHelper()
	made := newEmptyWorld(ctx)
	system := builders.MakeTicketSystem("desk").InNamespace(made.namespace).URL(made.desk.URL()).Timeout("1s").Deduplicates().
		RateLimit(unlimited, 2)
	for _, alter := range change {
		alter(system)
	}
	apply(ctx, system.Obj())
	made.route(ctx, made.namespace)
	return made
}

// newEmptyWorld makes a world without a TicketSystem and without a policy.
func newEmptyWorld(ctx context.Context) *world {
	GinkgoHelper()
	running, err := desk.New(desk.Options{})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(running.Close)
	made := &world{namespace: newNamespace(ctx, nil), clock: newClock("2026-03-02T09:00:00Z"), desk: running}
	made.process = types.NamespacedName{Namespace: made.namespace, Name: "refunds"}
	made.start = func() *manager { return newManager(env.Client, made.clock) }
	made.manager = made.start()
	apply(ctx, builders.MakeProcess("refunds").InNamespace(made.namespace).Every("P12M").Obj())
	return made
}

// route makes the policy of the world: findings of severity Medium and above go to the TicketSystem "desk".
func (w *world) route(ctx context.Context, systemNamespace string) {
	GinkgoHelper()
	policy := builders.MakePolicy(w.namespace).Route("all", systemNamespace, "desk").Obj()
	apply(ctx, policy)
	DeferCleanup(func(ctx SpecContext) { Expect(env.Client.Delete(ctx, policy)).To(Succeed()) })
}

// overdueFinding is the finding of these specs.
func overdueFinding() v1alpha1.Finding {
	return v1alpha1.Finding{
		Rule: v1alpha1.RuleReviewOverdue, About: "full", Severity: v1alpha1.SeverityHigh,
		Since: metav1.NewTime(parseTime("2026-02-01T23:59:59Z")), Message: "The full review was due on 2026-02-01T23:59:59Z.",
		Episode: "2026-02-01T23:59:59Z",
	}
}

// judged publishes findings of the process, as its own reconciler would.
func (w *world) judged(ctx context.Context, findings ...v1alpha1.Finding) {
	GinkgoHelper()
	w.judgedOf(ctx, w.process, findings...)
}

// judgedOf publishes findings of one of the processes of the world.
func (w *world) judgedOf(ctx context.Context, of types.NamespacedName, findings ...v1alpha1.Finding) {
	GinkgoHelper()
	process := &v1alpha1.Process{}
	Expect(env.Client.Get(ctx, of, process)).To(Succeed())
	seen := metav1.NewTime(parseTime("2026-03-01T00:00:00Z"))
	process.Status.ObservedGeneration = process.Generation
	process.Status.ObservedSince = &seen
	process.Status.Policy = v1alpha1.ObjectName(w.namespace)
	process.Status.Findings = findings
	Expect(env.Client.Status().Update(ctx, process)).To(Succeed())
}

// pass runs every reconciler once; killed is true where the manager died in it. next is the shortest wait asked for.
func (w *world) pass(ctx context.Context) (next time.Duration, killed bool) {
	GinkgoHelper()
	defer func() {
		if cause := recover(); cause != nil {
			if cause != errKilled { //nolint:errorlint // recover gives back the very value
				panic(cause)
			}
			killed = true
		}
	}()
	results := []ctrl.Result{reconcileOnce(ctx, w.manager.opener, w.process)}
	for _, process := range w.others {
		results = append(results, reconcileOnce(ctx, w.manager.opener, process))
	}
	for _, kpi := range w.kpis {
		results = append(results, reconcileOnce(ctx, reconcile.Func(w.manager.opener.ReconcileKPI), kpi))
	}
	for _, remediation := range w.remediations(ctx) {
		results = append(results, reconcileOnce(ctx, w.manager.remediation, client.ObjectKeyFromObject(&remediation)))
	}
	for _, result := range results {
		if result.RequeueAfter > 0 && (next == 0 || result.RequeueAfter < next) {
			next = result.RequeueAfter
		}
	}
	return next, false
}

type reconciler interface {
	Reconcile(context.Context, ctrl.Request) (ctrl.Result, error)
}

func reconcileOnce(ctx context.Context, with reconciler, key types.NamespacedName) ctrl.Result {
	GinkgoHelper()
	result, err := with.Reconcile(ctx, ctrl.Request{NamespacedName: key})
	Expect(err).NotTo(HaveOccurred())
	return result
}

// rest runs the reconcilers until they change nothing, without moving the clock.
func (w *world) rest(ctx context.Context) time.Duration {
	GinkgoHelper()
	for range 20 {
		before := w.versions(ctx)
		next, killed := w.pass(ctx)
		if killed {
			w.manager = w.start()
			continue
		}
		if sameVersions(before, w.versions(ctx)) {
			w.expectSound(ctx)
			return next
		}
	}
	Fail("the reconcilers do not come to rest")
	return 0
}

// lookAgain is how often a message that was refused is looked at again, for a change that nobody tells of.
const lookAgain = 10 * time.Minute

// longRest is longer than anything that a remediation waits for but the end of its retention.
const longRest = 100 * 24 * time.Hour

// quiet runs the reconcilers until they ask for nothing more than to look again, and moves the clock to where they ask
// for it.
func (w *world) quiet(ctx context.Context) {
	GinkgoHelper()
	for range 60 {
		next := w.rest(ctx)
		if next == 0 || next == lookAgain || next > longRest {
			return
		}
		w.advance(next)
	}
	Fail("the reconcilers never become quiet")
}

// advance moves the clock.
func (w *world) advance(by time.Duration) { w.clock.SetTime(w.clock.Now().Add(by)) }

// expectSound asserts that tools which wait for objects would not stumble over what the reconcilers left behind.
func (w *world) expectSound(ctx context.Context) {
	GinkgoHelper()
	for _, remediation := range w.remediations(ctx) {
		if remediation.DeletionTimestamp != nil {
			continue
		}
		Expect(status.Check(status.Subject{
			Generation: remediation.Generation, ObservedGeneration: remediation.Status.ObservedGeneration,
			Conditions: remediation.Status.Conditions,
		})).To(BeEmpty(), remediation.Name)
	}
}

func (w *world) versions(ctx context.Context) map[string]string {
	GinkgoHelper()
	versions := map[string]string{}
	for _, remediation := range w.remediations(ctx) {
		versions[remediation.Name] = remediation.ResourceVersion
	}
	return versions
}

func sameVersions(one, other map[string]string) bool {
	if len(one) != len(other) {
		return false
	}
	for name, version := range one {
		if other[name] != version {
			return false
		}
	}
	return true
}

// remediations lists those of the world.
func (w *world) remediations(ctx context.Context) []v1alpha1.Remediation {
	GinkgoHelper()
	var list v1alpha1.RemediationList
	Expect(env.Client.List(ctx, &list, client.InNamespace(w.namespace))).To(Succeed())
	return list.Items
}

// remediation is the only one of the world.
func (w *world) remediation(ctx context.Context) *v1alpha1.Remediation {
	GinkgoHelper()
	all := w.remediations(ctx)
	Expect(all).To(HaveLen(1))
	return &all[0]
}

// delivery is the last message of the only remediation.
func (w *world) delivery(ctx context.Context) v1alpha1.Delivery {
	GinkgoHelper()
	tickets := w.remediation(ctx).Status.Tickets
	Expect(tickets).To(HaveLen(1))
	Expect(tickets[0].Delivery).NotTo(BeNil())
	return *tickets[0].Delivery
}

// edit changes the spec of the only remediation, as a person would.
func (w *world) edit(ctx context.Context, change func(*v1alpha1.RemediationSpec)) {
	GinkgoHelper()
	remediation := w.remediation(ctx)
	change(&remediation.Spec)
	Expect(env.Client.Update(ctx, remediation)).To(Succeed())
}

// haveCondition matches the status and reason of a condition.
func haveCondition(conditionType string, status metav1.ConditionStatus, reason string) gomegatypes.GomegaMatcher {
	return WithTransform(func(remediation *v1alpha1.Remediation) string {
		for _, condition := range remediation.Status.Conditions {
			if condition.Type == conditionType {
				return string(condition.Status) + "/" + condition.Reason
			}
		}
		return "absent"
	}, Equal(string(status)+"/"+reason))
}

// operations lists what the desk was asked about a ticket, duplicates left out.
func operations(of desk.Ticket) []v1alpha1.Operation {
	asked := make([]v1alpha1.Operation, 0, len(of.History))
	for _, operation := range of.History {
		asked = append(asked, v1alpha1.Operation(operation))
	}
	return asked
}

// theTicket is the only one on the desk.
func (w *world) theTicket() desk.Ticket {
	GinkgoHelper()
	tickets := w.desk.Tickets()
	Expect(tickets).To(HaveLen(1))
	return tickets[0]
}

// expectSameBytes asserts that messages with one key have one body.
func (w *world) expectSameBytes() {
	GinkgoHelper()
	bodies := map[string]string{}
	for _, message := range w.desk.Messages() {
		first, seen := bodies[message.ID]
		if seen {
			Expect(message.Body).To(Equal(first), "the retry of %s differs", message.ID)
		}
		bodies[message.ID] = message.Body
	}
}

// recordedEvents takes the events that were recorded so far.
func (m *manager) recordedEvents() []string {
	var recorded []string
	for {
		select {
		case happened := <-m.events.Events:
			recorded = append(recorded, happened)
		default:
			return recorded
		}
	}
}

// ticketKey is the key of the ticket of the world's finding.
func (w *world) ticketKey() string { return w.ticketKeyAt("desk") }

// ticketKeyAt is the key of its ticket in a system.
func (w *world) ticketKeyAt(system string) string {
	return ticket.Key("test", ticket.Identity{
		Namespace: w.namespace, Kind: v1alpha1.KindProcess, Name: "refunds", Rule: v1alpha1.RuleReviewOverdue, About: "full",
		Episode: overdueFinding().Episode,
	}, w.namespace+"/"+system)
}
