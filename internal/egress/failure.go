package egress

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
)

// progress notes how far a request got. The transport calls from several goroutines.
type progress struct {
	mu sync.Mutex
	at stage
}

// stage is how far a request got.
type stage struct {
	// connected: the request has a connection, TLS agreed, and bytes of it may leave from now on.
	connected bool
	// untrusted: a TLS handshake failed.
	untrusted bool
}

// trace returns the hooks. GotConn is called before the first byte of the request is written, and after dialling, the
// proxy's CONNECT and the TLS handshake.
func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { p.note(func(s *stage) { s.connected = true }) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			p.note(func(s *stage) { s.untrusted = s.untrusted || err != nil })
		},
	}
}

// note changes the stage.
func (p *progress) note(change func(*stage)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.at)
}

// state reads the stage.
func (p *progress) state() stage {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at
}

// failure describes why a request that was built got no whole reply. The cause is shown as a short, scrubbed text and
// not wrapped, because errors of net/http quote URLs and replies.
func (c *Client) failure(ctx context.Context, target *url.URL, at stage, status int, cause error) *Error {
	kind := kindOf(ctx, at, cause)
	outcome := Unknown
	if !at.connected || refusedByTLS(cause) {
		outcome = NotSent
	}
	detail := strings.TrimPrefix(c.Excerpt(describe(cause)), kind.Error()+": ")
	if errors.Is(kind, ErrTimeout) || errors.Is(kind, ErrCanceled) {
		detail = "while " + doing(at, status)
	}
	return &Error{
		Outcome:   outcome,
		Permanent: errors.Is(kind, ErrForbiddenAddress),
		Status:    status,
		origin:    originOf(target),
		kind:      kind,
		detail:    detail,
	}
}

// kindOf names the failure. The order matters: a guard's refusal is a refusal also when the deadline has passed since.
func kindOf(ctx context.Context, at stage, cause error) error {
	var netErr net.Error
	switch {
	case errors.Is(cause, ErrForbiddenAddress):
		return ErrForbiddenAddress
	case errors.Is(ctx.Err(), context.Canceled):
		return ErrCanceled
	case ctx.Err() != nil, errors.As(cause, &netErr) && netErr.Timeout():
		return ErrTimeout
	case at.untrusted, refusedByTLS(cause):
		return ErrTLS
	case at.connected:
		return ErrInterrupted
	default:
		return ErrUnreachable
	}
}

// doing continues "while ...".
func doing(at stage, status int) string {
	switch {
	case status != 0:
		return "reading the reply"
	case at.connected:
		return "waiting for the reply"
	default:
		return "connecting"
	}
}

// certificateAlerts are what a receiver says when it does not accept the client's certificate. With TLS 1.3 that comes
// after the client has begun to send, yet before the receiver takes any of it.
var certificateAlerts = []string{
	"bad certificate", "unsupported certificate", "revoked certificate", "expired certificate", "unknown certificate",
	"unknown certificate authority", "certificate required",
}

// refusedByTLS says whether the receiver ended the handshake because of a certificate.
func refusedByTLS(cause error) bool {
	var remote *net.OpError
	if !errors.As(cause, &remote) || remote.Op != "remote error" || remote.Err == nil {
		return false
	}
	text := remote.Err.Error()
	for _, alert := range certificateAlerts {
		if strings.HasSuffix(text, "tls: "+alert) {
			return true
		}
	}
	return false
}

// shownOrigin is the origin of a URL that may not even parse.
func shownOrigin(raw string) string {
	target, err := parseURL(raw)
	if err != nil {
		return "an invalid URL"
	}
	return originOf(target)
}
