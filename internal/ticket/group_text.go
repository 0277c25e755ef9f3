package ticket

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// isGroup is true for a message about several findings.
func (c Content) isGroup() bool { return c.Remediation.Spec.Group != nil }

// groupTitle says how many findings there were when the ticket was opened: it is not changed later.
func groupTitle(content Content) string {
	group := content.Remediation.Spec.Group
	what := content.findingsNeed() + " attention"
	if group.Rule != "" {
		what += " (" + string(group.Rule) + ")"
	}
	named := content.Remediation.Namespace
	if group.SubjectRef != nil {
		named = string(group.SubjectRef.Name) + " (" + named + ")"
	}
	return shorten(named+": "+what, maxTitle)
}

// standing is how many findings stand.
func (c Content) standing() int { return int(c.Remediation.Status.Standing) }

// findingsNeed begins a sentence about what the findings that stand need.
func (c Content) findingsNeed() string {
	if c.standing() == 1 {
		return "1 finding needs"
	}
	return counted(c.standing(), "finding") + " need"
}

func counted(count int, noun string) string {
	if count == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", count, noun)
}

// groupText is what a ticket about several findings says: what stands, rule by rule, the gravest first, and in a comment what has
// come and gone since the last one. Whom that concerns, and what helps to cure it, is said when the ticket opens, and opens again.
func groupText(content Content, detail detail) string {
	var text paragraphs
	if content.isNotice() {
		text.add(noticeText(content))
		text.add(changesText(content, detail))
	}
	text.add(againText(content))
	text.add(fmt.Sprintf("In namespace %q %s somebody's attention. This ticket tells of all that come up: it is told as they come and go, "+
		"and closed by itself when none is left.", content.Remediation.Namespace, content.findingsNeed()))
	if !content.isNotice() {
		text.add(strings.Join(concerns(content.Subject, detail), "\n"))
	}
	text = append(text, ruleSections(content, detail)...)
	text.add(causeText(content))
	text.add(attemptsText(content))
	if !content.isNotice() {
		text = append(text, groupHelp(content, detail)...)
	}
	text.add(attemptForm(content))
	text.add(reference(content))
	return text.String()
}

// ruleSections tell of the findings that stand, a section for each rule, and of how many more there are.
func ruleSections(content Content, detail detail) (text paragraphs) {
	standing := standingOf(content.Remediation.Status.Findings)
	shown := standing[:min(len(standing), detail.findings)]
	left := content.standing() - len(shown)
	for len(shown) > 0 {
		last := 1
		for last < len(shown) && shown[last].Rule == shown[0].Rule && shown[last].Kind == shown[0].Kind {
			last++
		}
		text.add(ruleSection(content, shown[:last], detail))
		shown = shown[last:]
	}
	if left > 0 {
		text.add(fmt.Sprintf("And %d more: kubectl get processes,kpis -n %s shows them all.", left, content.Remediation.Namespace))
	}
	return text
}

// ruleSection tells of findings of one rule: what it is, why it is there, by when and what to do, and about what it was found.
func ruleSection(content Content, findings []v1alpha1.RemediedFinding, detail detail) string {
	rule := textOf(findings[0].Kind, findings[0].Rule)
	lines := []string{fmt.Sprintf("%s (severity %s): %s. %s", findings[0].Rule, findings[0].Severity, rule.title, rule.why)}
	if content.isNotice() {
		content.Subject = nil
	} else if at := groupDeadline(about(content, findings[0]), rule); at != "" {
		lines = append(lines, "By when: "+at)
	}
	lines = append(lines, "What to do: "+todoText(content.Subject, rule, detail))
	for _, finding := range findings {
		lines = append(lines, "- "+findingLine(about(content, finding), finding, rule, detail))
	}
	return strings.Join(lines, "\n")
}

// about is the content of a message about one finding of its group.
func about(content Content, finding v1alpha1.RemediedFinding) Content {
	content.Finding = finding.Finding
	return content
}

// groupDeadline is by when findings of a rule must be cured; empty for what may wait for the next review of several subjects.
func groupDeadline(content Content, rule ruleText) string {
	if content.Subject == nil && rule.byWhen == "" {
		return ""
	}
	return deadline(content, rule)
}

func findingLine(content Content, finding v1alpha1.RemediedFinding, rule ruleText, detail detail) string {
	line := fmt.Sprintf("%s %s", finding.Kind, finding.Subject)
	if finding.About != "" {
		line += " (" + oneLine(finding.About) + ")"
	}
	line += ", since " + finding.Since.UTC().Format(timeForm)
	if message := shorten(messageOf(content, rule), max(detail.line, 1)); detail.line > 0 && message != "" {
		line += ": " + message
	}
	return line
}

// changesText lists what has come and gone since the ticket was last told.
func changesText(content Content, detail detail) string {
	var lines []string
	for _, finding := range content.Remediation.Status.Findings {
		named := fmt.Sprintf("%s of %s %s", finding.Rule, strings.ToLower(string(finding.Kind)), finding.Subject)
		switch {
		case finding.Told:
		case finding.GoneAt != nil && finding.WaivedBy != "":
			lines = append(lines, fmt.Sprintf("- accepted by waiver %s: %s", finding.WaivedBy, named))
		case finding.GoneAt != nil:
			lines = append(lines, "- gone: "+named)
		default:
			lines = append(lines, "- new: "+named)
		}
	}
	slices.Sort(lines)
	if more := len(lines) - detail.findings; more > 0 {
		lines = append(lines[:detail.findings], fmt.Sprintf("- and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// findingsOf are the findings of a group as data.
func findingsOf(content Content, detail detail) []any {
	if !content.isGroup() {
		return nil
	}
	var list []any
	standing := standingOf(content.Remediation.Status.Findings)
	for _, finding := range standing[:min(len(standing), detail.findings)] {
		list = append(list, map[string]any{
			"kind": string(finding.Kind), "name": string(finding.Subject), "rule": string(finding.Rule), "about": finding.About,
			"severity": string(finding.Severity), "since": finding.Since.UTC().Format(time.RFC3339),
		})
	}
	return list
}
