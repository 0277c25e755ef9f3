package standin

import (
	"net/url"
	"strings"
)

// route is an endpoint. A segment of the pattern may be a literal, or {name} with a literal after it.
type route struct {
	method  string
	pattern string
	do      func(call) (reply, error)
}

// match says whether the route is meant, and what its names stand for. The path is an escaped one: an escaped slash does
// not part segments.
func (r route) match(method, path string) (map[string]string, bool) {
	pattern, segments := strings.Split(r.pattern, "/"), strings.Split(path, "/")
	if r.method != method || len(pattern) != len(segments) {
		return nil, false
	}
	named := map[string]string{}
	for i, segment := range segments {
		if !bind(pattern[i], segment, named) {
			return nil, false
		}
	}
	return named, true
}

// bind compares one segment, and notes what a name stands for.
func bind(pattern, segment string, named map[string]string) bool {
	name, suffix, isName := strings.Cut(strings.TrimPrefix(pattern, "{"), "}")
	if !isName {
		return pattern == segment
	}
	value, fits := strings.CutSuffix(segment, suffix)
	text, err := url.PathUnescape(value)
	if !fits || err != nil || text == "" {
		return false
	}
	named[name] = text
	return true
}
