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
	// fewPoints is how many values a window has at least, unless there is a shorter time between two of them than every.
	fewPoints = 100
)

// SeriesSpan says how far back, and in which steps, values of the past are asked for at a source that keeps them, for trend,
// correlation and plausibility, and for KPIs that are proxies for this one and need its values for keepFor; ok is false where
// nothing needs them. There are at most 200 values on such a span with both its ends, and the steps are no shorter than
// Every. It does not depend on when it is: periods have their mean length, else steps would shift from day to day.
func SeriesSpan(spec *v1alpha1.KPISpec, keepFor time.Duration) (window, step time.Duration, ok bool) {
	every := max(Every(spec), time.Second)
	window = min(max(keepFor, trendWindow(spec), ProxySpan(spec), plausibleSpan(spec, every)), longestLookBack)
	if window <= 0 {
		return 0, 0, false
	}
	const steps = pointsAtMost - 1
	step = (window/steps + time.Second - 1).Truncate(time.Second)
	return window, max(step, every), true
}

// keptSpan says how far back, and in which steps, the KPI itself keeps values for trend and correlation; ok is false where
// it keeps none. Each step is a write, and so it is no shorter than a heartbeat wherever the window is long enough.
func keptSpan(spec *v1alpha1.KPISpec, keepFor time.Duration) (window, step time.Duration, ok bool) {
	window = min(max(keepFor, trendWindow(spec), ProxySpan(spec)), longestLookBack)
	if window <= 0 {
		return 0, 0, false
	}
	beat := beatEvery(spec)
	if window/fewPoints < beat {
		return window, max(Every(spec), time.Second, (window / fewPoints).Truncate(time.Second)), true
	}
	const steps = pointsAtMost - 1
	beats := int64((window-1)/(steps*beat) + 1)
	return window, time.Duration(beats) * beat, true
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

// ProxySpan is how far back a KPI needs its own values and those of the one that it is a proxy for: the window and the lag,
// because a value is compared with one a lag later. Zero where it is no proxy.
func ProxySpan(spec *v1alpha1.KPISpec) time.Duration {
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
	return time.Duration(min(plausibleValues(spec), pointsAtMost-1)) * every
}

// plausibleValues is how many of the last values tell whether one is plausible.
func plausibleValues(spec *v1alpha1.KPISpec) int {
	if spec.Plausibility == nil {
		return 0
	}
	values := max(int(spec.Plausibility.FlatAfter), 0)
	if spec.Plausibility.Jump > 0 {
		values = max(values, jumpBase)
	}
	return min(values, pointsAtMost)
}
