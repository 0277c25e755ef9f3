package source_test

import (
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/source"
)

func TestHTTPAdmitsWholeSegments(t *testing.T) {
	tests := map[string]struct {
		prefix, path string
		admitted     bool
	}{
		"the prefix itself":                    {"/v1/complaints", "/v1/complaints", true},
		"the prefix with a slash":              {"/v1/complaints", "/v1/complaints/", true},
		"a prefix with a slash":                {"/v1/complaints/", "/v1/complaints", true},
		"a segment below":                      {"/v1/complaints", "/v1/complaints/open", true},
		"a query":                              {"/v1/complaints", "/v1/complaints?open=true", true},
		"a query with a slash":                 {"/v1/complaints", "/v1/complaints?next=/v1/../x", true},
		"everything":                           {"/", "/v1/complaints", true},
		"the root":                             {"/", "/", true},
		"an escaped space below":               {"/v1", "/v1/my%20queue", true},
		"an escaped letter of two bytes":       {"/v1", "/v1/%C3%A9", true},
		"an escaped colon":                     {"/v1", "/v1/a%3Ab", true},
		"two dots within a name":               {"/v1", "/v1/a..b", true},
		"three dots":                           {"/v1", "/v1/...", false},
		"a segment that only begins so":        {"/v1/complaints", "/v1/complaints-all", false},
		"a segment above":                      {"/v1/complaints", "/v1", false},
		"another segment":                      {"/v1/complaints", "/v2/complaints", false},
		"other letters":                        {"/v1/complaints", "/V1/Complaints", false},
		"the root where more is asked":         {"/v1", "/", false},
		"the prefix in the query":              {"/v1", "/?/v1", false},
		"a prefix that climbs":                 {"/v1/..", "/v1/../x", false},
		"a prefix that climbs, from elsewhere": {"/v1/..", "/x", false},
		"a prefix with an empty segment":       {"//", "/v1", false},
		"no prefix":                            {"", "/v1", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := (&source.Builder{}).Question(document(test.path, `1`), admitting("https://a.example", test.prefix), anyClient(t))
			if (err == nil) != test.admitted {
				t.Errorf("%s below %s: %v, want admitted %t", test.path, test.prefix, err, test.admitted)
			}
		})
	}
}

// climbing are paths that mean another one to somebody on the way.
var climbing = map[string]string{
	"two dots":                        "/v1/../admin",
	"two dots at the end":             "/v1/..",
	"two dots with a slash":           "/v1/../",
	"one dot":                         "/v1/./admin",
	"an empty segment":                "/v1//admin",
	"empty segments first":            "//evil.example/v1",
	"empty segments last":             "/v1//",
	"escaped dots":                    "/v1/%2e%2e/admin",
	"escaped dots in capitals":        "/v1/%2E%2E/admin",
	"one escaped dot":                 "/v1/.%2e/admin",
	"an escaped dot in a name":        "/v1/a%2eb",
	"an escaped slash":                "/v1/..%2fadmin",
	"an escaped slash in a name":      "/v1/a%2Fb",
	"an escaped backslash":            "/v1/..%5cadmin",
	"a backslash":                     `/v1/..\admin`,
	"an escaped percent sign":         "/v1/%252e%252e/admin",
	"an escaped letter":               "/%761/admin",
	"an escaped digit":                "/v%31/admin",
	"an escaped tilde":                "/v1/%7eroot",
	"an escaped null":                 "/v1/a%00",
	"an escaped line break":           "/v1/a%0d%0aHost:%20evil",
	"an escaped delete":               "/v1/a%7f",
	"a percent sign at the end":       "/v1/a%",
	"a percent sign and one digit":    "/v1/a%2",
	"a percent sign and a word":       "/v1/%zz",
	"a percent sign of another kind":  "/v1/%u002e%u002e/admin",
	"parameters of a segment":         "/v1/..;/admin",
	"parameters of a segment, named":  "/v1;x=1/admin",
	"escaped parameters of a segment": "/v1/..%3b/admin",
	"an escaped question mark":        "/v1/a%3fb",
	"an escaped number sign":          "/v1/a%23b",
	"a number sign":                   "/v1#a",
	"a space":                         "/v1/a b",
	"a tab":                           "/v1/a\tb",
	"letters outside ASCII":           "/v1/．．/admin",
	"a slash of another alphabet":     "/v1/..∕admin",
	"no slash at the beginning":       "v1/admin",
	"another host":                    "@evil.example/v1",
	"another URL":                     "https://evil.example/v1",
	"nothing":                         "",
	"a query that cannot be decoded":  "/v1?a=%zz",
	"a query with semicolons":         "/v1?a=1;tenant=b",
	"a query outside ASCII":           "/v1?a=é",
	"a query with a line break":       "/v1?a=\r\nHost:evil",
}

func TestHTTPRefusesPathsThatMeanAnother(t *testing.T) {
	for name, text := range climbing {
		t.Run(name, func(t *testing.T) {
			_, err := (&source.Builder{}).Question(document(text, `1`), admitting("https://a.example", "/"), anyClient(t))
			checkProblem(t, err, source.ErrInvalid, "The path ")
			if text != "" && len(text) > 4 && strings.Contains(err.Error(), text) {
				t.Errorf("the sentence shows the path: %s", err)
			}
		})
	}
}

// Whatever path is admitted, the server sees it below the prefix, and so does everybody who tidies it up.
func TestHTTPAsksBelowThePrefixWhateverThePath(t *testing.T) {
	parts := rapid.SampledFrom([]string{
		"/", "//", "/v1", "/v1/", "..", ".", "%2e", "%2f", "%5c", "%25", ";", "a", "A", "~", ":", "@", "%20", "%00", "?", "&", "=", "é", "v1", "b",
	})
	var seen *url.URL
	server := answers(t, func(w http.ResponseWriter, r *http.Request) {
		seen = r.URL
		says(200, "application/json", `1`)(w, r)
	})
	client := clientFor(t, server)
	rapid.Check(t, func(rt *rapid.T) {
		text := "/" + strings.Join(rapid.SliceOfN(parts, 0, 8).Draw(rt, "parts"), "")
		question, err := (&source.Builder{}).Question(document(text, `reply`), admitting(server.URL+"/base", "/v1"), client)
		if err != nil {
			if !errors.Is(err, source.ErrInvalid) && !errors.Is(err, source.ErrNotPermitted) {
				rt.Fatalf("%s: %v", text, err)
			}
			return
		}
		if got := question.Asker.Ask(t.Context(), noon); got.Result != v1alpha1.SampleAnswered {
			rt.Fatalf("%s: %v", text, got)
		}
		for _, tidied := range []string{path.Clean(seen.Path), path.Clean(seen.EscapedPath()), path.Clean(strings.ToLower(seen.Path))} {
			if tidied != "/base/v1" && !strings.HasPrefix(tidied, "/base/v1/") {
				rt.Fatalf("%s was asked as %s", text, tidied)
			}
		}
	})
}
