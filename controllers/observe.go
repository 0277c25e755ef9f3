package controllers

import (
	"context"
	"fmt"

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

// cadencesFor gives the cadences that a process and its policy name, as far as they exist.
func (o observer) cadencesFor(
	ctx context.Context, process *governancev1alpha1.Process, policy governance.Policy,
) (governance.Cadences, error) {
	cadences := make(governance.Cadences)
	for _, name := range append(cadenceNames(process), policy.DefaultCadence()) {
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

// reviewsOf gives all Reviews of a subject.
func (o observer) reviewsOf(ctx context.Context, namespace, name string) ([]governancev1alpha1.Review, error) {
	var reviews governancev1alpha1.ReviewList
	err := o.List(ctx, &reviews, client.InNamespace(namespace), client.MatchingFields{fieldSubject: name})
	if err != nil {
		return nil, fmt.Errorf("list reviews of %s/%s: %w", namespace, name, err)
	}
	return reviews.Items, nil
}

// waiversOf gives all Waivers of a subject.
func (o observer) waiversOf(ctx context.Context, namespace, name string) ([]governancev1alpha1.Waiver, error) {
	var waivers governancev1alpha1.WaiverList
	err := o.List(ctx, &waivers, client.InNamespace(namespace), client.MatchingFields{fieldSubject: name})
	if err != nil {
		return nil, fmt.Errorf("list waivers of %s/%s: %w", namespace, name, err)
	}
	return waivers.Items, nil
}

// surroundings is what is known around one subject.
type surroundings struct {
	// process is nil where the subject does not exist.
	process  *governancev1alpha1.Process
	reviews  []governancev1alpha1.Review
	waivers  []governancev1alpha1.Waiver
	policy   governance.Policy
	cadences governance.Cadences
}

// around gathers what is known around a process; the process itself may be missing.
func (o observer) around(ctx context.Context, namespace, name string) (known surroundings, err error) {
	var process governancev1alpha1.Process
	err = o.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, &process)
	if client.IgnoreNotFound(err) != nil {
		return known, fmt.Errorf("get process %s/%s: %w", namespace, name, err)
	}
	if err == nil {
		known.process = &process
	}
	err = o.complete(ctx, namespace, name, &known)
	return known, err
}

// complete gathers the rest around a process that was read, or found missing.
func (o observer) complete(ctx context.Context, namespace, name string, known *surroundings) (err error) {
	if known.policy, err = o.policyFor(ctx, namespace); err != nil {
		return err
	}
	if known.reviews, err = o.reviewsOf(ctx, namespace, name); err != nil {
		return err
	}
	if known.waivers, err = o.waiversOf(ctx, namespace, name); err != nil {
		return err
	}
	if known.process == nil {
		return nil
	}
	known.cadences, err = o.cadencesFor(ctx, known.process, known.policy)
	return err
}

// cadenceNames lists the cadences that the reviews of a process name.
func cadenceNames(process *governancev1alpha1.Process) []string {
	var names []string
	for _, requirement := range process.Spec.Reviews {
		if requirement.CadenceRef != nil {
			names = append(names, string(requirement.CadenceRef.Name))
		}
	}
	return names
}
