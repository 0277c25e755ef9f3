package ticket

import (
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// attemptsText asks people to write down what they try, where a ticket is opened that asks for it.
func attemptsText(content Content) string {
	if !asksForAttempts(content) {
		return ""
	}
	const why = "An attempt may fail: what counts is what was learned from it."
	if !content.ReadsText {
		return "Write down what is tried, in spec.attempts of the Remediation named below. " + why
	}
	return "Write down what is tried, at the end of this text or in spec.attempts of the Remediation named below. " + why
}

// attemptForm is what people fill in, the last thing of a text but for what names the ticket: there an answer ends by itself. It is
// written as a list, because lines of a text run together where it is shown.
func attemptForm(content Content) string {
	if !asksForAttempts(content) || !content.ReadsText {
		return ""
	}
	return formHeading + "\n\n- Hypothesis:\n- Done:\n- Result:\n- Learned:"
}

const formHeading = "Attempts (for another one repeat the lines)"

func asksForAttempts(content Content) bool {
	return content.Operation == v1alpha1.OperationCreate && governance.AsksForAttempts(content.Remediation)
}

// learnText asks, where something has come back, what was learned from the last attempt.
func learnText(content Content) string {
	if !governance.AsksForAttempts(content.Remediation) || !governance.LacksLearning(content.Remediation) {
		return ""
	}
	where := "in spec.attempts of the Remediation named below"
	if content.ReadsText {
		where = "in the text of this ticket or " + where
	}
	return "Before the next attempt: what was learned from the last one? Write it down " + where + "."
}

// AwaitsLesson says whether it is worth reading the ticket of a Remediation that is closed: people may still write down there what was
// learned, and are waited for as long as for a cause. Later the Remediation takes it.
func AwaitsLesson(remediation *v1alpha1.Remediation, ticket v1alpha1.TicketStatus, now time.Time) bool {
	current := &remediation.Status
	isRecent := current.State == v1alpha1.RemediationClosed && current.ClosedAt != nil && now.Before(current.ClosedAt.Add(causePatience))
	return isRecent && Answerable(ticket) && governance.LacksLearning(remediation)
}
