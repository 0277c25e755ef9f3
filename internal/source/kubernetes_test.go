package source_test

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/source"
)

// accounts are the ServiceAccounts of a cluster: whether they read for KPIs, by namespace and name.
type accounts map[string]string

// Get implements client.Reader.
func (a accounts) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	account, isAccount := into.(*corev1.ServiceAccount)
	value, found := a[key.String()]
	switch {
	case !isAccount || value == "broken":
		return errors.New("the API server is away")
	case !found:
		return apierrors.NewNotFound(schema.GroupResource{Resource: "serviceaccounts"}, key.Name)
	}
	account.Annotations = map[string]string{v1alpha1.AnnotationKPIReader: value}
	return nil
}

// List implements client.Reader.
func (accounts) List(context.Context, client.ObjectList, ...client.ListOption) error {
	return errors.New("nothing is listed")
}

// kinds are those of the cluster.
func kinds() meta.RESTMapper {
	mapper := meta.NewDefaultRESTMapper(nil)
	for _, kind := range []string{"ConfigMap", "Secret", "Pod"} {
		mapper.Add(schema.GroupVersionKind{Version: "v1", Kind: kind}, meta.RESTScopeNamespace)
	}
	mapper.Add(schema.GroupVersionKind{Version: "v1", Kind: "Node"}, meta.RESTScopeRoot)
	mapper.Add(schema.GroupVersionKind{Group: "mirror.example", Version: "v1", Kind: "Secret"}, meta.RESTScopeNamespace)
	// An aggregated API that serves the Secrets of the core under another kind.
	mapper.AddSpecific(schema.GroupVersionKind{Group: "mirror.example", Version: "v1", Kind: "Hidden"},
		schema.GroupVersionResource{Group: "mirror.example", Version: "v1", Resource: "secrets"},
		schema.GroupVersionResource{Group: "mirror.example", Version: "v1", Resource: "secret"}, meta.RESTScopeNamespace)
	return mapper
}

// cluster is an API server of the tests, and a builder that reads from it.
func cluster(t *testing.T, handler http.HandlerFunc) (*source.Builder, *httptest.Server) {
	t.Helper()
	server := answers(t, handler)
	config := &rest.Config{
		Host:        server.URL,
		BearerToken: "canary-of-gemba",
		TLSClientConfig: rest.TLSClientConfig{
			CAData: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
		},
	}
	who := accounts{"shop/reader": "true", "shop/declined": "false", "shop/silent": "", "shop/broken": "broken", "bank/other": "true"}
	return &source.Builder{Kubernetes: source.NewKubernetes(config, kinds(), who)}, server
}

// reading declares a KPI that reads one ConfigMap.
func reading(value string, change ...func(*v1alpha1.KubernetesQuery)) *v1alpha1.KPI {
	declared := &v1alpha1.KubernetesQuery{
		APIVersion: "v1", Kind: "ConfigMap", Name: "queue", Value: v1alpha1.Expression(value), ServiceAccountName: "reader",
	}
	for _, with := range change {
		with(declared)
	}
	return asking(v1alpha1.KPISource{Kubernetes: declared})
}

// choosing declares that objects are chosen by a label.
func choosing(declared *v1alpha1.KubernetesQuery) {
	declared.Name = ""
	declared.Selector = &metav1.LabelSelector{
		MatchLabels:      map[string]string{"app": "shop"},
		MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "tier", Operator: metav1.LabelSelectorOpNotIn, Values: []string{"test"}}},
	}
}

