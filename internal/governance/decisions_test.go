package governance_test

import (
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/governance"
)

// refunds is a process of three steps.
func refunds() *builders.ProcessBuilder {
	return builders.MakeProcess("refunds").InEffectSince("2024-01-01").
		Step("receive", "a claim must be known").Step("check", "fraud").Step("pay", "it is theirs")
}

func pending(what string) string {
	return "Reviews decided what is not done yet: " + what + ". Do it, or have a later review decide otherwise."
}

func TestDecisionPending(t *testing.T) {
	t.Parallel()
	asks := func() *builders.ReviewBuilder {
		return builders.MakeReview("first").Keeps("receive").Changes("check", "say which fraud").Removes("pay", "billing pays")
	}
	approves := func(name, when string) *builders.ReviewBuilder {
		return builders.MakeReview(name).HeldOn(when).Keeps("receive", "check", "pay")
	}
	for sentence, test := range map[string]struct {
		reviews []*builders.ReviewBuilder
		after   *builders.ProcessBuilder
		says    string
		since   string
	}{
		"a review that keeps everything decides nothing": {reviews: []*builders.ReviewBuilder{approves("first", "2024-06-30")}},
		"a step to change and a step to remove are pending from when the review was held": {
			reviews: []*builders.ReviewBuilder{asks()}, says: pending("remove: pay; change: check"), since: "2024-06-30",
		},
		"a changed text proves the change, a step that is gone its removal": {
			reviews: []*builders.ReviewBuilder{asks()},
			after: builders.MakeProcess("refunds").InEffectSince("2024-01-01").
				Step("receive", "a claim must be known").Step("check", "forged receipts"),
		},
		"a changed text does not prove a removal": {
			reviews: []*builders.ReviewBuilder{builders.MakeReview("first").Keeps("receive", "check").Removes("pay", "billing pays")},
			after: builders.MakeProcess("refunds").InEffectSince("2024-01-01").
				Step("receive", "a claim must be known").Step("check", "fraud").Step("pay", "tradition"),
			says: pending("remove: pay"), since: "2024-06-30",
		},
		"what is not material proves no change": {
			reviews: []*builders.ReviewBuilder{builders.MakeReview("first").Keeps("receive", "pay").Changes("check", "say which fraud")},
			after: builders.MakeProcess("refunds").InEffectSince("2024-01-01").Step("receive", "a claim must be known").
				StepOf(v1alpha1.Step{Name: "check", Why: "fraud", What: "Look twice.", Touchpoint: true}).Step("pay", "it is theirs"),
			says: pending("change: check"), since: "2024-06-30",
		},
		"a later review that keeps the steps settles it": {
			reviews: []*builders.ReviewBuilder{asks(), approves("second", "2024-07-10")},
		},
		"an earlier review that keeps them does not": {
			reviews: []*builders.ReviewBuilder{asks(), approves("second", "2024-06-01")},
			says:    pending("remove: pay; change: check"), since: "2024-06-30",
		},
		"a later review that asks again leaves it pending since the first": {
			reviews: []*builders.ReviewBuilder{
				asks(), builders.MakeReview("second").HeldOn("2024-07-10").Keeps("receive", "pay").Changes("check", "still"),
			},
			says: pending("change: check"), since: "2024-06-30",
		},
		"an action is pending until a later review found it done": {
			reviews: []*builders.ReviewBuilder{
				approves("first", "2024-06-30").Asks("train", "train the desk").Asks("sign", "put up a sign"),
				approves("second", "2024-07-10").FoundDone("first", "sign"),
			},
			says: pending("do: first/train"), since: "2024-06-30",
		},
		"a review cannot find its own action done": {
			reviews: []*builders.ReviewBuilder{approves("first", "2024-06-30").Asks("train", "train").FoundDone("first", "train")},
			says:    pending("do: first/train"), since: "2024-06-30",
		},
		"an action of the same name in another review stays": {
			reviews: []*builders.ReviewBuilder{
				approves("first", "2024-06-30").Asks("train", "train"), approves("second", "2024-07-01").Asks("train", "train"),
				approves("third", "2024-07-02").FoundDone("first", "train"),
			},
			says: pending("do: second/train"), since: "2024-07-01",
		},
		"a process to retire is pending until it is retired or approved": {
			reviews: []*builders.ReviewBuilder{approves("first", "2024-06-30").Outcome(v1alpha1.OutcomeRetire)},
			says:    pending("retire the process"), since: "2024-06-30",
		},
		"a later full review that approves it settles the retirement": {
			reviews: []*builders.ReviewBuilder{
				approves("first", "2024-06-30").Outcome(v1alpha1.OutcomeRetire), approves("second", "2024-07-01"),
			},
		},
		"a later full review that asks for changes does not": {
			reviews: []*builders.ReviewBuilder{
				approves("first", "2024-06-30").Outcome(v1alpha1.OutcomeRetire),
				builders.MakeReview("second").HeldOn("2024-07-01").Keeps("receive", "pay").Changes("check", "say which fraud"),
			},
			says: pending("retire the process; change: check"), since: "2024-06-30",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := newWorld(refunds()).observed("2024-01-01")
			for _, review := range test.reviews {
				w.record(review, "2024-07-10")
			}
			if test.after != nil {
				w.process.Spec = test.after.Obj().Spec
			}
			status := w.judge("2024-07-11").Status
			wantMessage(t, &status, v1alpha1.RuleDecisionPending, test.says)
			found := findingOf(&status, v1alpha1.RuleDecisionPending)
			if found != nil && (!found.Since.Time.Equal(at(test.since)) || found.Severity != v1alpha1.SeverityLow) {
				t.Errorf("since %s, severity %s", found.Since.UTC(), found.Severity)
			}
		})
	}
}

func TestDecisionPendingOfARetiredProcessIsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(refunds()).observed("2024-01-01")
	w.record(builders.MakeReview("first").Keeps("receive", "check", "pay").Outcome(v1alpha1.OutcomeRetire), "2024-07-01")
	w.process.Spec = refunds().Retired("nobody needs it").Obj().Spec
	if status := w.judge("2025-07-01").Status; len(status.Findings) > 0 {
		t.Errorf("findings: %v", status.Findings)
	}
}

func TestDecisionPendingGrowsGraver(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		policy         *builders.PolicyBuilder
		turns          string
		before, from   v1alpha1.Severity
		compliantAfter string
	}{
		"after sixty days by default": {
			policy: builders.MakePolicy("default"), turns: "2024-08-30",
			before: v1alpha1.SeverityLow, from: v1alpha1.SeverityMedium, compliantAfter: "False/DecisionPending",
		},
		"after as long as the policy says": {
			policy: builders.MakePolicy("quick").Limits(v1alpha1.Limits{ActOnReviewWithin: "P1M"}), turns: "2024-07-31",
			before: v1alpha1.SeverityLow, from: v1alpha1.SeverityMedium, compliantAfter: "False/DecisionPending",
		},
		"to the severity that the policy gives": {
			policy: builders.MakePolicy("harsh").Rule(v1alpha1.RuleSetting{
				Name: v1alpha1.RuleDecisionPending, Severity: v1alpha1.SeverityCritical,
			}),
			turns:  "2024-08-30",
			before: v1alpha1.SeverityLow, from: v1alpha1.SeverityCritical, compliantAfter: "False/DecisionPending",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := newWorld(refunds()).observed("2024-01-01").under(test.policy)
			w.record(builders.MakeReview("first").HeldOn("2024-06-30T09:00:00Z").
				Keeps("receive", "pay").Changes("check", "say which fraud"), "2024-07-01")
			verdict := w.judge("2024-07-01")
			if !verdict.NextChange.Equal(at(test.turns)) {
				t.Errorf("next change at %s", verdict.NextChange)
			}
			wantCondition(t, verdict.Status.Conditions, v1alpha1.ConditionCompliant, "True/Compliant")
			last := w.look(at(test.turns).Add(-1e9)).Status
			if got := findingOf(&last, v1alpha1.RuleDecisionPending).Severity; got != test.before {
				t.Errorf("severity before: %s", got)
			}
			status := w.judge(test.turns).Status
			found := findingOf(&status, v1alpha1.RuleDecisionPending)
			if found.Severity != test.from || found.Episode != "1" || !found.Since.Time.Equal(at("2024-06-30T09:00:00Z")) {
				t.Errorf("finding after: %+v", found)
			}
			wantCondition(t, status.Conditions, v1alpha1.ConditionCompliant, test.compliantAfter)
		})
	}
}

