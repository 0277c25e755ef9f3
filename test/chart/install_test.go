package chart

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

// patience is how long the API server may take for anything; a busy machine needs much of it.
const patience = 2 * time.Minute

// cluster is an API server that holds nothing of Gemba at first.
type cluster struct {
	client.Client
	environment *envtest.Environment
	kubeconfig  string
}

func startCluster(t *testing.T) *cluster {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		clientgoscheme.AddToScheme, apiextensionsv1.AddToScheme, governancev1alpha1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	if assets == "" {
		assets = filepath.Join(root, "bin", "k8s")
	}
	c := &cluster{environment: &envtest.Environment{
		Scheme: scheme, BinaryAssetsDirectory: assets, ControlPlaneStartTimeout: patience,
	}}
	config, err := c.environment.Start()
	t.Cleanup(func() {
		if err := c.environment.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatalf("start the control plane of %s: %v", assets, err)
	}
	if c.Client, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		t.Fatal(err)
	}
	c.kubeconfig = writeFile(t, c.environment.KubeConfig)
	return c
}

func writeFile(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (c *cluster) helm(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	return tool(t, "helm", append(args, "--namespace="+namespace, "--kubeconfig="+c.kubeconfig)...)
}

func run(t *testing.T, command *exec.Cmd) {
	t.Helper()
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", command.Args, err, out)
	}
}

func eventually(t *testing.T, what string, holds func(ctx context.Context) (bool, error)) {
	t.Helper()
	if err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, patience, true, holds); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// TestAReleaseComesAndGoes is one story, because an API server takes its time to start. No controllers run on it, so
// that the test itself plays the one that runs the hook's pod.
func TestAReleaseComesAndGoes(t *testing.T) {
	c := startCluster(t)
	c.mustFindNothingToLetGo(t)
	c.mustRefuseCadencesAtFirst(t)
	run(t, c.helm(t, "install", "gemba", chart, "--create-namespace", "--set=clusterID="+clusterID))
	c.mustHave(t, &appsv1.Deployment{}, namespace, "gemba-manager")
	c.awaitDefinitions(t)

	run(t, c.helm(t, "upgrade", "gemba", chart, "--reuse-values", "--set=cadences.enabled=true"))
	c.mustHave(t, &governancev1alpha1.ReviewCadence{}, "", "annual")

	c.createHeldRemediation(t, "billing", "refunds-overdue")
	uninstall := c.helm(t, "uninstall", "gemba")
	if err := uninstall.Start(); err != nil {
		t.Fatal(err)
	}
	job := &batchv1.Job{}
	eventually(t, "wait for the hook", func(ctx context.Context) (bool, error) {
		err := c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "gemba-remove-finalizers"}, job)
		return err == nil, client.IgnoreNotFound(err)
	})
	c.mustLack(t, &appsv1.Deployment{}, namespace, "gemba-manager")
	c.mustLack(t, &rbacv1.ClusterRoleBinding{}, "", "gemba-manager")
	c.runHook(t, job)
	if err := uninstall.Wait(); err != nil {
		t.Fatalf("helm uninstall: %v", err)
	}

	c.mustLetGo(t, "billing", "refunds-overdue")
	c.mustLack(t, &rbacv1.ClusterRoleBinding{}, "", "gemba-remove-finalizers")
	c.mustLack(t, &rbacv1.ClusterRole{}, "", "gemba-remove-finalizers")
	c.mustLack(t, &corev1.ServiceAccount{}, namespace, "gemba-remove-finalizers")
	c.mustHave(t, &apiextensionsv1.CustomResourceDefinition{}, "", "reviews.governance.gemba.dev")

	// The definitions that stayed are taken over, so that a release of that name can come back.
	run(t, c.helm(t, "install", "gemba", chart, "--set=clusterID="+clusterID, "--set=cadences.enabled=true"))
}

// mustFindNothingToLetGo shows that an uninstallation succeeds on a cluster whose definitions are gone already.
func (c *cluster) mustFindNothingToLetGo(t *testing.T) {
	t.Helper()
	command := exec.CommandContext(t.Context(), buildProgram(t), "remove-finalizers", "--kubeconfig="+c.kubeconfig)
	out, err := command.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "from 0 remediations") {
		t.Errorf("gemba remove-finalizers: %v\n%s", err, out)
	}
}

