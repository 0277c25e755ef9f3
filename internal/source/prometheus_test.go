package source_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/kpi"
	"github.com/gemba-dev/gemba/internal/source"
)

// asker is what a question is asked by.
type asker interface {
	Ask(ctx context.Context, now time.Time) kpi.Sample
}

// query declares a KPI that asks a Prometheus.
func query(text string) *v1alpha1.KPI {
	return asking(v1alpha1.KPISource{Prometheus: &v1alpha1.PrometheusQuery{Query: text}})
}

// data is a reply of Prometheus.
func data(resultType, result string) http.HandlerFunc {
	return says(200, "application/json", fmt.Sprintf(`{"status":"success","data":{"resultType":%q,"result":%s}}`, resultType, result))
}

// element is one of a vector, true at a quarter to twelve.
func element(value string) string {
	return fmt.Sprintf(`{"metric":{"queue":"a"},"value":[1772365500.25,%q]}`, value)
}

func TestPrometheusTakesOneValue(t *testing.T) {
	quarterTo := time.Date(2026, 3, 1, 11, 45, 0, int(250*time.Millisecond), time.UTC)
	tests := map[string]struct {
		handler http.HandlerFunc
		value   float64
		at      time.Time
	}{
		"of a vector of one element":              {data("vector", "["+element("42.5")+"]"), 42.5, quarterTo},
		"of a scalar":                             {data("scalar", `[1772365500.25,"-3"]`), -3, quarterTo},
		"though there are warnings":               {says(200, "application/json", `{"status":"success","warnings":["careful"],"data":{"resultType":"scalar","result":[1772365500.25,"1"]}}`), 1, quarterTo},
		"of a server whose clock is a bit ahead":  {data("scalar", `[1772366460,"1"]`), 1, noon},
		"of a reply with fields that are unknown": {says(200, "application/json", `{"status":"success","stats":{},"data":{"resultType":"scalar","result":[1772365500.25,"1"],"more":1}}`), 1, quarterTo},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := answers(t, test.handler)
			question := prepare(t, &source.Builder{}, query("up"), metricSource(v1alpha1.MetricSourcePrometheus, server.URL), clientFor(t, server))
			got := question.Asker.Ask(t.Context(), noon)
			checkSample(t, got, v1alpha1.SampleAnswered, "")
			if got.Value != test.value || !got.At.Equal(test.at) || got.At.Location() != time.UTC {
				t.Errorf("%v at %s, want %v at %s", got.Value, got.At, test.value, test.at)
			}
		})
	}
}

