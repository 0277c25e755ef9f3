package controllers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// observeGroup gathers the findings of a group as they stand: those that it has, and those that its route brings to it. A group
// that is deleted takes up nothing new.
func (r *RemediationReconciler) observeGroup(ctx context.Context, p *pass) error {
	remediation := p.remediation
	p.observation = ticket.Observation{
		Group: true, Certain: true, Silent: remediation.Spec.Suspend, Gone: v1alpha1.ReasonFindingGone,
	}
	members := groupMembers{RemediationReconciler: r, remediation: remediation, now: p.now}
	claims, err := members.look(ctx)
	if err != nil || !claims {
		return err
	}
	subjects, err := observer{r}.subjectsOf(ctx, remediation)
	if err != nil {
		return err
	}
	for _, subject := range subjects {
		found, err := members.of(ctx, subject)
		if err != nil {
			return err
		}
		p.observation.Findings = append(p.observation.Findings, found...)
		if len(found) > 0 {
			p.members = append(p.members, subject)
		}
	}
	p.observation.Accepted = members.accepted
	slices.SortFunc(p.members, func(a, b *governance.Subject) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	p.wake = append(p.wake, members.settling...)
	switch {
	case len(p.observation.Findings) > 0:
		p.observation.Gone = ""
	case len(members.accepted) > 0:
		p.observation.Gone = v1alpha1.ReasonWaived
	}
	return nil
}

// groupMembers finds the findings of one group.
type groupMembers struct {
	*RemediationReconciler
	remediation *v1alpha1.Remediation
	// policy is nil where it is gone: then nothing new comes to the group.
	policy *v1alpha1.GovernancePolicy
	// others are for other groups of the namespace.
	others []v1alpha1.Remediation
	now    time.Time
	// accepted are the findings that the group had and that a waiver accepts by now.
	accepted []v1alpha1.RemediedFinding
	// settling are when findings of subjects that are new come to the group.
	settling []time.Time
}

// look gathers what is around a group. claims is true where its findings belong to this Remediation, and to no other of the same
// group; one that is deleted keeps what it has.
func (m *groupMembers) look(ctx context.Context) (claims bool, err error) {
	of := m.remediation.Spec
	if m.policy, err = (observer{m}).policyNamed(ctx, string(of.Route.Policy)); err != nil {
		return false, err
	}
	groups, err := groupsIn(ctx, m, m.remediation.Namespace)
	if err != nil {
		return false, err
	}
	var same []v1alpha1.Remediation
	for i := range groups {
		if ticket.IsOfGroup(&groups[i], of.Route.Policy, of.Route.Name, of.Group) {
			same = append(same, groups[i])
		}
		if groups[i].Name != m.remediation.Name {
			m.others = append(m.others, groups[i])
		}
	}
	return m.remediation.DeletionTimestamp != nil || ticket.ClaimGroup(same, m.now) == m.remediation.Name, nil
}

// of gives the findings of one subject that are of the group. Those of a subject that was not judged yet are as they were.
func (m *groupMembers) of(ctx context.Context, subject *governance.Subject) ([]v1alpha1.RemediedFinding, error) {
	if subject.Retired || subject.Deleting {
		return nil, nil
	}
	if subject.Status.ObservedGeneration <= 0 {
		return m.asTheyWere(subject), nil
	}
	var found []v1alpha1.RemediedFinding
	for _, finding := range subject.Status.Findings {
		member := v1alpha1.RemediedFinding{Kind: subject.Kind, Subject: v1alpha1.ObjectName(subject.Name), Finding: finding}
		if finding.WaivedBy != "" {
			if ticket.Had(m.remediation, subject.Kind, subject.Name, finding) {
				m.accepted = append(m.accepted, member)
			}
			continue
		}
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

func (m *groupMembers) asTheyWere(subject *governance.Subject) (found []v1alpha1.RemediedFinding) {
	for _, held := range m.remediation.Status.Findings {
		if held.Kind == subject.Kind && string(held.Subject) == subject.Name && held.GoneAt == nil {
			found = append(found, held)
		}
	}
	return found
}

// joins is true for a finding that comes to the group: its route brings it here, and it is on no other ticket.
func (m *groupMembers) joins(ctx context.Context, subject *governance.Subject, finding v1alpha1.Finding) (bool, error) {
	if m.remediation.DeletionTimestamp != nil || finding.MutedBy != "" || !m.isRouted(subject, finding) || isHeldBy(m.others, subject, finding) {
		return false, nil
	}
	if !mayOpenAt(subject, m.Settle, m.now) {
		if mayOpen(subject) {
			m.settling = append(m.settling, subject.Status.ObservedSince.Add(m.Settle))
		}
		return false, nil
	}
	own, err := remediationsOf(ctx, m, subject)
	return ticket.Claim(own, finding, m.now) == "", err
}

// isRouted is true for a finding that the policy of the group brings to it.
func (m *groupMembers) isRouted(subject *governance.Subject, finding v1alpha1.Finding) bool {
	if m.policy == nil || string(subject.Status.Policy) != m.policy.Name {
		return false
	}
	route := governance.MatchRoute(m.policy, subject.Labels, finding)
	if route == nil {
		return false
	}
	group := ticket.GroupOf(route, subject, finding)
	return group != nil && ticket.IsOfGroup(m.remediation, v1alpha1.ObjectName(m.policy.Name), route.Name, group)
}

// isHeldBy is true for a finding that is on the ticket of one of some groups, whatever its route says by now.
func isHeldBy(groups []v1alpha1.Remediation, subject *governance.Subject, finding v1alpha1.Finding) bool {
	return slices.ContainsFunc(groups, func(group v1alpha1.Remediation) bool {
		return group.DeletionTimestamp == nil && group.Status.State != v1alpha1.RemediationClosed &&
			ticket.Holds(&group, subject.Kind, subject.Name, finding)
	})
}

// mayOpenAt is true for a subject whose findings may open tickets: it was seen for long enough, and nobody has stopped messages.
func mayOpenAt(subject *governance.Subject, settle time.Duration, now time.Time) bool {
	return mayOpen(subject) && !now.Before(subject.Status.ObservedSince.Add(settle))
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

// subjectsOf gives the subjects that findings of a group may be about: all of the namespace, or the one that it names.
func (o observer) subjectsOf(ctx context.Context, group *v1alpha1.Remediation) ([]*governance.Subject, error) {
	if ref := group.Spec.Group.SubjectRef; ref != nil {
		subject, _, err := o.subject(ctx, keyOf(group.Namespace, *ref))
		if err != nil || subject == nil {
			return nil, err
		}
		return []*governance.Subject{subject}, nil
	}
	return o.subjectsIn(ctx, group.Namespace)
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
