package source

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/api"
	prometheusv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/kpi"
)

var prometheusAdapter = adapter{
	reference: func(declared *v1alpha1.KPISource) (*v1alpha1.ObjectReference, bool) {
		if declared.Prometheus == nil {
			return nil, false
		}
		return &declared.Prometheus.MetricSourceRef, true
	},
	needs:   v1alpha1.MetricSourcePrometheus,
	prepare: preparePrometheus,
}

// prometheus asks one query of a server that speaks the HTTP API of Prometheus.
type prometheus struct {
	api    prometheusv1.API
	client *egress.Client
	query  string
	// hidden is what no text may show of the URL.
	hidden  []string
	options []prometheusv1.Option
}

// preparePrometheus makes the question.
func preparePrometheus(in request) (Question, error) {
	tenancy, err := tenancyOf(in)
	if err != nil {
		return Question{}, err
	}
	query, err := tenancy.restrict(in.kpi.Spec.Source.Prometheus.Query)
	if err != nil {
		return Question{}, err
	}
	address := string(in.from.Spec.URL)
	client, err := api.NewClient(api.Config{Address: address, RoundTripper: tenancy.through(in.client.RoundTripper())})
	if err != nil {
		return Question{}, problem(ErrInvalid, "the URL of the MetricSource cannot be used", "")
	}
	asker := &prometheus{
		api: prometheusv1.NewAPI(client), client: in.client, query: query, hidden: hiddenOf(address),
	}
	// The server stops working on what nobody waits for any more.
	if timeout, err := time.ParseDuration(string(in.from.Spec.Timeout)); err == nil && timeout > 0 {
		asker.options = append(asker.options, prometheusv1.WithTimeout(timeout))
	}
	return Question{Lane: in.lane(), Key: keyOf("prometheus", address, query, tenancy.header, tenancy.namespace), Asker: asker}, nil
}

// Ask implements Asker by an instant query.
func (p *prometheus) Ask(ctx context.Context, now time.Time) kpi.Sample {
	return sampled(now, func() finding {
		answer, _, _, err := p.api.Query(ctx, p.query, now, p.options...)
		if err != nil {
			return p.refused(ctx, err)
		}
		return single(answer)
	})
}

// single takes the one value out of an answer.
func single(answer model.Value) finding {
	switch value := answer.(type) {
	case *model.Scalar:
		return found(value.Timestamp.Time().UTC(), float64(value.Value))
	case model.Vector:
		return singleElement(value)
	case model.Matrix:
		return missing(v1alpha1.SampleInvalid, "the query gives a range of values over time",
			"Make one of it, as with avg_over_time(...).")
	default:
		return missing(v1alpha1.SampleInvalid, "the answer is not that of a Prometheus", "Look at url of the MetricSource.")
	}
}

// singleElement takes the value out of a vector of one element.
func singleElement(vector model.Vector) finding {
	switch {
	case len(vector) == 0:
		return missing(v1alpha1.SampleEmpty, "the query gives no value",
			"See that its metrics exist and their labels are written right.")
	case len(vector) > 1:
		return missing(v1alpha1.SampleTooMany, fmt.Sprintf("the query gives %d values and not one", len(vector)),
			"Aggregate them, as with sum(...), or choose one by its labels.")
	case vector[0].Histogram != nil:
		return missing(v1alpha1.SampleInvalid, "the query gives a histogram and no number",
			"Make one of it, as with histogram_quantile(...).")
	default:
		return found(vector[0].Timestamp.Time().UTC(), float64(vector[0].Value))
	}
}

// advices say what to do about a kind of error of the server.
var advices = map[prometheusv1.ErrorType]string{
	prometheusv1.ErrBadData:  "Correct the query.",
	prometheusv1.ErrExec:     "Correct the query.",
	prometheusv1.ErrTimeout:  "Ask for something simpler.",
	prometheusv1.ErrCanceled: "Ask for something simpler.",
	prometheusv1.ErrClient:   "Look at auth and url of the MetricSource.",
	prometheusv1.ErrServer:   "Look at its log.",
}

// refused tells what became of a query without an answer.
func (p *prometheus) refused(ctx context.Context, err error) finding {
	if come, ok := unanswered(err); ok {
		return come
	}
	if come, ok := late(ctx); ok {
		return come
	}
	var answered *prometheusv1.Error
	if !errors.As(err, &answered) {
		return missing(v1alpha1.SampleNoAnswer, "the source cannot be asked", "Look at url of the MetricSource.")
	}
	if answered.Type == prometheusv1.ErrBadResponse {
		return p.unread(answered)
	}
	what := "the source refuses the query: " + p.shown(answered.Msg+" "+answered.Detail)
	return missing(v1alpha1.SampleRefused, what, advices[answered.Type])
}

// unread tells of an answer that the client library does not take. It knows no texts, though Prometheus has them.
func (p *prometheus) unread(answered *prometheusv1.Error) finding {
	if strings.Contains(answered.Msg, `value type "string"`) {
		return missing(v1alpha1.SampleInvalid, "the query gives a text and no number", "Ask for a number.")
	}
	return missing(v1alpha1.SampleInvalid, "the answer is not that of a Prometheus: "+p.shown(answered.Msg),
		"Look at url of the MetricSource.")
}

func (p *prometheus) shown(text string) string { return shown(p.client, text, p.hidden) }

// History implements Historian by a range query.
func (p *prometheus) History(ctx context.Context, from, to time.Time, step time.Duration) (points []kpi.Point, err error) {
	defer func() {
		if recover() != nil {
			points, err = nil, errors.New("the answer cannot be read")
		}
	}()
	if step <= 0 || to.Before(from) {
		return nil, errors.New("values of the past need a step, and an end after their beginning")
	}
	if earliest := to.Add(-(MaxPoints - 1) * step); from.Before(earliest) {
		from = earliest
	}
	answer, _, _, err := p.api.QueryRange(ctx, p.query, prometheusv1.Range{Start: from, End: to, Step: step}, p.options...)
	if err != nil {
		return nil, errors.New(p.refused(ctx, err).message)
	}
	matrix, isMatrix := answer.(model.Matrix)
	switch {
	case !isMatrix:
		return nil, errors.New("the answer is not that of a Prometheus")
	case len(matrix) == 0:
		return nil, nil
	case len(matrix) > 1:
		return nil, fmt.Errorf("the query gives %d series over time and not one: aggregate them, as with sum(...)", len(matrix))
	}
	return pointsOf(matrix[0], from, to), nil
}

// pointsOf are the values of a series that can be judged, the oldest first, whatever the server sent.
func pointsOf(series *model.SampleStream, from, to time.Time) []kpi.Point {
	points := make([]kpi.Point, 0, min(len(series.Values), MaxPoints))
	earliest := from.Truncate(time.Millisecond)
	for _, sample := range series.Values {
		at, value := sample.Timestamp.Time().UTC(), float64(sample.Value)
		if at.Before(earliest) || at.After(to) || math.IsNaN(value) || math.IsInf(value, 0) || len(points) == MaxPoints {
			continue
		}
		points = append(points, kpi.Point{At: at, Value: value})
	}
	slices.SortStableFunc(points, func(a, b kpi.Point) int { return a.At.Compare(b.At) })
	return points
}
