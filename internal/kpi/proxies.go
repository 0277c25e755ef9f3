package kpi

import (
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// SpanFor is SeriesSpan where KPIs that are proxies for this one need its values for keepFor; see ProxySpan.
func SpanFor(spec *v1alpha1.KPISpec, keepFor time.Duration) (window, step time.Duration, ok bool) {
	return spanOf(spec, keepFor)
}

// ProxySpan is how far back a KPI needs the values of the one that it is a proxy for; zero where it is none.
func ProxySpan(spec *v1alpha1.KPISpec) time.Duration { return proxySpan(spec) }
