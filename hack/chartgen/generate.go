package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// place is where the objects of a kind go.
type place struct {
	// file is the template, a folder excluded. A star stands for the plural that a CRD defines.
	file string
	// when is the pipeline on which they depend; empty where they are always installed.
	when string
}

const (
	always    = ""
	policies  = ".Values.admissionPolicies.enabled"
	recording = "and .Values.admissionPolicies.enabled .Values.admissionPolicies.recordedBy"
	scraping  = "and .Values.metrics.enabled .Values.metrics.prometheusOperator"
)

// places has every kind of config/ that is generated. A kind that is missing here stops the generator: somebody has to
// decide whether the chart always brings it.
var places = map[string]place{
	// Templates and not the folder crds/, which Helm installs once and never upgrades: a manager of a later version
	// would then work with the schemas of the first. They are marked to be kept, with everything that is stored.
	"CustomResourceDefinition": {"crd-*.yaml", ".Values.crds.enabled"},

	"ServiceAccount":     {"rbac.yaml", always},
	"Role":               {"rbac.yaml", always},
	"RoleBinding":        {"rbac.yaml", always},
	"ClusterRole":        {"rbac.yaml", always},
	"ClusterRoleBinding": {"rbac.yaml", always},

	"ValidatingAdmissionPolicy":        {"admission.yaml", policies},
	"ValidatingAdmissionPolicyBinding": {"admission.yaml", policies},
	"MutatingAdmissionPolicy":          {"admission-recorded-by.yaml", recording},
	"MutatingAdmissionPolicyBinding":   {"admission-recorded-by.yaml", recording},

	"Service":        {"metrics.yaml", ".Values.metrics.enabled"},
	"ServiceMonitor": {"prometheus.yaml", scraping},
	"PrometheusRule": {"prometheus.yaml", scraping},

	"ReviewCadence": {"cadences.yaml", ".Values.cadences.enabled"},
}

// elsewhere has the objects that the chart brings in another way, by kind and name: templates with values in them are
// written by hand, and the namespace is the one that the release is installed into.
var elsewhere = map[string]bool{
	"Deployment gemba-manager":            true,
	"ClusterRole gemba-kpi-reader":        true,
	"ClusterRoleBinding gemba-kpi-reader": true,
	"Namespace " + systemNamespace:        true,
}

const head = "{{- /* Written by hack/chartgen from config/: edit there, and run make generate. */ -}}\n"

// generate gives the text of each template by its file name.
func generate(manifests []byte) (map[string]string, error) {
	objects, err := parse(manifests)
	if err != nil {
		return nil, err
	}
	texts, conditions := map[string]string{}, map[string]string{}
	for _, object := range objects {
		if elsewhere[object.GetKind()+" "+object.GetName()] {
			continue
		}
		place, known := places[object.GetKind()]
		if !known {
			return nil, fmt.Errorf("kind %s has no place in the chart: give it one in hack/chartgen", object.GetKind())
		}
		text, err := template(object)
		if err != nil {
			return nil, fmt.Errorf("make a template of %s %s: %w", object.GetKind(), object.GetName(), err)
		}
		plural, _, _ := strings.Cut(object.GetName(), ".")
		file := strings.Replace(place.file, "*", plural, 1)
		texts[file] += "---\n" + text
		conditions[file] = place.when
	}
	for file, text := range texts {
		texts[file] = head + guard(conditions[file], text)
	}
	return texts, nil
}

func guard(when, text string) string {
	if when == always {
		return text
	}
	return "{{- if " + when + " }}\n" + text + "{{- end }}\n"
}

func parse(manifests []byte) ([]*unstructured.Unstructured, error) {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(manifests)))
	var objects []*unstructured.Unstructured
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read manifests: %w", err)
		}
		content := map[string]any{}
		if err := yaml.Unmarshal(document, &content); err != nil {
			return nil, fmt.Errorf("parse a manifest: %w", err)
		}
		if len(content) > 0 {
			objects = append(objects, &unstructured.Unstructured{Object: content})
		}
	}
}
