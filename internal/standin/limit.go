package standin

import (
	"math"
	"time"
)

// RateLimit is how many requests are answered in a window of time. The window begins with a request and is over after its
// length. What is refused does not count. The zero value limits nothing.
type RateLimit struct {
	Requests int
	Window   time.Duration
}

// window counts the requests that were let in.
type window struct {
	began time.Time
	used  int
}

// admit lets a request in, or says after how many seconds the next window begins, at least one.
func (w *window) admit(limit RateLimit, now time.Time) (seconds int, admitted bool) {
	if limit.Requests < 1 {
		return 0, true
	}
	if w.began.IsZero() || !now.Before(w.began.Add(limit.Window)) {
		w.began, w.used = now, 0
	}
	if w.used >= limit.Requests {
		left := w.began.Add(limit.Window).Sub(now)
		return max(1, int(math.Ceil(left.Seconds()))), false
	}
	w.used++
	return 0, true
}
