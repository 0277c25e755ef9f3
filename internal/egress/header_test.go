package egress_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/http/httpguts"

	"github.com/gemba-dev/gemba/internal/egress"
)

func TestCheckHeader(t *testing.T) {
	tests := map[string]struct {
		name, value string
		want        string // empty: the header is fine
	}{
		"a header of one's own":                      {"X-Team", "billing", ""},
		"a value with spaces inside":                 {"X-Team", "billing and metering", ""},
		"a content type":                             {"Content-Type", "application/json; charset=utf-8", ""},
		"Host decides who is asked":                  {"Host", "evil.example", "cannot be set"},
		"Authorization belongs to auth":              {"AUTHORIZATION", "Bearer x", "cannot be set"},
		"Cookie is a credential":                     {"Cookie", "a=b", "cannot be set"},
		"Content-Length frames the message":          {"content-length", "0", "cannot be set"},
		"Transfer-Encoding frames the message":       {"Transfer-Encoding", "chunked", "cannot be set"},
		"Connection belongs to one connection":       {"Connection", "close", "cannot be set"},
		"Keep-Alive belongs to one connection":       {"Keep-Alive", "timeout=5", "cannot be set"},
		"TE belongs to one connection":               {"TE", "trailers", "cannot be set"},
		"Trailer belongs to one connection":          {"Trailer", "X-A", "cannot be set"},
		"Upgrade belongs to one connection":          {"Upgrade", "websocket", "cannot be set"},
		"Proxy-Authorization belongs to the proxy":   {"Proxy-Authorization", "Basic eA==", "cannot be set"},
		"Accept-Encoding would switch off the limit": {"Accept-Encoding", "identity", "cannot be set"},
		"an underscore, which some servers fold":     {"Content_Length", "0", "letters, digits and hyphens"},
		"an empty name":                              {"", "x", "letters, digits and hyphens"},
		"a name with a colon":                        {"X-A: 1\r\nX-B", "x", "letters, digits and hyphens"},
		"a name of 65 characters":                    {strings.Repeat("a", 65), "x", "at most 64"},
		"a value with a line break":                  {"X-A", "1\r\nX-B: 2", "printable ASCII"},
		"a value with a null byte":                   {"X-A", "1\x00", "printable ASCII"},
		"a value beyond ASCII":                       {"X-A", "Zürich", "printable ASCII"},
		"an empty value":                             {"X-A", "", "not empty"},
		"a value that ends with a space":             {"X-A", "x ", "without spaces at its ends"},
		"a value of more than 4096 characters":       {"X-A", strings.Repeat("x", 4097), "longer than 4096"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := egress.CheckHeader(test.name, test.value)
			if test.want == "" && err != nil {
				t.Fatal(err)
			}
			if test.want == "" {
				return
			}
			if !errors.Is(err, egress.ErrInvalidRequest) || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("%v, want %q", err, test.want)
			}
			if strings.Contains(err.Error(), "\n") || len(err.Error()) > 200 {
				t.Errorf("the sentence does not fit into a condition: %q", err)
			}
		})
	}
}

// What passes is a header for every HTTP implementation, and none of those that the manager sets.
func FuzzCheckHeader(f *testing.F) {
	f.Add("X-Team", "billing")
	f.Add("Host", "evil.example")
	f.Add("Content-Length\r\n", "0")
	f.Add("X-A", "1\r\nX-B: 2")
	reserved := []string{"Host", "Authorization", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Te"}
	f.Fuzz(func(t *testing.T, name, value string) {
		if egress.CheckHeader(name, value) != nil {
			return
		}
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			t.Fatalf("%q: %q passes and is no header", name, value)
		}
		for _, forbidden := range reserved {
			if http.CanonicalHeaderKey(name) == forbidden {
				t.Fatalf("%q passes", name)
			}
		}
	})
}
