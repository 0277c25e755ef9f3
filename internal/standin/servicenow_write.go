package standin

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// create inserts a record. Nothing is unique, correlation_id neither.
//
// https://www.servicenow.com/docs/r/api-reference/rest-apis/c_TableAPI.html (Table - POST)
func (s *serviceNow) create(c call) (reply, error) {
	if err := firstOf(s.inTable(c), c.onlyQuery("sysparm_fields", "sysparm_exclude_reference_link", "sysparm_display_value")); err != nil {
		return reply{}, err
	}
	written, err := s.columnsIn(c)
	if err != nil {
		return reply{}, err
	}
	number := s.store.next()
	made := record{id: fmt.Sprintf("%032x", 0xa0000+number), home: c.named["table"], state: s.options.States[0], fields: map[string]any{}}
	made.fields["number"] = fmt.Sprintf("INC%07d", 10000+number)
	made.url = c.base() + "/nav_to.do?uri=" + made.home + ".do?sys_id=" + made.id
	made.changed = c.now
	s.write(&made, written)
	if err := s.judge(made); err != nil {
		return reply{}, err
	}
	added := s.store.add(made, c.now).latest()
	return s.answerOne(c, http.StatusCreated, added).
		with("Location", c.base()+"/api/now/table/"+made.home+"/"+made.id), nil
}

// update changes a record.
//
// https://www.servicenow.com/docs/r/api-reference/rest-apis/c_TableAPI.html (Table - PATCH)
func (s *serviceNow) update(c call) (reply, error) {
	history, err := s.find(c)
	if err := firstOf(err, c.onlyQuery("sysparm_fields", "sysparm_exclude_reference_link", "sysparm_display_value")); err != nil {
		return reply{}, err
	}
	written, err := s.columnsIn(c)
	if err != nil {
		return reply{}, err
	}
	draft := copyOf(history.latest())
	draft.changed = c.now
	s.write(&draft, written)
	if err := s.judge(draft); err != nil {
		return reply{}, err
	}
	changed := history.change(c.now, func(r *record) { s.write(r, written) })
	return s.answerOne(c, http.StatusOK, changed), nil
}

// columnsIn reads a body. ServiceNow drops columns that it does not have, and the stand-in refuses them.
func (s *serviceNow) columnsIn(c call) (map[string]string, error) {
	var body map[string]any
	if err := c.decode(&body); err != nil {
		return nil, refuse(serviceNowFailure(http.StatusBadRequest, "Exception while reading request", err.Error()))
	}
	written := map[string]string{}
	for column, value := range body {
		if !s.writable(column) {
			return nil, stricter(fmt.Sprintf("the table has no column %q that can be written", column))
		}
		written[column] = textOf(value)
	}
	if state, named := written["state"]; named && !slices.Contains(s.options.States, state) {
		return nil, stricter(fmt.Sprintf("there is no state %q", state))
	}
	return written, nil
}

// write puts columns into a record. Every value is a text. What is said goes into the journal.
func (s *serviceNow) write(r *record, written map[string]string) {
	for _, column := range sortedKeys(written) {
		value := written[column]
		switch column {
		case "short_description":
			r.title = value
		case "description":
			r.body = value
		case "state":
			r.state = value
		case "work_notes", "comments":
			if value != "" {
				r.say(value)
			}
		default:
			r.fields[column] = value
		}
	}
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// judge applies data policies and the business rule. That such a refusal is a 403 with the message Operation Failed is
// documented. The detail of the business rule is from reports of users, that of the data policy is not verified.
func (s *serviceNow) judge(r record) error {
	for _, column := range s.Tracker.options.RequiredFields {
		if s.columns(r)[column] == "" {
			return refuse(serviceNowFailure(http.StatusForbidden, "Operation Failed",
				"Data Policy Exception: The following fields are mandatory: "+column))
		}
	}
	if s.options.NeedsCloseCode && s.vendor.states.closed(r.state) && r.field("close_code") == "" {
		return refuse(serviceNowFailure(http.StatusForbidden, "Operation Failed",
			fmt.Sprintf("Operation against file '%s' was aborted by Business Rule 'Close code is mandatory'. "+
				"Business Rule Stack:Close code is mandatory", r.home)))
	}
	return nil
}

// serviceNowTime is how ServiceNow writes a time, in UTC.
const serviceNowTime = "2006-01-02 15:04:05"

// columns is every column of a record, as text. The journal reads as empty.
func (s *serviceNow) columns(r record) map[string]string {
	columns := map[string]string{
		"sys_id": r.id, "sys_class_name": r.home, "state": r.state, "active": strconv.FormatBool(r.state != "7" && r.state != "8"),
		"short_description": r.title, "description": r.body, "opened_at": moment(r.created), "closed_at": moment(r.closed),
		"sys_created_on": moment(r.created), "sys_updated_on": moment(r.changed),
	}
	for _, column := range slices.Concat(serviceNowColumns, s.options.Columns, s.options.RequiredFields) {
		if _, known := columns[column]; !known {
			columns[column] = ""
		}
	}
	for name := range r.fields {
		columns[name] = r.field(name)
	}
	return columns
}

func moment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(serviceNowTime)
}
