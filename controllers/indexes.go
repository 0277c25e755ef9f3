package controllers

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// Fields by which objects are found. The first two are selectable at the API server under the same names, so that a
// list by them is the same with and without a cache.
const (
	fieldSubject      = "spec.subjectRef.name"
	fieldTicketSystem = "spec.route.ticketSystemRef.name"
	fieldCadence      = "spec.reviews.cadenceRef.name"
	fieldReference    = "spec.steps.processRef"
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
		{&governancev1alpha1.Process{}, fieldCadence, cadencesOf},
		{&governancev1alpha1.Process{}, fieldReference, referencedBy},
	}
	for _, index := range indexes {
		if err := indexer.IndexField(ctx, index.object, index.field, index.extract); err != nil {
			return fmt.Errorf("index %T by %s: %w", index.object, index.field, err)
		}
	}
	return nil
}

// subjectOf gives the name of the subject that an object refers to.
func subjectOf(object client.Object) []string {
	name := subjectName(object)
	if name == "" {
		return nil
	}
	return []string{name}
}

func subjectName(object client.Object) string {
	switch typed := object.(type) {
	case *governancev1alpha1.Review:
		return string(typed.Spec.SubjectRef.Name)
	case *governancev1alpha1.Waiver:
		return string(typed.Spec.SubjectRef.Name)
	case *governancev1alpha1.Remediation:
		if typed.Spec.SubjectRef != nil {
			return string(typed.Spec.SubjectRef.Name)
		}
	}
	return ""
}

func ticketSystemOf(object client.Object) []string {
	remediation, ok := object.(*governancev1alpha1.Remediation)
	if !ok {
		return nil
	}
	return []string{string(remediation.Spec.Route.TicketSystemRef.Name)}
}

func cadencesOf(object client.Object) []string {
	process, ok := object.(*governancev1alpha1.Process)
	if !ok {
		return nil
	}
	return cadenceNames(process)
}
