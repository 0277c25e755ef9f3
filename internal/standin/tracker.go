package standin

import (
	"net/http"
	"sync"
	"time"

	"k8s.io/utils/clock"
)

// Options say how a stand-in behaves, whatever its vendor is. The zero value keeps time by the real clock, asks for no
// login and limits nothing but what the vendor limits.
type Options struct {
	// Clock dates tickets, and decides about Lag and RateLimit. Default: the real one.
	Clock clock.PassiveClock
	// Lag is how long a search or a list does not know of a creation or a change; reading by id always does. Atlassian
	// documents it for Jira. That the lists of GitHub and GitLab can lag, too, is not verified. The lists of ServiceNow
	// and Redmine are read from the one database and PagerDuty has none: there it does nothing.
	Lag time.Duration
	// PageLimit is the largest page of a list, to force several with few tickets. 0: as large as the vendor allows.
	PageLimit int
	// Credentials open the API; any one of them does. Empty: nobody is asked. PagerDuty has its routing keys instead.
	Credentials []Credential
	// RequiredFields cannot be left out when a ticket is created, beyond those that the vendor always requires: a field
	// of Jira, a column of ServiceNow, "cf_N" of Redmine. Vendors without such a setting do not look at it.
	RequiredFields []string
	// RateLimit refuses requests that come too often.
	RateLimit RateLimit
}

// Tracker is the stand-in of one ticket system. It is an http.Handler, and safe for concurrent use.
type Tracker struct {
	options Options
	vendor  vendor

	mu       sync.Mutex
	store    store
	requests []Request
	faults   []*pending
	window   window
}

// vendor is what the core has to know of the system that it stands in for.
type vendor struct {
	routes []route
	// unauthorized answers a request that logs in with nothing, or with what is not known.
	unauthorized func(c call, anonymous bool) reply
	// throttled answers a request too many; seconds is how long to wait.
	throttled func(c call, seconds int) reply
	// unknown answers a request for what is no endpoint.
	unknown func(c call) reply
	// unsupported answers a body that is not declared to be JSON.
	unsupported func(c call) reply
	states      states
}

// states is what a vendor calls the states of a ticket.
type states struct {
	known  func(state string) bool
	closed func(state string) bool
	// open and shut are what a person sets who reopens and closes a ticket.
	open, shut string
	// decline is what a person does who closes a ticket as something that will not be done; nil where the vendor has no such thing.
	decline func(*record)
}

// newTracker makes a tracker that has yet to be told of its vendor, by speak.
func newTracker(options Options) *Tracker {
	if options.Clock == nil {
		options.Clock = clock.RealClock{}
	}
	return &Tracker{options: options}
}

// speak makes the tracker the stand-in of a vendor.
func (t *Tracker) speak(v vendor) *Tracker {
	t.vendor, t.store.closes = v, v.states.closed
	return t
}

// Request is one request as it was received.
type Request struct {
	Method string
	// Path has the query with it.
	Path   string
	Header http.Header
	Body   string
	// Time is what the clock of the stand-in said.
	Time time.Time
}

// Requests lists every request, in the order of arrival, those that were refused or failed too.
func (t *Tracker) Requests() []Request {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Request{}, t.requests...)
}

// limitedTo is the size of a page: what was asked for, or usual where nothing was, and never more than most.
func (t *Tracker) limitedTo(asked, usual, most int) int {
	if asked < 1 {
		asked = usual
	}
	if t.options.PageLimit > 0 {
		most = min(most, t.options.PageLimit)
	}
	return min(asked, most)
}
