package kpi

import (
	"cmp"
	"slices"
	"time"
)

// Line is a straight line through values over time.
type Line struct {
	// PerSecond is its slope.
	PerSecond float64
	// Origin is the time of the first value.
	Origin time.Time
	// Intercept is its value at Origin.
	Intercept float64
	// Samples is how many values it rests on.
	Samples int
}

// At is the value of the line at a time.
func (l Line) At(t time.Time) float64 { return l.Intercept + l.PerSecond*secondsBetween(l.Origin, t) }

// TheilSen lays a line through values. Its slope is the median of the slopes between all pairs of values (Theil 1950; pairs
// of equal times left out, Sen 1968), its intercept the median of what the slope leaves of the values (Conover 1980); nearly
// a third of the values may be wrong without moving it. Of more than 200 values the newest are taken, which makes 19,900 pairs.
// What is no number, or infinite, is left out. ok is false where all values are equal, or there are not two times.
func TheilSen(points []Point) (line Line, ok bool) {
	points = newest(inOrder(points))
	if len(points) < 2 || constant(points) {
		return Line{}, false
	}
	slopes := make([]float64, 0, len(points)*(len(points)-1)/2)
	for i, earlier := range points {
		for _, later := range points[i+1:] {
			if seconds := secondsBetween(earlier.At, later.At); seconds > 0 {
				slopes = append(slopes, (later.Value-earlier.Value)/seconds)
			}
		}
	}
	if len(slopes) == 0 {
		return Line{}, false
	}
	line = Line{PerSecond: median(slopes), Origin: points[0].At, Samples: len(points)}
	rests := make([]float64, 0, len(points))
	for _, p := range points {
		rests = append(rests, p.Value-line.PerSecond*secondsBetween(line.Origin, p.At))
	}
	line.Intercept = median(rests)
	return line, finite(line.PerSecond) && finite(line.Intercept)
}

// inOrder is a copy without what is no number, the oldest first.
func inOrder(points []Point) []Point {
	ordered := make([]Point, 0, len(points))
	for _, p := range points {
		if finite(p.Value) {
			ordered = append(ordered, p)
		}
	}
	slices.SortFunc(ordered, comparePoints)
	return ordered
}

// comparePoints orders by time, and by value where that is the same, so that no order of arrival shows.
func comparePoints(a, b Point) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Value, b.Value)) }

func newest(points []Point) []Point { return points[max(0, len(points)-pointsAtMost):] }

func constant(points []Point) bool {
	return !slices.ContainsFunc(points, func(p Point) bool { return p.Value != points[0].Value })
}

// secondsBetween is not cut short where times lie further apart than a time.Duration can say.
func secondsBetween(from, to time.Time) float64 {
	return float64(to.Unix()-from.Unix()) + float64(to.Nanosecond()-from.Nanosecond())/float64(time.Second)
}
