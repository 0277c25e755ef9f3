package egress

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// rememberedTokens is how many tokens are scrubbed from texts: the newest, and those that replies under way may show.
const rememberedTokens = 8

// tokens fetches and keeps the token of one client. A nil *tokens has none.
type tokens struct {
	client *Client
	grant  *grant
	// turn is held by the one that fetches, so that many requests fetch one token.
	turn chan struct{}

	mu      sync.Mutex
	style   oauth2.AuthStyle
	current *oauth2.Token
	// past holds the newest tokens, the newest last.
	past []string
}

// newTokens checks where tokens are fetched; nil where the client needs none.
func newTokens(client *Client, grant *grant) (*tokens, error) {
	if grant == nil {
		return nil, nil
	}
	if _, err := client.guard.CheckURL(grant.tokenURL); err != nil {
		return nil, fmt.Errorf("checking where tokens are fetched: %w", err)
	}
	return &tokens{client: client, grant: grant, turn: make(chan struct{}, 1)}, nil
}

// get returns the token that is kept, or fetches one. Its errors are *Error with Outcome NotSent.
func (t *tokens) get(ctx context.Context) (string, error) {
	if token, found := t.kept(); found {
		return token, nil
	}
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", t.failure(ctx.Err())
	}
	if token, found := t.kept(); found {
		return token, nil
	}
	fetched, style, err := t.fetch(ctx)
	if err == nil {
		err = checkToken(fetched)
	}
	if err != nil {
		return "", t.failure(err)
	}
	t.keep(fetched, style)
	return fetched.AccessToken, nil
}

// fetch asks for a token with the credentials in the header, as the standard prefers, and in the form where the issuer
// refuses that. The library would try the second way after every failure, a deadline among them, and tell of that only.
func (t *tokens) fetch(ctx context.Context) (*oauth2.Token, oauth2.AuthStyle, error) {
	through := &http.Client{Transport: &wholeReplies{next: &roundTripper{client: t.client, anonymous: true}}}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, through)
	if style := t.keptStyle(); style != oauth2.AuthStyleAutoDetect {
		token, err := t.config(style).Token(ctx)
		return token, style, err
	}
	token, err := t.config(oauth2.AuthStyleInHeader).Token(ctx)
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || statusOf(refused) >= http.StatusInternalServerError {
		return token, oauth2.AuthStyleInHeader, err
	}
	token, err = t.config(oauth2.AuthStyleInParams).Token(ctx)
	return token, oauth2.AuthStyleInParams, err
}

// config is what the library needs to know.
func (t *tokens) config(style oauth2.AuthStyle) *clientcredentials.Config {
	return &clientcredentials.Config{
		ClientID: t.grant.clientID, ClientSecret: t.grant.clientSecret,
		TokenURL: t.grant.tokenURL, Scopes: t.grant.scopes, AuthStyle: style,
	}
}

// checkToken refuses what cannot be sent as a bearer token. Nothing of the token is shown.
func checkToken(token *oauth2.Token) error {
	if !strings.EqualFold(token.Type(), "Bearer") {
		return errors.New("the token is not of the type Bearer")
	}
	if checkHeaderValue("Authorization", token.AccessToken) != nil {
		return fmt.Errorf("the token is not printable ASCII of at most %d characters", maxHeaderValue)
	}
	return nil
}

// kept returns the token where there is one that has not expired.
func (t *tokens) kept() (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.current.Valid() {
		return "", false
	}
	return t.current.AccessToken, true
}

// keptStyle is how the last token was asked for.
func (t *tokens) keptStyle() oauth2.AuthStyle {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.style
}

// keep remembers a token and how it was asked for.
func (t *tokens) keep(token *oauth2.Token, style oauth2.AuthStyle) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current, t.style = token, style
	t.past = append(t.past, token.AccessToken)
	if len(t.past) > rememberedTokens {
		t.past = t.past[1:]
	}
}

// drop forgets a token that was refused, unless another one has taken its place.
func (t *tokens) drop(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current != nil && t.current.AccessToken == token {
		t.current = nil
	}
}

// given lists the tokens that no text may show.
func (t *tokens) given() []string {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string{}, t.past...)
}

// failure says why there is no token. The request that needed it was not sent.
func (t *tokens) failure(cause error) *Error {
	failed := &Error{Outcome: NotSent, origin: shownOrigin(t.grant.tokenURL), kind: ErrLogin}
	var inner *Error
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(cause, &inner):
		failed.Permanent, failed.kind, failed.detail = inner.Permanent, inner.kind, inner.detail
	case errors.Is(cause, context.Canceled):
		failed.kind, failed.detail = ErrCanceled, "while waiting for a token"
	case errors.Is(cause, context.DeadlineExceeded):
		failed.kind, failed.detail = ErrTimeout, "while waiting for a token"
	case errors.As(cause, &refused):
		failed.detail = t.client.Excerpt(refusal(refused))
	default:
		failed.detail = t.client.Excerpt(strings.TrimPrefix(cause.Error(), "oauth2: "))
	}
	return failed
}

// refusal tells what the token endpoint answered.
func refusal(refused *oauth2.RetrieveError) string {
	text := fmt.Sprintf("the token endpoint answers with status %d", statusOf(refused))
	for _, part := range []string{refused.ErrorCode, refused.ErrorDescription} {
		if part != "" {
			text += ": " + part
		}
	}
	return text
}

// statusOf is the status of a refusal.
func statusOf(refused *oauth2.RetrieveError) int {
	if refused.Response == nil {
		return 0
	}
	return refused.Response.StatusCode
}

// wholeReplies reads a reply to its end before the library does, which drops the kind of an error that comes later.
type wholeReplies struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (w *wholeReplies) RoundTrip(request *http.Request) (*http.Response, error) {
	reply, err := w.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = reply.Body.Close() }()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		return nil, err
	}
	reply.Body = io.NopCloser(bytes.NewReader(body))
	return reply, nil
}
