package chart

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// exception is a difference between the chart and config/default that is meant. Each removes its difference from
// the object of one side; one that finds nothing to remove is out of date.
type exception struct {
	kustomize, helm func(object *unstructured.Unstructured) (applies bool)
}

var exceptions = map[string]exception{
	"the release names the chart, itself and the application on every object": {
		kustomize: removeLabels, helm: removeLabels,
	},
	"Helm keeps the definitions when the release goes": {
		helm: func(object *unstructured.Unstructured) bool {
			annotations := object.GetAnnotations()
			kept := annotations["helm.sh/resource-policy"] == "keep"
			delete(annotations, "helm.sh/resource-policy")
			if kept {
				object.SetAnnotations(annotations)
			}
			return kept && object.GetKind() == "CustomResourceDefinition"
		},
	},
	"the name of the cluster is a value": {
		helm: func(object *unstructured.Unstructured) bool {
			if object.GetKind() != "Deployment" {
				return false
			}
			containers, _, _ := unstructured.NestedSlice(object.Object, "spec", "template", "spec", "containers")
			variable := containers[0].(map[string]any)["env"].([]any)[0].(map[string]any)
			given := variable["value"] == clusterID
			variable["value"] = ""
			_ = unstructured.SetNestedSlice(object.Object, containers, "spec", "template", "spec", "containers")
			return given
		},
	},
}

func removeLabels(object *unstructured.Unstructured) (applies bool) {
	labels := object.GetLabels()
	for _, label := range []string{
		"app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/version",
		"app.kubernetes.io/managed-by", "helm.sh/chart",
	} {
		_, has := labels[label]
		applies = applies || has
		delete(labels, label)
	}
	if len(labels) == 0 {
		labels = nil
	}
	object.SetLabels(labels)
	return applies
}

// Two kinds of objects are on one side only.
const (
	theNamespace = "Namespace " + namespace // the release is installed into one; helm install --create-namespace
	isHook       = "helm.sh/hook"           // what runs when the release goes; kustomize has no such moment
)

func TestTheChartInstallsWhatKustomizeInstalls(t *testing.T) {
	kustomized, rendered := build(t, "config/default"), render(t)
	if kustomized[theNamespace] == nil {
		t.Errorf("config/default brings no %s any more: remove the exception", theNamespace)
	}
	delete(kustomized, theNamespace)
	compare(t, kustomized, rendered.withoutHooks(), exceptions)
}

func TestWhatIsOptionalIsWhatKustomizeInstalls(t *testing.T) {
	labels := "the release names the chart, itself and the application on every object"
	for name, tc := range map[string]struct{ folder, value string }{
		"cadences":                    {"config/cadences", "cadences.enabled=true"},
		"what Prometheus watches":     {"config/prometheus", "metrics.prometheusOperator=true"},
		"the admission policies":      {"config/policy", "admissionPolicies.enabled=true"},
		"the definitions of the kind": {"config/crd", "crds.enabled=true"},
	} {
		t.Run(name, func(t *testing.T) {
			kustomized, rendered := build(t, tc.folder), render(t, tc.value)
			for _, key := range rendered.without(kustomized) {
				delete(rendered, key)
			}
			meant := map[string]exception{labels: exceptions[labels]}
			if strings.HasPrefix(tc.value, "crds") {
				keep := "Helm keeps the definitions when the release goes"
				meant[keep] = exceptions[keep]
			}
			compare(t, kustomized, rendered, meant)
		})
	}
}

func compare(t *testing.T, kustomized, rendered objects, meant map[string]exception) {
	t.Helper()
	for _, key := range kustomized.without(rendered) {
		t.Errorf("the chart lacks %s", key)
	}
	for _, key := range rendered.without(kustomized) {
		t.Errorf("the chart has %s, and config does not", key)
	}
	for why, exception := range meant {
		used := rendered.apply(exception.helm)
		kustomized.apply(exception.kustomize)
		if !used {
			t.Errorf("no object needs the exception any more that %s", why)
		}
	}
	for key, want := range kustomized {
		if got := rendered[key]; got != nil {
			if diff := cmp.Diff(want.Object, got.Object); diff != "" {
				t.Errorf("%s differs (-kustomize +helm):\n%.3000s", key, diff)
			}
		}
	}
}

func (o objects) apply(change func(*unstructured.Unstructured) bool) (used bool) {
	if change == nil {
		return false
	}
	for _, object := range o {
		used = change(object) || used
	}
	return used
}

func (o objects) withoutHooks() objects {
	rest := objects{}
	for key, object := range o {
		if object.GetAnnotations()[isHook] == "" {
			rest[key] = object
		}
	}
	return rest
}
