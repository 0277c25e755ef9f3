package controllers

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// Fields by which objects are found. The first four are selectable at the API server under the same names, so that a
// list by them is the same with and without a cache; but for the systems of an escalation, which the cache alone knows.
const (
	fieldSubject      = "spec.subjectRef.name"
	fieldTicketSystem = "spec.route.ticketSystemRef.name"
	fieldGroup        = "spec.group.scope"
	fieldGroupSubject = "spec.group.subjectRef.name"
	fieldCadence      = "spec.reviews.cadenceRef.name"
	fieldReference    = "spec.steps.processRef"
	fieldProcess      = "spec.processRef.name"
	fieldMetricSource = "spec.source.metricSourceRef"
	fieldOtherKPI     = "spec.balancedBy"
)

// SetupIndexes registers the fields by which the reconcilers find objects in the cache.
func SetupIndexes(ctx context.Context, indexer client.FieldIndexer) error {
	indexes := []struct {
		object  client.Object
		field   string
		extract client.IndexerFunc
	}{
		{&governancev1alpha1.Review{}, fieldSubject, subjectOf},
		{&governancev1alpha1.Waiver{}, fieldSubject, subjectOf},
		{&governancev1alpha1.Remediation{}, fieldSubject, subjectOf},
		{&governancev1alpha1.Remediation{}, fieldTicketSystem, ticketSystemOf},
		{&governancev1alpha1.Remediation{}, fieldGroup, groupScopeOf},
		{&governancev1alpha1.Remediation{}, fieldGroupSubject, groupSubjectOf},
		{&governancev1alpha1.Process{}, fieldCadence, cadencesOf},
		{&governancev1alpha1.Process{}, fieldReference, referencedBy},
		{&governancev1alpha1.KPI{}, fieldCadence, cadencesOf},
		{&governancev1alpha1.KPI{}, fieldProcess, processOf},
		{&governancev1alpha1.KPI{}, fieldMetricSource, metricSourceOf},
		{&governancev1alpha1.KPI{}, fieldOtherKPI, otherKPIsOf},
	}
	for _, index := range indexes {
		if err := indexer.IndexField(ctx, index.object, index.field, index.extract); err != nil {
			return fmt.Errorf("index %T by %s: %w", index.object, index.field, err)
		}
	}
	return nil
}

// subjectOf gives the name of the subject that an object refers to. The kind is compared by whoever lists: the API server
// selects by the name alone.
func subjectOf(object client.Object) []string {
	of, ok := subjectOfObject(object)
	if !ok {
		return nil
	}
	return []string{of.name}
}

// subjectOfObject gives the subject that an object refers to; ok is false where it refers to none.
func subjectOfObject(object client.Object) (of subjectKey, ok bool) {
	switch typed := object.(type) {
	case *governancev1alpha1.Review:
		return keyOf(typed.Namespace, typed.Spec.SubjectRef), true
	case *governancev1alpha1.Waiver:
		return keyOf(typed.Namespace, typed.Spec.SubjectRef), true
	case *governancev1alpha1.Remediation:
		if typed.Spec.SubjectRef != nil {
			return keyOf(typed.Namespace, *typed.Spec.SubjectRef), true
		}
	}
	return subjectKey{}, false
}

// subjectName gives the name of the subject that an object refers to; empty for none.
func subjectName(object client.Object) string {
	of, _ := subjectOfObject(object)
	return of.name
}

func ticketSystemOf(object client.Object) []string {
	remediation, ok := object.(*governancev1alpha1.Remediation)
	if !ok {
		return nil
	}
	route := &remediation.Spec.Route
	names := []string{string(route.TicketSystemRef.Name)}
	for _, step := range route.Escalate {
		if step.TicketSystemRef != nil {
			names = append(names, string(step.TicketSystemRef.Name))
		}
	}
	return names
}

func groupScopeOf(object client.Object) []string {
	remediation, ok := object.(*governancev1alpha1.Remediation)
	if !ok || remediation.Spec.Group == nil {
		return nil
	}
	return []string{string(remediation.Spec.Group.Scope)}
}

// groupSubjectOf gives the name of the subject that the findings of a group are about, where they are about one.
func groupSubjectOf(object client.Object) []string {
	remediation, ok := object.(*governancev1alpha1.Remediation)
	if !ok || remediation.Spec.Group == nil || remediation.Spec.Group.SubjectRef == nil {
		return nil
	}
	return []string{string(remediation.Spec.Group.SubjectRef.Name)}
}

func cadencesOf(object client.Object) []string {
	switch typed := object.(type) {
	case *governancev1alpha1.Process:
		return cadenceNames(typed.Spec.Reviews)
	case *governancev1alpha1.KPI:
		return cadenceNames(typed.Spec.Reviews)
	default:
		return nil
	}
}

// processOf gives the name of the process that a KPI judges.
func processOf(object client.Object) []string {
	kpi, ok := object.(*governancev1alpha1.KPI)
	if !ok || kpi.Spec.ProcessRef == nil {
		return nil
	}
	return []string{string(kpi.Spec.ProcessRef.Name)}
}

// metricSourceOf gives "namespace/name" of the MetricSource that a KPI asks.
func metricSourceOf(object client.Object) []string {
	kpi, ok := object.(*governancev1alpha1.KPI)
	if !ok {
		return nil
	}
	key, named := metricSourceKey(kpi)
	if !named {
		return nil
	}
	return []string{key.String()}
}

// otherKPIsOf gives the names of the KPIs that a KPI is balanced by, and of the one that it predicts.
func otherKPIsOf(object client.Object) []string {
	kpi, ok := object.(*governancev1alpha1.KPI)
	if !ok {
		return nil
	}
	names := make([]string, 0, len(kpi.Spec.BalancedBy)+1)
	for _, name := range kpi.Spec.BalancedBy {
		names = append(names, string(name))
	}
	if kpi.Spec.ProxyFor != nil {
		names = append(names, string(kpi.Spec.ProxyFor.KPIRef.Name))
	}
	return names
}
