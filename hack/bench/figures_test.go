package main

import (
	"strings"
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	hundred := make([]time.Duration, 0, 100)
	for i := 100; i >= 1; i-- {
		hundred = append(hundred, time.Duration(i))
	}
	tests := map[string]struct {
		values []time.Duration
		share  float64
		want   time.Duration
	}{
		"half of a hundred do not exceed the fiftieth":      {hundred, .5, 50},
		"99 of a hundred do not exceed the 99th":            {hundred, .99, 99},
		"all do not exceed the greatest":                    {hundred, 1, 100},
		"none do not exceed what is less than the least":    {hundred, 0, 1},
		"of two the lesser is exceeded by half":             {[]time.Duration{9, 3}, .5, 3},
		"of two the greater is what 99 % do not exceed":     {[]time.Duration{9, 3}, .99, 9},
		"where there is nothing there is nothing to exceed": {nil, .99, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := quantile(test.values, test.share); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestMedian(t *testing.T) {
	tests := map[string]struct {
		values []float64
		want   float64
	}{
		"an odd number of values has one in the middle": {[]float64{9, 1, 2}, 2},
		"an even number of values has two":              {[]float64{9, 1, 2, 4}, 3},
		"no values have none":                           {nil, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := median(test.values); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestWholeSetsThousandsApart(t *testing.T) {
	for number, want := range map[float64]string{0: "0", 999.4: "999", 999.5: "1,000", 1234567: "1,234,567", -5000: "-5,000", -.2: "0"} {
		if got := whole(number); got != want {
			t.Errorf("%v is shown as %q, want %q", number, got, want)
		}
	}
}

func TestCountersAddUpWhatHasTheLabels(t *testing.T) {
	text := `# TYPE requests_total counter
requests_total{resource="kpis",verb="PUT",code="200"} 3
requests_total{resource="kpis",verb="PUT",code="409"} 2
requests_total{resource="kpis",verb="GET",code="200"} 100
requests_total{resource="processes",verb="PUT",code="200"} 50
# TYPE heap_bytes gauge
heap_bytes 7
`
	read, err := parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		family string
		labels map[string]string
		want   float64
	}{
		"one label":                     {"requests_total", map[string]string{"verb": "PUT"}, 55},
		"two labels":                    {"requests_total", map[string]string{"verb": "PUT", "resource": "kpis"}, 5},
		"a gauge without labels":        {"heap_bytes", nil, 7},
		"a label that nothing has":      {"requests_total", map[string]string{"verb": "PATCH"}, 0},
		"a family that there is not":    {"replies_total", nil, 0},
		"a label that the family lacks": {"heap_bytes", map[string]string{"verb": "PUT"}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := read.sum(test.family, test.labels); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestEveryScenarioCanBeChosen(t *testing.T) {
	all, err := choose("")
	if err != nil || len(all) != len(scenarios()) {
		t.Errorf("%d chosen, error %v", len(all), err)
	}
	for _, name := range names() {
		chosen, err := choose(name)
		if err != nil || len(chosen) != 1 || chosen[0].name != name {
			t.Errorf("%s: %d chosen, error %v", name, len(chosen), err)
		}
	}
	if _, err := choose("kpi-samples,tickets-by-post"); err == nil {
		t.Error("a scenario that there is not is chosen")
	}
}