const configMap = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"queue","namespace":"shop","generation":3,
	"managedFields":[{"manager":"kubectl"}]},"data":{"open":"12","at":"2026-03-01T08:00:00Z"}}`

func TestKubernetesReadsOneObject(t *testing.T) {
	var got *http.Request
	builder, _ := cluster(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		says(200, "application/json", configMap)(w, r)
	})
	question := prepare(t, builder, reading(`double(object.data.open)`, func(declared *v1alpha1.KubernetesQuery) {
		declared.Time = `timestamp(object.data.at)`
	}), nil, nil)
	sample := question.Asker.Ask(t.Context(), noon)
	checkSample(t, sample, v1alpha1.SampleAnswered, "")
	if sample.Value != 12 || sample.At.Hour() != 8 {
		t.Errorf("%v at %s", sample.Value, sample.At)
	}
	if got.Method != http.MethodGet || got.URL.Path != "/api/v1/namespaces/shop/configmaps/queue" {
		t.Errorf("the API server saw %s %s", got.Method, got.URL)
	}
	if question.Lane != "ServiceAccount shop/reader" {
		t.Errorf("the lane is %s", question.Lane)
	}
}

// A request that names groups, a UID or anything else is refused by constrained impersonation.
func TestKubernetesReadsAsTheServiceAccountAndNothingElse(t *testing.T) {
	var header http.Header
	builder, _ := cluster(t, func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		says(200, "application/json", configMap)(w, r)
	})
	checkSample(t, prepare(t, builder, reading(`1`), nil, nil).Asker.Ask(t.Context(), noon), v1alpha1.SampleAnswered, "")
	for name, values := range header {
		if strings.HasPrefix(name, "Impersonate-") && (name != "Impersonate-User" || fmt.Sprint(values) != "[system:serviceaccount:shop:reader]") {
			t.Errorf("%s: %v", name, values)
		}
	}
	if header.Get("Impersonate-User") == "" {
		t.Error("the request is Gemba's own")
	}
}

func TestKubernetesHidesWhoWroteWhat(t *testing.T) {
	builder, _ := cluster(t, says(200, "application/json", configMap))
	sample := prepare(t, builder, reading(`has(object.metadata.managedFields) ? 1 : object.metadata.generation`), nil, nil).Asker.Ask(t.Context(), noon)
	if checkSample(t, sample, v1alpha1.SampleAnswered, ""); sample.Value != 3 {
		t.Errorf("the value is %v", sample.Value)
	}
}

// pods is a list of so many.
func pods(count int, proceed, padding string) string {
	items := make([]string, 0, count)
	for i := range count {
		items = append(items, fmt.Sprintf(`{"metadata":{"name":"pod-%d","annotations":{"a":%q}},"status":{"phase":"Running","restarts":%d}}`, i, padding, i))
	}
	return fmt.Sprintf(`{"apiVersion":"v1","kind":"PodList","metadata":{"continue":%q},"items":[%s]}`, proceed, strings.Join(items, ","))
}

func podsOf(declared *v1alpha1.KubernetesQuery) {
	choosing(declared)
	declared.Kind = "Pod"
}

func TestKubernetesReadsASelection(t *testing.T) {
	var got *http.Request
	builder, _ := cluster(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		says(200, "application/json", pods(500, "", strings.Repeat("x", 2000)))(w, r)
	})
	asks := reading(`objects.filter(o, o.status.phase == "Running" && o.status.restarts >= 10).size()`, podsOf)
	sample := prepare(t, builder, asks, nil, nil).Asker.Ask(t.Context(), noon)
	if checkSample(t, sample, v1alpha1.SampleAnswered, ""); sample.Value != 490 || !sample.At.Equal(noon) {
		t.Errorf("%v at %s", sample.Value, sample.At)
	}
	if got.URL.Path != "/api/v1/namespaces/shop/pods" || got.URL.Query().Get("limit") != "500" ||
		got.URL.Query().Get("labelSelector") != "app=shop,tier notin (test)" {
		t.Errorf("the API server saw %s", got.URL)
	}
}

func TestKubernetesReadsKindsWithoutNamespaces(t *testing.T) {
	var got *http.Request
	builder, _ := cluster(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		says(200, "application/json", `{"apiVersion":"v1","kind":"Node","metadata":{"name":"n1"},"count":3}`)(w, r)
	})
	asks := reading(`object.count`, func(declared *v1alpha1.KubernetesQuery) { declared.Kind, declared.Name = "Node", "n1" })
	checkSample(t, prepare(t, builder, asks, nil, nil).Asker.Ask(t.Context(), noon), v1alpha1.SampleAnswered, "")
	if got.URL.Path != "/api/v1/nodes/n1" {
		t.Errorf("the API server saw %s", got.URL)
	}
}

func TestKubernetesReadsOnlyAsWhoHasOptedIn(t *testing.T) {
	var asked atomic.Int32
	builder, _ := cluster(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		says(200, "application/json", configMap)(w, r)
	})
	as := func(name v1alpha1.ObjectName) string {
		asks := reading(`1`, func(declared *v1alpha1.KubernetesQuery) { declared.ServiceAccountName = name })
		sample := prepare(t, builder, asks, nil, nil).Asker.Ask(t.Context(), noon)
		if name == "broken" {
			checkSample(t, sample, v1alpha1.SampleNoAnswer, "does not say who may read")
			return ""
		}
		checkSample(t, sample, v1alpha1.SampleForbidden, string("ServiceAccount "+name+" does not read for KPIs"))
		return strings.ReplaceAll(sample.Message, string(name), "NAME")
	}
	declined := as("declined")
	for _, name := range []v1alpha1.ObjectName{"silent", "missing", "other"} {
		if told := as(name); told != declined {
			t.Errorf("%s is told apart: %q, not %q", name, told, declined)
		}
	}
	as("broken")
	if asked.Load() != 0 {
		t.Errorf("%d objects were read", asked.Load())
	}
}

func TestKubernetesAsksAtEachSampleWhetherItMay(t *testing.T) {
	who := accounts{"shop/reader": "true"}
	server := answers(t, says(200, "application/json", configMap))
	config := &rest.Config{Host: server.URL, TLSClientConfig: rest.TLSClientConfig{Insecure: true}}
	builder := &source.Builder{Kubernetes: source.NewKubernetes(config, kinds(), who)}
	question := prepare(t, builder, reading(`1`), nil, nil)
	checkSample(t, question.Asker.Ask(t.Context(), noon), v1alpha1.SampleAnswered, "")
	who["shop/reader"] = "no"
	checkSample(t, question.Asker.Ask(t.Context(), noon), v1alpha1.SampleForbidden, "does not read for KPIs")
}

func TestKubernetesNeverReadsSecrets(t *testing.T) {
	var asked atomic.Int32
	builder, _ := cluster(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		says(200, "application/json", configMap)(w, r)
	})
	for _, apiVersion := range []string{"v1", "mirror.example/v1", "unknown.example/v7"} {
		asks := reading(`1`, func(declared *v1alpha1.KubernetesQuery) { declared.APIVersion, declared.Kind = apiVersion, "Secret" })
		_, err := builder.Question(asks, nil, nil)
		checkProblem(t, err, source.ErrNotPermitted, "Secrets are never read for a KPI")
	}
	asks := reading(`1`, func(declared *v1alpha1.KubernetesQuery) {
		declared.APIVersion, declared.Kind = "mirror.example/v1", "Hidden"
	})
	sample := prepare(t, builder, asks, nil, nil).Asker.Ask(t.Context(), noon)
	checkSample(t, sample, v1alpha1.SampleForbidden, "Secrets are never read for a KPI")
	if asked.Load() != 0 {
		t.Errorf("%d objects were read", asked.Load())
	}
}

// refusal is what an API server says instead of an object.
func refusal(t *testing.T, status metav1.Status) http.HandlerFunc {
	t.Helper()
	status.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}
	status.Status = metav1.StatusFailure
	body, err := json.Marshal(status)
	if err != nil {
		t.Fatal(err)
	}
	return says(int(status.Code), "application/json", string(body))
}

func TestKubernetesSaysWhyThereIsNoValue(t *testing.T) {
	impersonation := metav1.Status{Code: 403, Reason: metav1.StatusReasonForbidden, Message: `serviceaccounts.authentication.k8s.io "reader" is forbidden: ` +
		`User "system:serviceaccount:gemba-system:canary" cannot impersonate:serviceaccount resource`}
	legacy := metav1.Status{Code: 403, Reason: metav1.StatusReasonForbidden, Message: `User "canary" cannot impersonate resource "serviceaccounts"`}
	forbidden := metav1.Status{Code: 403, Reason: metav1.StatusReasonForbidden, Message: `configmaps "impersonate" is forbidden: User "canary" cannot get resource`}
	missing := metav1.Status{Code: 404, Reason: metav1.StatusReasonNotFound, Message: `configmaps "queue" not found`}
	one := func(*v1alpha1.KubernetesQuery) {}
	tests := map[string]struct {
		handler http.HandlerFunc
		change  func(*v1alpha1.KubernetesQuery)
		value   string
		result  v1alpha1.SampleResult
		says    string
	}{
		"it may not get it":           {refusal(t, forbidden), one, `1`, v1alpha1.SampleForbidden, "ServiceAccount reader may not get ConfigMap. Bind a role"},
		"it may not list them":        {refusal(t, forbidden), podsOf, `1`, v1alpha1.SampleForbidden, "ServiceAccount reader may not list Pod. Bind a role"},
		"Gemba may not read the kind": {refusal(t, impersonation), one, `1`, v1alpha1.SampleForbidden, "Gemba may not get ConfigMap as a ServiceAccount"},
		"nor on an older cluster":     {refusal(t, legacy), one, `1`, v1alpha1.SampleForbidden, "Gemba may not get ConfigMap as a ServiceAccount"},
		"there is none":               {refusal(t, missing), one, `1`, v1alpha1.SampleEmpty, "There is no ConfigMap queue"},
		"the kind has gone":           {refusal(t, missing), podsOf, `1`, v1alpha1.SampleEmpty, "serves no Pod any more"},
		"a bad request":               {refusal(t, metav1.Status{Code: 400, Reason: metav1.StatusReasonBadRequest}), one, `1`, v1alpha1.SampleInvalid, "as it is asked"},
		"an error of the API server":  {refusal(t, metav1.Status{Code: 500, Reason: metav1.StatusReasonInternalError}), one, `1`, v1alpha1.SampleNoAnswer, "no answer that can be used"},
		"HTML":                        {says(200, "text/html", "<html>"), one, `1`, v1alpha1.SampleNoAnswer, "no answer that can be used"},
		"more than 500":               {says(200, "application/json", pods(500, "more", "")), podsOf, `1`, v1alpha1.SampleTooMany, "more than 500 objects. Choose fewer"},
		"500 and one at once":         {says(200, "application/json", pods(501, "", "")), podsOf, `1`, v1alpha1.SampleTooMany, "more than 500 objects"},
		"objects that are too long":   {says(200, "application/json", pods(500, "", strings.Repeat("x", 10_000))), podsOf, `1`, v1alpha1.SampleTooMany, "longer than 4 MiB together"},
		"an object that is too long":  {says(200, "application/json", strings.Repeat(" ", 5<<20)), one, `1`, v1alpha1.SampleTooMany, "longer than 4 MiB"},
		"a text":                      {says(200, "application/json", configMap), one, `object.data.open`, v1alpha1.SampleNotANumber, "convert it with double(...)"},
		"a field that lacks":          {says(200, "application/json", configMap), one, `double(object.data.closed)`, v1alpha1.SampleInvalid, "no such key: closed"},
		"nothing chosen":              {says(200, "application/json", pods(0, "", "")), podsOf, `objects[0].status.restarts`, v1alpha1.SampleInvalid, "index out of bounds"},
		"a kind that nobody knows":    {says(200, "application/json", configMap), func(d *v1alpha1.KubernetesQuery) { d.Kind = "Queue" }, `1`, v1alpha1.SampleInvalid, "knows no Queue of v1"},
		"a version that nobody knows": {says(200, "application/json", configMap), func(d *v1alpha1.KubernetesQuery) { d.APIVersion = "apps/v9" }, `1`, v1alpha1.SampleInvalid, "knows no ConfigMap of apps/v9"},
		"a text shown by its failure": {says(200, "application/json", strings.ReplaceAll(configMap, "12", "canary")), one, `double(object.data.open)`, v1alpha1.SampleInvalid, "type conversion error"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			builder, _ := cluster(t, test.handler)
			sample := prepare(t, builder, reading(test.value, test.change), nil, nil).Asker.Ask(t.Context(), noon)
			checkSample(t, sample, test.result, test.says)
			if strings.Contains(sample.Message, "canary") {
				t.Errorf("the sentence tells what it must not: %s", sample.Message)
			}
		})
	}
}

func TestKubernetesStopsWithItsCaller(t *testing.T) {
	builder, _ := cluster(t, hang)
	ctx, cancel := context.WithTimeout(t.Context(), brief)
	defer cancel()
	sample := prepare(t, builder, reading(`1`), nil, nil).Asker.Ask(ctx, noon)
	checkSample(t, sample, v1alpha1.SampleNoAnswer, "does not answer in time")
}

func TestKubernetesCanBeSwitchedOff(t *testing.T) {
	_, err := (&source.Builder{}).Question(reading(`1`), nil, nil)
	checkProblem(t, err, source.ErrNotPermitted, "switched off")
}

func TestKubernetesRefusesWhatCannotBeRead(t *testing.T) {
	builder, _ := cluster(t, hang)
	tests := map[string]struct {
		change func(*v1alpha1.KubernetesQuery)
		says   string
	}{
		"a version of three parts": {func(d *v1alpha1.KubernetesQuery) { d.APIVersion = "a/b/v1" }, "apiVersion"},
		"an operator that is none": {func(d *v1alpha1.KubernetesQuery) {
			d.Name, d.Selector = "", &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "a", Operator: "Is"}}}
		}, "selector"},
		"a variable of the other way": {func(d *v1alpha1.KubernetesQuery) { d.Value = `objects.size()` }, "undeclared reference to 'objects'"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := builder.Question(reading(`1`, test.change), nil, nil)
			checkProblem(t, err, source.ErrInvalid, test.says)
		})
	}
}

func TestKubernetesKeepsFewClients(t *testing.T) {
	var seen atomic.Value
	server := answers(t, func(w http.ResponseWriter, r *http.Request) {
		seen.Store(r.Header.Get("Impersonate-User"))
		says(200, "application/json", configMap)(w, r)
	})
	who := accounts{}
	config := &rest.Config{Host: server.URL, TLSClientConfig: rest.TLSClientConfig{Insecure: true}}
	reader := source.NewKubernetes(config, kinds(), who)
	builder := &source.Builder{Kubernetes: reader}
	for number := range 300 {
		name := fmt.Sprintf("reader-%d", number%280)
		who["shop/"+name] = "true"
		asks := reading(`1`, func(declared *v1alpha1.KubernetesQuery) { declared.ServiceAccountName = v1alpha1.ObjectName(name) })
		checkSample(t, prepare(t, builder, asks, nil, nil).Asker.Ask(t.Context(), noon), v1alpha1.SampleAnswered, "")
		if seen.Load() != "system:serviceaccount:shop:"+name {
			t.Fatalf("read as %v, not as %s", seen.Load(), name)
		}
	}
	if kept := source.KeptClients(reader); kept > 256 {
		t.Errorf("%d clients are kept", kept)
	}
}

// A library that panics on what another system wrote must not take the manager along.
func TestAPanicIsASampleWithoutAValue(t *testing.T) {
	builder := &source.Builder{Kubernetes: source.NewKubernetes(&rest.Config{}, nil, accounts{"shop/reader": "true"})}
	sample := prepare(t, builder, reading(`1`), nil, nil).Asker.Ask(t.Context(), noon)
	checkSample(t, sample, v1alpha1.SampleInvalid, "cannot be read")
}
