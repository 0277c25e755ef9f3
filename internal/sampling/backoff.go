package sampling

import (
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/kpi"
)

const (
	firstPause   = 2 * time.Second
	longestPause = 5 * time.Minute
)

// health is what the answers of a lane say about its source.
type health struct {
	// failures is how often in a row nothing was answered; zero where the last that was heard is an answer.
	failures int
	// until is when a lane that pauses asks again. It has a monotonic reading: a clock that is set back prolongs
	// nothing.
	until time.Time
	// failedAt is when the last failure was counted, answeredAt when the last answer came.
	failedAt, answeredAt time.Time
	// failedBy is the question of that failure.
	failedBy *group
	// probing is true while the one question is under way that a lane with failures asks.
	probing bool
	// since is since when the source answers, or does not.
	since   time.Time
	message string
}

// pauseAfter draws how long to wait after a number of failures in a row: doubling from two seconds to the longest, less
// up to half of it by lot.
func (l *lane) pauseAfter(failures int, longest time.Duration) time.Duration {
	whole := min(firstPause<<min(failures-1, 10), longest)
	return whole - time.Duration(l.jitter()*float64(whole/2))
}

// longestLanePause is the shortest interval in the lane. After more than that a value would be called stale that nobody
// has asked for.
func (l *lane) longestLanePause() time.Duration {
	longest := longestPause
	for _, g := range l.groups {
		longest = min(longest, g.every())
	}
	return longest
}

// learn takes in what came of a question that was asked at a time. It returns true where it shows that the source is
// out of reach.
func (l *lane) learn(g *group, sample kpi.Sample, asked, now time.Time) (outOfReach bool) {
	switch sample.Result {
	case v1alpha1.SampleForbidden:
		// Gemba's own refusal, which the source may know nothing of.
		return false
	case v1alpha1.SampleNoAnswer:
		return l.fail(g, sample.Message, asked, now)
	default:
		l.answer(now)
		return false
	}
}

// fail counts a failure of the source. It may also be the question that is at fault: where others were answered
// meanwhile, or where it is the one that failed last. And what was under way when another failed is the same failure.
func (l *lane) fail(g *group, message string, asked, now time.Time) (outOfReach bool) {
	switch {
	case l.answeredAt.After(asked) || asked.Before(l.failedAt):
		return false
	case l.failedBy == g && len(l.groups) > 1:
		l.askAnother(g, now)
		return false
	}
	l.failures++
	l.failedAt, l.failedBy = now, g
	l.until = now.Add(l.pauseAfter(l.failures, l.longestLanePause()))
	if l.failures == 2 {
		l.since = now
	}
	l.message = message
	return l.isDown()
}

// askAnother brings another question forward where nothing was answered since this one failed, to tell a source that is
// out of reach from a question that it chokes on.
func (l *lane) askAnother(g *group, now time.Time) {
	if l.isDown() || l.answeredAt.After(l.failedAt) {
		return
	}
	var another *turn
	for _, t := range l.values {
		if t.group != g && (another == nil || t.due.Before(another.due)) {
			another = t
		}
	}
	if another != nil {
		l.values.hasten(another, now)
	}
}

// answer ends all pauses.
func (l *lane) answer(now time.Time) {
	if l.answeredAt.IsZero() || l.isDown() {
		l.since = now
	}
	l.answeredAt, l.failures, l.until = now, 0, time.Time{}
}

// isDown is true where the source counts as out of reach: two questions in a row had no answer, or the only one twice.
func (h *health) isDown() bool { return h.failures >= 2 }
