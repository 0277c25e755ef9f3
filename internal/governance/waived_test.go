package governance_test

import (
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

// overdueProcess is one that is overdue from 1 July 2024 on, with its yearly and its weekly review.
func overdueProcess() *builders.ProcessBuilder {
	return builders.MakeProcess("refunds").OwnerUser("otto").InEffectSince("2023-06-30").Checkpoint("weekly", "P1W")
}

func TestWaivedFindings(t *testing.T) {
	t.Parallel()
	never, overdue := v1alpha1.RuleNeverReviewed, v1alpha1.RuleReviewOverdue
	for sentence, test := range map[string]struct {
		waivers    []*builders.WaiverBuilder
		when       string
		waived     map[v1alpha1.Rule]v1alpha1.ObjectName
		review     string
		compliant  string
		nextChange string
	}{
		"without a waiver every finding weighs": {
			when: "2024-07-02", review: "False/NeverReviewed", compliant: "False/NeverReviewed",
		},
		"a waiver that names no requirement accepts the finding about any": {
			waivers: []*builders.WaiverBuilder{builders.MakeWaiver("move").Accepts(never, overdue)},
			when:    "2024-07-02", waived: map[v1alpha1.Rule]v1alpha1.ObjectName{never: "move", overdue: "move"},
			review: "False/Waived", compliant: "True/Waived", nextChange: "2024-10-01",
		},
		"a waiver that names the requirement accepts the finding about it": {
			waivers: []*builders.WaiverBuilder{builders.MakeWaiver("move").AcceptsAbout(never, "full")},
			when:    "2024-07-02", waived: map[v1alpha1.Rule]v1alpha1.ObjectName{never: "move"},
			review: "False/ReviewOverdue", compliant: "False/ReviewOverdue", nextChange: "2024-10-01",
		},
		"a waiver that names another requirement accepts nothing": {
			waivers: []*builders.WaiverBuilder{builders.MakeWaiver("move").AcceptsAbout(never, "weekly")},
			when:    "2024-07-02", review: "False/NeverReviewed", compliant: "False/NeverReviewed", nextChange: "2024-10-01",
		},
		"one second before its end a waiver is in force": {
			waivers: []*builders.WaiverBuilder{builders.MakeWaiver("move").Accepts(never, overdue)},
			when:    "2024-09-30T23:59:59Z", waived: map[v1alpha1.Rule]v1alpha1.ObjectName{never: "move", overdue: "move"},
			review: "False/Waived", compliant: "True/Waived", nextChange: "2024-10-01",
		},
		"at its end it has lapsed": {
			waivers: []*builders.WaiverBuilder{builders.MakeWaiver("move").Accepts(never, overdue)},
			when:    "2024-10-01", review: "False/NeverReviewed", compliant: "False/NeverReviewed",
		},
		"a waiver that its owner approved accepts nothing": {
			waivers: []*builders.WaiverBuilder{builders.MakeWaiver("move").Accepts(never, overdue).ApprovedBy("otto")},
			when:    "2024-07-02", review: "False/NeverReviewed", compliant: "False/NeverReviewed",
		},
		"a waiver that is too long accepts nothing": {
			waivers: []*builders.WaiverBuilder{builders.MakeWaiver("move").Accepts(never, overdue).Until("2025-07-01")},
			when:    "2024-07-02", review: "False/NeverReviewed", compliant: "False/NeverReviewed",
		},
		"where two waivers accept a finding, the first by name is told": {
			waivers: []*builders.WaiverBuilder{
				builders.MakeWaiver("zoo").Accepts(never, overdue), builders.MakeWaiver("ape").Accepts(never),
			},
			when: "2024-07-02", waived: map[v1alpha1.Rule]v1alpha1.ObjectName{never: "ape", overdue: "zoo"},
			review: "False/Waived", compliant: "True/Waived", nextChange: "2024-10-01",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := newWorld(overdueProcess())
			for _, waiver := range test.waivers {
				w.withWaiver(waiver)
			}
			verdict := w.judge(test.when)
			for _, rule := range []v1alpha1.Rule{never, overdue} {
				if found := findingOf(&verdict.Status, rule); found == nil || found.WaivedBy != test.waived[rule] {
					t.Errorf("finding: %+v", found)
				}
			}
			wantCondition(t, verdict.Status.Conditions, v1alpha1.ConditionReviewCurrent, test.review)
			wantCondition(t, verdict.Status.Conditions, v1alpha1.ConditionCompliant, test.compliant)
			if test.nextChange != "" && !verdict.NextChange.Equal(at(test.nextChange)) {
				t.Errorf("next change at %s", verdict.NextChange)
			}
		})
	}
}

func TestAFindingKeepsItsTimeAndEpisodeWhileItStands(t *testing.T) {
	t.Parallel()
	w := newWorld(builders.MakeProcess("refunds").InEffectSince("2024-01-01").NoCustomers())
	status := w.judge("2024-01-01").Status
	first := *findingOf(&status, v1alpha1.RuleNoCustomer)
	if !first.Since.Time.Equal(at("2024-01-01")) || first.Episode != "1" {
		t.Fatalf("finding: %+v", first)
	}
	status = w.judge("2024-02-01").Status
	if again := findingOf(&status, v1alpha1.RuleNoCustomer); *again != first {
		t.Errorf("finding moved: %+v", again)
	}
	w.process.Spec.Customers = []v1alpha1.Customer{{Name: "households"}}
	status = w.judge("2024-03-01").Status
	wantMessage(t, &status, v1alpha1.RuleNoCustomer, "")
	w.process.Spec.Customers = nil
	status = w.judge("2024-04-01").Status
	if again := findingOf(&status, v1alpha1.RuleNoCustomer); again.Episode != "2" || !again.Since.Time.Equal(at("2024-04-01")) {
		t.Errorf("second episode: %+v", again)
	}
}

func TestDisabledRules(t *testing.T) {
	t.Parallel()
	w := newWorld(overdueProcess().NoCustomers()).under(builders.MakePolicy("calm").
		Rule(v1alpha1.RuleSetting{
			Name: v1alpha1.RuleNoCustomer, Disabled: &v1alpha1.RuleDisabled{Reason: "being rolled out", Until: "2024-09-01"},
		}))
	verdict := w.judge("2024-08-31T23:59:59Z")
	wantMessage(t, &verdict.Status, v1alpha1.RuleNoCustomer, "")
	if !verdict.NextChange.Equal(at("2024-09-01")) {
		t.Errorf("next change at %s", verdict.NextChange)
	}
	if status := w.judge("2024-09-01").Status; findingOf(&status, v1alpha1.RuleNoCustomer) == nil {
		t.Error("the rule did not come back on its day")
	}
}

func TestAnOverdueReviewWhoseRuleIsOffIsNotShownAsCurrent(t *testing.T) {
	t.Parallel()
	off := &v1alpha1.RuleDisabled{Reason: "being rolled out", Until: "2024-09-01"}
	w := newWorld(overdueProcess()).under(builders.MakePolicy("calm").
		Rule(v1alpha1.RuleSetting{Name: v1alpha1.RuleNeverReviewed, Disabled: off}).
		Rule(v1alpha1.RuleSetting{Name: v1alpha1.RuleReviewOverdue, Disabled: off}))
	status := w.judge("2024-07-02").Status
	wantCondition(t, status.Conditions, v1alpha1.ConditionReviewCurrent, "False/Waived")
	wantCondition(t, status.Conditions, v1alpha1.ConditionCompliant, "True/Compliant")
}
