package egress_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/internal/egress"
)

// The client of the tests. Nothing of it may be shown.
const (
	clientID     = "canary-id-4711"
	clientSecret = "canary secret/4711"
)

// issuer hands out tokens over TLS and counts them.
type issuer struct {
	*httptest.Server
	issued atomic.Int32
	// expiresIn is in seconds.
	expiresIn int
	form      url.Values
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	made := &issuer{expiresIn: 3600}
	made.Server = httptest.NewTLSServer(http.HandlerFunc(made.serve))
	made.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(made.Close)
	return made
}

func (i *issuer) serve(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	_ = r.ParseForm()
	i.form = r.PostForm
	if id != url.QueryEscape(clientID) || secret != url.QueryEscape(clientSecret) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"access_token":"canary-token-%d","token_type":"bearer","expires_in":%d}`, i.issued.Add(1), i.expiresIn)
}

// auth logs in with a token of the issuer.
func (i *issuer) auth() egress.Auth {
	return egress.OAuth2Auth(i.URL+"/token", clientID, clientSecret+"\n", "read:metrics", "read:rules")
}

// desk answers over TLS and notes who came.
type desk struct {
	*httptest.Server
	mu    sync.Mutex
	seen  []string
	reply func(w http.ResponseWriter, r *http.Request)
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	made := &desk{reply: func(http.ResponseWriter, *http.Request) {}}
	made.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		made.mu.Lock()
		made.seen = append(made.seen, r.Header.Get("Authorization"))
		made.mu.Unlock()
		made.reply(w, r)
	}))
	t.Cleanup(made.Close)
	return made
}

// trusting are options that trust the certificates of test servers, which are all the same.
func trusting(server *httptest.Server, auth egress.Auth) egress.Options {
	return egress.Options{CABundle: bundleOf(server), Auth: auth}
}

func TestOAuth2FetchesATokenOnceAndUsesItEverywhere(t *testing.T) {
	issuer, desk := newIssuer(t), newDesk(t)
	client := newClient(t, newGuard(t, onLoopback), trusting(desk.Server, issuer.auth()))
	for range 2 {
		if _, err := client.Do(context.Background(), post(desk.URL)); err != nil {
			t.Fatal(err)
		}
		if _, err := ask(&http.Client{Transport: client.RoundTripper()}, desk.URL); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(desk.seen, ","); got != strings.TrimSuffix(strings.Repeat("Bearer canary-token-1,", 4), ",") {
		t.Errorf("the desk saw %s", got)
	}
	if issuer.form.Get("grant_type") != "client_credentials" || issuer.form.Get("scope") != "read:metrics read:rules" {
		t.Errorf("the issuer was asked with %v", issuer.form)
	}
}

func TestOAuth2DropsATokenThatIsNotAccepted(t *testing.T) {
	tests := map[string]struct {
		status, tokens int
	}{
		"after 401 the next request has a new token":    {http.StatusUnauthorized, 2},
		"after 403 the next request has the same token": {http.StatusForbidden, 1},
		"after 500 the next request has the same token": {http.StatusInternalServerError, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			send := map[string]func(*egress.Client, string){
				"Do":           func(c *egress.Client, to string) { _, _ = c.Do(context.Background(), post(to)) },
				"RoundTripper": func(c *egress.Client, to string) { _, _ = ask(&http.Client{Transport: c.RoundTripper()}, to) },
			}
			for way, once := range send {
				issuer, desk := newIssuer(t), newDesk(t)
				desk.reply = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(test.status) }
				client := newClient(t, newGuard(t, onLoopback), trusting(desk.Server, issuer.auth()))
				once(client, desk.URL)
				once(client, desk.URL)
				if len(desk.seen) != 2 || int(issuer.issued.Load()) != test.tokens {
					t.Errorf("%s: %d requests with %d tokens, want %d", way, len(desk.seen), issuer.issued.Load(), test.tokens)
				}
			}
		})
	}
}

func TestOAuth2FetchesAgainWhatHasExpired(t *testing.T) {
	issuer, desk := newIssuer(t), newDesk(t)
	issuer.expiresIn = 1 // Below the margin that is kept for the way.
	client := newClient(t, newGuard(t, onLoopback), trusting(desk.Server, issuer.auth()))
	for range 2 {
		if _, err := client.Do(context.Background(), post(desk.URL)); err != nil {
			t.Fatal(err)
		}
	}
	if issuer.issued.Load() != 2 {
		t.Errorf("%d tokens for two requests", issuer.issued.Load())
	}
}

func TestOAuth2FetchesOneTokenForManyRequestsAtOnce(t *testing.T) {
	issuer, desk := newIssuer(t), newDesk(t)
	client := newClient(t, newGuard(t, onLoopback), trusting(desk.Server, issuer.auth()))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := client.Do(context.Background(), post(desk.URL)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if issuer.issued.Load() != 1 {
		t.Errorf("%d tokens were fetched", issuer.issued.Load())
	}
}

func TestOAuth2TriesBothPlacesForTheCredentials(t *testing.T) {
	desk := newDesk(t)
	asked := 0
	issuer := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.PostFormValue("client_id") != clientID || r.PostFormValue("client_secret") != clientSecret {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"from-the-form","expires_in":1}`)
	}))
	t.Cleanup(issuer.Close)
	auth := egress.OAuth2Auth(issuer.URL, clientID, clientSecret)
	client := newClient(t, newGuard(t, onLoopback), trusting(desk.Server, auth))
	for range 2 {
		if _, err := client.Do(context.Background(), post(desk.URL)); err != nil || desk.seen[0] != "Bearer from-the-form" {
			t.Errorf("the desk saw %v, %v", desk.seen, err)
		}
	}
	if asked != 3 {
		t.Errorf("the issuer was asked %d times for two tokens, want three: the way that it takes is remembered", asked)
	}
}

