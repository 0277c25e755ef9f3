package controllers

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/gemba-dev/gemba/internal/ticket"
)

var (
	desk = types.NamespacedName{Namespace: "platform", Name: "desk"}
	noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
)

// counter is a TicketSystem with its slots, in front of which time passes as a test says.
type counter struct {
	slots
	limits limits
	now    time.Time
}

// telling is a queue that remembers who was told last, and to come when.
type telling struct {
	requestQueue
	last  reconcile.Request
	after time.Duration
	count int
}

func (q *telling) AddAfter(request reconcile.Request, after time.Duration) {
	q.last, q.after = request, after
	q.count++
}

// newCounter makes one with two places whose tokens never run out.
func newCounter() *counter {
	return &counter{limits: limits{perSecond: 10000, concurrent: 2}, now: noon}
}

func (c *counter) followed() *telling {
	queue := &telling{requestQueue: workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())}
	_ = c.follow(context.Background(), queue)
	return queue
}

func (c *counter) ask(by types.NamespacedName) (wait time.Duration, free bool) {
	until, free := c.take(wish{system: desk, by: by}, c.limits, c.now)
	return until.Sub(c.now), free
}

func (c *counter) back() { c.leave(desk, c.now) }
func (c *counter) pass(by types.NamespacedName) func() {
	end := c.begin(by)
	return func() { end(c.now) }
}
func (c *counter) heard(outcome ticket.Outcome) bool { return c.learn(desk, outcome, c.now) }
func (c *counter) answeredWith(status int) (paused bool) {
	return c.heard(ticket.Outcome{Status: status})
}

// live has some who want a place at once come back whenever they are told to, for a time; one that got its place wants
// another after what act says.
func (c *counter) live(count int, during time.Duration, act func() time.Duration) {
	due := make([]time.Time, count)
	for i := range due {
		due[i] = c.now
	}
	for end := c.now.Add(during); ; {
		first := slices.Index(due, slices.MinFunc(due, time.Time.Compare))
		if due[first].After(end) {
			return
		}
		c.now = due[first]
		wait, free := c.ask(waiting("a", first))
		if free {
			wait = act()
			c.back()
		}
		due[first] = c.now.Add(wait)
	}
}

func waiting(namespace string, i int) types.NamespacedName {
	return types.NamespacedName{Namespace: namespace, Name: fmt.Sprint("r", i)}
}

// next is who was told last that it is their turn.
func (q *telling) next(t *testing.T) types.NamespacedName {
	t.Helper()
	if q.count == 0 {
		t.Fatal("nobody is told that it is their turn")
	}
	q.count = 0
	return q.last.NamespacedName
}

func TestOneNamespaceWithManyMessagesHoldsUpNoOther(t *testing.T) {
	c := newCounter()
	queue := c.followed()
	inside := 0
	for i := range 100 {
		if _, free := c.ask(waiting("big", i)); free {
			inside++
		}
	}
	if inside != c.limits.concurrent {
		t.Fatalf("%d are under way at once", inside)
	}
	for i := range 3 {
		if _, free := c.ask(waiting("small", i)); free {
			t.Fatal("somebody got a place while others waited")
		}
	}
	var order []string
	for range 8 {
		c.back()
		next := queue.next(t)
		order = append(order, next.String())
		if _, free := c.ask(next); !free {
			t.Fatalf("%s was called and finds no place", next)
		}
	}
	want := "[big/r2 small/r0 big/r3 small/r1 big/r4 small/r2 big/r5 big/r6]"
	if got := fmt.Sprint(order); got != want {
		t.Errorf("the order is %s, want %s", got, want)
	}
}

func TestAPlaceThatIsKeptAndNotTakenIsForTheNext(t *testing.T) {
	c := newCounter()
	queue := c.followed()
	for i := range 4 {
		if _, free := c.ask(waiting("a", i)); free != (i < 2) {
			t.Fatal("there are two places")
		}
	}
	c.back()
	c.pass(queue.next(t))()
	if next := queue.next(t); next != waiting("a", 3) {
		t.Errorf("the next is %s", next)
	}
	// A pass that began before its turn came does not give it away.
	c.pass(waiting("a", 9))()
	if _, free := c.ask(waiting("a", 3)); !free {
		t.Error("a place that was kept is gone")
	}
}

func TestATurnThatComesDuringAPassIsKeptForTheNextPass(t *testing.T) {
	c := newCounter()
	queue := c.followed()
	c.ask(waiting("a", 0))
	c.ask(waiting("a", 1))
	end := c.pass(waiting("a", 2))
	if _, free := c.ask(waiting("a", 2)); free {
		t.Fatal("there are two places")
	}
	c.back()
	end()
	if next := queue.next(t); next != waiting("a", 2) {
		t.Fatalf("the next is %s", next)
	}
	if _, free := c.ask(waiting("a", 2)); !free {
		t.Error("its turn was lost")
	}
}

