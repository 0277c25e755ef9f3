package standin

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// redmineDraft is a body that creates or changes an issue. Ids are numbers, or texts.
type redmineDraft struct {
	Issue struct {
		ProjectID    any            `json:"project_id"`
		TrackerID    any            `json:"tracker_id"`
		StatusID     any            `json:"status_id"`
		PriorityID   any            `json:"priority_id"`
		AssignedToID any            `json:"assigned_to_id"`
		Subject      *string        `json:"subject"`
		Description  *string        `json:"description"`
		Notes        string         `json:"notes"`
		PrivateNotes bool           `json:"private_notes"`
		CustomFields []redmineValue `json:"custom_fields"`
	} `json:"issue"`
}

// redmineAssignee is the field of an issue that says to whom it is assigned.
const redmineAssignee = "assigned_to_id"

// redmineValue is the value of a custom field.
type redmineValue struct {
	ID    any `json:"id"`
	Value any `json:"value"`
}

// create creates an issue.
//
// https://www.redmine.org/projects/redmine/wiki/Rest_Issues#Creating-an-issue
func (r *redmine) create(c call) (reply, error) {
	var draft redmineDraft
	if err := firstOf(c.onlyQuery(), c.read(&draft)); err != nil {
		return reply{}, err
	}
	id := strconv.Itoa(r.store.next())
	made := record{
		id: id, url: c.base() + "/issues/" + id, state: strconv.Itoa(r.options.Statuses[0].ID),
		fields: map[string]any{"tracker_id": 1, "priority_id": min(2, len(r.options.Priorities))},
	}
	if err := r.apply(&made, draft); err != nil {
		return reply{}, err
	}
	issue := r.store.add(made, c.now).latest()
	return answer(http.StatusCreated, object{"issue": r.show(issue)}).with("Location", issue.url), nil
}

// update changes an issue, and answers with nothing.
//
// https://www.redmine.org/projects/redmine/wiki/Rest_Issues#Updating-an-issue
func (r *redmine) update(c call) (reply, error) {
	var draft redmineDraft
	history, err := r.find(c)
	if err := firstOf(err, c.onlyQuery(), c.read(&draft)); err != nil {
		return reply{}, err
	}
	changed := copyOf(history.latest())
	if err := r.apply(&changed, draft); err != nil {
		return reply{}, err
	}
	history.change(c.now, func(issue *record) {
		issue.title, issue.body, issue.state, issue.home, issue.fields = changed.title, changed.body, changed.state, changed.home, changed.fields
		if draft.Issue.Notes != "" {
			issue.say(draft.Issue.Notes)
		}
	})
	return empty(http.StatusNoContent), nil
}

// apply writes a draft into an issue, and says all that is wrong then.
func (r *redmine) apply(issue *record, draft redmineDraft) error {
	sent := draft.Issue
	if sent.Subject != nil {
		issue.title = *sent.Subject
	}
	if sent.Description != nil {
		issue.body = *sent.Description
	}
	r.setNumber(issue, "project_id", sent.ProjectID, r.options.Projects)
	r.setNumber(issue, "tracker_id", sent.TrackerID, r.options.Trackers)
	r.setNumber(issue, "priority_id", sent.PriorityID, r.options.Priorities)
	if sent.AssignedToID != nil {
		issue.fields[redmineAssignee] = textOf(sent.AssignedToID)
	}
	r.setStatus(issue, sent.StatusID)
	if err := r.setCustomFields(issue, sent.CustomFields); err != nil {
		return err
	}
	if problems := r.problems(*issue); len(problems) > 0 {
		return refuse(answer(http.StatusUnprocessableEntity, object{"errors": problems}))
	}
	return nil
}

// setNumber sets a field by an id; one that there is not leaves it blank.
func (r *redmine) setNumber(issue *record, field string, value any, names []string) {
	if value == nil {
		return
	}
	number := numberOf(names, textOf(value))
	issue.fields[field] = number
	if field == "project_id" && number > 0 {
		issue.home = names[number-1]
	}
}

// setStatus sets a status. One that there is not, or that the workflow forbids, is ignored without a word.
func (r *redmine) setStatus(issue *record, value any) {
	if value == nil {
		return
	}
	wanted, found := r.status(textOf(value))
	present, _ := r.status(issue.state)
	if !found || slices.Contains(r.options.Forbidden, [2]int{present.ID, wanted.ID}) {
		return
	}
	issue.state = strconv.Itoa(wanted.ID)
}

// setCustomFields sets custom fields. Redmine ignores those that it does not have, and the stand-in refuses them.
func (r *redmine) setCustomFields(issue *record, values []redmineValue) error {
	for _, value := range values {
		field, found := r.customField(textOf(value.ID))
		if !found {
			return stricter(fmt.Sprintf("there is no custom field %s", textOf(value.ID)))
		}
		issue.fields["cf_"+strconv.Itoa(field.ID)] = value.Value
	}
	return nil
}

// problems is all that is wrong with an issue. A project that there is not is a 422 in Redmine's own tests; that it counts
// as blank is not verified.
func (r *redmine) problems(issue record) []string {
	problems := []string{}
	for _, needed := range []struct{ field, name string }{{"project_id", "Project"}, {"tracker_id", "Tracker"}, {"priority_id", "Priority"}} {
		if number, _ := issue.fields[needed.field].(int); number == 0 {
			problems = append(problems, needed.name+" cannot be blank")
		}
	}
	if isBlank(issue.title) {
		problems = append(problems, "Subject cannot be blank")
	}
	if utf8.RuneCountInString(issue.title) > 255 {
		problems = append(problems, "Subject is too long (maximum is 255 characters)")
	}
	if assignee := issue.field(redmineAssignee); assignee != "" && !slices.ContainsFunc(r.options.Members, func(id int) bool {
		return strconv.Itoa(id) == assignee
	}) {
		problems = append(problems, "Assignee is invalid")
	}
	for _, required := range r.Tracker.options.RequiredFields {
		field, _ := r.customField(strings.TrimPrefix(required, "cf_"))
		if issue.field(required) == "" {
			problems = append(problems, field.Name+" cannot be blank")
		}
	}
	return problems
}

// get reads an issue.
//
// https://www.redmine.org/projects/redmine/wiki/Rest_Issues#Showing-an-issue
func (r *redmine) get(c call) (reply, error) {
	history, err := r.find(c)
	if err := firstOf(err, c.onlyQuery("include")); err != nil {
		return reply{}, err
	}
	issue := history.latest()
	shown := r.show(issue)
	if slices.Contains(listed(c.query("include")), "journals") {
		shown["journals"] = showJournals(issue)
	}
	return answer(http.StatusOK, object{"issue": shown}), nil
}
