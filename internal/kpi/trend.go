package kpi

import (
	"math"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

const (
	// trendPoints is how many values a trend rests on at least: fewer than eight can hardly differ from chance.
	trendPoints = 8
	// chance is how far from none a trend must be (mannKendall) to be believed: one in twenty is still chance.
	chance = 1.96
	// farAway is beyond any horizon.
	farAway = float64(longestLookBack / time.Second)
)

// trendOf lays a line through the values within the window that ends with the newest of them, so that the clock alone moves no
// line. ok is false where there are fewer than eight, where they cover less than half of the window, and where chance may
// have laid it.
func trendOf(ordered []Point, window time.Duration) (line Line, ok bool) {
	if len(ordered) == 0 {
		return Line{}, false
	}
	last := ordered[len(ordered)-1].At
	for len(ordered) > 0 && ordered[0].At.Before(last.Add(-window)) {
		ordered = ordered[1:]
	}
	ordered = newest(ordered)
	if len(ordered) < trendPoints || secondsBetween(ordered[0].At, last) < window.Seconds()/2 {
		return Line{}, false
	}
	if math.Abs(mannKendall(ordered)) <= chance {
		return Line{}, false
	}
	return TheilSen(ordered)
}

// crossing is when a line passes from the good side of the target to the bad one; ok is false where it does not. It lies in
// the past where the line is on the bad side already.
func (a aim) crossing(line Line) (at time.Time, ok bool) {
	var bound micros
	switch {
	case line.PerSecond < 0 && a.low != noLow:
		bound = a.low
	case line.PerSecond > 0 && a.high != noHigh:
		bound = a.high
	default:
		return time.Time{}, false
	}
	seconds := (bound.float() - line.Intercept) / line.PerSecond
	if math.IsNaN(seconds) || math.Abs(seconds) > farAway {
		return time.Time{}, false
	}
	return inSeconds(line.Origin.Add(time.Duration(seconds * float64(time.Second)))), true
}

// trend lays the line and says when it crosses the target, where that is within the horizon. It rests on values of the past
// alone, which a restart does not lose.
func (j *judging) trend() {
	if j.in.Spec.Trend == nil {
		j.status.Trend = nil
		return
	}
	if !j.pastKnown || j.frozen() {
		return
	}
	j.status.Trend = nil
	line, ok := trendOf(j.past, trendWindow(j.in.Spec))
	if !ok {
		return
	}
	if perDay, fits := nearestDecimal(line.PerSecond * secondsADay); fits {
		j.status.Trend = &v1alpha1.KPITrend{PerDay: perDay, Samples: int32(line.Samples), CrossesAt: j.crossesAt(line)}
	}
}

// crossesAt is when the line crosses the target; nil where that is not within the horizon, and where there is nothing left
// to cross. Once it was, it stays so until the crossing is further away than five quarters of the horizon.
func (j *judging) crossesAt(line Line) *metav1.Time {
	at, ok := j.aim.crossing(line)
	if !ok || j.status.Judged == v1alpha1.KPIBreached {
		return nil
	}
	horizon := trendHorizon(j.in.Spec)
	reach := horizon
	if !j.anew && j.before.Trend != nil && j.before.Trend.CrossesAt != nil {
		reach += horizon / 4
	}
	if at.Add(-reach).After(j.now) {
		j.wake(at.Add(-horizon))
		return nil
	}
	j.trendSince = earliest(j.now, latest(at.Add(-horizon), j.past[len(j.past)-1].At))
	return timePointer(at)
}
