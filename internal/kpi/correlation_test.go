package kpi

import (
	"slices"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// predicting is a KPI that claims to predict another a week later.
func predicting(edits ...func(*v1alpha1.KPISpec)) *v1alpha1.KPISpec {
	edits = append([]func(*v1alpha1.KPISpec){prometheus, func(s *v1alpha1.KPISpec) {
		s.ProxyFor = &v1alpha1.ProxyFor{KPIRef: v1alpha1.LocalReference{Name: "satisfaction"}, Lag: "P7D"}
	}}, edits...)
	return atLeast("85", edits...)
}

const day = 24 * time.Hour

// daily are values of one day after the other.
func daily(first time.Time, values ...float64) []Point {
	var points []Point
	for i, v := range values {
		points = append(points, Point{At: first.Add(time.Duration(i) * day), Value: v})
	}
	return points
}

var (
	some = []float64{3, 9, 1, 12, 7, 5, 11, 2, 8, 4, 10, 6}
	// squares rise as some do, though not in a straight line.
	squares = []float64{9, 81, 1, 144, 49, 25, 121, 4, 64, 16, 100, 36}
)

func TestHowWellAKPIPredictsAnother(t *testing.T) {
	window := func(p v1alpha1.Period) func(*v1alpha1.KPISpec) {
		return func(s *v1alpha1.KPISpec) { s.ProxyFor.Window = p }
	}
	pairs := func(n int32) func(*v1alpha1.KPISpec) {
		return func(s *v1alpha1.KPISpec) { s.ProxyFor.MinSamples = n }
	}
	lag := func(p v1alpha1.Period) func(*v1alpha1.KPISpec) {
		return func(s *v1alpha1.KPISpec) { s.ProxyFor.Lag = p }
	}
	worse := make([]float64, 0, len(some))
	for _, v := range some {
		worse = append(worse, -v)
	}
	later := start.Add(7 * day)
	for name, test := range map[string]struct {
		spec           *v1alpha1.KPISpec
		own, predicted []Point
		want           v1alpha1.Decimal
		samples        int32
	}{
		"it rises where the other one does a week later":       {predicting(), daily(start, some...), daily(later, squares...), "1", 12},
		"it rises where the other one falls":                   {predicting(), daily(start, some...), daily(later, worse...), "-1", 12},
		"without a lag the same values do not belong together": {predicting(lag("")), daily(start, some...), daily(start, some...), "1", 12},
		"at another lag they are other pairs, too few":         {predicting(lag("P1M")), daily(start, some...), daily(later, squares...), "", 0},
		"eleven pairs say nothing":                             {predicting(), daily(start, some[:11]...), daily(later, squares...), "", 0},
		"fewer do where fewer are asked for":                   {predicting(pairs(4)), daily(start, some[:4]...), daily(later, squares...), "1", 4},
		"a constant KPI predicts nothing":                      {predicting(), daily(start, make([]float64, 12)...), daily(later, squares...), "", 0},
		"values before the window do not count":                {predicting(window("P5D"), pairs(4)), daily(start, some...), daily(later, squares...), "1", 6},
		"nor do corrected ones":                                {predicting(corrected(start, start.Add(day)), pairs(4)), daily(start, some...), daily(later, squares...), "1", 11},
	} {
		t.Run(name, func(t *testing.T) {
			slices.Reverse(test.own)
			in := Input{Spec: test.spec, Series: test.own, HasSeries: true, Predicted: test.predicted}
			got := Evaluate(in, start.Add(20*day)).Status.Correlation
			if (got == nil) != (test.want == "") {
				t.Fatalf("the correlation is %+v, want %q", got, test.want)
			}
			if got != nil && (got.Value != test.want || got.Samples != test.samples || got.With != "satisfaction") {
				t.Fatalf("the correlation is %+v, want %s of %d", got, test.want, test.samples)
			}
		})
	}
}

func TestACorrelationStaysWhileValuesAreNotKnown(t *testing.T) {
	in := Input{
		Spec: predicting(), Series: daily(start, some...), HasSeries: true, Predicted: daily(start.Add(7*day), squares...),
	}
	now := start.Add(20 * day)
	before := Evaluate(in, now).Status
	for name, test := range map[string]struct {
		in   Input
		kept bool
	}{
		"of the KPI":               {Input{Spec: predicting(), Predicted: in.Predicted}, true},
		"of the predicted one":     {Input{Spec: predicting(), Series: in.Series, HasSeries: true}, true},
		"but not of another one":   {Input{Spec: predicting(func(s *v1alpha1.KPISpec) { s.ProxyFor.KPIRef.Name = "loyalty" })}, false},
		"nor where it claims none": {Input{Spec: atLeast("85", prometheus)}, false},
		"nor where too few are":    {Input{Spec: predicting(), Series: in.Series[:5], HasSeries: true, Predicted: in.Predicted}, false},
	} {
		t.Run(name, func(t *testing.T) {
			test.in.Before = &before
			got := Evaluate(test.in, now.Add(time.Hour)).Status.Correlation
			if (got != nil) != test.kept {
				t.Fatalf("the correlation is %+v", got)
			}
		})
	}
}

func TestPairsAreOfOneStep(t *testing.T) {
	minute := func(values map[int]float64) []Point {
		var points []Point
		for at, v := range values {
			points = append(points, Point{At: minutes(at), Value: v})
		}
		return points
	}
	for name, test := range map[string]struct {
		x, y      map[int]float64
		lag, step time.Duration
		xs, ys    []float64
	}{
		"of the same step": {
			map[int]float64{0: 1, 10: 2, 20: 3}, map[int]float64{3: 4, 19: 5, 29: 6}, 0, 10 * time.Minute,
			[]float64{1, 2, 3}, []float64{4, 5, 6},
		},
		"a lag later": {
			map[int]float64{0: 1, 10: 2, 20: 3}, map[int]float64{23: 4, 39: 5, 49: 6}, 20 * time.Minute, 10 * time.Minute,
			[]float64{1, 2, 3}, []float64{4, 5, 6},
		},
		"a lag may be no number of steps": {
			map[int]float64{0: 1, 10: 2}, map[int]float64{14: 4, 15: 5, 24: 6, 25: 7}, 15 * time.Minute, 10 * time.Minute,
			[]float64{1, 2}, []float64{6, 7},
		},
		"of several the last": {
			map[int]float64{0: 1, 5: 2, 9: 3}, map[int]float64{1: 4, 8: 5}, 0, 10 * time.Minute, []float64{3}, []float64{5},
		},
		"what has no other is left out": {
			map[int]float64{0: 1, 30: 2}, map[int]float64{10: 3, 30: 4}, 0, 10 * time.Minute, []float64{2}, []float64{4},
		},
		"a step is at least a second": {
			map[int]float64{0: 1}, map[int]float64{0: 2}, 0, 0, []float64{1}, []float64{2},
		},
		"before 1970 as well": {
			map[int]float64{-30_000_000: 1}, map[int]float64{-29_999_991: 2}, 0, 10 * time.Minute, []float64{1}, []float64{2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			xs, ys := PairAtLag(minute(test.x), minute(test.y), test.lag, test.step)
			if !slices.Equal(xs, test.xs) || !slices.Equal(ys, test.ys) {
				t.Fatalf("the pairs are %v and %v", xs, ys)
			}
		})
	}
}
