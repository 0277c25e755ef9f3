package controllers

import (
	"context"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// assign finds to whom the ticket of the errand is assigned while its finding stands, and whether that must be said now.
func (p *pass) assign(ctx context.Context) {
	if p.verdict.Gone != "" || p.observation.Muted || p.system == nil || p.want() != ticket.WantOpen {
		return
	}
	language, err := ticket.LanguageOf(&p.system.Spec)
	if err != nil {
		return
	}
	declared := p.pace.AssigneeOf(&p.remediation.Spec.Route, p.ticket.System, p.remediation.Status.Escalation)
	assignment := language.Assign(ctx, declared, &p.system.Spec, p.subjects()...)
	p.account = assignment.Account
	asking := ticket.Asking{ByMessage: language.Knows(v1alpha1.OperationAssign), DryRun: p.system.Spec.DryRun}
	var next time.Time
	p.ticket, p.assigns, next = ticket.WithAssignee(p.ticket, assignment, asking, p.now)
	p.wakeAt(next)
}

// cannotAssign notes why the message that assigns the ticket was not sent, which holds nothing else up.
func (p *pass) cannotAssign(what string, err error) {
	p.ticket = ticket.NotAssigned(p.ticket, p.account, sentence(what, err), p.now)
}

// subjects are those that the findings of the pass are about.
func (p *pass) subjects() []*governance.Subject {
	if p.subject == nil {
		return p.members
	}
	return []*governance.Subject{p.subject}
}
