package status

import (
	"fmt"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// Subject is what Check looks at: an object whose reconciler has come to rest.
type Subject struct {
	// Generation of the object, and the one that its status speaks of.
	Generation, ObservedGeneration int64
	Conditions                     []metav1.Condition
}

// Check tells what tools that wait for objects (kubectl wait, GitOps health checks) would stumble over: after a
// reconciler has come to rest, Ready is present; Reconciling and Stalled are present only as True, never together, and
// never beside Ready=True; everything speaks of the present generation; each message is a sentence of bounded length.
// It gives a sentence for each fault.
func Check(subject Subject) []string {
	var faults []string
	fault := func(format string, arguments ...any) { faults = append(faults, fmt.Sprintf(format, arguments...)) }
	if subject.ObservedGeneration != subject.Generation {
		fault("observedGeneration is %d, the generation %d", subject.ObservedGeneration, subject.Generation)
	}
	for _, condition := range subject.Conditions {
		faults = append(faults, checkCondition(condition, subject.Generation)...)
	}
	faults = append(faults, checkReadiness(subject.Conditions)...)
	return faults
}

func checkCondition(condition metav1.Condition, generation int64) []string {
	var faults []string
	fault := func(format string, arguments ...any) {
		faults = append(faults, condition.Type+" "+fmt.Sprintf(format, arguments...))
	}
	if condition.ObservedGeneration != generation {
		fault("speaks of generation %d, not %d", condition.ObservedGeneration, generation)
	}
	if condition.Reason == "" || condition.Message == "" {
		fault("has no reason or no message")
	}
	if utf8.RuneCountInString(condition.Message) > MaxMessage {
		fault("has a message of more than %d characters", MaxMessage)
	}
	if condition.LastTransitionTime.IsZero() {
		fault("does not say since when")
	}
	return faults
}

func checkReadiness(conditions []metav1.Condition) []string {
	var faults []string
	ready := meta.FindStatusCondition(conditions, governancev1alpha1.ConditionReady)
	reconciling := meta.FindStatusCondition(conditions, governancev1alpha1.ConditionReconciling)
	stalled := meta.FindStatusCondition(conditions, governancev1alpha1.ConditionStalled)
	for _, abnormal := range []*metav1.Condition{reconciling, stalled} {
		if abnormal != nil && abnormal.Status != metav1.ConditionTrue {
			faults = append(faults, abnormal.Type+" is present and not True")
		}
	}
	switch {
	case ready == nil:
		faults = append(faults, "Ready is missing")
	case ready.Status == metav1.ConditionTrue && (reconciling != nil || stalled != nil):
		faults = append(faults, "Ready is True beside Reconciling or Stalled")
	case ready.Status != metav1.ConditionTrue && reconciling == nil && stalled == nil:
		faults = append(faults, "Ready is not True, and neither Reconciling nor Stalled says why")
	case reconciling != nil && stalled != nil:
		faults = append(faults, "Reconciling and Stalled are both present")
	}
	return faults
}
