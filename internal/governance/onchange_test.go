package governance_test

import (
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

// changeable is a process whose changes are reviewed within two weeks; it was approved on 30 June 2024.
func changeable() *world {
	w := newWorld(refunds().Every("P12M").ReviewChangesWithin("P2W")).observed("2024-01-01")
	w.record(approvesAll("first", "2024-06-30"), "2024-06-30")
	w.judge("2024-06-30")
	return w
}

func approvesAll(name, held string) *builders.ReviewBuilder {
	return builders.MakeReview(name).HeldOn(held).Keeps("receive", "check", "pay")
}

func (w *world) edit(why string) { w.process.Spec.Why = v1alpha1.Text(why) }

func TestAChangeOfTheTextOpensAnExtraPeriod(t *testing.T) {
	t.Parallel()
	w := changeable()
	w.edit("another reason")
	verdict := w.judge("2024-07-10")
	full := requirementOf(&verdict.Status, "full")
	if full.Extra == nil || !full.Extra.Due.Time.Equal(at("2024-07-24T23:59:59Z")) || !full.Change.Since.Time.Equal(at("2024-07-10")) {
		t.Fatalf("extra period %+v, change %+v", full.Extra, full.Change)
	}
	if !verdict.NextChange.Equal(at("2024-07-25")) {
		t.Errorf("next change at %s", verdict.NextChange)
	}
	status := w.judge("2024-07-25").Status
	found := findingOf(&status, v1alpha1.RuleReviewOverdue)
	if found == nil || found.Episode != "2024-07-24T23:59:59Z" {
		t.Fatalf("finding: %+v", found)
	}
	w.record(approvesAll("second", "2024-07-26"), "2024-07-26")
	status = w.judge("2024-07-26").Status
	full = requirementOf(&status, "full")
	if isOverdue(&status) || full.Extra != nil || full.Change != nil {
		t.Errorf("after the review: %v, extra period %+v, change %+v", status.Findings, full.Extra, full.Change)
	}
}

func TestWhatAsksForNoReviewOfAChange(t *testing.T) {
	t.Parallel()
	ignoring := newWorld(refunds().Every("P12M")).observed("2024-01-01")
	ignoring.record(approvesAll("first", "2024-06-30"), "2024-06-30")
	for sentence, test := range map[string]struct {
		world *world
		edit  func(w *world)
	}{
		"an edit of what is not material":        {changeable(), func(w *world) { w.process.Spec.Steps[0].What = "Take it." }},
		"an edit where changes are not reviewed": {ignoring, func(w *world) { w.edit("another reason") }},
		"an edit that is taken back":             {changeable(), func(w *world) { w.edit("x"); w.judge("2024-07-05"); w.edit("customers rely on it") }},
		"a text that no review has approved":     {newWorld(refunds().Every("P12M").ReviewChangesWithin("P2W")), func(w *world) { w.edit("x") }},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			test.edit(test.world)
			status := test.world.judge("2024-07-10").Status
			if full := requirementOf(&status, "full"); full.Extra != nil || full.Change != nil {
				t.Errorf("extra period %+v, change %+v", full.Extra, full.Change)
			}
		})
	}
}

func TestEditingAgainDoesNotPutOffTheReviewOfAChange(t *testing.T) {
	t.Parallel()
	w := changeable()
	w.edit("a second reason")
	w.judge("2024-07-10")
	w.edit("a third reason")
	status := w.judge("2024-07-20").Status
	if due := requirementOf(&status, "full").Extra.Due; !due.Time.Equal(at("2024-07-24T23:59:59Z")) {
		t.Errorf("due at %s", due)
	}
	before := w.judge("2024-07-25").Status
	w.edit("a fourth reason")
	after := w.judge("2024-07-26").Status
	found, stood := findingOf(&after, v1alpha1.RuleReviewOverdue), findingOf(&before, v1alpha1.RuleReviewOverdue)
	if found == nil || stood == nil || *found != *stood {
		t.Fatalf("finding %+v, was %+v", found, stood)
	}
	w.record(approvesAll("second", "2024-07-27"), "2024-07-27")
	w.edit("a fifth reason")
	status = w.judge("2024-07-28").Status
	if due := requirementOf(&status, "full").Extra.Due; !due.Time.Equal(at("2024-08-11T23:59:59Z")) {
		t.Errorf("after a review the next change is due at %s", due)
	}
}
