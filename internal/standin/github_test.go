package standin_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/internal/standin"
)

const issues = "/repos/acme/ops/issues"

func TestGitHubCarriesAnIssueThroughItsLife(t *testing.T) {
	tracker := serve(t, standin.NewGitHub(standin.GitHubOptions{}))
	body := `{"title":"Review refunds","body":"why <!-- k1 -->","labels":["gemba",{"name":"k1"}],"assignees":["octocat"]}`
	created := tracker.want(http.StatusCreated, http.MethodPost, issues, body)
	if created.at(t, "number") != "1" || created.at(t, "state") != "open" || created.header.Get("Location") != tracker.url+issues+"/1" {
		t.Fatalf("created %s", created.text)
	}
	tracker.want(http.StatusCreated, http.MethodPost, issues+"/1/comments", `{"body":"look at it"}`)
	closed := tracker.want(http.StatusOK, http.MethodPatch, issues+"/1", `{"state":"closed"}`)
	if closed.at(t, "state_reason") != "completed" || closed.at(t, "closed_at") == "<nil>" || closed.at(t, "comments") != "1" {
		t.Errorf("closed %s", closed.text)
	}
	reopened := tracker.want(http.StatusOK, http.MethodPatch, issues+"/1", `{"state":"open","state_reason":"reopened","labels":["k1"],"title":"Again"}`)
	if reopened.at(t, "closed_at") != "<nil>" || reopened.at(t, "body") != "why <!-- k1 -->" || reopened.at(t, "html_url") != tracker.only().URL {
		t.Errorf("reopened %s", reopened.text)
	}
	ticket := tracker.only()
	if ticket.Title != "Again" || !slices.Equal(ticket.Labels, []string{"k1"}) || !slices.Equal(ticket.Comments, []string{"look at it"}) {
		t.Errorf("the ticket is %+v", ticket)
	}
	comments := tracker.want(http.StatusOK, http.MethodGet, issues+"/1/comments", "").list(t)
	if len(comments) != 1 || comments[0]["body"] != "look at it" {
		t.Errorf("the comments are %v", comments)
	}
	if err := tracker.DeleteOutside("1"); err != nil {
		t.Fatal(err)
	}
	tracker.want(http.StatusGone, http.MethodGet, issues+"/1", "")
	tracker.want(http.StatusNotFound, http.MethodGet, issues+"/9", "")
	tracker.want(http.StatusNotFound, http.MethodGet, "/repos/acme/other/issues/1", "")
}

func TestGitHubRefusesAnIssueThatIsWrong(t *testing.T) {
	tests := map[string]struct {
		body, text string
		status     int
	}{
		"without a title":                {`{"body":"why"}`, `"code":"missing_field"`, 422},
		"with a long title":              {`{"title":"` + strings.Repeat("x", 257) + `"}`, "title is too long (maximum is 256 characters)", 422},
		"with a long body":               {`{"title":"t","body":"` + strings.Repeat("x", 65537) + `"}`, "body is too long (maximum is 65536 characters)", 422},
		"with somebody unheard of":       {`{"title":"t","assignees":["nobody"]}`, `"field":"assignees"`, 422},
		"with a long label":              {`{"title":"t","labels":["` + strings.Repeat("x", 51) + `"]}`, `"resource":"Label"`, 422},
		"that is no JSON":                {`{`, "Problems parsing JSON", 400},
		"with a field that there is not": {`{"title":"t","description":"d"}`, "stand-in:", 400},
		"that is closed":                 {`{"title":"t","state":"closed"}`, "stand-in:", 400},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			tracker := serve(t, standin.NewGitHub(standin.GitHubOptions{}))
			answer := tracker.want(test.status, http.MethodPost, issues, test.body)
			if !strings.Contains(answer.text, test.text) || len(tracker.Tickets()) != 0 {
				t.Errorf("answered %s, and there is %+v", answer.text, tracker.Tickets())
			}
		})
	}
}

