package controllers

import (
	"time"

	"github.com/gemba-dev/gemba/internal/ticket"
)

const (
	// failuresInARow is after how many requests without an answer, or with one that says that the system itself has failed, a
	// TicketSystem is left alone.
	failuresInARow = 5
	// firstPause and longestPause are how long it is left alone: each time twice as long.
	firstPause   = 10 * time.Second
	longestPause = 5 * time.Minute
)

// breaker stops the requests of all Remediations to a TicketSystem that is down: after some failures in a row it opens for a
// time, after that one pass may try, and the first answer closes it. The zero value is closed. It is not safe for
// concurrent use, and reads no clock.
type breaker struct {
	// failures in a row, and how often in a row it opened because of them.
	failures, openings int32
	// until is when the next pass may try.
	until time.Time
}

// isOpen is true from the failure that was one too many to the next answer.
func (b *breaker) isOpen() bool { return b.openings > 0 }

// answered closes it.
func (b *breaker) answered() { *b = breaker{} }

// failed counts a failure. What was under way when it opened is the same outage, and prolongs nothing. The pause is drawn
// from the name of the system, so that two managers would come to the same.
func (b *breaker) failed(name string, now time.Time) {
	b.failures++
	if b.failures < failuresInARow || now.Before(b.until) {
		return
	}
	b.openings++
	b.until = now.Add(ticket.Pause(name, b.openings, firstPause, longestPause))
}
