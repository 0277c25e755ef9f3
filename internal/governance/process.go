package governance

import (
	"time"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

// ProcessInput is all that a verdict on a Process needs.
type ProcessInput struct {
	// Process with the status that was last written.
	Process *governancev1alpha1.Process
	// Reviews that name the process, counted or not.
	Reviews []governancev1alpha1.Review
	// Waivers that name the process.
	Waivers []governancev1alpha1.Waiver
	// Policy that applies to the namespace.
	Policy Policy
	// Cadences that the process and the policy name.
	Cadences Cadences
	// References to other processes, and whether they can be used; see ReferencesOf.
	References []Reference
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
	in       ProcessInput
	now      time.Time
	status   governancev1alpha1.ProcessStatus
	history  history
	waivers  []governancev1alpha1.Waiver
	required []requirement
	next     time.Time
}

func newProcessJudge(in ProcessInput, now time.Time) *processJudge {
	j := &processJudge{in: in, now: now, status: *in.Process.Status.DeepCopy()}
	j.status.ObservedGeneration = in.Process.Generation
	if j.status.ObservedSince == nil {
		j.status.ObservedSince = timestampPointer(now)
	}
	j.status.Digest = ProcessDigest(&in.Process.Spec)
	j.status.Policy = governancev1alpha1.ObjectName(in.Policy.Name)
	counts := countsOf(&in.Process.Spec)
	j.status.Counts = &counts
	j.status.ElevatorRides = ridesOf(&in.Process.Spec)
	j.history = newHistory(in.Reviews, j.status.ObservedSince.Time, now)
	j.required = requirementsOf(in.Process, in.Policy, in.Cadences)
	j.waivers, j.next = waiversInForce(in.Process, in.Waivers, in.Policy, now)
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
	j.status.Findings, j.status.NextReview = nil, nil
	j.setReady(nil)
	j.setUnknown(reason, message)
	return ProcessVerdict{Status: j.status, NextChange: j.takesEffect()}
}

func (j *processJudge) judge() ProcessVerdict {
	s := &subject{
		process: j.in.Process, policy: j.in.Policy, history: j.history, requirements: j.evaluate(),
		counts: *j.status.Counts, rides: j.status.ElevatorRides, now: j.now,
	}
	set := findAll(s, j.waivers, j.isDraft())
	j.status.Findings, j.status.Episodes = set.findings, set.episodes
	j.next = earlier(j.next, set.next)
	j.setReady(s.requirements)
	j.setReviewCurrent(s.requirements)
	j.setWellDefined()
	j.setCompliant()
	return ProcessVerdict{Status: j.status, NextChange: j.next}
}

// evaluate judges each requirement and writes it as status. A requirement that is no longer declared leaves the status.
func (j *processJudge) evaluate() []judged {
	evaluated := evaluation{
		process: j.in.Process, history: j.history, waivers: j.waivers, digest: j.status.Digest, now: j.now,
	}
	requirements := make([]judged, 0, len(j.required))
	j.status.Reviews, j.status.NextReview = nil, nil
	for _, r := range j.required {
		state, change := evaluated.evaluate(r)
		requirements = append(requirements, judged{requirement: r, state: state, change: change})
		j.status.Reviews = append(j.status.Reviews, requirementStatus(r, state, change))
		j.noteNextReview(r, state)
		j.next = earlier(j.next, state.NextChange)
	}
	return requirements
}

func (j *processJudge) noteNextReview(r requirement, state cadence.State) {
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
