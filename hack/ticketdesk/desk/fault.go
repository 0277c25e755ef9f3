package desk

import (
	"bytes"
	"net/http"
	"strconv"
)

// Fault is how the desk fails on one message. The zero value is no fault. The order is fixed: store (or not), hold, then
// hang up or answer.
type Fault struct {
	// Skip leaves the message untaken.
	Skip bool
	// Hold waits for this channel, or for the sender to go away.
	Hold <-chan struct{}
	// HangUp closes the connection without an answer.
	HangUp bool
	// Status replaces the answer, with Header and Body. 0 answers as usual.
	Status int
	Header map[string]string
	Body   []byte
}

// FailAfterStoring takes the message and answers with a server error.
func FailAfterStoring() Fault { return Fault{Status: http.StatusInternalServerError} }

// FailBeforeStoring answers with a server error and takes nothing.
func FailBeforeStoring() Fault { return Fault{Skip: true, Status: http.StatusInternalServerError} }

// HangAfterStoring takes the message and answers when release is closed, or never.
func HangAfterStoring(release <-chan struct{}) Fault { return Fault{Hold: release} }

// HangUpAfterStoring takes the message and closes the connection.
func HangUpAfterStoring() Fault { return Fault{HangUp: true} }

// HangUpBeforeStoring closes the connection and takes nothing.
func HangUpBeforeStoring() Fault { return Fault{Skip: true, HangUp: true} }

// TooManyRequests takes nothing and asks to wait for some seconds.
func TooManyRequests(seconds int) Fault {
	return Fault{
		Skip:   true,
		Status: http.StatusTooManyRequests,
		Header: map[string]string{"Retry-After": strconv.Itoa(seconds)},
	}
}

// Refuse takes nothing and answers with the status, such as 410 for a hook that is gone.
func Refuse(status int) Fault { return Fault{Skip: true, Status: status} }

// AnswerHuge takes the message and answers with so many bytes.
func AnswerHuge(size int) Fault {
	return Fault{Status: http.StatusOK, Body: bytes.Repeat([]byte("x"), size)}
}

// AnswerGarbage takes the message and answers with what is no JSON.
func AnswerGarbage() Fault {
	return Fault{Status: http.StatusOK, Body: []byte("<html>\x00 it works! </html")}
}

// hangUp closes the connection of a request. The abort is how net/http wants to be told.
func hangUp() { panic(http.ErrAbortHandler) }

// answer writes the answer of the fault.
func (f Fault) answer(w http.ResponseWriter) {
	for name, value := range f.Header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(f.Status)
	// A sender that has gone away does not read it.
	_, _ = w.Write(f.Body)
}
