package kpi

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

const (
	// moveEvery is how often a moved value is written at most.
	moveEvery = 5 * time.Minute
	// moved is the part of the objective's scale beyond which a value has moved: one hundredth.
	moved = 100
	// heartbeatEvery is how often times and values that hardly move are written at most.
	heartbeatEvery = time.Hour
)

// Throttle says what of a judged status is worth a write. publish is a copy of after, with WrittenAt now, where something
// happened: a change of state, runs, the result of an attempt, suspicion, history, definition, objective, the
// trend beginning or ceasing to cross the target, and anything that every subject has; a move by more than one hundredth of
// the objective's scale, once what was written is five minutes old; and whatever else differs, as a heartbeat every hour, or
// every interval where that is longer, at an offset that is stable by key; where history was written meanwhile the beat is left
// out. Else publish is a copy of before.
//
// next is when what differs now becomes due; zero: nothing differs. Everything that a later verdict rests on is written at
// once, so that a restart changes none.
func Throttle(
	key string, spec *v1alpha1.KPISpec, before, after *v1alpha1.KPIStatus, now time.Time,
) (publish v1alpha1.KPIStatus, next time.Time) {
	now = inSeconds(now)
	if same(before, after) {
		return *before.DeepCopy(), time.Time{}
	}
	if happened(before, after) || before.WrittenAt == nil || before.WrittenAt.After(now) {
		return written(after, now), time.Time{}
	}
	due := nextBeat(key, beatEvery(spec), before.WrittenAt.Time, len(after.History) > 0)
	if hasMoved(spec, before.Value, after.Value) {
		due = earliest(due, before.WrittenAt.Add(moveEvery))
	}
	if !due.After(now) {
		return written(after, now), time.Time{}
	}
	return *before.DeepCopy(), due.UTC()
}

func written(after *v1alpha1.KPIStatus, now time.Time) v1alpha1.KPIStatus {
	publish := after.DeepCopy()
	publish.WrittenAt = timePointer(now)
	return *publish
}

// same says whether two statuses differ in nothing but when they were written.
func same(before, after *v1alpha1.KPIStatus) bool {
	a, b := *before, *after
	a.WrittenAt, b.WrittenAt = nil, nil
	return equal(&a, &b)
}

// happened says whether two statuses differ in more than what moves with every value.
func happened(before, after *v1alpha1.KPIStatus) bool {
	a, b := *before, *after
	for _, s := range []*v1alpha1.KPIStatus{&a, &b} {
		s.WrittenAt, s.Value, s.ValueTime, s.Correlation, s.Recent = nil, nil, nil, nil, nil
		s.Trend = onlyWhether(s.Trend)
		s.Attempt = withoutTime(s.Attempt)
	}
	return !equal(&a, &b)
}

// equal takes apart the values of the past, hundreds of which are slow to compare by reflection.
func equal(a, b *v1alpha1.KPIStatus) bool {
	if !equalPoints(a.History, b.History) || !equalPoints(a.Recent, b.Recent) {
		return false
	}
	x, y := *a, *b
	x.History, y.History, x.Recent, y.Recent = nil, nil, nil, nil
	return equality.Semantic.DeepEqual(&x, &y)
}

func equalPoints(a, b []v1alpha1.KPIPoint) bool {
	return slices.EqualFunc(a, b, func(x, y v1alpha1.KPIPoint) bool {
		return x.Value == y.Value && x.At.Time.Equal(y.At.Time)
	})
}

// onlyWhether leaves of a trend whether it crosses the target.
func onlyWhether(trend *v1alpha1.KPITrend) *v1alpha1.KPITrend {
	if trend == nil || trend.CrossesAt == nil {
		return nil
	}
	return &v1alpha1.KPITrend{}
}

// withoutTime leaves of an attempt what came of it. Its words may be those of another system, and move with each try.
func withoutTime(attempt *v1alpha1.KPIAttempt) *v1alpha1.KPIAttempt {
	if attempt == nil {
		return nil
	}
	return &v1alpha1.KPIAttempt{Result: attempt.Result}
}

// hasMoved says whether a value is further away from the one that was written than one hundredth of the objective's scale.
func hasMoved(spec *v1alpha1.KPISpec, before, after *v1alpha1.Decimal) bool {
	from, known := optional(before)
	to, still := optional(after)
	if !known || !still {
		return known != still
	}
	a, _ := aimOf(&spec.Objective)
	return max(to-from, from-to) > a.scale()/moved
}

// beatEvery is how far apart heartbeats are.
func beatEvery(spec *v1alpha1.KPISpec) time.Duration { return max(heartbeatEvery, Every(spec)) }

// nextBeat is the first beat after a write. What keeps a history is written with each step of it: it needs a beat only where
// no step came for an interval and a twelfth.
func nextBeat(key string, every time.Duration, writtenAt time.Time, keeps bool) time.Time {
	if keeps {
		writtenAt = writtenAt.Add(every + every/12).Truncate(time.Second)
	}
	return heartbeat(key, every, writtenAt)
}

// heartbeat is the first beat after a time. Beats lie an interval apart, at the offset of the key.
func heartbeat(key string, every time.Duration, after time.Time) time.Time {
	offset := Offset(key, every).Truncate(time.Second)
	beat := stepOf(after.Add(-offset), every) + 1
	return time.Unix(beat*int64(every/time.Second), 0).Add(offset)
}
