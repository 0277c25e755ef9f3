package source

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/kpi"
)

var httpAdapter = adapter{
	reference: func(declared *v1alpha1.KPISource) (*v1alpha1.ObjectReference, bool) {
		if declared.HTTP == nil {
			return nil, false
		}
		return &declared.HTTP.MetricSourceRef, true
	},
	needs:   v1alpha1.MetricSourceHTTP,
	prepare: prepareHTTP,
}

// document asks a server for a document in JSON.
type document struct {
	client  *egress.Client
	request egress.Request
	// hidden is what no text may show of the URL.
	hidden     []string
	extraction extraction
}

// prepareHTTP makes the question.
func prepareHTTP(in request) (Question, error) {
	declared := in.kpi.Spec.Source.HTTP
	asked, err := requestOf(declared, in.from)
	if err != nil {
		return Question{}, err
	}
	extraction, err := in.builder.extraction("reply", declared.Value, declared.Time)
	if err != nil {
		return Question{}, err
	}
	asker := &document{
		client: in.client, request: asked, extraction: extraction,
		hidden: hiddenOf(asked.URL, string(in.from.Spec.URL), declared.Path),
	}
	key := keyOf("http", asked.Method, asked.URL, string(asked.Body), extraction.value, extraction.time)
	return Question{Lane: in.lane(), Key: key, Asker: asker}, nil
}

// requestOf is the request that a KPI declares, where the MetricSource admits it.
func requestOf(declared *v1alpha1.HTTPQuery, from *v1alpha1.MetricSource) (egress.Request, error) {
	method := declared.Method
	if method == "" {
		method = v1alpha1.HTTPGet
	}
	path, err := parseTarget(declared.Path)
	if err != nil {
		return egress.Request{}, problem(ErrInvalid, "the path "+err.Error(), "")
	}
	if from.Spec.HTTP == nil || !path.admitted(from.Spec.HTTP.Allow, method) {
		return egress.Request{}, problem(ErrNotPermitted, fmt.Sprintf("MetricSource %s does not admit this path with %s", from.Name, method),
			"Ask for another, or have it added to http.allow.")
	}
	address, err := path.below(string(from.Spec.URL))
	if err != nil {
		return egress.Request{}, problem(ErrInvalid, err.Error(), "")
	}
	asked := egress.Request{Method: string(method), URL: address, Header: map[string]string{"Accept": "application/json"}}
	if declared.Body == "" {
		return asked, nil
	}
	if method != v1alpha1.HTTPPost || !json.Valid([]byte(declared.Body)) {
		return egress.Request{}, problem(ErrInvalid, "a body must be JSON and needs the method POST", "")
	}
	asked.Body = []byte(declared.Body)
	asked.Header["Content-Type"] = "application/json"
	return asked, nil
}

// Ask implements Asker by one request.
func (d *document) Ask(ctx context.Context, now time.Time) kpi.Sample {
	return sampled(now, func() finding {
		response, err := d.client.Do(ctx, d.request)
		if err != nil {
			return d.failed(ctx, err)
		}
		if response.Status < 200 || response.Status > 299 {
			return d.refused(response)
		}
		return d.read(ctx, now, response)
	})
}

// failed tells what became of a request without a whole answer.
func (d *document) failed(ctx context.Context, err error) finding {
	if come, ok := unanswered(err); ok {
		return come
	}
	if come, ok := late(ctx); ok {
		return come
	}
	return missing(v1alpha1.SampleNoAnswer, "the source cannot be asked", "")
}

// statusAdvices say what to do about a status; else advice about those of their hundred.
var statusAdvices = map[int]string{
	http.StatusUnauthorized:     "Look at auth of the MetricSource.",
	http.StatusForbidden:        "Look at auth of the MetricSource.",
	http.StatusNotFound:         "Look at the path.",
	http.StatusMethodNotAllowed: "Look at the method.",
	http.StatusTooManyRequests:  "Lower rateLimit of the MetricSource.",
	4:                           "Correct what is asked for.",
	5:                           "Look at its log.",
}

// refused tells what the source answers instead of a document.
func (d *document) refused(response egress.Response) finding {
	advice, known := statusAdvices[response.Status]
	if !known {
		advice = statusAdvices[response.Status/100]
	}
	what := fmt.Sprintf("the source answers with status %d", response.Status)
	if excerpt := shown(d.client, string(response.Body), d.hidden); excerpt != "" {
		what += ": " + excerpt
	}
	return missing(v1alpha1.SampleRefused, what, advice)
}

// read takes the value out of an answer.
func (d *document) read(ctx context.Context, now time.Time, response egress.Response) finding {
	if response.Truncated {
		return missing(v1alpha1.SampleTooMany, fmt.Sprintf("the answer is longer than %d bytes", egress.MaxResponseBody),
			"Ask for less: one value is enough.")
	}
	if len(bytes.TrimSpace(response.Body)) == 0 {
		return missing(v1alpha1.SampleEmpty, "the answer is empty", "Look at what the source gives for this path.")
	}
	reply, err := decode(response.Body)
	if err != nil {
		return missing(v1alpha1.SampleInvalid, "the answer "+err.Error(), "Look at what the source gives for this path.")
	}
	return d.extraction.extract(ctx, now, reply)
}
