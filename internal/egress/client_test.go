package egress_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gemba-dev/gemba/internal/egress"
)

// loopback is the guard of most tests: servers on this machine, over plain HTTP too.
func loopback(t *testing.T) *egress.Guard {
	t.Helper()
	return newGuard(t, egress.GuardOptions{AllowCIDRs: []string{"127.0.0.0/8", "::1/128"}, AllowHTTP: true})
}

// newClient returns a client that the test closes.
func newClient(t *testing.T, guard *egress.Guard, options egress.Options) *egress.Client {
	t.Helper()
	client, err := egress.NewClient(guard, options)
	if err != nil {
		t.Fatalf("making the client: %v", err)
	}
	t.Cleanup(client.Close)
	return client
}

// serve starts a server that answers with the handler.
func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// post is the request of most tests.
func post(url string) egress.Request {
	return egress.Request{Method: http.MethodPost, URL: url, Body: []byte(`{"a":1}`)}
}

func TestClientSendsWhatItIsGiven(t *testing.T) {
	var got *http.Request
	var body []byte
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("Location", "/tickets/7")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"id":"7"}`))
	})
	client := newClient(t, loopback(t), egress.Options{Auth: egress.BearerAuth("s3cr3t-token\n")})
	response, err := client.Do(context.Background(), egress.Request{
		Method: http.MethodPost,
		URL:    server.URL + "/hook?q=1",
		Header: map[string]string{"Content-Type": "application/json", "Idempotency-Key": "k1"},
		Body:   []byte(`{"a":1}`),
	})
	if err != nil {
		t.Fatalf("posting: %v", err)
	}
	if response.Status != http.StatusCreated || string(response.Body) != `{"id":"7"}` || response.Truncated {
		t.Errorf("the reply is %+v", response)
	}
	if response.Header.Get("Location") != "/tickets/7" {
		t.Errorf("the reply's headers are %v", response.Header)
	}
	if got.Method != http.MethodPost || got.URL.String() != "/hook?q=1" || string(body) != `{"a":1}` {
		t.Errorf("the server saw %s %s with %q", got.Method, got.URL, body)
	}
	want := map[string]string{
		"Authorization": "Bearer s3cr3t-token", "Content-Type": "application/json", "Idempotency-Key": "k1", "User-Agent": "gemba",
	}
	for name, value := range want {
		if got.Header.Get(name) != value {
			t.Errorf("the header %s is %q, want %q", name, got.Header.Get(name), value)
		}
	}
}

func TestClientLogsIn(t *testing.T) {
	tests := map[string]struct {
		auth         egress.Auth
		header, want string
	}{
		"by a user name and a password": {egress.BasicAuth("joe", "hunter2\n"), "Authorization", "Basic am9lOmh1bnRlcjI="},
		"by a token":                    {egress.BearerAuth("t0ken"), "Authorization", "Bearer t0ken"},
		"by a header of its own":        {egress.HeaderAuth("X-Api-Key", "k3y\n"), "X-Api-Key", "k3y"},
		"nowhere by default":            {egress.Auth{}, "Authorization", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got string
			server := serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get(test.header) })
			client := newClient(t, loopback(t), egress.Options{Auth: test.auth})
			if _, err := client.Do(context.Background(), post(server.URL)); err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("%s is %q, want %q", test.header, got, test.want)
			}
		})
	}
}

func TestClientReturnsEveryStatusAsAReply(t *testing.T) {
	for _, status := range []int{200, 201, 204, 400, 404, 409, 410, 429, 500, 503} {
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		response, err := newClient(t, loopback(t), egress.Options{}).Do(context.Background(), post(server.URL))
		if err != nil || response.Status != status || egress.OutcomeOf(err) != egress.Answered {
			t.Errorf("status %d came back as %d, %v", status, response.Status, err)
		}
	}
}

func TestClientDoesNotFollowRedirects(t *testing.T) {
	followed := false
	elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { followed = true })
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) })
		response, err := newClient(t, loopback(t), egress.Options{}).Do(context.Background(), post(server.URL))
		if !errors.Is(err, egress.ErrRedirect) || response.Status != status {
			t.Errorf("%d came back as %d, %v; want ErrRedirect", status, response.Status, err)
		}
		if egress.OutcomeOf(err) != egress.Answered || !egress.IsPermanent(err) {
			t.Errorf("%d is %s, permanent %t", status, egress.OutcomeOf(err), egress.IsPermanent(err))
		}
	}
	if followed {
		t.Error("a redirect was followed")
	}
}

func TestClientKeepsNoCookie(t *testing.T) {
	cookies := 0
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		cookies += len(r.Cookies())
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1"})
	})
	client := newClient(t, loopback(t), egress.Options{})
	for range 2 {
		if _, err := client.Do(context.Background(), post(server.URL)); err != nil {
			t.Fatal(err)
		}
	}
	if cookies != 0 {
		t.Errorf("%d cookies came back", cookies)
	}
}

func TestClientBoundsReplies(t *testing.T) {
	plain := bytes.Repeat([]byte("x"), 10<<20)
	var bomb bytes.Buffer
	packer := gzip.NewWriter(&bomb)
	_, _ = packer.Write(plain)
	_ = packer.Close()
	tests := map[string]struct {
		reply     []byte
		gzip      bool
		listing   bool
		size      int
		truncated bool
	}{
		"ten megabytes are cut":                       {reply: plain, size: egress.MaxResponseBody, truncated: true},
		"ten kilobytes that unpack to megabytes too":  {reply: bomb.Bytes(), gzip: true, size: egress.MaxResponseBody, truncated: true},
		"a list may be longer":                        {reply: plain[:egress.MaxListBody], listing: true, size: egress.MaxListBody},
		"and is cut at a megabyte":                    {reply: bomb.Bytes(), gzip: true, listing: true, size: egress.MaxListBody, truncated: true},
		"a reply of exactly the limit is whole":       {reply: plain[:egress.MaxResponseBody], size: egress.MaxResponseBody},
		"a reply of one byte more than that is noted": {reply: plain[:egress.MaxResponseBody+1], size: egress.MaxResponseBody, truncated: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if test.gzip {
					w.Header().Set("Content-Encoding", "gzip")
				}
				_, _ = w.Write(test.reply)
			})
			request := post(server.URL)
			request.Listing = test.listing
			response, err := newClient(t, loopback(t), egress.Options{}).Do(context.Background(), request)
			if err != nil {
				t.Fatal(err)
			}
			if len(response.Body) != test.size || response.Truncated != test.truncated {
				t.Errorf("%d bytes, truncated %t", len(response.Body), response.Truncated)
			}
		})
	}
}

// A reply is read by expressions, whose values are shown: what it repeats of a secret is taken out first. A short word, such as a
// user name, stands in replies by itself.
func TestAClientScrubsWholeReplies(t *testing.T) {
	client := newClient(t, loopback(t), egress.Options{Secrets: []string{"s3cr3t-t0ken", "gemba"}})
	text := `{"echo": "Bearer s3cr3t-t0ken", "label": "gemba", "more": "` + strings.Repeat("x", 500) + `"}`
	want := strings.Replace(text, "s3cr3t-t0ken", "[redacted]", 1)
	if got := client.Scrub(text); got != want {
		t.Errorf("got %s", got)
	}
}

func TestClientIgnoresTheEnvironmentsProxy(t *testing.T) {
	proxied := false
	proxy := serve(t, func(http.ResponseWriter, *http.Request) { proxied = true })
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	// A name, because the standard library never asks the environment's proxy for loopback addresses.
	_, err := newClient(t, loopback(t), egress.Options{}).Do(context.Background(), post("http://desk.invalid/"))
	if proxied || !errors.Is(err, egress.ErrUnreachable) {
		t.Errorf("proxied %t, %v; want ErrUnreachable without a proxy", proxied, err)
	}
}

func TestClientUsesTheConfiguredProxy(t *testing.T) {
	var asked string
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.String()
		w.WriteHeader(http.StatusAccepted)
	})
	client := newClient(t, loopback(t), egress.Options{ProxyURL: proxy.URL})
	response, err := client.Do(context.Background(), post("http://desk.invalid/hook"))
	if err != nil || response.Status != http.StatusAccepted || asked != "http://desk.invalid/hook" {
		t.Errorf("the proxy was asked for %q and answered %d, %v", asked, response.Status, err)
	}
	_, err = client.Do(context.Background(), post("http://169.254.169.254/latest/meta-data/"))
	if !errors.Is(err, egress.ErrForbiddenAddress) {
		t.Errorf("a metadata address behind the proxy: %v, want ErrForbiddenAddress", err)
	}
}

func TestClientReportsAProxyThatRefuses(t *testing.T) {
	proxy := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	client := newClient(t, loopback(t), egress.Options{ProxyURL: proxy.URL})
	_, err := client.Do(context.Background(), post("https://desk.invalid/hook"))
	if !errors.Is(err, egress.ErrUnreachable) || egress.OutcomeOf(err) != egress.NotSent {
		t.Errorf("%v is %s; want ErrUnreachable, NotSent", err, egress.OutcomeOf(err))
	}
}

func TestNewClientRefusesOptionsThatCannotWork(t *testing.T) {
	tests := map[string]struct {
		options egress.Options
		want    string
	}{
		"a timeout of two minutes":          {egress.Options{Timeout: 2 * egress.MaxTimeout}, "at most 1m0s"},
		"a negative timeout":                {egress.Options{Timeout: -1}, "at most 1m0s"},
		"a CA bundle that is no PEM":        {egress.Options{CABundle: []byte("hello")}, "no certificate in PEM"},
		"a CA bundle with a private key":    {egress.Options{CABundle: []byte("-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n")}, "block 1"},
		"a client certificate without key":  {egress.Options{ClientCert: []byte("x")}, "belong together"},
		"a proxy by another protocol":       {egress.Options{ProxyURL: "socks5://proxy.example"}, "checking the proxy"},
		"a proxy with credentials":          {egress.Options{ProxyURL: "http://joe:hunter2@proxy.example"}, "must not hold credentials"},
		"a proxy on a forbidden address":    {egress.Options{ProxyURL: "http://169.254.169.254"}, "never allowed"},
		"an empty token":                    {egress.Options{Auth: egress.BearerAuth(" \n")}, "credentials are empty"},
		"an empty password":                 {egress.Options{Auth: egress.BasicAuth("joe", "")}, "credentials are empty"},
		"a token with a line break":         {egress.Options{Auth: egress.BearerAuth("a\r\nHost: evil")}, "printable ASCII"},
		"a header that is reserved":         {egress.Options{Auth: egress.HeaderAuth("Host", "evil")}, "cannot be set"},
		"an Authorization header by a name": {egress.Options{Auth: egress.HeaderAuth("authorization", "x")}, "cannot be set"},
		"the key of the message to log in":  {egress.Options{Auth: egress.HeaderAuth("Idempotency-Key", "x")}, "belongs to the message"},
		"its content type to log in":        {egress.Options{Auth: egress.HeaderAuth("content-type", "x")}, "belongs to the message"},
		"its signature to log in":           {egress.Options{Auth: egress.HeaderAuth("Webhook-Signature", "x")}, "belongs to the message"},
		"a user agent with a line break":    {egress.Options{UserAgent: "a\nb"}, "printable ASCII"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := egress.NewClient(loopback(t), test.options)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("%v, want %q", err, test.want)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "evil") {
				t.Errorf("the error shows a value: %v", err)
			}
		})
	}
}

func TestClientRefusesRequestsThatCannotBeSent(t *testing.T) {
	called := false
	server := serve(t, func(http.ResponseWriter, *http.Request) { called = true })
	withHeader := func(name, value string) egress.Request {
		request := post(server.URL)
		request.Header = map[string]string{name: value}
		return request
	}
	tests := map[string]egress.Request{
		"a method that is not on the list": {Method: "TRACE", URL: server.URL},
		"no method":                        {URL: server.URL},
		"no URL":                           {Method: http.MethodPost},
		"a body that is too long":          {Method: http.MethodPost, URL: server.URL, Body: make([]byte, egress.MaxRequestBody+1)},
		"a header that is reserved":        withHeader("Transfer-Encoding", "chunked"),
		"a header with a line break":       withHeader("X-A", "1\r\nX-B: 2"),
	}
	client := newClient(t, loopback(t), egress.Options{})
	for name, request := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := client.Do(context.Background(), request)
			if !errors.Is(err, egress.ErrInvalidRequest) || egress.OutcomeOf(err) != egress.NotSent || !egress.IsPermanent(err) {
				t.Errorf("%v is %s, permanent %t", err, egress.OutcomeOf(err), egress.IsPermanent(err))
			}
		})
	}
	if called {
		t.Error("a request was sent")
	}
}

func TestErrorsOfTheClientAreNotErrorsOfNetHTTP(t *testing.T) {
	_, err := newClient(t, loopback(t), egress.Options{}).Do(context.Background(), post("http://desk.invalid/path-s3cr3t?token=s3cr3t"))
	var leaky *url.Error
	if errors.As(err, &leaky) || err == nil || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("the error shows more than scheme and host: %v", err)
	}
	if !strings.Contains(err.Error(), "http://desk.invalid") {
		t.Errorf("the error does not say which host: %v", err)
	}
}
