package governance

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/status"
)

// ReviewInput is all that a verdict on a Review needs.
type ReviewInput struct {
	Review *governancev1alpha1.Review
	// Subject that was reviewed; nil where it does not exist.
	Subject *Subject
	// Siblings are all Reviews of the same subject, the Review among them.
	Siblings []governancev1alpha1.Review
	// Waivers of the subject.
	Waivers []governancev1alpha1.Waiver
	// Policy that applies to the subject.
	Policy Policy
	// Cadences that the subject and the policy name.
	Cadences Cadences
}

// ReviewVerdict is the answer about a Review.
type ReviewVerdict struct {
	Status     governancev1alpha1.ReviewStatus
	NextChange time.Time
}

// ruling is whether a review counts, and why.
type ruling struct {
	value           metav1.ConditionStatus
	reason, message string
	record          *governancev1alpha1.CountedRecord
	next            time.Time
}

func counts(reason, message string, record *governancev1alpha1.CountedRecord) ruling {
	return ruling{value: metav1.ConditionTrue, reason: reason, message: message, record: record}
}

func countsNot(reason, format string, arguments ...any) ruling {
	return ruling{value: metav1.ConditionFalse, reason: reason, message: fmt.Sprintf(format, arguments...)}
}

func undecided(reason, format string, arguments ...any) ruling {
	return ruling{value: metav1.ConditionUnknown, reason: reason, message: fmt.Sprintf(format, arguments...)}
}

// JudgeReview tells whether a review counts. It is decided once: what was counted stays so until it is withdrawn, also
// when the subject, the policy or the list of reviewers changes; what was not is judged again each time.
func JudgeReview(in ReviewInput, now time.Time) ReviewVerdict {
	verdict := ReviewVerdict{Status: *in.Review.Status.DeepCopy()}
	verdict.Status.ObservedGeneration = in.Review.Generation
	decided := newReviewJudge(in, now).rule()
	status.SetReady(&verdict.Status.Conditions, reviewReadiness(in, decided), in.Review.Generation, now)
	if decided.value == metav1.ConditionTrue && decided.record != nil {
		verdict.Status.Counted = decided.record
	}
	if decided.value != metav1.ConditionTrue && decided.reason != governancev1alpha1.ReasonWithdrawn {
		verdict.Status.Counted = nil
	}
	noteProvenance(in, &verdict.Status)
	status.Set(&verdict.Status.Conditions, metav1.Condition{
		Type: governancev1alpha1.ConditionCounted, Status: decided.value, Reason: decided.reason, Message: decided.message,
	}, in.Review.Generation, now)
	verdict.NextChange = decided.next
	return verdict
}

// reviewReadiness tells whether the subject of a review is there. A review that was counted or withdrawn outlives it.
func reviewReadiness(in ReviewInput, decided ruling) status.Readiness {
	settled := decided.value == metav1.ConditionTrue || decided.reason == governancev1alpha1.ReasonWithdrawn
	if in.Subject != nil || settled {
		return status.Reconciled("The review is understood.")
	}
	return status.NotFound(fmt.Sprintf(
		"%s %s does not exist in this namespace: create it, or delete the review.",
		KindOf(in.Review.Spec.SubjectRef.Kind), in.Review.Spec.SubjectRef.Name))
}

// noteProvenance decides, once, what a review rests on, as soon as its subject was observed.
func noteProvenance(in ReviewInput, judged *governancev1alpha1.ReviewStatus) {
	if in.Subject == nil || in.Subject.Status.ObservedSince == nil {
		return
	}
	if judged.Assurance == "" {
		judged.Assurance = assuranceOf(in)
	}
	if judged.PredatesSubject == nil {
		predates := isOld(in.Review, in.Subject.Status.ObservedSince.Time)
		judged.PredatesSubject = &predates
	}
}

