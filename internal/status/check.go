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
	ready := meta.FindStatusCondition(conditions, governancev1alpha1.ConditionReady)
	if ready == nil {
		return []string{"Ready is missing"}
	}
	var faults []string
	abnormal := 0
	for _, conditionType := range []string{
		governancev1alpha1.ConditionReconciling, governancev1alpha1.ConditionStalled,
	} {
		found := meta.FindStatusCondition(conditions, conditionType)
		if found == nil {
			continue
		}
		abnormal++
		if found.Status != metav1.ConditionTrue {
			faults = append(faults, conditionType+" is present and not True")
		}
	}
	isReady := ready.Status == metav1.ConditionTrue
	switch {
	case isReady && abnormal > 0:
		faults = append(faults, "Ready is True beside Reconciling or Stalled")
	case !isReady && abnormal == 0:
		faults = append(faults, "Ready is not True, and neither Reconciling nor Stalled says why")
	case abnormal > 1:
		faults = append(faults, "Reconciling and Stalled are both present")
	}
	return faults
}
