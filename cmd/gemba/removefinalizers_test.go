package main

import (
	"context"
	"errors"
	"net/http"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

// apiServer answers as one that holds a remediation with the finalizer, except for what is intercepted.
func apiServer(t *testing.T, intercepted interceptor.Funcs) client.Client {
	t.Helper()
	scheme, err := newScheme()
	if err != nil {
		t.Fatal(err)
	}
	remediation := builders.MakeRemediation("refunds").InNamespace("billing").Obj()
	remediation.Finalizers = []string{governancev1alpha1.FinalizerRemediation}
	return fake.NewClientBuilder().WithScheme(scheme).WithObjects(remediation).WithInterceptorFuncs(intercepted).Build()
}

func TestRemovingFinalizersHasNothingToDoWhereTheKindIsGone(t *testing.T) {
	remediations := schema.GroupResource{Group: governancev1alpha1.GroupVersion.Group, Resource: "remediations"}
	noMatch := &meta.NoKindMatchError{
		GroupKind:        schema.GroupKind{Group: remediations.Group, Kind: "Remediation"},
		SearchedVersions: []string{governancev1alpha1.GroupVersion.Version},
	}
	// What the API server answers on the path of a kind that is not served any more names no object.
	noPath := apierrors.NewGenericServerResponse(http.StatusNotFound, "list", remediations, "", "", 0, false)
	refused := apierrors.NewForbidden(remediations, "", errors.New("not yours"))
	tests := map[string]struct {
		listing, getting error
		removed          int
		fails            bool
	}{
		"the finalizer of a remediation that is there is taken":           {removed: 1},
		"a kind that nobody ever defined holds no remediations":           {listing: noMatch},
		"a kind that is not served any more holds no remediations":        {listing: noPath},
		"a kind that goes after the listing takes its remediations along": {getting: noMatch},
		"a remediation that goes after the listing is let go":             {getting: noPath},
		"a listing that is refused is a failure":                          {listing: refused, fails: true},
		"a remediation that may not be read is a failure":                 {getting: refused, fails: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			api := apiServer(t, interceptor.Funcs{
				List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
					if test.listing != nil {
						return test.listing
					}
					return c.List(ctx, list, opts...)
				},
				Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
					if test.getting != nil {
						return test.getting
					}
					return c.Get(ctx, key, o, opts...)
				},
			})
			removed, err := removeAllFinalizers(t.Context(), api)
			if removed != test.removed || (err != nil) != test.fails {
				t.Errorf("removed %d, error %v; want %d, an error: %t", removed, err, test.removed, test.fails)
			}
		})
	}
}

func TestRemovingFinalizersLeavesThoseOfOthers(t *testing.T) {
	api := apiServer(t, interceptor.Funcs{})
	key := client.ObjectKey{Namespace: "billing", Name: "refunds"}
	remediation := &metav1.PartialObjectMetadata{}
	remediation.SetGroupVersionKind(governancev1alpha1.GroupVersion.WithKind("Remediation"))
	if err := api.Get(t.Context(), key, remediation); err != nil {
		t.Fatal(err)
	}
	remediation.Finalizers = append(remediation.Finalizers, "example.com/archive")
	if err := api.Update(t.Context(), remediation); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 0} {
		if removed, err := removeAllFinalizers(t.Context(), api); err != nil || removed != want {
			t.Errorf("removed %d, error %v; want %d", removed, err, want)
		}
	}
	if err := api.Get(t.Context(), key, remediation); err != nil {
		t.Fatal(err)
	}
	if len(remediation.Finalizers) != 1 || remediation.Finalizers[0] != "example.com/archive" {
		t.Errorf("left are %v", remediation.Finalizers)
	}
}
