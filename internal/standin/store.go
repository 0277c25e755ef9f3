package standin

import (
	"maps"
	"slices"
	"time"
)

// record is a ticket at one moment.
type record struct {
	id string
	// number counts the records of a stand-in from 1.
	number int
	// home is the project, the repository or the table that it belongs to.
	home     string
	url      string
	title    string
	body     string
	state    string
	labels   []string
	comments []comment
	fields   map[string]any
	created  time.Time
	changed  time.Time
	// closed is when it was closed; zero while it is open.
	closed  time.Time
	deleted bool
}

// comment is something that was said about a ticket.
type comment struct {
	text string
	at   time.Time
}

// say adds a comment.
func (r *record) say(text string) { r.comments = append(r.comments, comment{text, r.changed}) }

// field is the text of a field, empty where it is not set.
func (r *record) field(name string) string { return textOf(r.fields[name]) }

// copyOf copies all that a change alters. The values of fields are replaced, never altered.
func copyOf(r record) record {
	r.labels, r.comments = slices.Clone(r.labels), slices.Clone(r.comments)
	r.fields = maps.Clone(r.fields)
	return r
}

// history is a ticket with its past, so that a search can lag behind. The newest version is the last.
type history struct {
	versions []record
	closes   func(state string) bool
}

func (h *history) latest() record { return h.versions[len(h.versions)-1] }

// change makes a new version. It keeps what the record was: the caller alters a copy.
func (h *history) change(now time.Time, alter func(*record)) record {
	next := copyOf(h.latest())
	next.changed = now
	alter(&next)
	next.date(h.closes(next.state))
	h.versions = append(h.versions, next)
	return next
}

// date keeps when the record was closed.
func (r *record) date(closed bool) {
	if !closed {
		r.closed = time.Time{}
		return
	}
	if r.closed.IsZero() {
		r.closed = r.changed
	}
}

// at is the newest version that is not younger than the moment; false where there was none, or it was deleted.
func (h *history) at(moment time.Time) (record, bool) {
	for _, version := range slices.Backward(h.versions) {
		if !version.changed.After(moment) {
			return version, !version.deleted
		}
	}
	return record{}, false
}

// store keeps all tickets of a stand-in, in the order in which they were created.
type store struct {
	all    []*history
	closes func(state string) bool
}

// next is the number of the ticket that is created next.
func (s *store) next() int { return len(s.all) + 1 }

// add keeps a new ticket.
func (s *store) add(r record, now time.Time) *history {
	r.number, r.created, r.changed = s.next(), now, now
	if r.fields == nil {
		r.fields = map[string]any{}
	}
	r.date(s.closes(r.state))
	added := &history{versions: []record{r}, closes: s.closes}
	s.all = append(s.all, added)
	return added
}

// find finds a ticket that is not deleted.
func (s *store) find(id string) (*history, bool) {
	found, present := s.lookUp(id)
	return found, present && !found.latest().deleted
}

// lookUp finds a ticket, deleted or not.
func (s *store) lookUp(id string) (*history, bool) {
	for _, candidate := range s.all {
		if candidate.latest().id == id {
			return candidate, true
		}
	}
	return nil, false
}

// list is every ticket that matches, as it was at the moment, the oldest first.
func (s *store) list(moment time.Time, matches func(record) bool) []record {
	listed := []record{}
	for _, candidate := range s.all {
		if version, visible := candidate.at(moment); visible && matches(version) {
			listed = append(listed, version)
		}
	}
	return listed
}
