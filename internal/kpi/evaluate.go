package kpi

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// Evaluate judges the values of a KPI as of now, which counts in whole seconds.
//
// Manual measurements are judged from nothing each time, so that one that is added, corrected or taken away counts as if it
// had always been so. Other values are judged once. After a change of the definition the state stays until the next value,
// at which the runs begin anew; one that was Breached recovers as always, one that was Met has to show it.
func Evaluate(in Input, now time.Time) Verdict {
	if in.Before == nil {
		in.Before = &v1alpha1.KPIStatus{}
	}
	if in.Spec == nil {
		return Verdict{Status: *in.Before.DeepCopy()}
	}
	j := begin(&in, inSeconds(now))
	attempts := j.listen()
	j.judge()
	j.remember()
	j.trend()
	j.correlation()
	j.suspicion()
	j.conclude(attempts)
	return Verdict{
		Status: *j.status, Latest: j.latest(), NeverMeasuredFor: j.neverMeasured(), NextChange: j.next,
	}
}

// judging is one pass over the values of a KPI.
type judging struct {
	in         *Input
	now        time.Time
	triedSince time.Time
	staleAfter time.Duration
	manual     bool
	paused     pauses

	// aim is the objective, where it says something.
	aim   aim
	aimed bool

	// before is what was known, status what becomes of it.
	before v1alpha1.KPIStatus
	status *v1alpha1.KPIStatus

	// answers are the values that were had, the oldest first.
	answers []answer
	// anew says that the runs begin anew: no value was judged by this definition before this pass.
	anew bool
	// newest is the last value that was judged in this pass, and changedAt the time of the one that last changed Judged.
	newest    *answer
	changedAt time.Time

	// past are values of the past, the oldest first, and recent the last ones, as close as they were asked for where the
	// source does not keep them; where it does they may not be known yet.
	past      []Point
	recent    []Point
	pastKnown bool
	// keeps says that the KPI itself keeps them.
	keeps bool
	// step is how far apart the values of the past are, and begin where a step begins.
	step  time.Duration
	begin time.Duration
	// trendSince is since when the trend crosses the target within the horizon.
	trendSince time.Time

	next time.Time
}

func begin(in *Input, now time.Time) *judging {
	status := in.Before.DeepCopy()
	notAhead(status, now)
	j := &judging{
		in: in, now: now, triedSince: inSeconds(in.TriedSince), staleAfter: StaleAfter(in.Spec),
		manual: in.Spec.Source.Manual != nil, paused: pausesOf(in.Spec.Corrections),
		before: *status, status: status,
	}
	if in.TriedSince.IsZero() {
		j.triedSince = time.Time{}
	}
	j.aim, j.aimed = aimOf(&in.Spec.Objective)
	changed := j.define()
	j.anew = changed || !j.manual && status.Runs == nil
	if j.manual {
		status.Judged, status.Value, status.ValueTime = "", nil, nil
	}
	return j
}

// define says what values are judged by from now on, and forgets what does not go with another definition than before.
func (j *judging) define() (changed bool) {
	j.status.Objective = ObjectiveText(j.in.Spec)
	j.status.Definition = definitionOf(j.in.Spec)
	changed = j.before.Definition != j.status.Definition
	if changed && j.before.Definition != "" {
		j.status.DefinedSince = timePointer(j.now)
	}
	if changed && !sameSource(j.before.Definition, j.status.Definition) {
		j.status.History, j.status.Recent = nil, nil
	}
	if changed || j.manual {
		j.status.Runs = nil
	}
	return changed
}

// notAhead takes times that lie ahead of the clock back to it: a manager whose clock ran ahead wrote them, and values would
// not count until the clock has caught up.
func notAhead(status *v1alpha1.KPIStatus, now time.Time) {
	times := []*metav1.Time{status.ValueTime, status.StateSince, status.DefinedSince}
	if status.Runs != nil {
		times = append(times, status.Runs.MetSince, status.Runs.WithinSince, status.Runs.RiskSince, status.Runs.MissedSince)
	}
	if status.Attempt != nil {
		times = append(times, &status.Attempt.At)
	}
	for _, t := range times {
		if t != nil && t.After(now) {
			t.Time = now
		}
	}
}

// listen reads what came of asking, and says which attempts there were, the one before among them.
func (j *judging) listen() []v1alpha1.KPIAttempt {
	if j.manual {
		var next time.Time
		j.answers, next = measured(j.in.Spec.Source.Manual.Measurements, j.now)
		j.wake(next)
		j.status.Attempt = nil
		return nil
	}
	var attempts []v1alpha1.KPIAttempt
	j.answers, attempts = read(j.in.Samples, j.now)
	if j.status.Attempt != nil {
		attempts = append(attempts, *j.status.Attempt)
	}
	j.status.Attempt = newestOf(attempts)
	return attempts
}

// wake says that the verdict can change at a time ahead.
func (j *judging) wake(at time.Time) {
	if at.After(j.now) {
		j.next = sooner(j.next, at)
	}
}

// frozen says that the definition changed and no value was judged by the new one yet: what was found stays.
func (j *judging) frozen() bool {
	return !j.manual && j.anew && j.newest == nil && j.status.Judged != ""
}

// latest is the newest value that is known: as it came, or as it was written down.
func (j *judging) latest() *Point {
	if n := len(j.answers); n > 0 && (j.status.ValueTime == nil || !j.answers[n-1].at.Before(j.status.ValueTime.Time)) {
		return &Point{At: j.answers[n-1].at, Value: j.answers[n-1].value}
	}
	value, ok := optional(j.status.Value)
	if !ok || j.status.ValueTime == nil {
		return nil
	}
	return &Point{At: j.status.ValueTime.UTC(), Value: value.float()}
}
