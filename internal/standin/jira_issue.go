package standin

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// jiraTime is how Jira writes a time.
const jiraTime = "2006-01-02T15:04:05.000-0700"

// get reads an issue.
//
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/#api-rest-api-2-issue-issueidorkey-get
// https://docs.atlassian.com/software/jira/docs/api/REST/latest/#api/2/issue-getIssue
func (j *jira) get(c call) (reply, error) {
	if err := c.onlyQuery("fields", "expand", "properties", "updateHistory"); err != nil {
		return reply{}, err
	}
	history, err := j.find(c)
	if err != nil {
		return reply{}, err
	}
	issue := history.latest()
	shown := j.show(c, issue, listed(c.query("fields"), "*all"))
	if slices.Contains(listed(c.query("expand")), "transitions") {
		shown["transitions"] = j.showTransitions(c, issue)
	}
	if wanted := listed(c.query("properties")); len(wanted) > 0 {
		shown["properties"] = propertiesOf(issue, wanted)
	}
	return answer(http.StatusOK, shown), nil
}

// listed parts a list at its commas; the usual stands for an empty one.
func listed(text string, usual ...string) []string {
	if text == "" {
		return usual
	}
	return strings.Split(text, ",")
}

// propertiesOf are entity properties by their keys.
func propertiesOf(issue record, wanted []string) object {
	properties := object{}
	for name, value := range issue.fields {
		key, isProperty := strings.CutPrefix(name, propertyPrefix)
		if isProperty && (slices.Contains(wanted, key) || slices.Contains(wanted, "*all")) {
			properties[key] = value
		}
	}
	return properties
}

// show is an issue with the fields that are wanted.
func (j *jira) show(c call, issue record, wanted []string) object {
	shown := object{
		"id": jiraID(issue), "key": issue.id, "self": c.base() + "/rest/api/2/issue/" + jiraID(issue),
	}
	all := j.fieldsOf(c, issue)
	if !wantsAll(wanted) {
		for name := range all {
			if !slices.Contains(wanted, name) {
				delete(all, name)
			}
		}
	}
	if len(all) > 0 {
		shown["fields"] = all
	}
	return shown
}

func wantsAll(wanted []string) bool {
	return slices.Contains(wanted, "*all") || slices.Contains(wanted, "*navigable")
}

// fieldsOf is every field of an issue. Those that are not set are null.
func (j *jira) fieldsOf(c call, issue record) object {
	fields := object{
		"summary":     issue.title,
		"description": emptyAsNull(issue.body),
		"labels":      listOf(issue.labels),
		"project":     object{"key": issue.home, "name": issue.home},
		"status":      j.showStatus(c, issue.state),
		"resolution":  nil,
		"created":     issue.created.Format(jiraTime),
		"updated":     issue.changed.Format(jiraTime),
	}
	for name, value := range issue.fields {
		if !strings.HasPrefix(name, propertyPrefix) {
			fields[name] = value
		}
	}
	return fields
}

func (j *jira) showStatus(c call, name string) object {
	status, _ := j.options.Workflow.status(name)
	return object{
		"self": c.base() + "/rest/api/2/status/" + status.ID, "id": status.ID, "name": status.Name,
		"statusCategory": status.category(),
	}
}

// comment adds a comment.
//
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issue-comments/#api-rest-api-2-issue-issueidorkey-comment-post
func (j *jira) comment(c call) (reply, error) {
	var body struct {
		Body any `json:"body"`
	}
	history, err := j.find(c)
	if err := firstOf(err, c.onlyQuery(), c.read(&body)); err != nil {
		return reply{}, err
	}
	if isBlank(body.Body) {
		return reply{}, refuse(jiraInvalid(map[string]string{"comment": "Comment body can not be empty!"}))
	}
	if wrong := wrongText(body.Body); wrong != "" {
		return reply{}, refuse(jiraInvalid(map[string]string{"comment": wrong}))
	}
	issue := history.change(c.now, func(r *record) { r.say(textOf(body.Body)) })
	return answer(http.StatusCreated, showComment(c, issue, len(issue.comments)-1)), nil
}

// comments lists the comments of an issue, the oldest first.
//
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issue-comments/#api-rest-api-2-issue-issueidorkey-comment-get
func (j *jira) comments(c call) (reply, error) {
	history, err := j.find(c)
	start, startErr := c.number("startAt")
	asked, limitErr := c.number("maxResults")
	if err := firstOf(err, startErr, limitErr, c.onlyQuery("startAt", "maxResults")); err != nil {
		return reply{}, err
	}
	issue := history.latest()
	all := []object{}
	for i := range issue.comments {
		all = append(all, showComment(c, issue, i))
	}
	limit := j.limitedTo(asked, 50, 100)
	return answer(http.StatusOK, object{
		"startAt": max(0, start), "maxResults": limit, "total": len(all), "comments": cut(all, max(0, start), limit),
	}), nil
}

func showComment(c call, issue record, at int) object {
	id, said := strconv.Itoa(issue.number*1000+at), issue.comments[at]
	return object{
		"id": id, "self": c.base() + "/rest/api/2/issue/" + jiraID(issue) + "/comment/" + id, "body": said.text,
		"created": said.at.Format(jiraTime), "updated": said.at.Format(jiraTime),
	}
}
