package schema

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// edits are values by path: "spec.steps.0.name". The value absent{} takes away what stands there.
type edits map[string]any

// malformed is a resource that the API server refuses. The object itself is accepted; the edits make it what the
// sentence in the table says.
type malformed struct {
	object client.Object
	set    edits
	// want is part of the refusal: what to do, or what was expected.
	want string
}

func malformedResources() map[string]malformed {
	table := map[string]malformed{}
	for _, part := range []map[string]malformed{
		malformedProcesses(), malformedRequirements(), malformedReviews(), malformedWaivers(),
		malformedCadences(), malformedPolicies(), malformedTicketSystems(), malformedRemediations(),
		malformedKPIs(), malformedKPISources(), malformedMetricSources(), malformedRoutes(), malformedGroups(),
		malformedPaces("a remediation's route", "spec.route", validRemediation),
	} {
		maps.Copy(table, part)
	}
	return table
}

func TestMalformedResourcesAreRefused(t *testing.T) {
	table := malformedResources()
	number := 0
	for sentence, tc := range table {
		number++
		object := named(t, tc.object, "malformed-"+strconv.Itoa(number))
		t.Run(sentence, func(t *testing.T) {
			mustCreate(t, object.DeepCopy(), client.DryRunAll)
			tc.set.apply(t, object)
			err := env.Client.Create(t.Context(), object)
			mustBeRefused(t, err, tc.want)
		})
	}
	t.Logf("%d malformed resources", len(table))
}

func TestForbiddenEditsAreRefused(t *testing.T) {
	number := 0
	for sentence, tc := range forbiddenEdits() {
		number++
		object := named(t, tc.object, "edited-"+strconv.Itoa(number))
		t.Run(sentence, func(t *testing.T) {
			mustCreate(t, object)
			tc.set.apply(t, object)
			mustBeRefused(t, env.Client.Update(t.Context(), object), tc.want)

			fresh := named(t, object, "fresh-"+strconv.Itoa(number))
			mustCreate(t, fresh, client.DryRunAll)
		})
	}
}

func TestMalformedStatusIsRefused(t *testing.T) {
	number := 0
	for sentence, tc := range malformedStatuses() {
		number++
		object := named(t, tc.object, "status-"+strconv.Itoa(number))
		t.Run(sentence, func(t *testing.T) {
			mustCreate(t, object)
			tc.set.apply(t, object)
			mustBeRefused(t, env.Client.Status().Update(t.Context(), object), tc.want)
		})
	}
}

// named is the object without what its Go type fills in, under another name.
func named(t *testing.T, object client.Object, name string) *unstructured.Unstructured {
	t.Helper()
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		t.Fatal(err)
	}
	delete(content, "status")
	spec := content["spec"]
	content["metadata"] = map[string]any{"namespace": object.GetNamespace()}
	content["spec"] = runtime.DeepCopyJSONValue(spec)
	copied := &unstructured.Unstructured{Object: content}
	copied.SetName(name)
	return copied
}

func mustCreate(t *testing.T, object *unstructured.Unstructured, opts ...client.CreateOption) {
	t.Helper()
	if err := env.Client.Create(t.Context(), object, opts...); err != nil {
		t.Fatalf("the resource is refused before it is malformed: %v", err)
	}
}

func mustBeRefused(t *testing.T, err error, want string) {
	t.Helper()
	if !apierrors.IsInvalid(err) {
		t.Fatalf("got %v, want the resource to be refused as invalid", err)
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("the refusal does not say %q:\n%v", want, err)
	}
}

func (e edits) apply(t *testing.T, object *unstructured.Unstructured) {
	t.Helper()
	for path, value := range e {
		changed, err := withValue(object.Object, strings.Split(path, "."), value)
		if err != nil {
			t.Fatalf("edit %s: %v", path, err)
		}
		object.Object = changed.(map[string]any)
	}
}

// withValue gives node with the value at the path below it. Missing objects on the way are made.
func withValue(node any, path []string, value any) (any, error) {
	if len(path) == 0 {
		return value, nil
	}
	switch holder := node.(type) {
	case nil:
		return withValue(map[string]any{}, path, value)
	case map[string]any:
		below, err := withValue(holder[path[0]], path[1:], value)
		if err != nil {
			return nil, err
		}
		place(holder, path[0], below)
		return holder, nil
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i >= len(holder) {
			return nil, fmt.Errorf("no item %s among %d", path[0], len(holder))
		}
		holder[i], err = withValue(holder[i], path[1:], value)
		return holder, err
	default:
		return nil, fmt.Errorf("%T has no %s", node, path[0])
	}
}

// many makes a list whose items differ in their number.
func many(count int, item func(i int) any) []any {
	list := make([]any, count)
	for i := range list {
		list[i] = item(i)
	}
	return list
}
