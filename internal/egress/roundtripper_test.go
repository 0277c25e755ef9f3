package egress_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/internal/egress"
)

// library is what a client library makes of a round tripper.
func library(t *testing.T, guard *egress.Guard, options egress.Options) *http.Client {
	t.Helper()
	return &http.Client{Transport: newClient(t, guard, options).RoundTripper()}
}

// ask posts a query and reads the whole reply, as a library does.
func ask(client *http.Client, target string) (string, error) {
	return send(client, http.MethodPost, target, strings.NewReader("query=up"))
}

// send does the same with any request.
func send(client *http.Client, method, target string, body io.Reader) (string, error) {
	request, err := http.NewRequestWithContext(context.Background(), method, target, body)
	if err != nil {
		return "", err
	}
	return finish(client, request)
}

// finish sends a request and reads the reply to its end.
func finish(client *http.Client, request *http.Request) (string, error) {
	reply, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = reply.Body.Close() }()
	content, err := io.ReadAll(reply.Body)
	return string(content), err
}

func TestRoundTripperGoesThroughTheGuard(t *testing.T) {
	called := false
	server := serve(t, func(http.ResponseWriter, *http.Request) { called = true })
	tests := map[string]struct {
		guard egress.GuardOptions
		url   string
		want  error
	}{
		"an address that nobody allowed":      {egress.GuardOptions{AllowHTTP: true}, server.URL, egress.ErrForbiddenAddress},
		"plain HTTP that nobody allowed":      {egress.GuardOptions{AllowCIDRs: onLoopback.AllowCIDRs}, server.URL, egress.ErrInvalidRequest},
		"an address that is never allowed":    {onLoopback, "https://169.254.169.254/latest", egress.ErrForbiddenAddress},
		"credentials in the URL":              {onLoopback, "https://joe:pw@127.0.0.1/", egress.ErrInvalidRequest},
		"a name that resolves to a forbidden": {egress.GuardOptions{AllowHTTP: true}, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), egress.ErrForbiddenAddress},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := ask(library(t, newGuard(t, test.guard), egress.Options{}), test.url)
			if !errors.Is(err, test.want) || egress.OutcomeOf(err) != egress.NotSent {
				t.Errorf("%v is %s; want %v, NotSent", err, egress.OutcomeOf(err), test.want)
			}
		})
	}
	if called {
		t.Error("a request was sent")
	}
}

func TestRoundTripperRefusesHeadersThatCannotBeSet(t *testing.T) {
	called := false
	server := serve(t, func(http.ResponseWriter, *http.Request) { called = true })
	for _, name := range []string{"Authorization", "Cookie", "Proxy-Authorization", "Transfer-Encoding"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set(name, "x")
		if _, err := finish(library(t, loopback(t), egress.Options{}), request); !errors.Is(err, egress.ErrInvalidRequest) {
			t.Errorf("%s: %v, want ErrInvalidRequest", name, err)
		}
	}
	if called {
		t.Error("a request was sent")
	}
}

func TestRoundTripperLogsIn(t *testing.T) {
	tests := map[string]struct {
		auth         egress.Auth
		header, want string
	}{
		"by a user name and a password": {egress.BasicAuth("joe", "hunter2\n"), "Authorization", "Basic am9lOmh1bnRlcjI="},
		"by a token":                    {egress.BearerAuth("t0ken"), "Authorization", "Bearer t0ken"},
		"by a header of its own":        {egress.HeaderAuth("X-Api-Key", "k3y\n"), "X-Api-Key", "k3y"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got http.Header
			server := serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header })
			if _, err := ask(library(t, loopback(t), egress.Options{Auth: test.auth}), server.URL); err != nil {
				t.Fatal(err)
			}
			if got.Get(test.header) != test.want || got.Get("User-Agent") != "gemba" {
				t.Errorf("the server saw %v, want %s: %q", got, test.header, test.want)
			}
			if _, sent := got["Idempotency-Key"]; sent {
				t.Error("the mark of what may be sent again left with the request")
			}
		})
	}
}

