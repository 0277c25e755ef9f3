package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// MetricSourceType names a kind of source.
//
// +kubebuilder:validation:Enum=Prometheus;HTTP
type MetricSourceType string

// The types of source.
const (
	// MetricSourcePrometheus speaks the HTTP API of Prometheus: Prometheus itself, Thanos, Mimir, VictoriaMetrics.
	MetricSourcePrometheus MetricSourceType = "Prometheus"
	// MetricSourceHTTP answers with documents in JSON.
	MetricSourceHTTP MetricSourceType = "HTTP"
)

// PrometheusTenancy puts the namespace of the KPI into each query, so that a namespace sees its own numbers only; exactly
// one way.
//
// +kubebuilder:validation:XValidation:rule="has(self.header) != has(self.label)",message="say how tenants are told apart: give exactly one of header and label"
type PrometheusTenancy struct {
	// header that carries the namespace, for servers that keep tenants apart themselves: X-Scope-OrgID.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[A-Za-z][A-Za-z0-9-]*$`
	// +optional
	Header string `json:"header,omitempty"`

	// label that every selector of a query is made to match: namespace.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[A-Za-z_][A-Za-z0-9_]*$`
	// +optional
	Label string `json:"label,omitempty"`
}

// PrometheusSource holds what is particular to the type Prometheus.
type PrometheusSource struct {
	// tenancy keeps namespaces apart. Default: every query sees everything.
	// +optional
	Tenancy *PrometheusTenancy `json:"tenancy,omitempty"`
}

// AllowedRequest is something that may be asked.
type AllowedRequest struct {
	// method of the request. Default: GET.
	// +kubebuilder:default=GET
	// +optional
	Method HTTPMethod `json:"method,omitempty"`

	// pathPrefix that the path begins with, whole segments of it: "/v1/complaints" admits "/v1/complaints/open" and not
	// "/v1/complaints-all".
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:Pattern=`^/[^\s#?\\%]*$`
	PathPrefix string `json:"pathPrefix"`
}

// HTTPSource holds what is particular to the type HTTP.
type HTTPSource struct {
	// allow lists what may be asked. Empty: nothing.
	// +kubebuilder:validation:MaxItems=32
	// +listType=atomic
	// +optional
	Allow []AllowedRequest `json:"allow,omitempty"`
}

// RateLimit bounds how often a system is asked.
type RateLimit struct {
	// perSecond is how many requests a second are made at most, over all namespaces. Default: 20.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	// +kubebuilder:default=20
	// +optional
	PerSecond int32 `json:"perSecond,omitempty"`

	// concurrent is how many requests are under way at once. Default: 4.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=64
	// +kubebuilder:default=4
	// +optional
	Concurrent int32 `json:"concurrent,omitempty"`
}

// MetricSourceSpec says where values come from, how to log in there, and what may be asked.
//
// +kubebuilder:validation:XValidation:rule="!has(self.prometheus) || self.type == 'Prometheus'",message="prometheus belongs to type: Prometheus"
// +kubebuilder:validation:XValidation:rule="!has(self.http) || self.type == 'HTTP'",message="http belongs to type: HTTP"
type MetricSourceSpec struct {
	// type of the source.
	Type MetricSourceType `json:"type"`

	Endpoint `json:",inline"`

	// rateLimit bounds how often the source is asked.
	// +kubebuilder:default={}
	// +optional
	RateLimit RateLimit `json:"rateLimit,omitempty"`

	// prometheus holds what is particular to the type Prometheus.
	// +optional
	Prometheus *PrometheusSource `json:"prometheus,omitempty"`

	// http holds what is particular to the type HTTP.
	// +optional
	HTTP *HTTPSource `json:"http,omitempty"`
}

// MetricSourceStatus is what Gemba knows of a source.
type MetricSourceStatus struct {
	// observedGeneration is the generation of the spec that the status speaks of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions of the source: Ready, Reachable.
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// MetricSource is where the values of KPIs come from.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=msrc,categories=governance
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="URL",type=string,JSONPath=`.spec.url`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reachable",type=string,JSONPath=`.status.conditions[?(@.type=="Reachable")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type MetricSource struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says where values come from.
	Spec MetricSourceSpec `json:"spec"`

	// status is what Gemba knows of it.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status MetricSourceStatus `json:"status,omitempty"`
}

// MetricSourceList is a list of sources.
//
// +kubebuilder:object:root=true
type MetricSourceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []MetricSource `json:"items"`
}
