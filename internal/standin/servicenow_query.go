package standin

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// get reads a record.
//
// https://www.servicenow.com/docs/r/api-reference/rest-apis/c_TableAPI.html (Table - GET with sys_id)
func (s *serviceNow) get(c call) (reply, error) {
	if err := c.onlyQuery("sysparm_fields", "sysparm_exclude_reference_link", "sysparm_display_value"); err != nil {
		return reply{}, err
	}
	history, err := s.find(c)
	if err != nil {
		return reply{}, err
	}
	return s.answerOne(c, http.StatusOK, history.latest()), nil
}

func (s *serviceNow) answerOne(c call, status int, r record) reply {
	shown := object{}
	for column, value := range s.chosen(c, r) {
		shown[column] = value
	}
	// A column that refers to a record is shown with a link to it.
	if user := shown["assigned_to"]; user != nil && user != "" {
		shown["assigned_to"] = object{"link": c.base() + "/api/now/table/sys_user/" + textOf(user), "value": user}
	}
	return answer(status, object{"result": shown})
}

// chosen is a record with the columns that sysparm_fields names. Those that there are not are left out.
func (s *serviceNow) chosen(c call, r record) map[string]string {
	columns := s.columns(r)
	wanted := listed(c.query("sysparm_fields"))
	if len(wanted) == 0 {
		return columns
	}
	chosen := map[string]string{}
	for _, column := range wanted {
		if value, known := columns[column]; known {
			chosen[column] = value
		}
	}
	return chosen
}

// list lists records: by default up to 10,000, whole and unsorted, which here is the order of creation.
//
// https://www.servicenow.com/docs/r/api-reference/rest-apis/c_TableAPI.html (Table - GET)
func (s *serviceNow) list(c call) (reply, error) {
	limit, limitErr := c.number("sysparm_limit")
	offset, offsetErr := c.number("sysparm_offset")
	known := c.onlyQuery("sysparm_query", "sysparm_limit", "sysparm_offset", "sysparm_fields", "sysparm_exclude_reference_link", "sysparm_display_value")
	if err := firstOf(s.inTable(c), limitErr, offsetErr, known); err != nil {
		return reply{}, err
	}
	if shown := c.query("sysparm_display_value"); shown != "" && shown != "false" {
		return reply{}, stricter("only values are known here, and not what they are displayed as")
	}
	found, err := s.found(c)
	if err != nil {
		return reply{}, err
	}
	offset, limit = max(0, offset), s.limitedTo(limit, 10000, 10000)
	page := transform(cut(found, offset, limit), func(r record) map[string]string { return s.chosen(c, r) })
	listed := answer(http.StatusOK, object{"result": page}).with("X-Total-Count", strconv.Itoa(len(found)))
	if len(found) <= limit {
		return listed, nil
	}
	return listed.with("Link", serviceNowLinks(c, len(found), offset, limit)), nil
}

// serviceNowLinks has the pages around this one. There is no space between the parts.
func serviceNowLinks(c call, total, offset, limit int) string {
	at := func(begin int) string {
		return c.here(map[string]string{"sysparm_offset": strconv.Itoa(begin), "sysparm_limit": strconv.Itoa(limit)})
	}
	next, prev := "", ""
	if offset+limit < total {
		next = at(offset + limit)
	}
	if offset > 0 {
		prev = at(max(0, offset-limit))
	}
	return links("", [2]string{"first", at(0)}, [2]string{"prev", prev}, [2]string{"next", next}, [2]string{"last", at((total - 1) / limit * limit)})
}

// found is what an encoded query finds, in its order. Of the operators it knows =, != and IN, and of the joins ^ and ^OR.
//
// https://www.servicenow.com/docs/r/platform-user-interface/c_EncodedQueryStrings.html
func (s *serviceNow) found(c call) ([]record, error) {
	records := s.store.list(c.now, func(r record) bool { return r.home == c.named["table"] })
	for _, choice := range choices(c.query("sysparm_query")) {
		narrowed, err := s.narrowToOne(records, choice)
		if err != nil {
			return nil, err
		}
		records = narrowed
	}
	return records, nil
}

// choices are the conditions of an encoded query, those that are joined by ^OR together.
func choices(query string) [][]string {
	var joined [][]string
	for _, part := range strings.Split(query, "^") {
		other, isOther := strings.CutPrefix(part, "OR")
		switch {
		case part == "":
		case isOther && !strings.HasPrefix(part, "ORDERBY") && len(joined) > 0:
			joined[len(joined)-1] = append(joined[len(joined)-1], other)
		default:
			joined = append(joined, []string{part})
		}
	}
	return joined
}

// narrowToOne keeps what one of several conditions keeps.
func (s *serviceNow) narrowToOne(records []record, choice []string) ([]record, error) {
	if len(choice) == 1 {
		return s.narrow(records, choice[0])
	}
	kept := map[string]bool{}
	for _, part := range choice {
		narrowed, err := s.narrow(records, part)
		if err != nil {
			return nil, err
		}
		for _, r := range narrowed {
			kept[r.id] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(records), func(r record) bool { return !kept[r.id] }), nil
}

// narrow applies one part of a query.
func (s *serviceNow) narrow(records []record, part string) ([]record, error) {
	if column, descending := strings.CutPrefix(part, "ORDERBYDESC"); descending {
		return s.ordered(records, column, -1)
	}
	if column, ascending := strings.CutPrefix(part, "ORDERBY"); ascending {
		return s.ordered(records, column, 1)
	}
	column, operator, value, err := condition(part)
	if err != nil {
		return nil, err
	}
	if !s.readable(column) {
		return s.invalid(records, column)
	}
	kept := []record{}
	for _, r := range records {
		if compares(s.columns(r)[column], operator, value) {
			kept = append(kept, r)
		}
	}
	return kept, nil
}

// invalid is what becomes of a part with a column that there is not.
func (s *serviceNow) invalid(records []record, column string) ([]record, error) {
	switch s.options.InvalidQuery {
	case IgnoreInvalidQuery:
		return records, nil
	case EmptyInvalidQuery:
		return nil, nil
	default:
		return nil, stricter(fmt.Sprintf("the table has no column %q", column))
	}
}

// condition parts a column, an operator and a value.
func condition(part string) (column, operator, value string, err error) {
	end := strings.IndexFunc(part, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	if end < 1 {
		return "", "", "", stricter(fmt.Sprintf("sysparm_query has %q, which is no condition", part))
	}
	for _, operator := range []string{"!=", "=", "IN"} {
		if value, uses := strings.CutPrefix(part[end:], operator); uses {
			return part[:end], operator, value, nil
		}
	}
	return "", "", "", stricter(fmt.Sprintf("sysparm_query has %q, whose operator is not known here", part))
}

func compares(held, operator, value string) bool {
	switch operator {
	case "=":
		return held == value
	case "!=":
		return held != value
	default:
		return slices.Contains(strings.Split(value, ","), held)
	}
}

// ordered sorts by a column. Equals stay as they were.
func (s *serviceNow) ordered(records []record, column string, direction int) ([]record, error) {
	if !s.readable(column) {
		return s.invalid(records, column)
	}
	turned := slices.Clone(records)
	slices.SortStableFunc(turned, func(a, b record) int {
		return direction * cmp.Compare(s.columns(a)[column], s.columns(b)[column])
	})
	return turned, nil
}
