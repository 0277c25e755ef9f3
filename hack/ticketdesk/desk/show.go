package desk

import (
	"html/template"
	"net/http"
)

// ServeHTTP answers a request as the desk does at its URL, so that something else can stand in front of it.
func (d *Desk) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.handler().ServeHTTP(w, r) }

// handler routes requests. Messages may be posted anywhere, so that a path can be a part of a sender's configuration.
func (d *Desk) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /", d.receive)
	mux.HandleFunc("GET /{$}", d.showPage)
	mux.HandleFunc("GET /tickets", d.showTickets)
	mux.HandleFunc("GET /tickets/{id}", d.showTicket)
	mux.HandleFunc("GET /messages", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, d.Messages()) })
	return mux
}

// showTickets lists tickets; key, subjectKey and state narrow the list.
func (d *Desk) showTickets(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	matches := func(name, value string) bool { return !query.Has(name) || query.Get(name) == value }
	d.mu.Lock()
	tickets := d.state.list(func(ticket Ticket) bool {
		return matches("key", ticket.Key) && matches("subjectKey", ticket.SubjectKey) && matches("state", ticket.State)
	})
	d.mu.Unlock()
	writeJSON(w, tickets)
}

// showTicket shows one ticket by its id.
func (d *Desk) showTicket(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	tickets := d.state.list(func(ticket Ticket) bool { return ticket.ID == r.PathValue("id") })
	d.mu.Unlock()
	if len(tickets) == 0 {
		http.NotFound(w, r)
		return
	}
	writeJSON(w, tickets[0])
}

var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Ticket desk</title>
<style>body{font:16px/1.5 sans-serif;margin:2rem}td,th{padding:.3rem 1rem .3rem 0;text-align:left;vertical-align:top}
.closed{opacity:.6}</style>
<h1>Ticket desk</h1>
{{if .}}<table><tr><th>Ticket<th>State<th>Severity<th>Rule<th>Subject<th>Assignee<th>Title
{{range .}}<tr class="{{.State}}"><td><a href="/tickets/{{.ID}}">{{.ID}}</a><td>{{.State}}<td>{{.Severity}}<td>{{.Rule}}<td>{{.Subject}}<td>{{.Assignee}}<td>{{.Title}}
{{end}}</table>{{else}}<p>No tickets.</p>{{end}}
<p><a href="/tickets">Tickets as JSON</a> · <a href="/messages">every message received</a></p>
</html>
`))

// showPage shows the tickets to a person.
func (d *Desk) showPage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// A reader that has gone away does not read it.
	_ = page.Execute(w, d.Tickets())
}
