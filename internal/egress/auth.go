package egress

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// webhookPrefix begins the headers of Standard Webhooks.
const webhookPrefix = "webhook-"

// messageHeaders say what a message is. Credentials are written last: under one of these names they would take its place,
// and with it what the receiver tells duplicates by.
var messageHeaders = map[string]bool{
	"content-type":    true,
	"idempotency-key": true,
	"user-agent":      true,
}

// Auth is how a request logs in: a header whose value comes from a Secret, or a token that is fetched with one. The zero
// value logs in nowhere. It prints as "[redacted]" whatever verb prints it.
type Auth struct {
	header  string
	value   string
	grant   *grant
	secrets []string
}

// BearerAuth logs in with a token. Space around the token, such as the newline that a file ends with, is dropped.
func BearerAuth(token string) Auth {
	token = strings.TrimSpace(token)
	return Auth{header: "Authorization", value: "Bearer " + token, secrets: []string{token}}
}

// BasicAuth logs in with a user name and a password.
func BasicAuth(user, password string) Auth {
	user, password = strings.TrimSpace(user), strings.TrimRight(password, "\r\n")
	encoded := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	return Auth{header: "Authorization", value: "Basic " + encoded, secrets: []string{password, encoded}}
}

// HeaderAuth logs in with a header of its own, such as X-Api-Key.
func HeaderAuth(name, value string) Auth {
	value = strings.TrimSpace(value)
	return Auth{header: name, value: value, secrets: []string{value}}
}

// String hides the credentials.
func (Auth) String() string { return redacted }

// GoString hides the credentials.
func (Auth) GoString() string { return redacted }

// check says why the credentials cannot be sent.
func (a Auth) check() error {
	if a.header == "" && a.value == "" && a.grant == nil {
		return nil
	}
	for _, secret := range a.secrets {
		if secret == "" {
			return fmt.Errorf("%w: the credentials are empty; look at the Secret that auth names", ErrInvalidRequest)
		}
	}
	if a.grant != nil {
		return a.grant.check()
	}
	if a.header == "Authorization" {
		return checkHeaderValue(a.header, a.value)
	}
	if lower := strings.ToLower(a.header); messageHeaders[lower] || strings.HasPrefix(lower, webhookPrefix) {
		return fmt.Errorf("%w: the header %s cannot be used to log in; it belongs to the message", ErrInvalidRequest, a.header)
	}
	return CheckHeader(a.header, a.value)
}
