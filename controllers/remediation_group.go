package controllers

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// observeGroup gathers the findings of a group as they stand: those that it has, and those that its route brings to it.
func (r *RemediationReconciler) observeGroup(ctx context.Context, remediation *v1alpha1.Remediation, now time.Time,
) (ticket.Observation, error) {
	observation := ticket.Observation{
		Group: true, Certain: true, Silent: remediation.Spec.Suspend, Gone: v1alpha1.ReasonFindingGone,
	}
	claims, err := r.claimsGroup(ctx, remediation, now)
	if err != nil || !claims {
		return observation, err
	}
	members := groupMembers{
		RemediationReconciler: r, remediation: remediation, now: now,
	}
	if members.policy, err = r.policyNamed(ctx, string(remediation.Spec.Route.Policy)); err != nil {
		return observation, err
	}
	subjects, err := observer{r}.subjectsIn(ctx, remediation.Namespace)
	if err != nil {
		return observation, err
	}
	for _, subject := range subjects {
		found, err := members.of(ctx, subject)
		if err != nil {
			return observation, err
		}
		observation.Findings = append(observation.Findings, found...)
	}
	if len(observation.Findings) > 0 {
		observation.Gone = ""
	}
	return observation, nil
}

// claimsGroup is true where the findings of its group belong to a Remediation, and to no other of the same group.
func (r *RemediationReconciler) claimsGroup(ctx context.Context, remediation *v1alpha1.Remediation, now time.Time) (bool, error) {
	groups, err := groupsIn(ctx, r, remediation.Namespace)
	if err != nil {
		return false, err
	}
	of := remediation.Spec
	groups = slices.DeleteFunc(groups, func(other v1alpha1.Remediation) bool {
		return !ticket.IsOfGroup(&other, of.Route.Policy, of.Route.Name, of.Group)
	})
	return ticket.ClaimGroup(groups, now) == remediation.Name, nil
}

// groupMembers finds the findings of one group.
type groupMembers struct {
	*RemediationReconciler
	remediation *v1alpha1.Remediation
	// policy is nil where it is gone: then nothing new comes to the group.
	policy *v1alpha1.GovernancePolicy
	now    time.Time
}

// of gives the findings of one subject that are of the group. Those of a subject that was not judged yet are as they were.
func (m groupMembers) of(ctx context.Context, subject *governance.Subject) ([]v1alpha1.RemediedFinding, error) {
	if subject.Retired || subject.Deleting {
		return nil, nil
	}
	if subject.Status.ObservedGeneration <= 0 {
		return m.asTheyWere(subject), nil
	}
	var found []v1alpha1.RemediedFinding
	for _, finding := range subject.Status.Findings {
		if finding.WaivedBy != "" {
			continue
		}
		member := v1alpha1.RemediedFinding{Kind: subject.Kind, Subject: v1alpha1.ObjectName(subject.Name), Finding: finding}
		if ticket.Holds(m.remediation, subject.Kind, subject.Name, finding) {
			found = append(found, member)
			continue
		}
		joins, err := m.joins(ctx, subject, finding)
		if err != nil {
			return nil, err
		}
		if joins {
			member.VerifyFor = verifyFor(m.policy, finding.Rule)
			found = append(found, member)
		}
	}
	return found, nil
}

func (m groupMembers) asTheyWere(subject *governance.Subject) (found []v1alpha1.RemediedFinding) {
	for _, held := range m.remediation.Status.Findings {
		if held.Kind == subject.Kind && string(held.Subject) == subject.Name && held.GoneAt == nil {
			found = append(found, held)
		}
	}
	return found
}

// joins is true for a finding that comes to the group: its route brings it here, and it has no ticket of its own.
func (m groupMembers) joins(ctx context.Context, subject *governance.Subject, finding v1alpha1.Finding) (bool, error) {
	if finding.MutedBy != "" || m.policy == nil || string(subject.Status.Policy) != m.policy.Name || !mayOpenAt(subject, m.Settle, m.now) {
		return false, nil
	}
	route := governance.MatchRoute(m.policy, subject.Labels, finding)
	if route == nil {
		return false, nil
	}
	group := ticket.GroupOf(route, subject, finding)
	if group == nil || !ticket.IsOfGroup(m.remediation, v1alpha1.ObjectName(m.policy.Name), route.Name, group) {
		return false, nil
	}
	own, err := remediationsOf(ctx, m, subject)
	return ticket.Claim(own, finding, m.now) == "", err
}

// mayOpenAt is true for a subject whose findings may open tickets: it was seen for long enough, and nobody has stopped messages.
func mayOpenAt(subject *governance.Subject, settle time.Duration, now time.Time) bool {
	return mayOpen(subject) && !now.Before(subject.Status.ObservedSince.Add(settle))
}

// policyNamed gets a policy; nil where it does not exist.
func (r *RemediationReconciler) policyNamed(ctx context.Context, name string) (*v1alpha1.GovernancePolicy, error) {
	policy := &v1alpha1.GovernancePolicy{}
	err := r.Get(ctx, types.NamespacedName{Name: name}, policy)
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("get GovernancePolicy %s: %w", name, err)
	}
	return policy, nil
}

// groupsIn lists the Remediations of a namespace that are for groups of findings.
func groupsIn(ctx context.Context, reader client.Reader, namespace string) ([]v1alpha1.Remediation, error) {
	var list v1alpha1.RemediationList
	err := reader.List(ctx, &list, client.InNamespace(namespace),
		client.MatchingFields{fieldGroup: string(v1alpha1.GroupByNamespace)})
	if err != nil {
		return nil, fmt.Errorf("list the Remediations for groups in namespace %s: %w", namespace, err)
	}
	return list.Items, nil
}

// subjectsIn gives all subjects of a namespace.
func (o observer) subjectsIn(ctx context.Context, namespace string) (subjects []*governance.Subject, err error) {
	var processes v1alpha1.ProcessList
	if err := o.List(ctx, &processes, client.InNamespace(namespace)); err != nil {
		return nil, fmt.Errorf("list the processes of namespace %s: %w", namespace, err)
	}
	var kpis v1alpha1.KPIList
	if err := o.List(ctx, &kpis, client.InNamespace(namespace)); err != nil {
		return nil, fmt.Errorf("list the KPIs of namespace %s: %w", namespace, err)
	}
	for i := range processes.Items {
		subjects = append(subjects, governance.ProcessSubject(&processes.Items[i]))
	}
	for i := range kpis.Items {
		subjects = append(subjects, governance.KPISubject(&kpis.Items[i]))
	}
	return subjects, nil
}
