package egress

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
)

const (
	// MaxRequestBody bounds what is sent, in bytes. It is above the 16 KiB of a ticket's body with room for what wraps it.
	MaxRequestBody = 64 << 10
	// MaxResponseBody bounds what is kept of a reply, in bytes, after decompression.
	MaxResponseBody = 64 << 10
	// MaxListBody is the same for a request that asks for it: a page of a list of tickets.
	MaxListBody = 1 << 20
)

// methods are those that a ticket system or a source of values may be asked with.
var methods = map[string]bool{
	http.MethodGet: true, http.MethodPost: true, http.MethodPut: true, http.MethodPatch: true, http.MethodDelete: true,
}

// Request is one message to an endpoint.
type Request struct {
	// Method is GET, POST, PUT, PATCH or DELETE.
	Method string
	// URL is absolute; see Guard.CheckURL.
	URL string
	// Header holds what CheckHeader accepts. Credentials go into Options.Auth.
	Header map[string]string
	// Body is at most MaxRequestBody bytes.
	Body []byte
	// Listing asks for a reply of up to MaxListBody bytes.
	Listing bool
}

// limit is how much is kept of the reply to a request.
func (r Request) limit() int {
	if r.Listing {
		return MaxListBody
	}
	return MaxResponseBody
}

// Response is the reply of the receiver, whatever its status is.
type Response struct {
	// Status is the HTTP status code, such as 201.
	Status int
	// Header is as received, at most 64 KiB of it.
	Header http.Header
	// Body is decompressed and at most MaxResponseBody bytes, or MaxListBody.
	Body []byte
	// Truncated says that the reply was longer than Body.
	Truncated bool
}

// build checks the request and turns it into one of net/http.
func (c *Client) build(ctx context.Context, request Request) (*http.Request, error) {
	target, err := c.guard.CheckURL(request.URL)
	if err != nil {
		return nil, err
	}
	if !methods[request.Method] {
		return nil, fmt.Errorf("%w: the method %s must be GET, POST, PUT, PATCH or DELETE",
			ErrInvalidRequest, quoted(request.Method))
	}
	if len(request.Body) > MaxRequestBody {
		return nil, fmt.Errorf("%w: the body is longer than %d bytes", ErrInvalidRequest, MaxRequestBody)
	}
	built, err := http.NewRequestWithContext(ctx, request.Method, target.String(), bytes.NewReader(request.Body))
	if err != nil {
		return nil, fmt.Errorf("%w: the URL cannot be requested", ErrInvalidRequest)
	}
	// Without GetBody the transport cannot send the body a second time by itself, which it otherwise does when a
	// connection breaks and the request carries an Idempotency-Key.
	built.GetBody = nil
	if err := c.setHeader(built.Header, request.Header); err != nil {
		return nil, err
	}
	return built, nil
}

// setHeader writes the headers of the request. Credentials are written later, over whatever the caller chose.
func (c *Client) setHeader(target http.Header, wanted map[string]string) error {
	target.Set("User-Agent", c.userAgent)
	for name, value := range wanted {
		if err := CheckHeader(name, value); err != nil {
			return err
		}
		target.Set(name, value)
	}
	return nil
}

// readBody reads at most so many bytes. The transport has undone gzip, so a small reply that would grow large
// stops growing here.
func readBody(body io.Reader, limit int) (content []byte, truncated bool, err error) {
	content, err = io.ReadAll(io.LimitReader(body, int64(limit)+1))
	if len(content) > limit {
		return content[:limit], true, nil
	}
	return content, false, err
}
