package loop

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/controllers"
	"github.com/gemba-dev/gemba/internal/builders"
)

// The other specs call every reconciler for every object. These run them in a manager, where only a watch or a timer
// wakes one: what comes late must still be seen.
var _ = Describe("What arrives in the wrong order", Ordered, func() {
	var namespace string

	BeforeAll(func(ctx context.Context) {
		home := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "watched-"}}
		Expect(env.Client.Create(ctx, home)).To(Succeed())
		namespace = home.Name
		startManager()
	})

	create := func(ctx context.Context, objects ...client.Object) {
		GinkgoHelper()
		for _, object := range objects {
			if _, isCadence := object.(*governancev1alpha1.ReviewCadence); !isCadence {
				object.SetNamespace(namespace)
			}
			Expect(env.Client.Create(ctx, object)).To(Succeed())
		}
	}
	ready := func(ctx context.Context, object client.Object) func() string {
		return func() string { return conditionOf(ctx, object, governancev1alpha1.ConditionReady) }
	}

	It("a review before its process counts once the process was judged", func(ctx context.Context) {
		review := builders.MakeReview("early").Of("late").HeldOn("2026-01-10T00:00:00Z").Obj()
		create(ctx, review)
		counted := func() string { return conditionOf(ctx, review, governancev1alpha1.ConditionCounted) }
		Eventually(counted).Should(Equal("Counted=False/SubjectNotFound"))
		create(ctx, builders.MakeProcess("late").Every("P12M").InEffectSince("2025-06-01").Obj())
		Eventually(counted).Should(Equal("Counted=True/Counted"))
	})

	It("a process before its cadence is Ready once the cadence is there", func(ctx context.Context) {
		process := builders.MakeProcess("waiting").Cadence(namespace).InEffectSince("2025-06-01").Obj()
		create(ctx, process)
		Eventually(ready(ctx, process)).Should(Equal("Ready=False/ReferenceNotFound"))
		cadence := builders.MakeCadence(namespace).Every("P12M").Obj()
		create(ctx, cadence)
		DeferCleanup(func(ctx context.Context) { Expect(env.Client.Delete(ctx, cadence)).To(Succeed()) })
		Eventually(ready(ctx, process)).Should(Equal("Ready=True/Reconciled"))
	})

	It("a process before the one that its step stands for", func(ctx context.Context) {
		process := builders.MakeProcess("referring").InEffectSince("2025-06-01").Step("part", "it is a part").Obj()
		process.Spec.Steps[0].ProcessRef = &governancev1alpha1.ObjectReference{Name: "referred"}
		create(ctx, process)
		Eventually(ready(ctx, process)).Should(Equal("Ready=False/ReferenceNotFound"))
		create(ctx, builders.MakeProcess("referred").InEffectSince("2025-06-01").Obj())
		Eventually(ready(ctx, process)).Should(Equal("Ready=True/Reconciled"))
	})

	It("a skip before the review that its occurrence follows from", func(ctx context.Context) {
		create(ctx, builders.MakeProcess("skipping").Every("P6M").InEffectSince("2025-06-01").Obj())
		skip := builders.MakeWaiver("skip").Of("skipping").Skips("full", "2026-09-05").ApprovedOn("2026-01-10T00:00:00Z").Obj()
		create(ctx, skip)
		Eventually(ready(ctx, skip)).Should(Equal("Ready=False/UnknownOccurrence"))
		create(ctx, builders.MakeReview("march").Of("skipping").HeldOn("2026-03-05T00:00:00Z").Obj())
		Eventually(ready(ctx, skip)).Should(Equal("Ready=True/InForce"))
	})

	It("a label of the namespace that brings another policy", func(ctx context.Context) {
		process := builders.MakeProcess("governed").InEffectSince("2025-06-01").Obj()
		policy := builders.MakePolicy(namespace).Selects("governed", namespace).Obj()
		create(ctx, process)
		Expect(env.Client.Create(ctx, policy)).To(Succeed())
		DeferCleanup(func(ctx context.Context) { Expect(env.Client.Delete(ctx, policy)).To(Succeed()) })
		applied := func() governancev1alpha1.ObjectName {
			Expect(env.Client.Get(ctx, client.ObjectKeyFromObject(process), process)).To(Succeed())
			return process.Status.Policy
		}
		Eventually(func() bool { return applied() == "" && process.Status.ObservedSince != nil }).Should(BeTrue())
		var home corev1.Namespace
		Expect(env.Client.Get(ctx, client.ObjectKey{Name: namespace}, &home)).To(Succeed())
		home.Labels["governed"] = namespace
		Expect(env.Client.Update(ctx, &home)).To(Succeed())
		Eventually(applied).Should(BeEquivalentTo(namespace))
	})
})

// conditionOf reads an object and gives "Type=Status/Reason" of one of its conditions.
func conditionOf(ctx context.Context, object client.Object, conditionType string) string {
	GinkgoHelper()
	Expect(env.Client.Get(ctx, client.ObjectKeyFromObject(object), object)).To(Succeed())
	return condition(subjectOf(object).Conditions, conditionType)
}

// startManager runs the reconcilers that judge, as the binary does.
func startManager() {
	GinkgoHelper()
	mgr, err := ctrl.NewManager(env.Config, ctrl.Options{
		Scheme: env.Scheme, Metrics: server.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
		Controller: config.Controller{SkipNameValidation: ptr.To(true)},
	})
	Expect(err).NotTo(HaveOccurred())
	ctx, stop := context.WithCancel(context.Background())
	Expect(controllers.SetupIndexes(ctx, mgr.GetFieldIndexer())).To(Succeed())
	c, wall, recorder := mgr.GetClient(), clock.RealClock{}, events.NewFakeRecorder(1000)
	for _, one := range []interface{ SetupWithManager(ctrl.Manager) error }{
		&controllers.ReviewCadenceReconciler{Client: c, Clock: wall},
		&controllers.GovernancePolicyReconciler{Client: c, Clock: wall},
		&controllers.ProcessReconciler{Client: c, Clock: wall, Events: recorder},
		&controllers.ReviewReconciler{Client: c, APIReader: mgr.GetAPIReader(), Clock: wall, Events: recorder},
		&controllers.WaiverReconciler{Client: c, Clock: wall, Events: recorder},
	} {
		Expect(one.SetupWithManager(mgr)).To(Succeed())
	}
	done := make(chan struct{})
	go func() {
		defer GinkgoRecover()
		defer close(done)
		Expect(mgr.Start(ctx)).To(Succeed())
	}()
	DeferCleanup(func() {
		stop()
		<-done
	})
}