// assuranceOf tells how it is known that the reviewer held the review: the API server saw the reviewer record it, and
// it is no older than the cluster's knowledge of the subject.
func assuranceOf(in ReviewInput) governancev1alpha1.Assurance {
	spec := &in.Review.Spec
	observed := in.Subject.Status.ObservedSince
	if observed == nil {
		return ""
	}
	if spec.RecordedBy == spec.Reviewer && !isOld(in.Review, observed.Time) {
		return governancev1alpha1.AssuranceAuthenticated
	}
	return governancev1alpha1.AssuranceAsserted
}

// reviewJudge holds what a ruling is made from.
type reviewJudge struct {
	ReviewInput
	now         time.Time
	requirement requirement
	old         bool
}

func newReviewJudge(in ReviewInput, now time.Time) *reviewJudge {
	return &reviewJudge{ReviewInput: in, now: now}
}

// rule decides about a review; what was decided before stands.
func (j *reviewJudge) rule() ruling {
	if j.Review.Spec.Withdrawn != nil {
		return countsNot(governancev1alpha1.ReasonWithdrawn, "The review was withdrawn.")
	}
	if j.isLatched() {
		before := meta.FindStatusCondition(j.Review.Status.Conditions, governancev1alpha1.ConditionCounted)
		return counts(before.Reason, before.Message, nil)
	}
	if decided := j.admit(); decided != nil {
		return *decided
	}
	return j.count()
}

// admit tells why the review cannot count, whatever others approve; nil where it can.
func (j *reviewJudge) admit() *ruling {
	checks := []func() *ruling{
		j.checkSubject, j.checkTime, j.checkRequirement, j.checkReviewer, j.checkText, j.checkContent, j.checkAssurance,
	}
	for _, check := range checks {
		if decided := check(); decided != nil {
			return decided
		}
	}
	return nil
}

// isLatched tells whether the review was counted before, and those with it still stand.
func (j *reviewJudge) isLatched() bool {
	if !isCounted(j.Review) {
		return false
	}
	standing := make(map[governancev1alpha1.ObjectName]bool, len(j.Siblings))
	for i := range j.Siblings {
		standing[governancev1alpha1.ObjectName(j.Siblings[i].Name)] = j.Siblings[i].Spec.Withdrawn == nil
	}
	standing[governancev1alpha1.ObjectName(j.Review.Name)] = true
	return allStand(j.Review.Status.Counted.With, standing)
}

func (j *reviewJudge) checkSubject() *ruling {
	if j.Subject == nil {
		return refuse(governancev1alpha1.ReasonSubjectNotFound,
			"%s %s does not exist in this namespace.", KindOf(j.Review.Spec.SubjectRef.Kind), j.Review.Spec.SubjectRef.Name)
	}
	if !isJudged(j.Subject, j.Policy) {
		decided := undecided(governancev1alpha1.ReasonSubjectNotObserved,
			"%s %s was not judged yet as it is declared now.", j.Subject.Kind, j.Subject.Name)
		return &decided
	}
	j.old = isOld(j.Review, j.Subject.Status.ObservedSince.Time)
	return nil
}

// isJudged tells whether the status of a subject speaks of its present text, under the policy that applies. What counts
// is counted for good, so it is not decided while one of them is on its way.
func isJudged(subject *Subject, policy Policy) bool {
	return subject.Status.ObservedSince != nil && subject.Status.ObservedGeneration == subject.Generation &&
		string(subject.Status.Policy) == policy.Name
}

func (j *reviewJudge) checkTime() *ruling {
	held := j.Review.Spec.HeldAt.Time
	if !held.After(j.now) {
		return nil
	}
	decided := countsNot(governancev1alpha1.ReasonHeldInFuture, "The review says that it is held at %s.", rfc3339(held))
	decided.next = held
	return &decided
}

