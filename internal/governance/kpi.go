package governance

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/kpi"
	"github.com/gemba-dev/gemba/internal/status"
)

// KPIInput is all that a verdict on a KPI needs.
type KPIInput struct {
	Known
	// KPI with the status that was last written, its value part replaced by a newer one where one is known.
	KPI *governancev1alpha1.KPI
	// Values are what is newly known of its value. Spec and Before are filled in here.
	Values kpi.Input
	// Others are the KPIs that this one names as counterweights and as the one that it predicts, as far as they exist, by
	// name.
	Others map[governancev1alpha1.ObjectName]*governancev1alpha1.KPI
	// ProcessExists is true where the process that the KPI names exists, and where it names none.
	ProcessExists bool
	// Lifecycle is that of the process that the KPI names; empty where it names none. Like a process, its KPIs are judged
	// while it is Active and at no other time.
	Lifecycle governancev1alpha1.Lifecycle
	// Source says why the source cannot be asked; nil where it can.
	Source *SourceProblem
	// Experience is what the Remediations of the KPI tell.
	Experience Experience
}

// NotJudged tells whether the KPI is not judged for the sake of its process: nobody has to ask for its value.
func (in KPIInput) NotJudged() bool { return notJudgedBecause(in.Lifecycle) != "" }

// SourceProblem says why the source of a KPI cannot be asked.
type SourceProblem struct {
	// Reason is one of those of the condition Ready.
	Reason string
	// Message is a sentence without its full stop.
	Message string
}

// KPIVerdict is the answer about a KPI.
type KPIVerdict struct {
	// Status as it is now; what of it is worth a write is said by kpi.Throttle.
	Status governancev1alpha1.KPIStatus
	// Latest is the newest value; nil where there never was one.
	Latest *kpi.Point
	// NextChange is when the verdict can change without anything else happening; zero for never.
	NextChange time.Time
}

// JudgeKPI judges a KPI at an instant: what its values say, where the reviews of its definition stand, which findings
// stand.
func JudgeKPI(in KPIInput, now time.Time) KPIVerdict {
	if reason := notJudgedBecause(in.Lifecycle); reason != "" {
		return notJudgedKPI(in, reason, now)
	}
	in.Values.Namespace = in.KPI.Namespace
	in.Values.Spec, in.Values.Before = &in.KPI.Spec, &in.KPI.Status
	values := kpi.Evaluate(in.Values, now)
	j := &kpiJudge{in: in, status: *values.Status.DeepCopy()}
	j.subjectJudge = newSubjectJudge(KPISubject(in.KPI), in.Known, &j.status.SubjectStatus, now)
	j.changesAt(values.NextChange)
	judged := in.KPI.DeepCopy()
	judged.Status = values.Status
	looked := &kpiView{view: j.look(), kpi: judged, others: in.Others, neverMeasured: values.NeverMeasuredFor}
	looked.experience = in.Experience
	j.publish(findAll(looked, kpiRules, j.waivers, false))
	j.setReady(looked.requirements, j.referenceProblem())
	j.setReviewCurrent(looked.requirements)
	j.setWellDefined()
	j.setTargetMet()
	j.setFresh()
	j.setCompliant()
	j.setNotices(append(j.targetHeld(), j.reviewedInTime(looked.requirements)...))
	return KPIVerdict{Status: j.status, Latest: values.Latest, NextChange: j.next}
}

// notJudgedBecause gives the reason why the KPIs of a process are not judged; empty where they are.
func notJudgedBecause(lifecycle governancev1alpha1.Lifecycle) string {
	switch lifecycle {
	case governancev1alpha1.LifecycleRetired:
		return governancev1alpha1.ReasonRetired
	case governancev1alpha1.LifecycleDraft:
		return governancev1alpha1.ReasonDraft
	default:
		return ""
	}
}

// notJudgedKPI clears what a verdict would have said, save where the reviews and the values stood: a process that is
// taken up again goes on from there.
func notJudgedKPI(in KPIInput, reason string, now time.Time) KPIVerdict {
	j := &kpiJudge{in: in, status: *in.KPI.Status.DeepCopy()}
	j.subjectJudge = newSubjectJudge(KPISubject(in.KPI), in.Known, &j.status.SubjectStatus, now)
	j.status.Findings, j.status.NextReview, j.status.Notices = nil, nil, nil
	j.setReady(nil, j.referenceProblem())
	message := fmt.Sprintf("The process of the KPI is %s: neither is judged.", in.Lifecycle)
	for _, conditionType := range []string{
		governancev1alpha1.ConditionReviewCurrent, governancev1alpha1.ConditionWellDefined,
		governancev1alpha1.ConditionTargetMet, governancev1alpha1.ConditionFresh, governancev1alpha1.ConditionCompliant,
	} {
		j.set(conditionType, metav1.ConditionUnknown, reason, message)
	}
	j.noteChange(metav1.ConditionUnknown, reason)
	return KPIVerdict{Status: j.status}
}

