package source_test

import (
	"fmt"
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/source"
)

func TestReferenceNamesTheMetricSource(t *testing.T) {
	reference := v1alpha1.ObjectReference{Name: "numbers", Namespace: "platform"}
	tests := map[string]struct {
		declared v1alpha1.KPISource
		want     *v1alpha1.ObjectReference
	}{
		"of a query":          {v1alpha1.KPISource{Prometheus: &v1alpha1.PrometheusQuery{MetricSourceRef: reference}}, &reference},
		"of a document":       {v1alpha1.KPISource{HTTP: &v1alpha1.HTTPQuery{MetricSourceRef: reference}}, &reference},
		"not of objects":      {v1alpha1.KPISource{Kubernetes: &v1alpha1.KubernetesQuery{}}, nil},
		"not of measurements": {v1alpha1.KPISource{Manual: &v1alpha1.ManualMeasurements{}}, nil},
		"not of nothing":      {v1alpha1.KPISource{}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := source.Reference(&test.declared)
			if (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}

func TestManualMeasurementsAreNotAsked(t *testing.T) {
	_, err := (&source.Builder{}).Question(asking(v1alpha1.KPISource{Manual: &v1alpha1.ManualMeasurements{}}), nil, nil)
	checkProblem(t, err, source.ErrNotAsked, "stand in the KPI itself")
}

// Equal questions are asked once, so that whatever changes the answer must change the key.
func TestKeysTellQuestionsApart(t *testing.T) {
	builder, _ := cluster(t, hang)
	client := anyClient(t)
	here := admitting("https://a.example", "/", v1alpha1.HTTPPost)
	there := admitting("https://b.example", "/", v1alpha1.HTTPPost)
	post := func(body string) func(*v1alpha1.HTTPQuery) {
		return func(declared *v1alpha1.HTTPQuery) { declared.Method, declared.Body = v1alpha1.HTTPPost, body }
	}
	time := func(text v1alpha1.Expression) func(*v1alpha1.HTTPQuery) {
		return func(declared *v1alpha1.HTTPQuery) { declared.Time = text }
	}
	object := func(change func(*v1alpha1.KubernetesQuery)) *v1alpha1.KPI { return reading(`1`, change) }
	elsewhere := object(func(*v1alpha1.KubernetesQuery) {})
	elsewhere.Namespace = "bank"
	type made struct {
		asks *v1alpha1.KPI
		from *v1alpha1.MetricSource
	}
	questions := []made{
		{document("/v1", `reply.a`), here}, {document("/v1", `reply.b`), here}, {document("/v2", `reply.a`), here},
		{document("/v1?a", `reply.a`), here}, {document("/v1", `reply.a`), there}, {document("/v1", `reply.a`, time(`reply.t`)), here},
		{document("/v1", `reply.a`, post("")), here}, {document("/v1", `reply.a`, post("{}")), here}, {document("/v1", `reply.a`, post("[]")), here},
		{query("up"), metricSource(v1alpha1.MetricSourcePrometheus, "https://a.example")},
		{query("down"), metricSource(v1alpha1.MetricSourcePrometheus, "https://a.example")},
		{query("up"), metricSource(v1alpha1.MetricSourcePrometheus, "https://b.example")},
		{object(func(*v1alpha1.KubernetesQuery) {}), nil}, {elsewhere, nil}, {reading(`2`), nil},
		{object(func(d *v1alpha1.KubernetesQuery) { d.Name = "other" }), nil},
		{object(func(d *v1alpha1.KubernetesQuery) { d.Kind = "Pod" }), nil},
		{object(func(d *v1alpha1.KubernetesQuery) { d.APIVersion = "apps/v1" }), nil},
		{object(func(d *v1alpha1.KubernetesQuery) { d.ServiceAccountName = "other" }), nil},
		{object(func(d *v1alpha1.KubernetesQuery) { d.Time = `1` }), nil},
		{object(choosing), nil},
		{object(func(d *v1alpha1.KubernetesQuery) { choosing(d); d.Selector.MatchLabels["app"] = "bank" }), nil},
	}
	seen := map[string]int{}
	for number, question := range questions {
		first := prepare(t, builder, question.asks, question.from, client)
		again := prepare(t, builder, question.asks.DeepCopy(), question.from, client)
		if first.Lane != again.Lane || first.Key != again.Key {
			t.Errorf("question %d has two keys: %s and %s", number, first.Key, again.Key)
		}
		key := first.Lane + " " + first.Key
		if before, found := seen[key]; found {
			t.Errorf("questions %d and %d have the same key", before, number)
		}
		seen[key] = number
	}
}

// The name of a KPI does not change the answer.
func TestKeysAreSharedByEveryoneWhoAsksTheSame(t *testing.T) {
	from := metricSource(v1alpha1.MetricSourcePrometheus, "https://a.example")
	first, second := query("up"), query("up")
	second.Name, second.Namespace = "another", "bank"
	one, other := prepare(t, &source.Builder{}, first, from, anyClient(t)), prepare(t, &source.Builder{}, second, from, anyClient(t))
	if one.Lane != other.Lane || one.Key != other.Key {
		t.Errorf("%v and %v", one, other)
	}
}

func TestBuilderKeepsFewExpressions(t *testing.T) {
	builder := &source.Builder{}
	client := anyClient(t)
	for number := range 600 {
		asks := document("/v1", fmt.Sprintf("reply.field%d", number))
		prepare(t, builder, asks, admitting("https://a.example", "/"), client)
	}
	if kept := source.KeptPrograms(builder); kept > 512 {
		t.Errorf("%d expressions are kept", kept)
	}
}

// An expression that is not kept any more is compiled again when its turn comes.
func TestAnExpressionThatWasForgottenStillWorks(t *testing.T) {
	server := answers(t, says(200, "application/json", `{"open":7}`))
	builder := &source.Builder{}
	from, client := admitting(server.URL, "/"), clientFor(t, server)
	question := prepare(t, builder, document("/v1", `reply.open`), from, client)
	for number := range 520 {
		prepare(t, builder, document("/v1", fmt.Sprintf("reply.field%d", number)), from, client)
	}
	if sample := question.Asker.Ask(t.Context(), noon); sample.Value != 7 {
		t.Errorf("%v", sample)
	}
}
