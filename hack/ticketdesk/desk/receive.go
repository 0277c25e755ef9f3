package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	// maxBody bounds a message, in bytes.
	maxBody = 1 << 20
	// tolerance is how old, or how far ahead, a signed message may be.
	tolerance = 5 * time.Minute
)

// receive takes one message.
func (d *Desk) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusRequestEntityTooLarge)
		return
	}
	message, readable := d.note(r, string(body))
	fault := d.askHook(message)
	answer, err := d.take(message, readable, fault.Skip)
	if fault.Hold != nil {
		select {
		case <-fault.Hold:
		case <-r.Context().Done():
		}
	}
	switch {
	case fault.HangUp:
		hangUp()
	case fault.Status != 0:
		fault.answer(w)
	case err != nil:
		refuse(w, err)
	default:
		writeJSON(w, answer)
	}
}

// note writes down a request before anything is decided about it.
func (d *Desk) note(r *http.Request, body string) (Message, error) {
	message := Message{
		ID: r.Header.Get(standardwebhooks.HeaderWebhookID), Path: r.URL.RequestURI(), Header: r.Header.Clone(), Body: body,
	}
	if d.options.Now != nil {
		message.Time = d.options.Now()
	}
	event, err := readEvent(message)
	message.Event = event
	if err != nil {
		err = &refusal{http.StatusBadRequest, err.Error()}
	}
	if forged := d.verify(message); forged != nil {
		err = &refusal{http.StatusUnauthorized, forged.Error()}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	message.Sequence = len(d.state.Messages) + 1
	_, message.Duplicate = d.state.Taken[message.ID]
	d.state.Messages = append(d.state.Messages, message)
	return message, err
}

// askHook asks the hook outside the lock, so that it may call the desk.
func (d *Desk) askHook(message Message) Fault {
	d.mu.Lock()
	hook := d.onRequest
	d.mu.Unlock()
	if hook == nil {
		return Fault{}
	}
	return hook(message)
}

// take carries out a message, or answers a duplicate with the state that its ticket has by now. What is wrong with the
// message comes in as problem.
func (d *Desk) take(message Message, problem error, skip bool) (reply, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	noted := &d.state.Messages[message.Sequence-1]
	if problem == nil {
		earlier, duplicate := d.state.Taken[message.ID]
		noted.Duplicate, noted.Stored, noted.SameBody = duplicate, duplicate, duplicate && earlier.Body == message.Body
		if duplicate {
			return d.state.present(earlier.TicketID), d.save()
		}
	}
	if skip {
		return reply{}, d.save()
	}
	answer, err := d.carryOut(message, problem)
	if err != nil {
		noted.Refused = err.Error()
		return reply{}, errors.Join(err, d.save())
	}
	noted.Stored = true
	return answer, d.save()
}

// carryOut applies a message that is none of the known ones, and keeps its id.
func (d *Desk) carryOut(message Message, problem error) (reply, error) {
	if problem != nil {
		return reply{}, problem
	}
	ticket, err := d.state.apply(message.Event, d.URL())
	if err != nil {
		return reply{}, err
	}
	d.state.Taken[message.ID] = taken{TicketID: ticket.ID, Body: message.Body}
	return d.state.present(ticket.ID), nil
}

// verify says why the signature of a message does not convince.
func (d *Desk) verify(message Message) error {
	if len(d.options.Keys) == 0 {
		return nil
	}
	if err := d.checkAge(message); err != nil {
		return err
	}
	for _, key := range d.options.Keys {
		verifier, err := standardwebhooks.NewWebhook(key)
		if err != nil {
			return errors.New("a key of the desk is malformed")
		}
		if verifier.VerifyIgnoringTimestamp([]byte(message.Body), message.Header) == nil {
			return nil
		}
	}
	return errors.New("no signature matches a key of the desk")
}

// checkAge refuses what may be a recording, by the desk's own clock.
func (d *Desk) checkAge(message Message) error {
	if d.options.Now == nil {
		return nil
	}
	seconds, err := strconv.ParseInt(message.Header.Get(standardwebhooks.HeaderWebhookTimestamp), 10, 64)
	if err != nil {
		return errors.New("the header webhook-timestamp must be a number of seconds")
	}
	if message.Time.Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return fmt.Errorf("the message is more than %s away from the desk's clock", tolerance)
	}
	return nil
}

// refuse answers with what is wrong.
func refuse(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	var refused *refusal
	if errors.As(err, &refused) {
		status = refused.status
	}
	http.Error(w, err.Error(), status)
}

// writeJSON answers with a value.
func writeJSON(w http.ResponseWriter, value any) {
	content, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "the answer cannot be written as JSON", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	// A reader that has gone away does not read it.
	_, _ = w.Write(append(content, '\n'))
}
