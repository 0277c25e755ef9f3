package kpi

import (
	"math"
	"slices"
)

// median of some values, which it puts into another order; none is NaN. Where there is an even number of them it is the
// middle between the two in the middle.
func median(values []float64) float64 {
	n := len(values)
	if n == 0 {
		return math.NaN()
	}
	upper := selected(values, n/2, roundsAtMost)
	if n%2 == 1 {
		return upper
	}
	// What lies before the chosen place is not larger, so the other one in the middle is the largest of it.
	lower := slices.Max(values[:n/2])
	return lower/2 + upper/2
}

// roundsAtMost bounds the choosing: after that many rounds, which bad luck alone needs, what is left is sorted.
const roundsAtMost = 64

// selected puts the values around place k as if they were sorted, and returns the one there (Hoare's algorithm 65, FIND,
// CACM 4, 1961). It takes a fifth of the time of sorting, which it does with what is left after some rounds.
func selected(values []float64, k, rounds int) float64 {
	low, high := 0, len(values)
	for range rounds {
		if high-low <= 1 {
			return values[k]
		}
		from, to := partition(values[low:high])
		switch {
		case k < low+from:
			high = low + from
		case k >= low+to:
			low += to
		default:
			return values[k]
		}
	}
	slices.Sort(values[low:high])
	return values[k]
}

// partition puts what is smaller than one of the values before it and what is larger behind it; what is equal to it lies in
// [from, to).
func partition(values []float64) (from, to int) {
	n := len(values)
	a, b, c := values[0], values[n/2], values[n-1]
	pivot := max(min(a, b), min(max(a, b), c))
	from, to = 0, n
	for i := 0; i < to; {
		switch v := values[i]; {
		case v < pivot:
			values[i], values[from] = values[from], v
			from++
			i++
		case v > pivot:
			to--
			values[i], values[to] = values[to], v
		default:
			i++
		}
	}
	return from, to
}

// robustSpread is the median and 1.4826 times the median absolute deviation from it, which for normally distributed values
// is the standard deviation (Hampel 1974). It does not keep the order of the values.
func robustSpread(values []float64) (middle, deviation float64) {
	const normal = 1.4826
	middle = median(values)
	for i, v := range values {
		values[i] = math.Abs(v - middle)
	}
	return middle, normal * median(values)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
