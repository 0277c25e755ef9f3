package controllers

import (
	"context"
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

var desk = types.NamespacedName{Namespace: "platform", Name: "desk"}

func newSlots() *slots {
	s := &slots{}
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
	_ = s.follow(context.Background(), queue)
	return s
}

func waiting(namespace string, i int) types.NamespacedName {
	return types.NamespacedName{Namespace: namespace, Name: fmt.Sprint("r", i)}
}

// told is who was told last that it is their turn.
func (s *slots) told(t *testing.T) types.NamespacedName {
	t.Helper()
	if s.queue.Len() == 0 {
		t.Fatal("nobody is told that it is their turn")
	}
	request, _ := s.queue.Get()
	s.queue.Done(request)
	return request.NamespacedName
}

func TestOneNamespaceWithManyMessagesHoldsUpNoOther(t *testing.T) {
	s := newSlots()
	var leaves []func()
	for i := range 100 {
		if leave, free := s.take(desk, waiting("big", i)); free {
			leaves = append(leaves, leave)
		}
	}
	if len(leaves) != sendsAtOnce {
		t.Fatalf("%d are under way at once", len(leaves))
	}
	for i := range 3 {
		if _, free := s.take(desk, waiting("small", i)); free {
			t.Fatal("somebody got a place while others waited")
		}
	}
	var order []string
	for range 8 {
		leaves[0]()
		next := s.told(t)
		order = append(order, next.String())
		leave, free := s.take(desk, next)
		if !free {
			t.Fatalf("%s was called and finds no place", next)
		}
		leaves = append(leaves[1:], leave)
	}
	want := "[big/r2 small/r0 big/r3 small/r1 big/r4 small/r2 big/r5 big/r6]"
	if got := fmt.Sprint(order); got != want {
		t.Errorf("the order is %s, want %s", got, want)
	}
}

func TestAPlaceThatIsKeptAndNotTakenIsForTheNext(t *testing.T) {
	s := newSlots()
	first, _ := s.take(desk, waiting("a", 0))
	if _, free := s.take(desk, waiting("a", 1)); !free {
		t.Fatal("there are two places")
	}
	for i := 2; i < 4; i++ {
		s.take(desk, waiting("a", i))
	}
	first()
	called := s.told(t)
	end := s.begin(called)
	end()
	if next := s.told(t); next != waiting("a", 3) {
		t.Errorf("the next is %s", next)
	}
	// A pass that began before its turn came does not give it away.
	end = s.begin(waiting("a", 9))
	end()
	if _, free := s.take(desk, waiting("a", 3)); !free {
		t.Error("a place that was kept is gone")
	}
}

func TestATurnThatComesDuringAPassIsKeptForTheNextPass(t *testing.T) {
	s := newSlots()
	first, _ := s.take(desk, waiting("a", 0))
	s.take(desk, waiting("a", 1))
	end := s.begin(waiting("a", 2))
	if _, free := s.take(desk, waiting("a", 2)); free {
		t.Fatal("there are two places")
	}
	first()
	end()
	if next := s.told(t); next != waiting("a", 2) {
		t.Fatalf("the next is %s", next)
	}
	if _, free := s.take(desk, waiting("a", 2)); !free {
		t.Error("its turn was lost")
	}
}

func TestNothingIsRememberedOfASystemThatNobodyWantsAnythingOf(t *testing.T) {
	s := newSlots()
	for i := range 10 {
		leave, free := s.take(desk, waiting("a", i))
		if !free {
			t.Fatal("there is a place")
		}
		leave()
	}
	if len(s.systems) != 0 || len(s.called) != 0 {
		t.Errorf("%d systems and %d turns are remembered", len(s.systems), len(s.called))
	}
}
