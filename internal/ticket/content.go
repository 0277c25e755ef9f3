package ticket

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// Content is everything that a message is made from.
type Content struct {
	ClusterID   string
	Remediation *v1alpha1.Remediation
	// Process is the subject, nil where it is gone.
	Process *v1alpha1.Process
	// Finding as it was last seen.
	Finding   v1alpha1.Finding
	Operation v1alpha1.Operation
	Reason    Reason
	// Ended says, with a close, why: one of the reasons of the condition Recovered, or EndedDeleted.
	Ended string
	// EndedAt is when the finding was seen to be gone.
	EndedAt    time.Time
	TicketKey  string
	SubjectKey string
	TicketID   string
}

// EndedDeleted says that a ticket is closed because its Remediation is deleted.
const EndedDeleted = "RemediationDeleted"

// detail says how much of the long lists and texts is shown.
type detail struct {
	steps, questions, runes int
}

// details are tried in turn until the message fits: most processes fit the first.
var details = []detail{{200, 32, 2048}, {60, 12, 600}, {20, 6, 300}, {0, 0, 200}}

const timeForm = "2006-01-02 15:04:05 UTC"

// compose says what a message says, the same for every type of system.
func compose(content Content, detail detail) Message {
	identity := IdentityOf(content.Remediation)
	return Message{
		ClusterID:   content.ClusterID,
		Operation:   content.Operation,
		Reason:      content.Reason,
		Identity:    identity,
		Remediation: content.Remediation.Namespace + "/" + content.Remediation.Name,
		TicketKey:   content.TicketKey,
		SubjectKey:  content.SubjectKey,
		TicketID:    content.TicketID,
		Severity:    content.Finding.Severity,
		Since:       content.Finding.Since.Time,
		Attempt:     max(content.Remediation.Status.Attempt, 1),
		Title:       fmt.Sprintf("%s (%s): %s", identity.Name, identity.Namespace, textOf(identity.Rule).title),
		Body:        bodyOf(content, identity, detail),
		Links:       linksOf(content.Process),
	}
}

func bodyOf(content Content, identity Identity, detail detail) string {
	var text paragraphs
	if content.Operation == v1alpha1.OperationClose {
		text.add(endedText(content))
		text.add(reference(content))
		return text.String()
	}
	if content.Operation == v1alpha1.OperationReopen {
		text.add(fmt.Sprintf("What this ticket is about has come back (attempt %d).", content.Remediation.Status.Attempt))
	}
	rule := textOf(identity.Rule)
	text.add(opening(content, identity, detail))
	text.add("Rule " + string(identity.Rule) + ", severity " + string(content.Finding.Severity) + ". " + whyOf(identity.Rule))
	text.add("What to do: " + rule.todo)
	text.add(causeText(content.Remediation))
	if content.Process != nil {
		requirement := requirementOf(content.Process, content.Finding)
		text.add(questionsText(requirement.Questions, detail))
		if rule.review {
			text.add(reviewTemplate(content.Process, requirement, content.Finding, detail))
		}
		text.add(linksText(content.Process))
	}
	text.add(reference(content))
	return text.String()
}

// opening says which process, what is wrong with it, since when, until when, and whom it concerns.
func opening(content Content, identity Identity, detail detail) string {
	lines := []string{fmt.Sprintf("Process %q in namespace %q: %s.", identity.Name, identity.Namespace,
		textOf(identity.Rule).title)}
	if said := oneLine(content.Finding.Message); said != "" {
		lines = append(lines, said)
	}
	lines = append(lines, "Since: "+content.Finding.Since.UTC().Format(timeForm), "By when: "+deadline(content))
	if process := content.Process; process != nil {
		lines = append(lines, "Whom it concerns: "+parties(process))
		lines = append(lines, "Why the process exists: "+shorten(string(process.Spec.Why), detail.runes))
	}
	return strings.Join(lines, "\n")
}

