package kpi

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Spearman is the rank correlation (Spearman 1904) between values that belong together: the correlation after Pearson of
// their ranks, where equal values share the mean of theirs. Pairs with what is no number, or infinite, are left out. ok is
// false below three pairs, where one side is constant, and where the lengths differ.
func Spearman(x, y []float64) (rho float64, ok bool) {
	if len(x) != len(y) {
		return 0, false
	}
	var left, right []float64
	for i := range x {
		if finite(x[i]) && finite(y[i]) {
			left, right = append(left, x[i]), append(right, y[i])
		}
	}
	if len(left) < 3 {
		return 0, false
	}
	return pearson(ranks(left), ranks(right))
}

// ranks gives each value its place from 1 on, and equal ones the mean of their places.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	ranked := make([]float64, len(values))
	for from := 0; from < len(order); {
		to := from
		for to < len(order) && values[order[to]] == values[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			ranked[i] = float64(from+1+to) / 2
		}
		from = to
	}
	return ranked
}

// pearson is the correlation of ranks; their mean is (n+1)/2 whether or not some are equal.
func pearson(x, y []float64) (r float64, ok bool) {
	mean := float64(len(x)+1) / 2
	var xy, xx, yy float64
	for i := range x {
		dx, dy := x[i]-mean, y[i]-mean
		xy, xx, yy = xy+dx*dy, xx+dx*dx, yy+dy*dy
	}
	if xx == 0 || yy == 0 {
		return 0, false
	}
	return max(-1, min(1, xy/math.Sqrt(xx*yy))), true
}

// PairAtLag pairs the values of x with those of y that are a lag later: those that fall into the same step once the lag is
// taken off the times of y. Of several in one step the last counts. Pairs come in the order of time.
func PairAtLag(x, y []Point, lag, step time.Duration) (xs, ys []float64) {
	step = max(step, time.Second)
	later := make(map[int64]float64, len(y))
	for _, p := range inOrder(y) {
		later[stepOf(p.At.Add(-lag), step)] = p.Value
	}
	ordered := inOrder(x)
	for i, p := range ordered {
		at := stepOf(p.At, step)
		if i+1 < len(ordered) && stepOf(ordered[i+1].At, step) == at {
			continue
		}
		if value, found := later[at]; found {
			xs, ys = append(xs, p.Value), append(ys, value)
		}
	}
	return xs, ys
}

// stepOf numbers steps of whole seconds from 1970 on; what lies before has negative numbers.
func stepOf(t time.Time, step time.Duration) int64 {
	length := int64(step / time.Second)
	n := t.Unix() / length
	if t.Unix()%length < 0 {
		n--
	}
	return n
}
