package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// PrometheusQuery asks a Prometheus for one number.
type PrometheusQuery struct {
	// metricSourceRef names a MetricSource of type Prometheus.
	MetricSourceRef ObjectReference `json:"metricSourceRef"`

	// query is an instant query in PromQL whose answer is a scalar, or a vector of one element.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	Query string `json:"query"`
}

// HTTPMethod is a method that a source may be asked with.
//
// +kubebuilder:validation:Enum=GET;POST
type HTTPMethod string

// The methods.
const (
	HTTPGet  HTTPMethod = "GET"
	HTTPPost HTTPMethod = "POST"
)

// Expression is an expression in CEL.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=2048
type Expression string

// HTTPQuery asks a server for a document in JSON and takes a number out of it.
//
// +kubebuilder:validation:XValidation:rule="!has(self.body) || self.method == 'POST'",message="a body needs method: POST"
type HTTPQuery struct {
	// metricSourceRef names a MetricSource of type HTTP, whose http.allow admits method and path.
	MetricSourceRef ObjectReference `json:"metricSourceRef"`

	// method of the request. Default: GET.
	// +kubebuilder:default=GET
	// +optional
	Method HTTPMethod `json:"method,omitempty"`

	// path below the URL of the MetricSource, with a query where one is needed: "/v1/complaints?open=true".
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:Pattern=`^/[^\s#\\]*$`
	Path string `json:"path"`

	// body in JSON, with method POST.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	// +optional
	Body string `json:"body,omitempty"`

	// value is the expression that takes the number out of the reply, as in "double(reply.open)".
	Value Expression `json:"value"`

	// time is the expression that says when the number was true, as in "timestamp(reply.at)". Default: when it was asked for.
	// +optional
	Time Expression `json:"time,omitempty"`
}

// KubernetesQuery reads objects of the cluster, as a ServiceAccount of the KPI's namespace, and takes a number out of them.
//
// +kubebuilder:validation:XValidation:rule="has(self.name) != has(self.selector)",message="say which objects: give exactly one of name and selector"
// +kubebuilder:validation:XValidation:rule="self.kind != 'Secret'",message="Secrets are never read for a KPI: read something that holds no secret"
type KubernetesQuery struct {
	// apiVersion of the objects: "v1", "apps/v1".
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=316
	// +kubebuilder:validation:Pattern=`^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?v[0-9]+((alpha|beta)[0-9]+)?$`
	APIVersion string `json:"apiVersion"`

	// kind of the objects, as in "ConfigMap".
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[A-Z][A-Za-z0-9]*$`
	Kind string `json:"kind"`

	// name of one object, which the expressions call object.
	// +optional
	Name ObjectName `json:"name,omitempty"`

	// selector chooses objects by their labels; the expressions call their list objects. At most 500 are read.
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`

	// value is the expression that takes the number out of them, as in "double(object.data.open)" or "objects.size()".
	Value Expression `json:"value"`

	// time is the expression that says when the number was true, as in "timestamp(object.data.at)". Default: when it was
	// read.
	// +optional
	Time Expression `json:"time,omitempty"`

	// serviceAccountName names the ServiceAccount, in the namespace of the KPI, as which the objects are read. Its
	// annotation governance.gemba.dev/kpi-reader must be "true".
	ServiceAccountName ObjectName `json:"serviceAccountName"`
}

// Measurement is one value that somebody wrote down.
//
// +kubebuilder:validation:XValidation:rule="self.from <= self.to",message="from must not lie after to"
type Measurement struct {
	// value that was measured.
	Value Decimal `json:"value"`
	// from is the first day of the period that the value covers.
	From Date `json:"from"`
	// to is the last day of the period that the value covers.
	To Date `json:"to"`
	// takenAt is when it was measured.
	TakenAt metav1.Time `json:"takenAt"`
}

// ManualMeasurements are values that somebody wrote down, usually in git. The value of a period that is written down
// twice is the one that was taken last.
type ManualMeasurements struct {
	// measurements in any order.
	// +kubebuilder:validation:MaxItems=200
	// +listType=atomic
	// +optional
	Measurements []Measurement `json:"measurements,omitempty"`
}

// KPISource says where the value of a KPI comes from; exactly one way.
//
// +kubebuilder:validation:XValidation:rule="(has(self.prometheus) ? 1 : 0) + (has(self.http) ? 1 : 0) + (has(self.kubernetes) ? 1 : 0) + (has(self.manual) ? 1 : 0) == 1",message="say where the value comes from: give exactly one of prometheus, http, kubernetes and manual"
type KPISource struct {
	// prometheus asks a Prometheus.
	// +optional
	Prometheus *PrometheusQuery `json:"prometheus,omitempty"`
	// http asks a server for a document in JSON.
	// +optional
	HTTP *HTTPQuery `json:"http,omitempty"`
	// kubernetes reads objects of the cluster.
	// +optional
	Kubernetes *KubernetesQuery `json:"kubernetes,omitempty"`
	// manual takes values that somebody wrote down.
	// +optional
	Manual *ManualMeasurements `json:"manual,omitempty"`
}
