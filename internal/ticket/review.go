package ticket

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// maxReviewName is the longest name of an object.
const maxReviewName = 253

// requirementOf finds the review requirement that a finding is about; where it is not declared it is the implied full
// review.
func requirementOf(subject *governance.Subject, finding v1alpha1.Finding) v1alpha1.ReviewRequirement {
	implied := v1alpha1.ReviewRequirement{Name: v1alpha1.RequirementFull, Type: v1alpha1.ReviewFull}
	for _, requirement := range subject.Reviews {
		if requirement.Type == "" {
			requirement.Type = v1alpha1.ReviewFull
		}
		if string(requirement.Name) == finding.About {
			return requirement
		}
		if finding.About == "" && requirement.Type == v1alpha1.ReviewFull {
			return requirement
		}
	}
	return implied
}

// reviewText helps to hold a review: its questions and, where one is what is missing, the Review to fill in. What only a
// number can cure asks for neither.
func reviewText(content Content, rule ruleText, detail detail) string {
	if rule.number {
		return ""
	}
	var text paragraphs
	requirement := requirementOf(content.Subject, content.Finding)
	text.add(questionsText(content.Subject.Kind, requirement.Questions, detail))
	if rule.review {
		text.add(reviewTemplate(content.Subject, requirement, content.Finding, detail))
	}
	return text.String()
}

// questionsText lists the questions to answer.
func questionsText(kind v1alpha1.SubjectKind, questions []v1alpha1.Text, detail detail) string {
	if len(questions) == 0 || detail.questions == 0 {
		return ""
	}
	lines := []string{"Questions to answer:"}
	for i, question := range questions {
		if i == detail.questions {
			lines = append(lines, fmt.Sprintf("and %d more, in the declaration of the %s", len(questions)-i, governance.Noun(kind)))
			break
		}
		lines = append(lines, fmt.Sprintf("%d. %s", i+1, shorten(string(question), detail.runes)))
	}
	return strings.Join(lines, "\n")
}

// reviewTemplate is a Review to fill in. What only the reviewer knows is REPLACE: the API server refuses that as a time,
// so that a template which nobody has filled in records nothing.
func reviewTemplate(subject *governance.Subject, requirement v1alpha1.ReviewRequirement, finding v1alpha1.Finding,
	detail detail,
) string {
	lines := []string{
		"The Review, ready to be filled in, committed or applied:",
		"",
		"apiVersion: " + v1alpha1.GroupVersion.String(),
		"kind: Review",
		"metadata:",
		"  name: " + reviewName(subject.Name, string(requirement.Name), finding),
		"  namespace: " + subject.Namespace,
		"spec:",
		"  subjectRef:",
	}
	if subject.Kind != v1alpha1.KindProcess {
		lines = append(lines, "    kind: "+string(subject.Kind))
	}
	lines = append(lines,
		"    name: "+subject.Name,
		"  requirement: "+string(requirement.Name),
		"  reviewer: REPLACE # your user name in the cluster",
		"  heldAt: REPLACE # when it was held, as in 2026-03-31T10:00:00Z",
	)
	lines = append(lines, particulars(subject, requirement, detail)...)
	return strings.Join(lines, "\n")
}

// particulars are what a review of a type must hold.
func particulars(subject *governance.Subject, requirement v1alpha1.ReviewRequirement, detail detail) []string {
	switch requirement.Type {
	case v1alpha1.ReviewContact:
		return []string{"  count: 1 # how many customers were spoken to"}
	case v1alpha1.ReviewWalk:
		return []string{"  answers:", "  - answer: REPLACE # what was seen"}
	case v1alpha1.ReviewCheckpoint:
		return append([]string{"  outcome: Approved # or ChangesRequired, with actions"}, answers(requirement, detail)...)
	default:
		lines := []string{"  outcome: Approved # or ChangesRequired, or Retire"}
		lines = append(lines, verdicts(subject.Steps, detail)...)
		return append(lines, answers(requirement, detail)...)
	}
}

func verdicts(steps []v1alpha1.Step, detail detail) []string {
	if len(steps) == 0 {
		return nil
	}
	lines := []string{"  verdicts: # one for each step: Keep, Change or Remove, with why"}
	for i, step := range steps {
		if i == detail.steps {
			return append(lines, fmt.Sprintf("  # and one for each of the %d other steps", len(steps)-i))
		}
		lines = append(lines, "  - step: "+string(step.Name), "    verdict: Keep")
	}
	return lines
}

func answers(requirement v1alpha1.ReviewRequirement, detail detail) []string {
	if len(requirement.Questions) == 0 || detail.questions == 0 {
		return nil
	}
	lines := []string{"  answers:"}
	for i, question := range requirement.Questions {
		if i == detail.questions {
			break
		}
		lines = append(lines, "  - question: "+strconv.Quote(shorten(string(question), detail.runes)), "    answer: REPLACE")
	}
	return lines
}

// reviewName proposes a name that tells the reviews of a subject apart: by the deadline that was missed.
func reviewName(subject, requirement string, finding v1alpha1.Finding) string {
	suffix := "-" + requirement + "-" + finding.Since.UTC().Format("2006-01-02")
	if len(subject)+len(suffix) > maxReviewName {
		subject = strings.TrimRight(subject[:maxReviewName-len(suffix)], "-.")
	}
	return subject + suffix
}

// maxLinks bounds how many links a message shows.
const maxLinks = 8

func linksOf(subject *governance.Subject) []Link {
	if subject == nil {
		return nil
	}
	var links []Link
	// The source comes first: it is where most findings are cured.
	for _, source := range []bool{true, false} {
		for _, link := range subject.Links {
			short := len(link.URL) <= 256 && plain(string(link.URL))
			if short && (link.Type == v1alpha1.LinkSource) == source && len(links) < maxLinks {
				links = append(links, Link{Type: string(link.Type), URL: string(link.URL)})
			}
		}
	}
	return links
}

func linksText(subject *governance.Subject) string {
	links := linksOf(subject)
	lines := make([]string, 0, len(links))
	for _, link := range links {
		lines = append(lines, link.Type+": "+link.URL)
	}
	return strings.Join(lines, "\n")
}
