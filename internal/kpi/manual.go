package kpi

import (
	"cmp"
	"slices"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// period is what a measurement covers.
type period struct{ from, to v1alpha1.Date }

// measurement is a measurement that was read.
type measurement struct {
	answer
	period period
}

// measured reads manual measurements, the oldest first: of each period the one that was taken last. A value is true at the
// end of its period, or when it was taken where that is earlier. One that is taken in the future does not exist yet; next is
// when the first of those will.
func measured(list []v1alpha1.Measurement, now time.Time) (answers []answer, next time.Time) {
	last := make(map[period]measurement, len(list))
	for i := range list {
		w, ok := measurementOf(&list[i])
		if !ok {
			continue
		}
		if w.askedAt.After(now) {
			next = sooner(next, w.askedAt)
			continue
		}
		if other, twice := last[w.period]; !twice || takenLater(w, other) {
			last[w.period] = w
		}
	}
	all := make([]measurement, 0, len(last))
	for _, w := range last {
		all = append(all, w)
	}
	slices.SortFunc(all, compareMeasurements)
	for _, w := range all {
		answers = append(answers, w.answer)
	}
	return answers, next
}

func measurementOf(m *v1alpha1.Measurement) (w measurement, ok bool) {
	value, ok := microsOf(m.Value)
	if !ok {
		return measurement{}, false
	}
	day, err := time.Parse(time.DateOnly, string(m.To))
	if err != nil {
		return measurement{}, false
	}
	taken := inSeconds(m.TakenAt.Time)
	end := day.Add(secondsADay*time.Second - time.Second)
	return measurement{
		answer: answer{at: earliest(taken, end), askedAt: taken, exact: value, value: value.float()},
		period: period{from: m.From, to: m.To},
	}, true
}

// takenLater says which of two values of one period counts; of two that were taken at once it is the larger, so that the
// order of the list does not matter.
func takenLater(a, b measurement) bool {
	return cmp.Or(a.askedAt.Compare(b.askedAt), cmp.Compare(a.exact, b.exact)) > 0
}

// compareMeasurements orders by the time of the value. Of values of one time the one of the later, then the shorter period comes
// first: the first one is judged.
func compareMeasurements(a, b measurement) int {
	return cmp.Or(a.at.Compare(b.at), cmp.Compare(b.period.to, a.period.to), cmp.Compare(b.period.from, a.period.from),
		compareAnswers(a.answer, b.answer))
}

// sooner is the earlier of two times of which zero is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
