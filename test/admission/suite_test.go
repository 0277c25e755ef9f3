package admission

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/gemba-dev/gemba/internal/testenv"
)

// The users of every spec. What they may do is granted by the roles in config/policy, in the namespace of the spec.
const (
	vera    = "vera"    // a reviewer and an approver, in the group auditors
	flux    = "flux"    // may also record for others
	janitor = "janitor" // may delete reviews, and has the verb purge
	cleaner = "cleaner" // may delete reviews, and nothing else
)

var (
	env       *testenv.Env
	clients   = map[string]client.Client{}
	namespace string
)

func TestAdmission(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Admission")
}

var _ = BeforeSuite(func(ctx context.Context) {
	logf.SetLogger(logr.Discard())
	var err error
	env, err = testenv.Start(ctx, testenv.WithControllerManager())
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(env.Stop()).To(Succeed()) })

	for user, groups := range map[string][]string{vera: {"auditors"}, flux: nil, janitor: nil, cleaner: nil} {
		clients[user], err = env.UserClient(user, groups...)
		Expect(err).NotTo(HaveOccurred())
	}
	Expect(env.Client.Create(ctx, &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: "review-cleaner"},
		Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{"governance.gemba.dev"},
			Resources: []string{"reviews"},
			Verbs:     []string{"get", "list", "delete", "deletecollection"},
		}},
	})).To(Succeed())
})

var _ = BeforeEach(func(ctx context.Context) {
	var err error
	namespace, err = env.NewNamespace(ctx, "admission", nil)
	Expect(err).NotTo(HaveOccurred())
	bind(ctx, vera, "gemba-reviewer", "gemba-approver")
	bind(ctx, flux, "gemba-reviewer", "gemba-approver", "gemba-recorder")
	bind(ctx, janitor, "gemba-purger")
	bind(ctx, cleaner, "review-cleaner")
})

func bind(ctx context.Context, user string, roles ...string) {
	GinkgoHelper()
	for _, role := range roles {
		Expect(env.Client.Create(ctx, &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: user + "-" + role},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
		})).To(Succeed())
		awaitRights(ctx, user, role)
	}
}

// awaitRights waits until the API server goes by a role that was bound to a user: its authorizer learns of it by a watch, which
// on a busy machine takes a moment.
func awaitRights(ctx context.Context, user, role string) {
	GinkgoHelper()
	var bound rbacv1.ClusterRole
	Expect(env.Client.Get(ctx, client.ObjectKey{Name: role}, &bound)).To(Succeed())
	for _, rule := range bound.Rules {
		Eventually(func(ctx context.Context) (bool, error) {
			asked := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
				User: user, ResourceAttributes: &authorizationv1.ResourceAttributes{
					Namespace: namespace, Verb: rule.Verbs[0], Group: rule.APIGroups[0], Resource: rule.Resources[0],
				},
			}}
			err := env.Client.Create(ctx, asked)
			return asked.Status.Allowed, err
		}).WithContext(ctx).WithTimeout(time.Minute).WithPolling(20 * time.Millisecond).Should(BeTrue())
	}
}

// serverNow is the present as the API server sees it, which is the clock that admission goes by.
func serverNow(ctx context.Context) time.Time {
	GinkgoHelper()
	probe := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "clock"}}
	Expect(env.Client.Create(ctx, probe, client.DryRunAll)).To(Succeed())
	return probe.CreationTimestamp.UTC()
}

// kubectl runs the real kubectl as a user and gives what it printed on both streams.
func kubectl(ctx context.Context, user string, args ...string) (string, error) {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	kubeconfig, err := env.WriteKubeconfig(dir, user)
	Expect(err).NotTo(HaveOccurred())
	args = append([]string{"--kubeconfig", kubeconfig, "--cache-dir", dir, "--namespace", namespace}, args...)
	out, err := exec.CommandContext(ctx, env.KubectlPath, args...).CombinedOutput()
	return string(out), err
}
