package kpi

import (
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

const (
	// pointsAtMost is how many values of the past are looked at.
	pointsAtMost = 200
	// jumpBase is from how many values before it, where there are as many, it is told whether a value jumps.
	jumpBase = 50
)

// SeriesSpan says how far back, and in which steps, values of the past are needed for trend, correlation and plausibility;
// ok is false where nothing needs them. There are at most 200 values on such a span with both its ends, and the steps are no
// shorter than Every. It does not depend on now: periods have their mean length, else steps would shift from day to day.
func SeriesSpan(spec *v1alpha1.KPISpec, _ time.Time) (window, step time.Duration, ok bool) {
	return spanOf(spec, 0)
}

// spanOf is SeriesSpan where others need values for keepFor.
func spanOf(spec *v1alpha1.KPISpec, keepFor time.Duration) (window, step time.Duration, ok bool) {
	every := max(Every(spec), time.Second)
	window = min(max(keepFor, trendWindow(spec), proxySpan(spec), plausibleSpan(spec, every)), longestLookBack)
	if window <= 0 {
		return 0, 0, false
	}
	const steps = pointsAtMost - 1
	step = (window/steps + time.Second - 1).Truncate(time.Second)
	return window, max(step, every), true
}

func trendWindow(spec *v1alpha1.KPISpec) time.Duration {
	if spec.Trend == nil {
		return 0
	}
	return durationOr(spec.Trend.Window, defaultTrend)
}

func trendHorizon(spec *v1alpha1.KPISpec) time.Duration {
	return durationOr(spec.Trend.Horizon, defaultTrend)
}

// proxySpan is the window and the lag: to compare a value with one a lag later, it must be known a lag longer.
func proxySpan(spec *v1alpha1.KPISpec) time.Duration {
	if spec.ProxyFor == nil {
		return 0
	}
	return proxyWindow(spec) + lengthOf(spec.ProxyFor.Lag)
}

func proxyWindow(spec *v1alpha1.KPISpec) time.Duration {
	if window := lengthOf(spec.ProxyFor.Window); window > 0 {
		return window
	}
	return lengthOf(defaultProxyWindow)
}

func plausibleSpan(spec *v1alpha1.KPISpec, every time.Duration) time.Duration {
	if spec.Plausibility == nil {
		return 0
	}
	values := max(spec.Plausibility.FlatAfter, 0)
	if spec.Plausibility.Jump > 0 {
		values = max(values, jumpBase)
	}
	return time.Duration(min(values, pointsAtMost-1)) * every
}
