package kpi

import (
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// judge goes through the values that count, the oldest first, and passes over those that are not newer than the last one
// that was judged.
func (j *judging) judge() {
	for i := range j.answers {
		a := &j.answers[i]
		known := j.status.ValueTime
		if j.paused.cover(a.at) || known != nil && !a.at.After(known.Time) {
			continue
		}
		j.take(a)
	}
}

// take judges one value.
func (j *judging) take(a *answer) {
	value := a.exact.decimal()
	j.status.Value, j.status.ValueTime = &value, timePointer(a.at)
	judged := v1alpha1.KPIInconclusive
	if j.aimed {
		judged = j.committed(a)
	}
	if judged != j.status.Judged {
		j.status.Judged, j.changedAt = judged, a.at
	}
	j.newest = a
}

func (j *judging) committed(a *answer) v1alpha1.KPIState {
	var runs v1alpha1.KPIRuns
	if j.status.Runs != nil {
		runs = *j.status.Runs
	}
	runs = extended(runs, j.aim.levelOf(a.exact), a.at)
	state := j.status.Judged
	if j.anew && j.newest == nil && state == v1alpha1.KPIMet {
		// It met what was asked before, which says nothing about what is asked now.
		state = v1alpha1.KPIInconclusive
	}
	j.status.Runs = &runs
	fatal := j.in.Spec.Criticality == v1alpha1.CriticalityFatal
	return committed(state, &runs, a.at, fatal, patienceOf(j.in.Spec))
}

// remember keeps values of the past where the source does not, and gathers those that there are.
func (j *judging) remember() {
	_, j.step, _ = SeriesSpan(j.in.Spec, j.in.KeepFor)
	if j.manual {
		_, j.step, _ = SeriesSpan(j.in.Spec, 0)
	}
	history, recent := j.status.History, j.status.Recent
	j.status.History, j.status.Recent, j.pastKnown = nil, nil, true
	switch {
	case j.manual:
		j.past = j.paused.without(pointsOf(j.answers))
		j.recent = j.past
	case j.in.HasSeries:
		j.past = j.paused.without(believable(j.in.Series))
		j.recent = j.past
	case j.in.Spec.Source.Prometheus != nil:
		j.pastKnown = false
	default:
		j.keeps = true
		j.status.History, j.past = j.rememberHistory(history)
		j.status.Recent, j.recent = j.rememberRecent(recent)
	}
}

// rememberHistory keeps what trend and correlation rest on: the first value of each step.
func (j *judging) rememberHistory(before []v1alpha1.KPIPoint) (history []v1alpha1.KPIPoint, past []Point) {
	window, step, needed := keptSpan(j.in.Spec, j.in.KeepFor)
	if !needed {
		return nil, nil
	}
	j.step, j.begin = step, Offset(j.in.Namespace, beatEvery(j.in.Spec)).Truncate(time.Second)
	memories := firsts(j.withAnswers(before), j.begin, step, stepsIn(window, step))
	return historyOf(memories), recalled(memories)
}

// rememberRecent keeps the last values, which tell whether the next one is plausible.
func (j *judging) rememberRecent(before []v1alpha1.KPIPoint) (recent []v1alpha1.KPIPoint, past []Point) {
	values := plausibleValues(j.in.Spec)
	if values == 0 {
		return nil, nil
	}
	memories := lasts(j.withAnswers(before), min(values+1, pointsAtMost))
	return historyOf(memories), recalled(memories)
}

// withAnswers are what is remembered and what came since, as far as it counts.
func (j *judging) withAnswers(before []v1alpha1.KPIPoint) []memory {
	memories := remembered(before)
	for _, a := range j.answers {
		memories = append(memories, memory{at: a.at, exact: a.exact, written: a.exact.decimal()})
	}
	return j.counting(memories)
}

// counting leaves out what is corrected, and what a clock that ran ahead left behind.
func (j *judging) counting(memories []memory) []memory {
	kept := memories[:0]
	for _, m := range memories {
		if !m.at.After(j.now) && !j.paused.cover(m.at) {
			kept = append(kept, m)
		}
	}
	return kept
}

// believable are the values of a series that a sample could have as well, in whole seconds, the oldest first.
func believable(series []Point) []Point {
	points := make([]Point, 0, len(series))
	for _, p := range inOrder(series) {
		if _, ok := DecimalOf(p.Value); ok {
			points = append(points, Point{At: inSeconds(p.At), Value: p.Value})
		}
	}
	return points
}

// conclude says in which state the KPI is, and since when.
func (j *judging) conclude(attempts []v1alpha1.KPIAttempt) {
	state, since := j.state(attempts)
	same := state == j.before.State && j.before.StateSince != nil
	// Several values in one pass may lead away from a state and back to it.
	back := !j.manual && state == j.status.Judged && state == j.before.Judged && !j.changedAt.IsZero()
	if !same || back {
		j.status.StateSince = timePointer(since)
	}
	j.status.State = state
}

func (j *judging) state(attempts []v1alpha1.KPIAttempt) (state v1alpha1.KPIState, since time.Time) {
	if j.status.ValueTime == nil {
		return j.withoutValue(attempts), j.now
	}
	if since, stale := j.staleness(); stale {
		return v1alpha1.KPIStale, since
	}
	if j.status.Judged == v1alpha1.KPIMet && j.status.Trend != nil && j.status.Trend.CrossesAt != nil {
		return v1alpha1.KPIAtRisk, j.since(latest(j.trendSince, j.changedAt))
	}
	return j.status.Judged, j.since(j.changedAt)
}

// since is when the state began: at what led to it; at the value that ended staleness; and now where that is not known, as
// when a trend lets go.
func (j *judging) since(ledTo time.Time) time.Time {
	switch {
	case j.before.State == v1alpha1.KPIStale && j.newest != nil:
		return j.newest.at
	case !ledTo.IsZero():
		return ledTo
	case j.newest != nil:
		return j.newest.at
	default:
		return j.now
	}
}
