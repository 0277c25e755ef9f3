package governance_test

import (
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

func TestStepUnjustified(t *testing.T) {
	t.Parallel()
	twoSteps := func() *builders.ProcessBuilder {
		return builders.MakeProcess("refunds").Step("receive", "a claim must be known").Step("check", "fraud")
	}
	keeps := func() *builders.ReviewBuilder { return builders.MakeReview("first").Keeps("receive", "check") }
	for sentence, test := range map[string]struct {
		before  *builders.ProcessBuilder
		reviews []*builders.ReviewBuilder
		after   *builders.ProcessBuilder
		says    string
	}{
		"steps that say why are justified before the first full review": {before: twoSteps()},
		"a step without a why is justified by nobody": {
			before: twoSteps().Step("stamp", ""),
			says:   "Nobody has justified these steps: without a why: stamp. Say why, or review them.",
		},
		"what a full review read is justified": {
			before: twoSteps(), reviews: []*builders.ReviewBuilder{keeps()},
		},
		"a step added since the last full review was justified by nobody": {
			before: twoSteps(), reviews: []*builders.ReviewBuilder{keeps()}, after: twoSteps().Step("stamp", "tradition"),
			says: "Nobody has justified these steps: added since the last full review: stamp. Say why, or review them.",
		},
		"a step changed since the last full review was justified by nobody": {
			before: twoSteps(), reviews: []*builders.ReviewBuilder{keeps()},
			after: builders.MakeProcess("refunds").Step("receive", "a claim must be known").Step("check", "habit"),
			says:  "Nobody has justified these steps: changed since the last full review: check. Say why, or review them.",
		},
		"what is not material may change": {
			before: twoSteps(), reviews: []*builders.ReviewBuilder{keeps()},
			after: builders.MakeProcess("refunds").Step("check", "fraud").StepOf(v1alpha1.Step{
				Name: "receive", Why: "a claim must be known", What: "The desk takes the claim.", Touchpoint: true,
			}),
		},
		"a step that goes needs no justification": {
			before: twoSteps(), reviews: []*builders.ReviewBuilder{keeps()},
			after: builders.MakeProcess("refunds").Step("check", "fraud"),
		},
		"a change that the full review asked for is justified": {
			before:  twoSteps(),
			reviews: []*builders.ReviewBuilder{builders.MakeReview("first").Keeps("receive").Changes("check", "say which fraud")},
			after:   builders.MakeProcess("refunds").Step("receive", "a claim must be known").Step("check", "forged receipts"),
		},
		"a change that a checkpoint after it asked for is justified": {
			before: twoSteps().Checkpoint("weekly", "P1W"),
			reviews: []*builders.ReviewBuilder{
				keeps(), builders.MakeReview("second").For("weekly").HeldOn("2024-07-01").Changes("check", "say which fraud"),
			},
			after: builders.MakeProcess("refunds").Step("receive", "a claim must be known").Step("check", "forged receipts").
				Checkpoint("weekly", "P1W"),
		},
		"a checkpoint justifies no step": {
			before: twoSteps().Checkpoint("weekly", "P1W"),
			reviews: []*builders.ReviewBuilder{
				keeps(), builders.MakeReview("second").For("weekly").HeldOn("2024-07-01").Keeps("stamp"),
			},
			after: twoSteps().Checkpoint("weekly", "P1W").Step("stamp", "tradition"),
			says:  "Nobody has justified these steps: added since the last full review: stamp. Say why, or review them.",
		},
		"the first five steps are named and the rest is counted": {
			before: builders.MakeProcess("refunds").Step("a", "").Step("b", "").Step("c", "").Step("d", "").Step("e", "").
				Step("f", "").Step("g", ""),
			says: "Nobody has justified these steps: without a why: a, b, c, d, e and 2 more. Say why, or review them.",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := newWorld(test.before.InEffectSince("2024-01-01")).observed("2024-01-01")
			for _, review := range test.reviews {
				w.record(review, "2024-07-01")
			}
			if test.after != nil {
				w.process.Spec = test.after.Obj().Spec
			}
			status := w.judge("2024-07-02").Status
			wantMessage(t, &status, v1alpha1.RuleStepUnjustified, test.says)
		})
	}
}

func TestAuthorityGap(t *testing.T) {
	t.Parallel()
	const gap = "Customers can be refused for lack of authority: nobody decides above the highest limit in: decide. " +
		"Say who decides."
	for sentence, test := range map[string]struct {
		step v1alpha1.Step
		says string
	}{
		"a step that decides nothing needs no authority": {},
		"a decision that nobody may take is a gap": {
			step: v1alpha1.Step{Decision: true},
			says: "Customers can be refused for lack of authority: nobody may decide in: decide. Say who decides.",
		},
		"a role without a limit decides everything": {
			step: deciding(v1alpha1.Authority{Role: "clerk", Limit: decimal("50")}, v1alpha1.Authority{Role: "head"}),
		},
		"a highest limit that escalates is none": {
			step: deciding(v1alpha1.Authority{Role: "clerk", Limit: decimal("50"), EscalatesTo: "head"}),
		},
		"a highest limit that escalates to nobody is a gap": {
			step: deciding(v1alpha1.Authority{Role: "clerk", Limit: decimal("50")}), says: gap,
		},
		"only the highest limit needs to escalate": {
			step: deciding(v1alpha1.Authority{Role: "clerk", Limit: decimal("50")},
				v1alpha1.Authority{Role: "head", Limit: decimal("500"), EscalatesTo: "board"}),
		},
		"limits are compared as numbers and not as texts": {
			step: deciding(v1alpha1.Authority{Role: "head", Limit: decimal("10")},
				v1alpha1.Authority{Role: "clerk", Limit: decimal("9.5"), EscalatesTo: "head"}),
			says: gap,
		},
		"the last of six decimals decides": {
			step: deciding(v1alpha1.Authority{Role: "clerk", Limit: decimal("999999999999.000001")},
				v1alpha1.Authority{Role: "head", Limit: decimal("999999999999.000002"), EscalatesTo: "board"}),
		},
		"each unit has a highest limit of its own": {
			step: deciding(v1alpha1.Authority{Role: "clerk", Limit: decimal("50"), Unit: "EUR", EscalatesTo: "head"},
				v1alpha1.Authority{Role: "clerk", Limit: decimal("5"), Unit: "pieces"}),
			says: gap,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			test.step.Name, test.step.Why = "decide", "somebody must"
			status := newWorld(builders.MakeProcess("refunds").StepOf(test.step)).judge("2024-07-02").Status
			wantMessage(t, &status, v1alpha1.RuleAuthorityGap, test.says)
		})
	}
}

func deciding(authority ...v1alpha1.Authority) v1alpha1.Step {
	return v1alpha1.Step{Decision: true, Authority: authority}
}

// wantMessage compares the message of a finding; an empty one wants no finding.
func wantMessage(t *testing.T, status *v1alpha1.ProcessStatus, rule v1alpha1.Rule, want string) {
	t.Helper()
	got := ""
	if found := findingOf(status, rule); found != nil {
		got = found.Message
	}
	if got != want {
		t.Errorf("%s says %q,\nwant %q", rule, got, want)
	}
}
