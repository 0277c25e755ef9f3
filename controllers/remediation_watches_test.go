package controllers_test

import (
	"context"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
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
			w.withKPI(ctx, builders.MakeKPI("refund-days"))
			// The clock of these specs stands still, so that no token would ever come.
			apply(ctx, builders.MakeTicketSystem("desk").InNamespace(w.namespace).URL(w.desk.URL()).Deduplicates().
				RateLimit(unlimited, 2).Obj())
			opener, remediation := startManager(w)
			becomes := func(state string) {
				GinkgoHelper()
				Eventually(w.ticketsBySubject).WithTimeout(time.Minute).Should(Equal(map[string]string{subject: state}))
				// Only once the last version was looked at can nothing but a watch bring about what follows.
				Eventually(func() bool { return remediation.lookedAt() == w.remediation(ctx).ResourceVersion }).
					WithTimeout(time.Minute).Should(BeTrue())
			}
			publish(ctx, w, overdueFinding())
			Eventually(opener.missed).WithTimeout(time.Minute).Should(BeTrue(), "the opener saw no policy")
			w.route(ctx, w.namespace)
			becomes(desk.Open)
			publish(ctx, w)
			becomes(desk.Closed)
			publish(ctx, w, overdueFinding())
			becomes(desk.Open)
		},
		Entry("for a process", func(ctx context.Context, w *world, findings ...v1alpha1.Finding) {
			w.judged(ctx, findings...)
		}, "Process/refunds"),
		Entry("for a KPI", func(ctx context.Context, w *world, findings ...v1alpha1.Finding) {
			w.judgedKPI(ctx, w.kpis[0], findings...)
		}, "KPI/refund-days"),
	)
})

// watchful is a client that remembers what was read through it.
type watchful struct {
	client.Client
	mu sync.Mutex
	// reading is the version of the Remediation that was read last, looked the one that its subject was read for.
	reading, looked string
	withoutPolicy   bool
}

// Get implements client.Client.
func (c *watchful) Get(ctx context.Context, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
	err := c.Client.Get(ctx, key, object, options...)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch object.(type) {
	case *v1alpha1.Remediation:
		c.reading = object.GetResourceVersion()
	case *v1alpha1.Process, *v1alpha1.KPI:
		c.looked = c.reading
	case *v1alpha1.GovernancePolicy:
		c.withoutPolicy = c.withoutPolicy || apierrors.IsNotFound(err)
	}
	return err
}

// lookedAt gives the version of the Remediation whose subject was read last.
func (c *watchful) lookedAt() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.looked
}

// missed tells whether a policy was looked for and not found.
func (c *watchful) missed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.withoutPolicy
}

// startManager runs the reconcilers of a world's manager, as the binary does, on the namespace of the world. It gives the
// clients that they read through.
func startManager(w *world) (opener, remediation *watchful) {
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
	opener, remediation = &watchful{Client: mgr.GetClient()}, &watchful{Client: mgr.GetClient()}
	made.opener.Client, made.remediation.Client = opener, remediation
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
	return opener, remediation
}
