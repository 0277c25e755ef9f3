package standin

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// list lists issues, the newest first, open ones unless a status is asked for.
//
// https://www.redmine.org/projects/redmine/wiki/Rest_Issues#Listing-issues
func (r *redmine) list(c call) (reply, error) {
	limit, limitErr := c.number("limit")
	offset, offsetErr := c.number("offset")
	filters, filterErr := r.filters(c)
	if err := firstOf(limitErr, offsetErr, filterErr); err != nil {
		return reply{}, err
	}
	found := newestFirst(r.store.list(c.now, func(issue record) bool {
		return !slices.ContainsFunc(filters, func(keeps redmineFilter) bool { return !keeps(issue) })
	}))
	offset, limit = max(0, offset), r.limitedTo(limit, 25, 100)
	return answer(http.StatusOK, object{
		"issues": transform(cut(found, offset, limit), r.show), "total_count": len(found), "offset": offset, "limit": limit,
	}), nil
}

// redmineFilter says whether an issue is listed.
type redmineFilter func(record) bool

// filters reads the query. Redmine ignores filters that it does not have, and the stand-in refuses them, except for custom
// fields that are not used as filters: those are ignored as in Redmine.
func (r *redmine) filters(c call) ([]redmineFilter, error) {
	filters := []redmineFilter{}
	query := c.request.URL.Query()
	if !query.Has("status_id") {
		query.Set("status_id", "open")
	}
	for name := range query {
		filter, err := r.filter(name, query.Get(name))
		if err != nil {
			return nil, err
		}
		if filter != nil {
			filters = append(filters, filter)
		}
	}
	return filters, nil
}

// filter reads one parameter; nil for one that filters nothing.
func (r *redmine) filter(name, value string) (redmineFilter, error) {
	switch name {
	case "limit", "offset":
		return nil, nil
	case "project_id":
		return r.byProject(value)
	case "status_id":
		return r.byStatus(value), nil
	case "subject":
		return func(issue record) bool { return says(issue.title, value) }, nil
	}
	id, isCustom := strings.CutPrefix(name, "cf_")
	field, found := r.customField(id)
	switch {
	case !isCustom || !found:
		return nil, stricter(fmt.Sprintf("the query parameter %q is not known here", name))
	case !field.Filter:
		return nil, nil
	default:
		return func(issue record) bool { return says(issue.field(name), value) }, nil
	}
}

// says compares a text: after ~ it is to be contained, whatever its case, and otherwise equal to one of several.
func says(text, expression string) bool {
	if part, contains := strings.CutPrefix(expression, "~"); contains {
		return strings.Contains(strings.ToLower(text), strings.ToLower(part))
	}
	return slices.Contains(strings.Split(expression, "|"), text)
}

// byProject takes the id or the identifier of a project. Without subprojects it is all of it.
func (r *redmine) byProject(value string) (redmineFilter, error) {
	number := numberOf(r.options.Projects, value)
	if number == 0 {
		return nil, refuse(empty(http.StatusNotFound))
	}
	return func(issue record) bool { return issue.fields["project_id"] == number }, nil
}

// byStatus takes "*", open, closed, or ids between bars. Of open and closed Redmine reads only the first letter.
func (r *redmine) byStatus(value string) redmineFilter {
	return func(issue record) bool {
		status, _ := r.status(issue.state)
		switch {
		case value == "*":
			return true
		case strings.HasPrefix(value, "o"):
			return !status.Closed
		case strings.HasPrefix(value, "c"):
			return status.Closed
		default:
			return slices.Contains(strings.Split(value, "|"), strconv.Itoa(status.ID))
		}
	}
}
