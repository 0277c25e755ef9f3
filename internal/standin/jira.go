package standin

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// JiraOptions say how Jira is set up.
type JiraOptions struct {
	Options
	// Cloud makes it Jira Cloud; else it is Jira Data Center.
	Cloud bool
	// Projects are the keys of the projects. Default: OPS.
	Projects []string
	// IssueTypes are the names of the types, in every project. Default: Task and Bug.
	IssueTypes []string
	// Priorities are the names of the priorities. Default: Highest, High, Medium, Low and Lowest.
	Priorities []string
	// CustomFields are the ids of custom fields, such as customfield_10010. Those of RequiredFields are there anyway.
	CustomFields []string
	// OffScreen are fields that stand on no screen, so that they cannot be set. Often that is labels.
	OffScreen []string
	// SearchableProperties are the paths into entity properties that JQL knows, as "key.path". In Jira an app has to
	// declare them; what is not declared cannot be searched for.
	SearchableProperties []string
	// Assignable are the users that issues can be assigned to: account ids in Cloud, names in Data Center. Default: gemba-owner.
	Assignable []string
	// Workflow is what issues go through. Default: DefaultWorkflow.
	Workflow Workflow
}

// jira is a Jira with its options.
type jira struct {
	*Tracker
	options JiraOptions
}

// NewJira stands in for Jira, with version 2 of its REST API, in which texts are texts.
//
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/intro/
// https://developer.atlassian.com/server/jira/platform/rest/
func NewJira(options JiraOptions) *Tracker {
	j := &jira{Tracker: newTracker(options.Options), options: options.withDefaults()}
	return j.speak(vendor{
		routes:       j.routes(),
		unauthorized: j.unauthorized,
		throttled:    jiraThrottled,
		unknown:      jiraUnknown,
		unsupported: func(call) reply {
			return plain(http.StatusUnsupportedMediaType, "")
		},
		states: j.options.Workflow.states(),
	})
}

func (o JiraOptions) withDefaults() JiraOptions {
	o.Projects = orElse(o.Projects, "OPS")
	o.IssueTypes = orElse(o.IssueTypes, "Task", "Bug")
	o.Priorities = orElse(o.Priorities, "Highest", "High", "Medium", "Low", "Lowest")
	o.Assignable = orElse(o.Assignable, "gemba-owner")
	if len(o.Workflow.Statuses) == 0 {
		o.Workflow = DefaultWorkflow()
	}
	return o
}

// orElse is a list, or the usual one where it is empty.
func orElse(list []string, usual ...string) []string {
	if len(list) == 0 {
		return usual
	}
	return list
}

func (j *jira) routes() []route {
	issue := "/rest/api/2/issue/{issue}"
	routes := []route{
		{http.MethodPost, "/rest/api/2/issue", j.create},
		{http.MethodGet, issue, j.get},
		{http.MethodPut, issue, j.edit},
		{http.MethodPut, issue + "/assignee", j.assign},
		{http.MethodPost, issue + "/comment", j.comment},
		{http.MethodGet, issue + "/comment", j.comments},
		{http.MethodGet, issue + "/transitions", j.transitions},
		{http.MethodPost, issue + "/transitions", j.transition},
	}
	if j.options.Cloud {
		return append(routes, j.cloudSearch()...)
	}
	return append(routes, j.serverSearch()...)
}

// jiraFailure is the body of most errors, with sentences that belong to no field.
func jiraFailure(status int, messages ...string) reply {
	return answer(status, object{"errorMessages": messages, "errors": object{}})
}

// jiraInvalid is a 400 with a sentence for each field.
func jiraInvalid(errors map[string]string) reply {
	return answer(http.StatusBadRequest, object{"errorMessages": []string{}, "errors": errors})
}

// unauthorized is text or a page, not JSON: a client must not take every error for JSON. The texts are from reports of
// users. Whether each endpoint of Data Center answers an anonymous request so is not verified.
func (j *jira) unauthorized(_ call, anonymous bool) reply {
	switch {
	case j.options.Cloud:
		return plain(http.StatusUnauthorized, "Client must be authenticated to access this resource.").
			with("WWW-Authenticate", `OAuth realm="https%3A%2F%2Fstand-in.atlassian.net"`)
	case anonymous:
		return jiraFailure(http.StatusUnauthorized, "You are not authenticated. Authentication required to perform this operation.")
	default:
		return plain(http.StatusUnauthorized, "<html><head><title>Unauthorized (401)</title></head></html>").
			with("Content-Type", "text/html;charset=UTF-8").with("X-Seraph-LoginReason", "AUTHENTICATED_FAILED")
	}
}

// jiraThrottled has the headers that both kinds of Jira document; the body is not verified.
//
// https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
// https://confluence.atlassian.com/adminjiraserver/adjusting-your-code-for-rate-limiting-987143384.html
func jiraThrottled(c call, seconds int) reply {
	return jiraFailure(http.StatusTooManyRequests, "Rate limit exceeded.").
		with("Retry-After", strconv.Itoa(seconds)).
		with("X-RateLimit-Reset", c.now.Add(time.Duration(seconds)*time.Second).UTC().Format("2006-01-02T15:04Z"))
}

// jiraUnknown is how Jira says that a resource is none.
func jiraUnknown(c call) reply {
	return answer(http.StatusNotFound, object{"message": "null for uri: " + c.base() + c.request.URL.Path, "status-code": 404})
}

// find finds an issue by its key, whatever its case, or by its numeric id.
func (j *jira) find(c call) (*history, error) {
	wanted := c.named["issue"]
	for _, candidate := range j.store.all {
		issue := candidate.latest()
		if !issue.deleted && (strings.EqualFold(issue.id, wanted) || jiraID(issue) == wanted) {
			return candidate, nil
		}
	}
	text := "Issue Does Not Exist"
	if j.options.Cloud {
		text = "Issue does not exist or you do not have permission to see it."
	}
	return nil, refuse(jiraFailure(http.StatusNotFound, text))
}

// jiraID is the numeric id of an issue, as the text that Jira makes of it.
func jiraID(issue record) string { return strconv.Itoa(10000 + issue.number) }

// keyIn is the next key of a project.
func (j *jira) keyIn(project string) string {
	taken := 0
	for _, issue := range j.store.all {
		if issue.latest().home == project {
			taken++
		}
	}
	return project + "-" + strconv.Itoa(taken+1)
}

// onScreen says whether a field can be set at all.
func (j *jira) onScreen(field string) bool {
	known := slices.Concat(jiraFields, j.options.CustomFields, j.options.RequiredFields)
	return slices.Contains(known, field) && !slices.Contains(j.options.OffScreen, field)
}

// jiraFields are the fields that a screen usually has.
var jiraFields = []string{
	"project", "issuetype", "summary", "description", "labels", "priority", "assignee", "reporter", "components",
	"duedate", "environment",
}

// category is how Jira shows the category of a status.
func (s WorkflowStatus) category() object {
	ids := map[string]int{CategoryNew: 2, CategoryIndeterminate: 4, CategoryDone: 3}
	names := map[string]string{CategoryNew: "To Do", CategoryIndeterminate: "In Progress", CategoryDone: "Done"}
	return object{"id": ids[s.Category], "key": s.Category, "name": cmp.Or(names[s.Category], "No Category")}
}
