package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"time"
)

// Message is one request as it was received.
type Message struct {
	// Sequence counts from 1, in the order of arrival.
	Sequence int `json:"sequence"`
	// ID is the header webhook-id.
	ID string `json:"id"`
	// Path is where it was posted, with its query.
	Path string `json:"path"`
	// Header is as received.
	Header http.Header `json:"header"`
	// Body is as received.
	Body string `json:"body"`
	// Time is when it came, where the desk has a clock.
	Time time.Time `json:"time,omitzero"`
	// Event is what the body says; empty where it cannot be read.
	Event Event `json:"event"`
	// Duplicate says that a message with this id had been taken before. A hook sees it too.
	Duplicate bool `json:"duplicate"`
	// SameBody says, of a duplicate, that its body is the one of the first.
	SameBody bool `json:"sameBody"`
	// Stored says that the desk has taken the message, now or before.
	Stored bool `json:"stored"`
	// Refused says why the message was not taken.
	Refused string `json:"refused,omitempty"`
}

// Event is a message in the structured mode of CloudEvents 1.0.
type Event struct {
	SpecVersion     string `json:"specversion"`
	ID              string `json:"id"`
	Type            string `json:"type"`
	Source          string `json:"source"`
	Subject         string `json:"subject,omitempty"`
	Time            string `json:"time,omitempty"`
	DataContentType string `json:"datacontenttype,omitempty"`
	Data            Data   `json:"data"`
}

// Data is what a message says about a ticket.
type Data struct {
	TicketKey  string          `json:"ticketKey"`
	SubjectKey string          `json:"subjectKey,omitempty"`
	Operation  Operation       `json:"operation"`
	Reason     string          `json:"reason,omitempty"`
	Title      string          `json:"title,omitempty"`
	Body       string          `json:"body,omitempty"`
	Rule       string          `json:"rule,omitempty"`
	Severity   string          `json:"severity,omitempty"`
	Assignee   string          `json:"assignee,omitempty"`
	Links      json.RawMessage `json:"links,omitempty"`
}

// Operation is what a message asks for.
type Operation string

// The operations that the desk knows.
const (
	Create  Operation = "Create"
	Update  Operation = "Update"
	Comment Operation = "Comment"
	Close   Operation = "Close"
	Reopen  Operation = "Reopen"
)

// readEvent reads the body of a message and says, in a sentence, why it is none.
func readEvent(message Message) (Event, error) {
	var event Event
	mediaType, _, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/cloudevents+json" {
		return event, errors.New("the content type must be application/cloudevents+json")
	}
	if err := json.Unmarshal([]byte(message.Body), &event); err != nil {
		return event, fmt.Errorf("reading the body as JSON: %w", err)
	}
	return event, checkEvent(event, message.ID)
}

// checkEvent says what is missing.
func checkEvent(event Event, messageID string) error {
	switch {
	case event.SpecVersion != "1.0":
		return errors.New("specversion must be 1.0")
	case event.ID == "" || event.ID != messageID:
		return errors.New("id must be there and equal the header webhook-id")
	case event.Type == "" || event.Source == "":
		return errors.New("type and source must be there")
	case event.Data.TicketKey == "":
		return errors.New("data.ticketKey must be there")
	default:
		return nil
	}
}
