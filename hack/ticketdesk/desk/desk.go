// Package desk is a small, real ticket desk: an HTTP server that takes the messages of a TicketSystem of type Webhook,
// keeps tickets, removes duplicates, and lists what it received. Tests and the demonstration use it in place of a
// product that would need an installation.
//
// It can fail on purpose, after having stored a message as well as before: see Fault.
package desk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Options say how a desk behaves. The zero value listens on a free port of 127.0.0.1, in memory, without signatures.
type Options struct {
	// Listen is the address to listen on. Default: 127.0.0.1:0.
	Listen string
	// Keys verify the signature of each message ("whsec_..."); one of them has to match. Empty: signatures are not
	// looked at.
	Keys []string
	// Now dates what was received, and with Keys limits the age of a message. Without it nothing is dated.
	Now func() time.Time
	// Store is a file that keeps the desk's state over restarts. Empty: memory only.
	Store string
	// OnRequest is asked about each message before it is taken, and may make the desk fail. It may call the desk.
	OnRequest func(Message) Fault
}

// Desk is a running desk. It is safe for concurrent use.
type Desk struct {
	options Options
	address string

	mu        sync.Mutex
	onRequest func(Message) Fault
	state     state

	serving sync.Mutex // guards server and done
	server  *http.Server
	done    chan struct{}
}

// New starts a desk.
func New(options Options) (*Desk, error) {
	desk := &Desk{options: options, address: options.Listen, onRequest: options.OnRequest, state: newState()}
	if desk.address == "" {
		desk.address = "127.0.0.1:0"
	}
	if err := desk.load(); err != nil {
		return nil, err
	}
	if err := desk.Up(); err != nil {
		return nil, err
	}
	return desk, nil
}

// URL is where messages are posted.
func (d *Desk) URL() string { return "http://" + d.address }

// SetOnRequest replaces the hook of the options; nil ends all faults.
func (d *Desk) SetOnRequest(hook func(Message) Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.onRequest = hook
}

// Up listens again, on the port that the desk had before. It does nothing where the desk is up.
func (d *Desk) Up() error {
	d.serving.Lock()
	defer d.serving.Unlock()
	if d.server != nil {
		return nil
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", d.address)
	if err != nil {
		return fmt.Errorf("listening for messages: %w", err)
	}
	if d.address != listener.Addr().String() {
		d.address = listener.Addr().String() // the first time, before anybody else reads it
	}
	server := &http.Server{Handler: d.handler(), ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	d.server, d.done = server, done
	go func() {
		defer close(done)
		// It ends by Down, and then says so by an error.
		_ = server.Serve(listener)
	}()
	return nil
}

// Down refuses connections and breaks those that are open, until Up.
func (d *Desk) Down() error {
	d.serving.Lock()
	defer d.serving.Unlock()
	if d.server == nil {
		return nil
	}
	err := d.server.Close()
	<-d.done
	d.server = nil
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("closing the listener: %w", err)
	}
	return nil
}

// Close ends the desk.
func (d *Desk) Close() error { return d.Down() }

// Tickets lists all tickets, in the order in which they were opened.
func (d *Desk) Tickets() []Ticket {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state.list(func(Ticket) bool { return true })
}

// Ticket returns the ticket with that ticket key.
func (d *Desk) Ticket(key string) (Ticket, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state.find(key)
}

// Messages lists every request that was received, in that order, duplicates and failed ones too.
func (d *Desk) Messages() []Message {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Message{}, d.state.Messages...)
}

// Duplicates counts the messages that had been taken before.
func (d *Desk) Duplicates() int {
	count := 0
	for _, message := range d.Messages() {
		if message.Duplicate {
			count++
		}
	}
	return count
}
