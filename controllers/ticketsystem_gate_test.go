package controllers

import (
	"net/http"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/internal/ticket"
)

func TestASystemThatIsDownIsTriedByOneAndLessAndLessOften(t *testing.T) {
	c := newCounter()
	c.limits.concurrent = 6
	tries := 0
	c.live(20, time.Hour, func() time.Duration {
		tries++
		if paused := c.answeredWith(http.StatusBadGateway); paused != (tries >= failuresInARow) {
			t.Fatalf("after %d failures it is paused: %t", tries, paused)
		}
		return time.Minute
	})
	if tries < failuresInARow+10 || tries > failuresInARow+22 {
		t.Errorf("it is tried %d times in an hour", tries)
	}
	if c.answeredWith(http.StatusNotFound) {
		t.Error("an answer does not end the pause")
	}
}

func TestWhatWasUnderWayWhenItOpenedProlongsNothing(t *testing.T) {
	var b breaker
	for range failuresInARow {
		b.failed("desk", noon)
	}
	until := b.until
	b.failed("desk", noon.Add(time.Second))
	if b.until != until || b.openings != 1 {
		t.Errorf("until %s, want %s", b.until, until)
	}
	if pause := until.Sub(noon); pause < firstPause || pause > 13*time.Second {
		t.Errorf("the first pause is %s", pause)
	}
}

func TestWhoWaitsForTheTryOfAnotherIsToldWhenItHasSucceeded(t *testing.T) {
	c := newCounter()
	queue := c.followed()
	c.ask(waiting("a", 0))
	c.ask(waiting("a", 1))
	for range failuresInARow {
		c.answeredWith(0)
	}
	c.ask(waiting("a", 2))
	c.ask(waiting("a", 3))
	c.back()
	c.back()
	first := queue.next(t)
	c.now = c.now.Add(queue.after)
	if _, free := c.ask(first); !free {
		t.Fatal("nobody tries")
	}
	if _, free := c.ask(waiting("a", 3)); free {
		t.Fatal("a second one tries as well")
	}
	c.answeredWith(http.StatusOK)
	c.back()
	if next := queue.next(t); next != waiting("a", 3) || queue.after > time.Millisecond {
		t.Errorf("%s is told to come after %s", next, queue.after)
	}
}

func TestAPassThatFindsOutThatNobodyAnswersGoesBackIntoTheLine(t *testing.T) {
	c := newCounter()
	queue := c.followed()
	mine := wish{system: desk, by: waiting("a", 0)}
	c.take(mine, c.limits, c.now)
	if _, shut := c.shut(mine, c.now); shut {
		t.Fatal("nothing has failed yet")
	}
	for range failuresInARow {
		c.answeredWith(0)
	}
	if until, shut := c.shut(mine, c.now); !shut || until.Before(c.now.Add(firstPause)) {
		t.Errorf("it goes on until %s", until)
	}
	c.back()
	if next := queue.next(t); next != mine.by || queue.after < firstPause {
		t.Errorf("%s is told to come after %s", next, queue.after)
	}
}

func TestPatienceThatIsAskedForHoldsEverybodyForAnHourAtMost(t *testing.T) {
	for name, tt := range map[string]struct {
		status     int
		asks, hold time.Duration
	}{
		"too many requests":          {http.StatusTooManyRequests, time.Minute, time.Minute},
		"not available":              {http.StatusServiceUnavailable, time.Minute, time.Minute},
		"forbidden, as GitHub says":  {http.StatusForbidden, time.Minute, time.Minute},
		"until tomorrow":             {http.StatusTooManyRequests, 24 * time.Hour, time.Hour},
		"a conflict of one message":  {http.StatusConflict, time.Minute, 0},
		"too many, without a number": {http.StatusTooManyRequests, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCounter()
			c.ask(waiting("a", 0))
			c.heard(ticket.Outcome{Status: tt.status, RetryAfter: tt.asks})
			c.back()
			if wait, free := c.ask(waiting("b", 0)); free != (tt.hold == 0) || !free && wait != tt.hold {
				t.Errorf("the next waits for %s", wait)
			}
		})
	}
}

func TestAnEditEndsThePause(t *testing.T) {
	c := newCounter()
	for range failuresInARow {
		c.ask(waiting("a", 0))
		c.answeredWith(0)
		c.back()
	}
	if _, free := c.ask(waiting("a", 1)); free {
		t.Fatal("it is not paused")
	}
	c.limits.version = "2"
	if _, free := c.ask(waiting("a", 1)); !free {
		t.Error("it is still paused")
	}
}