func TestRoundTripperBoundsReplies(t *testing.T) {
	plain := bytes.Repeat([]byte("x"), 10<<20)
	var bomb bytes.Buffer
	packer := gzip.NewWriter(&bomb)
	_, _ = packer.Write(plain)
	_ = packer.Close()
	tests := map[string]struct {
		reply []byte
		gzip  bool
		size  int
		want  error
	}{
		"ten megabytes are an error":                  {reply: plain, size: egress.MaxResponseBody, want: egress.ErrTooLong},
		"ten kilobytes that unpack to megabytes too":  {reply: bomb.Bytes(), gzip: true, size: egress.MaxResponseBody, want: egress.ErrTooLong},
		"a reply of exactly the limit is whole":       {reply: plain[:egress.MaxResponseBody], size: egress.MaxResponseBody},
		"a reply of one byte more than that is not":   {reply: plain[:egress.MaxResponseBody+1], size: egress.MaxResponseBody, want: egress.ErrTooLong},
		"a reply without any byte is a reply as well": {},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if test.gzip {
					w.Header().Set("Content-Encoding", "gzip")
				}
				_, _ = w.Write(test.reply)
			})
			body, err := ask(library(t, loopback(t), egress.Options{}), server.URL)
			if !errors.Is(err, test.want) || len(body) != test.size {
				t.Errorf("%d bytes, %v; want %d, %v", len(body), err, test.size, test.want)
			}
		})
	}
}

func TestRoundTripperStaysTooLongWhoeverReadsOn(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 4*egress.MaxResponseBody)) })
	reply, err := library(t, loopback(t), egress.Options{}).Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	_, _ = io.ReadAll(reply.Body)
	if read, err := reply.Body.Read(make([]byte, 8)); read != 0 || !errors.Is(err, egress.ErrTooLong) {
		t.Errorf("%d more bytes came, %v", read, err)
	}
}

// keepDripping sends a byte again and again until the other side has gone.
func keepDripping(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	every := time.NewTicker(time.Millisecond)
	defer every.Stop()
	for {
		_, _ = w.Write([]byte(" "))
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
			return
		case <-every.C:
		}
	}
}

func TestRoundTripperHasOneDeadlineForAllOfAReply(t *testing.T) {
	server := serve(t, keepDripping)
	_, err := ask(library(t, loopback(t), egress.Options{Timeout: 50 * time.Millisecond}), server.URL+"/s3cr3t")
	if !errors.Is(err, egress.ErrTimeout) || !strings.Contains(err.Error(), "while reading the reply") {
		t.Errorf("%v, want ErrTimeout while reading the reply", err)
	}
	if strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("the error shows the path: %v", err)
	}
}

func TestRoundTripperStopsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := finish(library(t, loopback(t), egress.Options{}), request); !errors.Is(err, egress.ErrCanceled) {
		t.Errorf("%v, want ErrCanceled", err)
	}
}

func TestRoundTripperDoesNotFollowRedirects(t *testing.T) {
	followed := false
	elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { followed = true })
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) })
		if _, err := ask(library(t, loopback(t), egress.Options{}), server.URL); !errors.Is(err, egress.ErrRedirect) {
			t.Errorf("%d came back as %v; want ErrRedirect", status, err)
		}
	}
	if followed {
		t.Error("a redirect was followed")
	}
}

func TestRoundTripperUsesTheConfiguredProxyOnly(t *testing.T) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"} {
		t.Setenv(name, "http://environment.invalid")
	}
	var asked string
	proxy := serve(t, func(_ http.ResponseWriter, r *http.Request) { asked = r.URL.String() })
	_, err := ask(library(t, loopback(t), egress.Options{ProxyURL: proxy.URL}), "http://desk.invalid/api")
	if err != nil || asked != "http://desk.invalid/api" {
		t.Errorf("the proxy was asked for %q, %v", asked, err)
	}
	if _, err := ask(library(t, loopback(t), egress.Options{}), "http://desk.invalid/api"); !errors.Is(err, egress.ErrUnreachable) {
		t.Errorf("without a proxy: %v, want ErrUnreachable", err)
	}
}

func TestRoundTripperVerifiesTheName(t *testing.T) {
	server, options := trusted(t, nil)
	if _, err := ask(library(t, newGuard(t, onLoopback), options), server.URL); err != nil {
		t.Fatal(err)
	}
	wrong := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	if _, err := ask(library(t, newGuard(t, onLoopback), options), wrong); !errors.Is(err, egress.ErrTLS) {
		t.Errorf("%v, want ErrTLS", err)
	}
	old, options := trusted(t, &tls.Config{MaxVersion: tls.VersionTLS11})
	if _, err := ask(library(t, newGuard(t, onLoopback), options), old.URL); !errors.Is(err, egress.ErrTLS) {
		t.Errorf("old TLS: %v, want ErrTLS", err)
	}
}

