package metrics

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/gemba-dev/gemba/internal/sampling"
)

var _ sampling.Observer = (*Operations)(nil)

func TestWhatComesOfAskingIsCountedWithoutALabelForTheSource(t *testing.T) {
	operations := NewOperations("v0.0.0")
	registry := prometheus.NewRegistry()
	if err := operations.Register(registry); err != nil {
		t.Fatal(err)
	}
	operations.Asked("journeys/prometheus", "Answered", 20*time.Millisecond, 3*time.Second)
	operations.Asked("billing/prometheus", "Answered", 30*time.Millisecond, time.Second)
	operations.Asked("billing/ledger", "NoAnswer", 10*time.Second, -time.Hour)
	want := `
# HELP gemba_kpi_samples_total Values of KPIs that sources were asked for, by what came of it: Answered, NoAnswer, Refused, NotANumber, Empty, TooMany, Invalid or Forbidden.
# TYPE gemba_kpi_samples_total counter
gemba_kpi_samples_total{result="Answered"} 2
gemba_kpi_samples_total{result="NoAnswer"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "gemba_kpi_samples_total"); err != nil {
		t.Error(err)
	}
	for name, sum := range map[string]float64{
		"gemba_kpi_sampling_lateness_seconds": 4, "gemba_kpi_query_duration_seconds": 10.05,
	} {
		if got := sumOf(t, registry, name); got != sum {
			t.Errorf("the sum of %s is %v, want %v", name, got, sum)
		}
		if count, err := testutil.GatherAndCount(registry, name); err != nil || count != 1 {
			t.Errorf("%s has %d series and %v, want one", name, count, err)
		}
	}
}

func sumOf(t *testing.T, registry *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			return family.GetMetric()[0].GetHistogram().GetSampleSum()
		}
	}
	t.Fatalf("there is no %s", name)
	return 0
}
