package controllers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/expression"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// send makes one try of the message of a ticket. Timestamp and signature belong to the try, key and body are as they were
// written down. More people may be able to write that than the TicketSystem, so method and path are those of the type of
// system, and a message that Gemba cannot have written for this very ticket is not sent.
func (e *endpoint) send(ctx context.Context, about v1alpha1.TicketStatus, now time.Time) ticket.Outcome {
	request, err := e.request(ctx, about, now)
	if err != nil {
		return ticket.Outcome{Fate: ticket.FateRefused, Message: sentence("Nothing was sent", err)}
	}
	e.visit.leaves()
	response, err := e.client.Do(ctx, request)
	lasts := e.trouble.learn(err, now)
	outcome := ticket.Outcome{Fate: fateOf(err), Lasts: lasts}
	if response.Status != 0 {
		outcome = e.answered(ctx, about, response, err, now)
	} else {
		outcome.Message = sentence("No answer came", err)
	}
	e.visit.came(outcome)
	return outcome
}

// errForged says that a message is not sent. What is wrong with it is not told: it is not Gemba's.
var errForged = errors.New("what is written down is no message of this ticket")

// request is one try of the message of a ticket.
func (e *endpoint) request(ctx context.Context, about v1alpha1.TicketStatus, now time.Time) (egress.Request, error) {
	delivery := about.Delivery
	if err := e.language.Verify(ctx, about); err != nil {
		return egress.Request{}, errForged
	}
	method, path, err := e.language.Target(ctx, ticket.Mention(about))
	if err != nil {
		return egress.Request{}, err
	}
	body, err := e.filled([]byte(delivery.Body))
	if err != nil {
		return egress.Request{}, err
	}
	header, err := e.header(delivery.MessageKey, body, now)
	if err != nil {
		return egress.Request{}, err
	}
	return egress.Request{Method: method, URL: joined(e.url, path), Header: header, Body: body}, nil
}

// header is made for each try: timestamp and signature belong to it.
func (e *endpoint) header(messageKey string, body []byte, now time.Time) (map[string]string, error) {
	header := map[string]string{"Idempotency-Key": messageKey}
	for _, declared := range e.language.Headers() {
		header[declared.Name] = declared.Value
	}
	if len(body) > 0 {
		header["Content-Type"] = e.language.ContentType()
	}
	if !e.language.StandardWebhooks() {
		return header, nil
	}
	header[egress.HeaderWebhookID], header[egress.HeaderWebhookTimestamp] = messageKey, fmt.Sprint(now.Unix())
	if len(e.signingKeys) == 0 {
		return header, nil
	}
	signature, err := egress.Sign(e.signingKeys, messageKey, now, body)
	if err != nil {
		return nil, fmt.Errorf("the message could not be signed: %w", err)
	}
	header[egress.HeaderWebhookSignature] = signature
	return header, nil
}

// filled puts the secret fields into a body: they leave with it and are written down nowhere.
func (e *endpoint) filled(body []byte) ([]byte, error) {
	if len(e.secretFields) == 0 || len(body) == 0 {
		return body, nil
	}
	var object map[string]any
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, errors.New("the body is no JSON object, and its secret fields have no place")
	}
	for name, value := range e.secretFields {
		object[name] = value
	}
	return expression.CanonicalJSON(object)
}

// answered judges an answer by its status, also where the rest of it did not arrive: then nothing else of it is used, an
// excerpt least of all, because half a secret is not recognised.
func (e *endpoint) answered(
	ctx context.Context, about v1alpha1.TicketStatus, response egress.Response, err error, now time.Time,
) ticket.Outcome {
	if response.Status >= 300 && response.Status < 400 {
		return redirected(response.Status)
	}
	reply := e.scrubbed(response)
	if err != nil {
		reply.Body = nil
	}
	reply.Excerpt = e.client.Excerpt(ticket.Unnamed(string(reply.Body), about.Delivery))
	outcome := ticket.Classify(reply, now).Answering(about.Delivery)
	if outcome.Fate == ticket.FateDelivered {
		mention := ticket.Mention(about)
		outcome.Known = e.language.Parse(ctx, mention, reply)
		if warning := outcome.Known.Warning; warning != "" {
			outcome.Message += " " + warning
		}
		if e.isNameless(mention, outcome.Known) {
			outcome.Fate, outcome.Message = ticket.FateUnknown, "The ticket system took the message and named no ticket."
		}
	}
	return outcome
}

// isNameless is true where a create was taken and the ticket has no name, although it can be looked for: what answered may not
// have been the ticket system, but a page to log in.
func (e *endpoint) isNameless(about ticket.Message, known ticket.Known) bool {
	return about.Operation == v1alpha1.OperationCreate && known.ID == "" && e.language.CanSearch() && e.language.Names()
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
