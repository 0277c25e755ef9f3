package standin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// gitHubDraft is a body that creates or changes an issue. A field that is absent stays as it is.
type gitHubDraft struct {
	Title       *json.RawMessage `json:"title"`
	Body        *string          `json:"body"`
	State       string           `json:"state"`
	StateReason *string          `json:"state_reason"`
	Labels      *[]any           `json:"labels"`
	Assignees   *[]string        `json:"assignees"`
}

// create creates an issue. Labels that there are not yet are made on the fly.
//
// https://docs.github.com/en/rest/issues/issues#create-an-issue
func (g *gitHub) create(c call) (reply, error) {
	var draft gitHubDraft
	if err := firstOf(c.onlyQuery(), g.readDraft(c, &draft)); err != nil {
		return reply{}, err
	}
	if g.options.IssuesDisabled {
		return gitHubFailure(http.StatusGone, "Issues are disabled for this repo", "https://docs.github.com/v3/issues/"), nil
	}
	if draft.State != "" || draft.StateReason != nil {
		return reply{}, stricter("a new issue is open; state and state_reason are not known here")
	}
	made := record{id: fmt.Sprint(g.store.next()), home: g.options.Repository, state: "open", fields: map[string]any{}}
	made.url = c.base() + "/" + made.home + "/issues/" + made.id
	if err := g.apply(&made, draft); err != nil {
		return reply{}, err
	}
	if isBlank(made.title) {
		return reply{}, gitHubInvalid(object{"resource": "Issue", "field": "title", "code": "missing_field"})
	}
	added := g.store.add(made, c.now).latest()
	shown := g.show(c, added)
	return answer(http.StatusCreated, shown).with("Location", textOf(shown["url"])), nil
}

// get reads an issue.
//
// https://docs.github.com/en/rest/issues/issues#get-an-issue
func (g *gitHub) get(c call) (reply, error) {
	history, err := g.find(c)
	if err := firstOf(err, c.onlyQuery()); err != nil {
		return reply{}, err
	}
	return answer(http.StatusOK, g.show(c, history.latest())), nil
}

// readDraft reads a body. GitHub answers what is no JSON with a 400.
func (g *gitHub) readDraft(c call, draft any) error {
	if !c.isJSON() {
		return refuse(gitHubFailure(http.StatusBadRequest, "Problems parsing JSON", gitHubDocs))
	}
	return c.read(draft)
}

// update changes an issue. Labels that are given replace those that were there.
//
// https://docs.github.com/en/rest/issues/issues#update-an-issue
func (g *gitHub) update(c call) (reply, error) {
	var draft gitHubDraft
	history, err := g.find(c)
	if err := firstOf(err, c.onlyQuery(), g.readDraft(c, &draft)); err != nil {
		return reply{}, err
	}
	if g.options.NoPushAccess {
		return gitHubFailure(http.StatusForbidden, "Resource not accessible by personal access token", gitHubDocs+"#update-an-issue"), nil
	}
	changed := copyOf(history.latest())
	if err := firstOf(g.apply(&changed, draft), applyState(&changed, draft)); err != nil {
		return reply{}, err
	}
	issue := history.change(c.now, func(r *record) {
		r.title, r.body, r.state, r.labels, r.fields = changed.title, changed.body, changed.state, changed.labels, changed.fields
	})
	return answer(http.StatusOK, g.show(c, issue)), nil
}

// apply writes all but the state.
func (g *gitHub) apply(issue *record, draft gitHubDraft) error {
	if draft.Body != nil {
		issue.body = *draft.Body
	}
	if utf8.RuneCountInString(issue.body) > 65536 {
		return gitHubInvalid(tooLong("body", 65536))
	}
	return firstOf(applyTitle(issue, draft.Title), g.applyLabels(issue, draft.Labels), g.applyAssignees(issue, draft.Assignees))
}

// applyTitle takes numbers, too, as GitHub does.
func applyTitle(issue *record, title *json.RawMessage) error {
	if title == nil {
		return nil
	}
	var value any
	if err := json.Unmarshal(*title, &value); err != nil {
		return stricter("the title cannot be read")
	}
	issue.title = textOf(value)
	if utf8.RuneCountInString(issue.title) > 256 {
		return gitHubInvalid(tooLong("title", 256))
	}
	return nil
}

func tooLong(field string, most int) object {
	return object{
		"resource": "Issue", "code": "custom", "field": field, "message": fmt.Sprintf("%s is too long (maximum is %d characters)", field, most),
	}
}

// applyLabels takes names, and objects with a name. Without push access labels are dropped without a word. That a name may
// have 50 characters is not verified.
func (g *gitHub) applyLabels(issue *record, labels *[]any) error {
	if labels == nil || g.options.NoPushAccess {
		return nil
	}
	names := []string{}
	for _, label := range *labels {
		name := textOf(label)
		if within, isObject := label.(map[string]any); isObject {
			name = textOf(within["name"])
		}
		if name == "" || utf8.RuneCountInString(name) > 50 {
			return gitHubInvalid(object{"resource": "Label", "field": "name", "code": "invalid", "value": name})
		}
		if !hasLabel(names, name) {
			names = append(names, name)
		}
	}
	issue.labels = names
	return nil
}

// hasLabel compares names of labels, whose case does not matter.
func hasLabel(labels []string, name string) bool {
	return slices.ContainsFunc(labels, func(label string) bool { return strings.EqualFold(label, name) })
}

func (g *gitHub) applyAssignees(issue *record, logins *[]string) error {
	if logins == nil || g.options.NoPushAccess {
		return nil
	}
	for _, login := range *logins {
		if !slices.Contains(g.options.Assignable, login) {
			return gitHubInvalid(object{"resource": "Issue", "field": "assignees", "code": "invalid", "value": login})
		}
	}
	issue.fields["assignees"] = *logins
	return nil
}

// applyState closes and reopens. A reason without a state is ignored by GitHub, and refused here.
func applyState(issue *record, draft gitHubDraft) error {
	if draft.State == "" && draft.StateReason == nil {
		return nil
	}
	if draft.State != "open" && draft.State != "closed" {
		return gitHubInvalid(object{"resource": "Issue", "field": "state", "code": "invalid", "value": draft.State})
	}
	delete(issue.fields, "state_reason")
	issue.state = draft.State
	if draft.StateReason == nil {
		return nil
	}
	if !slices.Contains(reasonsFor(draft.State), *draft.StateReason) {
		return gitHubInvalid(object{"resource": "Issue", "field": "state_reason", "code": "invalid", "value": *draft.StateReason})
	}
	issue.fields["state_reason"] = *draft.StateReason
	return nil
}
