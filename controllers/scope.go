package controllers

import (
	"context"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// Within gives a client for a manager that watches some namespaces only, all where the list is empty. A process elsewhere is
// not found: the cache answers with an error, which would keep everything that names such a process from being judged.
func Within(all client.Client, namespaces []string) client.Client {
	if len(namespaces) == 0 {
		return all
	}
	return &scopedClient{Client: all, namespaces: namespaces}
}

type scopedClient struct {
	client.Client
	namespaces []string
}

// Get implements client.Reader.
func (c *scopedClient) Get(
	ctx context.Context, key client.ObjectKey, object client.Object, options ...client.GetOption,
) error {
	if _, isProcess := object.(*governancev1alpha1.Process); isProcess && !slices.Contains(c.namespaces, key.Namespace) {
		return apierrors.NewNotFound(schema.GroupResource{Group: governancev1alpha1.GroupName, Resource: "processes"}, key.Name)
	}
	return c.Client.Get(ctx, key, object, options...)
}
