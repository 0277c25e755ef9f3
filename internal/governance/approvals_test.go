package governance_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/governance"
)

// approval is one review of a process that needs two.
type approval struct {
	name, by, held string
	outcome        v1alpha1.ReviewOutcome
	text           v1alpha1.Digest
}

// approved records approvals one by one and judges each review again after each, as the reconciler does.
func approved(w *world, when string, approvals ...approval) {
	for _, one := range approvals {
		outcome := one.outcome
		if outcome == "" {
			outcome = v1alpha1.OutcomeApproved
		}
		w.record(builders.MakeReview(one.name).By(one.by).HeldOn(one.held).Outcome(outcome).
			Asks("a", "b").Read(one.text), when)
		for i := range w.reviews {
			w.judgeReview(w.reviews[i].Name, at(when))
		}
	}
}

func twoApprovals() *world {
	return newWorld(builders.MakeProcess("refunds").InEffectSince("2024-01-01").Every("P12M").MinApprovals(2)).
		observed("2024-01-01")
}

func TestApprovals(t *testing.T) {
	t.Parallel()
	ofRefunds := governance.ProcessDigest(&twoApprovals().process.Spec)
	for sentence, test := range map[string]struct {
		approvals []approval
		counted   map[string]string
		with      []v1alpha1.ObjectName
		held      string
		outcome   v1alpha1.ReviewOutcome
	}{
		"one approval of two waits": {
			approvals: []approval{{name: "a", by: "vera", held: "2024-06-01"}},
			counted:   map[string]string{"a": "Unknown/AwaitingApprovals"},
		},
		"two reviewers of the same text count together, when the later one was held": {
			approvals: []approval{{name: "a", by: "vera", held: "2024-06-01"}, {name: "b", by: "walt", held: "2024-06-20"}},
			counted:   map[string]string{"a": "True/Counted", "b": "True/Counted"},
			with:      []v1alpha1.ObjectName{"a", "b"}, held: "2024-06-20", outcome: v1alpha1.OutcomeApproved,
		},
		"it does not matter which arrives first": {
			approvals: []approval{{name: "b", by: "walt", held: "2024-06-20"}, {name: "a", by: "vera", held: "2024-06-01"}},
			counted:   map[string]string{"a": "True/Counted", "b": "True/Counted"},
			with:      []v1alpha1.ObjectName{"a", "b"}, held: "2024-06-20", outcome: v1alpha1.OutcomeApproved,
		},
		"the worst outcome counts, whoever found it": {
			approvals: []approval{
				{name: "a", by: "vera", held: "2024-06-01", outcome: v1alpha1.OutcomeRetire},
				{name: "b", by: "walt", held: "2024-06-20"},
			},
			counted: map[string]string{"a": "True/Counted", "b": "True/Counted"},
			with:    []v1alpha1.ObjectName{"a", "b"}, held: "2024-06-20", outcome: v1alpha1.OutcomeRetire,
		},
		"the worst outcome counts also where the later one found it": {
			approvals: []approval{
				{name: "a", by: "vera", held: "2024-06-01"},
				{name: "b", by: "walt", held: "2024-06-20", outcome: v1alpha1.OutcomeChangesRequired},
			},
			counted: map[string]string{"a": "True/Counted", "b": "True/Counted"},
			with:    []v1alpha1.ObjectName{"a", "b"}, held: "2024-06-20", outcome: v1alpha1.OutcomeChangesRequired,
		},
		"one reviewer twice is one approval": {
			approvals: []approval{{name: "a", by: "vera", held: "2024-06-01"}, {name: "b", by: "vera", held: "2024-06-20"}},
			counted:   map[string]string{"a": "Unknown/AwaitingApprovals", "b": "Unknown/AwaitingApprovals"},
		},
		"a text named and a text taken are the same text": {
			approvals: []approval{
				{name: "a", by: "vera", held: "2024-06-01", text: ofRefunds}, {name: "b", by: "walt", held: "2024-06-20"},
			},
			counted: map[string]string{"a": "True/Counted", "b": "True/Counted"},
			with:    []v1alpha1.ObjectName{"a", "b"}, held: "2024-06-20", outcome: v1alpha1.OutcomeApproved,
		},
		"thirty days apart is together": {
			approvals: []approval{{name: "a", by: "vera", held: "2024-06-01"}, {name: "b", by: "walt", held: "2024-07-01"}},
			counted:   map[string]string{"a": "True/Counted", "b": "True/Counted"},
			with:      []v1alpha1.ObjectName{"a", "b"}, held: "2024-07-01", outcome: v1alpha1.OutcomeApproved,
		},
		"a second more is not": {
			approvals: []approval{
				{name: "a", by: "vera", held: "2024-06-01"}, {name: "b", by: "walt", held: "2024-07-01T00:00:01Z"},
			},
			counted: map[string]string{"a": "Unknown/AwaitingApprovals", "b": "Unknown/AwaitingApprovals"},
		},
		"a third approval waits for another one": {
			approvals: []approval{
				{name: "a", by: "vera", held: "2024-06-01"}, {name: "b", by: "walt", held: "2024-06-20"},
				{name: "c", by: "xena", held: "2024-06-21"},
			},
			counted: map[string]string{"a": "True/Counted", "b": "True/Counted", "c": "Unknown/AwaitingApprovals"},
			with:    []v1alpha1.ObjectName{"a", "b"}, held: "2024-06-20", outcome: v1alpha1.OutcomeApproved,
		},
		"an earlier third approval that arrives late breaks no two that count": {
			approvals: []approval{
				{name: "a", by: "vera", held: "2024-06-01"}, {name: "b", by: "walt", held: "2024-06-20"},
				{name: "c", by: "xena", held: "2024-06-10"},
			},
			counted: map[string]string{"a": "True/Counted", "b": "True/Counted", "c": "Unknown/AwaitingApprovals"},
			with:    []v1alpha1.ObjectName{"a", "b"}, held: "2024-06-20", outcome: v1alpha1.OutcomeApproved,
		},
		"an approval that cannot count helps nobody": {
			approvals: []approval{
				{name: "a", by: "vera", held: "2024-06-01"},
				{name: "b", by: "walt", held: "2024-06-20", text: "v1:sha256:00"},
			},
			counted: map[string]string{"a": "Unknown/AwaitingApprovals", "b": "False/SubjectDiffers"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := twoApprovals()
			approved(w, "2024-07-10", test.approvals...)
			for name, want := range test.counted {
				wantCondition(t, w.find(name).Status.Conditions, v1alpha1.ConditionCounted, want)
			}
			status := w.judge("2024-07-11").Status
			full := requirementOf(&status, "full")
			if test.with == nil {
				if full.LastHeldAt != nil {
					t.Errorf("last held at %s", full.LastHeldAt)
				}
				return
			}
			for _, name := range test.with {
				if got := w.find(string(name)).Status.Counted.With; !reflect.DeepEqual(got, test.with) {
					t.Errorf("%s counted with %v", name, got)
				}
			}
			latest := test.with[len(test.with)-1]
			if full.LastReview != latest || !full.LastHeldAt.Time.Equal(at(test.held)) || full.LastOutcome != test.outcome {
				t.Errorf("last review %s at %s: %s", full.LastReview, full.LastHeldAt, full.LastOutcome)
			}
		})
	}
}

