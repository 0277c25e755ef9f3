package controllers

import (
	"fmt"
	"net/http"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// Reachability carries what senders learn about ticket systems to the one reconciler that writes their status. Only a
// change is carried, and nobody ever waits for it.
type Reachability struct {
	mu      sync.Mutex
	last    map[types.NamespacedName]metav1.Condition
	changes chan event.TypedGenericEvent[*v1alpha1.TicketSystem]
}

// NewReachability makes an empty one.
func NewReachability() *Reachability {
	return &Reachability{
		last:    map[types.NamespacedName]metav1.Condition{},
		changes: make(chan event.TypedGenericEvent[*v1alpha1.TicketSystem], 256),
	}
}

// Report tells what a request came to, and whether the system is left alone because of it. A refusal without an answer is
// Gemba's own, and says nothing of the system.
func (r *Reachability) Report(system *v1alpha1.TicketSystem, outcome ticket.Outcome, paused bool) {
	if outcome.Fate == ticket.FateRefused && outcome.Status == 0 {
		return
	}
	learnt := reachableCondition(outcome)
	if paused {
		learnt = pausedCondition()
	}
	key := types.NamespacedName{Namespace: system.Namespace, Name: system.Name}
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, found := r.last[key]; found && known.Reason == learnt.Reason {
		return
	}
	select {
	case r.changes <- event.TypedGenericEvent[*v1alpha1.TicketSystem]{Object: system}:
		r.last[key] = learnt
	default:
		// The reconciler is behind: it is told with the next try.
	}
}

// Last gives what was learnt last; ok is false where nothing was sent since the process began.
func (r *Reachability) Last(system types.NamespacedName) (condition metav1.Condition, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	condition, ok = r.last[system]
	return condition, ok
}

// Forget drops what was learnt about a system that is gone.
func (r *Reachability) Forget(system types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.last, system)
}

// pausedCondition says of a system that is down what is done about it. It names no time: it would be written at each pause.
func pausedCondition() metav1.Condition {
	return metav1.Condition{
		Type: v1alpha1.ConditionReachable, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonPaused,
		Message: fmt.Sprintf("%d requests in a row had no answer or failed in the ticket system (5xx): "+
			"messages wait, and one of them is tried every %d minutes or sooner.", failuresInARow, int(longestPause.Minutes())),
	}
}

// reachableCondition says of a system whether it answers. An answer that Gemba is not wanted is told apart, because
// somebody must do something about it.
func reachableCondition(outcome ticket.Outcome) metav1.Condition {
	condition := metav1.Condition{
		Type: v1alpha1.ConditionReachable, Status: metav1.ConditionFalse, Message: outcome.Message,
	}
	switch outcome.Status {
	case 0:
		condition.Reason = v1alpha1.ReasonNoAnswer
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusGone:
		condition.Reason = v1alpha1.ReasonRefused
	default:
		condition.Status, condition.Reason = metav1.ConditionTrue, v1alpha1.ReasonAnswered
		condition.Message = "The ticket system answers."
	}
	return condition
}
