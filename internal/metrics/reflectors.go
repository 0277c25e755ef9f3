package metrics

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/clock"
)

// blindFor is how long a kind counts as unseen after its last failure. A reflector tries again within half a minute, so
// a failure that lasts renews itself.
const blindFor = 2 * time.Minute

// Reflectors watches over the watches: an object that the API server has and Go cannot decode, or a kind that may not be
// listed, makes the manager blind for the whole kind, and nothing else would say so.
type Reflectors struct {
	clock  clock.PassiveClock
	errors *prometheus.CounterVec

	mu   sync.Mutex
	last map[string]time.Time
}

// WatchReflectors makes a watcher that counts with these operations.
func (o *Operations) WatchReflectors(clock clock.PassiveClock) *Reflectors {
	return &Reflectors{clock: clock, errors: o.reflectorErrors, last: make(map[string]time.Time)}
}

// Handle is a cache.WatchErrorHandlerWithContext.
func (r *Reflectors) Handle(ctx context.Context, reflector *cache.Reflector, err error) {
	r.note(reflector.TypeDescription(), err)
	cache.DefaultWatchErrorHandler(ctx, reflector, err)
}

func (r *Reflectors) note(kind string, err error) {
	if isRoutine(err) {
		return
	}
	kind = kind[strings.LastIndexAny(kind, "./")+1:]
	r.errors.WithLabelValues(kind).Inc()
	if isOutage(err) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last[kind] = r.clock.Now()
}

// Check is a readiness check: it names the kinds that cannot be seen.
func (r *Reflectors) Check(_ *http.Request) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var blind []string
	for kind, at := range r.last {
		if r.clock.Since(at) < blindFor {
			blind = append(blind, kind)
		}
	}
	if len(blind) == 0 {
		return nil
	}
	slices.Sort(blind)
	return fmt.Errorf("cannot list or watch %s: the log says which object or right is at fault", strings.Join(blind, ", "))
}

// isRoutine is true for how watches end in everyday life.
func isRoutine(err error) bool {
	return err == nil || errors.Is(err, io.EOF) || errors.Is(err, context.Canceled) ||
		apierrors.IsResourceExpired(err) || apierrors.IsGone(err)
}

// isOutage is true where the API server did not answer, or not now: it is not this manager that should be taken out of
// service for that.
func isOutage(err error) bool {
	var connection net.Error
	if errors.As(err, &connection) || errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	var answered apierrors.APIStatus
	return errors.As(err, &answered) && answered.Status().Code >= http.StatusTooManyRequests
}
