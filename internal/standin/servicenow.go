package standin

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// ServiceNowOptions say how an instance of ServiceNow is set up.
type ServiceNowOptions struct {
	Options
	// Tables are the tables that the user may see. Default: incident.
	Tables []string
	// Columns are columns beyond those of an incident, such as u_ticket_key.
	Columns []string
	// States are the numbers of all states. Default: those of an incident.
	States []string
	// ClosedStates are those that count as closed. Default: 6, 7 and 8, which are resolved, closed and canceled.
	ClosedStates []string
	// ShutState is the state that CloseOutside sets. Default: 7.
	ShutState string
	// NeedsCloseCode refuses a closing without close_code, as a business rule often does.
	NeedsCloseCode bool
	// InvalidQuery is what becomes of a sysparm_query with a column that there is not.
	InvalidQuery InvalidQuery
}

// InvalidQuery is what becomes of a query with a column that there is not.
type InvalidQuery int

const (
	// RefuseInvalidQuery is stricter than ServiceNow, so that a misspelt column is seen.
	RefuseInvalidQuery InvalidQuery = iota
	// IgnoreInvalidQuery is the default of ServiceNow: it drops that part of the query, and lists more than was meant.
	IgnoreInvalidQuery
	// EmptyInvalidQuery is glide.invalid_query.returns_no_rows: nothing is listed.
	EmptyInvalidQuery
)

// serviceNow is an instance with its options.
type serviceNow struct {
	*Tracker
	options ServiceNowOptions
}

// NewServiceNow stands in for ServiceNow with its Table API.
//
// https://www.servicenow.com/docs/r/api-reference/rest-apis/c_TableAPI.html
func NewServiceNow(options ServiceNowOptions) *Tracker {
	s := &serviceNow{Tracker: newTracker(options.Options), options: options.withDefaults()}
	table := "/api/now/table/{table}"
	return s.speak(vendor{
		routes: []route{
			{http.MethodGet, table, s.list},
			{http.MethodPost, table, s.create},
			{http.MethodGet, table + "/{record}", s.get},
			{http.MethodPatch, table + "/{record}", s.update},
		},
		unauthorized: func(call, bool) reply {
			return serviceNowFailure(http.StatusUnauthorized, "User Not Authenticated", "Required to provide Auth information").
				with("WWW-Authenticate", `BASIC realm="Service-now"`)
		},
		throttled:   s.tooMany,
		unknown:     serviceNowUnknown,
		unsupported: serviceNowUnsupported,
		states: states{
			known:  func(state string) bool { return slices.Contains(s.options.States, state) },
			closed: func(state string) bool { return slices.Contains(s.options.ClosedStates, state) },
			open:   s.options.States[0],
			shut:   s.options.ShutState,
			// Canceled, with the close code that the rule of NeedsCloseCode asks a person for as well.
			// https://support.servicenow.com/kb?id=kb_article_view&sysparm_article=KB0564465
			decline: func(r *record) { r.state, r.fields["close_code"] = "8", "No resolution provided" },
		},
	})
}

func (o ServiceNowOptions) withDefaults() ServiceNowOptions {
	o.Tables = orElse(o.Tables, "incident")
	o.States = orElse(o.States, "1", "2", "3", "6", "7", "8")
	o.ClosedStates = orElse(o.ClosedStates, "6", "7", "8")
	if o.ShutState == "" {
		o.ShutState = "7"
	}
	return o
}

// serviceNowFailure is the body of every error.
func serviceNowFailure(status int, message, detail string) reply {
	return answer(status, object{
		"error": object{"message": message, "detail": emptyAsNull(detail)}, "status": "failure",
	})
}

// serviceNowUnknown is a 400: the documentation says so of a URI that matches no API, and users report the sentence.
func serviceNowUnknown(call) reply {
	return serviceNowFailure(http.StatusBadRequest, "Requested URI does not represent any resource", "")
}

// serviceNowUnsupported is a 415 as documented; the sentences are not verified.
func serviceNowUnsupported(call) reply {
	return serviceNowFailure(http.StatusUnsupportedMediaType, "Unsupported media type", "The endpoint does not support the format of the request body")
}

// tooMany has the headers that are documented; the sentences are not verified.
//
// https://www.servicenow.com/docs/r/api-reference/rest-api-explorer/inbound-REST-API-rate-limiting.html
func (s *serviceNow) tooMany(c call, seconds int) reply {
	reset := c.now.Add(time.Duration(seconds) * time.Second).Unix()
	return serviceNowFailure(http.StatusTooManyRequests, "Rate limit exceeded", "Rejected the request, because a rate limit rule was exceeded").
		with("Retry-After", strconv.Itoa(seconds)).
		with("X-RateLimit-Limit", strconv.Itoa(s.Tracker.options.RateLimit.Requests)).
		with("X-RateLimit-Reset", strconv.FormatInt(reset, 10)).
		with("X-RateLimit-Rule", "5d2f0b3ac0a8016400e1a2b3c4d5e6f7")
}

// serviceNowColumns are the columns of an incident that a client may write.
var serviceNowColumns = []string{
	"short_description", "description", "state", "correlation_id", "correlation_display", "caller_id", "category",
	"subcategory", "impact", "urgency", "priority", "assignment_group", "assigned_to", "cmdb_ci", "business_service",
	"contact_type", "close_code", "close_notes", "work_notes", "comments",
}

// writable says whether a column can be written.
func (s *serviceNow) writable(column string) bool {
	return slices.Contains(serviceNowColumns, column) || slices.Contains(s.options.Columns, column) ||
		slices.Contains(s.options.RequiredFields, column)
}

// readable says whether a column can be read and asked for.
func (s *serviceNow) readable(column string) bool {
	kept := []string{"sys_id", "sys_class_name", "sys_created_on", "sys_updated_on", "number", "active", "opened_at", "closed_at"}
	return s.writable(column) || slices.Contains(kept, column)
}

// inTable refuses a table that there is not; the sentence is not verified.
func (s *serviceNow) inTable(c call) error {
	if !slices.Contains(s.options.Tables, c.named["table"]) {
		return refuse(serviceNowFailure(http.StatusBadRequest, "Invalid table "+c.named["table"], ""))
	}
	return nil
}

// find finds a record of the table. One that the user may not see is answered in the same way.
func (s *serviceNow) find(c call) (*history, error) {
	if err := s.inTable(c); err != nil {
		return nil, err
	}
	history, found := s.store.find(c.named["record"])
	if !found || history.latest().home != c.named["table"] {
		return nil, refuse(serviceNowFailure(http.StatusNotFound, "No Record found",
			"Record doesn't exist or ACL restricts the record retrieval"))
	}
	return history, nil
}
