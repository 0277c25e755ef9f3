package kpi

import (
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// BenchmarkEvaluate judges one value: plainly, with a history of two hundred values, and with all that can be asked for.
func BenchmarkEvaluate(b *testing.B) {
	for name, spec := range map[string]*v1alpha1.KPISpec{
		"plain":            atLeast("85", warning("90"), breachFor("5m")),
		"with a history":   atLeast("85", plausible(v1alpha1.Plausibility{FlatAfter: 199})),
		"with a trend":     atLeast("85", trend("199m", "1h")),
		"with a jump also": atLeast("85", trend("199m", "1h"), plausible(v1alpha1.Plausibility{Jump: 5})),
	} {
		b.Run(name, func(b *testing.B) {
			w := watch(spec)
			for minute := range 200 {
				w.see(minutes(minute), answered(minutes(minute), 95+float64(minute*7%13)-float64(minute)/100))
			}
			in := w.input(answered(minutes(200), 94))
			b.ReportAllocs()
			for b.Loop() {
				Evaluate(in, minutes(200))
			}
		})
	}
}

// BenchmarkThrottle compares two statuses that differ in what moves with every value.
func BenchmarkThrottle(b *testing.B) {
	spec := atLeast("85", trend("199m", "1h"))
	w := watch(spec)
	for minute := range 200 {
		w.see(minutes(minute), answered(minutes(minute), 95))
	}
	after := w.memory.DeepCopy()
	after.ValueTime = timePointer(minutes(200))
	b.ReportAllocs()
	for b.Loop() {
		Throttle(key, spec, &w.stored, after, minutes(200))
	}
}

func BenchmarkTheilSen(b *testing.B) {
	points := make([]Point, 0, pointsAtMost)
	for i := range pointsAtMost {
		points = append(points, Point{At: minutes(i), Value: float64(i * i % 31)})
	}
	b.ReportAllocs()
	for b.Loop() {
		TheilSen(points)
	}
}
