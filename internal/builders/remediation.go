package builders

import (
	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// RemediationBuilder makes a Remediation.
type RemediationBuilder struct {
	remediation governancev1alpha1.Remediation
}

// MakeRemediation begins with a remediation of the first episode of StepUnjustified on the process "refunds", routed by
// the policy "default" to the ticket system "desk" of the same namespace.
func MakeRemediation(name string) *RemediationBuilder {
	ref := subject("refunds")
	return &RemediationBuilder{governancev1alpha1.Remediation{
		TypeMeta:   typeMeta("Remediation"),
		ObjectMeta: objectMeta(name),
		Spec: governancev1alpha1.RemediationSpec{
			SubjectRef: &ref,
			Finding: &governancev1alpha1.FindingIdentity{
				Rule:    governancev1alpha1.RuleStepUnjustified,
				Episode: "1",
			},
			Route: governancev1alpha1.RouteSnapshot{
				Policy:          "default",
				Name:            "all",
				TicketSystemRef: systemReference(Namespace, "desk"),
				Cause:           governancev1alpha1.CauseOptional,
				ReopenWithin:    "P30D",
			},
		},
	}}
}

// InNamespace puts the remediation into a namespace.
func (b *RemediationBuilder) InNamespace(namespace string) *RemediationBuilder {
	b.remediation.Namespace = namespace
	return b
}

// Of names the process.
func (b *RemediationBuilder) Of(process string) *RemediationBuilder {
	ref := subject(process)
	b.remediation.Spec.SubjectRef = &ref
	return b
}

// OfKPI names the KPI.
func (b *RemediationBuilder) OfKPI(kpi string) *RemediationBuilder {
	ref := subject(kpi)
	ref.Kind = governancev1alpha1.KindKPI
	b.remediation.Spec.SubjectRef = &ref
	return b
}

// Finding says what is remedied.
func (b *RemediationBuilder) Finding(rule governancev1alpha1.Rule, about, episode string) *RemediationBuilder {
	b.remediation.Spec.Finding = &governancev1alpha1.FindingIdentity{Rule: rule, About: about, Episode: episode}
	return b
}

// Group makes it one for the findings of the process "refunds", of a rule or of any.
func (b *RemediationBuilder) Group(rule governancev1alpha1.Rule) *RemediationBuilder {
	ref := subject("refunds")
	b.remediation.Spec.SubjectRef, b.remediation.Spec.Finding = nil, nil
	b.remediation.Spec.Group = &governancev1alpha1.FindingGroup{
		Scope: governancev1alpha1.GroupByNamespace, Rule: rule, SubjectRef: &ref, Episode: "1",
	}
	return b
}

// Closed says that it is closed, and what was at fault; empty where nobody has said so.
func (b *RemediationBuilder) Closed(cause governancev1alpha1.CauseCategory) *RemediationBuilder {
	b.remediation.Status.State, b.remediation.Status.Cause = governancev1alpha1.RemediationClosed, cause
	return b
}

// TicketSystem says where the ticket is opened.
func (b *RemediationBuilder) TicketSystem(namespace, name string) *RemediationBuilder {
	b.remediation.Spec.Route.TicketSystemRef = systemReference(namespace, name)
	return b
}

// VerifyFor says how long the finding must stay gone.
func (b *RemediationBuilder) VerifyFor(duration string) *RemediationBuilder {
	b.remediation.Spec.Route.VerifyFor = governancev1alpha1.Duration(duration)
	return b
}

// ReopenWithin says for how long a closed ticket is used again.
func (b *RemediationBuilder) ReopenWithin(period string) *RemediationBuilder {
	b.remediation.Spec.Route.ReopenWithin = governancev1alpha1.Period(period)
	return b
}

// Resolve decides about a message whose fate is unknown.
func (b *RemediationBuilder) Resolve(resolve governancev1alpha1.Resolve) *RemediationBuilder {
	b.remediation.Spec.Resolve = &resolve
	return b
}

// Suspend stops messages about the remediation.
func (b *RemediationBuilder) Suspend() *RemediationBuilder {
	b.remediation.Spec.Suspend = true
	return b
}

// Obj gives a Remediation of its own; the builder can go on.
func (b *RemediationBuilder) Obj() *governancev1alpha1.Remediation { return b.remediation.DeepCopy() }
