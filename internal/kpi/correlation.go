package kpi

import (
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// correlation says how well the KPI predicts the one that it is a proxy for: the rank correlation of its values with those a
// lag later. Below minSamples pairs, and where one of the two is constant, nothing is said.
func (j *judging) correlation() {
	proxy, known := j.in.Spec.ProxyFor, j.status.Correlation
	if proxy == nil || known != nil && known.With != proxy.KPIRef.Name {
		j.status.Correlation = nil
	}
	if proxy == nil || !j.pastKnown || j.frozen() {
		return
	}
	predicted := believable(j.in.Predicted)
	if len(predicted) == 0 {
		return
	}
	j.status.Correlation = nil
	if value, pairs, ok := j.correlated(predicted); ok {
		j.status.Correlation = &v1alpha1.KPICorrelation{With: proxy.KPIRef.Name, Value: value, Samples: pairs}
	}
}

func (j *judging) correlated(predicted []Point) (value v1alpha1.Decimal, pairs int32, ok bool) {
	xs, ys := j.pairs(predicted)
	if len(xs) < minSamples(j.in.Spec.ProxyFor) {
		return "", 0, false
	}
	rho, ok := Spearman(xs, ys)
	if !ok {
		return "", 0, false
	}
	value, ok = DecimalOf(rho)
	return value, int32(len(xs)), ok
}

// pairs are values of the KPI and of the predicted one a lag later, over the window that ends with the newest of these. The
// lag, like the window, has the mean length of its months and years.
func (j *judging) pairs(predicted []Point) (xs, ys []float64) {
	lag := lengthOf(j.in.Spec.ProxyFor.Lag)
	from := predicted[len(predicted)-1].At.Add(-lag).Add(-proxyWindow(j.in.Spec))
	own := j.past
	for len(own) > 0 && own[0].At.Before(from) {
		own = own[1:]
	}
	return PairAtLag(shifted(own, -j.begin), shifted(predicted, -j.begin), lag, j.step)
}

// shifted are values as if they had been true at other times.
func shifted(points []Point, by time.Duration) []Point {
	moved := make([]Point, 0, len(points))
	for _, p := range points {
		moved = append(moved, Point{At: p.At.Add(by), Value: p.Value})
	}
	return moved
}

func minSamples(proxy *v1alpha1.ProxyFor) int {
	if proxy.MinSamples > 0 {
		return int(proxy.MinSamples)
	}
	return defaultMinSamples
}
