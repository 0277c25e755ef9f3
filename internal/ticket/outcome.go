package ticket

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Fate is what is known of a message after a try.
type Fate string

const (
	// FateDelivered says that the other side took it.
	FateDelivered Fate = "Delivered"
	// FateRefused says that the other side said no for good.
	FateRefused Fate = "Refused"
	// FateNotReceived says that it certainly did not arrive, or was certainly not acted upon, and may be sent again.
	FateNotReceived Fate = "NotReceived"
	// FateUnknown says that it may have arrived.
	FateUnknown Fate = "Unknown"
)

// Outcome is what a try came to.
type Outcome struct {
	Fate Fate
	// Status of the answer over HTTP; 0 where none came.
	Status int
	// Known is what the reply said of the ticket.
	Known Known
	// RetryAfter is how long the other side asks to wait; 0 where it does not.
	RetryAfter time.Duration
	// Lasts says that the configuration of the endpoint, and not the other side, keeps the message from being sent. Such a
	// message is not given up, and is due again at once when the configuration is mended.
	Lasts bool
	// Apart is true for an answer that says nothing of the system as a whole.
	Apart bool
	// Message says in a sentence what happened. It holds no secret.
	Message string
}

// maxRetryAfter bounds what a receiver may ask for: one that says "in a year" is asked again tomorrow.
const maxRetryAfter = 24 * time.Hour

// Reply is an answer over HTTP as far as it matters for a message.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
	// Excerpt is a short part of the body, scrubbed of secrets, for a person.
	Excerpt string
}

// Classify judges an answer by its status, the same for every type of system. 409 (a first try is still being worked
// on), 408 and 425 say nothing for certain, nor does a 5xx: it may come after the message was stored.
func Classify(reply Reply, now time.Time) Outcome {
	said := fmt.Sprintf("The ticket system answered %d", reply.Status)
	if reply.Excerpt != "" {
		said += " (" + reply.Excerpt + ")"
	}
	outcome := Outcome{Fate: FateUnknown, Status: reply.Status, Message: said + "."}
	switch {
	case reply.Status >= 200 && reply.Status < 300:
		outcome.Fate = FateDelivered
		outcome.Message = fmt.Sprintf("The ticket system answered %d.", reply.Status)
		return outcome
	case isLimit(reply):
		outcome.Fate = FateNotReceived
	case reply.Status == http.StatusGone:
		outcome.Fate = FateRefused
		outcome.Message = "The ticket system answered 410: it takes no messages here any more."
		return outcome
	case isRefusal(reply.Status):
		outcome.Fate = FateRefused
		return outcome
	}
	outcome.RetryAfter = retryAfter(reply.Header.Get("Retry-After"), now)
	if outcome.RetryAfter == 0 && isLimit(reply) {
		outcome.RetryAfter = untilReset(reply.Header.Get("X-Ratelimit-Reset"), now)
	}
	return outcome
}

// isLimit is true for answers that ask to come back later: 429, and 403 with such words in its header, as GitHub has it.
func isLimit(reply Reply) bool {
	if reply.Status == http.StatusForbidden {
		return reply.Header.Get("Retry-After") != "" || reply.Header.Get("X-Ratelimit-Remaining") == "0"
	}
	return reply.Status == http.StatusTooManyRequests
}

// isRefusal is true for the answers of the 4xx that trying again cannot change.
func isRefusal(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return false
	default:
		return status >= 400 && status < 500
	}
}

// retryAfter reads both forms of the header: seconds, and a date.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
		return bounded(time.Duration(seconds) * time.Second)
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return bounded(at.Sub(now))
}

// untilReset reads when a limit ends that has no Retry-After: in seconds since 1970, as GitHub and GitLab say it.
func untilReset(value string, now time.Time) time.Duration {
	seconds, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
	if err != nil {
		return 0
	}
	return bounded(time.Unix(seconds, 0).Sub(now))
}

func bounded(wait time.Duration) time.Duration {
	return min(max(wait, 0), maxRetryAfter)
}
