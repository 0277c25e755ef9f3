package testenv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// How often, and for how long at most, the API server is asked whether it enforces the policies.
const (
	policyPollEvery   = 100 * time.Millisecond
	policyPollTimeout = time.Minute
)

// enforcePolicies creates what the manifests in dir declare and waits until the API server acts on them: it reads
// policies through informers, so an object is not judged by a policy merely because the policy was stored.
func (e *Env) enforcePolicies(ctx context.Context, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return fmt.Errorf("list the policies in %s: %w", dir, err)
	}
	for _, file := range files {
		if filepath.Base(file) == "kustomization.yaml" {
			continue
		}
		if err := e.createAll(ctx, file); err != nil {
			return err
		}
	}
	for _, probe := range policyProbes() {
		if err := e.await(ctx, probe); err != nil {
			return err
		}
	}
	return nil
}

// createAll creates every object in a file of YAML documents.
func (e *Env) createAll(ctx context.Context, path string) error {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return fmt.Errorf("open manifest: %w", err)
	}
	defer file.Close() //nolint:errcheck // opened for reading: closing loses nothing
	decoder := yaml.NewYAMLOrJSONDecoder(file, 4096)
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("parse %s: %w", path, err)
		}
		if len(object.Object) == 0 {
			continue
		}
		if err := e.Client.Create(ctx, object); err != nil {
			return fmt.Errorf("create %s %s of %s: %w", object.GetKind(), object.GetName(), path, err)
		}
	}
}

func (e *Env) await(ctx context.Context, probe policyProbe) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, policyPollEvery, policyPollTimeout, true,
		func(ctx context.Context) (bool, error) {
			object := probe.object()
			last = e.Client.Create(ctx, object, client.DryRunAll)
			return probe.inForce(object, last), nil
		})
	if err != nil {
		return fmt.Errorf("wait for the API server to enforce %s: %w", probe.policy, errors.Join(err, last))
	}
	return nil
}