// mustRefuseCadencesAtFirst shows that helm stops before it installs anything, since their kind is not served yet.
func (c *cluster) mustRefuseCadencesAtFirst(t *testing.T) {
	t.Helper()
	args := []string{"install", "gemba", chart, "--create-namespace", "--set=clusterID=" + clusterID, "--set=cadences.enabled=true"}
	out, err := c.helm(t, args...).CombinedOutput()
	if err == nil || !strings.Contains(string(out), `no matches for kind "ReviewCadence"`) {
		t.Errorf("error %v, want one about the kind ReviewCadence, got\n%.1000s", err, out)
	}
	c.mustLack(t, &rbacv1.ClusterRole{}, "", "gemba-manager")
}

func (c *cluster) mustHave(t *testing.T, object client.Object, in, name string) {
	t.Helper()
	if err := c.Get(t.Context(), client.ObjectKey{Namespace: in, Name: name}, object); err != nil {
		t.Errorf("%T %s: %v", object, name, err)
	}
}

func (c *cluster) mustLack(t *testing.T, object client.Object, in, name string) {
	t.Helper()
	err := c.Get(t.Context(), client.ObjectKey{Namespace: in, Name: name}, object)
	if err == nil && object.GetDeletionTimestamp() == nil {
		t.Errorf("%T %s is still there", object, name)
	}
	if err != nil && !apierrors.IsNotFound(err) {
		t.Errorf("%T %s: %v", object, name, err)
	}
}

func (c *cluster) awaitDefinitions(t *testing.T) {
	t.Helper()
	eventually(t, "wait until the definitions are served", func(ctx context.Context) (bool, error) {
		list := &apiextensionsv1.CustomResourceDefinitionList{}
		if err := c.List(ctx, list); err != nil {
			return false, err
		}
		served := 0
		for _, definition := range list.Items {
			for _, condition := range definition.Status.Conditions {
				if condition.Type == apiextensionsv1.Established && condition.Status == apiextensionsv1.ConditionTrue {
					served++
				}
			}
		}
		return served == 9, nil
	})
}

// createHeldRemediation makes one with the finalizer that the manager puts on while a ticket is open.
func (c *cluster) createHeldRemediation(t *testing.T, in, name string) {
	t.Helper()
	if err := c.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: in}}); err != nil {
		t.Fatal(err)
	}
	remediation := builders.MakeRemediation(name).InNamespace(in).Obj()
	remediation.Finalizers = []string{governancev1alpha1.FinalizerRemediation}
	eventually(t, "create a remediation", func(ctx context.Context) (bool, error) {
		err := c.Create(ctx, remediation)
		return err == nil, client.IgnoreNotFound(err)
	})
}

func (c *cluster) mustLetGo(t *testing.T, in, name string) {
	t.Helper()
	remediation := &governancev1alpha1.Remediation{}
	c.mustHave(t, remediation, in, name)
	if len(remediation.Finalizers) > 0 {
		t.Errorf("finalizers %v are left", remediation.Finalizers)
	}
}

func buildProgram(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "gemba")
	run(t, exec.CommandContext(t.Context(), "go", "build", "-o", program, root+"/cmd/gemba"))
	return program
}

// runHook does what a node does with the Job: it runs the program with the arguments and the rights that it is given.
func (c *cluster) runHook(t *testing.T, job *batchv1.Job) {
	t.Helper()
	pod := job.Spec.Template.Spec
	user, err := c.environment.AddUser(envtest.User{
		Name:   "system:serviceaccount:" + job.Namespace + ":" + pod.ServiceAccountName,
		Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + job.Namespace},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig, err := user.KubeConfig()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), buildProgram(t), pod.Containers[0].Args...)
	command.Env = append(os.Environ(), "KUBECONFIG="+writeFile(t, kubeconfig))
	run(t, command)

	at := job.CreationTimestamp
	job.Status.StartTime, job.Status.CompletionTime, job.Status.Succeeded = &at, &at, 1
	for _, condition := range []batchv1.JobConditionType{batchv1.JobSuccessCriteriaMet, batchv1.JobComplete} {
		job.Status.Conditions = append(job.Status.Conditions,
			batchv1.JobCondition{Type: condition, Status: corev1.ConditionTrue, LastTransitionTime: at})
	}
	if err := c.Status().Update(t.Context(), job); err != nil {
		t.Fatalf("say that the hook is done: %v", err)
	}
}
