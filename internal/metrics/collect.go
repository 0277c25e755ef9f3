package metrics

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// Describe implements prometheus.Collector.
func (r *Recorder) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- nextDueDesc
	descriptions <- stageDesc
	descriptions <- findingsDesc
	descriptions <- remediationsDesc
}

// Collect implements prometheus.Collector.
func (r *Recorder) Collect(collected chan<- prometheus.Metric) {
	for _, metric := range r.snapshot() {
		collected <- metric
	}
}

// snapshot makes all metrics under the lock and hands them out after it: whoever scrapes slowly holds nobody up.
func (r *Recorder) snapshot() []prometheus.Metric {
	r.mu.Lock()
	defer r.mu.Unlock()
	made := make([]prometheus.Metric, 0, 2*len(r.processes)+len(r.findings)+len(r.open))
	add := func(description *prometheus.Desc, value float64, labels ...string) {
		made = append(made, prometheus.MustNewConstMetric(description, prometheus.GaugeValue, value, labels...))
	}
	kind := string(governancev1alpha1.KindProcess)
	for key, process := range r.processes {
		for _, one := range process.requirements {
			if one.due != 0 {
				add(nextDueDesc, float64(one.due), key.Namespace, kind, key.Name, string(one.name))
			}
			if one.stage != "" {
				add(stageDesc, 1, key.Namespace, kind, key.Name, string(one.name), string(one.stage))
			}
		}
	}
	for labels, count := range r.findings {
		add(findingsDesc, float64(count), labels.namespace, kind, string(labels.rule), string(labels.severity),
			strconv.FormatBool(labels.waived))
	}
	for labels, count := range r.open {
		add(remediationsDesc, float64(count), labels.namespace, string(labels.rule))
	}
	return made
}
