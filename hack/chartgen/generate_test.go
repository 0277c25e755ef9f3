package main

import (
	"strings"
	"testing"
)

func TestWhatIsInstalledBecomesATemplate(t *testing.T) {
	for name, tc := range map[string]struct {
		manifest string
		file     string
		want     string
	}{
		"an object without labels gets those of the chart": {
			"kind: ServiceAccount\nmetadata: {name: gemba-manager}\n",
			"rbac.yaml",
			"  labels:\n    {{- include \"gemba.labels\" . | nindent 4 }}\n  name: gemba-manager\n",
		},
		"a label that the chart sets itself stands there once": {
			"kind: ClusterRole\nmetadata: {name: gemba-viewer, labels: {app.kubernetes.io/name: gemba, aggregate: \"true\"}}\n",
			"rbac.yaml",
			"  labels:\n    aggregate: \"true\"\n    {{- include \"gemba.labels\" . | nindent 4 }}\n  name",
		},
		"the namespace is the release's, also where an account is named": {
			"kind: RoleBinding\nmetadata: {name: x}\nsubjects: [{kind: ServiceAccount, name: x, namespace: gemba-system}]\n",
			"rbac.yaml",
			"  name: x\n  namespace: {{ .Release.Namespace | quote }}\n",
		},
		"braces that Prometheus reads reach Prometheus": {
			"kind: PrometheusRule\nmetadata: {name: gemba}\nspec: {summary: 'of {{ $labels.kind }}'}\n",
			"prometheus.yaml",
			"summary: of {{ \"{{\" }} $labels.kind }}\n",
		},
		"a definition stays when the release goes": {
			"kind: CustomResourceDefinition\nmetadata: {name: processes.governance.gemba.dev, annotations: {a: b}}\n",
			"crd-processes.yaml",
			"    a: b\n    helm.sh/resource-policy: keep\n",
		},
		"what depends on a value is guarded by it": {
			"kind: ReviewCadence\nmetadata: {name: annual}\n",
			"cadences.yaml",
			"{{- if .Values.cadences.enabled }}\n---\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			templates, err := generate([]byte("---\n" + tc.manifest))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(templates[tc.file], tc.want) {
				t.Errorf("%s does not contain\n%s\nbut is\n%s", tc.file, tc.want, templates[tc.file])
			}
		})
	}
}

func TestObjectsOfOneFileAreSeparated(t *testing.T) {
	templates, err := generate([]byte("kind: Role\nmetadata: {name: a}\n---\nkind: Role\nmetadata: {name: b}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(templates["rbac.yaml"], "---\n"); got != 2 {
		t.Errorf("%d documents begin, want 2, in\n%s", got, templates["rbac.yaml"])
	}
}

func TestWhatTheTemplatesByHandBringIsLeftOut(t *testing.T) {
	for _, manifest := range []string{
		"kind: Namespace\nmetadata: {name: gemba-system}\n",
		"kind: Deployment\nmetadata: {name: gemba-manager}\n",
		"kind: ClusterRole\nmetadata: {name: gemba-kpi-reader}\n",
		"kind: ClusterRoleBinding\nmetadata: {name: gemba-kpi-reader}\n",
	} {
		templates, err := generate([]byte(manifest))
		if err != nil {
			t.Fatal(err)
		}
		if len(templates) != 0 {
			t.Errorf("%stemplates %v, want none", manifest, templates)
		}
	}
}

func TestTheGeneratorStops(t *testing.T) {
	for name, tc := range map[string]struct {
		manifest string
		want     string
	}{
		"at a kind whose place nobody decided": {
			"kind: NetworkPolicy\nmetadata: {name: x}\n", "kind NetworkPolicy has no place",
		},
		"at a second object of a kind whose one template is written by hand": {
			"kind: Deployment\nmetadata: {name: x}\n", "kind Deployment has no place",
		},
		"at a namespace that no release need have": {
			"kind: ClusterRole\nmetadata: {name: x}\nrules: [{resourceNames: [gemba-system]}]\n", "names gemba-system elsewhere",
		},
		"at text that is no YAML": {
			"kind: {\n", "parse a manifest",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := generate([]byte(tc.manifest))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one that says %q", err, tc.want)
			}
		})
	}
}
