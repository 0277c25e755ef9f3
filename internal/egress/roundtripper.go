package egress

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
)

// roundTripper sends requests of a client library through a Client.
type roundTripper struct {
	client *Client
	// anonymous requests are not logged in: those that fetch a token.
	anonymous bool
}

// RoundTripper returns a transport for client libraries of systems that are asked and never changed. Every request goes
// through the guard, is logged in, has the deadline of the endpoint for everything up to the last byte of the reply, and
// fails where the reply is a redirect or longer than MaxResponseBody. Connections are kept, and a request whose kept
// connection turns out to be closed is sent again, also a POST: use it for queries only. Errors are *Error, which
// net/http wraps.
func (c *Client) RoundTripper() http.RoundTripper { return &roundTripper{client: c} }

// RoundTrip implements http.RoundTripper.
func (r *roundTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(request.Context(), r.client.timeout)
	exchange := &exchange{client: r.client, ctx: ctx, cancel: cancel, target: request.URL, steps: &progress{}}
	prepared, token, err := r.prepare(ctx, exchange.steps, request)
	if err != nil {
		cancel()
		closeBody(request)
		return nil, err
	}
	reply, err := r.client.reads.RoundTrip(prepared)
	if err != nil {
		defer cancel()
		return nil, exchange.failure(0, err)
	}
	r.client.noticeRefusal(token, reply.StatusCode)
	if isRedirect(reply.StatusCode) {
		defer cancel()
		_ = reply.Body.Close()
		return nil, redirected(request.URL, reply.StatusCode)
	}
	reply.Body = &boundedBody{exchange: exchange, status: reply.StatusCode, body: reply.Body, left: MaxResponseBody}
	return reply, nil
}

// prepare checks a request and returns a copy of it that can be sent, and the token that it logs in with.
func (r *roundTripper) prepare(ctx context.Context, steps *progress, request *http.Request) (*http.Request, string, error) {
	if err := r.check(request); err != nil {
		return nil, "", rejected(originOf(request.URL), err)
	}
	prepared := request.Clone(httptrace.WithClientTrace(ctx, steps.trace()))
	// The guard has judged the URL, so nothing else may say who is asked.
	prepared.Host = ""
	if prepared.Header == nil {
		prepared.Header = http.Header{}
	}
	prepared.Header.Set("User-Agent", r.client.userAgent)
	// An empty key is not sent. It tells the transport that the request may be sent again.
	prepared.Header["Idempotency-Key"] = []string{}
	if r.anonymous {
		return prepared, "", nil
	}
	token, err := r.client.login(ctx, prepared.Header)
	return prepared, token, err
}

// check is what Client.build checks, for a request that a library has made. Its query may be longer than a URL that
// somebody wrote: libraries put there what a server does not accept as a body.
func (r *roundTripper) check(request *http.Request) error {
	if request.URL == nil {
		return fmt.Errorf("%w: there is no URL", ErrInvalidRequest)
	}
	withoutQuery := *request.URL
	withoutQuery.RawQuery = ""
	if _, err := r.client.guard.CheckURL(withoutQuery.String()); err != nil {
		return err
	}
	if !methods[request.Method] {
		return fmt.Errorf("%w: the method %s must be GET, POST, PUT, PATCH or DELETE",
			ErrInvalidRequest, quoted(request.Method))
	}
	if request.ContentLength > MaxRequestBody || len(request.URL.RawQuery) > MaxRequestBody {
		return fmt.Errorf("%w: the request is longer than %d bytes", ErrInvalidRequest, MaxRequestBody)
	}
	if r.anonymous {
		// The library for tokens writes the credentials of the client itself.
		return nil
	}
	return checkHeaders(request.Header)
}

// checkHeaders refuses what a caller of Client.Do could not set either.
func checkHeaders(header http.Header) error {
	for name, values := range header {
		for _, value := range values {
			if err := CheckHeader(name, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// closeBody keeps the promise of http.RoundTripper for a request that is not sent.
func closeBody(request *http.Request) {
	if request.Body != nil {
		_ = request.Body.Close()
	}
}

// exchange is one request on its way.
type exchange struct {
	client *Client
	ctx    context.Context
	cancel context.CancelFunc
	target *url.URL
	steps  *progress
}

// failure describes what went wrong with the exchange.
func (e *exchange) failure(status int, cause error) *Error {
	return e.client.failure(e.ctx, e.target, e.steps.state(), status, cause)
}

// boundedBody is the body of a reply, of which at most MaxResponseBody bytes can be read. The transport has undone gzip
// below it.
type boundedBody struct {
	exchange *exchange
	status   int
	body     io.ReadCloser
	left     int
}

// Read implements io.Reader.
func (b *boundedBody) Read(into []byte) (int, error) {
	if b.left < 0 {
		return 0, b.tooLong()
	}
	read, err := b.body.Read(into)
	b.left -= read
	if b.left < 0 {
		return read + b.left, b.tooLong()
	}
	if late := b.exchange.ctx.Err(); late != nil && errors.Is(err, io.EOF) {
		// A server that notices that we are leaving may end its reply properly, though it is not whole.
		err = late
	}
	if err == nil || errors.Is(err, io.EOF) {
		return read, err
	}
	return read, b.exchange.failure(b.status, err)
}

// tooLong is the error for the first byte past the bound, and for every read after it.
func (b *boundedBody) tooLong() *Error {
	return &Error{Outcome: Answered, Status: b.status, origin: originOf(b.exchange.target), kind: ErrTooLong}
}

// Close implements io.Closer.
func (b *boundedBody) Close() error {
	defer b.exchange.cancel()
	return b.body.Close()
}
