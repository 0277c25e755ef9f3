package chart

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestAValueReachesTheManager(t *testing.T) {
	for name, tc := range map[string]struct {
		values []string
		want   []any
	}{
		"nothing is told that was not said":      {nil, nil},
		"the namespaces to watch":                {[]string{"watchNamespaces={billing,claims}"}, []any{"--watch-namespaces=billing,claims"}},
		"the time to settle":                     {[]string{"settle=1m30s"}, []any{"--settle=1m30s"}},
		"no time to settle":                      {[]string{"settle=0s"}, []any{"--settle=0s"}},
		"the level of the log":                   {[]string{"logLevel=debug"}, []any{"--zap-log-level=debug"}},
		"that no metrics are wanted":             {[]string{"metrics.enabled=false"}, []any{"--metrics-bind-address=0"}},
		"that addresses may be http":             {[]string{"egress.allowHTTP=true"}, []any{"--egress-allow-http"}},
		"each range of addresses in its own way": {[]string{"egress.allowCIDRs={10.0.0.0/8,fd00::/8}"}, []any{"--egress-allow-cidr=10.0.0.0/8", "--egress-allow-cidr=fd00::/8"}},
	} {
		t.Run(name, func(t *testing.T) {
			want := append([]any{"--cluster-id=$(CLUSTER_ID)"}, tc.want...)
			if diff := cmp.Diff(want, render(t, tc.values...).manager(t)["args"]); diff != "" {
				t.Errorf("arguments (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAValueChangesWhatRuns(t *testing.T) {
	spec := []string{"spec", "template", "spec"}
	for name, tc := range map[string]struct {
		values []string
		path   []string
		want   any
	}{
		"how many managers": {[]string{"replicas=1"}, []string{"spec", "replicas"}, float64(1)},
		"on which nodes":    {[]string{"nodeSelector.zone=a"}, append(spec, "nodeSelector"), map[string]any{"zone": "a"}},
		"beside what": {
			[]string{"affinity.podAntiAffinity.x=y"}, append(spec, "affinity"),
			map[string]any{"podAntiAffinity": map[string]any{"x": "y"}},
		},
		"which taints it bears": {
			[]string{"tolerations[0].operator=Exists"}, append(spec, "tolerations"),
			[]any{map[string]any{"operator": "Exists"}},
		},
		"how images are pulled": {
			[]string{"imagePullSecrets[0].name=registry"}, append(spec, "imagePullSecrets"),
			[]any{map[string]any{"name": "registry"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, _, err := unstructured.NestedFieldNoCopy(render(t, tc.values...)["Deployment gemba-manager"].Object, tc.path...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", strings.Join(tc.path, "."), diff)
			}
		})
	}
}

func TestTheManagerAndTheHookRunTheSameProgram(t *testing.T) {
	rendered := render(t, "image.repository=registry.example.com/gemba", "image.tag=v9", "image.pullPolicy=Always",
		"imagePullSecrets[0].name=registry", "tolerations[0].operator=Exists", "nodeSelector.zone=a", "resources.limits.cpu=1")
	manager := pod(t, rendered["Deployment gemba-manager"])
	hook := pod(t, rendered["Job gemba-remove-finalizers"])
	for _, field := range []string{"securityContext", "imagePullSecrets", "nodeSelector", "tolerations"} {
		if diff := cmp.Diff(manager[field], hook[field]); diff != "" || hook[field] == nil {
			t.Errorf("%s of the pod (-manager +hook):\n%s", field, diff)
		}
	}
	first := func(pod map[string]any) map[string]any { return pod["containers"].([]any)[0].(map[string]any) }
	for _, field := range []string{"image", "imagePullPolicy", "resources", "securityContext"} {
		if diff := cmp.Diff(first(manager)[field], first(hook)[field]); diff != "" || first(hook)[field] == nil {
			t.Errorf("%s of the container (-manager +hook):\n%s", field, diff)
		}
	}
	if image := first(hook)["image"]; image != "registry.example.com/gemba:v9" {
		t.Errorf("image %v, want the one that was given", image)
	}
}

func pod(t *testing.T, object *unstructured.Unstructured) map[string]any {
	t.Helper()
	spec, found, err := unstructured.NestedMap(object.Object, "spec", "template", "spec")
	if err != nil || !found {
		t.Fatalf("%s has no pod: %v", object.GetName(), err)
	}
	return spec
}

func TestAToggleLeavesItsKindsOutAndNothingElse(t *testing.T) {
	all := render(t)
	for value, left := range map[string][]string{
		"crds.enabled": {"CustomResourceDefinition"},
		"admissionPolicies.enabled": {
			"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding",
		},
		"admissionPolicies.recordedBy": {"MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"},
		"metrics.enabled":              {"Service"},
		"kubernetesSources.enabled":    {"ClusterRole gemba-kpi-reader", "ClusterRoleBinding gemba-kpi-reader"},
	} {
		t.Run(value+" is false", func(t *testing.T) {
			rest := render(t, value+"=false")
			if more := rest.without(all); len(more) > 0 {
				t.Errorf("new: %v", more)
			}
			for key, object := range all {
				got := rest[key] == nil
				if want := slices.Contains(left, key) || slices.Contains(left, object.GetKind()); got != want {
					t.Errorf("%s: left out %t, want %t", key, got, want)
				}
			}
		})
	}
}

// A namespace whose name is a number is the worst that can be asked for.
func TestAReleaseLivesInItsOwnNamespace(t *testing.T) {
	command := template(t, "metrics.prometheusOperator=true", "cadences.enabled=true")
	command.Args = append(command.Args, "--namespace=2026")
	manifests, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(manifests), namespace) {
		t.Errorf("%s is still named", namespace)
	}
	placed := 0
	for key, object := range decode(t, manifests) {
		if object.GetNamespace() == "2026" {
			placed++
		}
		subjects, _, _ := unstructured.NestedSlice(object.Object, "subjects")
		for _, subject := range subjects {
			if got := subject.(map[string]any)["namespace"]; got != "2026" {
				t.Errorf("%s gives rights to an account in namespace %v", key, got)
			}
		}
	}
	if placed < 5 {
		t.Errorf("%d objects are in the namespace of the release: too few to believe", placed)
	}
}

func TestWhatCannotBeMeantIsRefused(t *testing.T) {
	for name, tc := range map[string]struct{ value, want string }{
		"no name of the cluster":                {"clusterID=", "give this cluster a name of its own"},
		"a name that the manager would refuse":  {"clusterID=Prod", "/clusterID"},
		"a value that nobody reads":             {"cluster=prod", "'cluster' not allowed"},
		"a value in a group that nobody reads":  {"metrics.port=1", "'port' not allowed"},
		"a time to settle without a unit":       {"settle=30", "/settle"},
		"a level of the log that is none":       {"logLevel=loud", "/logLevel"},
		"a range of addresses that is a name":   {"egress.allowCIDRs={desk.example.com}", "/egress/allowCIDRs"},
		"a namespace to watch that has no name": {"watchNamespaces={}", "/watchNamespaces/0"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := template(t, tc.value).CombinedOutput()
			if err == nil || !strings.Contains(string(out), tc.want) {
				t.Errorf("error %v, want one whose message has %q, got\n%.2000s", err, tc.want, out)
			}
		})
	}
}

func TestTheChartIsWellFormed(t *testing.T) {
	out, err := tool(t, "helm", "lint", "--strict", kubeVersion, "--set=clusterID="+clusterID, chart).CombinedOutput()
	if err != nil {
		t.Errorf("helm lint: %v\n%s", err, out)
	}
}
