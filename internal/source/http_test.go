package source_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/source"
)

// document declares a KPI that asks for a document.
func document(path, value string, change ...func(*v1alpha1.HTTPQuery)) *v1alpha1.KPI {
	declared := &v1alpha1.HTTPQuery{Path: path, Value: v1alpha1.Expression(value)}
	for _, with := range change {
		with(declared)
	}
	return asking(v1alpha1.KPISource{HTTP: declared})
}

// admitting is a MetricSource that admits everything below a prefix.
func admitting(url, prefix string, methods ...v1alpha1.HTTPMethod) *v1alpha1.MetricSource {
	from := metricSource(v1alpha1.MetricSourceHTTP, url)
	from.Spec.HTTP = &v1alpha1.HTTPSource{Allow: []v1alpha1.AllowedRequest{{PathPrefix: prefix}}}
	for _, method := range methods {
		from.Spec.HTTP.Allow = append(from.Spec.HTTP.Allow, v1alpha1.AllowedRequest{Method: method, PathPrefix: prefix})
	}
	return from
}

func TestHTTPTakesAValueOutOfADocument(t *testing.T) {
	morning := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		reply, value, time string
		want               float64
		at                 time.Time
	}{
		"true when it was asked for":       {`{"open":12}`, `reply.open`, ``, 12, noon},
		"true when the document says":      {`{"open":12,"at":"2026-03-01T09:00:00+01:00"}`, `reply.open`, `timestamp(reply.at)`, 12, morning},
		"true at so many seconds":          {`{"open":12,"at":1772352000}`, `reply.open`, `reply.at`, 12, morning},
		"true a minute ahead of our clock": {`{"open":12,"at":1772366460}`, `reply.open`, `reply.at`, 12, noon},
		"out of a list":                    {`[{"n":1},{"n":2}]`, `reply[1].n`, ``, 2, noon},
		"a document that is a number":      {`0.25`, `reply`, ``, 0.25, noon},
		"counted":                          {`{"tickets":[{"open":true},{"open":false},{"open":true}]}`, `reply.tickets.filter(t, t.open).size()`, ``, 2, noon},
		"with an escape in a text":         {`{"a":"\"]}\\","open":3}`, `reply.open`, ``, 3, noon},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := answers(t, says(200, "application/json", test.reply))
			asks := document("/v1", test.value)
			asks.Spec.Source.HTTP.Time = v1alpha1.Expression(test.time)
			question := prepare(t, &source.Builder{}, asks, admitting(server.URL, "/"), clientFor(t, server))
			got := question.Asker.Ask(t.Context(), noon)
			checkSample(t, got, v1alpha1.SampleAnswered, "")
			if got.Value != test.want || !got.At.Equal(test.at) || got.At.Location() != time.UTC {
				t.Errorf("%v at %s, want %v at %s", got.Value, got.At, test.want, test.at)
			}
			if _, keeps := question.Asker.(source.Historian); keeps {
				t.Error("a document has a history")
			}
		})
	}
}

func TestHTTPSaysWhyThereIsNoValue(t *testing.T) {
	tests := map[string]struct {
		status             int
		reply, value, time string
		result             v1alpha1.SampleResult
		says               string
	}{
		"nothing":                 {200, ``, `reply.open`, ``, v1alpha1.SampleEmpty, "answer is empty"},
		"only space":              {200, " \n", `reply.open`, ``, v1alpha1.SampleEmpty, "answer is empty"},
		"no content":              {204, ``, `reply.open`, ``, v1alpha1.SampleEmpty, "answer is empty"},
		"null":                    {200, `{"open":null}`, `reply.open`, ``, v1alpha1.SampleEmpty, "there is no value"},
		"a field that may lack":   {200, `{}`, `reply.?open`, ``, v1alpha1.SampleEmpty, "there is no value"},
		"a field that lacks":      {200, `{}`, `reply.open`, ``, v1alpha1.SampleInvalid, "no such key: open"},
		"a text":                  {200, `{"open":"12"}`, `reply.open`, ``, v1alpha1.SampleNotANumber, "convert it with double(...)"},
		"true":                    {200, `{"open":true}`, `reply.open`, ``, v1alpha1.SampleInvalid, "true or false"},
		"a list":                  {200, `{"open":[1]}`, `reply.open`, ``, v1alpha1.SampleInvalid, "type list"},
		"NaN of a text":           {200, `{"open":"NaN"}`, `double(reply.open)`, ``, v1alpha1.SampleNotANumber, "NaN"},
		"NaN in the document":     {200, `{"open":NaN}`, `reply.open`, ``, v1alpha1.SampleInvalid, "is not JSON"},
		"a division by zero":      {200, `{"open":0}`, `1.0 / reply.open`, ``, v1alpha1.SampleNotANumber, "infinite"},
		"a number beyond all":     {200, `{"open":1e999}`, `reply.open`, ``, v1alpha1.SampleInvalid, "too large"},
		"two documents":           {200, `{"open":1}{"open":2}`, `reply.open`, ``, v1alpha1.SampleInvalid, "is not JSON"},
		"65 levels":               {200, strings.Repeat("[", 65) + strings.Repeat("]", 65), `reply.size()`, ``, v1alpha1.SampleInvalid, "more than 64 levels"},
		"a time in the future":    {200, `{"open":1,"at":"2027-03-01T00:00:00Z"}`, `reply.open`, `reply.at`, v1alpha1.SampleInvalid, "ahead of the clock"},
		"a time in words":         {200, `{"open":1,"at":"noon"}`, `reply.open`, `reply.at`, v1alpha1.SampleInvalid, "RFC 3339"},
		"a time that lacks":       {200, `{"open":1}`, `reply.open`, `reply.?at`, v1alpha1.SampleEmpty, "there is no value"},
		"not found":               {404, `{"error":"no such queue"}`, `reply.open`, ``, v1alpha1.SampleRefused, `status 404: {"error":"no such queue"}. Look at the path.`},
		"a method not allowed":    {405, ``, `reply.open`, ``, v1alpha1.SampleRefused, "status 405. Look at the method."},
		"gone":                    {410, `<html>`, `reply.open`, ``, v1alpha1.SampleRefused, "status 410: <html>. Correct"},
		"a status of another age": {999, `x`, `reply.open`, ``, v1alpha1.SampleRefused, "status 999"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := answers(t, says(test.status, "application/json", test.reply))
			asks := document("/v1", test.value)
			asks.Spec.Source.HTTP.Time = v1alpha1.Expression(test.time)
			question := prepare(t, &source.Builder{}, asks, admitting(server.URL, "/"), clientFor(t, server))
			checkSample(t, question.Asker.Ask(t.Context(), noon), test.result, test.says)
		})
	}
}

