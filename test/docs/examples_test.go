package docs

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/gemba-dev/gemba/internal/testenv"
)

// exampleNamespace takes the examples that name none.
const exampleNamespace = "default"

// TestExamples offers each complete example to the API server as kubectl would, with strict validation, and stores
// nothing. An example that shows a part only is marked "yaml fragment" and need only be YAML.
func TestExamples(t *testing.T) {
	env, err := testenv.Start(t.Context())
	if err != nil {
		t.Fatalf("start the control plane: %v", err)
	}
	t.Cleanup(func() {
		if err := env.Stop(); err != nil {
			t.Errorf("stop the control plane: %v", err)
		}
	})
	complete := 0
	for _, page := range pages(t) {
		for _, block := range page.blocks() {
			t.Run(fmt.Sprintf("%s:%d is accepted", page.path, block.line), func(t *testing.T) {
				switch block.info {
				case "yaml":
					complete++
					offer(t, env, block.text)
				case "yaml fragment":
					decode(t, block.text, &map[string]any{})
				case "json":
					if !json.Valid([]byte(block.text)) {
						t.Error("the block is no JSON")
					}
				}
			})
		}
	}
	if complete == 0 {
		t.Error("the documentation has no complete example: the search for them is broken")
	}
}

// offer has the API server and the Go types read every document of an example.
func offer(t *testing.T, env *testenv.Env, text string) {
	for document := range strings.SplitSeq(text, "\n---\n") {
		var object unstructured.Unstructured
		decode(t, document, &object.Object)
		typed, err := env.Scheme.New(object.GroupVersionKind())
		if err != nil {
			t.Fatalf("the example is of no kind that the cluster knows: %v", err)
		}
		decode(t, document, typed)
		place(t, env, &object)
		err = env.Client.Create(t.Context(), &object, client.DryRunAll, client.FieldValidation(metav1.FieldValidationStrict))
		if err != nil {
			t.Errorf("the API server refuses it: %v", err)
		}
	}
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := yaml.UnmarshalStrict([]byte(text), into); err != nil {
		t.Fatalf("decode the example: %v", err)
	}
}

// place makes the namespace that an example lives in.
func place(t *testing.T, env *testenv.Env, object *unstructured.Unstructured) {
	t.Helper()
	namespaced, err := env.Client.IsObjectNamespaced(object)
	if err != nil {
		t.Fatalf("ask whether %s has a namespace: %v", object.GetKind(), err)
	}
	if !namespaced {
		return
	}
	if object.GetNamespace() == "" {
		object.SetNamespace(exampleNamespace)
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: object.GetNamespace()}}
	if err := env.Client.Create(t.Context(), namespace); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatalf("create the namespace of an example: %v", err)
	}
}
