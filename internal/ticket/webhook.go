package ticket

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// webhook posts CloudEvents 1.0 in structured mode.
var webhook = Backend{
	Method:      http.MethodPost,
	ContentType: "application/cloudevents+json",
	Render:      renderCloudEvent,
	Parse:       parseWebhookReply,
	Name:        nameCloudEvent,
	Deduplicates: func(spec v1alpha1.TicketSystemSpec) bool {
		return spec.Webhook != nil && spec.Webhook.Deduplicates
	},
	SigningSecrets: func(spec v1alpha1.TicketSystemSpec) []v1alpha1.SecretKeyReference {
		if spec.Webhook == nil {
			return nil
		}
		return spec.Webhook.SigningSecrets
	},
}

// cloudEvent is the envelope; the order of the fields is the order in the message.
type cloudEvent struct {
	SpecVersion     string      `json:"specversion"`
	ID              string      `json:"id"`
	Type            string      `json:"type"`
	Source          string      `json:"source"`
	Subject         string      `json:"subject"`
	Time            string      `json:"time"`
	DataContentType string      `json:"datacontenttype"`
	Data            webhookData `json:"data"`
}

// webhookData is what the event says.
type webhookData struct {
	TicketKey   string             `json:"ticketKey"`
	SubjectKey  string             `json:"subjectKey"`
	Operation   v1alpha1.Operation `json:"operation"`
	Reason      Reason             `json:"reason"`
	TicketID    string             `json:"ticketID,omitempty"`
	Title       string             `json:"title"`
	Body        string             `json:"body"`
	Namespace   string             `json:"namespace"`
	Kind        string             `json:"kind"`
	Name        string             `json:"name"`
	Rule        v1alpha1.Rule      `json:"rule"`
	About       string             `json:"about,omitempty"`
	Severity    v1alpha1.Severity  `json:"severity"`
	Since       string             `json:"since"`
	Attempt     int32              `json:"attempt"`
	Remediation string             `json:"remediation"`
	Links       []Link             `json:"links,omitempty"`
}

// eventTypes name what happened, in the past tense.
var eventTypes = map[v1alpha1.Operation]string{
	v1alpha1.OperationCreate:  "dev.gemba.ticket.opened",
	v1alpha1.OperationComment: "dev.gemba.ticket.commented",
	v1alpha1.OperationClose:   "dev.gemba.ticket.closed",
	v1alpha1.OperationReopen:  "dev.gemba.ticket.reopened",
}

// renderCloudEvent makes the event. Its time is that of the finding and not of the clock, so that a message has the same
// bytes whenever it is rendered.
func renderCloudEvent(messageKey string, message Message) ([]byte, error) {
	identity := message.Identity
	since := message.Since.UTC().Format(time.RFC3339)
	event := cloudEvent{
		SpecVersion:     "1.0",
		ID:              messageKey,
		Type:            eventTypes[message.Operation],
		Source:          "gemba/" + url.PathEscape(message.ClusterID),
		Subject:         identity.Namespace + "/" + string(identity.Kind) + "/" + identity.Name,
		Time:            since,
		DataContentType: "application/json",
		Data: webhookData{
			TicketKey:   message.TicketKey,
			SubjectKey:  message.SubjectKey,
			Operation:   message.Operation,
			Reason:      message.Reason,
			TicketID:    message.TicketID,
			Title:       message.Title,
			Body:        message.Body,
			Namespace:   identity.Namespace,
			Kind:        string(identity.Kind),
			Name:        identity.Name,
			Rule:        identity.Rule,
			About:       identity.About,
			Severity:    message.Severity,
			Since:       since,
			Attempt:     message.Attempt,
			Remediation: message.Remediation,
			Links:       message.Links,
		},
	}
	return event.encode()
}

func (e cloudEvent) encode() ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	// The body is JSON for a machine, not a web page: "&" stays readable.
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		return nil, fmt.Errorf("encode the CloudEvent %s: %w", e.ID, err)
	}
	return bytes.TrimRight(buffer.Bytes(), "\n"), nil
}

// nameCloudEvent reads an event back. One that is not written in exactly the form of encode is refused: a field that
// stands in it twice, or in other letters, may mean one thing here and another to its receiver. For the same reason a
// field that is added to the event must be left out where it is empty, or messages of an earlier version are refused.
func nameCloudEvent(body []byte) (Named, error) {
	var event cloudEvent
	if err := json.Unmarshal(body, &event); err != nil {
		return Named{}, fmt.Errorf("its body is no CloudEvent: %w", err)
	}
	again, err := event.encode()
	if err != nil {
		return Named{}, err
	}
	if !bytes.Equal(again, body) || event.Type != eventTypes[event.Data.Operation] {
		return Named{}, errors.New("its body is not as Gemba writes it")
	}
	return Named{MessageKey: event.ID, TicketKey: event.Data.TicketKey, Operation: event.Data.Operation}, nil
}

const (
	maxTicketID  = 256
	maxTicketURL = 2048
)

// parseWebhookReply reads {"id": ..., "url": ..., "state": "open" or "closed"}. A receiver need not answer so: anything
// else says nothing, field by field. An id may be a number.
func parseWebhookReply(body []byte) Known {
	var reply struct {
		ID    json.RawMessage `json:"id"`
		URL   json.RawMessage `json:"url"`
		State json.RawMessage `json:"state"`
	}
	if err := json.Unmarshal(body, &reply); err != nil {
		return Known{}
	}
	known := Known{Closed: strings.EqualFold(textIn(reply.State), "closed")}
	if id := textIn(reply.ID); len(id) <= maxTicketID && plain(id) {
		known.ID = id
	}
	if link := textIn(reply.URL); len(link) <= maxTicketURL && isWebLink(link) {
		known.URL = link
	}
	return known
}

// textIn is the text or the number in a field; empty for anything else.
func textIn(field json.RawMessage) string {
	var text string
	if json.Unmarshal(field, &text) == nil {
		return text
	}
	var number json.Number
	if json.Unmarshal(field, &number) == nil {
		return number.String()
	}
	return ""
}

// plain is true for text that can be stored and shown on a terminal as it is.
func plain(text string) bool {
	return utf8.ValidString(text) && oneLine(text) == text
}

// isWebLink is true for links that a person can follow without harm.
func isWebLink(link string) bool {
	parsed, err := url.Parse(link)
	return err == nil && plain(link) && parsed.Host != "" && (parsed.Scheme == "https" || parsed.Scheme == "http")
}
