package loop

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/controllers"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/sampling"
	"github.com/gemba-dev/gemba/internal/source"
	"github.com/gemba-dev/gemba/internal/status"
)

// world is a namespace with every reconciler of Gemba around it, a clock that the spec moves, and a ticket desk. What
// is not in the namespace but belongs to the world carries its name.
type world struct {
	ctx       context.Context
	namespace string
	clock     *clocktesting.FakeClock
	client    client.WithWatch
	desk      *desk.Desk
	workers   []worker
	// sampler asks for the values of KPIs when the spec lets it.
	sampler *sampling.Sampler
	// told are the events about processes and KPIs.
	told *events.FakeRecorder
	// statusWrites and otherWrites count what the reconcilers wrote.
	statusWrites, otherWrites atomic.Int64
	// next is when a reconciler asked to be called again first.
	next time.Time
}

// worker is a reconciler and the objects that it looks after.
type worker struct {
	reconciler reconcile.Reconciler
	list       client.ObjectList
	clustered  bool
}

// newWorld begins at an instant, with a policy that opens a ticket at the desk for everything from Medium on.
func newWorld(ctx context.Context, start time.Time) *world {
	GinkgoHelper()
	return newWorldIn(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "loop-"}}, start)
}

// newWorldIn begins in a namespace that is yet to be created.
func newWorldIn(ctx context.Context, home *corev1.Namespace, start time.Time) *world {
	GinkgoHelper()
	// The context of a BeforeEach ends with it, and the world lives on.
	ctx = context.WithoutCancel(ctx)
	Expect(cached.Create(ctx, home)).To(Succeed())
	namespace := home.Name
	w := &world{ctx: ctx, namespace: namespace, clock: clocktesting.NewFakeClock(start), told: events.NewFakeRecorder(1000)}
	w.client = w.countingClient()
	var err error
	w.desk, err = desk.New(desk.Options{})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(w.desk.Close)
	w.workers = w.newWorkers()
	w.apply(
		// Two messages of one instant leave in that instant: a diary of a year needs no fifths of a second.
		builders.MakeTicketSystem("desk").URL(w.desk.URL()).Deduplicates().RateLimit(10000, 2).Obj(),
		builders.MakePolicy(namespace).Selects(corev1.LabelMetadataName, namespace).Route("all", namespace, "desk").Obj(),
	)
	DeferCleanup(w.checkConditions)
	DeferCleanup(func(ctx context.Context) {
		Expect(cached.Delete(ctx, builders.MakePolicy(namespace).Obj())).To(Succeed())
	})
	return w
}

// countingClient counts what is written.
func (w *world) countingClient() client.WithWatch {
	return interceptor.NewClient(cached, interceptor.Funcs{
		SubResourceUpdate: func(
			ctx context.Context, c client.Client, sub string, object client.Object, options ...client.SubResourceUpdateOption,
		) error {
			w.statusWrites.Add(1)
			return c.SubResource(sub).Update(ctx, object, options...)
		},
		Create: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
			w.otherWrites.Add(1)
			return c.Create(ctx, object, options...)
		},
		Patch: func(
			ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, options ...client.PatchOption,
		) error {
			w.otherWrites.Add(1)
			return c.Patch(ctx, object, patch, options...)
		},
		Update: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.UpdateOption) error {
			w.otherWrites.Add(1)
			return c.Update(ctx, object, options...)
		},
	})
}

func (w *world) newWorkers() []worker {
	guard, err := egress.NewGuard(egress.GuardOptions{AllowCIDRs: []string{"127.0.0.0/8"}, AllowHTTP: true})
	Expect(err).NotTo(HaveOccurred())
	endpoints := &controllers.Endpoints{Secrets: w.client, Guard: guard}
	reachability := controllers.NewReachability()
	reach := controllers.NewSourceReach(nil)
	w.sampler = sampling.NewSampler(w.clock, sampling.Options{Observer: reach})
	reach.Sampler = w.sampler
	sources := controllers.NewMetricSources(w.client, guard)
	opener := &controllers.RemediationOpener{Client: w.client, Clock: w.clock, Settle: settle}
	return []worker{
		{&controllers.ReviewCadenceReconciler{Client: w.client, Clock: w.clock}, &governancev1alpha1.ReviewCadenceList{}, true},
		{&controllers.GovernancePolicyReconciler{Client: w.client, Clock: w.clock},
			&governancev1alpha1.GovernancePolicyList{}, true},
		{&controllers.TicketSystemReconciler{
			Client: w.client, Clock: w.clock, Endpoints: endpoints, Reachability: reachability,
		}, &governancev1alpha1.TicketSystemList{}, false},
		{&controllers.ProcessReconciler{Client: w.client, Clock: w.clock, Events: w.told}, &governancev1alpha1.ProcessList{}, false},
		{&controllers.MetricSourceReconciler{Client: w.client, Clock: w.clock, Sources: sources, Reach: reach},
			&governancev1alpha1.MetricSourceList{}, false},
		{&controllers.KPIReconciler{
			Client: w.client, Clock: w.clock, Events: w.told, Sampler: w.sampler, Sources: sources, Questions: &source.Builder{},
		}, &governancev1alpha1.KPIList{}, false},
		{&controllers.ReviewReconciler{Client: w.client, Clock: w.clock}, &governancev1alpha1.ReviewList{}, false},
		{&controllers.WaiverReconciler{Client: w.client, Clock: w.clock}, &governancev1alpha1.WaiverList{}, false},
		{opener, &governancev1alpha1.ProcessList{}, false},
		{reconcile.Func(opener.ReconcileKPI), &governancev1alpha1.KPIList{}, false},
		{&controllers.RemediationReconciler{
			Client: w.client, APIReader: w.client, Clock: w.clock, ClusterID: "loop", Endpoints: endpoints,
			Reachability: reachability,
		}, &governancev1alpha1.RemediationList{}, false},
	}
}