func TestARemediationWaitsAtEachOfItsSystemsAndTakesEachTurn(t *testing.T) {
	c := newCounter()
	c.limits.concurrent = 1
	other := wish{system: types.NamespacedName{Name: "other"}, by: waiting("a", 1)}
	c.ask(waiting("a", 0))
	c.take(wish{system: other.system, by: waiting("a", 0)}, c.limits, c.now)
	c.ask(waiting("a", 1))
	c.take(other, c.limits, c.now)
	c.back()
	c.leave(other.system, c.now)
	if _, free := c.ask(waiting("a", 1)); !free {
		t.Error("its turn at the one was lost")
	}
	if _, free := c.take(other, c.limits, c.now); !free {
		t.Error("its turn at the other was lost")
	}
}

func TestReadingsWaitForMessages(t *testing.T) {
	c := newCounter()
	queue := c.followed()
	c.ask(waiting("a", 0))
	c.ask(waiting("a", 1))
	c.take(wish{system: desk, by: waiting("a", 2), reading: true}, c.limits, c.now)
	c.ask(waiting("b", 3))
	c.back()
	if next := queue.next(t); next != waiting("b", 3) {
		t.Errorf("the next is %s", next)
	}
	c.back()
	if next := queue.next(t); next != waiting("a", 2) {
		t.Errorf("after that it is %s", next)
	}
}

func TestWhoWaitsForATokenIsToldToComeWhenItIsThere(t *testing.T) {
	c := newCounter()
	c.limits.perSecond = 5
	queue := c.followed()
	for i := range 4 {
		c.ask(waiting("a", i))
	}
	c.back()
	if next := queue.next(t); next != waiting("a", 2) || queue.after != 400*time.Millisecond {
		t.Errorf("%s is told to come after %s", next, queue.after)
	}
}

func TestWhoIsToldLooksAgainAfterLongAndNotAllAtOnce(t *testing.T) {
	c := newCounter()
	c.limits.perSecond = 5
	c.followed()
	waits := map[time.Duration]bool{}
	for i := range 100 {
		if wait, free := c.ask(waiting("a", i)); !free && i > 2 {
			waits[wait.Truncate(time.Second)] = true
			if wait < lookAgain || wait > 2*lookAgain+time.Minute {
				t.Fatalf("somebody looks again after %s", wait)
			}
		}
	}
	if len(waits) < 80 {
		t.Errorf("97 who wait look again in %d different seconds", len(waits))
	}
}

func TestWhereNobodyIsToldEachComesWhenItsTurnShouldBe(t *testing.T) {
	c := newCounter()
	c.limits.perSecond = 5
	for i := range 50 {
		wait, free := c.ask(waiting([]string{"a", "b"}[i%2], i))
		if free {
			c.back()
		}
		if want := time.Duration(i) * 200 * time.Millisecond; wait != want && i > 0 {
			t.Errorf("number %d is told to come after %s, want %s", i, wait, want)
		}
	}
}

func TestAPassThatBorrowsIsPaidForByThoseAfterIt(t *testing.T) {
	c := newCounter()
	c.limits.perSecond = 5
	c.ask(waiting("a", 0))
	for range 49 {
		c.borrow(desk, c.now)
	}
	c.back()
	if wait, free := c.ask(waiting("a", 1)); free || wait != 10*time.Second {
		t.Errorf("after 50 requests at once the next comes after %s", wait)
	}
}

func TestNothingIsSavedUp(t *testing.T) {
	c := newCounter()
	c.limits.perSecond = 5
	c.now = c.now.Add(time.Hour)
	within := 0
	for end := c.now.Add(time.Second); c.now.Before(end); {
		wait, free := c.ask(waiting("a", within))
		if free {
			within++
			c.back()
		}
		c.now = c.now.Add(max(wait, 0))
	}
	if within != 5 {
		t.Errorf("%d requests in the first second after a pause", within)
	}
}

func TestNothingIsRememberedOfASystemThatNobodyTalksTo(t *testing.T) {
	c := newCounter()
	for i := range 10 {
		if _, free := c.ask(waiting("a", i)); !free {
			t.Fatal("there is a place")
		}
		c.back()
	}
	c.now = c.now.Add(forgetAfter + time.Second)
	c.take(wish{system: types.NamespacedName{Name: "other"}, by: waiting("a", 0)}, c.limits, c.now)
	if len(c.systems) != 1 {
		t.Errorf("%d systems are remembered", len(c.systems))
	}
}
