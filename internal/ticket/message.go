package ticket

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// MaxBody bounds the body of a request in bytes: it is kept in the status of the Remediation until it is delivered.
const MaxBody = 16 << 10

// Reason says why a message is sent.
type Reason string

// The reasons of messages.
const (
	// ReasonOpened: a finding needs somebody's attention.
	ReasonOpened Reason = "Opened"
	// ReasonRelapsed: the finding has come back.
	ReasonRelapsed Reason = "Relapsed"
	// ReasonVerified: the finding stayed gone for as long as its rule asks.
	ReasonVerified Reason = "Verified"
	// ReasonClosed: the ticket is closed for another reason, which the text says.
	ReasonClosed Reason = "Closed"
)

// Message is what is said about a ticket, before it takes the form of a system. It is what types of systems are made
// from.
type Message struct {
	ClusterID   string
	Operation   v1alpha1.Operation
	Reason      Reason
	Identity    Identity
	Remediation string
	TicketKey   string
	SubjectKey  string
	TicketID    string
	Severity    v1alpha1.Severity
	Since       time.Time
	Attempt     int32
	Title       string
	Body        string
	Links       []Link
}

// Link points to something that explains the subject.
type Link struct {
	Type string `json:"type"`
	URL  string `json:"url"`
}

// Request is a rendered message: what is written to the outbox.
type Request struct {
	Method string
	Path   string
	// MessageKey is the same over all tries.
	MessageKey string
	Body       string
}

// Render gives the message about a ticket the form of its system. The result depends on the arguments alone. Lists in
// the text are shortened until the body fits.
func Render(backend Backend, content Content, sequence int32) (Request, error) {
	for _, detail := range details {
		message := compose(content, detail)
		said, err := json.Marshal(message)
		if err != nil {
			return Request{}, fmt.Errorf("render the %s of ticket %s: %w", content.Operation, content.TicketKey, err)
		}
		key := MessageKey(content.TicketKey, content.Operation, sequence, said)
		body, err := backend.Render(key, message)
		if err != nil {
			return Request{}, fmt.Errorf("render the %s of ticket %s: %w", content.Operation, content.TicketKey, err)
		}
		if len(body) <= MaxBody {
			method, path := backend.Endpoint(content.Operation)
			return Request{Method: method, Path: path, MessageKey: key, Body: string(body)}, nil
		}
	}
	return Request{}, fmt.Errorf("render the %s of ticket %s: the text does not fit into %d bytes",
		content.Operation, content.TicketKey, MaxBody)
}
