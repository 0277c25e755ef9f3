package main

import (
	"errors"
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

const (
	// systemNamespace is what config/ calls the namespace of the manager.
	systemNamespace = "gemba-system"
	// nameLabel is set by the chart's own labels too, and a key may stand there once only.
	nameLabel = "app.kubernetes.io/name"
	// labelsMark holds the place of the chart's own labels until the object is text.
	labelsMark = "zz-labels-of-the-chart"
)

var substitutions = strings.NewReplacer(
	// Prometheus has templates of its own, in the same braces.
	"{{", `{{ "{{" }}`,
	// A namespace may be called 2026, which is a number unless it is quoted.
	"namespace: "+systemNamespace+"\n", "namespace: {{ .Release.Namespace | quote }}\n",
	"    "+labelsMark+": here\n", "    {{- include \"gemba.labels\" . | nindent 4 }}\n",
)

// template is an object as the text of a template: in the namespace of the release and with its labels.
func template(object *unstructured.Unstructured) (string, error) {
	object = object.DeepCopy()
	labels := map[string]string{}
	maps.Copy(labels, object.GetLabels())
	delete(labels, nameLabel)
	labels[labelsMark] = "here"
	object.SetLabels(labels)
	if object.GetKind() == "CustomResourceDefinition" {
		keep(object)
	}
	raw, err := yaml.Marshal(object.Object)
	if err != nil {
		return "", err
	}
	text := substitutions.Replace(string(raw))
	if strings.Contains(text, systemNamespace) {
		return "", errors.New("it names " + systemNamespace + " elsewhere than as a namespace, and no release need be there")
	}
	return text, nil
}

// keep marks a definition as one that stays when the release goes, because all declarations and reviews go with it.
func keep(definition *unstructured.Unstructured) {
	annotations := map[string]string{}
	maps.Copy(annotations, definition.GetAnnotations())
	annotations["helm.sh/resource-policy"] = "keep"
	definition.SetAnnotations(annotations)
}
