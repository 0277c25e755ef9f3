package ticket

import (
	"fmt"
	"strings"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// groupHelp is what helps to cure the findings of a group: of one subject the reviews that are missing and its links, of several
// where each is explained.
func groupHelp(content Content, detail detail) (text paragraphs) {
	if content.Subject == nil {
		text.add(whereText(content, detail))
		return text
	}
	text = groupReviews(content, detail)
	text.add(linksText(content.Subject))
	return text
}

// groupReviews gives each review that is missing once, with its questions, to be filled in.
func groupReviews(content Content, detail detail) (text paragraphs) {
	given, left := map[v1alpha1.Key]bool{}, 0
	for _, finding := range standingOf(content.Remediation.Status.Findings) {
		rule := textOf(finding.Kind, finding.Rule)
		name := requirementOf(content.Subject, finding.Finding).Name
		switch {
		case !rule.review || given[name]:
			continue
		case len(given)-left < detail.reviews:
			text.add(reviewText(about(content, finding), rule, detail))
		default:
			left++
		}
		given[name] = true
	}
	if left > 0 {
		text.add(fmt.Sprintf("And %s more, in the same form.", counted(left, "review")))
	}
	return text
}

// whereText says of each subject of the findings that are listed where it is explained. It is the first to be left out where there
// is no room.
func whereText(content Content, detail detail) string {
	if detail.line == 0 {
		return ""
	}
	listed := standingOf(content.Remediation.Status.Findings)
	listed = listed[:min(len(listed), detail.findings)]
	lines := []string{"Where to look:"}
	for _, subject := range content.Members {
		if isListed(listed, subject) {
			lines = append(lines, fmt.Sprintf("- %s %s: %s", subject.Kind, subject.Name, whereIs(subject)))
		}
	}
	if len(lines) == 1 {
		return ""
	}
	return strings.Join(lines, "\n")
}

func isListed(listed []v1alpha1.RemediedFinding, subject *governance.Subject) bool {
	for i := range listed {
		if listed[i].Kind == subject.Kind && string(listed[i].Subject) == subject.Name {
			return true
		}
	}
	return false
}

// whereIs is the first of the links of a subject, its source where it has one, or how it is asked for.
func whereIs(subject *governance.Subject) string {
	if links := linksOf(subject); len(links) > 0 {
		return links[0].URL
	}
	return fmt.Sprintf("kubectl describe %s %s -n %s", strings.ToLower(string(subject.Kind)), subject.Name, subject.Namespace)
}
