package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/gemba-dev/gemba/hack/demo/samples"
	"github.com/gemba-dev/gemba/internal/testenv"
)

// figures are where the numbers of house-move come from: a real Prometheus that scrapes an exporter of this program, or
// the ConfigMap of the samples.
type figures struct {
	// values by the names under which Prometheus has them.
	values map[string]float64
	// origin says in a few words where the numbers come from.
	origin string

	// exporter and prometheus are nil where the ConfigMap is read.
	exporter   *testenv.Exporter
	prometheus *testenv.Prometheus
}

// startFigures uses the Prometheus of this machine, where there is one and it is not declined.
func startFigures(ctx context.Context, objects []*unstructured.Unstructured, decline bool) (*figures, error) {
	values, err := samples.Figures(objects)
	if err != nil {
		return nil, err
	}
	f := &figures{values: values, origin: "a ConfigMap, because there is no Prometheus on this machine (make prometheus builds one)"}
	if decline {
		f.origin = "a ConfigMap, as you wanted it"
		return f, nil
	}
	inPath, found := findPrometheus()
	if !found {
		return f, nil
	}
	f.exporter = testenv.StartExporter()
	for name, value := range values {
		f.exporter.Set(name, nil, value)
	}
	f.prometheus, err = testenv.StartPrometheus(ctx, testenv.WithTargets("house-move", f.exporter.Address()))
	if err != nil && inPath {
		// The distribution's may be too old for the flags that it is started with.
		f.end()
		f.exporter, f.origin = nil, "a ConfigMap, because the Prometheus in your PATH does not start"
		return f, nil
	}
	f.origin = "a real Prometheus, which scrapes an exporter of this program"
	return f, err
}

// findPrometheus looks where the tests look, and then in PATH.
func findPrometheus() (inPath, found bool) {
	if _, err := testenv.FindPrometheus(); err == nil {
		return false, true
	}
	program, err := exec.LookPath("prometheus")
	if err != nil {
		return false, false
	}
	return true, os.Setenv("PROMETHEUS_BINARY", program) == nil
}

// feed has the KPIs of the samples ask the Prometheus, where there is one.
func (f *figures) feed(objects []*unstructured.Unstructured, root string) ([]*unstructured.Unstructured, error) {
	if f.prometheus == nil {
		return objects, nil
	}
	return samples.AskPrometheus(objects, filepath.Join(root, "config", "samples"), f.prometheus.URL())
}

// await waits until Prometheus has scraped every number: a story that begins before tells of values that are not there.
func (f *figures) await(ctx context.Context) error {
	if f.prometheus == nil {
		return nil
	}
	for name, value := range f.values {
		if err := f.prometheus.AwaitValue(ctx, name, value); err != nil {
			return fmt.Errorf("feed Prometheus: %w", err)
		}
	}
	return nil
}

// end stops what is running. It is safe on nil.
func (f *figures) end() {
	if f == nil {
		return
	}
	// Ctrl-C may have ended it already, which is no part of the story.
	_ = f.prometheus.Close()
	if f.exporter != nil {
		f.exporter.Close()
	}
}
