package kpi

import (
	"cmp"
	"math"
)

// mannKendall tells by how many standard deviations the number of rising pairs differs from that of falling ones (Mann 1945,
// Kendall 1975): S with the correction for continuity, divided by the root of its variance with the correction for equal
// values. Beyond 1.96 either way chance alone leads in one case of twenty. Points are in the order of time; none is 0.
func mannKendall(points []Point) float64 {
	rising := 0
	for i, earlier := range points {
		for _, later := range points[i+1:] {
			if later.At.After(earlier.At) {
				rising += cmp.Compare(later.Value, earlier.Value)
			}
		}
	}
	variance := kendallVariance(points)
	if rising == 0 || variance <= 0 {
		return 0
	}
	s := float64(rising)
	return (s - math.Copysign(1, s)) / math.Sqrt(variance)
}

// kendallVariance is (n(n-1)(2n+5) - Σ t(t-1)(2t+5)) / 18 over groups of t equal values.
func kendallVariance(points []Point) float64 {
	term := func(n int) float64 { return float64(n) * float64(n-1) * float64(2*n+5) }
	equal := make(map[float64]int, len(points))
	for _, p := range points {
		equal[p.Value]++
	}
	sum := term(len(points))
	for _, t := range equal {
		sum -= term(t)
	}
	return sum / 18
}
