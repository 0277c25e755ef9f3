package standin

import (
	"fmt"
	"net/http"
	"slices"
)

// list lists issues and pull requests, the newest first, open ones unless another state is asked for.
//
// https://docs.github.com/en/rest/issues/issues#list-repository-issues
// https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
func (g *gitHub) list(c call) (reply, error) {
	number, pageErr := c.number("page")
	size, sizeErr := c.number("per_page")
	since, sinceErr := timeIn(c, "since")
	known := c.onlyQuery("labels", "state", "since", "per_page", "page", "sort", "direction")
	if err := firstOf(known, pageErr, sizeErr, sinceErr, sortedByCreation(c)); err != nil {
		return reply{}, err
	}
	if g.options.IssuesDisabled {
		return gitHubFailure(http.StatusGone, "Issues are disabled for this repo", "https://docs.github.com/v3/issues/"), nil
	}
	state := c.query("state")
	if !slices.Contains([]string{"", "open", "closed", "all"}, state) {
		return reply{}, gitHubInvalid(object{"resource": "Issue", "field": "state", "code": "invalid", "value": state})
	}
	labels := listed(c.query("labels"))
	found := g.store.list(c.now.Add(-g.Tracker.options.Lag), func(r record) bool {
		inState := state == "all" || r.state == state || (state == "" && r.state == "open")
		return inState && hasAllLabels(r, labels) && !r.changed.Before(since)
	})
	if c.query("direction") != "asc" {
		found = newestFirst(found)
	}
	page := pageOf(c, len(found), max(1, number), g.limitedTo(size, 30, 100))
	shown := transform(cut(found, page.offset(), page.size), func(r record) object { return g.show(c, r) })
	return page.link(answer(http.StatusOK, shown)), nil
}

// sortedByCreation refuses other orders, which the stand-in does not know.
func sortedByCreation(c call) error {
	if !slices.Contains([]string{"", "created", "created_at"}, c.query("sort")+c.query("order_by")) {
		return stricter("lists are sorted by creation only")
	}
	return nil
}

func hasAllLabels(r record, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(label string) bool { return !hasLabel(r.labels, label) })
}

// link adds the Link header of GitHub, which is left out where there is but one page.
func (p numberedPage) link(r reply) reply {
	if p.last() == 1 {
		return r
	}
	first, last := 1, p.last()
	if p.number == 1 {
		first = 0
	}
	if p.next() == 0 {
		last = 0
	}
	return r.with("Link", links(" ", [2]string{"prev", p.to(p.number - 1)}, [2]string{"next", p.to(p.next())},
		[2]string{"last", p.to(last)}, [2]string{"first", p.to(first)}))
}

// comment adds a comment.
//
// https://docs.github.com/en/rest/issues/comments#create-an-issue-comment
func (g *gitHub) comment(c call) (reply, error) {
	var body struct {
		Body string `json:"body"`
	}
	history, err := g.find(c)
	if err := firstOf(err, c.onlyQuery(), g.readDraft(c, &body)); err != nil {
		return reply{}, err
	}
	if isBlank(body.Body) {
		return reply{}, gitHubInvalid(object{"resource": "IssueComment", "field": "body", "code": "missing_field"})
	}
	if len([]rune(body.Body)) > 65536 {
		return reply{}, gitHubInvalid(object{
			"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": "Body is too long (maximum is 65536 characters)",
		})
	}
	issue := history.change(c.now, func(r *record) { r.say(body.Body) })
	return answer(http.StatusCreated, g.showComment(c, issue, len(issue.comments)-1)), nil
}

// comments lists the comments of an issue, the oldest first.
//
// https://docs.github.com/en/rest/issues/comments#list-issue-comments
func (g *gitHub) comments(c call) (reply, error) {
	history, err := g.find(c)
	number, pageErr := c.number("page")
	size, sizeErr := c.number("per_page")
	if err := firstOf(err, pageErr, sizeErr, c.onlyQuery("page", "per_page")); err != nil {
		return reply{}, err
	}
	issue := history.latest()
	all := []object{}
	for at := range issue.comments {
		all = append(all, g.showComment(c, issue, at))
	}
	page := pageOf(c, len(all), max(1, number), g.limitedTo(size, 30, 100))
	return page.link(answer(http.StatusOK, cut(all, page.offset(), page.size))), nil
}

func (g *gitHub) showComment(c call, issue record, at int) object {
	id, said := issue.number*1000+at, issue.comments[at]
	return object{
		"id": id, "body": said.text, "created_at": rfc3339(said.at), "updated_at": rfc3339(said.at),
		"url":      fmt.Sprintf("%s/repos/%s/issues/comments/%d", c.base(), g.options.Repository, id),
		"html_url": fmt.Sprintf("%s/%s/issues/%s#issuecomment-%d", c.base(), g.options.Repository, issue.id, id),
		"user":     object{"login": "gemba-bot", "type": "User"},
	}
}
