package controllers

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// maxPages bounds how much of a list is gone through to find a ticket.
const maxPages = 50

// searchTimeout bounds a whole search.
const searchTimeout = time.Minute

// askedError is an answer that says no.
type askedError struct {
	status int
	// retryAfter is how long it asks to wait; zero where it does not.
	retryAfter time.Duration
}

// Error says which.
func (e *askedError) Error() string { return fmt.Sprintf("the ticket system answered %d", e.status) }

// scrubbed is a reply without the secrets that it may repeat: what is read out of it is shown.
func (e *endpoint) scrubbed(response egress.Response) ticket.Reply {
	header := http.Header{}
	for name := range response.Header {
		header.Set(name, e.client.Scrub(response.Header.Get(name)))
	}
	return ticket.Reply{Status: response.Status, Header: header, Body: []byte(e.client.Scrub(string(response.Body)))}
}

// askedOutcome is what a question says of a ticket system, as a message would.
func askedOutcome(reply ticket.Reply, err error, lasts bool, now time.Time) ticket.Outcome {
	if reply.Status == 0 {
		return ticket.Outcome{Fate: fateOf(err), Lasts: lasts, Message: sentence("A question had no answer", err)}
	}
	return ticket.Classify(ticket.Reply{Status: reply.Status, Header: reply.Header}, now)
}

// ask sends a request that changes nothing. A reply other than 2xx is an error, except one that says that there is none such.
func (e *endpoint) ask(ctx context.Context, asked ticket.Ask, now time.Time) (ticket.Reply, error) {
	header := map[string]string{}
	for _, declared := range e.language.Headers() {
		header[declared.Name] = declared.Value
	}
	if len(asked.Body) > 0 {
		header["Content-Type"] = "application/json"
	}
	e.visit.leaves()
	response, err := e.client.Do(ctx, egress.Request{
		Method: asked.Method, URL: joined(e.url, asked.Path), Header: header, Body: asked.Body, Listing: true,
	})
	lasts := e.trouble.learn(err, now)
	reply := e.scrubbed(response)
	e.visit.came(askedOutcome(reply, err, lasts, now))
	switch {
	case err != nil:
		return reply, err
	case response.Truncated:
		return reply, fmt.Errorf("the reply is longer than %d bytes", egress.MaxListBody)
	case response.Status < 200 || response.Status >= 300:
		return reply, &askedError{response.Status, ticket.Classify(reply, now).RetryAfter}
	default:
		return reply, nil
	}
}

// joined puts a path behind a URL, which may end with a slash.
func joined(base, path string) string {
	if strings.HasPrefix(path, "/") {
		base = strings.TrimSuffix(base, "/")
	}
	return base + path
}

// find looks for a ticket: the newest of those that are sought, and not taken. found is false where the list was gone through to its end.
func (e *endpoint) find(
	ctx context.Context, sought ticket.Sought, taken map[string]bool, now time.Time,
) (known ticket.Known, found bool, err error) {
	var previous ticket.Reply
	for page := 1; page <= maxPages; page++ {
		asked, err := e.language.Search(ctx, sought, page, previous)
		if err != nil {
			return ticket.Known{}, false, err
		}
		reply, err := e.ask(ctx, asked, now)
		if err != nil {
			return ticket.Known{}, false, err
		}
		tickets, more, err := e.language.Found(ctx, sought, page, reply)
		if err != nil {
			return ticket.Known{}, false, err
		}
		for _, candidate := range tickets {
			if !taken[candidate.ID] && (!sought.Open || !candidate.Closed) {
				return candidate, true, nil
			}
		}
		if !more {
			return ticket.Known{}, false, nil
		}
		previous = reply
	}
	return ticket.Known{}, false, fmt.Errorf("the list has more than %d pages: use a label that nothing else has, or delete old tickets", maxPages)
}

// findTicket looks for the ticket of a Remediation: one of its key whatever its state is, else, before the first message, an
// open one about the same thing, which a cluster before this one has left. Those that other Remediations have taken are passed
// over.
func (e *endpoint) findTicket(
	ctx context.Context, about v1alpha1.TicketStatus, taken map[string]bool, now time.Time,
) (known ticket.Known, found bool, err error) {
	// One deadline for all pages: a list that never ends holds up nobody else.
	ctx, cancel := context.WithTimeout(ctx, searchTimeout)
	defer cancel()
	known, found, err = e.find(ctx, ticket.Sought{Key: about.Key}, taken, now)
	if err != nil || found || about.Delivery != nil {
		return known, found, err
	}
	return e.find(ctx, ticket.Sought{Key: about.SubjectKey, Open: true}, taken, now)
}

// lookUp asks what a message needs to know before it is written down.
func (e *endpoint) lookUp(
	ctx context.Context, message ticket.Message, now time.Time,
) (looked ticket.Looked, err error) {
	asked, needed, err := e.language.Lookup(ctx, message)
	if err != nil || !needed {
		return ticket.Looked{}, err
	}
	reply, err := e.ask(ctx, asked, now)
	if reply.Status == http.StatusNotFound || reply.Status == http.StatusGone {
		return ticket.Looked{Problem: fmt.Sprintf(
			"The ticket system answered %d: what the message is about is not there any more.", reply.Status)}, nil
	}
	if err != nil {
		return ticket.Looked{}, err
	}
	return e.language.LookedUp(ctx, message, reply)
}
