package ticket

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// Known is what a reply says of a ticket; empty where it does not.
type Known struct {
	ID, URL string
	// Open and Closed are true where the reply says so; neither is where it says nothing.
	Open, Closed bool
}

const (
	maxTicketID  = 256
	maxTicketURL = 2048
)

// knownOf keeps what may be stored and shown.
func knownOf(id, link, state string) Known {
	known := Known{Closed: strings.EqualFold(state, "closed"), Open: strings.EqualFold(state, "open")}
	if len(id) <= maxTicketID && plain(id) {
		known.ID = id
	}
	if len(link) <= maxTicketURL && isWebLink(link) {
		known.URL = link
	}
	return known
}

// plain is true for text that can be stored and shown on a terminal as it is.
func plain(text string) bool {
	return utf8.ValidString(text) && oneLine(text) == text
}

// isWebLink is true for links that a person can follow without harm.
func isWebLink(link string) bool {
	parsed, err := url.Parse(link)
	return err == nil && plain(link) && parsed.Host != "" && (parsed.Scheme == "https" || parsed.Scheme == "http")
}
