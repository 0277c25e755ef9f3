package kpi

import (
	"cmp"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// Kept are the values of the past that the KPI itself holds, the oldest first, without those that do not count: manual
// measurements up to now, else the history in its status.
func Kept(spec *v1alpha1.KPISpec, status *v1alpha1.KPIStatus, now time.Time) []Point {
	paused := pausesOf(spec.Corrections)
	if spec.Source.Manual != nil {
		answers, _ := measured(spec.Source.Manual.Measurements, inSeconds(now))
		return paused.without(pointsOf(answers))
	}
	return paused.without(recalled(remembered(status.History)))
}

// memory is a value of the past as it is written down: exactly, so that writing and reading it moves nothing.
type memory struct {
	at      time.Time
	exact   micros
	written v1alpha1.Decimal
}

func compareMemories(a, b memory) int {
	return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.exact, b.exact))
}

// remembered reads a history.
func remembered(history []v1alpha1.KPIPoint) []memory {
	memories := make([]memory, 0, len(history))
	for i := range history {
		if value, ok := microsOf(history[i].Value); ok {
			memories = append(memories, memory{at: inSeconds(history[i].At.Time), exact: value, written: history[i].Value})
		}
	}
	slices.SortFunc(memories, compareMemories)
	return memories
}

// recalled are memories as points.
func recalled(memories []memory) []Point {
	points := make([]Point, 0, len(memories))
	for _, m := range memories {
		points = append(points, Point{At: m.at, Value: m.exact.float()})
	}
	return points
}

// firsts keeps the first value of each step, for the newest steps; steps are counted from begin. Which values these are does
// not depend on the order in which they come, and a value that was kept stays until it leaves at the far end or an earlier
// one of its step turns up.
func firsts(memories []memory, begin, step time.Duration, steps int64) []memory {
	at := func(m memory) int64 { return stepOf(m.at.Add(-begin), step) }
	slices.SortFunc(memories, compareMemories)
	kept := slices.CompactFunc(memories, func(a, b memory) bool { return at(a) == at(b) })
	if len(kept) == 0 {
		return nil
	}
	oldest := at(kept[len(kept)-1]) - steps
	return slices.DeleteFunc(kept, func(m memory) bool { return at(m) <= oldest })
}

// lasts keeps the newest values, of which there is one at a time.
func lasts(memories []memory, count int) []memory {
	slices.SortFunc(memories, compareMemories)
	memories = slices.CompactFunc(memories, func(a, b memory) bool { return a.at.Equal(b.at) })
	return memories[max(len(memories)-count, 0):]
}

// historyOf writes a history.
func historyOf(memories []memory) []v1alpha1.KPIPoint {
	history := make([]v1alpha1.KPIPoint, 0, len(memories))
	for _, m := range memories {
		history = append(history, v1alpha1.KPIPoint{At: metav1.NewTime(m.at), Value: m.written})
	}
	return history
}

// stepsIn is how many steps a window touches, at most as many as there may be values.
func stepsIn(window, step time.Duration) int64 {
	return min(int64((window+step-1)/step)+1, pointsAtMost)
}
