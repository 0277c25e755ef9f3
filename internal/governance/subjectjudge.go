package governance

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
	"github.com/gemba-dev/gemba/internal/status"
)

// Known is what is known around a subject, whatever its kind.
type Known struct {
	// Reviews that name the subject, counted or not.
	Reviews []governancev1alpha1.Review
	// Waivers that name the subject.
	Waivers []governancev1alpha1.Waiver
	// Policy that applies to the namespace.
	Policy Policy
	// Cadences that the subject and the policy name.
	Cadences Cadences
}

// subjectJudge makes the part of a verdict that is the same for every kind of subject.
type subjectJudge struct {
	subject  *Subject
	policy   Policy
	now      time.Time
	status   *governancev1alpha1.SubjectStatus
	history  history
	waivers  []governancev1alpha1.Waiver
	required []requirement
	next     time.Time
}

// newSubjectJudge begins a verdict. The status is a copy of the one last written, and is changed in place; of it is used
// what time alone cannot tell: when the subject was first observed, since when findings stand, which periods were frozen
// by an edit.
func newSubjectJudge(
	subject *Subject, known Known, judged *governancev1alpha1.SubjectStatus, now time.Time,
) *subjectJudge {
	j := &subjectJudge{subject: subject, policy: known.Policy, now: now, status: judged}
	j.status.ObservedGeneration = subject.Generation
	if j.status.ObservedSince == nil {
		j.status.ObservedSince = timestampPointer(now)
	}
	j.status.Digest = subject.Digest
	j.status.Policy = governancev1alpha1.ObjectName(known.Policy.Name)
	j.history = newHistory(known.Reviews, j.status.ObservedSince.Time, now)
	j.required = requirementsOf(subject, known.Policy, known.Cadences)
	j.waivers, j.next = waiversInForce(subject, known.Waivers, known.Policy, now)
	return j
}

// look evaluates the reviews and gives what the rules look at.
func (j *subjectJudge) look() view {
	return view{
		subject: j.subject, policy: j.policy, history: j.history, requirements: j.evaluate(), now: j.now,
	}
}

// evaluate judges each requirement and writes it as status. A requirement that is no longer declared leaves the status.
func (j *subjectJudge) evaluate() []judged {
	evaluated := evaluation{
		subject: j.subject, history: j.history, waivers: j.waivers, now: j.now,
	}
	requirements := make([]judged, 0, len(j.required))
	j.status.Reviews, j.status.NextReview = nil, nil
	for _, r := range j.required {
		state, change := evaluated.evaluate(r)
		requirements = append(requirements, judged{requirement: r, state: state, change: change})
		j.status.Reviews = append(j.status.Reviews, requirementStatus(r, state, change))
		j.noteNextReview(r, state)
		j.changesAt(state.NextChange)
	}
	return requirements
}

func (j *subjectJudge) noteNextReview(r requirement, state cadence.State) {
	due := state.Due
	if due.IsZero() || (j.status.NextReview != nil && !due.Before(j.status.NextReview.Due.Time)) {
		return
	}
	zone := time.UTC
	if r.schedule != nil {
		zone = r.schedule.Location()
	}
	j.status.NextReview = &governancev1alpha1.NextReview{
		Requirement: r.declared.Name, Due: timestamp(due),
		Day: governancev1alpha1.ComputedDate(cadence.DateIn(due, zone).String()),
	}
}

func (j *subjectJudge) publish(set findingSet) {
	j.status.Findings, j.status.Episodes = set.findings, set.episodes
	j.changesAt(set.next)
}

func (j *subjectJudge) changesAt(instant time.Time) {
	j.next = earlier(j.next, instant)
}

func (j *subjectJudge) set(conditionType string, value metav1.ConditionStatus, reason, message string) {
	status.Set(&j.status.Conditions, metav1.Condition{
		Type: conditionType, Status: value, Reason: reason, Message: message,
	}, j.subject.Generation, j.now)
}

// setReady tells whether the references of the subject can be used. Governance never touches it. The requirements are
// those that were judged, none where the subject is not; problem is the first of the kind's own, nil for none.
func (j *subjectJudge) setReady(requirements []judged, problem *referenceProblem) {
	for _, r := range j.required {
		if r.problem != nil {
			problem = r.problem
			break
		}
	}
	readiness := status.Reconciled(fmt.Sprintf("The %s is understood.", noun(j.subject.Kind)) + cutGraces(requirements))
	if problem != nil {
		readiness = status.Readiness{
			Waiting: problem.reason == governancev1alpha1.ReasonReferenceNotFound ||
				problem.reason == governancev1alpha1.ReasonReferenceNotReady,
			Reason: problem.reason, Message: problem.message + ".",
		}
	}
	status.SetReady(&j.status.Conditions, readiness, j.subject.Generation, j.now)
}

// noun is the word for a kind of subject within a sentence.
func noun(kind governancev1alpha1.SubjectKind) string {
	if kind == governancev1alpha1.KindKPI {
		return "KPI"
	}
	return "process"
}