func TestGitHubDropsLabelsOfThoseWhoMayNotPush(t *testing.T) {
	tracker := serve(t, standin.NewGitHub(standin.GitHubOptions{NoPushAccess: true}))
	created := tracker.want(http.StatusCreated, http.MethodPost, issues, `{"title":"t","labels":["gemba"]}`)
	if created.at(t, "labels") != "[]" {
		t.Errorf("created %s", created.text)
	}
	tracker.want(http.StatusForbidden, http.MethodPatch, issues+"/1", `{"state":"closed"}`)
}

func TestGitHubIsGoneWhereIssuesAreDisabled(t *testing.T) {
	tracker := serve(t, standin.NewGitHub(standin.GitHubOptions{IssuesDisabled: true}))
	if answer := tracker.want(http.StatusGone, http.MethodPost, issues, `{"title":"t"}`); answer.at(t, "message") != "Issues are disabled for this repo" {
		t.Errorf("answered %s", answer.text)
	}
}

func TestGitHubLimitsWithTheStatusThatIsAskedFor(t *testing.T) {
	limit := standin.RateLimit{Requests: 1, Window: time.Minute}
	tracker := serve(t, standin.NewGitHub(standin.GitHubOptions{LimitStatus: 429, Options: standin.Options{Clock: fakeClock(), RateLimit: limit}}))
	tracker.want(http.StatusOK, http.MethodGet, issues, "")
	if answer := tracker.want(http.StatusTooManyRequests, http.MethodGet, issues, ""); !strings.Contains(answer.text, "secondary rate limit") {
		t.Errorf("answered %s", answer.text)
	}
}

func TestGitHubListsIssuesAndPullRequestsInPages(t *testing.T) {
	clock := fakeClock()
	options := standin.GitHubOptions{PullRequests: []string{"A change"}, Options: standin.Options{Clock: clock, PageLimit: 2}}
	tracker := serve(t, standin.NewGitHub(options))
	for range 3 {
		clock.SetTime(clock.Now().Add(time.Minute))
		tracker.want(http.StatusCreated, http.MethodPost, issues, `{"title":"t","labels":["Gemba"]}`)
	}
	tracker.want(http.StatusOK, http.MethodPatch, issues+"/4", `{"state":"closed","state_reason":"not_planned"}`)
	tests := map[string]struct {
		query string
		found []float64
		last  bool
	}{
		"open ones by default":        {"", []float64{3, 2}, false},
		"all of them":                 {"?state=all&per_page=100", []float64{4, 3}, false},
		"the second page":             {"?state=all&page=2", []float64{2, 1}, true},
		"closed ones":                 {"?state=closed", []float64{4}, true},
		"those with a label":          {"?labels=gemba&state=open", []float64{3, 2}, true},
		"those with no such label":    {"?labels=gemba,x", nil, true},
		"those that changed since":    {"?state=open&since=2026-03-01T12:02:00Z", []float64{3}, true},
		"those created first":         {"?direction=asc", []float64{1, 2}, false},
		"a page that there is not":    {"?state=closed&page=9", nil, true},
		"the smallest pages possible": {"?state=closed&per_page=1", []float64{4}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			answer := tracker.want(http.StatusOK, http.MethodGet, issues+test.query, "")
			var found []float64
			for _, issue := range answer.list(t) {
				number, _ := issue["number"].(float64)
				found = append(found, number)
				if _, isPull := issue["pull_request"]; isPull != (number == 1) {
					t.Errorf("issue %v has pull_request: %t", number, isPull)
				}
			}
			if !slices.Equal(found, test.found) || (linked(answer, "next") == "") != test.last {
				t.Errorf("found %v with the links %s", found, answer.header.Get("Link"))
			}
		})
	}
	next := linked(tracker.want(http.StatusOK, http.MethodGet, issues, ""), "next")
	if second := tracker.want(http.StatusOK, http.MethodGet, strings.TrimPrefix(next, tracker.url), "").list(t); len(second) != 1 {
		t.Errorf("the next page is %v", second)
	}
	tracker.want(http.StatusUnprocessableEntity, http.MethodGet, issues+"?state=opened", "")
}
