package ticket

import (
	"fmt"
	"strings"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// messageOf is what the finding says. It ends with the action of a KPI where that is what to do: the ticket says so once.
func messageOf(content Content, rule ruleText) string {
	message := oneLine(content.Finding.Message)
	if subject := content.Subject; subject != nil && rule.acts && subject.Action != "" {
		message = strings.TrimSuffix(message, " What to do: "+oneLine(string(subject.Action)))
	}
	return message
}

// todoText says what to do: first what the KPI itself says, where it is for this that it says so.
func todoText(subject *governance.Subject, rule ruleText, detail detail) string {
	if subject == nil || !rule.acts || subject.Action == "" {
		return rule.todo
	}
	return shorten(string(subject.Action), detail.runes) + "\n" + rule.todo
}

// deadline says by when something must happen, as an absolute time where there is one.
func deadline(content Content, rule ruleText) string {
	switch {
	case rule.number && content.Finding.Severity == v1alpha1.SeverityCritical:
		return "now"
	case rule.byWhen != "":
		return rule.byWhen
	case content.Subject == nil || content.Subject.Status.NextReview == nil:
		return "the next review"
	}
	// What was due before the finding came up is overdue. A clock is not asked: the text is the same whenever it is made.
	due, is := content.Subject.Status.NextReview.Due, "due "
	if due.Before(&content.Finding.Since) {
		is = "which is overdue since "
	}
	return "the next review, " + is + due.UTC().Format(timeForm)
}

// provenText says, of a ticket about a number, when it is closed.
func provenText(remediation *v1alpha1.Remediation, rule ruleText) string {
	if !rule.number {
		return ""
	}
	const form = "This ticket is closed by itself once what it is about is gone"
	if proof := verifyFor(remediation, ""); proof > 0 {
		return form + ", and has stayed so for " + inWords(proof) + "."
	}
	return form + "."
}

// inWords tells a duration in the largest unit that it is a whole number of.
func inWords(duration time.Duration) string {
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		switch count := duration / unit.size; {
		case duration%unit.size != 0:
		case count == 1:
			return "1 " + unit.name
		default:
			return fmt.Sprintf("%d %ss", count, unit.name)
		}
	}
	return duration.String()
}