func (j *reviewJudge) checkRequirement() *ruling {
	for _, r := range requirementsOf(j.Subject, j.Policy, j.Cadences) {
		if r.declared.Name == j.Review.Spec.Requirement {
			j.requirement = r
			return nil
		}
	}
	return refuse(governancev1alpha1.ReasonRequirementNotFound,
		"%s %s has no review requirement %s: name one that its status shows.",
		j.Subject.Kind, j.Subject.Name, j.Review.Spec.Requirement)
}

// checkReviewer holds the list of reviewers against reviews that are not older than the cluster's knowledge of the
// subject; that the owner reviews counts in no case.
func (j *reviewJudge) checkReviewer() *ruling {
	reviewer := speaker{user: j.Review.Spec.Reviewer, group: j.Review.Spec.ActingFor}
	if j.Policy.SeparationOfDuties && reviewer.owns(j.Subject.Owner) {
		return refuse(governancev1alpha1.ReasonReviewerIsOwner,
			"The owner cannot review what they own: have somebody else review it.")
	}
	listed := j.requirement.declared.Reviewers
	if j.old || len(listed) == 0 || reviewer.isAmong(listed) {
		return nil
	}
	return refuse(governancev1alpha1.ReasonNotAReviewer,
		"The requirement %s does not list the reviewer: have one of its reviewers review it.", j.requirement.declared.Name)
}

func (j *reviewJudge) checkText() *ruling {
	given := j.Review.Spec.SubjectDigest
	if j.old || given == "" || given == j.Subject.Digest {
		return nil
	}
	return refuse(governancev1alpha1.ReasonSubjectDiffers,
		"The "+noun(j.Subject.Kind)+" is not the text that was read: read it again, and record a review with subjectDigest %s.", j.Subject.Digest)
}

// checkContent asks for what a review of its type must hold. A review that is older than the cluster's knowledge of the
// subject is taken as it stands, unless it says that it read the very text of today.
func (j *reviewJudge) checkContent() *ruling {
	if j.old && j.Review.Spec.SubjectDigest != j.Subject.Digest {
		return nil
	}
	spec := &j.Review.Spec
	switch j.requirement.declared.Type {
	case governancev1alpha1.ReviewContact:
		if spec.Count == 0 {
			return refuse(governancev1alpha1.ReasonCountMissing, "A contact review needs a count above 0.")
		}
		return nil
	case governancev1alpha1.ReviewWalk:
		if len(spec.Answers) == 0 {
			return refuse(governancev1alpha1.ReasonAnswersMissing, "A walk needs answers: say what was seen.")
		}
		return nil
	case governancev1alpha1.ReviewFull, governancev1alpha1.ReviewCheckpoint:
	}
	if spec.Outcome == "" {
		return refuse(governancev1alpha1.ReasonOutcomeMissing,
			"The review needs an outcome: Approved, ChangesRequired or Retire.")
	}
	return j.checkSteps()
}

func (j *reviewJudge) checkSteps() *ruling {
	if !j.requirement.full() {
		return nil
	}
	judgedSteps := make(map[governancev1alpha1.Key]bool, len(j.Review.Spec.Verdicts))
	for _, verdict := range j.Review.Spec.Verdicts {
		judgedSteps[verdict.Step] = true
	}
	var missing []string
	for i := range j.Subject.Steps {
		if name := j.Subject.Steps[i].Name; !judgedSteps[name] {
			missing = append(missing, string(name))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return refuse(governancev1alpha1.ReasonStepsMissing, "A full review needs a verdict on every step; %s.",
		part("missing", missing))
}

func (j *reviewJudge) checkAssurance() *ruling {
	needed := j.Policy.MinAssurance()
	if j.old || needed == governancev1alpha1.AssuranceAsserted ||
		assuranceOf(j.ReviewInput) == governancev1alpha1.AssuranceAuthenticated {
		return nil
	}
	return refuse(governancev1alpha1.ReasonAssuranceTooLow,
		"The policy counts only reviews that the reviewers record themselves: have the reviewer record it.")
}

func refuse(reason, format string, arguments ...any) *ruling {
	decided := countsNot(reason, format, arguments...)
	return &decided
}
