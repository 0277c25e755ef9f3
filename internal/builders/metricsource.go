package builders

import (
	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// MetricSourceBuilder makes a MetricSource.
type MetricSourceBuilder struct {
	source governancev1alpha1.MetricSource
}

// MakeMetricSource begins with a Prometheus at a URL.
func MakeMetricSource(name, url string) *MetricSourceBuilder {
	return &MetricSourceBuilder{governancev1alpha1.MetricSource{
		TypeMeta:   typeMeta("MetricSource"),
		ObjectMeta: objectMeta(name),
		Spec: governancev1alpha1.MetricSourceSpec{
			Type:     governancev1alpha1.MetricSourcePrometheus,
			Endpoint: governancev1alpha1.Endpoint{URL: governancev1alpha1.Link(url)},
		},
	}}
}

// HTTP makes it a source of JSON documents, of which GET requests below the given prefixes may be asked for.
func (b *MetricSourceBuilder) HTTP(prefixes ...string) *MetricSourceBuilder {
	b.source.Spec.Type = governancev1alpha1.MetricSourceHTTP
	b.source.Spec.HTTP = &governancev1alpha1.HTTPSource{}
	for _, prefix := range prefixes {
		b.source.Spec.HTTP.Allow = append(b.source.Spec.HTTP.Allow, governancev1alpha1.AllowedRequest{
			Method: governancev1alpha1.HTTPGet, PathPrefix: prefix,
		})
	}
	return b
}

// InNamespace puts the source into a namespace.
func (b *MetricSourceBuilder) InNamespace(namespace string) *MetricSourceBuilder {
	b.source.Namespace = namespace
	return b
}

// Tune changes anything else.
func (b *MetricSourceBuilder) Tune(change func(*governancev1alpha1.MetricSourceSpec)) *MetricSourceBuilder {
	change(&b.source.Spec)
	return b
}

// Obj gives a copy of the source.
func (b *MetricSourceBuilder) Obj() *governancev1alpha1.MetricSource {
	return b.source.DeepCopy()
}
