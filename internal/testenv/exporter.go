package testenv

import (
	"fmt"
	"net/http/httptest"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Exporter serves gauges that a test sets, as any program that Prometheus scrapes does, on a free port of the loopback
// interface.
type Exporter struct {
	server *httptest.Server

	mutex  sync.Mutex
	gauges map[string]prometheus.Metric
}

// StartExporter starts an exporter without gauges.
func StartExporter() *Exporter {
	e := &Exporter{gauges: map[string]prometheus.Metric{}}
	registry := prometheus.NewRegistry()
	registry.MustRegister(e)
	e.server = httptest.NewServer(promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return e
}

// Address is the host and port to scrape.
func (e *Exporter) Address() string { return e.server.Listener.Addr().String() }

// Close ends the exporter.
func (e *Exporter) Close() { e.server.Close() }

// Set sets a gauge; the next scrape sees it. A name or a label that Prometheus does not know how to store is a panic,
// as it is with the gauges of client_golang.
func (e *Exporter) Set(name string, labels map[string]string, value float64) {
	description := prometheus.NewDesc(name, "A gauge that a test sets.", nil, labels)
	gauge := prometheus.MustNewConstMetric(description, prometheus.GaugeValue, value)
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.gauges[gaugeKey(name, labels)] = gauge
}

// Remove takes a gauge away: with the next scrape Prometheus marks its series as ended.
func (e *Exporter) Remove(name string, labels map[string]string) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	delete(e.gauges, gaugeKey(name, labels))
}

// Describe says nothing, which tells the registry that the gauges are not known beforehand.
func (e *Exporter) Describe(chan<- *prometheus.Desc) {}

// Collect tells the registry the gauges as they are now.
func (e *Exporter) Collect(metrics chan<- prometheus.Metric) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	for _, gauge := range e.gauges {
		metrics <- gauge
	}
}

// gaugeKey is the same for the same labels: a map prints in the order of its keys.
func gaugeKey(name string, labels map[string]string) string {
	return fmt.Sprintf("%q %q", name, labels)
}
