package testenv_test

import (
	"context"
	"crypto/tls"
	"errors"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	promv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"k8s.io/client-go/util/cert"

	"github.com/gemba-dev/gemba/internal/testenv"
)

// monday is the first day of the history that these tests make up, long before they run.
var monday = time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)

func TestAScrapedGaugeIsQueriedBack(t *testing.T) {
	exporter := startExporter(t)
	exporter.Set("orders_open", map[string]string{"team": "billing"}, 5)
	exporter.Set("orders_open", map[string]string{"team": "metering"}, 8)
	prometheus := startPrometheus(t, testenv.WithTargets("orders", exporter.Address()))

	await(t, prometheus, `orders_open{team="billing"}`, 5)
	await(t, prometheus, `orders_open{team="metering",job="orders",instance="`+exporter.Address()+`"}`, 8)
	exporter.Set("orders_open", map[string]string{"team": "billing"}, 7)
	await(t, prometheus, `orders_open{team="billing"}`, 7)
	exporter.Set("orders_open", map[string]string{"team": "billing"}, math.NaN())
	await(t, prometheus, `orders_open{team="billing"}`, math.NaN())
	exporter.Remove("orders_open", map[string]string{"team": "billing"})
	await(t, prometheus, `count(orders_open)`, 1)
	exporter.Close()
	await(t, prometheus, `up{job="orders"}`, 0)
}

func TestBackfilledHistoryIsReturnedByARangeQuery(t *testing.T) {
	exporter := startExporter(t)
	exporter.Set("calls", map[string]string{"line": "outage"}, 1000)
	prometheus := startPrometheus(t, testenv.WithTargets("homes", exporter.Address()))
	// What was scraped is the newest there is: the history comes out of order, and goes into the same series.
	await(t, prometheus, "calls", 1000)
	labels := map[string]string{"line": "outage", "job": "homes", "instance": exporter.Address()}
	want := rising(100)
	backwards := slices.Clone(want)
	slices.Reverse(backwards)
	backfill(t, prometheus, testenv.Series{Name: "calls", Labels: labels, Points: backwards[:30]})
	backfill(t, prometheus,
		testenv.Series{Name: "calls", Labels: labels, Points: backwards[30:]},
		testenv.Series{Name: "homes.level", Points: []testenv.Point{
			{At: monday, Value: math.Inf(1)},
			{At: monday.Add(time.Millisecond), Value: math.NaN()},
		}},
	)

	assertHistory(t, prometheus, "calls", want)
	assertHistory(t, prometheus, `{"homes.level"}`, []testenv.Point{{At: monday, Value: math.Inf(1)}})
	await(t, prometheus, `last_over_time({"homes.level"}[50y])`, math.NaN())
	await(t, prometheus, "count(last_over_time(calls[50y]))", 1)
	await(t, prometheus, "min_over_time(calls[50y])", want[0].Value)
}

func TestPrometheusComesBackOnItsAddressWithItsData(t *testing.T) {
	prometheus := startPrometheus(t)
	address := prometheus.URL()
	want := rising(20)
	for name, end := range map[string]func() error{"stopped": prometheus.Stop, "killed": prometheus.Kill} {
		backfill(t, prometheus, testenv.Series{Name: name, Points: want})
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if response, err := http.Get(address + "/-/ready"); err == nil {
			response.Body.Close()
			t.Errorf("%s: got the answer %s, want none", name, response.Status)
		}
		if err := prometheus.Start(t.Context()); err != nil {
			t.Fatalf("start Prometheus after it was %s: %v", name, err)
		}
		if got := prometheus.URL(); got != address {
			t.Errorf("%s: Prometheus came back at %s, want %s", name, got, address)
		}
		assertHistory(t, prometheus, name, want)
	}
}

