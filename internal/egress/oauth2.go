package egress

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// scopePattern is the form of a scope (RFC 6749, section 3.3).
var scopePattern = regexp.MustCompile(`^[\x21\x23-\x5B\x5D-\x7E]+$`)

// grant is what tokens are fetched with.
type grant struct {
	tokenURL, clientID, clientSecret string
	scopes                           []string
}

// OAuth2Auth logs in with a token that is fetched by the client credentials grant (RFC 6749, section 4.4) from tokenURL,
// through the guard, the TLS settings and the proxy of the client that it is given to. A token is kept until it expires
// or is answered with 401.
func OAuth2Auth(tokenURL, clientID, clientSecret string, scopes ...string) Auth {
	clientID, clientSecret = strings.TrimSpace(clientID), strings.TrimSpace(clientSecret)
	pair := base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(clientID) + ":" + url.QueryEscape(clientSecret)))
	return Auth{
		grant:   &grant{tokenURL: tokenURL, clientID: clientID, clientSecret: clientSecret, scopes: scopes},
		secrets: []string{clientSecret, clientID, pair},
	}
}

// check says why no token can be asked for.
func (g *grant) check() error {
	for _, scope := range g.scopes {
		if !scopePattern.MatchString(scope) {
			return fmt.Errorf("%w: the scope %s must be printable, without space, quote and backslash",
				ErrInvalidRequest, quoted(scope))
		}
	}
	return nil
}

// login writes the credentials into the header and returns the token that is among them, if there is one.
func (c *Client) login(ctx context.Context, header http.Header) (token string, err error) {
	if c.auth.header != "" {
		header.Set(c.auth.header, c.auth.value)
	}
	if c.tokens == nil {
		return "", nil
	}
	token, err = c.tokens.get(ctx)
	if err != nil {
		return "", err
	}
	header.Set("Authorization", "Bearer "+token)
	return token, nil
}

// noticeRefusal drops a token that the endpoint does not accept any more. A 403 says that the token is known and not
// enough, which a new one would not change.
func (c *Client) noticeRefusal(token string, status int) {
	if token != "" && status == http.StatusUnauthorized {
		c.tokens.drop(token)
	}
}
