package controllers

import (
	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// content is what a message for an operation is made from.
func (p *pass) content(operation v1alpha1.Operation, reason ticket.Reason, count int32) ticket.Content {
	content := ticket.Content{
		Finding: p.finding(), Count: count, Pace: p.pace,
		ClusterID: p.clusterID, Remediation: p.remediation, Subject: p.subject, Operation: operation,
		TicketKey: p.ticket.Key, SubjectKey: p.ticket.SubjectKey, TicketID: p.ticket.ID, TicketURL: p.ticket.URL,
	}
	p.introduce(&content)
	content.Finding.Severity = p.severity(content.Finding)
	if p.verdict.Gone == "" {
		content.Assignee = p.account
	}
	switch {
	case operation == v1alpha1.OperationAssign:
		content.Reason = ticket.ReasonAssigned
	case operation == v1alpha1.OperationCreate && p.step > 0:
		content.Reason = ticket.ReasonEscalated
	case operation == v1alpha1.OperationCreate:
		content.Reason = ticket.ReasonOpened
	case reason == ticket.ReasonRecovered:
		content.Reason, content.EndedAt, content.CauseBy = reason, p.verdict.GoneSince, p.verdict.CauseBy
	case operation == v1alpha1.OperationReopen, reason == ticket.ReasonRelapsed, reason == ticket.ReasonReopened:
		content.Reason = p.reopening()
	case ticket.TellsHowItStands(reason):
		content.Reason = reason
	default:
		p.end(&content)
	}
	return content
}

// introduce names the subjects of a group.
func (p *pass) introduce(content *ticket.Content) {
	group := p.remediation.Spec.Group
	switch {
	case group == nil:
	case group.SubjectRef == nil:
		content.Members = p.members
	case len(p.members) == 1:
		content.Subject = p.members[0]
	}
}

// end says why a ticket is closed.
func (p *pass) end(content *ticket.Content) {
	content.Reason, content.Ended, content.EndedAt = p.closing(), p.verdict.Gone, p.verdict.GoneSince
	if p.remediation.DeletionTimestamp != nil && p.verdict.Gone != v1alpha1.ReasonSubjectDeleted {
		content.Reason, content.Ended, content.EndedAt = ticket.ReasonClosed, ticket.EndedDeleted, p.now
	}
}

// unseenFinding stands in for a finding that was gone before it was ever looked at.
func unseenFinding(remediation *v1alpha1.Remediation) v1alpha1.Finding {
	named := remediation.Spec.Finding
	if named == nil {
		return v1alpha1.Finding{Severity: v1alpha1.SeverityMedium, Since: remediation.CreationTimestamp}
	}
	return v1alpha1.Finding{
		Rule: named.Rule, About: named.About, Episode: named.Episode, Severity: v1alpha1.SeverityMedium,
		Since: remediation.CreationTimestamp,
	}
}

// reopening is why the ticket is opened again, if it is.
func (p *pass) reopening() ticket.Reason {
	if p.ticket.ClosedOutside > 0 {
		return ticket.ReasonReopened
	}
	return ticket.ReasonRelapsed
}

// closing is why the ticket is closed, if it is.
func (p *pass) closing() ticket.Reason {
	if p.remediation.DeletionTimestamp == nil && p.verdict.Gone == v1alpha1.ReasonFindingGone {
		return ticket.ReasonVerified
	}
	return ticket.ReasonClosed
}
