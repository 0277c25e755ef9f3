package controllers

import (
	"time"

	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
)

// secondsNow reads the clock once a pass, in the whole seconds that the API server stores.
func secondsNow(c clock.PassiveClock) time.Time {
	return c.Now().UTC().Truncate(time.Second)
}

// comeBackAt asks to be called again when a verdict can change next, in the whole second that is not before it; zero
// asks for nothing.
func comeBackAt(next time.Time, c clock.PassiveClock) ctrl.Result {
	if next.IsZero() {
		return ctrl.Result{}
	}
	if whole := next.Truncate(time.Second); whole.Before(next) {
		next = whole.Add(time.Second)
	}
	return ctrl.Result{RequeueAfter: max(next.Sub(c.Now()), time.Millisecond)}
}
