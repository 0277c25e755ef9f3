package controllers

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/status"
)

// notice is something that happened to an object, as a value.
type notice struct {
	warning        bool
	reason, action string
	message        string
}

// record sends a notice as an event about an object.
func (n notice) record(recorder events.EventRecorder, about runtime.Object) {
	if recorder == nil {
		return
	}
	kind := corev1.EventTypeNormal
	if n.warning {
		kind = corev1.EventTypeWarning
	}
	recorder.Eventf(about, nil, kind, n.reason, n.action, "%s", n.message)
}

// actionJudge is what Gemba did when a verdict changed.
const actionJudge = "Judge"

// processEvent tells what changed for the worse or the better between two statuses of a process: the gravest new
// finding, else that it became compliant, else the stage of its reviews. A pass records at most one.
func processEvent(before, after *governancev1alpha1.ProcessStatus) (notice, bool) {
	if finding := newFinding(before, after); finding != nil {
		return notice{warning: true, reason: string(finding.Rule), action: actionJudge, message: finding.Message}, true
	}
	for _, conditionType := range []string{
		governancev1alpha1.ConditionCompliant, governancev1alpha1.ConditionReviewCurrent,
	} {
		was, is := status.Find(before.Conditions, conditionType), status.Find(after.Conditions, conditionType)
		if is == nil || was == nil || was.Reason == is.Reason {
			continue
		}
		return notice{reason: is.Reason, action: actionJudge, message: is.Message}, true
	}
	return notice{}, false
}

// newFinding gives the first new finding, in the order in which findings are listed, that no waiver accepts.
func newFinding(before, after *governancev1alpha1.ProcessStatus) *governancev1alpha1.Finding {
	for i := range after.Findings {
		finding := &after.Findings[i]
		if finding.WaivedBy == "" && !stoodBefore(before.Findings, finding) {
			return finding
		}
	}
	return nil
}

func stoodBefore(before []governancev1alpha1.Finding, finding *governancev1alpha1.Finding) bool {
	for i := range before {
		if before[i].Rule == finding.Rule && before[i].About == finding.About && before[i].WaivedBy == "" {
			return true
		}
	}
	return false
}

// reviewEvent tells that a review was counted, or why not.
func reviewEvent(before, after *governancev1alpha1.ReviewStatus) (notice, bool) {
	is := status.Find(after.Conditions, governancev1alpha1.ConditionCounted)
	was := status.Find(before.Conditions, governancev1alpha1.ConditionCounted)
	if is == nil || (was != nil && was.Reason == is.Reason) || is.Reason == governancev1alpha1.ReasonSubjectNotObserved {
		return notice{}, false
	}
	return notice{
		warning: is.Status == "False", reason: is.Reason, action: actionJudge, message: is.Message,
	}, true
}

// waiverEvent tells that a waiver came into force, was refused, is about to lapse or has lapsed.
func waiverEvent(before, after *governancev1alpha1.WaiverStatus) (notice, bool) {
	is := status.Find(after.Conditions, governancev1alpha1.ConditionReady)
	was := status.Find(before.Conditions, governancev1alpha1.ConditionReady)
	if is == nil || (was != nil && was.Reason == is.Reason) {
		return notice{}, false
	}
	return notice{
		warning: is.Reason != governancev1alpha1.ReasonInForce, reason: is.Reason, action: actionJudge, message: is.Message,
	}, true
}
