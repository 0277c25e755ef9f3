package governance

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/status"
)

// PolicyInput is all that a verdict on a GovernancePolicy needs.
type PolicyInput struct {
	Policy *governancev1alpha1.GovernancePolicy
	// Policies are all of the cluster, the Policy among them.
	Policies []governancev1alpha1.GovernancePolicy
	// Namespaces gives the labels of each namespace.
	Namespaces []map[string]string
	// Missing names, as sentences, what the policy refers to and does not exist.
	Missing []string
}

// JudgePolicy tells whether a policy is understood, how many namespaces it judges, and in how many another policy takes
// its place.
func JudgePolicy(ctx context.Context, in PolicyInput, now time.Time) governancev1alpha1.GovernancePolicyStatus {
	judged := *in.Policy.Status.DeepCopy()
	judged.ObservedGeneration = in.Policy.Generation
	judged.Namespaces, judged.Shadowed = 0, 0
	for _, labels := range in.Namespaces {
		if !Selects(in.Policy.Spec.NamespaceSelector, labels) {
			continue
		}
		if chosen := SelectPolicy(in.Policies, labels); chosen != nil && chosen.Name == in.Policy.Name {
			judged.Namespaces++
			continue
		}
		judged.Shadowed++
	}
	status.SetReady(&judged.Conditions, policyReadiness(ctx, in), in.Policy.Generation, now)
	return judged
}

func policyReadiness(ctx context.Context, in PolicyInput) status.Readiness {
	if problem := policyProblem(ctx, &in.Policy.Spec); problem != "" {
		return status.Invalid(problem)
	}
	if len(in.Missing) > 0 {
		return status.NotFound(in.Missing[0])
	}
	return status.Reconciled("The policy is understood.")
}

// policyProblem says what only an edit of the policy cures; empty where there is nothing.
func policyProblem(ctx context.Context, spec *governancev1alpha1.GovernancePolicySpec) string {
	if err := selectorProblem(spec.NamespaceSelector); err != nil {
		return fmt.Sprintf("spec.namespaceSelector is not understood: %v.", err)
	}
	for i, requirement := range spec.Requirements {
		if err := selectorProblem(requirement.Selector); err != nil {
			return fmt.Sprintf("spec.requirements[%d].selector is not understood: %v.", i, err)
		}
	}
	for _, setting := range spec.Rules {
		if _, known := Rule(setting.Name); !known {
			return fmt.Sprintf("spec.rules names %s, which is no rule: see the reference for their names.", setting.Name)
		}
	}
	for _, route := range spec.Routes {
		if problem := routeProblem(ctx, &route); problem != "" {
			return problem
		}
	}
	return ""
}

func routeProblem(ctx context.Context, route *governancev1alpha1.Route) string {
	if err := selectorProblem(route.Selector); err != nil {
		return fmt.Sprintf("The selector of route %s is not understood: %v.", route.Name, err)
	}
	if _, err := ActiveTimes(route.ActiveTimes); err != nil {
		return fmt.Sprintf("The activeTimes of route %s are not understood: %v.", route.Name, err)
	}
	if problem := assigneesProblem(ctx, route); problem != "" {
		return problem
	}
	for _, rule := range route.Rules {
		if _, known := Rule(rule); !known {
			return fmt.Sprintf("Route %s names %s, which is no rule: see the reference for their names.", route.Name, rule)
		}
	}
	return ""
}

func selectorProblem(selector *metav1.LabelSelector) error {
	_, err := metav1.LabelSelectorAsSelector(selector)
	return err
}
