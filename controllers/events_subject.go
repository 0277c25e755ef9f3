package controllers

import (
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// tellOfSubject records what a written status of a subject says that the one before did not.
func tellOfSubject(recorder events.EventRecorder, about runtime.Object, before, after *governancev1alpha1.SubjectStatus) {
	if happened, changed := subjectEvent(before, after); changed {
		happened.record(recorder, about)
	}
	for _, reached := range milestoneEvents(before, after) {
		reached.record(recorder, about)
	}
}

// milestoneEvents tell of the milestones that were reached between two statuses of a subject, one for each notice: none that
// lies before the cluster saw the subject, so that one that is built anew tells no old story, and none twice.
func milestoneEvents(before, after *governancev1alpha1.SubjectStatus) (told []notice) {
	if before.ObservedSince == nil {
		return nil
	}
	for i := range after.Notices {
		one := &after.Notices[i]
		mark := governance.MarkOf(before.Noticed, one)
		if isNews := mark == nil || mark.Until.Before(&one.Reached); isNews && before.ObservedSince.Before(&one.Reached) {
			told = append(told, notice{reason: string(one.Reason), action: actionJudge, message: one.Message})
		}
	}
	return told
}
