package governance

import (
	"fmt"
	"slices"
	"time"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

// renewedWithin is how long after the end of a waiver another one for the same finding still prolongs it.
var renewedWithin = cadence.Period{Days: 30}

// admitExtension counts how often a waiver prolongs another: the one that it names, or one that accepted the same
// finding before and had not ended long ago. Leaving the name out does not make a third extension the first waiver.
func admitExtension(
	waiver *governancev1alpha1.Waiver, subject *Subject, siblings []governancev1alpha1.Waiver,
	policy Policy,
) *referenceProblem {
	current, extensions := waiver, 0
	for {
		before, prolongs := prolonged(current, subject, siblings, policy)
		if !prolongs {
			return nil
		}
		extensions++
		if extensions > policy.Limits.WaiverExtensions {
			return &referenceProblem{governancev1alpha1.ReasonTooManyExtensions, fmt.Sprintf(
				"The policy allows %d extensions of a waiver: remedy what it accepts.", policy.Limits.WaiverExtensions)}
		}
		if before == nil {
			return nil
		}
		current = before
	}
}

// prolonged gives the waiver that another one prolongs; nil where it names one that is gone.
func prolonged(
	waiver *governancev1alpha1.Waiver, subject *Subject, siblings []governancev1alpha1.Waiver,
	policy Policy,
) (before *governancev1alpha1.Waiver, prolongs bool) {
	if named := waiver.Spec.Extends; named != "" {
		at := slices.IndexFunc(siblings, func(other governancev1alpha1.Waiver) bool { return other.Name == string(named) })
		if at < 0 {
			return nil, true
		}
		return &siblings[at], true
	}
	for i := range siblings {
		other := &siblings[i]
		later := before == nil || other.Spec.ApprovedAt.After(before.Spec.ApprovedAt.Time)
		if later && precedes(other, waiver) && admitAlone(other, subject, policy) == nil {
			before = other
		}
	}
	return before, before != nil
}

// precedes tells whether a waiver accepted a finding of another one until shortly before that one was approved.
func precedes(earlier, waiver *governancev1alpha1.Waiver) bool {
	if earlier.Spec.Until == nil || !earlier.Spec.ApprovedAt.Before(&waiver.Spec.ApprovedAt) {
		return false
	}
	renewable := renewedWithin.AddTo(cadence.DateIn(earlier.Spec.Until.Time, time.UTC), 1)
	if cadence.DateIn(waiver.Spec.ApprovedAt.Time, time.UTC).After(renewable) {
		return false
	}
	return slices.ContainsFunc(waiver.Spec.Rules, func(waived governancev1alpha1.WaivedRule) bool {
		return slices.ContainsFunc(earlier.Spec.Rules, func(before governancev1alpha1.WaivedRule) bool {
			return before.Rule == waived.Rule &&
				(before.About == "" || waived.About == "" || before.About == waived.About)
		})
	})
}
