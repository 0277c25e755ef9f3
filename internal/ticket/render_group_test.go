package ticket_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/ticket"
)

func found(kind v1alpha1.SubjectKind, subject v1alpha1.ObjectName, finding v1alpha1.Finding) v1alpha1.RemediedFinding {
	return v1alpha1.RemediedFinding{Kind: kind, Subject: subject, Finding: finding}
}

// sayingOfGroup is what is said about findings that share a ticket.
func sayingOfGroup(
	operation v1alpha1.Operation, reason ticket.Reason, group v1alpha1.FindingGroup, findings ...v1alpha1.RemediedFinding,
) ticket.Content {
	group.Scope, group.Episode = v1alpha1.GroupByNamespace, "1"
	remediation := v1alpha1.Remediation{
		ObjectMeta: metav1.ObjectMeta{Namespace: "journeys", Name: "group-0123abcd"},
		Spec:       v1alpha1.RemediationSpec{Group: &group, Route: v1alpha1.RouteSnapshot{Policy: "house", Name: "all"}},
		Status:     v1alpha1.RemediationStatus{Attempt: 1, Findings: findings, Standing: int32(len(findings))},
	}
	return ticket.Content{
		ClusterID: "prod", Remediation: &remediation, Finding: findings[0].Finding, Operation: operation, Reason: reason,
		TicketKey: "gemba-ticket", SubjectKey: "gemba-subject",
	}
}

// sayingOfKPI is about a KPI that misses its objective and was not reviewed for long.
func sayingOfKPI(operation v1alpha1.Operation, reason ticket.Reason) ticket.Content {
	kpi := sampleKPI()
	kpi.Status.NextReview = &v1alpha1.NextReview{Due: metav1.NewTime(time.Date(2026, 6, 30, 21, 59, 59, 0, time.UTC))}
	unbalanced := v1alpha1.Finding{Rule: v1alpha1.RuleUnbalanced, Severity: v1alpha1.SeverityMedium, Since: metav1.NewTime(noon)}
	never := overdue(func(f *v1alpha1.Finding) {
		f.Rule, f.Message = v1alpha1.RuleNeverReviewed, "No full review is recorded."
	})
	of := func(finding v1alpha1.Finding) v1alpha1.RemediedFinding {
		return found(v1alpha1.KindKPI, "movers-retained", finding)
	}
	content := sayingOfGroup(operation, reason, v1alpha1.FindingGroup{
		SubjectRef: &v1alpha1.SubjectReference{Kind: v1alpha1.KindKPI, Name: "movers-retained"},
	}, of(missed()), of(never), of(overdue()), of(unbalanced))
	content.Subject = governance.KPISubject(kpi)
	return content
}

// sayingOfNamespace is about a process and a KPI.
func sayingOfNamespace(operation v1alpha1.Operation, reason ticket.Reason) ticket.Content {
	bare := &v1alpha1.Process{ObjectMeta: metav1.ObjectMeta{Namespace: "journeys", Name: "house-move"}}
	content := sayingOfGroup(operation, reason, v1alpha1.FindingGroup{},
		found(v1alpha1.KindKPI, "movers-retained", missed()), found(v1alpha1.KindProcess, "house-move", overdue()),
		found(v1alpha1.KindProcess, "house-move", v1alpha1.Finding{
			Rule: v1alpha1.RuleNoCustomer, Severity: v1alpha1.SeverityMedium, Since: metav1.NewTime(noon),
		}))
	content.Members = []*governance.Subject{governance.KPISubject(sampleKPI()), governance.ProcessSubject(bare)}
	return content
}

