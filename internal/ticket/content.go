package ticket

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// Content is everything that a message is made from.
type Content struct {
	ClusterID   string
	Remediation *v1alpha1.Remediation
	// Subject is nil where it is gone, and for a group about several.
	Subject *governance.Subject
	// Members are the subjects of the findings of a group about several, by kind and name.
	Members []*governance.Subject
	// Finding as it was last seen.
	Finding   v1alpha1.Finding
	Operation v1alpha1.Operation
	Reason    Reason
	// Count says which message of its reason it is.
	Count int32
	// Pace of the route.
	Pace Pace
	// Ended says, with a close, why: one of the reasons of the condition Recovered, or EndedDeleted.
	Ended string
	// EndedAt is when the finding was seen to be gone.
	EndedAt    time.Time
	TicketKey  string
	SubjectKey string
	TicketID   string
	TicketURL  string
	// Assignee is the account to whom the ticket is assigned; empty where it is nobody.
	Assignee string
	// CauseBy is until when an answer is waited for, with ReasonRecovered.
	CauseBy time.Time
	// CauseHint says how people name the cause in the ticket system; empty where they cannot.
	CauseHint string
	// ReadsText is true where what people write into the text of the ticket is read.
	ReadsText bool
}

// ends says whether the message tells why a ticket is closed.
func (c Content) ends() bool {
	return c.Operation == v1alpha1.OperationClose ||
		c.Operation == v1alpha1.OperationComment && (c.Reason == ReasonVerified || c.Reason == ReasonClosed)
}

// EndedDeleted says that a ticket is closed because its Remediation is deleted.
const EndedDeleted = "RemediationDeleted"

// detail says how much of the long lists and texts is shown.
type detail struct {
	steps, questions, runes int
	// findings of a group that are listed, and how much of what each says.
	findings, line int
	// reviews of a group that are given to be filled in.
	reviews int
}

// details are tried in turn until the message fits: most processes fit the first.
var details = []detail{
	{200, 32, 2048, maxFindings, 300, 8}, {60, 12, 600, 100, 120, 4}, {20, 6, 300, 60, 60, 2},
	{0, 0, 200, 60, 0, 1}, {0, 0, 200, 15, 0, 1}, {0, 0, 200, 3, 0, 1},
}

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
		TicketURL:   content.TicketURL,
		Assignee:    content.Assignee,
		Title:       content.foreign(content.title(identity)),
		Findings:    findingsOf(content, detail),
		Body:        content.foreign(bodyOf(content, identity, detail)),
		Links:       linksOf(content.Subject),
	}
}

// foreign breaks what looks like the key of another ticket in a text that people wrote: a message that names another ticket is
// not Gemba's (Verify), and nobody mutes a ticket by such words.
func (c Content) foreign(text string) string {
	return keyForm.ReplaceAllStringFunc(text, func(key string) string {
		if key == c.TicketKey || key == c.SubjectKey {
			return key
		}
		return strings.Replace(key, "-", "\u2011", 1)
	})
}

// maxTitle is what every built-in system takes for a title, in characters: Jira, Redmine and GitLab take 255.
const maxTitle = 240

func (c Content) title(identity Identity) string {
	if c.isGroup() {
		return groupTitle(c)
	}
	return shorten(fmt.Sprintf("%s (%s): %s", identity.Name, identity.Namespace, textOf(identity.Kind, identity.Rule).title), maxTitle)
}

func bodyOf(content Content, identity Identity, detail detail) string {
	var text paragraphs
	if content.Reason == ReasonRecovered {
		text.add(fmt.Sprintf("What this ticket is about is gone since %s and stayed so. Before it is closed one answer is missing.",
			content.EndedAt.UTC().Format(timeForm)))
		text.add(causeQuestion(content.CauseHint))
		text.add("Without an answer it is closed on " + content.CauseBy.UTC().Format(timeForm) + ", and the cause counts as Unknown.")
		text.add(reference(content))
		return text.String()
	}
	if content.Reason == ReasonAssigned {
		text.add("This ticket is given to whom the route of its rule names.")
		text.add(reference(content))
		return text.String()
	}
	if content.Reason == ReasonDeclined {
		text.add(declinedText(content))
		text.add(reference(content))
		return text.String()
	}
	if content.isGroup() && !content.ends() {
		return groupText(content, detail)
	}
	if content.isNotice() {
		rule := textOf(identity.Kind, identity.Rule)
		text.add(noticeText(content))
		text.add(opening(content, identity, rule, detail))
		text.add(ruleLine(content, identity, rule))
		text.add("What to do: " + todoText(content.Subject, rule, detail))
		text.add(reference(content))
		return text.String()
	}
	if content.ends() {
		text.add(endedText(content, identity))
		text.add(EffectText(content.Remediation))
		text.add(reference(content))
		return text.String()
	}
	text.add(againText(content))
	rule := textOf(identity.Kind, identity.Rule)
	text.add(opening(content, identity, rule, detail))
	text.add(ruleLine(content, identity, rule))
	text.add("What to do: " + todoText(content.Subject, rule, detail))
	text.add(causeText(content))
	text.add(attemptsText(content))
	text.add(provenText(content.Remediation, rule))
	if content.Subject != nil {
		text.add(reviewText(content, rule, detail))
		text.add(linksText(content.Subject))
	}
	text.add(attemptForm(content))
	text.add(reference(content))
	return text.String()
}

