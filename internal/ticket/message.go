package ticket

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
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
	// ReasonReminded: the finding stands for longer than it should.
	ReasonReminded Reason = "Reminded"
	// ReasonEscalated: the finding stands for so long that others are told.
	ReasonEscalated Reason = "Escalated"
	// ReasonUpdated: what the ticket is about has changed.
	ReasonUpdated Reason = "Updated"
	// ReasonRecovered: the finding is gone and stayed so, and something is missing before the ticket is closed.
	ReasonRecovered Reason = "Recovered"
	// ReasonReopened: somebody has closed the ticket, and the finding stands.
	ReasonReopened Reason = "Reopened"
	// ReasonDeclined: somebody has closed the ticket as something that will not be done, and the finding stands.
	ReasonDeclined Reason = "Declined"
	// ReasonAssigned: the ticket is given to whom its route names.
	ReasonAssigned Reason = "Assigned"
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
	TicketURL   string
	Severity    v1alpha1.Severity
	Since       time.Time
	Attempt     int32
	// Assignee is the account to whom the ticket is assigned; empty where it is nobody.
	Assignee string `json:",omitempty"`
	Title    string
	Body     string
	Links    []Link
	// Findings of a group, as data; empty for a ticket about one.
	Findings []any `json:",omitempty"`
	// MessageKey is made from all the rest.
	MessageKey string `json:"-"`
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

// Language is how a TicketSystem is spoken to: its protocol, and what it says about itself.
type Language struct {
	*Protocol
	Parameters Parameters
	// Base is the URL of the TicketSystem, without a slash at its end.
	Base string
}

// LanguageOf is the language of a TicketSystem. Its error is a sentence that says what to change.
func LanguageOf(spec *v1alpha1.TicketSystemSpec) (Language, error) {
	protocol, err := ProtocolOf(spec)
	if err != nil {
		return Language{}, err
	}
	parameters, err := protocol.ParametersOf(spec)
	return Language{Protocol: protocol, Parameters: parameters, Base: strings.TrimSuffix(string(spec.URL), "/")}, err
}

// Render gives the message about a ticket the form of its system; looked is the answer to its lookup, where it has one. The
// result depends on the arguments alone. Lists in the text are shortened until the body fits.
func Render(ctx context.Context, language Language, content Content, sequence int32, looked Looked) (Request, error) {
	for _, detail := range details {
		message := compose(content, detail)
		said, err := json.Marshal(message)
		if err != nil {
			return Request{}, fmt.Errorf("render the %s of ticket %s: %w", content.Operation, content.TicketKey, err)
		}
		message.MessageKey = MessageKey(content.TicketKey, content.Operation, sequence, said)
		body, err := language.Body(ctx, message, looked)
		if err != nil {
			return Request{}, fmt.Errorf("render the %s of ticket %s: %w", content.Operation, content.TicketKey, err)
		}
		if len(body) <= MaxBody {
			method, path, err := language.Target(ctx, message)
			if err != nil {
				return Request{}, fmt.Errorf("render the %s of ticket %s: %w", content.Operation, content.TicketKey, err)
			}
			return Request{Method: method, Path: path, MessageKey: message.MessageKey, Body: string(body)}, nil
		}
	}
	return Request{}, fmt.Errorf("render the %s of ticket %s: the text does not fit into %d bytes",
		content.Operation, content.TicketKey, MaxBody)
}

// shared are the variables that every expression sees.
func (l Language) shared() map[string]any {
	return map[string]any{"parameters": l.Parameters.variable(), "base": l.Base}
}

// variables are what expressions see of a message.
func (l Language) variables(m Message) map[string]any {
	links := make([]any, 0, len(m.Links))
	for _, link := range m.Links {
		links = append(links, map[string]any{"type": link.Type, "url": link.URL})
	}
	identity := m.Identity
	variables := l.named(m)
	ticket, _ := variables["ticket"].(map[string]any)
	maps.Copy(ticket, map[string]any{
		"reason": string(m.Reason), "title": m.Title, "body": m.Body,
		"marker":  "<!-- " + m.TicketKey + " " + m.SubjectKey + " -->",
		"cluster": m.ClusterID, "namespace": identity.Namespace, "kind": string(identity.Kind), "name": identity.Name,
		"rule": string(identity.Rule), "about": identity.About, "severity": string(m.Severity), "assignee": m.Assignee,
		"since": m.Since.UTC().Format(time.RFC3339), "attempt": int64(m.Attempt), "remediation": m.Remediation, "links": links,
		"findings": append([]any{}, m.Findings...),
	})
	return variables
}

// asking are the variables of a lookup, which is made before the message: beside its name, to whom the ticket is to be assigned.
func (l Language) asking(m Message) map[string]any {
	variables := l.named(m)
	ticket, _ := variables["ticket"].(map[string]any)
	ticket["assignee"] = m.Assignee
	return variables
}

// named are the variables of expressions other than a body: which ticket it is, and no more. They are evaluated anew for each
// try, when nothing else is known for certain.
func (l Language) named(m Message) map[string]any {
	variables := l.shared()
	variables["ticket"] = map[string]any{
		"key": m.TicketKey, "subjectKey": m.SubjectKey, "messageKey": m.MessageKey, "id": m.TicketID, "url": m.TicketURL,
		"operation": string(m.Operation),
	}
	return variables
}
