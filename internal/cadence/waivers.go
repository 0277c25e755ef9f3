package cadence

import (
	"maps"
	"slices"
)

// unknownOccurrences are the moved and skipped dates that are no occurrence, in order. Dates from before an edit are
// taken as known: the schedule that they belonged to is gone.
func (j *judge) unknownOccurrences() []Date {
	if j.schedule == nil || len(j.in.Moves)+len(j.in.Skips) == 0 {
		return nil
	}
	asked := map[Date]bool{}
	for d := range j.in.Moves {
		asked[d] = true
	}
	for d, skip := range j.in.Skips {
		asked[d] = asked[d] || skip
	}
	var unknown []Date
	for _, d := range slices.SortedFunc(maps.Keys(asked), Date.Compare) {
		if asked[d] && !j.isOccurrence(d) {
			unknown = append(unknown, d)
		}
	}
	return unknown
}

func (j *judge) isOccurrence(d Date) bool {
	for _, p := range j.periods[j.frozen:] {
		if p.Nominal == d {
			return true
		}
	}
	if j.cut != nil && !d.After(j.date(j.cut.At)) {
		return true
	}
	if j.schedule.anchor == Completion {
		return false
	}
	for o := range j.schedule.Occurrences(d) {
		return o.Nominal == d
	}
	return false
}

func (j *judge) invalidMoves() []Date {
	slices.SortFunc(j.invalid, Date.Compare)
	return slices.Compact(j.invalid)
}
