package egress_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/gemba-dev/gemba/internal/egress"
)

func TestScrub(t *testing.T) {
	const secret = "p@ss word/1"
	tests := map[string]struct {
		text    string
		secrets []string
		want    string
	}{
		"a secret as it is":                     {"bad token " + secret, []string{secret}, "bad token [redacted]"},
		"a secret in base64":                    {base64.StdEncoding.EncodeToString([]byte(secret)), []string{secret}, "[redacted]"},
		"a secret in a query":                   {"?t=" + url.QueryEscape(secret), []string{secret}, "?t=[redacted]"},
		"a secret with the newline of a file":   {"x" + secret + "x", []string{secret + "\n"}, "x[redacted]x"},
		"a secret that is the start of another": {"abcdef abc", []string{"abc", "abcdef"}, "[redacted] [redacted]"},
		"a secret that is part of the mark":     {"a e b", []string{"e"}, "a [redacted] b"},
		"no secret":                             {"hello", nil, "hello"},
		"an empty secret":                       {"hello", []string{"", " "}, "hello"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := egress.Scrub(test.text, test.secrets...); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestExcerptIsShortPrintableAndWithoutSecrets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[A-Za-z0-9]{16,40}`).Draw(t, "secret")
		before := rapid.String().Draw(t, "before")
		after := rapid.SliceOf(rapid.Byte()).Draw(t, "after")
		got := egress.Excerpt(before+secret+string(after), secret)
		if strings.Contains(got, secret[:12]) {
			t.Fatalf("%q shows (part of) the secret %q", got, secret)
		}
		if utf8.RuneCountInString(got) > 120 || !utf8.ValidString(got) {
			t.Fatalf("%q is too long or broken", got)
		}
		if at := strings.IndexFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }); at >= 0 {
			t.Fatalf("%q is not printable at %d", got, at)
		}
	})
}

func TestAuthPrintsNoSecret(t *testing.T) {
	options := egress.Options{Auth: egress.BasicAuth("joe", "hunter2")}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, value := range []any{options.Auth, &options.Auth} {
			if got := fmt.Sprintf(verb, value); strings.Contains(got, "hunter2") || strings.Contains(got, "am9l") {
				t.Errorf("%s prints %q", verb, got)
			}
		}
		if got := fmt.Sprintf(verb, options); strings.Contains(got, "hunter2") || strings.Contains(got, "am9l") {
			t.Errorf("%s prints %q", verb, got)
		}
	}
}

// A receiver that echoes what it was sent, in a reply that net/http quotes in its error.
func TestErrorsNeverShowSecrets(t *testing.T) {
	const secret = "s3cr3t-t0ken-0123456789"
	echo := accept(t, func(connection net.Conn) {
		_, _ = connection.Read(make([]byte, 4096))
		_, _ = io.WriteString(connection, "Bearer "+secret+"\r\n\r\n")
		_ = connection.Close()
	})
	tests := map[string]struct {
		options egress.Options
		url     string
	}{
		"in an echoed reply":         {egress.Options{Auth: egress.BearerAuth(secret)}, "http://" + echo},
		"in an echoed signing key":   {egress.Options{Secrets: []string{secret}}, "http://" + echo},
		"in a path and a query":      {egress.Options{}, "http://127.0.0.1:1/" + secret + "?token=" + secret},
		"in credentials of the URL":  {egress.Options{}, "http://joe:" + secret + "@127.0.0.1:1/"},
		"in a URL that is malformed": {egress.Options{}, "http://127.0.0.1:1/%zz" + secret},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, loopback(t), test.options)
			_, err := client.Do(context.Background(), egress.Request{Method: http.MethodPost, URL: test.url})
			if err == nil {
				t.Fatal("no error")
			}
			if shown := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(shown, secret) {
				t.Errorf("the error shows the secret: %s", shown)
			}
		})
	}
}
