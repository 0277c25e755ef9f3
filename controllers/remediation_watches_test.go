package controllers_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/controllers"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
)

// The other specs call the reconcilers for every object. These run them in a manager, where only a watch wakes one.
var _ = Describe("The reconcilers of remediations, in a manager", func() {
	DescribeTable("are woken by what becomes of a subject, and by a policy that comes later",
		func(ctx SpecContext, publish func(context.Context, *world, ...v1alpha1.Finding), subject string) {
			w := newEmptyWorld(ctx)
			w.withKPI(ctx, builders.MakeKPI("refunds"))
			apply(ctx, builders.MakeTicketSystem("desk").InNamespace(w.namespace).URL(w.desk.URL()).Deduplicates().Obj())
			startManager(w)
			publish(ctx, w, overdueFinding())
			w.route(ctx, w.namespace)
			Eventually(w.ticketsBySubject).WithTimeout(time.Minute).Should(Equal(map[string]string{subject: desk.Open}))
			publish(ctx, w)
			Eventually(w.ticketsBySubject).WithTimeout(time.Minute).Should(Equal(map[string]string{subject: desk.Closed}))
			publish(ctx, w, overdueFinding())
			Eventually(w.ticketsBySubject).WithTimeout(time.Minute).Should(Equal(map[string]string{subject: desk.Open}))
		},
		Entry("for a process", func(ctx context.Context, w *world, findings ...v1alpha1.Finding) {
			w.judged(ctx, findings...)
		}, "Process/refunds"),
		Entry("for a KPI", func(ctx context.Context, w *world, findings ...v1alpha1.Finding) {
			w.judgedKPI(ctx, w.kpis[0], findings...)
		}, "KPI/refunds"),
	)
})

// startManager runs the reconcilers of a world's manager, as the binary does, on the namespace of the world.
func startManager(w *world) {
	GinkgoHelper()
	mgr, err := ctrl.NewManager(env.Config, ctrl.Options{
		Scheme: env.Scheme, Metrics: server.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
		Cache:      cache.Options{DefaultNamespaces: map[string]cache.Config{w.namespace: {}}},
		Controller: config.Controller{SkipNameValidation: ptr.To(true)},
	})
	Expect(err).NotTo(HaveOccurred())
	ctx, stop := context.WithCancel(context.Background())
	Expect(controllers.SetupIndexes(ctx, mgr.GetFieldIndexer())).To(Succeed())
	made := newManager(mgr.GetClient(), w.clock)
	made.remediation.APIReader = mgr.GetAPIReader()
	made.remediation.Endpoints.Secrets = mgr.GetAPIReader()
	Expect(made.opener.SetupWithManager(mgr)).To(Succeed())
	Expect(made.remediation.SetupWithManager(mgr)).To(Succeed())
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
