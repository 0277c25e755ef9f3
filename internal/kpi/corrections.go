package kpi

import (
	"slices"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// span is a time from (inclusive) to (exclusive).
type span struct{ from, to time.Time }

// pauses are the times whose values do not count: apart from each other, the earliest first.
type pauses []span

// pausesOf puts corrections that overlap or touch together. One that ends before it begins is none.
func pausesOf(corrections []v1alpha1.Correction) pauses {
	var spans pauses
	for i := range corrections {
		s := span{from: inSeconds(corrections[i].From.Time), to: inSeconds(corrections[i].To.Time)}
		if s.from.Before(s.to) {
			spans = append(spans, s)
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	merged := spans[:0]
	for _, s := range spans {
		if last := len(merged) - 1; last >= 0 && !s.from.After(merged[last].to) {
			merged[last].to = latest(merged[last].to, s.to)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

func (p pauses) cover(t time.Time) bool {
	return slices.ContainsFunc(p, func(s span) bool { return !t.Before(s.from) && t.Before(s.to) })
}

// without leaves out the values that do not count.
func (p pauses) without(points []Point) []Point {
	counted := make([]Point, 0, len(points))
	for _, point := range points {
		if !p.cover(point.At) {
			counted = append(counted, point)
		}
	}
	return counted
}

// after is when a time has passed since t, the pauses left out: what does not count makes no value older.
func (p pauses) after(t time.Time, elapsed time.Duration) time.Time {
	end := t.Add(elapsed)
	for _, s := range p {
		if s.to.After(t) && !s.from.After(end) {
			end = end.Add(s.to.Sub(latest(s.from, t)))
		}
	}
	return end
}

// inSeconds is how times are kept: whole seconds, UTC.
func inSeconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
