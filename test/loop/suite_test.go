// Package loop tests the review loop end to end: the real reconcilers on a real API server, a clock that the spec moves,
// and a ticket desk that is reached over HTTP.
package loop

import (
	"context"
	"flag"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/gemba-dev/gemba/controllers"
	"github.com/gemba-dev/gemba/internal/testenv"
)

var (
	env *testenv.Env
	// cached reads from a cache that has seen all that was written through it.
	cached client.WithWatch
	// update has the golden texts written anew.
	update = flag.Bool("update", false, "write the golden texts anew")
)

func TestLoop(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "The review loop")
}

var _ = BeforeSuite(func(ctx context.Context) {
	// The machine may be busy with other things.
	SetDefaultEventuallyTimeout(time.Minute)
	SetDefaultEventuallyPollingInterval(50 * time.Millisecond)
	log.SetLogger(GinkgoLogr)
	var err error
	env, err = testenv.Start(ctx)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(env.Stop()).To(Succeed()) })
	cached = newCachedClient()
})

// newCachedClient reads as the manager does, from a cache with the manager's indexes.
func newCachedClient() client.WithWatch {
	store, err := cache.New(env.Config, cache.Options{Scheme: env.Scheme})
	Expect(err).NotTo(HaveOccurred())
	ctx, stop := context.WithCancel(context.Background())
	DeferCleanup(stop)
	Expect(controllers.SetupIndexes(ctx, store)).To(Succeed())
	go func() {
		defer GinkgoRecover()
		Expect(store.Start(ctx)).To(Succeed())
	}()
	Expect(store.WaitForCacheSync(ctx)).To(BeTrue())
	consistent, err := client.NewWithWatch(env.Config, client.Options{
		Scheme: env.Scheme,
		Cache: &client.CacheOptions{
			Reader: store, DisableFor: []client.Object{&corev1.Secret{}}, EnableReadYourWritesConsistency: ptr.To(true),
		},
	})
	Expect(err).NotTo(HaveOccurred())
	return consistent
}
