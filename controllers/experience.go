package controllers

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// remediedSubject gives the subject whose findings a Remediation is for, alone or together; ok is false where they are those of a
// whole namespace.
func remediedSubject(object client.Object) (of subjectKey, ok bool) {
	remediation, isOne := object.(*governancev1alpha1.Remediation)
	if !isOne {
		return subjectKey{}, false
	}
	if group := remediation.Spec.Group; group != nil && group.SubjectRef != nil {
		return keyOf(remediation.Namespace, *group.SubjectRef), true
	}
	return subjectOfObject(remediation)
}

// remedies gives the Remediations of a subject, those for a group of its findings among them. Both are found by an index, and so
// are none of others. They must not be changed: a KPI is judged at each of its values, and its Remediations may hold long messages,
// so that those of the cache are looked at and not copied.
func (o observer) remedies(ctx context.Context, of subjectKey) ([]governancev1alpha1.Remediation, error) {
	var found []governancev1alpha1.Remediation
	for _, field := range []string{fieldSubject, fieldGroupSubject} {
		var list governancev1alpha1.RemediationList
		err := o.List(ctx, &list, client.InNamespace(of.namespace), client.MatchingFields{field: of.name}, client.UnsafeDisableDeepCopy)
		if err != nil {
			return nil, fmt.Errorf("list the Remediations of %s %s/%s: %w", of.kind, of.namespace, of.name, err)
		}
		for i := range list.Items {
			if named, ok := remediedSubject(&list.Items[i]); ok && named == of {
				found = append(found, list.Items[i])
			}
		}
	}
	return found, nil
}

// experienceOf gathers what the Remediations of a subject tell, and those of the KPIs that judge it.
func (o observer) experienceOf(
	ctx context.Context, of subjectKey, kpis []*governancev1alpha1.KPI,
) (governance.Experience, error) {
	own, err := o.remedies(ctx, of)
	if err != nil {
		return governance.Experience{}, err
	}
	var ofKPIs []governancev1alpha1.Remediation
	for _, kpi := range kpis {
		found, err := o.remedies(ctx, subjectKey{kind: governancev1alpha1.KindKPI, namespace: kpi.Namespace, name: kpi.Name})
		if err != nil {
			return governance.Experience{}, err
		}
		ofKPIs = append(ofKPIs, found...)
	}
	return governance.ExperienceOf(own, ofKPIs), nil
}

// causesChanged and lessonsChanged let pass that a Remediation tells something else than before: of what was at fault, and of what
// was learned. What is said to a ticket system passes neither: a storm of findings writes thousands of Remediations, and nobody has
// anything to learn from that.
var (
	causesChanged  = toldChanged(governance.CountedCause)
	lessonsChanged = toldChanged(governance.LacksLearning)
)

// toldChanged lets pass Remediations that begin to tell something, stop, or tell something else; the zero value is nothing.
func toldChanged[T comparable](told func(*governancev1alpha1.Remediation) T) predicate.Predicate {
	of := func(object client.Object) (said T) {
		if remediation, ok := object.(*governancev1alpha1.Remediation); ok {
			said = told(remediation)
		}
		return said
	}
	var nothing T
	return predicate.Funcs{
		CreateFunc:  func(created event.CreateEvent) bool { return of(created.Object) != nothing },
		UpdateFunc:  func(update event.UpdateEvent) bool { return of(update.ObjectOld) != of(update.ObjectNew) },
		DeleteFunc:  func(deleted event.DeleteEvent) bool { return of(deleted.Object) != nothing },
		GenericFunc: func(event.GenericEvent) bool { return false },
	}
}

// ofRemediedKPI asks for the process that a KPI judges to whose findings a Remediation belongs. One that is gone wakes its process
// itself.
func (r *ProcessReconciler) ofRemediedKPI(ctx context.Context, object client.Object) []reconcile.Request {
	of, ok := remediedSubject(object)
	kpi := &governancev1alpha1.KPI{}
	if !ok || of.kind != governancev1alpha1.KindKPI || r.Get(ctx, client.ObjectKey{Namespace: of.namespace, Name: of.name}, kpi) != nil {
		return nil
	}
	var found []reconcile.Request
	for _, name := range processOf(kpi) {
		found = append(found, reconcile.Request{NamespacedName: types.NamespacedName{Namespace: of.namespace, Name: name}})
	}
	return found
}
