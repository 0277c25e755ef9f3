package tickets_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/hack/managerprocess"
	"github.com/gemba-dev/gemba/internal/testenv"
)

func TestTickets(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Tickets")
}

// program is the manager.
var program string

var _ = BeforeSuite(func() {
	var err error
	program, err = gexec.Build("github.com/gemba-dev/gemba/cmd/gemba")
	Expect(err).NotTo(HaveOccurred())
	SetDefaultEventuallyTimeout(time.Minute)
	SetDefaultEventuallyPollingInterval(100 * time.Millisecond)
})

var _ = AfterSuite(gexec.CleanupBuildArtifacts)

// cluster is a control plane with Gemba in it, of which nothing is left when it burns down.
type cluster struct {
	env     *testenv.Env
	manager *managerprocess.Process
}

// newCluster starts a control plane, installs Gemba, applies objects and starts the manager.
func newCluster(ctx context.Context, namespace string, objects ...client.Object) *cluster {
	GinkgoHelper()
	env, err := testenv.Start(ctx)
	Expect(err).NotTo(HaveOccurred())
	made := &cluster{env: env}
	DeferCleanup(made.burn)
	folder := GinkgoT().TempDir()
	kubeconfig, err := env.WriteKubeconfig(folder, "tickets-admin", "system:masters")
	Expect(err).NotTo(HaveOccurred())
	kubectl := managerprocess.Kubectl{Program: env.KubectlPath, Kubeconfig: kubeconfig}
	config := filepath.Join("..", "..", "config")
	Expect(kubectl.Run(ctx, "apply", "-f", filepath.Join(config, "manager", "namespace.yaml"))).To(Succeed())
	Expect(kubectl.Run(ctx, "apply", "-k", filepath.Join(config, "rbac"))).To(Succeed())
	Expect(kubectl.Run(ctx, "create", "namespace", namespace)).To(Succeed())
	for _, object := range objects {
		object.SetResourceVersion("")
		object.SetUID("")
		Expect(env.Client.Create(ctx, object)).To(Succeed())
	}
	restricted := filepath.Join(folder, "kubeconfig")
	Expect(managerprocess.WriteKubeconfig(ctx, kubectl, env.Config, restricted)).To(Succeed())
	made.manager, err = managerprocess.Start(ctx, managerprocess.Options{
		Program: program, Kubeconfig: restricted, Log: filepath.Join(folder, "log"),
		Arguments: []string{
			"--cluster-id=tickets", "--settle=0s", "--egress-allow-http", "--egress-allow-cidr=127.0.0.0/8",
			"--leader-elect=false", "--metrics-bind-address=0",
		},
	})
	Expect(err).NotTo(HaveOccurred())
	Expect(made.manager.AwaitReady(ctx)).To(Succeed())
	return made
}

// burn ends the cluster and all that was in it.
func (c *cluster) burn() error {
	if c.manager != nil {
		if err := c.manager.Stop(); err != nil {
			return err
		}
		c.manager = nil
	}
	if c.env == nil {
		return nil
	}
	env := c.env
	c.env = nil
	return env.Stop()
}
