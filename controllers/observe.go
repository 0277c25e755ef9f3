package controllers

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// observer gathers what verdicts need.
type observer struct {
	client.Reader
}

// policyFor gives the policy that judges the subjects of a namespace; the defaults where none does.
func (o observer) policyFor(ctx context.Context, namespace string) (governance.Policy, error) {
	var found corev1.Namespace
	if err := o.Get(ctx, client.ObjectKey{Name: namespace}, &found); err != nil {
		return governance.Policy{}, fmt.Errorf("get namespace %s: %w", namespace, err)
	}
	var policies governancev1alpha1.GovernancePolicyList
	if err := o.List(ctx, &policies); err != nil {
		return governance.Policy{}, fmt.Errorf("list governance policies: %w", err)
	}
	return governance.EffectivePolicy(governance.SelectPolicy(policies.Items, found.Labels)), nil
}

// policyNamed gets a policy; nil where it does not exist.
func (o observer) policyNamed(ctx context.Context, name string) (*governancev1alpha1.GovernancePolicy, error) {
	policy := &governancev1alpha1.GovernancePolicy{}
	err := o.Get(ctx, client.ObjectKey{Name: name}, policy)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("get GovernancePolicy %s: %w", name, err)
	}
	return policy, nil
}

// cadencesFor gives the cadences that a subject and its policy name, as far as they exist.
func (o observer) cadencesFor(
	ctx context.Context, subject *governance.Subject, policy governance.Policy,
) (governance.Cadences, error) {
	cadences := make(governance.Cadences)
	for _, name := range append(cadenceNames(subject.Reviews), policy.DefaultCadence(subject.Kind)) {
		if name == "" || cadences[name] != nil {
			continue
		}
		var found governancev1alpha1.ReviewCadence
		err := o.Get(ctx, client.ObjectKey{Name: name}, &found)
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("get review cadence %s: %w", name, err)
		}
		cadences[name] = &found
	}
	return cadences, nil
}

// subjectKey names a subject: two kinds may use one name.
type subjectKey struct {
	kind            governancev1alpha1.SubjectKind
	namespace, name string
}

// keyOf gives the subject that an object of a namespace refers to.
func keyOf(namespace string, ref governancev1alpha1.SubjectReference) subjectKey {
	return subjectKey{kind: governance.KindOf(ref.Kind), namespace: namespace, name: string(ref.Name)}
}

// reviewsOf gives all Reviews of a subject.
func (o observer) reviewsOf(ctx context.Context, of subjectKey) ([]governancev1alpha1.Review, error) {
	var reviews governancev1alpha1.ReviewList
	if err := o.List(ctx, &reviews, aboutSubject(of.namespace, of.name)...); err != nil {
		return nil, fmt.Errorf("list reviews of %s %s/%s: %w", of.kind, of.namespace, of.name, err)
	}
	return slices.DeleteFunc(reviews.Items, func(review governancev1alpha1.Review) bool {
		return governance.KindOf(review.Spec.SubjectRef.Kind) != of.kind
	}), nil
}

// waiversOf gives all Waivers of a subject.
func (o observer) waiversOf(ctx context.Context, of subjectKey) ([]governancev1alpha1.Waiver, error) {
	var waivers governancev1alpha1.WaiverList
	if err := o.List(ctx, &waivers, aboutSubject(of.namespace, of.name)...); err != nil {
		return nil, fmt.Errorf("list waivers of %s %s/%s: %w", of.kind, of.namespace, of.name, err)
	}
	return slices.DeleteFunc(waivers.Items, func(waiver governancev1alpha1.Waiver) bool {
		return governance.KindOf(waiver.Spec.SubjectRef.Kind) != of.kind
	}), nil
}

// surroundings is what is known around one subject.
type surroundings struct {
	governance.Known
	// subject is nil where it does not exist; object is the object that it was read from.
	subject *governance.Subject
	object  client.Object
}

// subject reads a subject; both are nil where it does not exist.
func (o observer) subject(ctx context.Context, of subjectKey) (*governance.Subject, client.Object, error) {
	key := client.ObjectKey{Namespace: of.namespace, Name: of.name}
	var object client.Object
	var seen func() *governance.Subject
	switch of.kind {
	case governancev1alpha1.KindKPI:
		kpi := &governancev1alpha1.KPI{}
		object, seen = kpi, func() *governance.Subject { return governance.KPISubject(kpi) }
	default:
		process := &governancev1alpha1.Process{}
		object, seen = process, func() *governance.Subject { return governance.ProcessSubject(process) }
	}
	err := o.Get(ctx, key, object)
	if apierrors.IsNotFound(err) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("get %s %s: %w", of.kind, key, err)
	}
	return seen(), object, nil
}

// around gathers what is known around a subject; the subject itself may be missing.
func (o observer) around(ctx context.Context, of subjectKey) (known surroundings, err error) {
	if known.subject, known.object, err = o.subject(ctx, of); err != nil {
		return known, err
	}
	known.Known, err = o.known(ctx, of, known.subject)
	return known, err
}

// known gathers what a verdict on a subject of any kind needs; the subject is nil where it was found missing.
func (o observer) known(ctx context.Context, of subjectKey, subject *governance.Subject,
) (known governance.Known, err error) {
	if known.Policy, err = o.policyFor(ctx, of.namespace); err != nil {
		return known, err
	}
	if known.Reviews, err = o.reviewsOf(ctx, of); err != nil {
		return known, err
	}
	if known.Waivers, err = o.waiversOf(ctx, of); err != nil {
		return known, err
	}
	if subject == nil {
		return known, nil
	}
	known.Cadences, err = o.cadencesFor(ctx, subject, known.Policy)
	return known, err
}

// cadenceNames lists the cadences that review requirements name.
func cadenceNames(requirements []governancev1alpha1.ReviewRequirement) []string {
	var names []string
	for _, requirement := range requirements {
		if requirement.CadenceRef != nil {
			names = append(names, string(requirement.CadenceRef.Name))
		}
	}
	return names
}
