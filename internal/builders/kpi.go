package builders

import (
	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// KPIBuilder makes a KPI.
type KPIBuilder struct{ kpi governancev1alpha1.KPI }

// MakeKPI begins with a driver of quality that explains itself, is met from 90 upwards and is measured by hand, never yet.
func MakeKPI(name string) *KPIBuilder {
	return &KPIBuilder{governancev1alpha1.KPI{
		TypeMeta:   typeMeta("KPI"),
		ObjectMeta: objectMeta(name),
		Spec: governancev1alpha1.KPISpec{
			Owner:       governancev1alpha1.Party{Role: "head of service"},
			Why:         "it shows whether the work is done right",
			What:        "the share of cases without an error",
			Action:      "Look at the cases with errors and remove their cause.",
			Perspective: governancev1alpha1.PerspectiveQuality,
			Role:        governancev1alpha1.KPIDriver,
			Criticality: governancev1alpha1.CriticalityNonFatal,
			Objective:   governancev1alpha1.Objective{AtLeast: &governancev1alpha1.AtLeast{Target: "90"}},
			Source:      governancev1alpha1.KPISource{Manual: &governancev1alpha1.ManualMeasurements{}},
		},
	}}
}

// InNamespace puts the KPI into a namespace.
func (b *KPIBuilder) InNamespace(namespace string) *KPIBuilder {
	b.kpi.Namespace = namespace
	return b
}

// Process says which process the KPI judges.
func (b *KPIBuilder) Process(name string) *KPIBuilder {
	b.kpi.Spec.ProcessRef = &governancev1alpha1.LocalReference{Name: governancev1alpha1.ObjectName(name)}
	return b
}

// Outcome makes the KPI an outcome of a perspective.
func (b *KPIBuilder) Outcome(perspective governancev1alpha1.Perspective) *KPIBuilder {
	b.kpi.Spec.Role, b.kpi.Spec.Perspective = governancev1alpha1.KPIOutcome, perspective
	return b
}

// Perspective says from where the KPI looks.
func (b *KPIBuilder) Perspective(perspective governancev1alpha1.Perspective) *KPIBuilder {
	b.kpi.Spec.Perspective = perspective
	return b
}

// Fatal makes a breach of the KPI critical.
func (b *KPIBuilder) Fatal() *KPIBuilder {
	b.kpi.Spec.Criticality = governancev1alpha1.CriticalityFatal
	return b
}

// AtLeast is met from a target upwards; values below the warning are at risk, where one is given.
func (b *KPIBuilder) AtLeast(target string, warning ...string) *KPIBuilder {
	objective := &governancev1alpha1.AtLeast{Target: governancev1alpha1.Decimal(target)}
	if len(warning) > 0 {
		objective.Warning = decimal(warning[0])
	}
	b.kpi.Spec.Objective = governancev1alpha1.Objective{AtLeast: objective}
	return b
}

// AtMost is met up to a target; values above the warning are at risk, where one is given.
func (b *KPIBuilder) AtMost(target string, warning ...string) *KPIBuilder {
	objective := &governancev1alpha1.AtMost{Target: governancev1alpha1.Decimal(target)}
	if len(warning) > 0 {
		objective.Warning = decimal(warning[0])
	}
	b.kpi.Spec.Objective = governancev1alpha1.Objective{AtMost: objective}
	return b
}

// BalancedBy names counterweights.
func (b *KPIBuilder) BalancedBy(names ...string) *KPIBuilder {
	for _, name := range names {
		b.kpi.Spec.BalancedBy = append(b.kpi.Spec.BalancedBy, governancev1alpha1.ObjectName(name))
	}
	return b
}

// Measured adds a measurement of one day, taken at its end.
func (b *KPIBuilder) Measured(day, value string) *KPIBuilder {
	date := governancev1alpha1.Date(day)
	manual := b.kpi.Spec.Source.Manual
	manual.Measurements = append(manual.Measurements, governancev1alpha1.Measurement{
		Value: governancev1alpha1.Decimal(value), From: date, To: date, TakenAt: instant(day + "T23:59:59Z"),
	})
	return b
}

// Source says where the value comes from.
func (b *KPIBuilder) Source(source governancev1alpha1.KPISource) *KPIBuilder {
	b.kpi.Spec.Source = source
	return b
}

// Prometheus asks a MetricSource of the same namespace by a query.
func (b *KPIBuilder) Prometheus(source, query string) *KPIBuilder {
	return b.Source(governancev1alpha1.KPISource{Prometheus: &governancev1alpha1.PrometheusQuery{
		MetricSourceRef: governancev1alpha1.ObjectReference{Name: governancev1alpha1.ObjectName(source)}, Query: query,
	}})
}

// HTTP asks a MetricSource of the same namespace by a path, and takes the value out of the reply by an expression.
func (b *KPIBuilder) HTTP(source, path, value string) *KPIBuilder {
	return b.Source(governancev1alpha1.KPISource{HTTP: &governancev1alpha1.HTTPQuery{
		MetricSourceRef: governancev1alpha1.ObjectReference{Name: governancev1alpha1.ObjectName(source)},
		Method:          governancev1alpha1.HTTPGet, Path: path, Value: governancev1alpha1.Expression(value),
	}})
}

// ConfigMap reads a ConfigMap as a ServiceAccount, and takes the value out of it by an expression over object.
func (b *KPIBuilder) ConfigMap(name, serviceAccount, value string) *KPIBuilder {
	return b.Source(governancev1alpha1.KPISource{Kubernetes: &governancev1alpha1.KubernetesQuery{
		APIVersion: "v1", Kind: "ConfigMap", Name: governancev1alpha1.ObjectName(name),
		ServiceAccountName: governancev1alpha1.ObjectName(serviceAccount), Value: governancev1alpha1.Expression(value),
	}})
}

// Every says how often the value is asked for.
func (b *KPIBuilder) Every(duration string) *KPIBuilder {
	b.kpi.Spec.Every = governancev1alpha1.Duration(duration)
	return b
}

// StaleAfter says how old a value may be.
func (b *KPIBuilder) StaleAfter(duration string) *KPIBuilder {
	b.kpi.Spec.StaleAfter = governancev1alpha1.Duration(duration)
	return b
}

// HoldsFor says how long values must miss the objective, and how long meet it again, before the verdict follows.
func (b *KPIBuilder) HoldsFor(breachFor, recoverFor string) *KPIBuilder {
	b.kpi.Spec.BreachFor, b.kpi.Spec.RecoverFor = governancev1alpha1.Duration(breachFor), governancev1alpha1.Duration(recoverFor)
	return b
}

// Trend looks back and ahead.
func (b *KPIBuilder) Trend(window, horizon string) *KPIBuilder {
	b.kpi.Spec.Trend = &governancev1alpha1.Trend{
		Window: governancev1alpha1.Duration(window), Horizon: governancev1alpha1.Duration(horizon),
	}
	return b
}

// InEffectSince says since when the KPI is reported.
func (b *KPIBuilder) InEffectSince(day string) *KPIBuilder {
	b.kpi.Spec.InEffectSince = governancev1alpha1.Date(day)
	return b
}

// Tune changes anything else.
func (b *KPIBuilder) Tune(change func(*governancev1alpha1.KPISpec)) *KPIBuilder {
	change(&b.kpi.Spec)
	return b
}

// State writes a state into the status, as if it had been judged.
func (b *KPIBuilder) State(state governancev1alpha1.KPIState) *KPIBuilder {
	b.kpi.Status.State, b.kpi.Status.Judged = state, state
	return b
}

// Obj gives a copy of the KPI.
func (b *KPIBuilder) Obj() *governancev1alpha1.KPI {
	return b.kpi.DeepCopy()
}

func decimal(text string) *governancev1alpha1.Decimal {
	number := governancev1alpha1.Decimal(text)
	return &number
}
