package controllers

import (
	"context"
	"fmt"
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
	if err != nil {
		return ticket.Outcome{Fate: fateOf(err), Message: sentence("No answer came", err)}
	}
	outcome := ticket.Classify(ticket.Reply{
		Status: response.Status, Header: response.Header, Body: response.Body,
		Excerpt: e.client.Excerpt(string(response.Body)),
	}, now)
	if outcome.Fate == ticket.FateDelivered {
		outcome.Known = e.backend.Parse(response.Body)
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
