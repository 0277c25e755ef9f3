package standin

import (
	"cmp"
	"net/http"
	"strconv"
)

// GitHubOptions say how a repository of GitHub is set up.
type GitHubOptions struct {
	Options
	// Repository is owner/name. Default: acme/ops.
	Repository string
	// IssuesDisabled turns issues off.
	IssuesDisabled bool
	// NoPushAccess is a user who may only read the repository: GitHub then drops labels and assignees without a word, and
	// refuses changes.
	NoPushAccess bool
	// Assignable are the users that issues can be assigned to. Default: octocat.
	Assignable []string
	// LimitStatus is the status of a secondary rate limit, 403 or 429. Default: 403.
	LimitStatus int
	// PullRequests are the titles of pull requests that are open from the beginning. They are listed among issues.
	PullRequests []string
}

// gitHub is a repository with its options.
type gitHub struct {
	*Tracker
	options GitHubOptions
}

// gitHubDocs is where errors point to.
const gitHubDocs = "https://docs.github.com/rest/issues/issues"

// pullRequest marks a record that is a pull request.
const pullRequest = "pull_request"

// NewGitHub stands in for one repository of GitHub, with the REST API of issues.
//
// https://docs.github.com/en/rest/issues/issues
func NewGitHub(options GitHubOptions) *Tracker {
	options.Repository = cmp.Or(options.Repository, "acme/ops")
	options.LimitStatus = cmp.Or(options.LimitStatus, http.StatusForbidden)
	options.Assignable = orElse(options.Assignable, "octocat")
	g := &gitHub{Tracker: newTracker(options.Options), options: options}
	g.speak(vendor{
		routes:       g.routes(),
		unauthorized: gitHubUnauthorized,
		throttled:    g.tooMany,
		unknown: func(call) reply {
			return gitHubFailure(http.StatusNotFound, "Not Found", "https://docs.github.com/rest")
		},
		unsupported: func(call) reply {
			return plain(http.StatusUnsupportedMediaType, "stand-in: the body must be declared to be application/json")
		},
		states: states{
			known:  func(state string) bool { return state == "open" || state == "closed" },
			closed: func(state string) bool { return state == "closed" },
			open:   "open", shut: "closed",
			// "Close as not planned". https://docs.github.com/en/rest/issues/issues#update-an-issue (state_reason)
			decline: func(r *record) { r.state, r.fields["state_reason"] = "closed", "not_planned" },
		},
	})
	for _, title := range options.PullRequests {
		g.store.add(record{id: strconv.Itoa(g.store.next()), title: title, state: "open", fields: map[string]any{pullRequest: true}}, g.Tracker.options.Clock.Now())
	}
	return g.Tracker
}

func (g *gitHub) routes() []route {
	issues := "/repos/{owner}/{name}/issues"
	routes := []route{
		{http.MethodPost, issues, g.create},
		{http.MethodGet, issues, g.list},
		{http.MethodGet, issues + "/{number}", g.get},
		{http.MethodPatch, issues + "/{number}", g.update},
		{http.MethodPost, issues + "/{number}/comments", g.comment},
		{http.MethodGet, issues + "/{number}/comments", g.comments},
	}
	for i, r := range routes {
		routes[i].do = func(c call) (reply, error) {
			if err := g.admit(c); err != nil {
				return reply{}, err
			}
			return r.do(c)
		}
	}
	return routes
}

// admit answers what has nothing to do with the endpoint. A repository that the token does not reach is not found.
//
// https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent-required
func (g *gitHub) admit(c call) error {
	if c.request.UserAgent() == "" {
		return refuse(plain(http.StatusForbidden, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header"))
	}
	if c.named["owner"]+"/"+c.named["name"] != g.options.Repository {
		return refuse(gitHubFailure(http.StatusNotFound, "Not Found", gitHubDocs))
	}
	return nil
}

// gitHubFailure is the body of errors.
func gitHubFailure(status int, message, documentation string) reply {
	return answer(status, object{"message": message, "documentation_url": documentation, "status": strconv.Itoa(status)})
}

// gitHubInvalid is a 422 about one field.
func gitHubInvalid(problem object) error {
	return refuse(answer(http.StatusUnprocessableEntity, object{
		"message": "Validation Failed", "errors": []object{problem}, "documentation_url": gitHubDocs + "#create-an-issue", "status": "422",
	}))
}

// gitHubUnauthorized is as documented for a token that is wrong. Without one, GitHub answers so where it changes something;
// a private repository is then not found, which is not shown here.
//
// https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api#failed-login-limit
func gitHubUnauthorized(_ call, anonymous bool) reply {
	message := "Bad credentials"
	if anonymous {
		message = "Requires authentication"
	}
	return gitHubFailure(http.StatusUnauthorized, message, "https://docs.github.com/rest")
}

// tooMany is a secondary rate limit.
//
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
func (g *gitHub) tooMany(_ call, seconds int) reply {
	return answer(g.options.LimitStatus, object{
		"message":           "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
		"documentation_url": "https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits",
	}).with("Retry-After", strconv.Itoa(seconds))
}

// find finds an issue or a pull request by its number. A deleted one is gone.
//
// https://docs.github.com/en/rest/issues/issues#get-an-issue
func (g *gitHub) find(c call) (*history, error) {
	history, found := g.store.lookUp(c.named["number"])
	if !found {
		return nil, refuse(gitHubFailure(http.StatusNotFound, "Not Found", gitHubDocs+"#get-an-issue"))
	}
	if history.latest().deleted {
		return nil, refuse(gitHubFailure(http.StatusGone, "This issue was deleted", gitHubDocs+"#get-an-issue"))
	}
	return history, nil
}
