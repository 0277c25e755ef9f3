package testenv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/api"
	promv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/transport"
)

// awaitTimeout bounds the wait for a value: the first scrape, and a machine that has much else to do.
const awaitTimeout = time.Minute

// API asks Prometheus, logged in where that is needed. It goes on working over restarts.
func (p *Prometheus) API() promv1.API { return promv1.NewAPI(p.client) }

// AwaitValue asks until a query yields one number, and that one (NaN is like NaN). This is how a test waits for a scrape.
func (p *Prometheus) AwaitValue(ctx context.Context, query string, want float64) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, prometheusPollEvery, awaitTimeout, true,
		func(ctx context.Context) (bool, error) {
			got, err := p.value(ctx, query)
			if err == nil && got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
				err = fmt.Errorf("it is %v", got)
			}
			last = err
			return err == nil, nil
		})
	if err != nil {
		return fmt.Errorf("wait for %s to be %v: %w", query, want, errors.Join(err, last))
	}
	return nil
}

// value is the one number that a query yields now.
func (p *Prometheus) value(ctx context.Context, query string) (float64, error) {
	result, _, _, err := p.API().Query(ctx, query, time.Time{})
	if err != nil {
		return 0, fmt.Errorf("query %s: %w", query, err)
	}
	switch result := result.(type) {
	case *model.Scalar:
		return float64(result.Value), nil
	case model.Vector:
		if len(result) == 1 {
			return float64(result[0].Value), nil
		}
	}
	return 0, fmt.Errorf("query %s: want one number, got %q", query, result)
}

// newClient makes a client that logs in as the web configuration wants it.
func (p *Prometheus) newClient() (api.Client, error) {
	config := &transport.Config{TLS: transport.TLSConfig{Insecure: p.settings.tls()}}
	if p.settings.basicAuth {
		config.Username, config.Password = PrometheusUser, PrometheusPassword
	}
	tripper, err := transport.New(config)
	if err != nil {
		return nil, fmt.Errorf("make a client for Prometheus: %w", err)
	}
	client, err := api.NewClient(api.Config{Address: p.URL(), RoundTripper: tripper})
	if err != nil {
		return nil, fmt.Errorf("make a client for Prometheus: %w", err)
	}
	return client, nil
}

// send makes a request with a body of JSON, or none. Any other answer than one of success is an error.
func (p *Prometheus) send(ctx context.Context, method, path string, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, method, p.client.URL(path, nil).String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask Prometheus for %s: %w", path, err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, answer, err := p.client.Do(ctx, request) //nolint:bodyclose // the client has read and closed it
	if err != nil {
		return fmt.Errorf("ask Prometheus for %s: %w", path, err)
	}
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("ask Prometheus for %s: %s: %s", path, response.Status, tail(answer, 1000))
	}
	return nil
}
