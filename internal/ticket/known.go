package ticket

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// Known is what a reply says of a ticket; empty where it does not.
type Known struct {
	ID, URL string
	// Open and Closed are true where the reply says so; neither is where it says nothing.
	Open, Closed bool
	// Declined is true for a closed ticket of which the reply says that it will not be done.
	Declined bool
	// Warning says in a sentence what is amiss although the request was taken; empty where nothing is.
	Warning string
	// Foreign is true where the reply shows that the ticket does not carry the key that it should.
	Foreign bool
	// Cause is what people have named as the cause; empty where they have not.
	Cause v1alpha1.CauseCategory
	// Attempts are what people have written into the text of the ticket.
	Attempts []v1alpha1.TicketAttempt
}

// Says is true where a reply was understood: what does not even say whether the ticket is open may be a page to log in.
func (k Known) Says() bool { return k.Open || k.Closed }

const (
	maxTicketID  = 256
	maxTicketURL = 2048
)

// knownOf keeps what may be stored and shown.
func knownOf(id, link, state string) Known {
	declined := strings.EqualFold(state, "declined")
	known := Known{Closed: declined || strings.EqualFold(state, "closed"), Open: strings.EqualFold(state, "open"), Declined: declined}
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
