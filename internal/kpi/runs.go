package kpi

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// extended are the runs once a value of a level was true at t: those that the level goes on with keep their beginning.
func extended(runs v1alpha1.KPIRuns, l level, t time.Time) v1alpha1.KPIRuns {
	return v1alpha1.KPIRuns{
		MetSince:    goingOn(runs.MetSince, l == met, t),
		WithinSince: goingOn(runs.WithinSince, l != missed, t),
		RiskSince:   goingOn(runs.RiskSince, l != met, t),
		MissedSince: goingOn(runs.MissedSince, l == missed, t),
	}
}

func goingOn(since *metav1.Time, holds bool, t time.Time) *metav1.Time {
	if !holds {
		return nil
	}
	if since == nil {
		return timePointer(t)
	}
	return since
}

// patience is how long values must be as bad, or as good again, before the state follows.
type patience struct{ breach, recover time.Duration }

func patienceOf(spec *v1alpha1.KPISpec) patience {
	return patience{breach: durationOr(spec.BreachFor, 0), recover: durationOr(spec.RecoverFor, 0)}
}

// committed is the state that a value at t leads to, from the state before and the runs with that value in them.
func committed(state v1alpha1.KPIState, runs *v1alpha1.KPIRuns, t time.Time, fatal bool, p patience) v1alpha1.KPIState {
	switch {
	case breached(state, runs, t, fatal, p):
		return v1alpha1.KPIBreached
	case lasted(runs.RiskSince, t, p.breach):
		return v1alpha1.KPIAtRisk
	case worse(state) && !lasted(runs.MetSince, t, p.recover):
		// Also out of a breach: values that no longer miss, but are not good for long enough yet.
		return v1alpha1.KPIAtRisk
	case runs.MissedSince != nil && state != v1alpha1.KPIMet:
		return v1alpha1.KPIInconclusive
	default:
		return v1alpha1.KPIMet
	}
}

// breached says whether values miss for long enough, or do not yet meet for long enough again.
func breached(state v1alpha1.KPIState, runs *v1alpha1.KPIRuns, t time.Time, fatal bool, p patience) bool {
	if runs.MissedSince != nil && (fatal || lasted(runs.MissedSince, t, p.breach)) {
		return true
	}
	return state == v1alpha1.KPIBreached && !lasted(runs.WithinSince, t, p.recover)
}

// worse says whether a state is one to recover from.
func worse(state v1alpha1.KPIState) bool {
	return state == v1alpha1.KPIAtRisk || state == v1alpha1.KPIBreached
}

// lasted says whether a run has gone on for some time at t.
func lasted(since *metav1.Time, t time.Time, d time.Duration) bool {
	return since != nil && t.Sub(since.Time) >= d
}

func timePointer(t time.Time) *metav1.Time {
	at := metav1.NewTime(t)
	return &at
}
