package governance

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

// ProcessInput is all that a verdict on a Process needs.
type ProcessInput struct {
	Known
	// Process with the status that was last written.
	Process *governancev1alpha1.Process
	// References to other processes, and whether they can be used; see ReferencesOf.
	References []Reference
	// Tree holds the sub-processes and the KPIs of all of them; see Tree.
	Tree Tree
	// Muting says which findings a process above has already.
	Muting Muting
	// ParentHasOutcome is true where a process that this one is a part of has an outcome KPI of the customer's perspective.
	ParentHasOutcome bool
	// Experience is what the Remediations of the process and of its KPIs tell.
	Experience Experience
}

// ProcessVerdict is the answer about a Process.
type ProcessVerdict struct {
	// Status to publish.
	Status governancev1alpha1.ProcessStatus
	// NextChange is when the verdict can change without anything else happening; zero for never.
	NextChange time.Time
}

// JudgeProcess judges a process at an instant. Of the status of the process it uses what time alone cannot tell: when
// it was first observed, since when findings stand, which periods were frozen by an edit.
func JudgeProcess(in ProcessInput, now time.Time) ProcessVerdict {
	j := newProcessJudge(in, now)
	switch {
	case in.Process.Spec.Lifecycle == governancev1alpha1.LifecycleRetired:
		return j.notJudged(governancev1alpha1.ReasonRetired, "The process is retired: it is not judged.")
	case j.isDraft() && !j.wasInEffect():
		return j.notJudged(governancev1alpha1.ReasonDraft, "The process is a draft: it is not judged.")
	}
	return j.judge()
}

// processJudge holds what a verdict is made from.
type processJudge struct {
	*subjectJudge
	in     ProcessInput
	status governancev1alpha1.ProcessStatus
	family family
}

func newProcessJudge(in ProcessInput, now time.Time) *processJudge {
	j := &processJudge{in: in, status: *in.Process.Status.DeepCopy(), family: in.Tree.familyOf(in.Process)}
	j.subjectJudge = newSubjectJudge(ProcessSubject(in.Process), in.Known, &j.status.SubjectStatus, now)
	counts := countsOf(j.family.steps)
	j.status.Counts = &counts
	j.status.ElevatorRides = ridesOf(&in.Process.Spec)
	j.status.KPIs, j.status.Score = summaryOf(j.family.kpis), scoreOf(j.family.own)
	return j
}

func (j *processJudge) isDraft() bool {
	return j.in.Process.Spec.Lifecycle == governancev1alpha1.LifecycleDraft
}

// takesEffect gives when a draft becomes one that is in effect, and so judged; zero for never.
func (j *processJudge) takesEffect() time.Time {
	declared, err := cadence.ParseDate(string(j.in.Process.Spec.InEffectSince))
	if err != nil || !j.isDraft() {
		return time.Time{}
	}
	return time.Date(declared.Year, declared.Month, declared.Day, 0, 0, 0, 0, time.UTC)
}

// wasInEffect tells whether a draft shows that it is or was in effect: nothing silences the limit, a draft neither.
func (j *processJudge) wasInEffect() bool {
	if len(j.history.reviews) > 0 {
		return true
	}
	declared, err := cadence.ParseDate(string(j.in.Process.Spec.InEffectSince))
	return err == nil && !declared.After(cadence.DateIn(j.now, time.UTC))
}

// notJudged clears what a verdict would have said, save where the reviews stood: a process that is taken up again goes
// on from there, so that retiring it for a day clears nothing.
func (j *processJudge) notJudged(reason, message string) ProcessVerdict {
	j.status.Findings, j.status.NextReview, j.status.KPIs, j.status.Score = nil, nil, nil, nil
	j.status.Notices = nil
	j.setReady(nil, j.referenceProblem())
	for _, conditionType := range []string{
		governancev1alpha1.ConditionReviewCurrent, governancev1alpha1.ConditionWellDefined,
		governancev1alpha1.ConditionKPIsMet, governancev1alpha1.ConditionCompliant,
	} {
		j.set(conditionType, metav1.ConditionUnknown, reason, message)
	}
	j.noteChange(metav1.ConditionUnknown, reason)
	return ProcessVerdict{Status: j.status, NextChange: j.takesEffect()}
}

func (j *processJudge) judge() ProcessVerdict {
	looked := &processView{
		view: j.look(), process: j.in.Process, counts: *j.status.Counts, rides: j.status.ElevatorRides, family: j.family,
		parentHasOutcome: j.in.ParentHasOutcome,
	}
	looked.muting, looked.experience = j.in.Muting, j.in.Experience
	j.publish(findAll(looked, processRules, j.waivers, j.isDraft()))
	j.setReady(looked.requirements, j.referenceProblem())
	j.setReviewCurrent(looked.requirements)
	if j.isDraft() {
		j.setDraft()
		return ProcessVerdict{Status: j.status, NextChange: j.next}
	}
	j.setWellDefined()
	numbers := numberFindings(j.family, j.in.Process.Namespace)
	j.setKPIsMet(numbers)
	j.setCompliant(numbers...)
	j.setNotices(j.reviewedInTime(looked.requirements))
	return ProcessVerdict{Status: j.status, NextChange: j.next}
}

// setDraft says of a draft that was in effect before that it is held to the limit on reviews and to nothing else.
func (j *processJudge) setDraft() {
	j.status.KPIs, j.status.Score, j.status.Notices = nil, nil, nil
	const message = "The process is a draft: it is held to the limit on full reviews and to nothing else."
	j.set(governancev1alpha1.ConditionWellDefined, metav1.ConditionUnknown, governancev1alpha1.ReasonDraft, message)
	j.set(governancev1alpha1.ConditionKPIsMet, metav1.ConditionUnknown, governancev1alpha1.ReasonDraft, message)
	j.setCompliant()
}

// referenceProblem gives the first reference to another process that cannot be used, or the cycle that they make.
func (j *processJudge) referenceProblem() *referenceProblem {
	if problem := unusable(j.in.Process, j.in.References); problem != nil {
		return problem
	}
	return j.family.problem
}
