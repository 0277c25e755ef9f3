package chart

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// rulesOf gives what a role of the release allows.
func (o objects) rulesOf(t *testing.T, key string) []rbacv1.PolicyRule {
	t.Helper()
	object := o[key]
	if object == nil {
		t.Fatalf("there is no %s", key)
	}
	role := &rbacv1.ClusterRole{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, role); err != nil {
		t.Fatal(err)
	}
	return role.Rules
}

// Whoever holds one of these holds the cluster, or all that is secret in it.
func TestNoRoleOfTheReleaseHoldsTheCluster(t *testing.T) {
	rendered := render(t, "kubernetesSources.resources[0].apiGroups={apps}", "kubernetesSources.resources[0].resources={deployments}")
	seen := 0
	for key := range rendered {
		if !strings.HasPrefix(key, "ClusterRole ") && !strings.HasPrefix(key, "Role ") {
			continue
		}
		for _, rule := range rendered.rulesOf(t, key) {
			seen++
			for _, word := range slices.Concat(rule.Verbs, rule.APIGroups, rule.Resources) {
				if strings.Contains(word, "*") {
					t.Errorf("%s has a wildcard: %v", key, rule)
				}
			}
			for _, verb := range []string{"impersonate", "escalate", "bind"} {
				if slices.Contains(rule.Verbs, verb) {
					t.Errorf("%s may %s: %v", key, verb, rule)
				}
			}
			if slices.Contains(rule.Resources, "secrets") && !slices.Equal(rule.Verbs, []string{"get"}) {
				t.Errorf("%s may do more with Secrets than get one by its name: %v", key, rule)
			}
		}
	}
	if seen < 10 {
		t.Errorf("%d rules were looked at: too few to believe", seen)
	}
}

func TestTheManagerImpersonatesServiceAccountsOnTheKindsThatAreListedOnly(t *testing.T) {
	impersonate := rbacv1.PolicyRule{
		APIGroups: []string{"authentication.k8s.io"}, Resources: []string{"serviceaccounts"},
		Verbs: []string{"impersonate:serviceaccount"},
	}
	reads := []string{"impersonate-on:serviceaccount:get", "impersonate-on:serviceaccount:list"}
	for name, tc := range map[string]struct {
		values []string
		want   []rbacv1.PolicyRule
	}{
		"ConfigMaps where nothing is said": {
			nil,
			[]rbacv1.PolicyRule{impersonate, {APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: reads}},
		},
		"what is listed and nothing else": {
			[]string{
				"kubernetesSources.resources[0].apiGroups={apps}", "kubernetesSources.resources[0].resources={deployments,statefulsets}",
				"kubernetesSources.resources[1].apiGroups={batch}", "kubernetesSources.resources[1].resources={jobs}",
			},
			[]rbacv1.PolicyRule{
				impersonate,
				{APIGroups: []string{"apps"}, Resources: []string{"deployments", "statefulsets"}, Verbs: reads},
				{APIGroups: []string{"batch"}, Resources: []string{"jobs"}, Verbs: reads},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, render(t, tc.values...).rulesOf(t, "ClusterRole gemba-kpi-reader")); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAKindThatNobodyShouldReadForAKPIIsRefused(t *testing.T) {
	for name, values := range map[string]string{
		"Secrets":          `[{"apiGroups":[""],"resources":["configmaps","secrets"]}]`,
		"every kind":       `[{"apiGroups":[""],"resources":["*"]}]`,
		"every group":      `[{"apiGroups":["*"],"resources":["configmaps"]}]`,
		"a subresource":    `[{"apiGroups":[""],"resources":["serviceaccounts/token"]}]`,
		"no kind":          `[{"apiGroups":[""],"resources":[]}]`,
		"no group":         `[{"apiGroups":[],"resources":["configmaps"]}]`,
		"verbs of its own": `[{"apiGroups":[""],"resources":["configmaps"],"verbs":["impersonate"]}]`,
	} {
		t.Run(name, func(t *testing.T) {
			command := template(t)
			command.Args = append(command.Args, "--set-json=kubernetesSources.resources="+values)
			out, err := command.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "/kubernetesSources/resources/0") {
				t.Errorf("error %v, want one about kubernetesSources.resources, got\n%.2000s", err, out)
			}
		})
	}
}
