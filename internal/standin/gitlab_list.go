package standin

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// list lists issues, the newest first, of every state unless one is asked for.
//
// https://docs.gitlab.com/api/issues/#list-project-issues
// https://docs.gitlab.com/api/rest/#offset-based-pagination
func (g *gitLab) list(c call) (reply, error) {
	number, pageErr := c.number("page")
	size, sizeErr := c.number("per_page")
	after, afterErr := timeIn(c, "created_after")
	known := c.onlyQuery("labels", "state", "created_after", "per_page", "page", "order_by", "sort", "scope")
	if err := firstOf(known, pageErr, sizeErr, afterErr, gitLabOrder(c)); err != nil {
		return reply{}, err
	}
	state, labels := c.query("state"), listed(c.query("labels"))
	if !slices.Contains([]string{"", "all", "opened", "closed"}, state) {
		return reply{}, gitLabInvalid("state does not have a valid value")
	}
	found := g.store.list(c.now.Add(-g.Tracker.options.Lag), func(r record) bool {
		inState := state == "" || state == "all" || r.state == state
		lacks := func(label string) bool { return !slices.Contains(r.labels, label) }
		return inState && !slices.ContainsFunc(labels, lacks) && !r.created.Before(after)
	})
	if c.query("sort") != "asc" {
		found = newestFirst(found)
	}
	page := pageOf(c, len(found), max(1, number), g.limitedTo(size, 20, 100))
	shown := transform(cut(found, page.offset(), page.size), func(r record) object { return g.show(c, r) })
	return page.headers(answer(http.StatusOK, shown)), nil
}

// gitLabOrder refuses what the stand-in does not know of orders and scopes, and the labels None and Any, which mean no name.
func gitLabOrder(c call) error {
	switch {
	case !slices.Contains([]string{"", "created_at"}, c.query("order_by")):
		return stricter("lists are sorted by creation only")
	case !slices.Contains([]string{"", "asc", "desc"}, c.query("sort")):
		return gitLabInvalid("sort does not have a valid value")
	case !slices.Contains([]string{"", "all"}, c.query("scope")):
		return stricter("the scope is not known here")
	case slices.ContainsFunc(listed(c.query("labels")), func(label string) bool { return label == "None" || label == "Any" }):
		return stricter("the labels None and Any are not known here")
	default:
		return nil
	}
}

// headers adds the headers of GitLab. Those of pages that there are not are empty.
func (p numberedPage) headers(r reply) reply {
	number := func(page int) string {
		if page < 1 {
			return ""
		}
		return strconv.Itoa(page)
	}
	return r.with("X-Page", number(p.number)).with("X-Per-Page", number(p.size)).
		with("X-Next-Page", number(p.next())).with("X-Prev-Page", number(p.number-1)).
		with("X-Total", strconv.Itoa(p.total)).with("X-Total-Pages", number(p.last())).
		with("Link", links(" ", [2]string{"prev", p.to(p.number - 1)}, [2]string{"next", p.to(p.next())},
			[2]string{"first", p.to(1)}, [2]string{"last", p.to(p.last())}))
}

// note adds a comment. What is said of a blank one is not verified.
//
// https://docs.gitlab.com/api/notes/#create-new-issue-note
func (g *gitLab) note(c call) (reply, error) {
	var body struct {
		Body     *string `json:"body"`
		Internal bool    `json:"internal"`
	}
	history, err := g.find(c)
	if err := firstOf(err, c.onlyQuery(), c.read(&body)); err != nil {
		return reply{}, err
	}
	if body.Body == nil {
		return reply{}, gitLabInvalid("body is missing")
	}
	if isBlank(*body.Body) {
		return reply{}, refuse(gitLabMessage(http.StatusBadRequest, "400 Bad request - Note can't be blank"))
	}
	issue := history.change(c.now, func(r *record) { r.say(*body.Body) })
	return answer(http.StatusCreated, showNote(issue, len(issue.comments)-1)), nil
}

// notes lists the comments of an issue, the newest first.
//
// https://docs.gitlab.com/api/notes/#list-project-issue-notes
func (g *gitLab) notes(c call) (reply, error) {
	history, err := g.find(c)
	number, pageErr := c.number("page")
	size, sizeErr := c.number("per_page")
	if err := firstOf(err, pageErr, sizeErr, c.onlyQuery("page", "per_page")); err != nil {
		return reply{}, err
	}
	issue := history.latest()
	all := []object{}
	for at := len(issue.comments) - 1; at >= 0; at-- {
		all = append(all, showNote(issue, at))
	}
	page := pageOf(c, len(all), max(1, number), g.limitedTo(size, 20, 100))
	return page.headers(answer(http.StatusOK, cut(all, page.offset(), page.size))), nil
}

func showNote(issue record, at int) object {
	said := issue.comments[at]
	return object{
		"id": issue.number*1000 + at, "body": said.text, "system": false, "noteable_iid": issue.number, "noteable_type": "Issue",
		"created_at": said.at.UTC().Format(time.RFC3339), "author": object{"id": 7, "username": "gemba-bot"},
	}
}
