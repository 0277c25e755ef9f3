package governance_test

import (
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/governance"
)

func TestAWaiverThatDoesNotSayWhatItExtendsIsAnExtensionAllTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(builders.MakeProcess("refunds")).observed("2024-01-01")
	for _, one := range []struct{ name, from, until, ready string }{
		{"first", "2024-01-01", "2024-06-30", "True/InForce"},
		{"second", "2024-07-01", "2024-12-30", "True/InForce"},
		{"third", "2025-01-10", "2025-07-01", "True/InForce"},
		{"fourth", "2025-07-20", "2025-12-30", "False/TooManyExtensions"},
		{"after-a-pause", "2025-08-01", "2025-12-30", "True/InForce"},
	} {
		w.withWaiver(builders.MakeWaiver(one.name).Of("refunds").Accepts(v1alpha1.RuleNeverReviewed).
			ApprovedOn(one.from + "T00:00:00Z").Until(one.until + "T00:00:00Z"))
		if one.name == "after-a-pause" {
			// None of those before had accepted anything for more than thirty days.
			w.waivers = w.waivers[4:]
		}
		wantCondition(t, w.waive(one.from).Status.Conditions, v1alpha1.ConditionReady, one.ready)
		if one.name == "fourth" {
			if finding := findingIn(w.judgeAt(at(one.from)), v1alpha1.RuleNeverReviewed); finding.WaivedBy != "" {
				t.Errorf("the finding is waived by %s", finding.WaivedBy)
			}
		}
	}
}

func TestRetiringAProcessForADayClearsNothingThatIsOverdue(t *testing.T) {
	t.Parallel()
	w := newWorld(builders.MakeProcess("refunds").Every("P3M").InEffectSince("2024-01-01")).observed("2024-01-01")
	w.judgeAt(at("2024-05-01"))
	w.process.Spec.Lifecycle = v1alpha1.LifecycleRetired
	w.process.Spec.Retirement = &v1alpha1.Retirement{Reason: "for a day"}
	w.judgeAt(at("2024-05-02"))
	w.process.Spec.Lifecycle, w.process.Spec.Retirement = v1alpha1.LifecycleActive, nil
	w.process.Spec.Reviews[0].Every = "P12M"
	if finding := findingIn(w.judgeAt(at("2024-05-03")), v1alpha1.RuleNeverReviewed); finding == nil {
		t.Error("nothing is overdue any more")
	}
}

func TestDecisionPendingStandsSinceItWasFirstSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(builders.MakeProcess("refunds").Step("check", "a reason")).observed("2024-01-01")
	w.record(builders.MakeReview("first").Of("refunds").HeldOn("2024-02-01T00:00:00Z").Keeps("check").
		Asks("train", "train the team"), "2024-02-01")
	w.record(builders.MakeReview("second").Of("refunds").HeldOn("2024-04-20T00:00:00Z").Keeps("check").
		Asks("shorten", "shorten the form"), "2024-04-20")
	before := findingIn(w.judgeAt(at("2024-04-21")), v1alpha1.RuleDecisionPending)
	w.record(builders.MakeReview("third").Of("refunds").HeldOn("2024-04-22T00:00:00Z").Keeps("check").
		FoundDone("first", "train"), "2024-04-22")
	after := findingIn(w.judgeAt(at("2024-04-22")), v1alpha1.RuleDecisionPending)
	if before == nil || after == nil || !after.Since.Equal(&before.Since) {
		t.Errorf("it stood %+v and stands %+v", before, after)
	}
}

func findingIn(verdict governance.ProcessVerdict, rule v1alpha1.Rule) *v1alpha1.Finding {
	return findingOf(&verdict.Status, rule)
}
