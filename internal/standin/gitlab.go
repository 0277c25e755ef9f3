package standin

import (
	"cmp"
	"net/http"
	"strconv"
	"time"
)

// GitLabOptions say how a project of GitLab is set up.
type GitLabOptions struct {
	Options
	// Project is the path of the project. Default: acme/ops.
	Project string
	// ProjectID is its id. Default: 42.
	ProjectID int
	// Guest is a user with the role Guest, who may open issues and not label them: GitLab then drops labels without a word.
	//
	// https://docs.gitlab.com/user/permissions/ (Planning)
	Guest bool
	// Members are the ids of the users that issues can be assigned to. Default: 7.
	Members []int
}

// gitLab is a project with its options.
type gitLab struct {
	*Tracker
	options GitLabOptions
}

// NewGitLab stands in for one project of GitLab, with version 4 of the REST API. Bodies must be JSON; GitLab takes forms and
// queries, too.
//
// https://docs.gitlab.com/api/issues/
// https://docs.gitlab.com/api/rest/
func NewGitLab(options GitLabOptions) *Tracker {
	options.Project = cmp.Or(options.Project, "acme/ops")
	options.ProjectID = cmp.Or(options.ProjectID, 42)
	if len(options.Members) == 0 {
		options.Members = []int{7}
	}
	g := &gitLab{Tracker: newTracker(options.Options), options: options}
	return g.speak(vendor{
		routes: g.routes(),
		// Without a token GitLab answers so where it changes something; a private project is then not found, which is not
		// shown here.
		unauthorized: func(call, bool) reply { return gitLabMessage(http.StatusUnauthorized, "401 Unauthorized") },
		throttled:    g.tooMany,
		unknown:      func(call) reply { return gitLabError(http.StatusNotFound, "404 Not Found") },
		unsupported: func(c call) reply {
			return gitLabError(http.StatusUnsupportedMediaType, "The provided content-type '"+c.request.Header.Get("Content-Type")+"' is not supported.")
		},
		states: states{
			known:  func(state string) bool { return state == "opened" || state == "closed" },
			closed: func(state string) bool { return state == "closed" },
			open:   "opened", shut: "closed",
		},
	})
}

func (g *gitLab) routes() []route {
	issues := "/api/v4/projects/{project}/issues"
	routes := []route{
		{http.MethodPost, issues, g.create},
		{http.MethodGet, issues, g.list},
		{http.MethodGet, issues + "/{iid}", g.get},
		{http.MethodPut, issues + "/{iid}", g.update},
		{http.MethodPost, issues + "/{iid}/notes", g.note},
		{http.MethodGet, issues + "/{iid}/notes", g.notes},
	}
	for i, r := range routes {
		routes[i].do = func(c call) (reply, error) {
			if project := c.named["project"]; project != g.options.Project && project != strconv.Itoa(g.options.ProjectID) {
				return gitLabMessage(http.StatusNotFound, "404 Project Not Found"), nil
			}
			return r.do(c)
		}
	}
	return routes
}

// gitLabMessage is the body of errors of the application; gitLabError that of errors in parameters and paths.
func gitLabMessage(status int, message any) reply { return answer(status, object{"message": message}) }

func gitLabError(status int, text string) reply { return answer(status, object{"error": text}) }

// gitLabInvalid is a 400 about a parameter.
func gitLabInvalid(text string) error { return refuse(gitLabError(http.StatusBadRequest, text)) }

// tooMany is how the limit on requests answers: with text.
//
// https://docs.gitlab.com/security/rate_limits/
// https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/
func (g *gitLab) tooMany(c call, seconds int) reply {
	limit, reset := g.Tracker.options.RateLimit, c.now.Add(time.Duration(seconds)*time.Second)
	return plain(http.StatusTooManyRequests, "Retry later\n").
		with("Retry-After", strconv.Itoa(seconds)).
		with("RateLimit-Limit", strconv.Itoa(limit.Requests)).
		with("RateLimit-Remaining", "0").
		with("RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
}

// find finds an issue by its iid.
func (g *gitLab) find(c call) (*history, error) {
	if _, err := strconv.Atoi(c.named["iid"]); err != nil {
		return nil, gitLabInvalid("issue_iid is invalid")
	}
	history, found := g.store.find(c.named["iid"])
	if !found {
		return nil, refuse(gitLabMessage(http.StatusNotFound, "404 Not found"))
	}
	return history, nil
}

// get reads an issue.
//
// https://docs.gitlab.com/api/issues/#single-project-issue
func (g *gitLab) get(c call) (reply, error) {
	history, err := g.find(c)
	if err := firstOf(err, c.onlyQuery()); err != nil {
		return reply{}, err
	}
	return answer(http.StatusOK, g.show(c, history.latest())), nil
}

// show is an issue as GitLab shows it. Labels are in alphabetical order.
func (g *gitLab) show(c call, r record) object {
	return object{
		"id": 2000000 + r.number, "iid": r.number, "project_id": g.options.ProjectID, "title": r.title,
		"description": emptyAsNull(r.body), "state": r.state, "labels": listOf(sorted(r.labels)),
		"created_at": gitLabTime(r.created), "updated_at": gitLabTime(r.changed), "closed_at": gitLabTime(r.closed),
		"web_url": g.webURL(c, r.id), "user_notes_count": len(r.comments), "confidential": r.fields["confidential"] == true,
		"author": object{"id": 7, "username": "gemba-bot"}, "assignees": gitLabUsers(r.fields["assignee_ids"]),
	}
}

// gitLabUsers are users as GitLab shows them with an issue.
func gitLabUsers(ids any) []object {
	users := []object{}
	list, _ := ids.([]int)
	for _, id := range list {
		users = append(users, object{"id": id, "username": "user-" + strconv.Itoa(id)})
	}
	return users
}

func (g *gitLab) webURL(c call, iid string) string {
	return c.base() + "/" + g.options.Project + "/-/issues/" + iid
}

// gitLabTime is a time in UTC, or null where there is none.
func gitLabTime(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC().Format("2006-01-02T15:04:05.000Z")
}
