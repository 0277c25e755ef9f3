package testenv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/api"
	"k8s.io/apimachinery/pkg/util/wait"
)

const prometheusVariable = "PROMETHEUS_BINARY"

const (
	prometheusPollEvery = 50 * time.Millisecond
	// prometheusStopTimeout bounds a graceful exit, which takes a fraction of a second on an idle machine.
	prometheusStopTimeout = 30 * time.Second
)

// listening is the line in which Prometheus says on which port it really listens.
var listening = regexp.MustCompile(`msg="Listening on"[^\n]* address=(\S+)`)

// Prometheus is a real Prometheus server with data of its own, on a port of the loopback interface that it keeps over
// restarts. Its methods are called one at a time; what API returns may be used from anywhere.
type Prometheus struct {
	program  string
	dir      string
	settings prometheusSettings
	address  string
	client   api.Client
	process  *process
}

// FindPrometheus is the path of the Prometheus program: what PROMETHEUS_BINARY names, else the one in bin/prometheus
// of the repository (make prometheus).
func FindPrometheus() (string, error) {
	return findProgram("Prometheus", prometheusVariable)
}

// StartPrometheus starts a Prometheus and returns when it answers queries. The first scrape comes some five seconds
// later: Prometheus' service discovery holds its first word back for that long, and no flag changes that. What was
// started is gone again when it returns an error.
func StartPrometheus(ctx context.Context, opts ...PrometheusOption) (*Prometheus, error) {
	program, err := FindPrometheus()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "gemba-prometheus-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for Prometheus: %w", err)
	}
	// Prometheus itself picks the port: nobody can take it between a look and the use.
	p := &Prometheus{program: program, dir: dir, settings: prometheusSettingsFrom(opts), address: "127.0.0.1:0"}
	if err := p.settings.write(dir); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	if err := p.Start(ctx); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// Start brings a Prometheus back that was stopped or killed: on the same address, with the data it had. It returns
// when it answers queries.
func (p *Prometheus) Start(ctx context.Context) error {
	if p.process != nil {
		return errors.New("start Prometheus: it is running")
	}
	var last error
	err := wait.PollUntilContextTimeout(ctx, prometheusPollEvery, startTimeout, true,
		func(ctx context.Context) (bool, error) {
			ready, unready, fatal := p.comeUp(ctx)
			if unready != nil {
				last = unready
			}
			return ready, fatal
		})
	if err != nil {
		return errors.Join(fmt.Errorf("start Prometheus %s: %w", p.program, errors.Join(err, last)), p.Kill())
	}
	return nil
}

// comeUp does what is next to be done for Prometheus to answer. unready says what keeps it, where that is known.
func (p *Prometheus) comeUp(ctx context.Context) (ready bool, unready, fatal error) {
	if p.process == nil {
		p.process, fatal = startProcess(ctx, p.dir, p.program, p.settings.arguments(p.dir, p.address)...)
		return false, nil, fatal
	}
	if p.process.hasEnded() {
		ended := p.process
		p.process = nil
		// While it was down a connection of somebody else may have been given its port, for a while.
		if bytes.Contains(ended.output.bytes(), []byte("address already in use")) {
			return false, ended.endedByItself(), nil
		}
		return false, nil, ended.endedByItself()
	}
	line := listening.FindSubmatch(p.process.output.bytes())
	if line == nil {
		return false, nil, nil
	}
	if p.client == nil {
		p.address = string(line[1])
		if p.client, fatal = p.newClient(); fatal != nil {
			return false, nil, fatal
		}
	}
	unready = p.send(ctx, http.MethodGet, "/-/ready", nil)
	return unready == nil, unready, nil
}

// URL is where Prometheus is reached, without a slash at the end. It stays the same over restarts.
func (p *Prometheus) URL() string {
	if p.settings.tls() {
		return "https://" + p.address
	}
	return "http://" + p.address
}

// Stop ends Prometheus as an administrator would, and keeps its data for Start.
func (p *Prometheus) Stop() error { return p.end(syscall.SIGTERM) }

// Kill ends Prometheus on the spot, as a crash would, and keeps its data for Start.
func (p *Prometheus) Kill() error { return p.end(syscall.SIGKILL) }

// Close ends Prometheus where it runs and removes its data. It is safe on nil.
func (p *Prometheus) Close() error {
	if p == nil {
		return nil
	}
	return errors.Join(p.Kill(), os.RemoveAll(p.dir))
}

func (p *Prometheus) end(signal syscall.Signal) error {
	if p.process == nil {
		return nil
	}
	ending := p.process
	p.process = nil
	return ending.end(signal, prometheusStopTimeout)
}