// apply creates objects; those with a namespace go into the world's.
func (w *world) apply(objects ...client.Object) {
	GinkgoHelper()
	for _, object := range objects {
		if _, isPolicy := object.(*governancev1alpha1.GovernancePolicy); !isPolicy {
			object.SetNamespace(w.namespace)
		}
		if cadence, isCadence := object.(*governancev1alpha1.ReviewCadence); isCadence {
			cadence.SetNamespace("")
			cadence.SetLabels(map[string]string{"world": w.namespace})
		}
		Expect(cached.Create(w.ctx, object)).To(Succeed())
	}
}

// edit reads an object anew, changes it and writes it.
func (w *world) edit(object client.Object, change func()) {
	GinkgoHelper()
	Expect(cached.Get(w.ctx, client.ObjectKeyFromObject(object), object)).To(Succeed())
	change()
	Expect(cached.Update(w.ctx, object)).To(Succeed())
}

// settle is how long a new process opens no ticket.
const settle = 30 * time.Second

// rounds bounds how often the reconcilers may answer each other before the spec calls it a loop without end.
const rounds = 12

// settle calls every reconciler for every object until a whole round writes nothing.
func (w *world) settle() {
	GinkgoHelper()
	for range rounds {
		before := w.statusWrites.Load() + w.otherWrites.Load()
		w.next = time.Time{}
		w.sampler.AskDue(w.ctx)
		for _, one := range w.workers {
			w.callAll(one)
		}
		if due, known := w.sampler.NextDue(); known {
			w.wake(max(due.Sub(w.clock.Now()), time.Millisecond))
		}
		if w.statusWrites.Load()+w.otherWrites.Load() == before {
			return
		}
	}
	Fail("the reconcilers do not come to rest")
}

func (w *world) callAll(one worker) {
	GinkgoHelper()
	for _, object := range w.objectsOf(one) {
		result, err := one.reconciler.Reconcile(w.ctx, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(object)})
		Expect(err).NotTo(HaveOccurred())
		w.wake(result.RequeueAfter)
	}
}

// objectsOf gives the objects of the world that a worker looks after.
func (w *world) objectsOf(one worker) []client.Object {
	GinkgoHelper()
	list := one.list.DeepCopyObject().(client.ObjectList)
	Expect(cached.List(w.ctx, list, client.InNamespace(w.scope(one)))).To(Succeed())
	items, err := meta.ExtractList(list)
	Expect(err).NotTo(HaveOccurred())
	var objects []client.Object
	for _, item := range items {
		object := item.(client.Object)
		if !one.clustered || object.GetName() == w.namespace || object.GetLabels()["world"] == w.namespace {
			objects = append(objects, object)
		}
	}
	// A cache lists in no order.
	slices.SortFunc(objects, func(a, b client.Object) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return objects
}

func (w *world) scope(one worker) string {
	if one.clustered {
		return ""
	}
	return w.namespace
}

func (w *world) wake(after time.Duration) {
	if after == 0 {
		return
	}
	at := w.clock.Now().Add(after)
	if w.next.IsZero() || at.Before(w.next) {
		w.next = at
	}
}

// runUntil lets time pass, from one instant at which a reconciler asked to be called to the next, and calls after each
// of them; it ends at the given instant.
func (w *world) runUntil(end time.Time, after func()) {
	GinkgoHelper()
	w.settle()
	after()
	for !w.next.IsZero() && !w.next.After(end) {
		w.clock.SetTime(w.next)
		w.settle()
		after()
	}
	w.clock.SetTime(end)
	w.settle()
	after()
}

// process reads a process.
func (w *world) process(name string) *governancev1alpha1.Process {
	GinkgoHelper()
	var process governancev1alpha1.Process
	Expect(cached.Get(w.ctx, client.ObjectKey{Namespace: w.namespace, Name: name}, &process)).To(Succeed())
	return &process
}

// condition gives "Type=Status/Reason" of a condition; only the type where there is none.
func condition(conditions []metav1.Condition, conditionType string) string {
	found := meta.FindStatusCondition(conditions, conditionType)
	if found == nil {
		return conditionType
	}
	return conditionType + "=" + string(found.Status) + "/" + found.Reason
}

// day gives the first second of a day in UTC.
func day(text string) time.Time {
	GinkgoHelper()
	parsed, err := time.Parse(time.DateOnly, text)
	Expect(err).NotTo(HaveOccurred())
	return parsed
}

func inWorld(w *world) client.ListOption { return client.InNamespace(w.namespace) }

// checkConditions looks at every object that the spec leaves behind as tools do that wait for objects.
func (w *world) checkConditions() {
	GinkgoHelper()
	w.settle()
	for _, one := range w.workers {
		for _, object := range w.objectsOf(one) {
			faults := status.Check(subjectOf(object))
			Expect(faults).To(BeEmpty(), "%T %s", object, object.GetName())
		}
	}
}

// subjectOf reads what every kind of Gemba has in its status.
func subjectOf(object client.Object) status.Subject {
	fields := reflect.ValueOf(object).Elem().FieldByName("Status")
	return status.Subject{
		Generation:         object.GetGeneration(),
		ObservedGeneration: fields.FieldByName("ObservedGeneration").Int(),
		Conditions:         fields.FieldByName("Conditions").Interface().([]metav1.Condition),
	}
}