func TestDecisionsOfARebuiltCluster(t *testing.T) {
	t.Parallel()
	today := governance.ProcessDigest(&refunds().Obj().Spec)
	other := governance.ProcessDigest(&builders.MakeProcess("other").Obj().Spec)
	for sentence, test := range map[string]struct {
		review *builders.ReviewBuilder
		says   string
	}{
		"an old review that does not say what it read proves nothing undone": {
			review: builders.MakeReview("first").Keeps("receive", "pay").Changes("check", "x"),
		},
		"an old review that read another text saw it changed since": {
			review: builders.MakeReview("first").Keeps("receive", "pay").Changes("check", "x").Read(other),
		},
		"an old review that read the very text of today was not followed": {
			review: builders.MakeReview("first").Keeps("receive", "pay").Changes("check", "x").Read(today),
			says:   pending("change: check"),
		},
		"a step to remove that is there was not removed, whatever was read": {
			review: builders.MakeReview("first").Keeps("receive", "check").Removes("pay", "x"),
			says:   pending("remove: pay"),
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := newWorld(refunds()).observed("2024-07-01")
			w.record(test.review, "2024-07-01")
			status := w.judge("2024-07-01").Status
			wantMessage(t, &status, v1alpha1.RuleDecisionPending, test.says)
			wantMessage(t, &status, v1alpha1.RuleStepUnjustified, "")
		})
	}
}

func TestDecisionsOfSeveralApprovals(t *testing.T) {
	t.Parallel()
	both := func(first, second *builders.ReviewBuilder) *world {
		w := newWorld(refunds().Every("P12M").MinApprovals(2)).observed("2024-01-01")
		w.record(first, "2024-06-30")
		w.record(second.By("walt").HeldOn("2024-07-05"), "2024-07-05")
		w.judgeReview("first", at("2024-07-05"))
		return w
	}
	asks := func(name string) *builders.ReviewBuilder {
		return builders.MakeReview(name).Keeps("receive", "pay").Changes("check", "say which fraud")
	}
	keeps := func(name string) *builders.ReviewBuilder {
		return builders.MakeReview(name).Keeps("receive", "check", "pay")
	}
	for sentence, w := range map[string]*world{
		"what the first of two asks is not settled by the second": both(asks("first"), keeps("second")),
		"what the second of two asks stands":                      both(keeps("first"), asks("second")),
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			status := w.judge("2024-07-06").Status
			wantMessage(t, &status, v1alpha1.RuleDecisionPending, pending("change: check"))
			w.process.Spec.Steps[1].Why = "forged receipts"
			status = w.judge("2024-07-07").Status
			wantMessage(t, &status, v1alpha1.RuleDecisionPending, "")
			wantMessage(t, &status, v1alpha1.RuleStepUnjustified, "")
		})
	}
	t.Run("a retirement that the first of two asks is not settled by the approval of the second", func(t *testing.T) {
		t.Parallel()
		w := both(keeps("first").Outcome(v1alpha1.OutcomeRetire), keeps("second"))
		status := w.judge("2024-07-06").Status
		wantMessage(t, &status, v1alpha1.RuleDecisionPending, pending("retire the process"))
	})
}
