package builders

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// ReviewBuilder makes a Review.
type ReviewBuilder struct{ review governancev1alpha1.Review }

// MakeReview begins with a full review of the process "refunds" that Vera held on 30 June 2024 and that approved it.
func MakeReview(name string) *ReviewBuilder {
	return &ReviewBuilder{governancev1alpha1.Review{
		TypeMeta:   typeMeta("Review"),
		ObjectMeta: objectMeta(name),
		Spec: governancev1alpha1.ReviewSpec{
			SubjectRef:  subject("refunds"),
			Requirement: governancev1alpha1.RequirementFull,
			Reviewer:    "vera",
			HeldAt:      instant("2024-06-30"),
			Outcome:     governancev1alpha1.OutcomeApproved,
		},
	}}
}

// InNamespace puts the review into a namespace.
func (b *ReviewBuilder) InNamespace(namespace string) *ReviewBuilder {
	b.review.Namespace = namespace
	return b
}

// Of names the process that was reviewed.
func (b *ReviewBuilder) Of(process string) *ReviewBuilder {
	b.review.Spec.SubjectRef = subject(process)
	return b
}

// OfKPI names the KPI that was reviewed.
func (b *ReviewBuilder) OfKPI(kpi string) *ReviewBuilder {
	b.review.Spec.SubjectRef = subject(kpi)
	b.review.Spec.SubjectRef.Kind = governancev1alpha1.KindKPI
	return b
}

// For names the requirement that the review answers.
func (b *ReviewBuilder) For(requirement string) *ReviewBuilder {
	b.review.Spec.Requirement = governancev1alpha1.Key(requirement)
	return b
}

// By names the reviewer.
func (b *ReviewBuilder) By(reviewer string) *ReviewBuilder {
	b.review.Spec.Reviewer = governancev1alpha1.Identity(reviewer)
	return b
}

// ActingFor names the group on whose behalf the review was held.
func (b *ReviewBuilder) ActingFor(group string) *ReviewBuilder {
	b.review.Spec.ActingFor = governancev1alpha1.Identity(group)
	return b
}

// RecordedBy claims who recorded the review.
func (b *ReviewBuilder) RecordedBy(user string) *ReviewBuilder {
	b.review.Spec.RecordedBy = governancev1alpha1.Identity(user)
	return b
}

// HeldOn says when the review was held.
func (b *ReviewBuilder) HeldOn(when string) *ReviewBuilder {
	b.review.Spec.HeldAt = instant(when)
	return b
}

// HeldAt says at which instant the review was held.
func (b *ReviewBuilder) HeldAt(at time.Time) *ReviewBuilder {
	b.review.Spec.HeldAt = metav1.NewTime(at.UTC())
	return b
}

// Outcome says what the review found; an empty one leaves it out.
func (b *ReviewBuilder) Outcome(outcome governancev1alpha1.ReviewOutcome) *ReviewBuilder {
	b.review.Spec.Outcome = outcome
	return b
}

// Keeps gives the verdict Keep on steps.
func (b *ReviewBuilder) Keeps(steps ...string) *ReviewBuilder {
	for _, step := range steps {
		b.verdict(step, governancev1alpha1.VerdictKeep, "")
	}
	return b
}

// Changes gives the verdict Change on a step; the outcome becomes ChangesRequired.
func (b *ReviewBuilder) Changes(step, why string) *ReviewBuilder {
	b.verdict(step, governancev1alpha1.VerdictChange, why)
	return b.Outcome(governancev1alpha1.OutcomeChangesRequired)
}

// Removes gives the verdict Remove on a step; the outcome becomes ChangesRequired.
func (b *ReviewBuilder) Removes(step, why string) *ReviewBuilder {
	b.verdict(step, governancev1alpha1.VerdictRemove, why)
	return b.Outcome(governancev1alpha1.OutcomeChangesRequired)
}

func (b *ReviewBuilder) verdict(step string, verdict governancev1alpha1.Verdict, why string) {
	b.review.Spec.Verdicts = append(b.review.Spec.Verdicts, governancev1alpha1.StepVerdict{
		Step:    governancev1alpha1.Key(step),
		Verdict: verdict,
		Why:     governancev1alpha1.Text(why),
	})
}

// Asks adds an action.
func (b *ReviewBuilder) Asks(action, what string) *ReviewBuilder {
	b.review.Spec.Actions = append(b.review.Spec.Actions, governancev1alpha1.ReviewAction{
		Name: governancev1alpha1.Key(action),
		What: governancev1alpha1.Text(what),
	})
	return b
}

// FoundDone lists an action of an earlier review as done.
func (b *ReviewBuilder) FoundDone(review, action string) *ReviewBuilder {
	b.review.Spec.ActionsDone = append(b.review.Spec.ActionsDone, governancev1alpha1.ActionReference{
		Review: governancev1alpha1.ObjectName(review),
		Action: governancev1alpha1.Key(action),
	})
	return b
}

// Answers adds an answer to a question; an empty question leaves it out.
func (b *ReviewBuilder) Answers(question, answer string) *ReviewBuilder {
	b.review.Spec.Answers = append(b.review.Spec.Answers, governancev1alpha1.Answer{
		Question: governancev1alpha1.Text(question),
		Answer:   governancev1alpha1.Text(answer),
	})
	return b
}

// Contacts says how many contacts there were.
func (b *ReviewBuilder) Contacts(count int32) *ReviewBuilder {
	b.review.Spec.Count = count
	return b
}

// Read says which text was read.
func (b *ReviewBuilder) Read(digest governancev1alpha1.Digest) *ReviewBuilder {
	b.review.Spec.SubjectDigest = digest
	return b
}

// Withdrawn takes the review back.
func (b *ReviewBuilder) Withdrawn(by, why, at string) *ReviewBuilder {
	b.review.Spec.Withdrawn = &governancev1alpha1.Withdrawal{
		By:  governancev1alpha1.Identity(by),
		Why: governancev1alpha1.Text(why),
		At:  instant(at),
	}
	return b
}

// Obj gives a Review of its own; the builder can go on.
func (b *ReviewBuilder) Obj() *governancev1alpha1.Review { return b.review.DeepCopy() }
