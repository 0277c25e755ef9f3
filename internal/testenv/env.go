package testenv

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// startTimeout bounds how long each program may take to come up; a busy machine with two cores needs more than the
// usual twenty seconds.
const startTimeout = 90 * time.Second

// Env is a running control plane.
type Env struct {
	// Config logs in as an administrator (group system:masters), who has every verb, recordfor and purge included.
	Config *rest.Config

	// Scheme knows the kinds of Kubernetes and of Gemba.
	Scheme *runtime.Scheme

	// Client reads and writes live, without a cache, as Config does.
	Client client.Client

	// KubectlPath is the kubectl that belongs to the control plane.
	KubectlPath string

	environment *envtest.Environment
	manager     *controllerManager
}

// Start brings up a control plane and returns when CRDs are served and the admission policies are in force. What was
// started is stopped again when it returns an error.
func Start(ctx context.Context, opts ...Option) (*Env, error) {
	settings := settingsFrom(opts)
	root, err := repositoryRoot()
	if err != nil {
		return nil, err
	}
	assets, err := assetsDirectory(root)
	if err != nil {
		return nil, err
	}
	scheme, err := newScheme()
	if err != nil {
		return nil, err
	}
	env := &Env{
		Scheme:      scheme,
		KubectlPath: filepath.Join(assets, "kubectl"),
		environment: &envtest.Environment{
			Scheme:                   scheme,
			BinaryAssetsDirectory:    assets,
			ErrorIfCRDPathMissing:    true,
			CRDDirectoryPaths:        []string{filepath.Join(root, "config", "crd", "bases")},
			ControlPlaneStartTimeout: startTimeout,
			// A variable of the environment shall not send tests to a real cluster.
			UseExistingCluster: ptr.To(false),
		},
	}
	if err := env.start(ctx, root, assets, settings); err != nil {
		return nil, errors.Join(err, env.Stop())
	}
	return env, nil
}

func (e *Env) start(ctx context.Context, root, assets string, settings settings) (err error) {
	e.configurePlane(settings)
	if e.Config, err = e.environment.Start(); err != nil {
		return fmt.Errorf("start the control plane of %s: %w", assets, err)
	}
	// The API server protects itself (priority and fairness); a client-side limit would only slow tests down.
	e.Config.QPS = -1
	if e.Client, err = client.New(e.Config, client.Options{Scheme: e.Scheme}); err != nil {
		return fmt.Errorf("make a client for the control plane: %w", err)
	}
	if settings.policies {
		if err := e.enforcePolicies(ctx, filepath.Join(root, "config", "policy")); err != nil {
			return err
		}
	}
	if settings.controllerManager {
		program := filepath.Join(assets, "kube-controller-manager")
		if e.manager, err = e.startControllerManager(ctx, program); err != nil {
			return err
		}
	}
	return nil
}

func (e *Env) configurePlane(settings settings) {
	// Nothing in here outlives the test, so nothing has to reach the disk.
	e.environment.ControlPlane.Etcd = &envtest.Etcd{}
	e.environment.ControlPlane.Etcd.Configure().Set("unsafe-no-fsync", "true")

	flags := e.environment.ControlPlane.GetAPIServer().Configure()
	for name, values := range settings.apiServerFlags {
		flags.Set(name, values...)
	}
}

// Stop ends all programs and removes their data. It is safe on an environment that came up only in part.
func (e *Env) Stop() error {
	if e == nil {
		return nil
	}
	var errs []error
	if e.manager != nil {
		errs = append(errs, e.manager.stop())
	}
	if err := e.environment.Stop(); err != nil {
		errs = append(errs, fmt.Errorf("stop the control plane: %w", err))
	}
	return errors.Join(errs...)
}

// NewNamespace makes a namespace whose name begins with prefix and that carries labels, and returns its name.
func (e *Env) NewNamespace(ctx context.Context, prefix string, labels map[string]string) (string, error) {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: prefix + "-", Labels: labels}}
	if err := e.Client.Create(ctx, namespace); err != nil {
		return "", fmt.Errorf("create a namespace for %s: %w", prefix, err)
	}
	return namespace.Name, nil
}

func newScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, governancev1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("build the scheme: %w", err)
		}
	}
	return scheme, nil
}
