package egress_test

import (
	"context"
	"errors"
	"fmt"
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

// brief is the deadline of tests whose subject is a deadline.
const brief = 300 * time.Millisecond

// failing is one way in which a request can fail, and what must be known about it.
type failing struct {
	guard     egress.GuardOptions
	options   egress.Options
	start     func(t *testing.T) string // returns the URL
	outcome   egress.Outcome
	kind      error
	permanent bool
	status    int
}

var onLoopback = egress.GuardOptions{AllowCIDRs: []string{"127.0.0.1/32"}, AllowHTTP: true}

func TestOutcomeOfFailures(t *testing.T) {
	tests := map[string]failing{
		"nobody listens: not sent": {
			guard: onLoopback, start: nobody, outcome: egress.NotSent, kind: egress.ErrUnreachable,
		},
		"the name does not resolve: not sent": {
			guard: onLoopback, start: at("http://desk.invalid/"), outcome: egress.NotSent, kind: egress.ErrUnreachable,
		},
		"a name that resolves to loopback: not sent, and not before the flags change": {
			guard: egress.GuardOptions{AllowHTTP: true}, start: at("http://localhost/"),
			outcome: egress.NotSent, kind: egress.ErrForbiddenAddress, permanent: true,
		},
		"a name with an allowed and a forbidden address, nobody listens: not sent, and worth another try": {
			guard: onLoopback, start: nobodyByName, outcome: egress.NotSent, kind: egress.ErrUnreachable,
		},
		"a literal forbidden address: not sent, and not before the URL changes": {
			guard: onLoopback, start: at("http://169.254.169.254/"),
			outcome: egress.NotSent, kind: egress.ErrForbiddenAddress, permanent: true,
		},
		"plain HTTP without the flag: not sent, and not before the flags change": {
			start: at("http://desk.example/"), outcome: egress.NotSent, kind: egress.ErrInvalidRequest, permanent: true,
		},
		"a certificate of an unknown authority: not sent": {
			guard: onLoopback, start: encrypted, outcome: egress.NotSent, kind: egress.ErrTLS,
		},
		"a receiver that speaks no TLS: not sent": {
			guard: onLoopback, start: plainServerAsHTTPS, outcome: egress.NotSent, kind: egress.ErrTLS,
		},
		"a receiver that never answers the handshake: not sent": {
			guard: onLoopback, options: egress.Options{Timeout: brief}, start: silentListener("https"),
			outcome: egress.NotSent, kind: egress.ErrTimeout,
		},
		"a receiver that reads and never answers: unknown": {
			guard: onLoopback, options: egress.Options{Timeout: brief}, start: silentListener("http"),
			outcome: egress.Unknown, kind: egress.ErrTimeout,
		},
		"a connection reset after the request was read: unknown": {
			guard: onLoopback, start: hangUp(true), outcome: egress.Unknown, kind: egress.ErrInterrupted,
		},
		"a connection closed after the request was read: unknown": {
			guard: onLoopback, start: hangUp(false), outcome: egress.Unknown, kind: egress.ErrInterrupted,
		},
		"a reply that is not HTTP: unknown": {
			guard: onLoopback, start: raw("hello, who are you?\r\n\r\n"), outcome: egress.Unknown, kind: egress.ErrInterrupted,
		},
		"headers without end: unknown": {
			guard: onLoopback, start: raw("HTTP/1.1 200 OK\r\nX-Long: " + strings.Repeat("x", 1<<20)),
			outcome: egress.Unknown, kind: egress.ErrInterrupted,
		},
		"a reply that ends before its length: unknown, though its status is there": {
			guard: onLoopback, start: raw("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"),
			outcome: egress.Unknown, kind: egress.ErrInterrupted, status: http.StatusCreated,
		},
		"a reply that drips past the deadline: unknown, though its status is there": {
			guard: onLoopback, options: egress.Options{Timeout: brief}, start: drip,
			outcome: egress.Unknown, kind: egress.ErrTimeout, status: http.StatusOK,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, newGuard(t, test.guard), test.options)
			_, err := client.Do(context.Background(), post(test.start(t)))
			checkFailure(t, err, test)
		})
	}
}

// checkFailure compares everything that an error says about itself.
func checkFailure(t *testing.T, err error, want failing) {
	t.Helper()
	var failed *egress.Error
	if !errors.As(err, &failed) {
		t.Fatalf("%v is not an *egress.Error", err)
	}
	t.Log(err)
	if failed.Outcome != want.outcome || !errors.Is(err, want.kind) {
		t.Errorf("%v: outcome %s, want %s and %q", err, failed.Outcome, want.outcome, want.kind)
	}
	if failed.Permanent != want.permanent || failed.Status != want.status {
		t.Errorf("%v: permanent %t, status %d; want %t, %d", err, failed.Permanent, failed.Status, want.permanent, want.status)
	}
}

