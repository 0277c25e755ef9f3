package standin

import (
	"fmt"
	"slices"
	"time"
)

// show is an issue as GitHub shows it.
func (g *gitHub) show(c call, r record) object {
	api := c.base() + "/repos/" + g.options.Repository + "/issues/" + r.id
	shown := object{
		"id": 1000000 + r.number, "number": r.number, "url": api, "comments_url": api + "/comments",
		"html_url": fmt.Sprintf("%s/%s/issues/%s", c.base(), g.options.Repository, r.id),
		"title":    r.title, "body": emptyAsNull(r.body), "state": r.state, "state_reason": stateReason(r), "locked": false,
		"labels": labelObjects(r.labels), "assignees": loginObjects(r.fields["assignees"]), "comments": len(r.comments),
		"created_at": rfc3339(r.created), "updated_at": rfc3339(r.changed), "closed_at": rfc3339(r.closed),
		"user": object{"login": "gemba-bot", "type": "User"},
	}
	if r.fields[pullRequest] != nil {
		pull := c.base() + "/repos/" + g.options.Repository + "/pulls/" + r.id
		shown["html_url"] = fmt.Sprintf("%s/%s/pull/%s", c.base(), g.options.Repository, r.id)
		shown[pullRequest] = object{"url": pull, "html_url": shown["html_url"], "merged_at": nil}
	}
	return shown
}

// reasonsFor are the reasons that a state can have.
func reasonsFor(state string) []string {
	if state == "open" {
		return []string{"reopened"}
	}
	return []string{"completed", "not_planned", "duplicate"}
}

// stateReason is the reason of a state: completed, where a closed issue has none.
func stateReason(r record) any {
	reason := r.field("state_reason")
	switch {
	case slices.Contains(reasonsFor(r.state), reason):
		return reason
	case r.state == "closed" && r.fields[pullRequest] == nil:
		return "completed"
	default:
		return nil
	}
}

func labelObjects(labels []string) []object {
	shown := []object{}
	for _, name := range labels {
		shown = append(shown, object{"name": name, "color": "ededed", "default": false, "description": nil})
	}
	return shown
}

func loginObjects(logins any) []object {
	shown := []object{}
	names, _ := logins.([]string)
	for _, login := range names {
		shown = append(shown, object{"login": login, "type": "User"})
	}
	return shown
}

// rfc3339 is a time in UTC, or null where there is none.
func rfc3339(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC().Format(time.RFC3339)
}
