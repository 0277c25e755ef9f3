package sampling

import (
	"context"
	"fmt"
	"testing"
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

func newQueue(t *testing.T) requestQueue {
	t.Helper()
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
	t.Cleanup(queue.ShutDown)
	return queue
}

// drain takes what is in the queue.
func drain(queue requestQueue) map[reconcile.Request]int {
	found := map[reconcile.Request]int{}
	for queue.Len() > 0 {
		request, _ := queue.Get()
		found[request]++
		queue.Done(request)
	}
	return found
}

func start(t *testing.T, ctx context.Context, s *Sampler, queue requestQueue) {
	t.Helper()
	if err := s.Changes().Start(ctx, queue); err != nil {
		t.Fatal(err)
	}
}

func TestEveryKPIWithSomethingNewIsAskedForOnceUntilItIsJudged(t *testing.T) {
	w := newWorld(t)
	queue := newQueue(t)
	start(t, t.Context(), w.sampler, queue)
	var o oracle
	for i := range 1000 {
		w.sampler.Declare(plan(named("k", i), fmt.Sprint("q", i%10), &o))
	}
	w.pass(10 * time.Minute)
	found := drain(queue)
	wantEqual(t, "requests", len(found), 1000)
	for request, times := range found {
		wantEqual(t, request.String(), times, 1)
		w.take(request.NamespacedName)
	}
	w.pass(2 * time.Minute)
	wantEqual(t, "requests after that", len(drain(queue)), 1000)
}

func TestWhatWasLearntBeforeTheControllerBeganIsAskedForWhenItBegins(t *testing.T) {
	w := newWorld(t)
	w.sampler.Declare(plan(named("known"), "known", &oracle{}))
	w.pass(0)
	late := plan(named("not yet known"), "not yet known", &oracle{})
	late.AskedAt = w.now()
	w.sampler.Declare(late)
	queue := newQueue(t)
	start(t, t.Context(), w.sampler, queue)
	found := drain(queue)
	wantEqual(t, "requests", len(found), 1)
	wantEqual(t, "the known one", found[reconcile.Request{NamespacedName: named("known")}], 1)
}

func TestEveryControllerIsTold(t *testing.T) {
	w := newWorld(t)
	queues := []requestQueue{newQueue(t), newQueue(t)}
	for _, queue := range queues {
		start(t, t.Context(), w.sampler, queue)
	}
	w.sampler.Declare(plan(named("k"), "q", &oracle{}))
	w.pass(0)
	for _, queue := range queues {
		wantEqual(t, "requests", len(drain(queue)), 1)
	}
}

func TestAKPIIsAskedForWhenItsPastIsKnown(t *testing.T) {
	w := newWorld(t)
	queue := newQueue(t)
	start(t, t.Context(), w.sampler, queue)
	var c chronicle
	p := trending("k", "q", &c)
	p.Every = time.Hour
	w.sampler.Declare(p)
	w.pass(0)
	asks, requests := 0, 0
	for len(c.fetches) < 2 {
		drain(queue)
		asks = c.count()
		w.pass(time.Minute)
		requests = len(drain(queue))
	}
	wantEqual(t, "asks in the minute in which the past was fetched again", c.count()-asks, 0)
	wantEqual(t, "requests", requests, 1)
}

func TestWhoeverJoinsAQuestionThatWasAnsweredIsAskedFor(t *testing.T) {
	w := newWorld(t)
	queue := newQueue(t)
	start(t, t.Context(), w.sampler, queue)
	w.sampler.Declare(plan(named("first"), "q", &oracle{}))
	w.pass(0)
	drain(queue)
	w.sampler.Declare(plan(named("second"), "q", &oracle{}))
	wantEqual(t, "requests", drain(queue)[reconcile.Request{NamespacedName: named("second")}], 1)
}
