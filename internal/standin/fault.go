package standin

import (
	"net/http"
	"strings"
)

// Fault is how a stand-in fails on a request. The zero value is no fault.
type Fault struct {
	refused  *reply
	drop     bool
	lose     bool
	status   int
	released <-chan struct{}
}

// Refuse answers with the status before anything is done.
func Refuse(status int, body string, header http.Header) Fault {
	return Fault{refused: &reply{status: status, body: []byte(body), header: header}}
}

// DropBefore closes the connection before anything is done.
func DropBefore() Fault { return Fault{drop: true} }

// LoseReply does the work, then closes the connection without an answer. net/http repeats a GET by itself whose connection
// was used before.
func LoseReply() Fault { return Fault{lose: true} }

// FailAfter does the work, then answers with the status, such as 500.
func FailAfter(status int) Fault { return Fault{status: status} }

// DelayReply does the work, then answers when the channel is closed, or never.
func DelayReply(released <-chan struct{}) Fault { return Fault{released: released} }

// Match chooses requests, by their method and by their path as it was sent, without its query.
type Match func(method, path string) bool

// To matches requests whose path contains the fragment; an empty method is any.
func To(method, fragment string) Match {
	return func(asked, path string) bool {
		return (method == "" || method == asked) && strings.Contains(path, fragment)
	}
}

// pending is a fault that has yet to happen so many times.
type pending struct {
	fault Fault
	when  Match
	left  int
}

// Fail makes the next so many matching requests fail. Of several faults that match, the one that was declared first
// happens.
func (t *Tracker) Fail(fault Fault, times int, when Match) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults = append(t.faults, &pending{fault: fault, when: when, left: times})
}

// Heal forgets all faults, and says how many had yet to happen.
func (t *Tracker) Heal() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	left := 0
	for _, fault := range t.faults {
		left += fault.left
	}
	t.faults = nil
	return left
}

// due takes the fault for a request. The caller holds the lock.
func (t *Tracker) due(r *http.Request) Fault {
	for _, candidate := range t.faults {
		if candidate.left > 0 && candidate.when(r.Method, r.URL.EscapedPath()) {
			candidate.left--
			return candidate.fault
		}
	}
	return Fault{}
}

// before ends a request whose work is not done, and says whether it did.
func (f Fault) before(w http.ResponseWriter) bool {
	if f.drop {
		hangUp()
	}
	if f.refused == nil {
		return false
	}
	f.refused.write(w)
	return true
}

// after ends a request whose work is done.
func (f Fault) after(w http.ResponseWriter, r *http.Request, done reply) {
	if f.released != nil {
		select {
		case <-f.released:
		case <-r.Context().Done():
		}
	}
	switch {
	case f.lose:
		hangUp()
	case f.status != 0:
		plain(f.status, "stand-in: the work is done, and this failure is on purpose").write(w)
	default:
		done.write(w)
	}
}

// hangUp closes the connection of a request. The abort is how net/http wants to be told.
func hangUp() { panic(http.ErrAbortHandler) }
