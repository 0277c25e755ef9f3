package egress

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	// DefaultTimeout is the deadline of a request whose endpoint names none.
	DefaultTimeout = 10 * time.Second
	// MaxTimeout is the longest deadline that an endpoint may have.
	MaxTimeout = 60 * time.Second
	// MaxConnections is how many connections to one host there may be at once.
	MaxConnections = 64
	// defaultUserAgent is how Gemba introduces itself.
	defaultUserAgent = "gemba"
)

// Options are what one endpoint says about how to be reached.
type Options struct {
	// Timeout is the deadline for everything from resolving the name to the last byte of the reply. Default:
	// DefaultTimeout; at most MaxTimeout.
	Timeout time.Duration
	// CABundle holds the authorities, in PEM, to trust instead of the system's.
	CABundle []byte
	// ClientCert and ClientKey, in PEM, are presented to the receiver. Give both or none.
	ClientCert, ClientKey []byte
	// ProxyURL names an HTTP proxy. The environment's proxy variables are ignored. The proxy's own address is guarded;
	// the names that it resolves are not, so who configures a proxy hands that check to it.
	ProxyURL string
	// Auth logs in.
	Auth Auth
	// UserAgent replaces "gemba".
	UserAgent string
	// Connections is how many connections there may be at once, at most MaxConnections; as many are kept for the next
	// request. Default: 8, of which 2 are kept.
	Connections int
	// Secrets are further values that no error may show, such as signing keys.
	Secrets []string
}

// Client talks to one endpoint. It is safe for concurrent use. It follows no redirect and keeps no cookie.
type Client struct {
	guard     *Guard
	timeout   time.Duration
	auth      Auth
	tokens    *tokens
	userAgent string
	secrets   []string
	// reads serves GET and what RoundTripper sends, writes everything else; see newTransport.
	reads, writes *http.Transport
}

// settings are the checked options that a transport needs.
type settings struct {
	timeout     time.Duration
	tls         *tls.Config
	proxy       *url.URL
	connections int
}

// NewClient checks the options. Its errors wrap ErrInvalidRequest or ErrForbiddenAddress and say what to change.
func NewClient(guard *Guard, options Options) (*Client, error) {
	timeout := options.Timeout
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	if timeout < 0 || timeout > MaxTimeout {
		return nil, fmt.Errorf("%w: the timeout must be at most %s", ErrInvalidRequest, MaxTimeout)
	}
	if err := options.Auth.check(); err != nil {
		return nil, err
	}
	userAgent := options.UserAgent
	if userAgent == "" {
		userAgent = defaultUserAgent
	}
	if err := checkHeaderValue("User-Agent", userAgent); err != nil {
		return nil, err
	}
	checked, err := guard.settings(timeout, options)
	if err != nil {
		return nil, err
	}
	client := &Client{
		guard:     guard,
		timeout:   timeout,
		auth:      options.Auth,
		userAgent: userAgent,
		secrets:   append(append([]string{}, options.Auth.secrets...), options.Secrets...),
		reads:     newTransport(guard, checked, true),
		writes:    newTransport(guard, checked, false),
	}
	if client.tokens, err = newTokens(client, options.Auth.grant); err != nil {
		return nil, err
	}
	return client, nil
}

// settings checks what a transport needs.
func (g *Guard) settings(timeout time.Duration, options Options) (settings, error) {
	if options.Connections < 0 || options.Connections > MaxConnections {
		return settings{}, fmt.Errorf("%w: there may be at most %d connections", ErrInvalidRequest, MaxConnections)
	}
	config, err := tlsConfig(options)
	if err != nil {
		return settings{}, err
	}
	proxy, err := g.checkProxy(options.ProxyURL)
	if err != nil {
		return settings{}, err
	}
	return settings{timeout: timeout, tls: config, proxy: proxy, connections: options.Connections}, nil
}

// checkProxy accepts a proxy over http:// whatever the flags say: what goes through it to an https:// URL is encrypted.
func (g *Guard) checkProxy(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, nil
	}
	proxy, err := parseURL(raw)
	if err == nil {
		err = g.checkHost(proxy)
	}
	if err != nil {
		return nil, fmt.Errorf("checking the proxy: %w", err)
	}
	return proxy, nil
}

// Do sends the request and returns the reply, whatever its status is, except that a redirect is an error. Nothing but a
// GET is ever sent a second time. Every error is an *Error; OutcomeOf says whether the request may have been received.
// With an error after the reply began, the Response holds what came of it.
func (c *Client) Do(ctx context.Context, request Request) (Response, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	steps := &progress{}
	built, err := c.build(httptrace.WithClientTrace(ctx, steps.trace()), request)
	if err != nil {
		return Response{}, rejected(shownOrigin(request.URL), err)
	}
	token, err := c.login(ctx, built.Header)
	if err != nil {
		return Response{}, err
	}
	reply, err := c.transport(request.Method).RoundTrip(built)
	if err != nil {
		return Response{}, c.failure(ctx, built.URL, steps.state(), 0, err)
	}
	defer func() { _ = reply.Body.Close() }()
	c.noticeRefusal(token, reply.StatusCode)
	response := Response{Status: reply.StatusCode, Header: reply.Header}
	response.Body, response.Truncated, err = readBody(reply.Body, request.limit())
	if err == nil {
		// A server that notices that we are leaving may end its reply properly, though it is not whole.
		err = ctx.Err()
	}
	if err != nil {
		return response, c.failure(ctx, built.URL, steps.state(), reply.StatusCode, err)
	}
	if isRedirect(reply.StatusCode) {
		return response, redirected(built.URL, reply.StatusCode)
	}
	return response, nil
}

// isRedirect says whether a status sends the client elsewhere.
func isRedirect(status int) bool { return status >= 300 && status < 400 }

// redirected is the error for a reply that is a redirect.
func redirected(target *url.URL, status int) *Error {
	return &Error{Outcome: Answered, Permanent: true, Status: status, origin: originOf(target), kind: ErrRedirect}
}

// shortSecret is how long a secret is at least that is taken out of whole replies: shorter ones, a user name above all, are words
// that stand there anyway.
const shortSecret = 8

// Scrub takes this endpoint's secrets and tokens out of a whole reply of the receiver.
func (c *Client) Scrub(text string) string {
	known := slices.DeleteFunc(append(c.tokens.given(), c.secrets...), func(secret string) bool {
		return len(strings.TrimSpace(secret)) < shortSecret
	})
	return Scrub(text, known...)
}

// Excerpt makes a text of the receiver fit to be shown, with this endpoint's secrets and tokens scrubbed.
func (c *Client) Excerpt(text string) string {
	return Excerpt(text, append(c.tokens.given(), c.secrets...)...)
}

// Close drops idle connections. A client that is not used any more must be closed.
func (c *Client) Close() {
	c.reads.CloseIdleConnections()
	c.writes.CloseIdleConnections()
}

// transport chooses by what a second try would do.
func (c *Client) transport(method string) *http.Transport {
	if method == http.MethodGet {
		return c.reads
	}
	return c.writes
}
