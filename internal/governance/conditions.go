package governance

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

// maxChanges is how many changes of Compliant the status keeps.
const maxChanges = 20

// cutGraces names the requirements whose grace the limit cuts short. Where the limit lies before the due time itself
// there is no grace to cut: that is CadenceTooLong.
func cutGraces(requirements []judged) string {
	var names []string
	for _, r := range requirements {
		if r.state.GraceCut && r.state.Due.Before(r.state.LimitDeadline) {
			names = append(names, string(r.declared.Name))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " The limit on full reviews cuts the grace of " + strings.Join(names, ", ") + "."
}

// stageRank orders the stages that are not overdue; the highest is told.
var stageRank = map[cadence.Stage]int{cadence.Current: 0, cadence.DueSoon: 1, cadence.StageInGrace: 2}

func (j *subjectJudge) setReviewCurrent(requirements []judged) {
	isReviewRule := func(finding *governancev1alpha1.Finding) bool { return limitRules[finding.Rule] }
	if finding := worst(j.status.Findings, isReviewRule); finding != nil {
		j.set(governancev1alpha1.ConditionReviewCurrent, metav1.ConditionFalse, string(finding.Rule), finding.Message)
		return
	}
	reason, message := governancev1alpha1.ReasonUnscheduled, "No cadence can be computed."
	top := -1
	for _, r := range requirements {
		if r.isOverdue() {
			j.set(governancev1alpha1.ConditionReviewCurrent, metav1.ConditionFalse, governancev1alpha1.ReasonWaived,
				fmt.Sprintf("The review %s is overdue, and a waiver or the policy accepts that for now.", r.declared.Name))
			return
		}
		if r.state.Stage == cadence.Unscheduled {
			j.set(governancev1alpha1.ConditionReviewCurrent, metav1.ConditionUnknown, governancev1alpha1.ReasonUnscheduled,
				fmt.Sprintf("The cadence of the review %s cannot be computed.", r.declared.Name))
			return
		}
		if rank := stageRank[r.state.Stage]; rank > top {
			top, reason, message = rank, string(r.state.Stage), currentMessage(r)
		}
	}
	if top == 0 {
		reason, message = lastOutcome(requirements, reason, message)
	}
	j.set(governancev1alpha1.ConditionReviewCurrent, metav1.ConditionTrue, reason, message)
}

func currentMessage(r judged) string {
	return fmt.Sprintf("The review %s is due at %s.", r.declared.Name, rfc3339(r.state.Due))
}

// lastOutcome tells of a current subject that its last review asked for changes or for retirement.
func lastOutcome(requirements []judged, reason, message string) (string, string) {
	for _, r := range requirements {
		if r.full() && r.state.LastOutcome != "" && r.state.LastOutcome != cadence.Approved {
			return string(r.state.LastOutcome), fmt.Sprintf("The review held at %s asked for it; %s",
				rfc3339(r.state.LastHeld), strings.ToLower(message[:1])+message[1:])
		}
	}
	return reason, message
}

// setWellDefined tells whether the declaration explains itself.
func (j *subjectJudge) setWellDefined() {
	isAboutDefinition := func(finding *governancev1alpha1.Finding) bool { return wellDefinedRules[finding.Rule] }
	if finding := worst(j.status.Findings, isAboutDefinition); finding != nil {
		j.set(governancev1alpha1.ConditionWellDefined, metav1.ConditionFalse, string(finding.Rule), finding.Message)
		return
	}
	j.set(governancev1alpha1.ConditionWellDefined, metav1.ConditionTrue, governancev1alpha1.ReasonWellDefined,
		"The declaration explains itself.")
}

// setCompliant sums up the findings of the subject, and those of others that it answers for.
func (j *subjectJudge) setCompliant(others ...governancev1alpha1.Finding) {
	findings := append(slices.Clone(j.status.Findings), others...)
	if finding := worst(findings, weighs); finding != nil {
		j.set(governancev1alpha1.ConditionCompliant, metav1.ConditionFalse, string(finding.Rule), finding.Message)
		j.noteChange(metav1.ConditionFalse, string(finding.Rule))
		return
	}
	reason, message := governancev1alpha1.ReasonCompliant, "No finding of severity Medium or above stands."
	waived := slices.ContainsFunc(findings, func(finding governancev1alpha1.Finding) bool {
		return weighs(&finding) && finding.WaivedBy != ""
	})
	if waived {
		reason, message = governancev1alpha1.ReasonWaived, "Every finding of severity Medium or above is waived."
	}
	j.set(governancev1alpha1.ConditionCompliant, metav1.ConditionTrue, reason, message)
	j.noteChange(metav1.ConditionTrue, reason)
}

// weighs tells whether a finding makes its subject non-compliant.
func weighs(finding *governancev1alpha1.Finding) bool {
	return AtLeast(finding.Severity, governancev1alpha1.SeverityMedium)
}

// noteChange keeps the last changes of Compliant.
func (j *subjectJudge) noteChange(value metav1.ConditionStatus, reason string) {
	changes := j.status.Changes
	if last := len(changes) - 1; last >= 0 && changes[last].Status == value && changes[last].Reason == reason {
		return
	}
	changes = append(changes, governancev1alpha1.ComplianceChange{At: timestamp(j.now), Status: value, Reason: reason})
	j.status.Changes = changes[max(0, len(changes)-maxChanges):]
}