func TestOAuth2SaysWhyThereIsNoToken(t *testing.T) {
	echo := clientID + " " + clientSecret + " " + url.QueryEscape(clientSecret)
	says := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body+r.Header.Get("Authorization"))
		}
	}
	tests := map[string]struct {
		answer http.HandlerFunc
		kind   error
		want   string
	}{
		"the client is refused": {
			says(401, "application/x-www-form-urlencoded", "error=invalid_client&error_description=no+"+url.QueryEscape(echo)),
			egress.ErrLogin, "status 401: invalid_client: no [redacted]",
		},
		"the client is refused without a word": {says(403, "text/html", "<html>"+echo), egress.ErrLogin, "status 403"},
		"the issuer is broken":                 {says(500, "text/html", "<html>"+echo), egress.ErrLogin, "status 500"},
		"the reply is no JSON":                 {says(200, "text/html", "<html>"+echo), egress.ErrLogin, "cannot parse json"},
		"the reply holds no token":             {says(200, "text/plain", "a=b&c="), egress.ErrLogin, "missing access_token"},
		"the token is of another type": {
			says(200, "text/plain", "access_token="+url.QueryEscape(echo)+"&token_type=mac&c="), egress.ErrLogin, "not of the type Bearer",
		},
		"the token would break the header": {
			says(200, "text/plain", "access_token=canary-4711%0d%0aHost:+evil&c="), egress.ErrLogin, "not printable ASCII",
		},
		"the reply has ten megabytes": {
			func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte("x"), 10<<20)) },
			egress.ErrTooLong, "longer than 65536 bytes",
		},
		"the reply is a redirect": {
			func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://evil.example/", http.StatusTemporaryRedirect)
			},
			egress.ErrRedirect, "redirect",
		},
		"the issuer drips": {keepDripping, egress.ErrTimeout, "while reading the reply"},
		"the issuer hangs": {func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}, egress.ErrTimeout, "while waiting for the reply"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			desk := newDesk(t)
			issuer := httptest.NewTLSServer(test.answer)
			t.Cleanup(issuer.Close)
			options := trusting(desk.Server, egress.OAuth2Auth(issuer.URL+"/canary-path", clientID, clientSecret))
			if errors.Is(test.kind, egress.ErrTimeout) {
				options.Timeout = 200 * time.Millisecond
			}
			client := newClient(t, newGuard(t, onLoopback), options)
			_, err := client.Do(context.Background(), post(desk.URL))
			if !errors.Is(err, test.kind) || egress.OutcomeOf(err) != egress.NotSent || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v is %s, want %v, NotSent, with %q", err, egress.OutcomeOf(err), test.kind, test.want)
			}
			if strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "4711") {
				t.Errorf("the error shows a secret or a path: %v", err)
			}
			if len(desk.seen) != 0 {
				t.Error("the request was sent without a token")
			}
		})
	}
}

