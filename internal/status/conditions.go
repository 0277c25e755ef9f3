package status

import (
	"time"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// MaxMessage is the number of characters that the message of a condition may have.
const MaxMessage = 200

// Set puts a condition into the list. The time of the last transition moves to now only where the status of the
// condition changes; the message is cut at MaxMessage characters.
func Set(conditions *[]metav1.Condition, condition metav1.Condition, generation int64, now time.Time) {
	condition.ObservedGeneration = generation
	condition.Message = Cut(condition.Message, MaxMessage)
	condition.LastTransitionTime = metav1.NewTime(now.Truncate(time.Second))
	meta.SetStatusCondition(conditions, condition)
}

// Remove takes the conditions of the given types out of the list.
func Remove(conditions *[]metav1.Condition, types ...string) {
	for _, conditionType := range types {
		meta.RemoveStatusCondition(conditions, conditionType)
	}
}

// Find gives the condition of a type, nil where there is none.
func Find(conditions []metav1.Condition, conditionType string) *metav1.Condition {
	return meta.FindStatusCondition(conditions, conditionType)
}

// Readiness is what Ready, Reconciling and Stalled say together.
type Readiness struct {
	// Reason is one of the reasons of Ready, or InForce and its like where a kind has reasons of its own.
	Reason string
	// Message is a sentence that says what to do.
	Message string
	// Ready is true where the spec is understood and its references resolve.
	Ready bool
	// Waiting is true where something that is missing may still come; otherwise only an edit helps.
	Waiting bool
}

// Reconciled is the readiness of an object whose spec is understood.
func Reconciled(message string) Readiness {
	return Readiness{Ready: true, Reason: governancev1alpha1.ReasonReconciled, Message: message}
}

// Invalid is the readiness of an object that only an edit can cure.
func Invalid(message string) Readiness {
	return Readiness{Reason: governancev1alpha1.ReasonInvalidSpec, Message: message}
}

// NotFound is the readiness of an object that waits for something it refers to.
func NotFound(message string) Readiness {
	return Readiness{Waiting: true, Reason: governancev1alpha1.ReasonReferenceNotFound, Message: message}
}

// NotPermitted is the readiness of an object that refers to something which does not admit it. The words are the same
// whether the target exists or not.
func NotPermitted(message string) Readiness {
	return Readiness{Reason: governancev1alpha1.ReasonReferenceNotPermitted, Message: message}
}

// SetReady puts a readiness into the conditions: Ready always, and Reconciling or Stalled only while they are true.
func SetReady(conditions *[]metav1.Condition, readiness Readiness, generation int64, now time.Time) {
	set := func(conditionType string, value metav1.ConditionStatus) {
		Set(conditions, metav1.Condition{
			Type: conditionType, Status: value, Reason: readiness.Reason, Message: readiness.Message,
		}, generation, now)
	}
	if readiness.Ready {
		set(governancev1alpha1.ConditionReady, metav1.ConditionTrue)
		Remove(conditions, governancev1alpha1.ConditionReconciling, governancev1alpha1.ConditionStalled)
		return
	}
	why, whyNot := governancev1alpha1.ConditionStalled, governancev1alpha1.ConditionReconciling
	if readiness.Waiting {
		why, whyNot = whyNot, why
	}
	set(governancev1alpha1.ConditionReady, metav1.ConditionFalse)
	set(why, metav1.ConditionTrue)
	Remove(conditions, whyNot)
}

// Cut shortens a text to a number of characters, with an ellipsis where something was left out.
func Cut(text string, characters int) string {
	if utf8.RuneCountInString(text) <= characters {
		return text
	}
	return string([]rune(text)[:characters-1]) + "…"
}
