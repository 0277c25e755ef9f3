package builders

import (
	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// ProcessBuilder makes a Process.
type ProcessBuilder struct{ process governancev1alpha1.Process }

// MakeProcess begins with an active process that has a reason, a customer and an owner, and no steps and no reviews.
func MakeProcess(name string) *ProcessBuilder {
	return &ProcessBuilder{governancev1alpha1.Process{
		TypeMeta:   typeMeta("Process"),
		ObjectMeta: objectMeta(name),
		Spec: governancev1alpha1.ProcessSpec{
			Type:      governancev1alpha1.ProcessTypeProcess,
			Tier:      governancev1alpha1.TierStandard,
			Lifecycle: governancev1alpha1.LifecycleActive,
			Owner:     governancev1alpha1.Party{Role: "head of service"},
			Why:       "customers rely on it",
			Customers: []governancev1alpha1.Customer{
				{Name: "households", Relation: governancev1alpha1.CustomerExternal},
			},
		},
	}}
}

// InNamespace puts the process into a namespace.
func (b *ProcessBuilder) InNamespace(namespace string) *ProcessBuilder {
	b.process.Namespace = namespace
	return b
}

// Label sets a label.
func (b *ProcessBuilder) Label(key, value string) *ProcessBuilder {
	if b.process.Labels == nil {
		b.process.Labels = map[string]string{}
	}
	b.process.Labels[key] = value
	return b
}

// Type says which type of process it is.
func (b *ProcessBuilder) Type(processType governancev1alpha1.ProcessType) *ProcessBuilder {
	b.process.Spec.Type = processType
	return b
}

// Tier says how much depends on the process.
func (b *ProcessBuilder) Tier(tier governancev1alpha1.Tier) *ProcessBuilder {
	b.process.Spec.Tier = tier
	return b
}

// Draft makes the process a draft.
func (b *ProcessBuilder) Draft() *ProcessBuilder {
	b.process.Spec.Lifecycle = governancev1alpha1.LifecycleDraft
	return b
}

// Retired retires the process.
func (b *ProcessBuilder) Retired(reason string) *ProcessBuilder {
	b.process.Spec.Lifecycle = governancev1alpha1.LifecycleRetired
	b.process.Spec.Retirement = &governancev1alpha1.Retirement{Reason: governancev1alpha1.Text(reason)}
	return b
}

// Why says why the process exists.
func (b *ProcessBuilder) Why(why string) *ProcessBuilder {
	b.process.Spec.Why = governancev1alpha1.Text(why)
	return b
}

// What says what the process does.
func (b *ProcessBuilder) What(what string) *ProcessBuilder {
	b.process.Spec.What = governancev1alpha1.Text(what)
	return b
}

// Owner names the role that owns the process.
func (b *ProcessBuilder) Owner(role string) *ProcessBuilder {
	b.process.Spec.Owner.Role = governancev1alpha1.Label(role)
	return b
}

// OwnerUser names the user who owns the process.
func (b *ProcessBuilder) OwnerUser(user string) *ProcessBuilder {
	b.process.Spec.Owner.User = governancev1alpha1.Identity(user)
	return b
}

// OwnerTeam names the group that owns the process.
func (b *ProcessBuilder) OwnerTeam(team string) *ProcessBuilder {
	b.process.Spec.Owner.Team = governancev1alpha1.Identity(team)
	return b
}

// NoCustomers takes the customers away.
func (b *ProcessBuilder) NoCustomers() *ProcessBuilder {
	b.process.Spec.Customers = nil
	return b
}

// Step adds a step; an empty why leaves it out.
func (b *ProcessBuilder) Step(name, why string) *ProcessBuilder {
	return b.StepOf(governancev1alpha1.Step{
		Name: governancev1alpha1.Key(name),
		Why:  governancev1alpha1.Text(why),
	})
}

// StepOf adds a step with all that is to be said of it.
func (b *ProcessBuilder) StepOf(step governancev1alpha1.Step) *ProcessBuilder {
	b.process.Spec.Steps = append(b.process.Spec.Steps, step)
	return b
}

// InEffectSince says since when the process is in effect.
func (b *ProcessBuilder) InEffectSince(day string) *ProcessBuilder {
	b.process.Spec.InEffectSince = governancev1alpha1.Date(day)
	return b
}

// Suspend stops tickets and events about the process.
func (b *ProcessBuilder) Suspend() *ProcessBuilder {
	b.process.Spec.Suspend = true
	return b
}

// AllowNamespaces says from which namespaces the process may be referred to.
func (b *ProcessBuilder) AllowNamespaces(from governancev1alpha1.NamespacesFrom) *ProcessBuilder {
	b.process.Spec.AllowedNamespaces = &governancev1alpha1.AllowedNamespaces{From: from}
	return b
}

// Obj gives a Process of its own; the builder can go on.
func (b *ProcessBuilder) Obj() *governancev1alpha1.Process { return b.process.DeepCopy() }
