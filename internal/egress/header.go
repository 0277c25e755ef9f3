package egress

import (
	"fmt"
	"regexp"
	"strings"
)

// maxHeaderValue is half of what common servers take for all headers together.
const maxHeaderValue = 4096

var (
	headerName  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,63}$`)
	headerValue = regexp.MustCompile(`^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$`)
)

// reservedHeaders belong to the connection, to the message's framing or to Auth. Setting them from outside smuggles
// requests, changes who is asked, or hides a credential from the rules for Secrets.
var reservedHeaders = map[string]bool{
	"accept-encoding":   true,
	"authorization":     true,
	"connection":        true,
	"content-encoding":  true,
	"content-length":    true,
	"cookie":            true,
	"expect":            true,
	"host":              true,
	"http2-settings":    true,
	"keep-alive":        true,
	"te":                true,
	"trailer":           true,
	"transfer-encoding": true,
	"upgrade":           true,
}

// CheckHeader says, in a sentence, why a header that somebody wrote in an object cannot be sent; nil where it can. The
// value is never shown.
func CheckHeader(name, value string) error {
	if !headerName.MatchString(name) {
		return fmt.Errorf("%w: the header name %s must be letters, digits and hyphens, begin with a letter, "+
			"and have at most 64 characters", ErrInvalidRequest, quoted(name))
	}
	lower := strings.ToLower(name)
	if reservedHeaders[lower] || strings.HasPrefix(lower, "proxy-") {
		return fmt.Errorf("%w: the header %s cannot be set; credentials go into auth, the rest is set by the manager",
			ErrInvalidRequest, name)
	}
	return checkHeaderValue(name, value)
}

// checkHeaderValue accepts printable ASCII without spaces at the ends.
func checkHeaderValue(name, value string) error {
	if len(value) > maxHeaderValue {
		return fmt.Errorf("%w: the value of the header %s is longer than %d characters",
			ErrInvalidRequest, name, maxHeaderValue)
	}
	if !headerValue.MatchString(value) {
		return fmt.Errorf("%w: the value of the header %s must be printable ASCII, not empty, without spaces at its ends",
			ErrInvalidRequest, name)
	}
	return nil
}

// quoted shows an untrusted word, short and printable.
func quoted(word string) string {
	const most = 32
	if len(word) > most {
		word = word[:most]
	}
	return fmt.Sprintf("%q", word)
}