func TestPrometheusSaysWhyThereIsNoValue(t *testing.T) {
	tests := map[string]struct {
		handler http.HandlerFunc
		result  v1alpha1.SampleResult
		says    string
	}{
		"an empty vector":      {data("vector", "[]"), v1alpha1.SampleEmpty, "gives no value"},
		"two elements":         {data("vector", "["+element("1")+","+element("2")+"]"), v1alpha1.SampleTooMany, "gives 2 values and not one. Aggregate them, as with sum(...)"},
		"NaN":                  {data("vector", "["+element("NaN")+"]"), v1alpha1.SampleNotANumber, "not a number (NaN)"},
		"infinity":             {data("vector", "["+element("+Inf")+"]"), v1alpha1.SampleNotANumber, "infinite"},
		"negative infinity":    {data("scalar", `[1772365500,"-Inf"]`), v1alpha1.SampleNotANumber, "infinite"},
		"a text":               {data("string", `[1772365500,"many"]`), v1alpha1.SampleInvalid, "gives a text"},
		"a range":              {data("matrix", `[{"metric":{},"values":[[1772365500,"1"]]}]`), v1alpha1.SampleInvalid, "range of values over time"},
		"a histogram":          {data("vector", `[{"metric":{},"histogram":[1772365500,{"count":"1","sum":"1","buckets":[]}]}]`), v1alpha1.SampleInvalid, "histogram_quantile"},
		"a word for a value":   {data("vector", "["+element("many")+"]"), v1alpha1.SampleInvalid, "not that of a Prometheus"},
		"an unknown type":      {data("cube", "[]"), v1alpha1.SampleInvalid, "not that of a Prometheus"},
		"no data":              {says(200, "application/json", `{"status":"success"}`), v1alpha1.SampleInvalid, "not that of a Prometheus"},
		"another document":     {says(200, "application/json", `{"open":3}`), v1alpha1.SampleInvalid, "not that of a Prometheus"},
		"null":                 {says(200, "application/json", `null`), v1alpha1.SampleInvalid, "not that of a Prometheus"},
		"nothing":              {says(200, "application/json", ``), v1alpha1.SampleInvalid, "not that of a Prometheus"},
		"a time in the future": {data("scalar", `[1803902400,"1"]`), v1alpha1.SampleInvalid, "ahead of the clock"},
		"a time before 1970":   {data("scalar", `[-1,"1"]`), v1alpha1.SampleInvalid, "before 1970"},
		"a time beyond all":    {data("scalar", `[1e300,"1"]`), v1alpha1.SampleInvalid, ""},
		"a query that is wrong": {
			says(400, "application/json", `{"status":"error","errorType":"bad_data","error":"1:3: parse error: unexpected end"}`),
			v1alpha1.SampleRefused, "unexpected end. Correct the query.",
		},
		"a query that fails": {
			says(422, "application/json", `{"status":"error","errorType":"execution","error":"many-to-many matching not allowed"}`),
			v1alpha1.SampleRefused, "many-to-many matching not allowed. Correct the query.",
		},
		"a query that takes too long there": {
			says(503, "application/json", `{"status":"error","errorType":"timeout","error":"query timed out"}`), v1alpha1.SampleRefused, "503",
		},
		"an error with status 200": {
			says(200, "application/json", `{"status":"error","errorType":"bad_data","error":"no\u001b[31m \nwonder"}`), v1alpha1.SampleRefused, "no [31m wonder",
		},
		"an error as long as a novel": {
			says(400, "application/json", `{"status":"error","errorType":"bad_data","error":"`+strings.Repeat("é", 5000)+`"}`), v1alpha1.SampleRefused, "éé",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := answers(t, test.handler)
			question := prepare(t, &source.Builder{}, query("up"), metricSource(v1alpha1.MetricSourcePrometheus, server.URL), clientFor(t, server))
			checkSample(t, question.Asker.Ask(t.Context(), noon), test.result, test.says)
		})
	}
}

func TestPrometheusSurvivesHostileServers(t *testing.T) {
	tryAll(t, func(t *testing.T, url string, client *egress.Client) asker {
		return prepare(t, &source.Builder{}, query("up"), metricSource(v1alpha1.MetricSourcePrometheus, url), client).Asker
	})
}

func TestPrometheusIsAskedForTheMomentOfTheSample(t *testing.T) {
	var form url.Values
	var path string
	server := answers(t, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		form, path = r.Form, r.URL.Path
		data("scalar", `[1772366400,"1"]`)(w, r)
	})
	from := metricSource(v1alpha1.MetricSourcePrometheus, server.URL+"/prometheus/?dedup=true")
	from.Spec.Timeout = "7s"
	question := prepare(t, &source.Builder{}, query(`sum(rate(orders_total[5m]))`), from, clientFor(t, server))
	checkSample(t, question.Asker.Ask(t.Context(), noon), v1alpha1.SampleAnswered, "")
	want := map[string]string{"query": `sum(rate(orders_total[5m]))`, "time": "1772366400", "timeout": "7s", "dedup": "true"}
	for name, value := range want {
		if form.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, form.Get(name), value)
		}
	}
	if path != "/prometheus/api/v1/query" {
		t.Errorf("the path is %s", path)
	}
	if question.Lane != "MetricSource platform/numbers" {
		t.Errorf("the lane is %s", question.Lane)
	}
}

func TestPrometheusStopsWithItsCaller(t *testing.T) {
	server := answers(t, hang)
	question := prepare(t, &source.Builder{}, query("up"), metricSource(v1alpha1.MetricSourcePrometheus, server.URL), clientFor(t, server))
	ctx, cancel := context.WithTimeout(t.Context(), brief)
	defer cancel()
	checkSample(t, question.Asker.Ask(ctx, noon), v1alpha1.SampleNoAnswer, "")
}

// historian asks a server for values of the past.
func historian(t *testing.T, handler http.HandlerFunc) source.Historian {
	t.Helper()
	server := answers(t, handler)
	question := prepare(t, &source.Builder{}, query("up"), metricSource(v1alpha1.MetricSourcePrometheus, server.URL), clientFor(t, server))
	keeps, ok := question.Asker.(source.Historian)
	if !ok {
		t.Fatal("a Prometheus has no history")
	}
	return keeps
}

