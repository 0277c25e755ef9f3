package egress

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

const (
	// maxExcerpt is how many characters of a text from outside are shown.
	maxExcerpt = 120
	redacted   = "[redacted]"
)

// Scrub replaces every occurrence of the secrets in text, as they are and in the encodings in which a server would echo
// them (base64, URL), by "[redacted]".
func Scrub(text string, secrets ...string) string {
	var forms []string
	for _, secret := range secrets {
		forms = append(forms, encodings(secret)...)
	}
	// The longest first: a secret that is the beginning of another would leave the rest of that one behind.
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, form := range forms {
		pairs = append(pairs, form, redacted)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// encodings lists the forms of one secret; none for an empty one.
func encodings(secret string) []string {
	trimmed := strings.TrimSpace(secret)
	if trimmed == "" {
		return nil
	}
	return []string{
		secret,
		trimmed,
		base64.StdEncoding.EncodeToString([]byte(trimmed)),
		base64.RawStdEncoding.EncodeToString([]byte(trimmed)),
		base64.URLEncoding.EncodeToString([]byte(trimmed)),
		base64.RawURLEncoding.EncodeToString([]byte(trimmed)),
		url.QueryEscape(trimmed),
		url.PathEscape(trimmed),
	}
}

// Excerpt makes a text from outside fit to be shown: scrubbed, on one line, printable, at most 120 characters. It scrubs
// before it cuts, so that no half of a secret is left at the end.
func Excerpt(text string, secrets ...string) string {
	text = Scrub(strings.ToValidUTF8(text, "?"), secrets...)
	text = strings.Map(printable, text)
	text = Scrub(strings.Join(strings.Fields(text), " "), secrets...)
	runes := []rune(text)
	if len(runes) <= maxExcerpt {
		return text
	}
	return string(runes[:maxExcerpt-1]) + "…"
}

// printable turns what a terminal would act upon, direction marks among it, into a space.
func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return ' '
}
