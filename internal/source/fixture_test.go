package source_test

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/kpi"
	"github.com/gemba-dev/gemba/internal/source"
)

// noon is when the tests ask.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// brief is a deadline that a test can wait for.
const brief = 150 * time.Millisecond

// answers starts a TLS server.
func answers(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// says is a handler that always answers the same.
func says(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// clientFor reaches a server of the tests.
func clientFor(t *testing.T, server *httptest.Server, change ...func(*egress.Options)) *egress.Client {
	t.Helper()
	guard, err := egress.NewGuard(egress.GuardOptions{AllowCIDRs: []string{"127.0.0.1/32"}})
	if err != nil {
		t.Fatal(err)
	}
	options := egress.Options{
		CABundle: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
	}
	for _, with := range change {
		with(&options)
	}
	client, err := egress.NewClient(guard, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// briefly is the option of a short deadline.
func briefly(options *egress.Options) { options.Timeout = brief }

// asking is a KPI of the namespace shop.
func asking(declared v1alpha1.KPISource) *v1alpha1.KPI {
	return &v1alpha1.KPI{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "complaints"},
		Spec:       v1alpha1.KPISpec{Source: declared},
	}
}

// metricSource is one of the platform team.
func metricSource(kind v1alpha1.MetricSourceType, url string) *v1alpha1.MetricSource {
	made := &v1alpha1.MetricSource{ObjectMeta: metav1.ObjectMeta{Namespace: "platform", Name: "numbers"}}
	made.Spec.Type = kind
	made.Spec.URL = v1alpha1.Link(url)
	return made
}

// checkSample compares what came of asking, and that the sentence is one.
func checkSample(t *testing.T, got kpi.Sample, result v1alpha1.SampleResult, says string) {
	t.Helper()
	if got.Result != result || !strings.Contains(got.Message, says) {
		t.Errorf("%s: %q; want %s with %q", got.Result, got.Message, result, says)
	}
	if !got.AskedAt.Equal(noon) {
		t.Errorf("asked at %s", got.AskedAt)
	}
	if result == v1alpha1.SampleAnswered {
		return
	}
	if !got.At.IsZero() || got.Value != 0 {
		t.Errorf("a value of %v at %s without an answer", got.Value, got.At)
	}
	checkSentence(t, got.Message)
}

// checkSentence checks that a message can be shown to a person.
func checkSentence(t *testing.T, message string) {
	t.Helper()
	first := strings.ToUpper(message[:min(1, len(message))])
	if !strings.HasSuffix(message, ".") || !strings.HasPrefix(message, first) || len([]rune(message)) > 200 {
		t.Errorf("not a sentence of at most 200 characters: %q", message)
	}
	if strings.ContainsAny(message, "\n\r\t\x1b") {
		t.Errorf("not fit to be shown: %q", message)
	}
}

// prepare makes a question that must be possible.
func prepare(t *testing.T, builder *source.Builder, asks *v1alpha1.KPI, from *v1alpha1.MetricSource, client *egress.Client) source.Question {
	t.Helper()
	question, err := builder.Question(asks, from, client)
	if err != nil {
		t.Fatalf("preparing the question: %v", err)
	}
	return question
}
