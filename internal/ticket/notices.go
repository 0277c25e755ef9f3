package ticket

import (
	"fmt"
	"sort"
	"strings"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// isNotice is true for a comment that tells how a finding stands which has a ticket already.
func (c Content) isNotice() bool {
	return c.Operation == v1alpha1.OperationComment && TellsHowItStands(c.Reason) && c.Reason != ReasonDeclined
}

// TellsHowItStands is true for the reason of a comment on a finding that stands, beside those about the state of its ticket.
func TellsHowItStands(reason Reason) bool {
	switch reason {
	case ReasonReminded, ReasonEscalated, ReasonUpdated, ReasonDeclined:
		return true
	default:
		return false
	}
}

// noticeText says why a comment is made.
func noticeText(content Content) string {
	switch content.Reason {
	case ReasonReminded:
		return fmt.Sprintf("Reminder %d of %d: what this ticket is about still stands.", content.Count, content.Pace.MaxRepeats)
	case ReasonEscalated:
		return escalatedText(content)
	default:
		return "What this ticket is about has changed. It now stands like this."
	}
}

// escalatedText says that others are told as well, and where the first ticket is.
func escalatedText(content Content) string {
	status := &content.Remediation.Status
	text := "This is escalated: what it is about still stands"
	if status.AttemptSince != nil {
		text += ", as it has since " + status.AttemptSince.UTC().Format(timeForm)
	}
	text += ". Its severity is now " + string(content.Finding.Severity) + "."
	var others []string
	for _, other := range status.Tickets {
		if other.Key == content.TicketKey || other.ID == "" {
			continue
		}
		named := other.ID
		if other.URL != "" {
			named += " (" + other.URL + ")"
		}
		others = append(others, named)
	}
	if len(others) > 0 {
		text += " There is a ticket about it elsewhere: " + strings.Join(others, ", ") + "."
	}
	return text
}

// Shows is a digest of findings as a ticket tells of them: which stand, and how severe they are. It does not depend on their
// order.
func Shows(findings []v1alpha1.RemediedFinding) string {
	lines := make([]string, 0, len(findings))
	for _, finding := range standingOf(findings) {
		lines = append(lines, digest(string(finding.Kind), string(finding.Subject), string(finding.Rule), finding.About,
			string(finding.Severity)))
	}
	sort.Strings(lines)
	return digest(lines...)[:bodyHash]
}
