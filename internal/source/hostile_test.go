package source_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
)

// keepDripping sends a byte again and again until the other side has gone.
func keepDripping(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	every := time.NewTicker(5 * time.Millisecond)
	defer every.Stop()
	for {
		_, _ = io.WriteString(w, " ")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
			return
		case <-every.C:
		}
	}
}

// hang answers nothing until the other side has gone.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// bomb is small on the wire and ten megabytes unpacked.
func bomb(w http.ResponseWriter, _ *http.Request) {
	var packed bytes.Buffer
	packer := gzip.NewWriter(&packed)
	_, _ = packer.Write(bytes.Repeat([]byte(" "), 10<<20))
	_ = packer.Close()
	w.Header().Set("Content-Encoding", "gzip")
	_, _ = w.Write(packed.Bytes())
}

// broken closes the connection in the middle of its answer.
func broken(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"status":`)
}

// elsewhere sends the client to another host.
func elsewhere(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "https://evil.example/steal", http.StatusTemporaryRedirect)
}

// hostile is something that a server does, whatever it speaks, and what must come of it.
type hostile struct {
	handler http.HandlerFunc
	options func(*egress.Options)
	url     func(string) string
	result  v1alpha1.SampleResult
	says    string
}

// hostiles are the same for every source over HTTP.
var hostiles = map[string]hostile{
	"a reply of ten megabytes": {
		handler: says(200, "application/json", strings.Repeat(" ", 10<<20)), result: v1alpha1.SampleTooMany, says: "longer than 65536 bytes",
	},
	"a reply that unpacks to ten megabytes": {handler: bomb, result: v1alpha1.SampleTooMany, says: "longer than 65536 bytes"},
	"a reply that drips":                    {handler: keepDripping, options: briefly, result: v1alpha1.SampleNoAnswer, says: "the deadline passed"},
	"no reply":                              {handler: hang, options: briefly, result: v1alpha1.SampleNoAnswer, says: "the deadline passed"},
	"a redirect to another host":            {handler: elsewhere, result: v1alpha1.SampleNoAnswer, says: "redirect"},
	"a connection that closes midway":       {handler: broken, result: v1alpha1.SampleNoAnswer, says: "no whole reply"},
	"a certificate for another name": {
		handler: says(200, "application/json", "{}"), result: v1alpha1.SampleNoAnswer, says: "no trusted connection",
		// Without a connection to the name nothing is resolved but localhost, which is 127.0.0.1 here.
		url: func(url string) string { return strings.Replace(url, "127.0.0.1", "localhost", 1) },
	},
	"a certificate that nobody trusts": {
		handler: says(200, "application/json", "{}"), result: v1alpha1.SampleNoAnswer, says: "no trusted connection",
		options: func(options *egress.Options) { options.CABundle = nil },
	},
	"nobody there": {
		handler: says(200, "application/json", "{}"), result: v1alpha1.SampleNoAnswer, says: "no connection",
		url: func(string) string { return "https://numbers.invalid" },
	},
	"an address that is not allowed": {
		handler: says(200, "application/json", "{}"), result: v1alpha1.SampleForbidden, says: "not allowed",
		url: func(url string) string { return strings.Replace(url, "127.0.0.1", "127.0.0.2", 1) },
	},
	"no login":                    {handler: says(401, "text/html", "<html>Log in</html>"), result: v1alpha1.SampleRefused, says: "401"},
	"a login that may not":        {handler: says(403, "text/html", "<html>No</html>"), result: v1alpha1.SampleRefused, says: "403"},
	"too many requests":           {handler: says(429, "text/plain", "slow down"), result: v1alpha1.SampleRefused, says: "429"},
	"an error of the server":      {handler: says(500, "text/html", "<html>Oops</html>"), result: v1alpha1.SampleRefused, says: "500"},
	"a gateway without a backend": {handler: says(503, "text/plain", ""), result: v1alpha1.SampleRefused, says: "503"},
	"HTML instead of JSON":        {handler: says(200, "text/html", "<html><h1>Welcome</h1>"), result: v1alpha1.SampleInvalid, says: "the answer"},
	"half of a document":          {handler: says(200, "application/json", `{"status":"succ`), result: v1alpha1.SampleInvalid, says: "the answer"},
	"a document of 10,000 levels": {
		handler: says(200, "application/json", strings.Repeat("[", 10_001)), result: v1alpha1.SampleInvalid, says: "the answer",
	},
}

// tryAll asks each of them by a source that a function makes.
func tryAll(t *testing.T, ask func(t *testing.T, url string, client *egress.Client) asker) {
	t.Helper()
	for name, test := range hostiles {
		t.Run(name, func(t *testing.T) {
			server := answers(t, test.handler)
			url := server.URL
			if test.url != nil {
				url = test.url(url)
			}
			options := []func(*egress.Options){}
			if test.options != nil {
				options = append(options, test.options)
			}
			got := ask(t, url, clientFor(t, server, options...)).Ask(t.Context(), noon)
			if !strings.Contains(strings.ToLower(got.Message), test.says) {
				t.Errorf("%q does not say %q", got.Message, test.says)
			}
			checkSample(t, got, test.result, "")
		})
	}
}
