package builders

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// PolicyBuilder makes a GovernancePolicy.
type PolicyBuilder struct {
	policy governancev1alpha1.GovernancePolicy
}

// MakePolicy begins with a policy for all namespaces that leaves every default alone and opens no tickets.
func MakePolicy(name string) *PolicyBuilder {
	return &PolicyBuilder{governancev1alpha1.GovernancePolicy{
		TypeMeta:   typeMeta("GovernancePolicy"),
		ObjectMeta: metav1.ObjectMeta{Name: name},
	}}
}

// Selects chooses namespaces by a label.
func (b *PolicyBuilder) Selects(key, value string) *PolicyBuilder {
	b.policy.Spec.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{key: value}}
	return b
}

// Priority decides between policies that choose the same namespace.
func (b *PolicyBuilder) Priority(priority int32) *PolicyBuilder {
	b.policy.Spec.Priority = priority
	return b
}

// Limits sets the numbers that the rules judge by; what is zero keeps its default.
func (b *PolicyBuilder) Limits(limits governancev1alpha1.Limits) *PolicyBuilder {
	b.policy.Spec.Limits = limits
	return b
}

// Notices says after how long something good is told.
func (b *PolicyBuilder) Notices(notices governancev1alpha1.NoticeSettings) *PolicyBuilder {
	b.policy.Spec.Notices = notices
	return b
}

// Requires tightens the review of some subjects.
func (b *PolicyBuilder) Requires(requirement governancev1alpha1.PolicyRequirement) *PolicyBuilder {
	b.policy.Spec.Requirements = append(b.policy.Spec.Requirements, requirement)
	return b
}

// DefaultCadence names the cadence of the full review of processes that declare none.
func (b *PolicyBuilder) DefaultCadence(cadence string) *PolicyBuilder {
	b.policy.Spec.Defaults.ProcessCadenceRef = &governancev1alpha1.ClusterReference{
		Name: governancev1alpha1.ObjectName(cadence),
	}
	return b
}

// WaiverApprovers says who may approve waivers.
func (b *PolicyBuilder) WaiverApprovers(names ...string) *PolicyBuilder {
	for _, name := range names {
		b.policy.Spec.WaiverApprovers = append(b.policy.Spec.WaiverApprovers, governancev1alpha1.Identity(name))
	}
	return b
}

// SeparationOfDuties says whether owners are kept from reviewing what they own.
func (b *PolicyBuilder) SeparationOfDuties(kept bool) *PolicyBuilder {
	b.policy.Spec.SeparationOfDuties = &kept
	return b
}

// MinAssurance says what assurance a review needs to count.
func (b *PolicyBuilder) MinAssurance(assurance governancev1alpha1.Assurance) *PolicyBuilder {
	b.policy.Spec.MinAssurance = assurance
	return b
}

// Rule changes how one rule judges.
func (b *PolicyBuilder) Rule(setting governancev1alpha1.RuleSetting) *PolicyBuilder {
	b.policy.Spec.Rules = append(b.policy.Spec.Rules, setting)
	return b
}

// Route sends findings of Medium and above, of the given rules or of all, to a TicketSystem.
func (b *PolicyBuilder) Route(name, namespace, ticketSystem string, rules ...governancev1alpha1.Rule) *PolicyBuilder {
	return b.RouteOf(governancev1alpha1.Route{
		Name:            governancev1alpha1.Key(name),
		Rules:           rules,
		TicketSystemRef: systemReference(namespace, ticketSystem),
	})
}

// RouteOf adds a route with all that is to be said of it.
func (b *PolicyBuilder) RouteOf(route governancev1alpha1.Route) *PolicyBuilder {
	if route.MinSeverity == "" {
		route.MinSeverity = governancev1alpha1.SeverityMedium
	}
	if route.Cause == "" {
		route.Cause = governancev1alpha1.CauseOptional
	}
	if route.ReopenWithin == "" {
		route.ReopenWithin = "P30D"
	}
	b.policy.Spec.Routes = append(b.policy.Spec.Routes, route)
	return b
}

// Obj gives a GovernancePolicy of its own; the builder can go on.
func (b *PolicyBuilder) Obj() *governancev1alpha1.GovernancePolicy { return b.policy.DeepCopy() }

func systemReference(namespace, name string) governancev1alpha1.NamespacedReference {
	return governancev1alpha1.NamespacedReference{
		Namespace: governancev1alpha1.ObjectName(namespace),
		Name:      governancev1alpha1.ObjectName(name),
	}
}