func TestTheTicketOfAGroup(t *testing.T) {
	t.Parallel()
	const (
		action = "Call ten who left, and ask at which step they decided to."
		why    = "Why the KPI exists: A customer who moves and stays is what the journey is for."
	)
	for sentence, test := range map[string]struct {
		content ticket.Content
		says    []string
		not     []string
	}{
		"about one subject says when it opens whom it concerns, why it exists, what to do and by when": {
			content: sayingOfKPI(v1alpha1.OperationCreate, ticket.ReasonOpened),
			says: []string{
				"Whom it concerns: the owner (head of journeys, team journey-leads)\nObjective: >= 85 %\n" + why, "What to do: " + action,
				"By when: now; the deadline has passed", "By when: the next review, due 2026-06-30 21:59:59 UTC",
				"1. Who has decided by this number?", "kind: Review", "Source: https://git.example/kpis/movers-retained.yaml",
			},
		},
		"about one subject says so again when it is opened again": {
			content: sayingOfKPI(v1alpha1.OperationReopen, ticket.ReasonRelapsed), says: []string{why, "kind: Review", action},
		},
		"about one subject says so again in the comment that a reopening needs": {
			content: sayingOfKPI(v1alpha1.OperationComment, ticket.ReasonReopened), says: []string{why, "kind: Review", action},
		},
		"is told in a few words when findings come and go": {
			content: sayingOfKPI(v1alpha1.OperationComment, ticket.ReasonUpdated), says: []string{"What to do: Find what is at fault"},
			not: []string{"Whom it concerns", "kind: Review", "Why the KPI", "By when", "Source:"},
		},
		"is told in a few words when it is reminded of": {
			content: sayingOfKPI(v1alpha1.OperationComment, ticket.ReasonReminded), not: []string{"Whom it concerns", "kind: Review", "Source:"},
		},
		"about one subject does without it where that is gone": {
			content: func() ticket.Content {
				content := sayingOfKPI(v1alpha1.OperationCreate, ticket.ReasonOpened)
				content.Subject = nil
				return content
			}(), says: []string{"Breached"}, not: []string{"Whom it concerns", "kind: Review"},
		},
		"about several says where each is explained, and by when where a deadline has passed": {
			content: sayingOfNamespace(v1alpha1.OperationCreate, ticket.ReasonOpened),
			says: []string{
				"By when: now; the deadline has passed", "- KPI movers-retained: https://git.example/kpis/movers-retained.yaml\n",
				"- Process house-move: kubectl describe process house-move -n journeys\n",
			},
			not: []string{"the next review", "Whom it concerns", "kind: Review"},
		},
		"that was declined offers a Waiver": {
			content: sayingOfKPI(v1alpha1.OperationComment, ticket.ReasonDeclined),
			says:    []string{"kind: Waiver", "Each finding needs a Waiver of its own"}, not: []string{"Whom it concerns"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			_, message := render(t, test.content)
			for _, text := range test.says {
				if !strings.Contains(message.Body, text) {
					t.Errorf("it does not say %q:\n%s", text, message.Body)
				}
			}
			for _, text := range test.not {
				if strings.Contains(message.Body, text) {
					t.Errorf("it says %q:\n%s", text, message.Body)
				}
			}
		})
	}
}

func TestTheTicketOfAGroupGivesEachMissingReviewOnce(t *testing.T) {
	t.Parallel()
	_, message := render(t, sayingOfKPI(v1alpha1.OperationCreate, ticket.ReasonOpened))
	if count := strings.Count(message.Body, "kind: Review\n"); count != 1 {
		t.Errorf("it gives %d", count)
	}
	_, rest, _ := strings.Cut(message.Body, "apiVersion:")
	template, _, _ := strings.Cut("apiVersion:"+rest, "\n\n")
	var review v1alpha1.Review
	if err := yaml.UnmarshalStrict([]byte(strings.Replace(template, "heldAt: REPLACE", "heldAt: 2026-03-02T12:00:00Z", 1)), &review); err != nil {
		t.Fatalf("the template does not decode: %v\n%s", err, template)
	}
	if review.Spec.SubjectRef.Name != "movers-retained" || review.Spec.Requirement != "full" || len(review.Spec.Answers) != 1 {
		t.Errorf("the review is %+v", review)
	}
}

func TestTheTitleOfAGroupCountsItsFindings(t *testing.T) {
	t.Parallel()
	one := sayingOfGroup(v1alpha1.OperationCreate, ticket.ReasonOpened, v1alpha1.FindingGroup{Rule: v1alpha1.RuleReviewOverdue},
		found(v1alpha1.KindProcess, "house-move", overdue()))
	for want, content := range map[string]ticket.Content{
		"journeys: 1 finding needs attention (ReviewOverdue)":   one,
		"movers-retained (journeys): 4 findings need attention": sayingOfKPI(v1alpha1.OperationCreate, ticket.ReasonOpened),
	} {
		if _, message := render(t, content); message.Title != want {
			t.Errorf("the title is %q, want %q", message.Title, want)
		}
	}
}

func TestAMessageOfAGroupFitsWhateverTheSubjectSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		process := sample()
		process.Spec.Why, process.Spec.Reviews = anyText(t, "why"), nil
		for range rapid.IntRange(0, 200).Draw(t, "steps") {
			process.Spec.Steps = append(process.Spec.Steps, v1alpha1.Step{Name: v1alpha1.Key(strings.Repeat("s", 63))})
		}
		var findings []v1alpha1.RemediedFinding
		for i := range rapid.IntRange(1, 200).Draw(t, "findings") {
			name := fmt.Sprintf("%03d-%s", i, strings.Repeat("r", 59))
			question := anyText(t, "question")
			process.Spec.Reviews = append(process.Spec.Reviews, v1alpha1.ReviewRequirement{
				Name: v1alpha1.Key(name), Questions: []v1alpha1.Text{question, question, question},
			})
			findings = append(findings, found(v1alpha1.KindProcess, "refunds", overdue(func(f *v1alpha1.Finding) {
				f.About, f.Message = name, firstRunes(question, 512)
			})))
		}
		for range rapid.IntRange(0, 32).Draw(t, "links") {
			process.Spec.Links = append(process.Spec.Links, v1alpha1.TypedLink{URL: v1alpha1.Link("https://" + strings.Repeat("l", 248))})
		}
		of := v1alpha1.FindingGroup{SubjectRef: &v1alpha1.SubjectReference{Kind: v1alpha1.KindProcess, Name: "refunds"}}
		content := sayingOfGroup(v1alpha1.OperationCreate, ticket.ReasonOpened, of, findings...)
		content.Subject = governance.ProcessSubject(process)
		expectFits(t, content)
	})
}