// againText says, of a ticket that was opened before or elsewhere, why this is said again; empty for a comment, which says so itself.
func againText(content Content) string {
	switch {
	case content.isNotice():
		return ""
	case content.Reason == ReasonEscalated:
		return escalatedText(content)
	case content.Reason == ReasonReopened:
		return reopenedSentence
	case content.Operation == v1alpha1.OperationReopen, content.Reason == ReasonRelapsed:
		return relapsedSentence(content)
	default:
		return ""
	}
}

const reopenedSentence = "This ticket was closed, and what it is about still stands. It is opened again this once: it is closed by " +
	"itself when it is done. To accept what it is about for a while, record a Waiver."

func relapsedSentence(content Content) string {
	text := fmt.Sprintf("What this ticket is about has come back (attempt %d).", content.Remediation.Status.Attempt)
	if ask := learnText(content); ask != "" {
		text += " " + ask
	}
	return text
}

// ruleLine names the rule and says why it is there.
func ruleLine(content Content, identity Identity, rule ruleText) string {
	return "Rule " + string(identity.Rule) + ", severity " + string(content.Finding.Severity) + ". " + rule.why
}

// opening says which subject, what is wrong with it, since when, until when, and whom it concerns.
func opening(content Content, identity Identity, rule ruleText, detail detail) string {
	lines := []string{fmt.Sprintf("%s %q in namespace %q: %s.", identity.Kind, identity.Name, identity.Namespace, rule.title)}
	if message := messageOf(content, rule); message != "" {
		lines = append(lines, message)
	}
	lines = append(lines, "Since: "+content.Finding.Since.UTC().Format(timeForm), "By when: "+deadline(content, rule))
	return strings.Join(append(lines, concerns(content.Subject, detail)...), "\n")
}

// concerns says whom a subject concerns, what it is to reach, and why it exists.
func concerns(subject *governance.Subject, detail detail) []string {
	if subject == nil {
		return nil
	}
	lines := []string{"Whom it concerns: " + parties(subject)}
	if subject.Objective != "" {
		lines = append(lines, "Objective: "+oneLine(subject.Objective))
	}
	if why := shorten(string(subject.Why), detail.runes); why != "" || subject.Kind == v1alpha1.KindProcess {
		lines = append(lines, "Why the "+governance.Noun(subject.Kind)+" exists: "+why)
	}
	return lines
}

// parties names roles and teams and never a person.
func parties(subject *governance.Subject) string {
	text := "the owner"
	if named := partyText(subject.Owner); named != "" {
		text += " (" + named + ")"
	}
	if accountable := subject.Accountable; accountable != nil && partyText(*accountable) != "" {
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

// endings say why a ticket is closed, with {subject} for the kind of its subject, and {time} for when that was seen.
var endings = map[string]string{
	v1alpha1.ReasonFindingGone:    "What this ticket is about is done: it was gone on {time} and stayed so.",
	v1alpha1.ReasonWaived:         "What this ticket is about was accepted for a while by a waiver, seen on {time}. The ticket is reopened if the waiver lapses and nothing has changed.",
	v1alpha1.ReasonRetired:        "The {subject} was retired, seen on {time}. Nothing is left to do.",
	v1alpha1.ReasonSubjectDeleted: "The {subject} is no longer declared, seen on {time}. Nothing is left to do.",
	EndedDeleted:                  "The Remediation behind this ticket was deleted, seen on {time}. Nothing is tracked here any more.",
}

func endedText(content Content, identity Identity) string {
	form, known := endings[content.Ended]
	if !known {
		form = endings[v1alpha1.ReasonFindingGone]
	}
	text := strings.NewReplacer("{subject}", governance.Noun(identity.Kind),
		"{time}", content.EndedAt.UTC().Format(timeForm)).Replace(form)
	if content.Ended != v1alpha1.ReasonFindingGone || content.Subject == nil {
		return text
	}
	return text + reviewedText(content)
}

// reviewedText names the review that cleared a finding about reviews.
func reviewedText(content Content) string {
	if !textOf(content.Subject.Kind, content.Finding.Rule).review {
		return ""
	}
	for _, requirement := range content.Subject.Status.Reviews {
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