func TestPrometheusHasAHistory(t *testing.T) {
	var form url.Values
	keeps := historian(t, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		form = r.Form
		data("matrix", `[{"metric":{},"values":[[1772364600,"3"],[1772362800,"1"],[1772363700,"NaN"],[1772365500,"+Inf"],[1772366400,"5"],[1772370000,"6"]]}]`)(w, r)
	})
	points, err := keeps.History(t.Context(), noon.Add(-time.Hour), noon, 15*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(points); got != "[{2026-03-01 11:00:00 +0000 UTC 1} {2026-03-01 11:30:00 +0000 UTC 3} {2026-03-01 12:00:00 +0000 UTC 5}]" {
		t.Errorf("the points are %s", got)
	}
	if form.Get("start") != "1772362800" || form.Get("end") != "1772366400" || form.Get("step") != "900" {
		t.Errorf("asked with %v", form)
	}
}

func TestPrometheusBoundsTheHistory(t *testing.T) {
	var form url.Values
	keeps := historian(t, func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		form = r.Form
		values := make([]string, 0, 1000)
		for i := range 1000 {
			values = append(values, fmt.Sprintf(`[%d,"1"]`, noon.Unix()-int64(i)))
		}
		data("matrix", `[{"metric":{},"values":[`+strings.Join(values, ",")+`]}]`)(w, r)
	})
	points, err := keeps.History(t.Context(), noon.Add(-8760*time.Hour), noon, time.Hour)
	if err != nil || len(points) != source.MaxPoints {
		t.Errorf("%d points, %v", len(points), err)
	}
	if want := fmt.Sprint(noon.Add(-199 * time.Hour).Unix()); form.Get("start") != want {
		t.Errorf("asked from %s, want %s", form.Get("start"), want)
	}
}

func TestPrometheusSaysWhyThereIsNoHistory(t *testing.T) {
	series := `{"metric":{"a":"b"},"values":[[1772366400,"1"]]}`
	tests := map[string]struct {
		handler http.HandlerFunc
		step    time.Duration
		says    string
	}{
		"two series":           {data("matrix", "["+series+","+series+"]"), time.Minute, "2 series over time"},
		"a vector":             {data("vector", "["+element("1")+"]"), time.Minute, "not that of a Prometheus"},
		"an error":             {says(422, "application/json", `{"status":"error","errorType":"execution","error":"no"}`), time.Minute, "refuses the query: no"},
		"a reply without end":  {says(200, "application/json", strings.Repeat(" ", 10<<20)), time.Minute, "longer than 65536 bytes"},
		"a step of no length":  {data("matrix", "[]"), 0, "need a step"},
		"a step into the past": {data("matrix", "[]"), -time.Minute, "need a step"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			points, err := historian(t, test.handler).History(t.Context(), noon.Add(-time.Hour), noon, test.step)
			if err == nil || !strings.Contains(err.Error(), test.says) || points != nil {
				t.Errorf("%v, %v; want %q", points, err, test.says)
			}
		})
	}
	if points, err := historian(t, data("matrix", "[]")).History(t.Context(), noon.Add(-time.Hour), noon, time.Minute); err != nil || len(points) != 0 {
		t.Errorf("no series at all: %v, %v", points, err)
	}
}

// The official client repeats a refused POST as a GET. What it says must still be what the server says.
func TestPrometheusSaysWhatAServerThatTakesNoPostSays(t *testing.T) {
	server := answers(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		if !strings.HasPrefix(r.URL.Query().Get("query"), "sum") {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		data("scalar", `[1772365500,"7"]`)(w, r)
	})
	long := "sum(" + strings.Repeat("up+", 1000) + "up)"
	question := prepare(t, &source.Builder{}, query(long), metricSource(v1alpha1.MetricSourcePrometheus, server.URL), clientFor(t, server))
	checkSample(t, question.Asker.Ask(t.Context(), noon), v1alpha1.SampleAnswered, "")
}

// received is what a server is asked with.
func received(t *testing.T, asks *v1alpha1.KPI, change func(*v1alpha1.MetricSource)) (http.Header, url.Values) {
	t.Helper()
	var header http.Header
	var form url.Values
	server := answers(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		header = r.Header
		form, _ = url.ParseQuery(string(body))
		data("scalar", `[1772365500,"1"]`)(w, r)
	})
	from := metricSource(v1alpha1.MetricSourcePrometheus, server.URL)
	change(from)
	question := prepare(t, &source.Builder{}, asks, from, clientFor(t, server))
	checkSample(t, question.Asker.Ask(t.Context(), noon), v1alpha1.SampleAnswered, "")
	return header, form
}
