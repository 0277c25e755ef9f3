package controllers

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// send makes one try of the message of a ticket. Timestamp and signature belong to the try, key and body are as they were
// written down. More people may be able to write that than the TicketSystem, so method and path are those of the type of
// system, and a message that Gemba cannot have written for this very ticket is not sent.
func (e *endpoint) send(ctx context.Context, about v1alpha1.TicketStatus, now time.Time) ticket.Outcome {
	delivery := about.Delivery
	if err := e.backend.Verify(delivery, about.Key); err != nil {
		return ticket.Outcome{
			Fate: ticket.FateRefused, Message: "Nothing was sent: what is written down is no message of this ticket.",
		}
	}
	body := []byte(delivery.Body)
	header := map[string]string{
		"Content-Type":                e.backend.ContentType,
		"Idempotency-Key":             delivery.MessageKey,
		egress.HeaderWebhookID:        delivery.MessageKey,
		egress.HeaderWebhookTimestamp: fmt.Sprint(now.Unix()),
	}
	if len(e.signingKeys) > 0 {
		signature, err := egress.Sign(e.signingKeys, delivery.MessageKey, now, body)
		if err != nil {
			return ticket.Outcome{Fate: ticket.FateNotReceived, Message: sentence("The message could not be signed", err)}
		}
		header[egress.HeaderWebhookSignature] = signature
	}
	method, path := e.backend.Endpoint(delivery.Operation)
	response, err := e.client.Do(ctx, egress.Request{Method: method, URL: e.url + path, Header: header, Body: body})
	lasts := e.trouble.learn(err, now)
	if response.Status == 0 {
		return ticket.Outcome{Fate: fateOf(err), Lasts: lasts, Message: sentence("No answer came", err)}
	}
	return e.answered(response, err, now)
}

// answered judges an answer by its status, also where the rest of it did not arrive: then nothing else of it is used, an
// excerpt least of all, because half a secret is not recognised.
func (e *endpoint) answered(response egress.Response, err error, now time.Time) ticket.Outcome {
	if response.Status >= 300 && response.Status < 400 {
		return redirected(response.Status)
	}
	reply := ticket.Reply{Status: response.Status, Header: response.Header}
	if err == nil {
		reply.Body, reply.Excerpt = response.Body, e.client.Excerpt(string(response.Body))
	}
	outcome := ticket.Classify(reply, now)
	if outcome.Fate == ticket.FateDelivered {
		outcome.Known = e.backend.Parse(reply.Body)
	}
	return outcome
}

// redirected is what a redirect says of a message. 307 and 308 ask for the same message elsewhere, so nobody has taken it;
// after the others it may have been.
func redirected(status int) ticket.Outcome {
	outcome := ticket.Outcome{
		Fate: ticket.FateUnknown, Status: status,
		Message: fmt.Sprintf("The ticket system answered %d, a redirect, which is not followed: "+
			"write the final URL into spec.url of the TicketSystem.", status),
	}
	if status == http.StatusTemporaryRedirect || status == http.StatusPermanentRedirect {
		outcome.Fate = ticket.FateRefused
	}
	return outcome
}

// fateOf translates what is known of a request into what is known of the message.
func fateOf(err error) ticket.Fate {
	if egress.OutcomeOf(err) == egress.NotSent {
		return ticket.FateNotReceived
	}
	return ticket.FateUnknown
}
