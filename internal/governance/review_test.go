package governance_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/status"
)

// reviewable is a process of two steps with a requirement of each type; Otto and his team own it.
func reviewable() *builders.ProcessBuilder {
	return builders.MakeProcess("refunds").OwnerUser("otto").OwnerTeam("desk").InEffectSince("2024-01-01").
		Step("receive", "a claim must be known").Step("check", "fraud").
		Every("P12M").Reviewers("vera", "auditors").Checkpoint("weekly", "P1W").
		Requirement(v1alpha1.ReviewRequirement{Name: "calls", Type: v1alpha1.ReviewContact, Every: "P1M"}).
		Requirement(v1alpha1.ReviewRequirement{Name: "floor", Type: v1alpha1.ReviewWalk, Every: "P1M"})
}

func whole(name string) *builders.ReviewBuilder {
	return builders.MakeReview(name).Keeps("receive", "check")
}

func TestCounted(t *testing.T) {
	t.Parallel()
	today := governance.ProcessDigest(&reviewable().Obj().Spec)
	other := governance.ProcessDigest(&builders.MakeProcess("other").Obj().Spec)
	strict := builders.MakePolicy("strict").MinAssurance(v1alpha1.AssuranceAuthenticated)

	for sentence, test := range map[string]struct {
		review  *builders.ReviewBuilder
		policy  *builders.PolicyBuilder
		rebuilt bool
		counted string
		says    string
	}{
		"a whole review by a listed reviewer counts": {
			review: whole("first"), counted: "True/Counted", says: "The review counts for the period from-2024-01-01 of full.",
		},
		"a reviewer counts who acts for a listed group": {
			review: whole("first").By("walt").ActingFor("auditors"), counted: "True/Counted",
		},
		"a reviewer who is not listed does not": {
			review: whole("first").By("walt"), counted: "False/NotAReviewer",
			says: "The requirement full does not list the reviewer: have one of its reviewers review it.",
		},
		"of an old review the list of today is not asked": {
			review: whole("first").By("walt"), rebuilt: true, counted: "True/Counted",
		},
		"the owner does not review": {
			review: whole("first").By("otto"), counted: "False/ReviewerIsOwner",
			says: "The owner cannot review what they own: have somebody else review it.",
		},
		"nor does a member of the owning team": {
			review: whole("first").ActingFor("desk"), counted: "False/ReviewerIsOwner",
		},
		"the owner did not review in the past either": {
			review: whole("first").By("otto"), rebuilt: true, counted: "False/ReviewerIsOwner",
		},
		"without separation of duties the owner may": {
			review: whole("first").For("weekly").By("otto"), counted: "True/Counted",
			policy: builders.MakePolicy("small-town").SeparationOfDuties(false),
		},
		"a review of a requirement that there is not does not count": {
			review: whole("first").For("monthly"), counted: "False/RequirementNotFound",
			says: "Process refunds has no review requirement monthly: name one that its status shows.",
		},
		"a review in the future does not count yet": {
			review: whole("first").HeldOn("2024-07-11"), counted: "False/HeldInFuture",
			says: "The review says that it is held at 2024-07-11T00:00:00Z.",
		},
		"a review held this very second counts": {
			review: whole("first").HeldOn("2024-07-10"), counted: "True/Counted",
		},
		"a review that read today's text counts": {review: whole("first").Read(today), counted: "True/Counted"},
		"a review that read another text does not": {
			review: whole("first").Read(other), counted: "False/SubjectDiffers",
			says: "The process is not the text that was read: read it again, and record a review with subjectDigest " + string(today) + ".",
		},
		"an old review is not held against today's text": {
			review: whole("first").Read(other), rebuilt: true, counted: "True/Counted",
		},
		"a full review needs a verdict on every step": {
			review: builders.MakeReview("first").Keeps("receive"), counted: "False/StepsMissing",
			says: "A full review needs a verdict on every step; missing: check.",
		},
		"an old full review is taken as it stands": {
			review: builders.MakeReview("first"), rebuilt: true, counted: "True/Counted",
		},
		"an old full review that read the very text of today needs its verdicts": {
			review: builders.MakeReview("first").Read(today), rebuilt: true, counted: "False/StepsMissing",
		},
		"a full review needs an outcome": {
			review: whole("first").Outcome(""), counted: "False/OutcomeMissing",
			says: "The review needs an outcome: Approved, ChangesRequired or Retire.",
		},
		"a checkpoint needs an outcome": {
			review: builders.MakeReview("first").For("weekly").Outcome(""), counted: "False/OutcomeMissing",
		},
		"a checkpoint needs no verdicts": {
			review: builders.MakeReview("first").For("weekly"), counted: "True/Counted",
		},
		"a contact review needs a count": {
			review: builders.MakeReview("first").For("calls"), counted: "False/CountMissing",
			says: "A contact review needs a count above 0.",
		},
		"a contact review needs nothing but a count": {
			review: builders.MakeReview("first").For("calls").Outcome("").Contacts(1), counted: "True/Counted",
		},
		"a walk needs what was seen": {
			review: builders.MakeReview("first").For("floor"), counted: "False/AnswersMissing",
			says: "A walk needs answers: say what was seen.",
		},
		"a walk needs nothing else": {
			review: builders.MakeReview("first").For("floor").Outcome("").Answers("", "a queue"), counted: "True/Counted",
		},
		"a policy may ask that the reviewer records it": {
			review: whole("first").RecordedBy("clerk"), policy: strict, counted: "False/AssuranceTooLow",
			says: "The policy counts only reviews that the reviewers record themselves: have the reviewer record it.",
		},
		"what the reviewer recorded is assured": {
			review: whole("first").RecordedBy("vera"), policy: strict, counted: "True/Counted",
		},
		"of an old review no assurance is asked": {
			review: whole("first"), policy: strict, rebuilt: true, counted: "True/Counted",
		},
		"a withdrawn review does not count": {
			review: whole("first").Withdrawn("vera", "a mistake", "2024-07-09"), counted: "False/Withdrawn",
			says: "The review was withdrawn.",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := newWorld(reviewable()).observed("2024-01-01")
			if test.policy != nil {
				w.under(test.policy)
			}
			if test.rebuilt {
				w.observed("2024-07-10")
			}
			got := w.record(test.review, "2024-07-10").Status
			wantCondition(t, got.Conditions, v1alpha1.ConditionCounted, test.counted)
			wantCondition(t, got.Conditions, v1alpha1.ConditionReady, "True/Reconciled")
			if message := status.Find(got.Conditions, v1alpha1.ConditionCounted).Message; test.says != "" && message != test.says {
				t.Errorf("message %q", message)
			}
			if (got.Counted != nil) != (test.counted[:4] == "True") {
				t.Errorf("record: %+v", got.Counted)
			}
		})
	}
}

