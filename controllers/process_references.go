package controllers

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// referencesOf tells which of the processes that a process names can be used.
func (o observer) referencesOf(
	ctx context.Context, process *governancev1alpha1.Process,
) ([]governance.Reference, error) {
	references := governance.ReferencesOf(process)
	for i := range references {
		usable, err := o.isUsable(ctx, &references[i], process.Namespace)
		if err != nil {
			return nil, err
		}
		references[i].Usable = usable
	}
	return references, nil
}

func (o observer) isUsable(ctx context.Context, reference *governance.Reference, from string) (bool, error) {
	named, err := o.usable(ctx, reference, from)
	return named != nil, err
}

// usable gives the process that a reference from a namespace names; nil where it does not exist or may not be used.
func (o observer) usable(
	ctx context.Context, reference *governance.Reference, from string,
) (*governancev1alpha1.Process, error) {
	key := types.NamespacedName{Namespace: reference.Namespace, Name: reference.Name}
	var named governancev1alpha1.Process
	err := o.Get(ctx, key, &named)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("get process %s: %w", key, err)
	}
	if reference.Namespace == from {
		return &named, nil
	}
	admitted, err := admits(ctx, o, named.Spec.AllowedNamespaces, from)
	if err != nil || !admitted {
		return nil, err
	}
	return &named, nil
}

// referencedBy gives "namespace/name" of each process that a process names.
func referencedBy(object client.Object) []string {
	process, ok := object.(*governancev1alpha1.Process)
	if !ok {
		return nil
	}
	var names []string
	for _, reference := range governance.ReferencesOf(process) {
		names = append(names, reference.Namespace+"/"+reference.Name)
	}
	return names
}