func TestRoundTripperKeepsConnectionsForPosts(t *testing.T) {
	var opened atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		opened.Add(1)
		return ctx
	}
	server.Start()
	t.Cleanup(server.Close)
	client := library(t, loopback(t), egress.Options{})
	for range 3 {
		if _, err := ask(client, server.URL); err != nil {
			t.Fatal(err)
		}
	}
	if opened.Load() != 1 {
		t.Errorf("%d connections were opened for three posts", opened.Load())
	}
}

// A server that closes a kept connection just as the next request comes is the commonest of its failures.
func TestRoundTripperSendsAPostAgainWhereAKeptConnectionWasClosed(t *testing.T) {
	var calls atomic.Int32
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if calls.Add(1) != 2 {
			_, _ = w.Write(body)
			return
		}
		connection, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = connection.Close()
		}
	})
	client := library(t, loopback(t), egress.Options{})
	for range 2 {
		if body, err := ask(client, server.URL); err != nil || body != "query=up" {
			t.Fatalf("the reply is %q, %v", body, err)
		}
	}
	if calls.Load() != 3 {
		t.Errorf("the server saw %d requests, want three", calls.Load())
	}
}

func TestRoundTripperReportsAConnectionThatCloses(t *testing.T) {
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("half"))
	})
	if _, err := ask(library(t, loopback(t), egress.Options{}), server.URL); !errors.Is(err, egress.ErrInterrupted) {
		t.Errorf("%v, want ErrInterrupted", err)
	}
}

func TestRoundTripperTakesLongQueriesAndNoLongerOnes(t *testing.T) {
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	client := library(t, loopback(t), egress.Options{})
	// A server may refuse it, with an answer that says so.
	if _, err := send(client, http.MethodGet, server.URL+"?query="+strings.Repeat("x", 8192), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := send(client, http.MethodGet, server.URL+"?query="+strings.Repeat("x", egress.MaxRequestBody), nil); !errors.Is(err, egress.ErrInvalidRequest) {
		t.Errorf("%v, want ErrInvalidRequest", err)
	}
	body := bytes.NewReader(make([]byte, egress.MaxRequestBody+1))
	if _, err := send(client, http.MethodPost, server.URL, body); !errors.Is(err, egress.ErrInvalidRequest) {
		t.Errorf("%v, want ErrInvalidRequest", err)
	}
}

func TestRoundTripperClosesTheBodyOfWhatItDoesNotSend(t *testing.T) {
	body := &closing{Reader: strings.NewReader("x")}
	if _, err := send(library(t, loopback(t), egress.Options{}), http.MethodPost, "https://169.254.169.254/", body); err == nil || !body.closed {
		t.Errorf("closed %t, %v", body.closed, err)
	}
}

// closing notices that it is closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}

func TestNewClientBoundsConnections(t *testing.T) {
	for _, connections := range []int{-1, egress.MaxConnections + 1} {
		if _, err := egress.NewClient(loopback(t), egress.Options{Connections: connections}); !errors.Is(err, egress.ErrInvalidRequest) {
			t.Errorf("%d connections: %v, want ErrInvalidRequest", connections, err)
		}
	}
}

// A server that notices that we are leaving may end its reply properly: "12" could be the beginning of "1234".
func TestRoundTripperTakesNoReplyForWholeThatEndsAfterTheDeadline(t *testing.T) {
	client := newClient(t, loopback(t), egress.Options{})
	whole, err := io.ReadAll(egress.BodyOf(t.Context(), client, io.NopCloser(strings.NewReader("12"))))
	if err != nil || string(whole) != "12" {
		t.Errorf("before the deadline: %q, %v", whole, err)
	}
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	if _, err := io.ReadAll(egress.BodyOf(late, client, io.NopCloser(strings.NewReader("12")))); !errors.Is(err, egress.ErrTimeout) {
		t.Errorf("after the deadline: %v, want ErrTimeout", err)
	}
}
