package desk

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// The states of a ticket.
const (
	Open   = "open"
	Closed = "closed"
)

// Ticket is one ticket of the desk.
type Ticket struct {
	// ID is what a person calls it, such as DESK-7.
	ID string `json:"id"`
	// URL shows it.
	URL string `json:"url"`
	// Key is the ticketKey under which it was created; no two tickets have the same.
	Key string `json:"ticketKey"`
	// SubjectKey is the key of what the ticket is about.
	SubjectKey string `json:"subjectKey,omitempty"`
	// Subject names it: namespace, kind and name.
	Subject string `json:"subject,omitempty"`
	// State is Open or Closed.
	State string `json:"state"`
	// Title, Body, Rule, Severity and Links are as sent.
	Title    string          `json:"title,omitempty"`
	Body     string          `json:"body,omitempty"`
	Rule     string          `json:"rule,omitempty"`
	Severity string          `json:"severity,omitempty"`
	Links    json.RawMessage `json:"links,omitempty"`
	// Assignee is to whom the last message that names somebody gave it.
	Assignee string `json:"assignee,omitempty"`
	// Comments are in the order in which they came; what a close or a reopening said is among them.
	Comments []string `json:"comments,omitempty"`
	// History lists the operations that were carried out; duplicates are not.
	History []Operation `json:"history"`
	// Reopened counts how often it went from Closed to Open.
	Reopened int `json:"reopened,omitempty"`
}

// state is everything that a desk remembers.
type state struct {
	Tickets  []*Ticket        `json:"tickets"`
	Messages []Message        `json:"messages"`
	Taken    map[string]taken `json:"taken"`
}

// taken is a message that was carried out, kept under its id so that a duplicate is recognised.
type taken struct {
	TicketID string `json:"ticketID"`
	Body     string `json:"body"`
}

// reply is what a sender gets.
type reply struct {
	ID    string `json:"id"`
	URL   string `json:"url"`
	State string `json:"state"`
}

func newState() state { return state{Taken: map[string]taken{}} }

// find returns a copy of the ticket with that key.
func (s *state) find(key string) (Ticket, bool) {
	found := s.list(func(ticket Ticket) bool { return ticket.Key == key })
	if len(found) == 0 {
		return Ticket{}, false
	}
	return found[0], true
}

// present answers for the ticket with that id as it stands now.
func (s *state) present(id string) reply {
	for _, ticket := range s.Tickets {
		if ticket.ID == id {
			return reply{ID: ticket.ID, URL: ticket.URL, State: ticket.State}
		}
	}
	return reply{ID: id}
}

// list returns copies of the tickets that are wanted.
func (s *state) list(wanted func(Ticket) bool) []Ticket {
	tickets := []Ticket{}
	for _, ticket := range s.Tickets {
		if !wanted(*ticket) {
			continue
		}
		copied := *ticket
		copied.Comments = slices.Clone(ticket.Comments)
		copied.History = slices.Clone(ticket.History)
		tickets = append(tickets, copied)
	}
	return tickets
}

// refusal is a reply that the sender has to do something about.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return r.text }

// operations say what each operation does to a ticket.
var operations = map[Operation]func(*Ticket, Data){
	Create:  func(ticket *Ticket, _ Data) { ticket.reopen() },
	Update:  func(ticket *Ticket, data Data) { ticket.Title, ticket.Body = data.Title, data.Body },
	Comment: func(ticket *Ticket, data Data) { ticket.comment(data.Body) },
	Close: func(ticket *Ticket, data Data) {
		ticket.State = Closed
		ticket.comment(data.Body)
	},
	Reopen: func(ticket *Ticket, data Data) {
		ticket.reopen()
		ticket.comment(data.Body)
	},
}

// apply carries out what a message asks for, on the ticket of its key.
func (s *state) apply(event Event, baseURL string) (*Ticket, error) {
	operate, known := operations[event.Data.Operation]
	if !known {
		return nil, &refusal{http.StatusBadRequest, fmt.Sprintf("data.operation %q is not known", event.Data.Operation)}
	}
	at := slices.IndexFunc(s.Tickets, func(ticket *Ticket) bool { return ticket.Key == event.Data.TicketKey })
	if at < 0 && event.Data.Operation != Create {
		return nil, &refusal{http.StatusNotFound, "there is no ticket with this ticketKey"}
	}
	if at < 0 {
		s.Tickets = append(s.Tickets, newTicket(len(s.Tickets)+1, event, baseURL))
		at = len(s.Tickets) - 1
	}
	ticket := s.Tickets[at]
	operate(ticket, event.Data)
	ticket.Assignee = cmp.Or(event.Data.Assignee, ticket.Assignee)
	ticket.History = append(ticket.History, event.Data.Operation)
	return ticket, nil
}

// newTicket opens the ticket that a message describes.
func newTicket(number int, event Event, baseURL string) *Ticket {
	id := fmt.Sprintf("DESK-%d", number)
	return &Ticket{
		ID:         id,
		URL:        baseURL + "/tickets/" + id,
		Key:        event.Data.TicketKey,
		SubjectKey: event.Data.SubjectKey,
		Subject:    event.Subject,
		State:      Open,
		Title:      event.Data.Title,
		Body:       event.Data.Body,
		Rule:       event.Data.Rule,
		Severity:   event.Data.Severity,
		Links:      event.Data.Links,
	}
}

// reopen opens a closed ticket and leaves an open one as it is.
func (t *Ticket) reopen() {
	if t.State == Closed {
		t.State = Open
		t.Reopened++
	}
}

// comment adds a text unless it is empty.
func (t *Ticket) comment(text string) {
	if text != "" {
		t.Comments = append(t.Comments, text)
	}
}
