package controllers

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// retire deletes a Remediation that was closed for longer than its policy wants it kept; done is true where it did. The version
// that was read is deleted, and no other.
func (r *RemediationReconciler) retire(ctx context.Context, p *pass) (done bool, err error) {
	if p.remediation.DeletionTimestamp != nil || p.verdict.Gone == "" || ticket.MayBeOpen(p.ticket) {
		return false, nil
	}
	retention, err := r.retention(ctx, p)
	if err != nil {
		return false, err
	}
	until, closed := ticket.KeptUntil(p.remediation, retention)
	switch {
	case !closed:
		return false, nil
	case p.now.Before(until):
		p.wake = append(p.wake, until)
		return false, nil
	}
	version := p.remediation.ResourceVersion
	err = r.Delete(ctx, p.remediation, client.Preconditions{UID: &p.remediation.UID, ResourceVersion: &version})
	if err != nil && !apierrors.IsNotFound(err) {
		return false, fmt.Errorf("delete Remediation %s: %w", client.ObjectKeyFromObject(p.remediation), err)
	}
	return true, nil
}

// retention is what the policy of the subject says; empty where none does.
func (r *RemediationReconciler) retention(ctx context.Context, p *pass) (v1alpha1.Period, error) {
	if p.subject == nil || p.subject.Status.Policy == "" {
		return "", nil
	}
	policy := &v1alpha1.GovernancePolicy{}
	key := types.NamespacedName{Name: string(p.subject.Status.Policy)}
	if err := r.Get(ctx, key, policy); err != nil {
		if apierrors.IsNotFound(err) {
			return "", nil
		}
		return "", fmt.Errorf("get GovernancePolicy %s: %w", key.Name, err)
	}
	return policy.Spec.Retention.ClosedRemediations, nil
}
