package standin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// propertyPrefix begins the names of entity properties among the fields of a record.
const propertyPrefix = "property:"

// edit changes fields of an issue.
//
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/#api-rest-api-2-issue-issueidorkey-put
// https://docs.atlassian.com/software/jira/docs/api/REST/latest/#api/2/issue-editIssue
func (j *jira) edit(c call) (reply, error) {
	var draft jiraDraft
	history, err := j.find(c)
	if err := firstOf(err, c.onlyQuery("notifyUsers"), c.read(&draft)); err != nil {
		return reply{}, err
	}
	wrong := j.checkValues(draft.Fields)
	if _, named := draft.Fields["summary"]; named && isBlank(draft.Fields["summary"]) {
		wrong["summary"] = jiraMissing("summary")
	}
	if len(wrong) > 0 {
		return reply{}, refuse(jiraInvalid(wrong))
	}
	edited := copyOf(history.latest())
	if err := j.apply(&edited, draft); err != nil {
		return reply{}, err
	}
	history.change(c.now, func(r *record) {
		r.title, r.body, r.labels, r.fields = edited.title, edited.body, edited.labels, edited.fields
	})
	return empty(http.StatusNoContent), nil
}

// apply writes a draft into an issue. Its fields have been checked.
func (j *jira) apply(issue *record, draft jiraDraft) error {
	for name, value := range draft.Fields {
		setJiraField(issue, name, value)
	}
	if err := setProperties(issue, draft.Properties); err != nil {
		return err
	}
	return j.applyUpdate(issue, draft.Update.Labels)
}

// setJiraField writes one field. Labels are a set, in alphabetical order.
func setJiraField(issue *record, name string, value any) {
	switch name {
	case "summary":
		issue.title = textOf(value)
	case "description":
		issue.body = textOf(value)
	case "labels":
		labels, _ := textsIn(value)
		issue.labels = sorted(labels)
	case "project":
		// It is the home of the issue.
	default:
		issue.fields[name] = value
	}
}

// sorted is a list in order, each text once.
func sorted(texts []string) []string {
	copied := slices.Clone(texts)
	slices.Sort(copied)
	return slices.Compact(copied)
}

// setProperties writes entity properties. A value may have 32768 bytes.
//
// https://developer.atlassian.com/server/jira/platform/entity-properties
func setProperties(issue *record, properties []jiraProperty) error {
	for _, property := range properties {
		content, err := json.Marshal(property.Value)
		if err != nil {
			return fmt.Errorf("keeping the property %s: %w", property.Key, err)
		}
		if property.Key == "" || len(property.Key) > 255 || len(content) > 32768 {
			return refuse(jiraFailure(http.StatusBadRequest, "The property key or its value is missing or too long."))
		}
		issue.fields[propertyPrefix+property.Key] = property.Value
	}
	return nil
}

// applyUpdate carries out operations on labels.
func (j *jira) applyUpdate(issue *record, operations []map[string]any) error {
	if len(operations) > 0 && !j.onScreen("labels") {
		return refuse(jiraInvalid(j.checkValues(map[string]any{"labels": []any{}})))
	}
	for _, operation := range operations {
		for verb, value := range operation {
			if err := changeLabels(issue, verb, value); err != nil {
				return err
			}
		}
	}
	return nil
}

func changeLabels(issue *record, verb string, value any) error {
	set := value
	if verb != "set" {
		set = []any{value}
	}
	labels, isList := textsIn(set)
	if wrong := wrongLabels(set); !isList || wrong != "" {
		return refuse(jiraInvalid(map[string]string{"labels": wrong}))
	}
	switch verb {
	case "set":
		issue.labels = sorted(labels)
	case "add":
		issue.labels = sorted(append(issue.labels, labels...))
	case "remove":
		issue.labels = slices.DeleteFunc(issue.labels, func(label string) bool { return slices.Contains(labels, label) })
	default:
		return stricter(fmt.Sprintf("labels have no operation %q", verb))
	}
	return nil
}
