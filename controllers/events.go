package controllers

import (
	"fmt"
	"slices"
	"time"

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

// record sends a notice as an event about an object, cut to what a person reads of it and the API server takes.
func (n notice) record(recorder events.EventRecorder, about runtime.Object) {
	if recorder == nil {
		return
	}
	kind := corev1.EventTypeNormal
	if n.warning {
		kind = corev1.EventTypeWarning
	}
	recorder.Eventf(about, nil, kind, n.reason, n.action, "%s", status.Cut(n.message, status.MaxMessage))
}

// actionJudge is what Gemba did when a verdict changed.
const actionJudge = "Judge"

// subjectEvent tells what changed for the worse or the better between two statuses of a subject: the gravest new
// finding, else that it became compliant, else the stage of its reviews, else that a lead time of one of them has begun.
// A pass records at most one.
func subjectEvent(before, after *governancev1alpha1.SubjectStatus) (notice, bool) {
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
	return dueSoonEvent(before.Reviews, after.Reviews)
}

// dueSoonEvent tells of the first requirement that a lead time has begun for. The condition tells the worst stage of all
// requirements, so that the second lead time of one, or the first of another, leaves its reason as it is. A requirement
// that was not judged before has no lead time that begins.
func dueSoonEvent(before, after []governancev1alpha1.RequirementStatus) (notice, bool) {
	for i := range after {
		is := &after[i]
		at := slices.IndexFunc(before, func(was governancev1alpha1.RequirementStatus) bool { return was.Name == is.Name })
		if is.Stage != governancev1alpha1.StageDueSoon || is.Due == nil || at < 0 {
			continue
		}
		if before[at].Stage == is.Stage && before[at].Lead == is.Lead {
			continue
		}
		return notice{reason: string(is.Stage), action: actionJudge, message: fmt.Sprintf(
			"The review %s is due at %s: its lead time of %s has begun.", is.Name, is.Due.UTC().Format(time.RFC3339), is.Lead,
		)}, true
	}
	return notice{}, false
}

// newFinding gives the first new finding, in the order in which findings are listed, that no waiver accepts.
func newFinding(before, after *governancev1alpha1.SubjectStatus) *governancev1alpha1.Finding {
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
