package standin

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// transitions lists what can be done with an issue now. With expand=transitions.fields it tells the fields of the screens.
//
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/#api-rest-api-2-issue-issueidorkey-transitions-get
func (j *jira) transitions(c call) (reply, error) {
	history, err := j.find(c)
	if err := firstOf(err, c.onlyQuery("expand")); err != nil {
		return reply{}, err
	}
	return answer(http.StatusOK, object{"expand": "transitions", "transitions": j.showTransitions(c, history.latest())}), nil
}

func (j *jira) showTransitions(c call, issue record) []object {
	shown := []object{}
	for _, transition := range j.options.Workflow.available(issue.state) {
		entry := object{
			"id": transition.ID, "name": transition.Name, "to": j.showStatus(c, transition.To),
			"hasScreen": len(transition.Screen) > 0,
		}
		if slices.Contains(listed(c.query("expand")), "transitions.fields") {
			entry["fields"] = transition.showScreen()
		}
		shown = append(shown, entry)
	}
	return shown
}

// showScreen tells the fields of a transition.
func (t WorkflowTransition) showScreen() object {
	fields := object{}
	for _, field := range t.Screen {
		fields[field] = object{"required": slices.Contains(t.Required, field), "name": field, "operations": []string{"set"}}
	}
	return fields
}

// transition moves an issue to another status.
//
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/#api-rest-api-2-issue-issueidorkey-transitions-post
// https://docs.atlassian.com/software/jira/docs/api/REST/latest/#api/2/issue-doTransition
func (j *jira) transition(c call) (reply, error) {
	var body struct {
		Transition struct {
			ID any `json:"id"`
		} `json:"transition"`
		Fields map[string]any `json:"fields"`
	}
	history, err := j.find(c)
	if err := firstOf(err, c.onlyQuery(), c.read(&body)); err != nil {
		return reply{}, err
	}
	chosen, err := j.choose(history.latest(), body.Transition.ID)
	if err != nil {
		return reply{}, err
	}
	if wrong := chosen.check(body.Fields); len(wrong) > 0 {
		return reply{}, refuse(jiraInvalid(wrong))
	}
	history.change(c.now, func(r *record) {
		r.state = chosen.To
		if !j.options.Workflow.done(chosen.To) {
			// The simplified workflow clears it with each transition out of a status that is done.
			delete(r.fields, resolution)
		}
		for name, value := range body.Fields {
			setJiraField(r, name, value)
		}
	})
	return empty(http.StatusNoContent), nil
}

// choose finds a transition that is available. The sentences are from reports of users.
func (j *jira) choose(issue record, id any) (WorkflowTransition, error) {
	text := textOf(id)
	if _, err := strconv.Atoi(text); err != nil {
		return WorkflowTransition{}, refuse(jiraFailure(http.StatusBadRequest, "'transition' identifier must be an integer"))
	}
	available := j.options.Workflow.available(issue.state)
	at := slices.IndexFunc(available, func(t WorkflowTransition) bool { return t.ID == text })
	if at < 0 {
		return WorkflowTransition{}, refuse(jiraFailure(http.StatusBadRequest, fmt.Sprintf("Transition id '%s' is not valid for this issue.", text)))
	}
	return available[at], nil
}

// check says what is wrong with the fields of a transition, by field.
func (t WorkflowTransition) check(fields map[string]any) map[string]string {
	wrong := map[string]string{}
	for name := range fields {
		if !slices.Contains(t.Screen, name) {
			wrong[name] = fmt.Sprintf("Field '%s' cannot be set. It is not on the appropriate screen, or unknown.", name)
		}
	}
	for _, name := range t.Required {
		if isBlank(fields[name]) {
			wrong[name] = jiraMissing(name)
		}
	}
	return wrong
}
