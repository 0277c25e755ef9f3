package metrics

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// Describe implements prometheus.Collector.
func (r *Recorder) Describe(descriptions chan<- *prometheus.Desc) {
	for _, description := range []*prometheus.Desc{
		nextDueDesc, stageDesc, findingsDesc, noticeDesc, remediationsDesc, stuckDesc, scoreDesc, kpiValueDesc, kpiStateDesc,
		kpiSuspectDesc,
	} {
		descriptions <- description
	}
}

// Collect implements prometheus.Collector.
func (r *Recorder) Collect(collected chan<- prometheus.Metric) {
	for _, metric := range r.snapshot() {
		collected <- metric
	}
}

// gauges gathers metrics.
type gauges []prometheus.Metric

func (g *gauges) add(description *prometheus.Desc, value float64, labels ...string) {
	*g = append(*g, prometheus.MustNewConstMetric(description, prometheus.GaugeValue, value, labels...))
}

// snapshot makes all metrics under the lock and hands them out after it: whoever scrapes slowly holds nobody up.
func (r *Recorder) snapshot() []prometheus.Metric {
	r.mu.Lock()
	defer r.mu.Unlock()
	made := make(gauges, 0, 2*len(r.subjects)+len(r.values)+len(r.findings)+len(r.open)+len(r.stuck))
	for key, subject := range r.subjects {
		made.addReviews(key, subject.requirements)
		made.addNotices(key, subject.notices)
		made.addNumbers(key, subject)
	}
	for key, value := range r.values {
		made.add(kpiValueDesc, value, key.Namespace, key.Name)
	}
	for labels, count := range r.findings {
		made.add(findingsDesc, float64(count), labels.namespace, string(labels.kind), string(labels.rule),
			string(labels.severity), strconv.FormatBool(labels.waived))
	}
	for labels, count := range r.open {
		made.add(remediationsDesc, float64(count), labels.namespace, string(labels.rule))
	}
	for labels, count := range r.stuck {
		made.add(stuckDesc, float64(count), labels.system, labels.reason)
	}
	return made
}

func (g *gauges) addReviews(key subjectKey, requirements []requirement) {
	for _, one := range requirements {
		if one.due != 0 {
			g.add(nextDueDesc, float64(one.due), key.Namespace, string(key.kind), key.Name, string(one.name))
		}
		if one.stage != "" {
			g.add(stageDesc, 1, key.Namespace, string(key.kind), key.Name, string(one.name), string(one.stage))
		}
	}
}

func (g *gauges) addNotices(key subjectKey, notices []noticeSince) {
	for _, one := range notices {
		g.add(noticeDesc, float64(one.since), key.Namespace, string(key.kind), key.Name, string(one.reason), one.about)
	}
}

func (g *gauges) addNumbers(key subjectKey, subject contribution) {
	if subject.score != nil {
		g.add(scoreDesc, float64(*subject.score), key.Namespace, key.Name)
	}
	if subject.state != "" {
		g.add(kpiStateDesc, 1, key.Namespace, key.Name, string(subject.state))
	}
	if subject.suspect != "" {
		g.add(kpiSuspectDesc, 1, key.Namespace, key.Name, string(subject.suspect))
	}
}
