package ticket_test

import (
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

// sampleKPI is a KPI as the demo company would declare it.
func sampleKPI() *v1alpha1.KPI {
	return &v1alpha1.KPI{
		ObjectMeta: metav1.ObjectMeta{Namespace: "journeys", Name: "movers-retained"},
		Spec: v1alpha1.KPISpec{
			Owner:  v1alpha1.Party{User: "jane@hearthlight.example", Team: "journey-leads", Role: "head of journeys"},
			Why:    "A customer who moves\nand stays is what the journey is for.",
			What:   "The share of movers who are customers three months later.",
			Action: "Call ten who left,\nand ask at which step they decided to.",
			Role:   v1alpha1.KPIOutcome, Unit: "%",
			Objective: v1alpha1.Objective{AtLeast: &v1alpha1.AtLeast{Target: "85"}},
			Links:     []v1alpha1.TypedLink{{Type: v1alpha1.LinkSource, URL: "https://git.example/kpis/movers-retained.yaml"}},
			Reviews: []v1alpha1.ReviewRequirement{{
				Name: "full", Every: "P18M", Questions: []v1alpha1.Text{"Who has decided by this number?"},
			}},
		},
	}
}

// missed is the finding of a KPI whose objective is missed, in the words of the judge.
func missed(change ...func(*v1alpha1.Finding)) v1alpha1.Finding {
	finding := v1alpha1.Finding{
		Rule: v1alpha1.RuleBreached, Severity: v1alpha1.SeverityHigh, Episode: "1",
		Since: metav1.NewTime(time.Date(2026, 2, 20, 6, 0, 0, 0, time.UTC)),
		Message: "The objective >= 85 % is missed. What to do: Call ten who left,\nand ask at which step they decided " +
			"to.",
	}
	for _, apply := range change {
		apply(&finding)
	}
	return finding
}

func sayingKPI(operation v1alpha1.Operation, kpi *v1alpha1.KPI, finding v1alpha1.Finding) ticket.Content {
	remediation := remedy("movers-retained-0123abcd", finding.Episode)
	remediation.Namespace = "journeys"
	remediation.Spec.SubjectRef = &v1alpha1.SubjectReference{Kind: v1alpha1.KindKPI, Name: "movers-retained"}
	remediation.Spec.Finding = &v1alpha1.FindingIdentity{Rule: finding.Rule, About: finding.About, Episode: finding.Episode}
	if finding.Rule == v1alpha1.RuleBreached {
		remediation.Spec.Route.Cause, remediation.Spec.Route.VerifyFor = v1alpha1.CauseRequired, "168h0m0s"
	}
	return ticket.Content{
		ClusterID: "prod", Remediation: &remediation, Subject: governance.KPISubject(kpi), Finding: finding,
		Operation: operation, Reason: ticket.ReasonOpened, EndedAt: noon.Add(-2 * time.Hour),
		TicketKey: "gemba-ticket", SubjectKey: "gemba-subject",
	}
}

func TestTheReviewInATicketOfAKPIIsOneOnceItIsFilledIn(t *testing.T) {
	t.Parallel()
	_, message := render(t, sayingKPI(v1alpha1.OperationCreate, sampleKPI(), overdue()))
	_, rest, found := strings.Cut(message.Body, "apiVersion:")
	if !found {
		t.Fatal("the ticket holds no Review")
	}
	template, _, _ := strings.Cut("apiVersion:"+rest, "\n\n")
	template = strings.Replace(template, "heldAt: REPLACE", "heldAt: 2026-03-02T12:00:00Z", 1)
	var review v1alpha1.Review
	if err := yaml.UnmarshalStrict([]byte(template), &review); err != nil {
		t.Fatalf("the template does not decode: %v\n%s", err, template)
	}
	want := v1alpha1.SubjectReference{Kind: v1alpha1.KindKPI, Name: "movers-retained"}
	if review.Kind != "Review" || review.Namespace != "journeys" || review.Spec.SubjectRef != want ||
		review.Spec.Requirement != "full" || review.Spec.Verdicts != nil || len(review.Spec.Answers) != 1 {
		t.Errorf("the review is %+v", review)
	}
}

func TestATicketOfAKPISays(t *testing.T) {
	t.Parallel()
	rule := func(rule v1alpha1.Rule) func(*v1alpha1.Finding) {
		return func(f *v1alpha1.Finding) { f.Rule, f.Message = rule, "" }
	}
	gone := func(ended string) func(*ticket.Content) {
		return func(c *ticket.Content) { c.Operation, c.Ended = v1alpha1.OperationClose, ended }
	}
	const action = "Call ten who left, and ask at which step they decided to."
	for sentence, test := range map[string]struct {
		finding   v1alpha1.Finding
		change    func(*ticket.Content)
		says, not string
	}{
		"the action of the KPI, where its objective is missed": {
			finding: missed(), says: "What to do: " + action + "\n",
		},
		"the action once, and not again where the finding says it": {
			finding: missed(), says: "The objective >= 85 % is missed.\n", not: action + "\nSince",
		},
		"the action where the objective is at risk": {finding: missed(rule(v1alpha1.RuleAtRisk)), says: "What to do: " + action},
		"nothing of the action where the value is stale": {
			finding: missed(rule(v1alpha1.RuleStale)), says: "What to do: Repair the source", not: action,
		},
		"the objective": {finding: missed(), says: "\nObjective: >= 85 %\n"},
		"that what must never happen is to be cured now": {
			finding: missed(func(f *v1alpha1.Finding) { f.Severity = v1alpha1.SeverityCritical }), says: "By when: now\n",
		},
		"for how long the number must stay good": {
			finding: missed(), says: "once what it is about is gone, and has stayed so for 7 days.",
		},
		"for how long, in the unit that fits": {
			finding: missed(), change: func(c *ticket.Content) { c.Remediation.Spec.Route.VerifyFor = "1h30m0s" },
			says: "has stayed so for 90 minutes.",
		},
		"for how long, where it is one of a unit": {
			finding: missed(), change: func(c *ticket.Content) { c.Remediation.Spec.Route.VerifyFor = "1h0m0s" },
			says: "has stayed so for 1 hour.",
		},
		"that a text may wait for the next review, however grave the policy takes it": {
			finding: missed(rule(v1alpha1.RuleNotActionable), func(f *v1alpha1.Finding) { f.Severity = v1alpha1.SeverityCritical }),
			says:    "By when: the next review\n",
		},
		"when that is due": {
			finding: missed(rule(v1alpha1.RuleNotActionable)), change: nextReview("2099-06-30T21:59:59Z"),
			says: "By when: the next review, due 2099-06-30 21:59:59 UTC\n",
		},
		"since when that is overdue, where it was so before": {
			finding: missed(rule(v1alpha1.RuleNotActionable)), change: nextReview("2021-01-01T23:59:59Z"),
			says: "By when: the next review, which is overdue since 2021-01-01 23:59:59 UTC\n",
		},
		"that the number need not stay good where the policy says so": {
			finding: missed(), change: func(c *ticket.Content) { c.Remediation.Spec.Route.VerifyFor = "0s" },
			says: "once what it is about is gone.", not: "stayed so",
		},
		"no questions of a review where a number is bad": {finding: missed(), says: "Breached", not: "Questions"},
		"repair or retire, where a review is overdue":    {finding: overdue(), says: "repair it or retire the KPI"},
		"nothing of steps, in a Review":                  {finding: overdue(), says: "kind: KPI", not: "verdict"},
		"nothing of a process":                           {finding: overdue(), says: "Why the KPI exists", not: "process"},
		"no action where none is declared": {
			finding: missed(), change: func(c *ticket.Content) { c.Subject.Action = "" }, says: "What to do: Find what is at fault",
		},
		"no why where none is declared": {
			finding: missed(), change: func(c *ticket.Content) { c.Subject.Why = "" }, says: "Breached", not: "exists",
		},
		"that the KPI is gone, where it is": {
			finding: missed(), change: gone(v1alpha1.ReasonSubjectDeleted), says: "The KPI is no longer declared, seen on 2026-03-02",
		},
		"what there is to say, where the KPI is gone": {
			finding: missed(), change: func(c *ticket.Content) { c.Subject = nil }, says: `KPI "movers-retained" in namespace "journeys"`,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			content := sayingKPI(v1alpha1.OperationCreate, sampleKPI(), test.finding)
			if test.change != nil {
				test.change(&content)
			}
			_, message := render(t, content)
			if !strings.Contains(message.Body, test.says) || test.not != "" && strings.Contains(message.Body, test.not) {
				t.Errorf("want %q and not %q in\n%s", test.says, test.not, message.Body)
			}
		})
	}
}

func TestAMessageFitsWhateverAKPISays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		kpi := sampleKPI()
		kpi.Spec.Why, kpi.Spec.Action = anyText(t, "why"), anyText(t, "action")
		kpi.Spec.Unit = firstRunes(anyText(t, "unit"), 32)
		kpi.Spec.Reviews[0].Questions = append(kpi.Spec.Reviews[0].Questions, anyText(t, "question"))
		finding := missed()
		finding.Rule = rapid.SampledFrom(governance.RulesOf(v1alpha1.KindKPI)).Draw(t, "rule")
		finding.Message = firstRunes(anyText(t, "message"), 512)
		expectFits(t, sayingKPI(v1alpha1.OperationCreate, kpi, finding))
	})
}

// nextReview says when the next review falls due.
func nextReview(due string) func(*ticket.Content) {
	return func(c *ticket.Content) {
		at, _ := time.Parse(time.RFC3339, due)
		subject := *c.Subject
		status := *subject.Status
		status.NextReview = &v1alpha1.NextReview{Due: metav1.NewTime(at)}
		subject.Status, c.Subject = &status, &subject
	}
}
