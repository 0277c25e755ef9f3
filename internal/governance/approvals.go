package governance

import (
	"fmt"
	"slices"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

// maxWith bounds how many reviews a record names that were counted together, as the schema does. A reviewer may approve
// again and again before another one does.
const maxWith = 64

// count counts a review that is admitted, alone or with the approvals that are needed beside it.
func (j *reviewJudge) count() ruling {
	with, decided := j.approvedWith()
	if decided != nil {
		return *decided
	}
	record := &governancev1alpha1.CountedRecord{
		Requirement: j.requirement.declared.Name,
		Type:        j.requirement.declared.Type,
		With:        with,
		Digest:      j.Subject.Digest,
		Steps:       stepDigests(j.Subject.Steps),
		Policy:      governancev1alpha1.ObjectName(j.Policy.Name),
	}
	placement := j.place(record)
	record.Period = placement.PeriodID
	reason, says := governancev1alpha1.ReasonCounted, "The review counts for the period "+record.Period+" of %s."
	switch {
	case placement.OutOfPeriod:
		reason, says = governancev1alpha1.ReasonOutOfPeriod, "The review was held in no open period of %s, and counts all the same."
	case placement.PeriodID == "" && j.requirement.schedule == nil:
		says = "The review counts for %s; its period shows once the cadence can be computed."
	case placement.PeriodID == "":
		says = "The review counts for %s, in a period that has left the ledger."
	}
	return counts(reason, fmt.Sprintf(says, record.Requirement), record)
}

// approvedWith gives the reviews that count together with this one; nil where it counts alone. A ruling is given where
// approvals are missing.
func (j *reviewJudge) approvedWith() ([]governancev1alpha1.ObjectName, *ruling) {
	if j.requirement.approvals == 1 {
		return nil, nil
	}
	groups, _ := cadence.Group(j.approvals(), j.requirement.approvals)
	for _, group := range groups {
		if slices.Contains(group.Members, j.Review.Name) {
			with := make([]governancev1alpha1.ObjectName, 0, len(group.Members))
			for _, member := range group.Members[max(0, len(group.Members)-maxWith):] {
				with = append(with, governancev1alpha1.ObjectName(member))
			}
			return with, nil
		}
	}
	waiting := undecided(governancev1alpha1.ReasonAwaitingApprovals,
		"The review counts once %d different reviewers have approved the same text within 30 days.",
		j.requirement.approvals)
	return nil, &waiting
}

// approvals gives the reviews of the requirement that could count together: this one, and those siblings that are
// admitted as well.
func (j *reviewJudge) approvals() []cadence.Approval {
	latched := latchedGroups(j.Siblings)
	var approvals []cadence.Approval
	for i := range j.Siblings {
		sibling := &j.Siblings[i]
		group := latched[governancev1alpha1.ObjectName(sibling.Name)]
		if sibling.Spec.Requirement != j.Review.Spec.Requirement || (group == "" && !j.admits(sibling)) {
			continue
		}
		approvals = append(approvals, cadence.Approval{
			Name: sibling.Name, Reviewer: string(sibling.Spec.Reviewer), Digest: string(j.digestRead(sibling)),
			HeldAt: sibling.Spec.HeldAt.Time, Outcome: outcomeOf(sibling), LatchedWith: group,
		})
	}
	return approvals
}

// latchedGroups gives, for each review that some counted review was counted with, the name of that group: its latest
// member. A group counts as long as all its members stand.
func latchedGroups(siblings []governancev1alpha1.Review) map[governancev1alpha1.ObjectName]string {
	byName := make(map[governancev1alpha1.ObjectName]*governancev1alpha1.Review, len(siblings))
	standing := make(map[governancev1alpha1.ObjectName]bool, len(siblings))
	for i := range siblings {
		name := governancev1alpha1.ObjectName(siblings[i].Name)
		byName[name], standing[name] = &siblings[i], siblings[i].Spec.Withdrawn == nil
	}
	groups := make(map[governancev1alpha1.ObjectName]string)
	for i := range siblings {
		if !isCounted(&siblings[i]) || !allStand(siblings[i].Status.Counted.With, standing) {
			continue
		}
		latest := latestOf(siblings[i].Status.Counted.With, byName)
		for _, name := range siblings[i].Status.Counted.With {
			groups[name] = latest
		}
	}
	return groups
}

func latestOf(
	names []governancev1alpha1.ObjectName, byName map[governancev1alpha1.ObjectName]*governancev1alpha1.Review,
) string {
	var latest *governancev1alpha1.Review
	for _, name := range names {
		if review := byName[name]; latest == nil || review.Spec.HeldAt.After(latest.Spec.HeldAt.Time) {
			latest = review
		}
	}
	if latest == nil {
		return ""
	}
	return latest.Name
}

// admits tells whether a sibling passes the checks that this review has passed.
func (j *reviewJudge) admits(sibling *governancev1alpha1.Review) bool {
	if sibling.Spec.Withdrawn != nil || sibling.DeletionTimestamp != nil {
		return false
	}
	in := j.ReviewInput
	in.Review = sibling
	return newReviewJudge(in, j.now).admit() == nil
}

// digestRead gives the text that a review read: the one it names, else the one it was counted for, else today's.
func (j *reviewJudge) digestRead(review *governancev1alpha1.Review) governancev1alpha1.Digest {
	if review.Spec.SubjectDigest != "" {
		return review.Spec.SubjectDigest
	}
	if isCounted(review) {
		return review.Status.Counted.Digest
	}
	return j.Subject.Digest
}

// place tells for which period the review counts, by judging the requirement as if it were counted already.
func (j *reviewJudge) place(record *governancev1alpha1.CountedRecord) cadence.Placement {
	siblings := make([]governancev1alpha1.Review, 0, len(j.Siblings)+1)
	for i := range j.Siblings {
		sibling := j.Siblings[i].DeepCopy()
		if sibling.Name == j.Review.Name || slices.Contains(record.With, governancev1alpha1.ObjectName(sibling.Name)) {
			markCounted(sibling, record)
		}
		siblings = append(siblings, *sibling)
	}
	observed := j.Subject.Status.ObservedSince.Time
	inForce, _ := waiversInForce(j.Subject, j.Waivers, j.Policy, j.now)
	evaluated := evaluation{
		subject: j.Subject, history: newHistory(siblings, observed, j.now), waivers: inForce, now: j.now,
	}
	state, _ := evaluated.evaluate(j.requirement)
	return state.Placements[j.Review.Name]
}
