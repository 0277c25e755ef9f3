package source

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// needless are escapes of letters, digits, and of - . _ ~, which are the same character with and without (RFC 3986, 2.3).
// Some servers compare before they decode.
var needless = regexp.MustCompile(`(?i)%(2[de]|3[0-9]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])`)

// target is a path below the URL of a MetricSource, checked.
type target struct {
	// path as it is sent, and its segments, decoded.
	path     string
	segments []string
	query    string
}

// parseTarget reads the path of a KPI. Servers disagree about what "..", "//", "%2f", "%2e" and ";" in a path mean, and
// what stands between them and us may change it, so that a path which is admitted here could be another one there. None
// of them is let through. Errors continue the sentence "the path ...".
func parseTarget(text string) (target, error) {
	path, query, _ := strings.Cut(text, "?")
	if !strings.HasPrefix(path, "/") {
		return target{}, errors.New("must begin with /")
	}
	for _, letter := range text {
		if letter <= ' ' || letter > '~' || letter == '\\' || letter == '#' {
			return target{}, errors.New("may hold printable ASCII only, without space, backslash and #; escape the rest")
		}
	}
	parsed := target{path: path, query: query}
	trimmed := strings.TrimSuffix(path[1:], "/")
	if path == "/" {
		return parsed, checkQuery(query)
	}
	for _, raw := range strings.Split(trimmed, "/") {
		segment, err := parseSegment(raw)
		if err != nil {
			return target{}, err
		}
		parsed.segments = append(parsed.segments, segment)
	}
	return parsed, checkQuery(query)
}

// parseSegment decodes what stands between two slashes.
func parseSegment(raw string) (string, error) {
	segment, err := url.PathUnescape(raw)
	if err != nil {
		return "", errors.New("has a % that is not followed by two hexadecimal digits")
	}
	switch {
	case strings.Trim(segment, ".") == "":
		return "", errors.New("may have no empty segment and none of dots only")
	case strings.ContainsAny(segment, `/\%;?#`):
		return "", errors.New("may hold no slash, backslash, percent sign, semicolon, ? or # within a segment, encoded or not")
	case strings.IndexFunc(segment, func(letter rune) bool { return letter < ' ' || letter == 0x7f }) >= 0:
		return "", errors.New("may hold no control character")
	case needless.MatchString(raw):
		return "", errors.New("encodes letters, digits, dots or hyphens, which need no encoding; write them as they are")
	}
	return segment, nil
}

// checkQuery accepts what every server reads in the same way.
func checkQuery(query string) error {
	if strings.ContainsRune(query, ';') {
		return errors.New("may separate the parameters of its query by & only")
	}
	if _, err := url.ParseQuery(query); err != nil {
		return errors.New("has a query with a % that is not followed by two hexadecimal digits")
	}
	return nil
}

// admitted says whether the MetricSource admits a request: the method, and a prefix of whole segments.
func (t target) admitted(allow []v1alpha1.AllowedRequest, method v1alpha1.HTTPMethod) bool {
	return slices.ContainsFunc(allow, func(allowed v1alpha1.AllowedRequest) bool {
		admits := allowed.Method
		if admits == "" {
			admits = v1alpha1.HTTPGet
		}
		return admits == method && t.isBelow(allowed.PathPrefix)
	})
}

// isBelow compares segment by segment. A prefix that is itself not clear admits nothing.
func (t target) isBelow(prefix string) bool {
	parsed, err := parseTarget(prefix)
	if err != nil || parsed.query != "" || len(parsed.segments) > len(t.segments) {
		return false
	}
	return slices.Equal(parsed.segments, t.segments[:len(parsed.segments)])
}

// below joins the path to the URL of a MetricSource. The query of that URL may be what tells tenants apart, so that none
// of its parameters can be given again.
func (t target) below(base string) (string, error) {
	joined, err := url.Parse(base)
	if err != nil || joined.Host == "" {
		return "", errors.New("the URL of the MetricSource cannot be parsed")
	}
	for name := range joined.Query() {
		if wanted, _ := url.ParseQuery(t.query); wanted.Has(name) {
			return "", fmt.Errorf("the path may not give the parameter %q, which the MetricSource gives", name)
		}
	}
	text := joined.Scheme + "://" + joined.Host + strings.TrimSuffix(joined.EscapedPath(), "/") + t.path
	queries := slices.DeleteFunc([]string{joined.RawQuery, t.query}, func(query string) bool { return query == "" })
	if len(queries) > 0 {
		text += "?" + strings.Join(queries, "&")
	}
	return text, nil
}
