package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/managerprocess"
)

// cluster is a control plane of its own on free ports of this machine.
type cluster struct {
	environment *envtest.Environment
	client      client.Client
	kubectl     managerprocess.Kubectl
}

// startCluster brings an empty cluster up and writes the kubeconfig of an administrator.
func startCluster(assets, kubeconfig string) (*cluster, error) {
	// A variable of the environment could otherwise make this the cluster that you work with.
	existing := false
	environment := &envtest.Environment{
		BinaryAssetsDirectory:    assets,
		UseExistingCluster:       &existing,
		ControlPlaneStartTimeout: 90 * time.Second,
	}
	environment.ControlPlane.Etcd = &envtest.Etcd{}
	environment.ControlPlane.Etcd.Configure().Set("unsafe-no-fsync", "true")
	config, err := environment.Start()
	if err != nil {
		return nil, fmt.Errorf("start the control plane in %s: %w", assets, err)
	}
	c := &cluster{
		environment: environment,
		kubectl:     managerprocess.Kubectl{Program: filepath.Join(assets, "kubectl"), Kubeconfig: kubeconfig},
	}
	scheme := runtime.NewScheme()
	if err := governancev1alpha1.AddToScheme(scheme); err != nil {
		return c, fmt.Errorf("build the scheme: %w", err)
	}
	// What is looked at again and again must not queue up behind a limit.
	config.QPS = -1
	if c.client, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return c, fmt.Errorf("make a client: %w", err)
	}
	if err := os.WriteFile(kubeconfig, environment.KubeConfig, 0o600); err != nil {
		return c, fmt.Errorf("write the kubeconfig: %w", err)
	}
	return c, nil
}

// install applies what every cluster with Gemba has, and waits until the kinds are served.
func (c *cluster) install(ctx context.Context, root string) error {
	if err := c.kubectl.Run(ctx, "apply", "--server-side", "-k", filepath.Join(root, "config", "default")); err != nil {
		return err
	}
	if err := c.kubectl.Run(ctx, "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"); err != nil {
		return err
	}
	if err := c.awaitPolicies(ctx); err != nil {
		return err
	}
	return c.kubectl.Run(ctx, "apply", "--server-side", "-k", filepath.Join(root, "config", "cadences"))
}

// stop throws the cluster away with everything in it. It is safe on nil.
func (c *cluster) stop() error {
	if c == nil {
		return nil
	}
	if err := c.environment.Stop(); err != nil {
		return fmt.Errorf("stop the control plane: %w", err)
	}
	return nil
}
