package builders

import (
	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// Cadence adds a full review, named "full", that falls due on a ReviewCadence.
func (b *ProcessBuilder) Cadence(cadence string) *ProcessBuilder {
	return b.Requirement(governancev1alpha1.ReviewRequirement{
		Name:       governancev1alpha1.RequirementFull,
		Type:       governancev1alpha1.ReviewFull,
		CadenceRef: &governancev1alpha1.ClusterReference{Name: governancev1alpha1.ObjectName(cadence)},
	})
}

// Every adds a full review, named "full", that falls due a period after the last one.
func (b *ProcessBuilder) Every(period string) *ProcessBuilder {
	return b.Requirement(governancev1alpha1.ReviewRequirement{
		Name:  governancev1alpha1.RequirementFull,
		Type:  governancev1alpha1.ReviewFull,
		Every: governancev1alpha1.Period(period),
	})
}

// Checkpoint adds a meeting that falls due a period after the last one.
func (b *ProcessBuilder) Checkpoint(name, period string) *ProcessBuilder {
	return b.Requirement(governancev1alpha1.ReviewRequirement{
		Name:  governancev1alpha1.Key(name),
		Type:  governancev1alpha1.ReviewCheckpoint,
		Every: governancev1alpha1.Period(period),
	})
}

// Requirement adds a review requirement with all that is to be said of it.
func (b *ProcessBuilder) Requirement(requirement governancev1alpha1.ReviewRequirement) *ProcessBuilder {
	if requirement.MinApprovals == 0 {
		requirement.MinApprovals = 1
	}
	b.process.Spec.Reviews = append(b.process.Spec.Reviews, requirement)
	return b
}

// Reviewers says, of the requirement added last, whose reviews count.
func (b *ProcessBuilder) Reviewers(names ...string) *ProcessBuilder {
	last := b.lastRequirement()
	for _, name := range names {
		last.Reviewers = append(last.Reviewers, governancev1alpha1.Identity(name))
	}
	return b
}

// MinApprovals says, of the requirement added last, how many approvals it takes.
func (b *ProcessBuilder) MinApprovals(number int32) *ProcessBuilder {
	b.lastRequirement().MinApprovals = number
	return b
}

// ReviewChangesWithin asks, for the requirement added last, for an extra review after each change of the text.
func (b *ProcessBuilder) ReviewChangesWithin(period string) *ProcessBuilder {
	b.lastRequirement().OnChange = &governancev1alpha1.OnChange{
		Action: governancev1alpha1.ChangeReviewed,
		Within: governancev1alpha1.Period(period),
	}
	return b
}

func (b *ProcessBuilder) lastRequirement() *governancev1alpha1.ReviewRequirement {
	reviews := b.process.Spec.Reviews
	if len(reviews) == 0 {
		panic("the process has no review requirement yet: add one with Cadence, Every or Requirement")
	}
	return &reviews[len(reviews)-1]
}
