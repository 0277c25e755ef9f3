package kpi

import (
	"slices"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// staleness says since when the newest value is stale; ok is false where it is not, or where this process cannot know yet.
// A value is as old as it may be up to its deadline, and stale from the next second on.
func (j *judging) staleness() (since time.Time, ok bool) {
	if j.status.ValueTime == nil {
		return time.Time{}, false
	}
	deadline := j.paused.after(j.status.ValueTime.Time, j.staleAfter)
	known, ok := j.staleKnown(deadline)
	if !ok {
		return time.Time{}, false
	}
	if since = latest(deadline.Add(time.Second), known); since.After(j.now) {
		j.wake(since)
		return time.Time{}, false
	}
	return since, true
}

// staleKnown is from when on a deadline that passes means that there is no newer value: at once where the list of values is
// all there is, where the source itself gave this value as an old one, and where it was stale and is the same still; else once this process
// has tried for as long as a value may be old, the time of corrections left out. A failover is not staleness.
func (j *judging) staleKnown(deadline time.Time) (known time.Time, ok bool) {
	still := j.before.State == v1alpha1.KPIStale && j.newest == nil
	if j.manual || still || j.givenAsOld(deadline) {
		return time.Time{}, true
	}
	if j.triedSince.IsZero() {
		return time.Time{}, false
	}
	return j.paused.after(j.triedSince, j.staleAfter), true
}

// givenAsOld says whether the source, asked after the deadline of the newest value, gave no newer one.
func (j *judging) givenAsOld(deadline time.Time) bool {
	for _, a := range j.answers {
		if a.at.Equal(j.status.ValueTime.Time) && a.askedAt.After(deadline) {
			return true
		}
	}
	return false
}

// withoutValue is the state where there never was a value. Once the source has answered with something that is no number,
// or with values that do not count, it is known to answer: nothing can be said, which is not that nothing was measured.
func (j *judging) withoutValue(attempts []v1alpha1.KPIAttempt) v1alpha1.KPIState {
	if len(j.answers) > 0 || !j.manual && j.before.State == v1alpha1.KPIInconclusive {
		return v1alpha1.KPIInconclusive
	}
	for i := range attempts {
		switch attempts[i].Result {
		case v1alpha1.SampleAnswered, v1alpha1.SampleNotANumber, v1alpha1.SampleTooMany, v1alpha1.SampleInvalid:
			return v1alpha1.KPIInconclusive
		}
	}
	return v1alpha1.KPINeverMeasured
}

func isNeverMeasured(finding v1alpha1.Finding) bool {
	return finding.Rule == v1alpha1.RuleNeverMeasured
}

// neverMeasured says whether this process has tried for long enough to say that there is no value. The time of a correction
// does not count, nor is a measurement by hand that is corrected none.
func (j *judging) neverMeasured() bool {
	if j.status.ValueTime != nil {
		return false
	}
	if j.manual {
		return len(j.answers) == 0
	}
	if slices.ContainsFunc(j.in.Before.Findings, isNeverMeasured) {
		// Whoever takes over has not tried for as long, and what stood stands until there is a value.
		return true
	}
	if j.triedSince.IsZero() {
		return false
	}
	from := j.paused.after(j.triedSince, j.staleAfter)
	j.wake(from)
	return !from.After(j.now)
}
