package sampling

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	ctrlsource "sigs.k8s.io/controller-runtime/pkg/source"
)

// requestQueue is the queue of a controller. It never makes anybody wait, and holds a KPI once until it is worked on.
type requestQueue = workqueue.TypedRateLimitingInterface[reconcile.Request]

// Changes is a source for a controller of KPIs: it asks for a KPI to be judged when Take has something new for it. What
// was learnt before the controller began is asked for when it begins.
func (s *Sampler) Changes() ctrlsource.Source { return ctrlsource.Func(s.follow) }

// follow adds a queue until its context ends.
func (s *Sampler) follow(ctx context.Context, queue requestQueue) error {
	s.mu.Lock()
	s.queues = append(slices.Clone(s.queues), queue)
	var pending []types.NamespacedName
	for name, m := range s.members {
		if len(m.samples) > 0 {
			pending = append(pending, name)
		}
	}
	s.mu.Unlock()
	add(queue, pending)
	context.AfterFunc(ctx, func() { s.unfollow(queue) })
	return nil
}

func (s *Sampler) unfollow(queue requestQueue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queues = slices.DeleteFunc(slices.Clone(s.queues), func(known requestQueue) bool { return known == queue })
}

// announce asks every controller to judge KPIs. It is called without the lock, so that no queue is waited for under it.
func (s *Sampler) announce(changed []types.NamespacedName) {
	if len(changed) == 0 {
		return
	}
	s.mu.Lock()
	queues := s.queues
	s.mu.Unlock()
	for _, queue := range queues {
		add(queue, changed)
	}
}

func add(queue requestQueue, changed []types.NamespacedName) {
	for _, name := range changed {
		queue.Add(reconcile.Request{NamespacedName: name})
	}
}