// The checks come in one order, so that a review with every fault is told one after the other.
func TestOrderOfChecks(t *testing.T) {
	t.Parallel()
	w := newWorld(reviewable()).observed("2024-01-01").
		under(builders.MakePolicy("strict").MinAssurance(v1alpha1.AssuranceAuthenticated))
	process := w.process
	w.process = nil
	review := builders.MakeReview("first").For("monthly").HeldOn("2024-07-11").By("otto").Outcome("").
		Read(governance.ProcessDigest(&builders.MakeProcess("other").Obj().Spec))
	now := "2024-07-10"
	w.record(review, now)
	spec := &w.find("first").Spec
	unobserved := process.DeepCopy()
	unobserved.Status.ObservedSince = nil
	for _, step := range []struct {
		counted string
		cure    func()
	}{
		{"False/SubjectNotFound", func() { w.process = unobserved }},
		{"Unknown/SubjectNotObserved", func() { w.process = process }},
		{"False/HeldInFuture", func() { now = "2024-07-11" }},
		{"False/RequirementNotFound", func() { spec.Requirement = "full" }},
		{"False/ReviewerIsOwner", func() { spec.Reviewer = "walt" }},
		{"False/NotAReviewer", func() { spec.Reviewer = "vera" }},
		{"False/SubjectDiffers", func() { spec.SubjectDigest = "" }},
		{"False/OutcomeMissing", func() { spec.Outcome = v1alpha1.OutcomeApproved }},
		{"False/StepsMissing", func() { spec.Verdicts = whole("first").Obj().Spec.Verdicts }},
		{"False/AssuranceTooLow", func() { spec.RecordedBy = "vera" }},
		{"True/Counted", func() {
			spec.Withdrawn = &v1alpha1.Withdrawal{By: "vera", Why: "a mistake", At: metav1.NewTime(at("2024-07-11"))}
		}},
		{"False/Withdrawn", func() {}},
	} {
		got := w.judgeReview("first", at(now)).Status
		wantCondition(t, got.Conditions, v1alpha1.ConditionCounted, step.counted)
		step.cure()
	}
}

func TestAReviewOfAMissingProcessWaitsForIt(t *testing.T) {
	t.Parallel()
	w := newWorld(reviewable()).observed("2024-01-01")
	process := w.process
	w.process = nil
	got := w.record(whole("first"), "2024-07-10").Status
	wantCondition(t, got.Conditions, v1alpha1.ConditionReady, "False/ReferenceNotFound")
	wantCondition(t, got.Conditions, v1alpha1.ConditionReconciling, "True/ReferenceNotFound")
	w.process = process
	got = w.judgeReview("first", at("2024-07-10")).Status
	wantCondition(t, got.Conditions, v1alpha1.ConditionReady, "True/Reconciled")
	wantCondition(t, got.Conditions, v1alpha1.ConditionReconciling, "absent")
	wantCondition(t, got.Conditions, v1alpha1.ConditionCounted, "True/Counted")
}

func TestAReviewInTheFutureIsJudgedAgainWhenItIsHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(reviewable()).observed("2024-01-01")
	verdict := w.record(whole("first").HeldOn("2024-07-10T00:05:00Z"), "2024-07-10")
	if !verdict.NextChange.Equal(at("2024-07-10T00:05:00Z")) {
		t.Errorf("next change at %s", verdict.NextChange)
	}
	verdict = w.judgeReview("first", verdict.NextChange)
	wantCondition(t, verdict.Status.Conditions, v1alpha1.ConditionCounted, "True/Counted")
	if !verdict.NextChange.IsZero() {
		t.Errorf("next change at %s", verdict.NextChange)
	}
}
