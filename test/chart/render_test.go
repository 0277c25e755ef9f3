package chart

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

const (
	root      = "../.."
	chart     = root + "/charts/gemba"
	namespace = "gemba-system"
	clusterID = "prod-eu-1"
	// helm is built here without a release's settings, and would take the cluster for one of 2020.
	kubeVersion = "--kube-version=1.36.0"
)

// tool is a command of bin/tools.
func tool(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(root, "bin", "tools", name, name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is not built: run make tool-%s", name, name)
	}
	command := exec.CommandContext(t.Context(), path, args...)
	// Whatever repositories and plugins the user has have no part in this.
	home := t.TempDir()
	command.Env = append(os.Environ(), "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home)
	return command
}

// objects are manifests by kind and name.
type objects map[string]*unstructured.Unstructured

func build(t *testing.T, folder string) objects {
	t.Helper()
	return output(t, tool(t, "kustomize", "build", filepath.Join(root, folder)))
}

// render is what the chart makes of values, each of them name=value.
func render(t *testing.T, values ...string) objects {
	t.Helper()
	return output(t, template(t, values...))
}

func template(t *testing.T, values ...string) *exec.Cmd {
	t.Helper()
	args := []string{"template", "gemba", chart, kubeVersion, "--namespace=" + namespace, "--set=clusterID=" + clusterID}
	for _, value := range values {
		args = append(args, "--set="+value)
	}
	return tool(t, "helm", args...)
}

func output(t *testing.T, command *exec.Cmd) objects {
	t.Helper()
	var stderr bytes.Buffer
	command.Stderr = &stderr
	manifests, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", strings.Join(command.Args, " "), err, stderr.String())
	}
	return decode(t, manifests)
}

func decode(t *testing.T, manifests []byte) objects {
	t.Helper()
	found := objects{}
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(manifests)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		object := &unstructured.Unstructured{}
		if err := yaml.UnmarshalStrict(document, &object.Object); err != nil {
			t.Fatalf("%v in\n%s", err, document)
		}
		if len(object.Object) == 0 {
			continue
		}
		key := object.GetKind() + " " + object.GetName()
		if found[key] != nil {
			t.Fatalf("%s is there twice", key)
		}
		found[key] = object
	}
}

// without names the objects that one has and another lacks.
func (o objects) without(other objects) []string {
	var missing []string
	for key := range o {
		if other[key] == nil {
			missing = append(missing, key)
		}
	}
	slices.Sort(missing)
	return missing
}

// manager is the container of the Deployment.
func (o objects) manager(t *testing.T) map[string]any {
	t.Helper()
	deployment := o["Deployment gemba-manager"]
	if deployment == nil {
		t.Fatal("there is no Deployment gemba-manager")
	}
	containers, _, err := unstructured.NestedSlice(deployment.Object, "spec", "template", "spec", "containers")
	if err != nil || len(containers) != 1 {
		t.Fatalf("%d containers, want one (%v)", len(containers), err)
	}
	return containers[0].(map[string]any)
}
