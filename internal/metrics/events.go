package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
)

// EventsPerSecond is how many events leave the manager on average, and how many at once. The API server has better
// things to do at the end of a month than to store ten thousand of them.
const EventsPerSecond = 50

// limitedRecorder drops events beyond the bucket, and counts them.
type limitedRecorder struct {
	events.EventRecorder
	clock   clock.PassiveClock
	bucket  *rate.Limiter
	dropped prometheus.Counter
}

// LimitEvents puts a bucket before a recorder. What does not fit is dropped and counted: events are a courtesy, the
// status of an object says the same.
func (o *Operations) LimitEvents(recorder events.EventRecorder, clock clock.PassiveClock) events.EventRecorder {
	return &limitedRecorder{
		EventRecorder: recorder,
		clock:         clock,
		bucket:        rate.NewLimiter(EventsPerSecond, EventsPerSecond),
		dropped:       o.droppedEvents,
	}
}

// Eventf implements events.EventRecorder.
func (r *limitedRecorder) Eventf(
	regarding, related runtime.Object, eventType, reason, action, note string, arguments ...any,
) {
	if !r.bucket.AllowN(r.clock.Now(), 1) {
		r.dropped.Inc()
		return
	}
	r.EventRecorder.Eventf(regarding, related, eventType, reason, action, note, arguments...)
}