// hasReason tells whether Compliant of a KPI has a reason, as one that is not judged has.
func hasReason(judged *governancev1alpha1.KPI, reason string) bool {
	condition := status.Find(judged.Status.Conditions, governancev1alpha1.ConditionCompliant)
	return condition != nil && condition.Reason == reason
}

// kpiJudge holds what a verdict is made from.
type kpiJudge struct {
	*subjectJudge
	in     KPIInput
	status governancev1alpha1.KPIStatus
}

// referenceProblem gives the first thing that the KPI names and that cannot be used.
func (j *kpiJudge) referenceProblem() *referenceProblem {
	spec := &j.in.KPI.Spec
	if !j.in.ProcessExists {
		return missingReference("Process", spec.ProcessRef.Name, "spec.processRef")
	}
	for _, name := range spec.BalancedBy {
		if j.in.Others[name] == nil {
			return missingReference("KPI", name, "spec.balancedBy")
		}
	}
	if spec.ProxyFor != nil && j.in.Others[spec.ProxyFor.KPIRef.Name] == nil {
		return missingReference("KPI", spec.ProxyFor.KPIRef.Name, "spec.proxyFor")
	}
	if problem := j.in.Source; problem != nil {
		return &referenceProblem{problem.Reason, problem.Message}
	}
	return nil
}

func missingReference(kind string, name governancev1alpha1.ObjectName, field string) *referenceProblem {
	return &referenceProblem{governancev1alpha1.ReasonReferenceNotFound,
		kind + " " + string(name) + " of " + field + " does not exist in this namespace: create it or name another one"}
}

// setTargetMet tells whether the objective is met.
func (j *kpiJudge) setTargetMet() {
	state := j.status.State
	value := metav1.ConditionUnknown
	switch state {
	case governancev1alpha1.KPIMet, governancev1alpha1.KPIAtRisk:
		value = metav1.ConditionTrue
	case governancev1alpha1.KPIBreached:
		value = metav1.ConditionFalse
	default:
	}
	j.set(governancev1alpha1.ConditionTargetMet, value, string(state), stateMessage(&j.status))
}

// stateMessages say what a state means. They hold no value: that moves, and the status is written when the state does.
var stateMessages = map[governancev1alpha1.KPIState]string{
	governancev1alpha1.KPIMet:           "The objective is met",
	governancev1alpha1.KPIAtRisk:        "The objective is met, and is at risk",
	governancev1alpha1.KPIBreached:      "The objective is missed",
	governancev1alpha1.KPIStale:         "There is no current value",
	governancev1alpha1.KPINeverMeasured: "There was never a value",
	governancev1alpha1.KPIInconclusive:  "Nothing can be said yet",
}

func stateMessage(status *governancev1alpha1.KPIStatus) string {
	return stateMessages[status.State] + ": " + status.Objective + "."
}

// setFresh tells whether the newest value is young enough.
func (j *kpiJudge) setFresh() {
	asked := ""
	if attempt := j.status.Attempt; attempt != nil && attempt.Result != governancev1alpha1.SampleAnswered {
		// The words of the attempt may move with each try, and stand in status.attempt.
		asked = fmt.Sprintf(" When it was last asked for, it was %s: see status.attempt.", attempt.Result)
	}
	switch {
	case j.status.ValueTime == nil:
		j.set(governancev1alpha1.ConditionFresh, metav1.ConditionUnknown, string(governancev1alpha1.KPINeverMeasured),
			"There was never a value."+asked)
	case j.status.State == governancev1alpha1.KPIStale:
		j.set(governancev1alpha1.ConditionFresh, metav1.ConditionFalse, string(governancev1alpha1.KPIStale),
			"The newest value is older than the KPI allows."+asked)
	default:
		j.set(governancev1alpha1.ConditionFresh, metav1.ConditionTrue, governancev1alpha1.ReasonFresh,
			"The newest value is young enough."+asked)
	}
}
