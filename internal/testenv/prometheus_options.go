package testenv

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"sigs.k8s.io/yaml"
)

// What WithBasicAuth asks for.
const (
	PrometheusUser     = "gemba"
	PrometheusPassword = "hearthlight"
)

// prometheusPasswordHash is bcrypt of PrometheusPassword, at the lowest cost that there is.
const prometheusPasswordHash = "$2a$04$kTyF.sn4RHw/Et0LolKbfe72oc3792.NSI0VPmqWUkkbQindoEu42"

// PrometheusOption changes how StartPrometheus sets Prometheus up.
type PrometheusOption func(*prometheusSettings)

type prometheusSettings struct {
	scrapeEvery      time.Duration
	jobs             []scrapeJob
	flags            map[string]string
	basicAuth        bool
	certificate, key []byte
}

type scrapeJob struct {
	name    string
	targets []string
}

func prometheusSettingsFrom(opts []PrometheusOption) prometheusSettings {
	s := prometheusSettings{scrapeEvery: 250 * time.Millisecond, flags: map[string]string{}}
	for _, opt := range opts {
		opt(&s)
	}
	return s
}

// WithScrapeEvery sets the interval between two scrapes, in place of 250 ms.
func WithScrapeEvery(every time.Duration) PrometheusOption {
	return func(s *prometheusSettings) { s.scrapeEvery = every }
}

// WithTargets scrapes /metrics at these addresses (host:port) as one job. Each job is given once.
func WithTargets(job string, addresses ...string) PrometheusOption {
	return func(s *prometheusSettings) { s.jobs = append(s.jobs, scrapeJob{name: job, targets: addresses}) }
}

// WithPrometheusFlag sets a flag of Prometheus, named without its dashes, in place of its default. A flag that takes no
// value has an empty one.
func WithPrometheusFlag(name, value string) PrometheusOption {
	return func(s *prometheusSettings) { s.flags[name] = value }
}

// WithBasicAuth lets only PrometheusUser with PrometheusPassword in.
func WithBasicAuth() PrometheusOption {
	return func(s *prometheusSettings) { s.basicAuth = true }
}

// WithTLS serves https with a certificate and its key, both PEM. Start does not check the certificate, so that it may be
// one that nobody should accept.
func WithTLS(certificate, key []byte) PrometheusOption {
	return func(s *prometheusSettings) { s.certificate, s.key = certificate, key }
}

func (s *prometheusSettings) tls() bool { return len(s.certificate) > 0 }

func (s *prometheusSettings) arguments(dir, address string) []string {
	flags := map[string]string{
		"config.file":        filepath.Join(dir, "prometheus.yaml"),
		"web.config.file":    filepath.Join(dir, "web.yaml"),
		"web.listen-address": address,
		"storage.tsdb.path":  filepath.Join(dir, "data"),
		// Backfill is heard there.
		"web.enable-otlp-receiver": "",
		// All of history stays in memory. In blocks of two hours, as by default, a year of it costs more than a minute of
		// CPU, keeps a restart from being ready for as long, and is subject to retention.
		"storage.tsdb.min-block-duration": "100y",
		"storage.tsdb.max-block-duration": "100y",
		// One of two waits of five seconds before the first scrape; service discovery has the other one.
		"scrape.discovery-reload-interval": "50ms",
	}
	maps.Copy(flags, s.flags)
	arguments := make([]string, 0, len(flags))
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		if value := flags[name]; value != "" {
			name += "=" + value
		}
		arguments = append(arguments, "--"+name)
	}
	return arguments
}

// write puts the configuration into dir.
func (s *prometheusSettings) write(dir string) error {
	files := map[string][]byte{"tls.crt": s.certificate, "tls.key": s.key}
	for name, content := range map[string]any{"prometheus.yaml": s.config(), "web.yaml": s.webConfig()} {
		text, err := yaml.Marshal(content)
		if err != nil {
			return fmt.Errorf("render %s: %w", name, err)
		}
		files[name] = text
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return fmt.Errorf("configure Prometheus: %w", err)
		}
	}
	return nil
}

func (s *prometheusSettings) config() map[string]any {
	jobs := []map[string]any{}
	for _, job := range s.jobs {
		jobs = append(jobs, map[string]any{
			"job_name":       job.name,
			"static_configs": []map[string]any{{"targets": job.targets}},
		})
	}
	return map[string]any{
		"global":         map[string]any{"scrape_interval": model.Duration(s.scrapeEvery).String()},
		"scrape_configs": jobs,
		// What Backfill writes is older than what was scraped before, and its names are kept as they are.
		"storage": map[string]any{"tsdb": map[string]any{"out_of_order_time_window": "100y"}},
		"otlp":    map[string]any{"translation_strategy": "NoTranslation"},
	}
}

func (s *prometheusSettings) webConfig() map[string]any {
	config := map[string]any{}
	if s.basicAuth {
		config["basic_auth_users"] = map[string]string{PrometheusUser: prometheusPasswordHash}
	}
	if s.tls() {
		config["tls_server_config"] = map[string]string{"cert_file": "tls.crt", "key_file": "tls.key"}
	}
	return config
}
