package standin

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// jiraSearch is what is searched for, by GET and by POST, in both kinds of Jira.
type jiraSearch struct {
	JQL        string   `json:"jql"`
	Fields     []string `json:"fields"`
	MaxResults int      `json:"maxResults"`
}

// cloudSearch are the endpoints of Cloud. The old one is gone since 2025.
//
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issue-search/
// https://developer.atlassian.com/changelog/#CHANGE-2046
func (j *jira) cloudSearch() []route {
	gone := func(call) (reply, error) {
		return jiraFailure(http.StatusGone, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "+
			"A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"), nil
	}
	return []route{
		{http.MethodGet, "/rest/api/2/search/jql", j.searchByGet},
		{http.MethodPost, "/rest/api/2/search/jql", j.searchByPost},
		{http.MethodGet, "/rest/api/2/search", gone},
		{http.MethodPost, "/rest/api/2/search", gone},
	}
}

// cloudQuery is a search in Cloud.
type cloudQuery struct {
	jiraSearch
	NextPageToken   string `json:"nextPageToken"`
	ReconcileIssues []int  `json:"reconcileIssues"`
}

func (j *jira) searchByPost(c call) (reply, error) {
	var query cloudQuery
	if err := firstOf(c.onlyQuery(), c.read(&query)); err != nil {
		return reply{}, err
	}
	return j.searchCloud(c, query)
}

func (j *jira) searchByGet(c call) (reply, error) {
	limit, err := c.number("maxResults")
	if err := firstOf(err, c.onlyQuery("jql", "fields", "maxResults", "nextPageToken", "reconcileIssues")); err != nil {
		return reply{}, err
	}
	query := cloudQuery{
		jiraSearch:    jiraSearch{JQL: c.query("jql"), Fields: listed(c.query("fields")), MaxResults: limit},
		NextPageToken: c.query("nextPageToken"),
	}
	for _, text := range c.request.URL.Query()["reconcileIssues"] {
		id, err := strconv.Atoi(text)
		if err != nil {
			return reply{}, stricter(fmt.Sprintf("reconcileIssues has %q, which is no id", text))
		}
		query.ReconcileIssues = append(query.ReconcileIssues, id)
	}
	return j.searchCloud(c, query)
}

// searchCloud has no total, and only ids unless fields are asked for. Issues of reconcileIssues, at most 50, are seen as
// they are now, the others as they were a Lag ago.
//
// https://developer.atlassian.com/cloud/jira/platform/search-and-reconcile/
func (j *jira) searchCloud(c call, query cloudQuery) (reply, error) {
	parsed, err := j.parseJQL(query.JQL)
	if err != nil {
		return reply{}, err
	}
	if len(query.ReconcileIssues) > 50 {
		return reply{}, refuse(jiraFailure(http.StatusBadRequest, "reconcileIssues may have 50 ids."))
	}
	offset, err := readPageToken(query.NextPageToken, query.JQL)
	if err != nil {
		return reply{}, err
	}
	found := j.found(c, parsed, query.ReconcileIssues)
	limit := j.limitedTo(query.MaxResults, 50, 5000)
	page := object{"issues": j.showFound(c, cut(found, offset, limit), orElse(query.Fields, "id")), "isLast": offset+limit >= len(found)}
	if offset+limit < len(found) {
		page["nextPageToken"] = pageToken(offset+limit, query.JQL)
	}
	return answer(http.StatusOK, page), nil
}

// pageToken hides where the next page begins, and belongs to one query.
func pageToken(offset int, query string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(offset) + " " + query))
}

func readPageToken(token, query string) (int, error) {
	if token == "" {
		return 0, nil
	}
	content, err := base64.RawURLEncoding.DecodeString(token)
	text, of, _ := strings.Cut(string(content), " ")
	offset, noNumber := strconv.Atoi(text)
	if err != nil || noNumber != nil || of != query {
		return 0, refuse(jiraFailure(http.StatusBadRequest, "The nextPageToken is invalid."))
	}
	return offset, nil
}

// found is what a query finds, in its order.
func (j *jira) found(c call, query jql, reconciled []int) []record {
	issues := []record{}
	for _, history := range j.store.all {
		moment := c.now.Add(-j.options.Lag)
		if slices.Contains(reconciled, 10000+history.latest().number) {
			moment = c.now
		}
		if issue, visible := history.at(moment); visible && query.matches(issue) {
			issues = append(issues, issue)
		}
	}
	if query.oldestFirst {
		return issues
	}
	return newestFirst(issues)
}

// showFound shows a page. With only the id asked for there is nothing else.
func (j *jira) showFound(c call, page []record, fields []string) []object {
	return transform(page, func(issue record) object {
		if slices.Equal(fields, []string{"id"}) {
			return object{"id": jiraID(issue)}
		}
		return j.show(c, issue, fields)
	})
}

// serverSearch is the endpoint of Data Center.
//
// https://docs.atlassian.com/software/jira/docs/api/REST/latest/#api/2/search
func (j *jira) serverSearch() []route {
	byGet := func(c call) (reply, error) {
		limit, limitErr := c.number("maxResults")
		start, startErr := c.number("startAt")
		if err := firstOf(limitErr, startErr, c.onlyQuery("jql", "fields", "maxResults", "startAt", "validateQuery")); err != nil {
			return reply{}, err
		}
		return j.searchServer(c, jiraSearch{JQL: c.query("jql"), Fields: listed(c.query("fields")), MaxResults: limit}, max(0, start))
	}
	byPost := func(c call) (reply, error) {
		var query struct {
			jiraSearch
			StartAt       int  `json:"startAt"`
			ValidateQuery bool `json:"validateQuery"`
		}
		if err := firstOf(c.onlyQuery(), c.read(&query)); err != nil {
			return reply{}, err
		}
		return j.searchServer(c, query.jiraSearch, max(0, query.StartAt))
	}
	return []route{{http.MethodGet, "/rest/api/2/search", byGet}, {http.MethodPost, "/rest/api/2/search", byPost}}
}

func (j *jira) searchServer(c call, query jiraSearch, start int) (reply, error) {
	parsed, err := j.parseJQL(query.JQL)
	if err != nil {
		return reply{}, err
	}
	found := j.found(c, parsed, nil)
	limit := j.limitedTo(query.MaxResults, 50, 1000)
	return answer(http.StatusOK, object{
		"expand": "schema,names", "startAt": start, "maxResults": limit, "total": len(found),
		"issues": transform(cut(found, start, limit), func(issue record) object { return j.show(c, issue, orElse(query.Fields, "*navigable")) }),
	}), nil
}
