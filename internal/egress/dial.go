package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
)

// dialNotesKey is the key under which a dial finds its notes.
type dialNotesKey struct{}

// dialNotes collects what the guard said to each address of one dial. Addresses are tried in parallel.
type dialNotes struct {
	mu      sync.Mutex
	allowed int
	refusal error
}

// record notes one verdict of the guard.
func (n *dialNotes) record(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err == nil {
		n.allowed++
		return
	}
	n.refusal = err
}

// verdict returns how many addresses were allowed, and a refusal if there was one.
func (n *dialNotes) verdict() (allowed int, refusal error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.allowed, n.refusal
}

// dial wraps the dialer so that its error tells "every address is forbidden", which lasts, from "an allowed address did
// not answer", which passes. The dialer itself returns the first error it met, which may be of either kind.
func (g *Guard) dial(dialer *net.Dialer) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		notes := &dialNotes{}
		connection, err := dialer.DialContext(context.WithValue(ctx, dialNotesKey{}, notes), network, address)
		if err == nil {
			return connection, nil
		}
		allowed, refusal := notes.verdict()
		if refusal != nil && allowed == 0 {
			return nil, refusal
		}
		if errors.Is(err, ErrForbiddenAddress) {
			return nil, fmt.Errorf("%w: no allowed address accepted", ErrUnreachable)
		}
		return nil, err
	}
}
