package standin

import (
	"encoding/json"
	"fmt"
	"slices"
)

// What a ticket's State can be, whatever the vendor calls it.
const (
	Open   = "open"
	Closed = "closed"
)

// Ticket is a ticket as it is stored now.
type Ticket struct {
	// ID is what the vendor's API names it by: the key in Jira, the sys_id in ServiceNow, the number in GitHub, the iid
	// in GitLab, the id in Redmine. PagerDuty's Events API does not name alerts; there it is an id of the stand-in.
	ID string
	// URL is what a person opens.
	URL   string
	Title string
	Body  string
	// State is Open or Closed.
	State string
	// VendorState is the state in the vendor's words.
	VendorState string
	// Comments has the oldest first.
	Comments []string
	Labels   []string
	// Fields are the rest, by the vendor's names. What is no text stands as JSON.
	Fields map[string]string
}

// Tickets lists all tickets that are not deleted, in the order in which they were created.
func (t *Tracker) Tickets() []Ticket {
	t.mu.Lock()
	defer t.mu.Unlock()
	tickets := []Ticket{}
	for _, history := range t.store.all {
		if latest := history.latest(); !latest.deleted {
			tickets = append(tickets, t.ticketOf(latest))
		}
	}
	return tickets
}

// ticketOf shows a record to a test.
func (t *Tracker) ticketOf(r record) Ticket {
	ticket := Ticket{
		ID: r.id, URL: r.url, Title: r.title, Body: r.body, State: Open, VendorState: r.state,
		Labels: slices.Clone(r.labels), Fields: map[string]string{},
	}
	if t.vendor.states.closed(r.state) {
		ticket.State = Closed
	}
	for _, comment := range r.comments {
		ticket.Comments = append(ticket.Comments, comment.text)
	}
	for name, value := range r.fields {
		ticket.Fields[name] = textOf(value)
	}
	return ticket
}

// textOf is a value as text; what is none becomes JSON.
func textOf(value any) string {
	switch typed := value.(type) {
	case nil:
		return ""
	case string:
		return typed
	}
	content, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(content)
}

// CloseOutside closes a ticket as a person does in the vendor's pages. It may be closed already.
func (t *Tracker) CloseOutside(id string) error { return t.SetState(id, t.vendor.states.shut) }

// DeclineOutside closes a ticket as something that will not be done, as a person does in the vendor's pages.
func (t *Tracker) DeclineOutside(id string) error {
	if t.vendor.states.decline == nil {
		return fmt.Errorf("declining ticket %s: the vendor knows no such thing", id)
	}
	return t.change(id, t.vendor.states.decline)
}

// ReopenOutside opens a ticket again as a person does. It may be open.
func (t *Tracker) ReopenOutside(id string) error { return t.SetState(id, t.vendor.states.open) }

// SetState moves a ticket to a state in the vendor's words: the name of a status in Jira, its id in Redmine, the number in
// ServiceNow, open or closed in GitHub, opened or closed in GitLab, triggered, acknowledged or resolved in PagerDuty.
func (t *Tracker) SetState(id, vendorState string) error {
	if !t.vendor.states.known(vendorState) {
		return fmt.Errorf("setting the state of ticket %s: the vendor has no state %q", id, vendorState)
	}
	return t.change(id, func(r *record) { r.state = vendorState })
}

// DeleteOutside deletes a ticket as an administrator does. Its id is not given to another.
func (t *Tracker) DeleteOutside(id string) error {
	return t.change(id, func(r *record) { r.deleted = true })
}

// LabelOutside puts a label on a ticket as a person does in the vendor's pages.
func (t *Tracker) LabelOutside(id, label string) error {
	return t.change(id, func(r *record) { r.labels = append(r.labels, label) })
}

// UnlabelOutside takes a label off a ticket as a person does.
func (t *Tracker) UnlabelOutside(id, label string) error {
	return t.change(id, func(r *record) {
		r.labels = slices.DeleteFunc(r.labels, func(l string) bool { return l == label })
	})
}

// EditOutside writes the text of a ticket anew as a person does.
func (t *Tracker) EditOutside(id, body string) error {
	return t.change(id, func(r *record) { r.body = body })
}

// SetField sets a field of a ticket, by the vendor's name for it, as a person does: a column of ServiceNow, "cf_N" of Redmine.
func (t *Tracker) SetField(id, name string, value any) error {
	return t.change(id, func(r *record) { r.fields[name] = value })
}

// change alters a ticket from outside.
func (t *Tracker) change(id string, alter func(*record)) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	history, found := t.store.find(id)
	if !found {
		return fmt.Errorf("changing ticket %s from outside: there is none", id)
	}
	history.change(t.options.Clock.Now(), alter)
	return nil
}
