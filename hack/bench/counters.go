package main

import (
	"context"
	"fmt"
	"io"
	"net/http"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// counters are the metrics of a program at one moment.
type counters map[string]*dto.MetricFamily

// scrape reads the metrics of a program.
func scrape(ctx context.Context, through *http.Client, url string) (counters, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("ask %s for metrics: %w", url, err)
	}
	response, err := through.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask %s for metrics: %w", url, err)
	}
	defer response.Body.Close() //nolint:errcheck // what was to be read has been read
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask %s for metrics: %s", url, response.Status)
	}
	return parse(response.Body)
}

func parse(text io.Reader) (counters, error) {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(text)
	if err != nil {
		return nil, fmt.Errorf("read metrics: %w", err)
	}
	return families, nil
}

// sum adds up the counters, or gauges, of a family that have all of the labels.
func (c counters) sum(family string, labels map[string]string) (total float64) {
	for _, metric := range c[family].GetMetric() {
		if hasLabels(metric, labels) {
			total += metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
		}
	}
	return total
}

func hasLabels(metric *dto.Metric, wanted map[string]string) bool {
	found := 0
	for _, pair := range metric.GetLabel() {
		if value, asked := wanted[pair.GetName()]; asked && value == pair.GetValue() {
			found++
		}
	}
	return found == len(wanted)
}

// statusWrites is how often the API server was asked to write the status of a resource of Gemba, whatever came of it.
func (c counters) statusWrites(resource string) (total float64) {
	for _, verb := range []string{"PUT", "PATCH", "APPLY"} {
		total += c.sum("apiserver_request_total", map[string]string{
			"group": "governance.gemba.dev", "resource": resource, "subresource": "status", "verb": verb,
		})
	}
	return total
}