// A status that holds the text of a failure must not change with every retry.
func TestFailuresReadTheSameEachTime(t *testing.T) {
	for name, start := range map[string]func(*testing.T) string{"a refused dial": nobody, "a reset": hangUp(true)} {
		t.Run(name, func(t *testing.T) {
			url := start(t)
			client := newClient(t, loopback(t), egress.Options{})
			_, first := client.Do(context.Background(), post(url))
			_, second := client.Do(context.Background(), post(url))
			if first == nil || second == nil || first.Error() != second.Error() {
				t.Errorf("%v, then %v", first, second)
			}
		})
	}
}

func TestOutcomeOfACanceledRequestIsUnknown(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cancel()
		<-r.Context().Done()
	})
	_, err := newClient(t, loopback(t), egress.Options{}).Do(ctx, post(server.URL))
	if !errors.Is(err, egress.ErrCanceled) || egress.OutcomeOf(err) != egress.Unknown {
		t.Errorf("%v is %s; want ErrCanceled, Unknown", err, egress.OutcomeOf(err))
	}
}

func TestOutcomeOfForeignErrorsIsTheSafeOne(t *testing.T) {
	wrapped := fmt.Errorf("delivering: %w", &egress.Error{Outcome: egress.NotSent})
	tests := map[string]struct {
		err  error
		want egress.Outcome
	}{
		"no error is an answer":                 {nil, egress.Answered},
		"an error of somebody else is unknown":  {io.EOF, egress.Unknown},
		"a wrapped error keeps its own outcome": {wrapped, egress.NotSent},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := egress.OutcomeOf(test.err); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// The transport of the standard library repeats a request with an Idempotency-Key by itself when a kept connection breaks.
// The outbox must be the only one who sends again.
func TestClientNeverRepeatsAWriteByItself(t *testing.T) {
	var requests atomic.Int32
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if requests.Add(1) > 1 {
			closeConnection(w, false)
		}
	})
	client := newClient(t, loopback(t), egress.Options{})
	request := post(server.URL)
	request.Header = map[string]string{"Idempotency-Key": "k1"}
	if _, err := client.Do(context.Background(), request); err != nil {
		t.Fatalf("the first request: %v", err)
	}
	_, err := client.Do(context.Background(), request)
	if egress.OutcomeOf(err) != egress.Unknown || requests.Load() != 2 {
		t.Errorf("%v after %d requests; want Unknown after 2", err, requests.Load())
	}
}

// at is a URL where nothing has to be started.
func at(url string) func(*testing.T) string { return func(*testing.T) string { return url } }

// nobody returns the URL of a port that was just given up.
func nobody(*testing.T) string {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	return server.URL
}

// nobodyByName is the same by a name that most machines resolve to 127.0.0.1 and ::1.
func nobodyByName(t *testing.T) string {
	return strings.Replace(nobody(t), "127.0.0.1", "localhost", 1)
}

// encrypted starts a server with a certificate that nobody trusts.
func encrypted(t *testing.T) string {
	server, _ := trusted(t, nil)
	return server.URL
}

func plainServerAsHTTPS(t *testing.T) string {
	return strings.Replace(serve(t, func(http.ResponseWriter, *http.Request) {}).URL, "http://", "https://", 1)
}

// accept runs handle on every connection of a new listener, and closes all of them at the end.
func accept(t *testing.T, handle func(net.Conn)) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listening: %v", err)
	}
	over := make(chan struct{})
	t.Cleanup(func() {
		close(over)
		_ = listener.Close()
	})
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go handle(connection)
			go func() {
				<-over
				_ = connection.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

// silentListener reads and never answers.
func silentListener(scheme string) func(*testing.T) string {
	return func(t *testing.T) string {
		return scheme + "://" + accept(t, func(connection net.Conn) { _, _ = io.Copy(io.Discard, connection) })
	}
}

// raw answers the first bytes of a request with text and hangs up.
func raw(text string) func(*testing.T) string {
	return func(t *testing.T) string {
		return "http://" + accept(t, func(connection net.Conn) {
			_, _ = connection.Read(make([]byte, 4096))
			_, _ = io.WriteString(connection, text)
			_ = connection.Close()
		})
	}
}

// hangUp reads the whole request, then closes the connection, or resets it.
func hangUp(reset bool) func(*testing.T) string {
	return func(t *testing.T) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			closeConnection(w, reset)
		}).URL
	}
}

// closeConnection ends the connection of a request without an answer.
func closeConnection(w http.ResponseWriter, reset bool) {
	connection, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := connection.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

// drip writes a byte and then nothing until the client has gone.
func drip(t *testing.T) string {
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = w.Write([]byte("x"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}).URL
}
