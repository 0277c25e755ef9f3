package controllers

import (
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// longestHold bounds how long a TicketSystem may ask that nothing at all be sent to it.
const longestHold = time.Hour

// limits are what a TicketSystem says of how often it is sent to and asked.
type limits struct {
	perSecond, concurrent int
	// version tells one version of its spec from another.
	version string
}

// limitsOfSystem reads them. The API server fills in what is not declared.
func limitsOfSystem(system *v1alpha1.TicketSystem) limits {
	declared := system.Spec.RateLimit
	return limits{
		perSecond: int(max(declared.PerSecond, 1)), concurrent: int(max(declared.Concurrent, 1)),
		version: versionOfSpec(system),
	}
}

// gate says when the next pass may begin to talk to a TicketSystem: by its rate limit, by what it has asked for, and by
// whether it is down. It is not safe for concurrent use.
//
// A pass needs one token to begin, takes it before the write that announces a message, and never waits inside. What it asks
// beyond its first request, the pages of a search above all, it borrows: the limiter goes below zero, and later passes wait
// until that is paid back. So a search of fifty pages is finished in one pass, and the rate is kept over the time that
// follows. Tokens are saved up for a hundredth of a second only: with more, a pause would be followed by a second with twice
// as many requests as are allowed.
type gate struct {
	limits
	limiter *rate.Limiter
	breaker breaker
	// held is until when the system has asked to be left alone.
	held time.Time
}

func newGate(l limits) gate {
	return gate{limits: l, limiter: rate.NewLimiter(rate.Limit(l.perSecond), burst(l.perSecond))}
}

// burst is how many tokens are saved up.
func burst(perSecond int) int { return 1 + perSecond/100 }

// follow takes in what the TicketSystem says now. After an edit nothing is held against it: it may lead elsewhere.
func (g *gate) follow(l limits, now time.Time) (changed bool) {
	if l == g.limits {
		return false
	}
	if l.version != g.version {
		g.breaker, g.held = breaker{}, time.Time{}
	}
	g.limits = l
	g.limiter.SetLimitAt(now, rate.Limit(l.perSecond))
	g.limiter.SetBurstAt(now, burst(l.perSecond))
	return true
}

// atOnce is how many passes may be under way. One that is down is tried by one.
func (g *gate) atOnce() int {
	if g.breaker.isOpen() {
		return 1
	}
	return g.concurrent
}

// opensFor is when a pass may begin that is the nth to come: not before now.
func (g *gate) opensFor(nth int, now time.Time) time.Time {
	at := g.opens(now)
	missing := float64(nth) - g.limiter.TokensAt(at)
	if missing <= 0 {
		return at
	}
	wait := time.Duration(missing / float64(g.perSecond) * float64(time.Second)).Round(time.Microsecond)
	// In whole milliseconds, and not before: a token that is a billionth short is none.
	return at.Add((wait + time.Millisecond - 1).Truncate(time.Millisecond))
}

// opens is when anybody may begin, tokens aside: not before now.
func (g *gate) opens(now time.Time) time.Time {
	for _, until := range []time.Time{g.held, g.breaker.until} {
		if until.After(now) {
			now = until
		}
	}
	return now
}

// enter takes the token of a pass, where it may begin.
func (g *gate) enter(now time.Time) bool {
	return !g.opens(now).After(now) && g.limiter.AllowN(now, 1)
}

// borrow takes a token whether there is one or not.
func (g *gate) borrow(now time.Time) { g.limiter.ReserveN(now, 1) }

// learn takes in what came of a request. What keeps Gemba itself from sending says nothing of the system.
func (g *gate) learn(name string, outcome ticket.Outcome, now time.Time) {
	switch {
	case outcome.Status == 0 && outcome.Lasts:
	case outcome.Apart:
	case outcome.Status == 0 || outcome.Status >= http.StatusInternalServerError:
		g.breaker.failed(name, now)
	default:
		g.breaker.answered()
	}
	if outcome.RetryAfter <= 0 || !holdsAll(outcome.Status) {
		return
	}
	if until := now.Add(min(outcome.RetryAfter, longestHold)); until.After(g.held) {
		g.held = until
	}
}

// holdsAll is true for answers whose Retry-After is meant for everybody: too many requests, in both of the words that are
// used for it, and a system that is not available.
func holdsAll(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusForbidden, http.StatusServiceUnavailable:
		return true
	default:
		return false
	}
}
