// Package samples reads config/samples, dates what must be recent, and knows which findings each sample must have: the
// documentation of the demonstration, held up by a test.
package samples

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// Read gives the objects that the kustomization in a folder lists, in that order.
func Read(folder string) ([]*unstructured.Unstructured, error) {
	content, err := os.ReadFile(filepath.Join(folder, "kustomization.yaml"))
	if err != nil {
		return nil, fmt.Errorf("read the kustomization: %w", err)
	}
	var kustomization struct {
		Resources []string `json:"resources"`
	}
	if err := yaml.Unmarshal(content, &kustomization); err != nil {
		return nil, fmt.Errorf("read the kustomization of %s: %w", folder, err)
	}
	var objects []*unstructured.Unstructured
	for _, resource := range kustomization.Resources {
		inFile, err := ReadFile(filepath.Join(folder, resource))
		if err != nil {
			return nil, err
		}
		objects = append(objects, inFile...)
	}
	return objects, nil
}

// ReadFile gives the objects in a file.
func ReadFile(path string) ([]*unstructured.Unstructured, error) {
	content, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("read the sample: %w", err)
	}
	decoder := utilyaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
	var objects []*unstructured.Unstructured
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the sample %s: %w", path, err)
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}

// PointTo gives every object of a kind, such as TicketSystem, the URL of what plays the other side.
func PointTo(objects []*unstructured.Unstructured, kind, url string) error {
	for _, object := range objects {
		if object.GetKind() != kind {
			continue
		}
		if err := unstructured.SetNestedField(object.Object, url, "spec", "url"); err != nil {
			return fmt.Errorf("point %s %s to %s: %w", kind, object.GetName(), url, err)
		}
	}
	return nil
}

// Write writes objects into a file that kubectl can apply.
func Write(path string, objects []*unstructured.Unstructured) error {
	var content bytes.Buffer
	for _, object := range objects {
		document, err := yaml.Marshal(object.Object)
		if err != nil {
			return fmt.Errorf("write %s %s: %w", object.GetKind(), object.GetName(), err)
		}
		content.WriteString("---\n")
		content.Write(document)
	}
	if err := os.WriteFile(path, content.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the samples: %w", err)
	}
	return nil
}
