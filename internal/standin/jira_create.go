package standin

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// jiraDraft is a body that creates or edits an issue.
type jiraDraft struct {
	Fields     map[string]any `json:"fields"`
	Update     jiraUpdate     `json:"update"`
	Properties []jiraProperty `json:"properties"`
}

// jiraUpdate are operations on fields. Only those on labels are known here.
type jiraUpdate struct {
	Labels []map[string]any `json:"labels"`
}

// jiraProperty is an entity property.
type jiraProperty struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
}

// create creates an issue.
//
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/#api-rest-api-2-issue-post
// https://docs.atlassian.com/software/jira/docs/api/REST/latest/#api/2/issue-createIssue
func (j *jira) create(c call) (reply, error) {
	var draft jiraDraft
	if err := firstOf(c.onlyQuery("updateHistory"), c.read(&draft)); err != nil {
		return reply{}, err
	}
	if wrong := j.check(draft.Fields); len(wrong) > 0 {
		return reply{}, refuse(jiraInvalid(wrong))
	}
	project := nested(draft.Fields, "project", "key")
	issue := record{
		id: j.keyIn(project), home: project, state: j.options.Workflow.Statuses[0].Name, fields: map[string]any{},
	}
	issue.url = c.base() + "/browse/" + issue.id
	if err := j.apply(&issue, draft); err != nil {
		return reply{}, err
	}
	made := j.store.add(issue, c.now).latest()
	return answer(http.StatusCreated, object{"id": jiraID(made), "key": made.id, "self": c.base() + "/rest/api/2/issue/" + jiraID(made)}), nil
}

// firstOf is the first error there is.
func firstOf(errors ...error) error {
	for _, err := range errors {
		if err != nil {
			return err
		}
	}
	return nil
}

// check says what is wrong with the fields of a new issue, by field. Of the sentences some are from reports of users; the
// others are not verified, and differ between the kinds of Jira.
func (j *jira) check(fields map[string]any) map[string]string {
	wrong := j.checkValues(fields)
	if project := nested(fields, "project", "key"); !slices.Contains(j.options.Projects, project) {
		wrong["project"] = "valid project is required"
	}
	if kind := nested(fields, "issuetype", "name"); !slices.Contains(j.options.IssueTypes, kind) {
		wrong["issuetype"] = "The issue type selected is invalid."
	}
	for _, required := range slices.Concat([]string{"summary"}, j.options.RequiredFields) {
		if isBlank(fields[required]) && wrong[required] == "" {
			wrong[required] = jiraMissing(required)
		}
	}
	return wrong
}

func jiraMissing(field string) string {
	if field == "summary" {
		return "You must specify a summary of the issue."
	}
	return field + " is required."
}

// checkValues looks at the fields that are there.
func (j *jira) checkValues(fields map[string]any) map[string]string {
	wrong := map[string]string{}
	for name, value := range fields {
		text := jiraWrong(name, value)
		switch {
		case !j.onScreen(name):
			wrong[name] = fmt.Sprintf("Field '%s' cannot be set. It is not on the appropriate screen, or unknown.", name)
		case text != "":
			wrong[name] = text
		case name == "priority" && !slices.Contains(j.options.Priorities, nested(fields, "priority", "name")):
			wrong[name] = "The priority selected is invalid."
		}
	}
	return wrong
}

// jiraWrong is what is wrong with a value; empty where nothing is.
func jiraWrong(field string, value any) string {
	switch field {
	case "summary":
		return wrongSummary(value)
	case "description", "environment":
		return wrongText(value)
	case "labels":
		return wrongLabels(value)
	default:
		return ""
	}
}

func wrongSummary(value any) string {
	text, isText := value.(string)
	switch {
	case !isText:
		return "Operation value must be a string"
	case strings.ContainsAny(text, "\r\n"):
		return "The summary is invalid because it contains newline characters."
	case utf8.RuneCountInString(text) > 255:
		return "Summary must be less than 255 characters."
	default:
		return ""
	}
}

// wrongText refuses a document of version 3 of the API, too.
func wrongText(value any) string {
	text, isText := value.(string)
	if !isText {
		return "Operation value must be a string"
	}
	if utf8.RuneCountInString(text) > 32767 {
		return "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
	}
	return ""
}

func wrongLabels(value any) string {
	labels, isList := textsIn(value)
	if !isList {
		return "data was not an array"
	}
	for _, label := range labels {
		if strings.ContainsAny(label, " \t\r\n") {
			return fmt.Sprintf("The label '%s' contains spaces which is invalid.", label)
		}
		if utf8.RuneCountInString(label) > 255 {
			return fmt.Sprintf("The label '%s' exceeds the maximum length of 255 characters.", label)
		}
	}
	return ""
}
