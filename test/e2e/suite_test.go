package e2e_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/hack/managerprocess"
	"github.com/gemba-dev/gemba/internal/testenv"
)

func TestEndToEnd(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "End to end")
}

// What all specs share. Each works in a namespace of its own, and one at a time: a manager watches the whole cluster.
var (
	env     *testenv.Env
	program string
	kubectl managerprocess.Kubectl
)

// wall is the clock of the machine, which the manager and the API server read too.
var wall = clock.RealClock{}

var _ = BeforeSuite(func(ctx SpecContext) {
	var err error
	env, err = testenv.Start(ctx)
	Expect(err).NotTo(HaveOccurred())
	kubeconfig, err := env.WriteKubeconfig(GinkgoT().TempDir(), "e2e-admin", "system:masters")
	Expect(err).NotTo(HaveOccurred())
	kubectl = managerprocess.Kubectl{Program: env.KubectlPath, Kubeconfig: kubeconfig}
	config := filepath.Join("..", "..", "config")
	Expect(kubectl.Run(ctx, "apply", "-f", filepath.Join(config, "manager", "namespace.yaml"))).To(Succeed())
	Expect(kubectl.Run(ctx, "apply", "-k", filepath.Join(config, "rbac"))).To(Succeed())

	program, err = gexec.Build("github.com/gemba-dev/gemba/cmd/gemba")
	Expect(err).NotTo(HaveOccurred())
	SetDefaultEventuallyTimeout(time.Minute)
	SetDefaultEventuallyPollingInterval(50 * time.Millisecond)
}, NodeTimeout(10*time.Minute))

var _ = AfterSuite(func() {
	gexec.CleanupBuildArtifacts()
	Expect(env.Stop()).To(Succeed())
})

// start runs a manager until the spec ends, and waits until it is ready.
func start(ctx context.Context, arguments ...string) *managerprocess.Process {
	GinkgoHelper()
	folder := GinkgoT().TempDir()
	kubeconfig := filepath.Join(folder, "kubeconfig")
	Expect(managerprocess.WriteKubeconfig(ctx, kubectl, env.Config, kubeconfig)).To(Succeed())
	process, err := managerprocess.Start(ctx, managerprocess.Options{
		Program: program, Kubeconfig: kubeconfig, Log: filepath.Join(folder, "log"),
		Arguments: append([]string{
			"--cluster-id=e2e", "--settle=0s", "--egress-allow-http", "--egress-allow-cidr=127.0.0.0/8",
		}, arguments...),
	})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() error {
		if CurrentSpecReport().Failed() {
			AddReportEntry("the manager's last words", process.LastWords())
		}
		return process.Stop()
	})
	Expect(process.AwaitReady(ctx)).To(Succeed())
	return process
}

// apply creates objects as an administrator, and deletes those that have no namespace when the spec ends.
func apply(ctx context.Context, objects ...client.Object) {
	GinkgoHelper()
	for _, object := range objects {
		Expect(env.Client.Create(ctx, object)).To(Succeed())
		if object.GetNamespace() == "" {
			DeferCleanup(func(ctx context.Context) error { return env.Client.Delete(ctx, object) })
		}
	}
}
