package samples

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// AskedFor stands on a KPI that reads a ConfigMap, with the query that yields the same number where there is a
// Prometheus.
const AskedFor = "demo.gemba.dev/query"

// Figures are the numbers of the ConfigMap that KPIs with AskedFor read, by the names under which a Prometheus has them.
func Figures(objects []*unstructured.Unstructured) (map[string]float64, error) {
	figures := map[string]float64{}
	for _, object := range objects {
		if object.GetKind() != "ConfigMap" || object.GetName() != "house-move-figures" {
			continue
		}
		data, _, err := unstructured.NestedStringMap(object.Object, "data")
		if err != nil {
			return nil, fmt.Errorf("read the figures: %w", err)
		}
		for name, text := range data {
			if figures[name], err = strconv.ParseFloat(text, 64); err != nil {
				return nil, fmt.Errorf("read the figure %s: %w", name, err)
			}
		}
	}
	if len(figures) == 0 {
		return nil, errors.New("the samples hold no figures of house-move")
	}
	return figures, nil
}

// AskPrometheus has the KPIs that say what they would ask a Prometheus for ask one, by the MetricSource of the folder
// prometheus. It gives the samples with that source.
func AskPrometheus(objects []*unstructured.Unstructured, folder, url string) ([]*unstructured.Unstructured, error) {
	sources, err := ReadFile(filepath.Join(folder, "prometheus", "metricsource.yaml"))
	if err != nil {
		return nil, err
	}
	if len(sources) != 1 {
		return nil, fmt.Errorf("there are %d metric sources in %s, want one", len(sources), folder)
	}
	if err := PointTo(sources, "MetricSource", url); err != nil {
		return nil, err
	}
	for _, object := range objects {
		query, found := object.GetAnnotations()[AskedFor]
		if !found {
			continue
		}
		source := map[string]any{"prometheus": map[string]any{
			"metricSourceRef": map[string]any{"name": sources[0].GetName()},
			"query":           query,
		}}
		if err := unstructured.SetNestedMap(object.Object, source, "spec", "source"); err != nil {
			return nil, fmt.Errorf("have KPI %s ask Prometheus: %w", object.GetName(), err)
		}
	}
	return append(objects, sources...), nil
}
