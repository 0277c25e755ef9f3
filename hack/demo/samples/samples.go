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
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// HeldDaysAgo stands on a Review whose heldAt is moved to so many days before today, so that a good example stays one.
// The bad examples have fixed dates and stay bad.
const HeldDaysAgo = "demo.gemba.dev/held-days-ago"

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

// Date moves the reviews that say so to before now: at ten in the morning UTC of so many days ago, or a minute ago.
func Date(objects []*unstructured.Unstructured, now time.Time) error {
	for _, object := range objects {
		days, ok := object.GetAnnotations()[HeldDaysAgo]
		if !ok {
			continue
		}
		count, err := strconv.Atoi(days)
		if err != nil || count < 0 {
			return fmt.Errorf("%s %s: %s is %q, which is no number of days", object.GetKind(), object.GetName(), HeldDaysAgo, days)
		}
		held := heldAt(now.UTC(), count).Format(time.RFC3339)
		if err := unstructured.SetNestedField(object.Object, held, "spec", "heldAt"); err != nil {
			return fmt.Errorf("date %s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	return nil
}

func heldAt(now time.Time, daysAgo int) time.Time {
	if daysAgo == 0 {
		return now.Add(-time.Minute).Truncate(time.Second)
	}
	return time.Date(now.Year(), now.Month(), now.Day()-daysAgo, 10, 0, 0, 0, time.UTC)
}

// PointTo sends the messages of every TicketSystem to a URL.
func PointTo(objects []*unstructured.Unstructured, url string) error {
	for _, object := range objects {
		if object.GetKind() != "TicketSystem" {
			continue
		}
		if err := unstructured.SetNestedField(object.Object, url, "spec", "url"); err != nil {
			return fmt.Errorf("point TicketSystem %s to %s: %w", object.GetName(), url, err)
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
