package controllers

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// retire deletes a Remediation that was closed for longer than its policy wants it kept; done is true where it did. The version
// that was read is deleted, and no other.
func (r *RemediationReconciler) retire(ctx context.Context, p *pass) (done bool, err error) {
	if p.remediation.DeletionTimestamp != nil || p.verdict.Gone == "" || p.anyTicket(ticket.MayBeOpen) {
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
	name := ""
	switch {
	case p.remediation.Spec.Group != nil:
		name = string(p.remediation.Spec.Route.Policy)
	case p.subject != nil:
		name = string(p.subject.Status.Policy)
	}
	if name == "" {
		return "", nil
	}
	policy, err := observer{r}.policyNamed(ctx, name)
	if err != nil || policy == nil {
		return "", err
	}
	return policy.Spec.Retention.ClosedRemediations, nil
}