func TestPrometheusWaitsForItsAddressWhileSomebodyElseHasIt(t *testing.T) {
	prometheus := startPrometheus(t)
	if err := prometheus.Stop(); err != nil {
		t.Fatal(err)
	}
	squatter, err := net.Listen("tcp", strings.TrimPrefix(prometheus.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	err = prometheus.Start(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("got %v, want that it tried until the deadline and found the address in use", err)
	}
	squatter.Close()
	if err := prometheus.Start(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestPrometheusAsksForALoginAndServesTLS(t *testing.T) {
	certificate, key, err := cert.GenerateSelfSignedCertKey("somebody-else.example", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	prometheus := startPrometheus(t, testenv.WithBasicAuth(), testenv.WithTLS(certificate, key))
	if !strings.HasPrefix(prometheus.URL(), "https://") {
		t.Errorf("got the URL %s, want https", prometheus.URL())
	}
	await(t, prometheus, "vector(3)", 3)
	if err := prometheus.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := prometheus.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	for password, want := range map[string]int{testenv.PrometheusPassword: http.StatusOK, "guessed": http.StatusUnauthorized} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, prometheus.URL()+"/-/ready", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.SetBasicAuth(testenv.PrometheusUser, password)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("password %s: got %s, want %d", password, response.Status, want)
		}
	}
	if response, err := http.Get(prometheus.URL()); err == nil {
		response.Body.Close()
		t.Error("a client that checks certificates accepts the one for another name")
	}
}

func TestAPrometheusThatCannotStartSaysWhy(t *testing.T) {
	tests := map[string]struct {
		binary  string
		options []testenv.PrometheusOption
		want    string
	}{
		"a flag that Prometheus does not know is told with its last words": {
			options: []testenv.PrometheusOption{testenv.WithPrometheusFlag("storage.clay-tablets", "")},
			want:    "unknown long flag '--storage.clay-tablets'",
		},
		"a program that is not there is told with its path": {
			binary: filepath.Join(t.TempDir(), "none"),
			want:   "none: no such file or directory",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			if test.binary != "" {
				t.Setenv("PROMETHEUS_BINARY", test.binary)
			}
			prometheus, err := testenv.StartPrometheus(t.Context(), test.options...)
			if err == nil {
				t.Fatal("it started", prometheus.Close())
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
			left, err := os.ReadDir(os.Getenv("TMPDIR"))
			if err != nil || len(left) > 0 {
				t.Errorf("got %v and %v left behind, want nothing", err, left)
			}
		})
	}
}

func TestAMissingPrometheusIsSaidWithItsCure(t *testing.T) {
	repository := t.TempDir()
	for _, path := range []string{"go.mod", "config/crd", "bin/prometheus"} {
		if err := os.MkdirAll(filepath.Join(repository, path), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(repository)
	t.Setenv("PROMETHEUS_BINARY", "")
	if _, err := testenv.FindPrometheus(); err == nil || !strings.Contains(err.Error(), "run make prometheus") {
		t.Errorf("got %v, want an error that names the target of make", err)
	}
	program := filepath.Join(repository, "bin", "prometheus", "prometheus")
	if err := os.WriteFile(program, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := testenv.FindPrometheus(); err != nil || got != program {
		t.Errorf("got %s and %v, want %s", got, err, program)
	}
}

func startExporter(t *testing.T) *testenv.Exporter {
	t.Helper()
	exporter := testenv.StartExporter()
	t.Cleanup(exporter.Close)
	return exporter
}

func startPrometheus(t *testing.T, opts ...testenv.PrometheusOption) *testenv.Prometheus {
	t.Helper()
	prometheus, err := testenv.StartPrometheus(t.Context(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := prometheus.Close(); err != nil {
			t.Error(err)
		}
	})
	return prometheus
}

func await(t *testing.T, prometheus *testenv.Prometheus, query string, want float64) {
	t.Helper()
	if err := prometheus.AwaitValue(t.Context(), query, want); err != nil {
		t.Fatal(err)
	}
}

func backfill(t *testing.T, prometheus *testenv.Prometheus, series ...testenv.Series) {
	t.Helper()
	if err := prometheus.Backfill(t.Context(), series...); err != nil {
		t.Fatal(err)
	}
}

// rising is a value a day from monday on that rises by a half each day.
func rising(days int) []testenv.Point {
	points := make([]testenv.Point, days)
	for day := range points {
		points[day] = testenv.Point{At: monday.AddDate(0, 0, day), Value: 40 + float64(day)/2}
	}
	return points
}

// assertHistory compares the days of a series with what a range query over them yields.
func assertHistory(t *testing.T, prometheus *testenv.Prometheus, query string, want []testenv.Point) {
	t.Helper()
	span := promv1.Range{Start: want[0].At, End: want[len(want)-1].At, Step: 24 * time.Hour}
	result, _, _, err := prometheus.API().QueryRange(t.Context(), query, span)
	if err != nil {
		t.Fatal(err)
	}
	matrix, ok := result.(model.Matrix)
	if !ok || len(matrix) != 1 {
		t.Fatalf("range query %s: got %v, want one series", query, result)
	}
	var got []testenv.Point
	for _, pair := range matrix[0].Values {
		got = append(got, testenv.Point{At: pair.Timestamp.Time().UTC(), Value: float64(pair.Value)})
	}
	if !slices.Equal(got, want) {
		t.Errorf("range query %s: got %v, want %v", query, got, want)
	}
}
