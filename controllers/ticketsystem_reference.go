package controllers

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/status"
)

// findTicketSystem looks up the TicketSystem that a route names, for a subject in a namespace. Where it may not be used
// it is nil and the readiness says why: across namespaces in the same words whether it exists or not.
func findTicketSystem(ctx context.Context, reader client.Reader, ref v1alpha1.NamespacedReference, subjectNamespace string,
) (*v1alpha1.TicketSystem, status.Readiness, error) {
	key := types.NamespacedName{Namespace: string(ref.Namespace), Name: string(ref.Name)}
	system := &v1alpha1.TicketSystem{}
	err := reader.Get(ctx, key, system)
	if err != nil && !apierrors.IsNotFound(err) {
		return nil, status.Readiness{}, fmt.Errorf("get TicketSystem %s: %w", key, err)
	}
	exists := err == nil
	if key.Namespace == subjectNamespace {
		if !exists {
			return nil, status.NotFound(fmt.Sprintf("TicketSystem %s does not exist: create it.", key)), nil
		}
		return system, status.Reconciled("The remediation is understood."), nil
	}
	permitted := false
	if exists {
		if permitted, err = admits(ctx, reader, system.Spec.AllowedNamespaces, subjectNamespace); err != nil {
			return nil, status.Readiness{}, err
		}
	}
	if !permitted {
		return nil, status.NotPermitted(fmt.Sprintf(
			"TicketSystem %s cannot be used from namespace %s: its spec.allowedNamespaces must admit it.",
			key, subjectNamespace)), nil
	}
	return system, status.Reconciled("The remediation is understood."), nil
}

// admits tells whether an object that may be referred to from some namespaces admits another namespace.
func admits(ctx context.Context, reader client.Reader, allowed *v1alpha1.AllowedNamespaces, namespace string,
) (bool, error) {
	if allowed == nil {
		return false, nil
	}
	switch allowed.From {
	case v1alpha1.NamespacesAll:
		return true, nil
	case v1alpha1.NamespacesSelector:
		referring := &corev1.Namespace{}
		if err := reader.Get(ctx, types.NamespacedName{Name: namespace}, referring); err != nil {
			if apierrors.IsNotFound(err) {
				return false, nil
			}
			return false, fmt.Errorf("get namespace %s: %w", namespace, err)
		}
		return allowed.Selector != nil && governance.Selects(allowed.Selector, referring.Labels), nil
	default:
		return false, nil
	}
}
