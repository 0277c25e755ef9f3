package kpi

import (
	"fmt"
	"math"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// jumpPoints is how many values there must be before one can jump away from them.
const jumpPoints = 8

// suspicion says whether the newest value is hard to believe. It is reported and changes no verdict.
func (j *judging) suspicion() {
	if j.in.Spec.Plausibility == nil {
		j.status.Suspect = nil
		return
	}
	if j.newest == nil {
		return
	}
	reason, message := j.doubt(j.in.Spec.Plausibility)
	known := j.before.Suspect
	switch {
	case reason != "":
		j.status.Suspect = &v1alpha1.KPISuspect{Reason: reason, Since: j.suspectSince(reason), Message: message}
	case j.isFlatStill():
		// Of the equal values before it some were lost with a process.
	case j.pastKnown || known != nil && known.Reason == v1alpha1.SuspectOutOfRange:
		// What was Flat or a Jump stays while the values of the past, which tell it, are not known.
		j.status.Suspect = nil
	}
}

// isFlatStill says whether a value equals those that were found flat. The finding is written at once, with its value.
func (j *judging) isFlatStill() bool {
	known, value := j.before.Suspect, j.before.Value
	return !j.anew && known != nil && known.Reason == v1alpha1.SuspectFlat && value != nil && *value == j.newest.exact.decimal()
}

// unbroken are the last values of a KPI that keeps them itself, from the last hole on: between two of them that lie more than
// two intervals apart there may have been others, which were lost with a process.
func (j *judging) unbroken() []Point {
	longest := 2 * max(Every(j.in.Spec), time.Second)
	for i := len(j.recent) - 1; i > 0; i-- {
		if j.recent[i].At.Sub(j.recent[i-1].At) > longest {
			return j.recent[i:]
		}
	}
	return j.recent
}

// doubt says why the newest value is hard to believe; the empty reason: it is not. The message does not move with the value,
// else each would be worth a write.
func (j *judging) doubt(p *v1alpha1.Plausibility) (reason v1alpha1.SuspectReason, message string) {
	if reason, message = outOfRange(p, j.newest.exact); reason != "" || !j.pastKnown {
		return reason, message
	}
	whole := j.recent
	if j.keeps {
		whole = j.unbroken()
	}
	value := j.newest.exact.float()
	if isFlat(p, value, j.earlier(whole)) {
		return v1alpha1.SuspectFlat, fmt.Sprintf("The last %d values are equal.", p.FlatAfter)
	}
	return jumps(p, value, j.earlier(j.recent))
}

// suspectSince is the time of the first value that was suspect for a reason.
func (j *judging) suspectSince(reason v1alpha1.SuspectReason) metav1.Time {
	if known := j.before.Suspect; known != nil && known.Reason == reason {
		return known.Since
	}
	return metav1.NewTime(j.newest.at)
}

// earlier are those of some values that are before the newest, rounded as it is.
func (j *judging) earlier(points []Point) []float64 {
	var values []float64
	for _, p := range newest(points) {
		if !p.At.Before(j.newest.at) {
			continue
		}
		if d, ok := DecimalOf(p.Value); ok {
			exact, _ := microsOf(d)
			values = append(values, exact.float())
		}
	}
	return values
}

func outOfRange(p *v1alpha1.Plausibility, value micros) (reason v1alpha1.SuspectReason, message string) {
	if low, given := optional(p.Min); given && value < low {
		return v1alpha1.SuspectOutOfRange, fmt.Sprintf("The value lies below %s, the smallest that can be true.", *p.Min)
	}
	if high, given := optional(p.Max); given && value > high {
		return v1alpha1.SuspectOutOfRange, fmt.Sprintf("The value lies above %s, the largest that can be true.", *p.Max)
	}
	return "", ""
}

// isFlat says whether a value equals all of the last ones before it.
func isFlat(p *v1alpha1.Plausibility, value float64, before []float64) bool {
	others := int(p.FlatAfter) - 1
	return others > 0 && len(before) >= others && allEqual(value, before[len(before)-others:])
}

// jumps says whether a value lies far away from those before it.
func jumps(p *v1alpha1.Plausibility, value float64, before []float64) (reason v1alpha1.SuspectReason, message string) {
	if p.Jump <= 0 || len(before) < jumpPoints {
		return "", ""
	}
	middle, deviation := robustSpread(before)
	if deviation > 0 && math.Abs(value-middle) > float64(p.Jump)*deviation {
		return v1alpha1.SuspectJump, fmt.Sprintf(
			"The value lies more than %d robust deviations away from the median of the values before it.", p.Jump)
	}
	return "", ""
}

func allEqual(value float64, others []float64) bool {
	for _, other := range others {
		if other != value {
			return false
		}
	}
	return true
}
