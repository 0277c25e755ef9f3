package controllers

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// requests asks for the objects that a list finds and that keep lets pass; nil lets all pass. A list that fails is
// logged and asks for nothing: a map function has nobody to return an error to.
func requests(
	ctx context.Context, reader client.Reader, list client.ObjectList, keep func(client.Object) bool,
	options ...client.ListOption,
) []reconcile.Request {
	if err := reader.List(ctx, list, options...); err != nil {
		log.FromContext(ctx).Error(err, "List the objects to judge again", "list", fmt.Sprintf("%T", list))
		return nil
	}
	var found []reconcile.Request
	err := meta.EachListItem(list, func(item runtime.Object) error {
		object, ok := item.(client.Object)
		if ok && (keep == nil || keep(object)) {
			found = append(found, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(object)})
		}
		return nil
	})
	if err != nil {
		log.FromContext(ctx).Error(err, "Read the objects to judge again", "list", fmt.Sprintf("%T", list))
	}
	return found
}

// aboutSubject finds the objects of a namespace that refer to a subject.
func aboutSubject(namespace, name string) []client.ListOption {
	return []client.ListOption{client.InNamespace(namespace), client.MatchingFields{fieldSubject: name}}
}