func TestOAuth2GoesThroughTheGuardForTokensToo(t *testing.T) {
	client := newClient(t, loopback(t), egress.Options{Auth: egress.OAuth2Auth("https://localhost.invalid/token", "id", "secret")})
	if _, err := client.Do(context.Background(), post("http://127.0.0.1:9/")); !errors.Is(err, egress.ErrUnreachable) {
		t.Errorf("an issuer that is not there: %v, want ErrUnreachable", err)
	}
	issuer, desk := newIssuer(t), newDesk(t)
	wrongName := strings.Replace(issuer.URL, "127.0.0.1", "localhost", 1)
	client = newClient(t, newGuard(t, egress.GuardOptions{AllowCIDRs: []string{"127.0.0.0/8", "::1/128"}}),
		trusting(desk.Server, egress.OAuth2Auth(wrongName, clientID, clientSecret)))
	if _, err := client.Do(context.Background(), post(desk.URL)); !errors.Is(err, egress.ErrTLS) {
		t.Errorf("an issuer with the certificate of another name: %v, want ErrTLS", err)
	}
	client = newClient(t, newGuard(t, egress.GuardOptions{}), trusting(desk.Server, egress.OAuth2Auth(wrongName, clientID, clientSecret)))
	_, err := client.Do(context.Background(), post("https://desk.invalid/"))
	if !errors.Is(err, egress.ErrForbiddenAddress) || !egress.IsPermanent(err) {
		t.Errorf("an issuer on a forbidden address: %v, permanent %t", err, egress.IsPermanent(err))
	}
}

func TestNewClientRefusesGrantsThatCannotWork(t *testing.T) {
	tests := map[string]struct {
		auth egress.Auth
		want string
	}{
		"an issuer over plain HTTP":        {egress.OAuth2Auth("http://issuer.example", "id", "s"), "http:// is not allowed"},
		"an issuer on a forbidden address": {egress.OAuth2Auth("https://169.254.169.254/", "id", "s"), "never allowed"},
		"an issuer that is no URL":         {egress.OAuth2Auth("issuer", "id", "s"), "checking where tokens are fetched"},
		"a client without a name":          {egress.OAuth2Auth("https://issuer.example", " \n", "s"), "credentials are empty"},
		"a client without a secret":        {egress.OAuth2Auth("https://issuer.example", "id", "\n"), "credentials are empty"},
		"a scope that is two":              {egress.OAuth2Auth("https://issuer.example", "id", "s", "a b"), "the scope"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := egress.NewClient(newGuard(t, egress.GuardOptions{}), egress.Options{Auth: test.auth})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

func TestOAuth2ShowsNeitherClientNorToken(t *testing.T) {
	issuer, desk := newIssuer(t), newDesk(t)
	desk.reply = func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "you are "+r.Header.Get("Authorization"))
	}
	auth := issuer.auth()
	client := newClient(t, newGuard(t, onLoopback), trusting(desk.Server, auth))
	response, err := client.Do(context.Background(), post(desk.URL))
	if err != nil || !strings.Contains(string(response.Body), "canary-token-1") {
		t.Fatalf("the desk did not echo: %q, %v", response.Body, err)
	}
	shown := fmt.Sprintf("%v %+v %#v %s", auth, auth, auth, auth) + client.Excerpt(string(response.Body)) + client.Excerpt(clientSecret)
	if strings.Contains(shown, "canary") {
		t.Errorf("shown: %s", shown)
	}
}
