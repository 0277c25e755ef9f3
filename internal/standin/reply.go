package standin

import (
	"encoding/json"
	"errors"
	"net/http"
)

// object is a JSON object.
type object = map[string]any

// reply is what a vendor answers.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// answer is a reply in JSON.
func answer(status int, value any) reply {
	content, err := json.Marshal(value)
	if err != nil {
		return plain(http.StatusInternalServerError, "stand-in: the reply is no JSON: "+err.Error())
	}
	return reply{status: status, body: content}.with("Content-Type", "application/json; charset=utf-8")
}

// plain is a reply in text.
func plain(status int, text string) reply {
	return reply{status: status, body: []byte(text)}.with("Content-Type", "text/plain; charset=utf-8")
}

// empty is a reply without a body.
func empty(status int) reply { return reply{status: status} }

// with is the reply with one more header.
func (r reply) with(name, value string) reply {
	header := r.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set(name, value)
	r.header = header
	return r
}

// write sends the reply.
func (r reply) write(w http.ResponseWriter) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	w.WriteHeader(r.status)
	if len(r.body) == 0 {
		return
	}
	// A client that has gone away does not read it.
	_, _ = w.Write(r.body)
}

// refusalError is a reply that ends a handler early.
type refusalError struct{ reply reply }

// Error says what is answered.
func (e *refusalError) Error() string { return string(e.reply.body) }

// refuse makes a reply an error.
func refuse(r reply) error { return &refusalError{reply: r} }

// stricter refuses what the vendor would silently ignore, or what the stand-in does not know.
func stricter(text string) error { return refuse(plain(http.StatusBadRequest, "stand-in: "+text)) }

// settle is what is answered after a handler ended.
func settle(r reply, err error) reply {
	var refused *refusalError
	switch {
	case err == nil:
		return r
	case errors.As(err, &refused):
		return refused.reply
	default:
		return plain(http.StatusInternalServerError, "stand-in: "+err.Error())
	}
}
