package standin

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// gitLabDraft is a body that creates or changes an issue. Labels are a text with commas, or a list.
type gitLabDraft struct {
	Title        *string `json:"title"`
	Description  *string `json:"description"`
	Labels       any     `json:"labels"`
	AddLabels    any     `json:"add_labels"`
	RemoveLabels any     `json:"remove_labels"`
	StateEvent   *string `json:"state_event"`
	Confidential *bool   `json:"confidential"`
	AssigneeIDs  []int   `json:"assignee_ids"`
	IssueType    string  `json:"issue_type"`
}

// create creates an issue. Labels that there are not yet are made on the fly.
//
// https://docs.gitlab.com/api/issues/#new-issue
func (g *gitLab) create(c call) (reply, error) {
	var draft gitLabDraft
	if err := firstOf(c.onlyQuery(), c.read(&draft)); err != nil {
		return reply{}, err
	}
	if draft.Title == nil {
		return reply{}, gitLabInvalid("title is missing")
	}
	if draft.StateEvent != nil || draft.AddLabels != nil || draft.RemoveLabels != nil {
		return reply{}, stricter("state_event, add_labels and remove_labels are for changes")
	}
	iid := strconv.Itoa(g.store.next())
	made := record{id: iid, home: g.options.Project, url: g.webURL(c, iid), state: "opened", fields: map[string]any{}}
	if g.options.Guest {
		draft.Labels = nil
	}
	g.dropStrangers(&draft)
	if err := made.applyGitLab(draft); err != nil {
		return reply{}, err
	}
	return answer(http.StatusCreated, g.show(c, g.store.add(made, c.now).latest())), nil
}

// update changes an issue. Closing what is closed and opening what is open does nothing.
//
// https://docs.gitlab.com/api/issues/#edit-an-issue
func (g *gitLab) update(c call) (reply, error) {
	var draft gitLabDraft
	history, err := g.find(c)
	if err := firstOf(err, c.onlyQuery(), c.read(&draft)); err != nil {
		return reply{}, err
	}
	if draft.isEmpty() {
		return reply{}, gitLabInvalid("assignee_id, assignee_ids, confidential, created_at, description, discussion_locked, due_date, labels, " +
			"add_labels, remove_labels, milestone_id, state_event, title, issue_type are missing, at least one parameter must be provided")
	}
	g.dropStrangers(&draft)
	changed := copyOf(history.latest())
	if err := firstOf(changed.applyGitLab(draft), changed.applyEvent(draft.StateEvent)); err != nil {
		return reply{}, err
	}
	issue := history.change(c.now, func(r *record) {
		r.title, r.body, r.state, r.labels, r.fields = changed.title, changed.body, changed.state, changed.labels, changed.fields
	})
	return answer(http.StatusOK, g.show(c, issue)), nil
}

// dropStrangers takes out whom the project does not know: GitLab assigns nothing to them, without a word. That it is so for each
// kind of user is not verified.
func (g *gitLab) dropStrangers(draft *gitLabDraft) {
	draft.AssigneeIDs = slices.DeleteFunc(draft.AssigneeIDs, func(id int) bool { return !slices.Contains(g.options.Members, id) })
}

// isEmpty says that a change would change nothing.
func (d gitLabDraft) isEmpty() bool {
	return d.Title == nil && d.Description == nil && d.Labels == nil && d.AddLabels == nil && d.RemoveLabels == nil &&
		d.StateEvent == nil && d.Confidential == nil && d.AssigneeIDs == nil && d.IssueType == ""
}

// applyGitLab writes all but the state. Two limits are documented in the validations of GitLab's own code.
func (r *record) applyGitLab(draft gitLabDraft) error {
	if draft.Title != nil {
		r.title = *draft.Title
	}
	if draft.Description != nil {
		r.body = *draft.Description
	}
	if draft.Confidential != nil {
		r.fields["confidential"] = *draft.Confidential
	}
	if draft.AssigneeIDs != nil {
		r.fields["assignee_ids"] = draft.AssigneeIDs
	}
	if draft.IssueType != "" {
		r.fields["issue_type"] = draft.IssueType
	}
	switch {
	case isBlank(r.title):
		return gitLabWrong("title", "can't be blank")
	case utf8.RuneCountInString(r.title) > 255:
		return gitLabWrong("title", "is too long (maximum is 255 characters)")
	case len(r.body) > 1<<20:
		return gitLabWrong("description", "is too long (maximum is 1048576 characters)")
	}
	return r.applyGitLabLabels(draft)
}

// gitLabWrong is a 400 about a value.
func gitLabWrong(field, sentence string) error {
	return refuse(gitLabMessage(http.StatusBadRequest, object{field: []string{sentence}}))
}

// applyGitLabLabels replaces, adds and removes labels.
func (r *record) applyGitLabLabels(draft gitLabDraft) error {
	for _, named := range []struct {
		field string
		value any
		apply func(labels []string)
	}{
		{"labels", draft.Labels, func(labels []string) { r.labels = sorted(labels) }},
		{"add_labels", draft.AddLabels, func(labels []string) { r.labels = sorted(append(r.labels, labels...)) }},
		{"remove_labels", draft.RemoveLabels, func(labels []string) {
			r.labels = slices.DeleteFunc(r.labels, func(label string) bool { return slices.Contains(labels, label) })
		}},
	} {
		if named.value == nil {
			continue
		}
		labels, readable := gitLabLabels(named.value)
		if !readable {
			return gitLabInvalid(named.field + " is invalid")
		}
		named.apply(labels)
	}
	return nil
}

// gitLabLabels reads labels, from a text with commas or from a list.
func gitLabLabels(value any) ([]string, bool) {
	text, isText := value.(string)
	if !isText {
		return textsIn(value)
	}
	labels := []string{}
	for _, label := range strings.Split(text, ",") {
		if label = strings.TrimSpace(label); label != "" {
			labels = append(labels, label)
		}
	}
	return labels, true
}

func (r *record) applyEvent(event *string) error {
	if event == nil {
		return nil
	}
	states := map[string]string{"close": "closed", "reopen": "opened"}
	if states[*event] == "" {
		return gitLabInvalid("state_event does not have a valid value")
	}
	r.state = states[*event]
	return nil
}