// deadline says by when something must happen, as an absolute time.
func deadline(content Content) string {
	rule := content.Finding.Rule
	if rule == v1alpha1.RuleReviewOverdue || rule == v1alpha1.RuleNeverReviewed {
		return "now; the deadline has passed"
	}
	if content.Process == nil || content.Process.Status.NextReview == nil {
		return "the next review"
	}
	return "the next review, due " + content.Process.Status.NextReview.Due.UTC().Format(timeForm)
}

// parties names roles and teams and never a person.
func parties(process *v1alpha1.Process) string {
	text := "the owner"
	if named := partyText(process.Spec.Owner); named != "" {
		text += " (" + named + ")"
	}
	if accountable := process.Spec.Accountable; accountable != nil && partyText(*accountable) != "" {
		text += ", accountable: " + partyText(*accountable)
	}
	return text
}

func partyText(party v1alpha1.Party) string {
	var named []string
	if party.Role != "" {
		named = append(named, oneLine(string(party.Role)))
	}
	if party.Team != "" {
		named = append(named, "team "+oneLine(string(party.Team)))
	}
	return strings.Join(named, ", ")
}

// causeText asks what was at fault, where the route wants to know.
func causeText(remediation *v1alpha1.Remediation) string {
	if remediation.Spec.Route.Cause != v1alpha1.CauseRequired || remediation.Spec.Cause != nil {
		return ""
	}
	return "Before anything is tried: what was at fault? Where numbers go wrong it is seldom the people. Write it to " +
		"spec.cause of the Remediation named below: Process, Handoff, Policy, Incentive, KPI, Authority, Technology, " +
		"Training, Communication, Resources, Supplier, People or Unknown."
}

// endings say why a ticket is closed.
var endings = map[string]string{
	v1alpha1.ReasonFindingGone:    "What this ticket is about is done: it was gone on %s and stayed so.",
	v1alpha1.ReasonWaived:         "What this ticket is about was accepted for a while by a waiver, seen on %s. The ticket is reopened if the waiver lapses and nothing has changed.",
	v1alpha1.ReasonRetired:        "The process was retired, seen on %s. Nothing is left to do.",
	v1alpha1.ReasonSubjectDeleted: "The process is no longer declared, seen on %s. Nothing is left to do.",
	EndedDeleted:                  "The Remediation behind this ticket was deleted, seen on %s. Nothing is tracked here any more.",
}

func endedText(content Content) string {
	form, known := endings[content.Ended]
	if !known {
		form = endings[v1alpha1.ReasonFindingGone]
	}
	text := fmt.Sprintf(form, content.EndedAt.UTC().Format(timeForm))
	if content.Ended != v1alpha1.ReasonFindingGone || content.Process == nil {
		return text
	}
	return text + reviewedText(content)
}

// reviewedText names the review that cleared a finding about reviews.
func reviewedText(content Content) string {
	if !textOf(content.Finding.Rule).review {
		return ""
	}
	for _, requirement := range content.Process.Status.Reviews {
		if string(requirement.Name) == content.Finding.About && requirement.LastReview != "" && requirement.LastHeldAt != nil {
			return fmt.Sprintf(" Review %q, held on %s, counts.", requirement.LastReview,
				requirement.LastHeldAt.UTC().Format(timeForm))
		}
	}
	return ""
}

// reference tells where the ticket comes from, for a person and for a search.
func reference(content Content) string {
	return fmt.Sprintf("Opened by Gemba for Remediation %s/%s. Ticket key: %s", content.Remediation.Namespace,
		content.Remediation.Name, content.TicketKey)
}

// paragraphs joins texts by empty lines and leaves out what is empty.
type paragraphs []string

func (p *paragraphs) add(text string) {
	if text != "" {
		*p = append(*p, text)
	}
}

// String gives the whole text.
func (p *paragraphs) String() string { return strings.Join(*p, "\n\n") }

// oneLine takes line breaks and control characters out of a text that somebody wrote, so that it can forge no lines.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
	}), " ")
}

// shorten cuts a text on one line, with an ellipsis where something is left out.
func shorten(text string, runes int) string {
	line := []rune(oneLine(text))
	if len(line) <= runes {
		return string(line)
	}
	return string(line[:runes-1]) + "…"
}