func TestHTTPSurvivesHostileServers(t *testing.T) {
	tryAll(t, func(t *testing.T, url string, client *egress.Client) asker {
		return prepare(t, &source.Builder{}, document("/v1", `reply.open`), admitting(url, "/"), client).Asker
	})
}

func TestHTTPAsksAsDeclared(t *testing.T) {
	var got *http.Request
	var body string
	server := answers(t, func(w http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		got, body = r, string(content)
		says(200, "application/json", `{"open":1}`)(w, r)
	})
	asks := document("/v1/search%20all/?q=a%26b&sort=", `reply.open`, func(declared *v1alpha1.HTTPQuery) {
		declared.Method, declared.Body = v1alpha1.HTTPPost, `{"state": "open"}`
	})
	from := admitting(server.URL+"/api/?tenant=acme", "/v1", v1alpha1.HTTPPost)
	question := prepare(t, &source.Builder{}, asks, from, clientFor(t, server))
	checkSample(t, question.Asker.Ask(t.Context(), noon), v1alpha1.SampleAnswered, "")
	if got.Method != http.MethodPost || got.RequestURI != "/api/v1/search%20all/?tenant=acme&q=a%26b&sort=" || body != `{"state": "open"}` {
		t.Errorf("the server saw %s %s with %s", got.Method, got.RequestURI, body)
	}
	if got.Header.Get("Content-Type") != "application/json" || got.Header.Get("Accept") != "application/json" {
		t.Errorf("the headers are %v", got.Header)
	}
	if question.Lane != "MetricSource platform/numbers" {
		t.Errorf("the lane is %s", question.Lane)
	}
}

func TestHTTPRefusesWhatCannotBeAsked(t *testing.T) {
	post := func(body string) func(*v1alpha1.HTTPQuery) {
		return func(declared *v1alpha1.HTTPQuery) { declared.Method, declared.Body = v1alpha1.HTTPPost, body }
	}
	tests := map[string]struct {
		asks *v1alpha1.KPI
		from *v1alpha1.MetricSource
		kind error
		says string
	}{
		"an expression with a slip": {
			document("/v1", `replay.open`), admitting("https://a.example", "/"), source.ErrInvalid,
			"The expression value cannot be used: line 1, column 1: undeclared reference to 'replay'",
		},
		"a time with a slip": {
			document("/v1", `1`, func(d *v1alpha1.HTTPQuery) { d.Time = `timestamp(` }), admitting("https://a.example", "/"), source.ErrInvalid,
			"The expression time cannot be used: line 1, column ",
		},
		"a body that is no JSON":         {document("/v1", `1`, post("a=1")), admitting("https://a.example", "/", v1alpha1.HTTPPost), source.ErrInvalid, "must be JSON"},
		"a body with GET":                {document("/v1", `1`, func(d *v1alpha1.HTTPQuery) { d.Body = "{}" }), admitting("https://a.example", "/"), source.ErrInvalid, "needs the method POST"},
		"a method that is not admitted":  {document("/v1", `1`, post("{}")), admitting("https://a.example", "/"), source.ErrNotPermitted, "does not admit this path with POST"},
		"a path that is not admitted":    {document("/v2", `1`), admitting("https://a.example", "/v1"), source.ErrNotPermitted, "does not admit this path with GET"},
		"a source that admits nothing":   {document("/v1", `1`), metricSource(v1alpha1.MetricSourceHTTP, "https://a.example"), source.ErrNotPermitted, "http.allow"},
		"a parameter that is not theirs": {document("/v1?tenant=b", `1`), admitting("https://a.example?tenant=a", "/"), source.ErrInvalid, `may not give the parameter "tenant"`},
		"a URL that is none":             {document("/v1", `1`), admitting("::", "/"), source.ErrInvalid, "cannot be parsed"},
		"a source of another type":       {document("/v1", `1`), metricSource(v1alpha1.MetricSourcePrometheus, "https://a.example"), source.ErrInvalid, "is of type Prometheus. Name one of type HTTP."},
		"no source":                      {document("/v1", `1`), nil, source.ErrInvalid, "has no MetricSource"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := (&source.Builder{}).Question(test.asks, test.from, anyClient(t))
			checkProblem(t, err, test.kind, test.says)
		})
	}
}
