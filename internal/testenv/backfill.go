package testenv

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Series is a time series as it would have been scraped. A series that is scraped too goes on where its labels are the
// same, job and instance (the address of the target) included.
type Series struct {
	Name   string
	Labels map[string]string
	Points []Point
}

// Point is a value, of any kind that a float64 can be, and when it was true.
type Point struct {
	At    time.Time
	Value float64
}

// Backfill gives Prometheus values of the past, which queries see when it returns. They may be older than what it
// has, come in any order, and be ten minutes ahead of its clock at most. A point that differs from one it has for the
// same millisecond is an error.
func (p *Prometheus) Backfill(ctx context.Context, series ...Series) error {
	// OpenTelemetry's JSON, because remote write's Protobuf in Snappy would take more modules.
	metrics := make([]any, 0, len(series))
	for _, one := range series {
		metrics = append(metrics, map[string]any{
			"name":  one.Name,
			"gauge": map[string]any{"dataPoints": one.dataPoints()},
		})
	}
	body, err := json.Marshal(map[string]any{
		"resourceMetrics": []any{map[string]any{"scopeMetrics": []any{map[string]any{"metrics": metrics}}}},
	})
	if err != nil {
		return fmt.Errorf("render %d series: %w", len(series), err)
	}
	if err := p.send(ctx, http.MethodPost, "/api/v1/otlp/v1/metrics", body); err != nil {
		return fmt.Errorf("backfill %d series: %w", len(series), err)
	}
	return nil
}

func (s Series) dataPoints() []any {
	attributes := []any{}
	for _, name := range slices.Sorted(maps.Keys(s.Labels)) {
		attributes = append(attributes, map[string]any{
			"key":   name,
			"value": map[string]any{"stringValue": s.Labels[name]},
		})
	}
	points := make([]any, 0, len(s.Points))
	for _, point := range s.Points {
		points = append(points, map[string]any{
			"attributes":   attributes,
			"timeUnixNano": strconv.FormatInt(point.At.UnixNano(), 10),
			// As text, for JSON has no number for NaN.
			"asDouble": strconv.FormatFloat(point.Value, 'g', -1, 64),
		})
	}
	return points
}