func TestApprovalsOfAnEditedTextDoNotCountTogether(t *testing.T) {
	t.Parallel()
	w := twoApprovals()
	before := governance.ProcessDigest(&w.process.Spec)
	approved(w, "2024-06-10", approval{name: "a", by: "vera", held: "2024-06-01", text: before})
	w.process.Spec.Why = "another reason"
	approved(w, "2024-06-20", approval{name: "b", by: "walt", held: "2024-06-20"})
	wantCondition(t, w.find("a").Status.Conditions, v1alpha1.ConditionCounted, "False/SubjectDiffers")
	wantCondition(t, w.find("b").Status.Conditions, v1alpha1.ConditionCounted, "Unknown/AwaitingApprovals")
}

func TestWithdrawingOneApprovalTakesBackBoth(t *testing.T) {
	t.Parallel()
	for _, withdrawn := range []string{"a", "b"} {
		w := twoApprovals()
		approved(w, "2024-06-20",
			approval{name: "a", by: "vera", held: "2024-06-01"}, approval{name: "b", by: "walt", held: "2024-06-20"})
		w.withdraw(withdrawn, "2024-06-21")
		status := w.judge("2024-06-21").Status
		if last := requirementOf(&status, "full").LastReview; last != "" {
			t.Errorf("after %s was withdrawn, %s still counts", withdrawn, last)
		}
		other := map[string]string{"a": "b", "b": "a"}[withdrawn]
		w.judgeReview(withdrawn, at("2024-06-21"))
		got := w.judgeReview(other, at("2024-06-21")).Status
		wantCondition(t, got.Conditions, v1alpha1.ConditionCounted, "Unknown/AwaitingApprovals")
		if got.Counted != nil {
			t.Errorf("record: %+v", got.Counted)
		}
		approved(w, "2024-06-22", approval{name: "c", by: "xena", held: "2024-06-22"})
		wantCondition(t, w.find(other).Status.Conditions, v1alpha1.ConditionCounted, "True/Counted")
		wantCondition(t, w.find(withdrawn).Status.Conditions, v1alpha1.ConditionCounted, "False/Withdrawn")
	}
}

func TestAPolicyMayAskForMoreApprovals(t *testing.T) {
	t.Parallel()
	w := newWorld(builders.MakeProcess("refunds").InEffectSince("2024-01-01").Every("P12M")).observed("2024-01-01").
		under(builders.MakePolicy("careful").Requires(v1alpha1.PolicyRequirement{MinApprovals: 2}))
	approved(w, "2024-06-20", approval{name: "a", by: "vera", held: "2024-06-01"})
	wantCondition(t, w.find("a").Status.Conditions, v1alpha1.ConditionCounted, "Unknown/AwaitingApprovals")
	approved(w, "2024-06-20", approval{name: "b", by: "walt", held: "2024-06-20"})
	wantCondition(t, w.find("a").Status.Conditions, v1alpha1.ConditionCounted, "True/Counted")
}

// The status admits 64 names; one reviewer who approves again and again must not outgrow it.
func TestManyApprovalsByOneReviewerStayWithinTheStatus(t *testing.T) {
	t.Parallel()
	w := twoApprovals()
	for n := range 70 {
		w.reviews = append(w.reviews, *builders.MakeReview(fmt.Sprintf("a%02d", n)).By("vera").
			HeldAt(at("2024-06-01").Add(time.Duration(n) * time.Hour)).Obj())
	}
	w.record(builders.MakeReview("b").By("walt").HeldOn("2024-06-20"), "2024-06-20")
	w.judgeReview("a69", at("2024-06-20"))
	for _, name := range []string{"a69", "b"} {
		review := w.find(name)
		wantCondition(t, review.Status.Conditions, v1alpha1.ConditionCounted, "True/Counted")
		if got := review.Status.Counted.With; len(got) != 64 || got[63] != "b" {
			t.Errorf("%s is counted with %v", name, got)
		}
	}
	status := w.judge("2024-06-21").Status
	if last := requirementOf(&status, "full").LastReview; last != "b" {
		t.Errorf("last review %s", last)
	}
}
