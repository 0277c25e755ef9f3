package governance

import (
	"fmt"
	"time"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
	"github.com/gemba-dev/gemba/internal/status"
)

// CadenceVerdict is the answer about a ReviewCadence.
type CadenceVerdict struct {
	Status     governancev1alpha1.ReviewCadenceStatus
	NextChange time.Time
}

// JudgeCadence tells whether a cadence can be computed, and the next due time of one with fixed occurrences.
func JudgeCadence(declared *governancev1alpha1.ReviewCadence, now time.Time) CadenceVerdict {
	verdict := CadenceVerdict{Status: *declared.Status.DeepCopy()}
	verdict.Status.ObservedGeneration = declared.Generation
	verdict.Status.Next, verdict.Status.NextDay = nil, ""
	schedule, err := CompileCadence(&declared.Spec)
	if err != nil {
		status.SetReady(&verdict.Status.Conditions, status.Invalid(fmt.Sprintf("The cadence cannot be computed: %v.", err)),
			declared.Generation, now)
		return verdict
	}
	status.SetReady(&verdict.Status.Conditions, status.Reconciled("The cadence is understood."), declared.Generation, now)
	if next, fixed := schedule.Next(now); fixed {
		verdict.Status.Next = timestampPointer(next.Due)
		verdict.Status.NextDay = governancev1alpha1.ComputedDate(cadence.DateIn(next.Due, schedule.Location()).String())
		verdict.NextChange = next.Due
	}
	return verdict
}
