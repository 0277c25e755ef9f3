package controllers

import (
	"context"

	"github.com/gemba-dev/gemba/internal/ticket"
)

// causeHint says how people name the cause in the ticket system of a pass; empty where they cannot, or nobody would look.
func (p *pass) causeHint(ctx context.Context, language ticket.Language) string {
	if readEvery(p.system) == 0 {
		return ""
	}
	return language.CauseHint(ctx)
}

// readsText is true where what people write into the text of a ticket is read.
func (p *pass) readsText(language ticket.Language) bool {
	return readEvery(p.system) != 0 && language.ReadsText()
}

// asksForCause is true where the next thing said would be the question for the cause: whoever has answered it in the ticket
// already is not asked.
func (p *pass) asksForCause() bool {
	return p.verdict.AwaitsCause && !ticket.HasAsked(p.ticket, p.remediation.Status.Attempt)
}
