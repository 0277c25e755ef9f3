package controllers

import (
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/sampling"
	"github.com/gemba-dev/gemba/internal/source"
)

// SourceReach carries what the sampler learns about metric sources to the one reconciler that writes their status. Only a
// change is carried, and nobody ever waits for it. It is a sampling.Observer.
type SourceReach struct {
	// Sampler knows what the answers say; it is set before anything is asked.
	Sampler *sampling.Sampler
	// Next is told of every ask too; may be nil.
	Next sampling.Observer

	mu      sync.Mutex
	last    map[string]bool
	changes chan event.TypedGenericEvent[*v1alpha1.MetricSource]
}

// NewSourceReach makes one that knows of nothing.
func NewSourceReach(next sampling.Observer) *SourceReach {
	return &SourceReach{
		Next: next, last: map[string]bool{}, changes: make(chan event.TypedGenericEvent[*v1alpha1.MetricSource], 256),
	}
}

// Asked implements sampling.Observer.
func (r *SourceReach) Asked(lane string, result v1alpha1.SampleResult, took, late time.Duration) {
	if r.Next != nil {
		r.Next.Asked(lane, result, took, late)
	}
	reach, known := r.Sampler.Reach(lane)
	key, isSource := source.MetricSourceOf(lane)
	if !known || !isSource {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if answered, told := r.last[lane]; told && answered == reach.Answers {
		return
	}
	changed := &v1alpha1.MetricSource{ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name}}
	select {
	case r.changes <- event.TypedGenericEvent[*v1alpha1.MetricSource]{Object: changed}:
		r.last[lane] = reach.Answers
	default:
		// The reconciler is behind: it is told with the next ask.
	}
}

// Forget drops what was told of a source that is gone.
func (r *SourceReach) Forget(key types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.last, source.MetricSourceLane(key))
}

// Condition says whether a source answers; ok is false where that is not known.
func (r *SourceReach) Condition(key types.NamespacedName) (condition metav1.Condition, ok bool) {
	reach, known := r.Sampler.Reach(source.MetricSourceLane(key))
	if !known {
		return metav1.Condition{}, false
	}
	return sourceReachable(reach.Answers, reach.Message), true
}
