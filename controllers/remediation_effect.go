package controllers

import (
	"context"

	"k8s.io/apimachinery/pkg/types"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// noteEffect keeps the number that a finding is about as it was before anything was done, and as it is once the finding is
// verified. One that is closed takes none that it did not have then: what the number does later is not its doing.
func (r *RemediationReconciler) noteEffect(ctx context.Context, p *pass) error {
	if p.verdict.Gone != "" && p.remediation.Status.State == v1alpha1.RemediationClosed {
		return nil
	}
	effect := p.remediation.Status.Effect
	isNews := effect == nil || p.verdict.Relapsed || p.verdict.Verified && effect.After == nil
	if !ticket.IsAboutNumber(p.remediation) || !isNews {
		return nil
	}
	measured, err := r.measured(ctx, p)
	if err != nil || measured == nil {
		return err
	}
	p.remediation.Status.Effect = ticket.EffectOf(effect, measured, p.verdict)
	return nil
}

// measured is the KPI that an effect shows in: the subject itself, the one that a group is about, or of a process the outcome that
// its customers get. Nil where there is none.
func (r *RemediationReconciler) measured(ctx context.Context, p *pass) (*governance.Subject, error) {
	if group := p.remediation.Spec.Group; group != nil {
		subject, _, err := observer{r}.subject(ctx, keyOf(p.remediation.Namespace, *group.SubjectRef))
		return subject, err
	}
	if p.subject == nil || p.subject.Kind == v1alpha1.KindKPI {
		return p.subject, nil
	}
	kpis, err := observer{r}.kpisOf(ctx, types.NamespacedName{Namespace: p.subject.Namespace, Name: p.subject.Name})
	if err != nil {
		return nil, err
	}
	var found *v1alpha1.KPI
	for _, kpi := range kpis {
		if kpi.Spec.Role != v1alpha1.KPIOutcome || !isMeasured(p.remediation.Status.Effect, kpi) {
			continue
		}
		if found == nil || kpi.Name < found.Name {
			found = kpi
		}
	}
	return governance.KPISubject(found), nil
}

// isMeasured is true for the KPI that the effect was measured by so far, or where it was not, for one that misses its objective.
func isMeasured(so *v1alpha1.Effect, kpi *v1alpha1.KPI) bool {
	if so != nil {
		return kpi.Name == string(so.KPI)
	}
	return kpi.Status.State == v1alpha1.KPIBreached
}
