package controllers_test

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/gemba-dev/gemba/internal/testenv"
)

func TestControllers(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Controllers")
}

// env is the control plane that all specs of the suite share; each spec works in a namespace of its own.
var env *testenv.Env

var _ = BeforeSuite(func(ctx SpecContext) {
	log.SetLogger(GinkgoLogr)
	var err error
	env, err = testenv.Start(ctx)
	Expect(err).NotTo(HaveOccurred())
}, NodeTimeout(5*time.Minute))

var _ = AfterSuite(func() {
	Expect(env.Stop()).To(Succeed())
})

// newClock gives a clock that stands at an instant, "2026-03-02T09:00:00Z", until it is moved.
func newClock(instant string) *clocktesting.FakePassiveClock {
	return clocktesting.NewFakePassiveClock(parseTime(instant))
}

// parseTime reads an instant.
func parseTime(instant string) time.Time {
	GinkgoHelper()
	at, err := time.Parse(time.RFC3339, instant)
	Expect(err).NotTo(HaveOccurred())
	return at
}

// newNamespace makes a namespace for a spec.
func newNamespace(ctx context.Context, labels map[string]string) string {
	GinkgoHelper()
	name, err := env.NewNamespace(ctx, "spec", labels)
	Expect(err).NotTo(HaveOccurred())
	return name
}

// apply creates an object as an administrator.
func apply(ctx context.Context, object client.Object) {
	GinkgoHelper()
	Expect(env.Client.Create(ctx, object)).To(Succeed())
}
