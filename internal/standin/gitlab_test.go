package standin_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/internal/standin"
)

const project = "/api/v4/projects/acme%2Fops/issues"

func TestGitLabCarriesAnIssueThroughItsLife(t *testing.T) {
	tracker := serve(t, standin.NewGitLab(standin.GitLabOptions{}))
	created := tracker.want(http.StatusCreated, http.MethodPost, project, `{"title":"Review refunds","description":"why","labels":"k1, gemba"}`)
	if created.at(t, "iid") != "1" || created.at(t, "state") != "opened" || created.at(t, "web_url") != tracker.url+"/acme/ops/-/issues/1" || created.at(t, "labels") != "[gemba k1]" {
		t.Fatalf("created %s", created.text)
	}
	tracker.want(http.StatusCreated, http.MethodPost, project+"/1/notes", `{"body":"look at it"}`)
	closed := tracker.want(http.StatusOK, http.MethodPut, "/api/v4/projects/42/issues/1", `{"state_event":"close","add_labels":["x"],"remove_labels":"k1"}`)
	if closed.at(t, "state") != "closed" || closed.at(t, "closed_at") == "<nil>" || closed.at(t, "labels") != "[gemba x]" {
		t.Errorf("closed %s", closed.text)
	}
	reopened := tracker.want(http.StatusOK, http.MethodPut, project+"/1", `{"state_event":"reopen","labels":"","description":"again"}`)
	if reopened.at(t, "state") != "opened" || reopened.at(t, "labels") != "[]" {
		t.Errorf("reopened %s", reopened.text)
	}
	if ticket := tracker.only(); ticket.Body != "again" || !slices.Equal(ticket.Comments, []string{"look at it"}) || ticket.State != standin.Open {
		t.Errorf("the ticket is %+v", ticket)
	}
	if notes := tracker.want(http.StatusOK, http.MethodGet, project+"/1/notes", "").list(t); len(notes) != 1 || notes[0]["body"] != "look at it" {
		t.Errorf("the notes are %v", notes)
	}
}

func TestGitLabRefusesWhatIsWrong(t *testing.T) {
	tests := map[string]struct {
		method, path, body string
		status             int
		text               string
	}{
		"an issue without a title":         {http.MethodPost, project, `{"description":"why"}`, 400, `{"error":"title is missing"}`},
		"an issue with a blank title":      {http.MethodPost, project, `{"title":" "}`, 400, `{"message":{"title":["can't be blank"]}}`},
		"an issue with a long title":       {http.MethodPost, project, `{"title":"` + strings.Repeat("x", 256) + `"}`, 400, "is too long (maximum is 255 characters)"},
		"an issue with numbers for labels": {http.MethodPost, project, `{"title":"t","labels":[1]}`, 400, `{"error":"labels is invalid"}`},
		"a project that there is not":      {http.MethodPost, "/api/v4/projects/43/issues", `{"title":"t"}`, 404, `{"message":"404 Project Not Found"}`},
		"an issue that there is not":       {http.MethodGet, project + "/9", "", 404, `{"message":"404 Not found"}`},
		"an iid that is none":              {http.MethodGet, project + "/nine", "", 400, `{"error":"issue_iid is invalid"}`},
		"a change to no known state":       {http.MethodPut, project + "/1", `{"state_event":"closed"}`, 400, `{"error":"state_event does not have a valid value"}`},
		"a change of nothing":              {http.MethodPut, project + "/1", `{}`, 400, "at least one parameter must be provided"},
		"a state where an event belongs":   {http.MethodPut, project + "/1", `{"state":"closed"}`, 400, "stand-in:"},
		"a list of no known state":         {http.MethodGet, project + "?state=open", "", 400, `{"error":"state does not have a valid value"}`},
		"a note without a body":            {http.MethodPost, project + "/1/notes", `{}`, 400, `{"error":"body is missing"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			tracker := serve(t, standin.NewGitLab(standin.GitLabOptions{}))
			tracker.want(http.StatusCreated, http.MethodPost, project, `{"title":"Review refunds"}`)
			if answer := tracker.want(test.status, test.method, test.path, test.body); !strings.Contains(answer.text, test.text) {
				t.Errorf("answered %s", answer.text)
			}
			if ticket := tracker.only(); ticket.State != standin.Open {
				t.Errorf("the ticket is %+v", ticket)
			}
		})
	}
}

func TestGitLabListsIssuesInPages(t *testing.T) {
	clock := fakeClock()
	tracker := serve(t, standin.NewGitLab(standin.GitLabOptions{Options: standin.Options{Clock: clock, PageLimit: 2}}))
	for range 3 {
		clock.SetTime(clock.Now().Add(time.Minute))
		tracker.want(http.StatusCreated, http.MethodPost, project, `{"title":"t","labels":"gemba"}`)
	}
	if err := tracker.CloseOutside("3"); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		query, next string
		found       []float64
	}{
		"all states by default":       {"", "2", []float64{3, 2}},
		"the second page":             {"?page=2&per_page=50", "", []float64{1}},
		"opened ones":                 {"?state=opened", "", []float64{2, 1}},
		"closed ones":                 {"?state=closed", "", []float64{3}},
		"those with a label":          {"?labels=gemba&sort=asc", "2", []float64{1, 2}},
		"those with no such label":    {"?labels=gemba,Gemba", "", nil},
		"those created on time":       {"?created_after=2026-03-01T12:02:00Z", "", []float64{3, 2}},
		"those created after the day": {"?created_after=2026-03-02T00:00:00Z", "", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			answer := tracker.want(http.StatusOK, http.MethodGet, project+test.query, "")
			var found []float64
			for _, issue := range answer.list(t) {
				number, _ := issue["iid"].(float64)
				found = append(found, number)
			}
			if !slices.Equal(found, test.found) || answer.header.Get("X-Next-Page") != test.next || (linked(answer, "next") == "") != (test.next == "") {
				t.Errorf("found %v, next %q, links %s", found, answer.header.Get("X-Next-Page"), answer.header.Get("Link"))
			}
		})
	}
	next := linked(tracker.want(http.StatusOK, http.MethodGet, project, ""), "next")
	if second := tracker.want(http.StatusOK, http.MethodGet, strings.TrimPrefix(next, tracker.url), "").list(t); len(second) != 1 {
		t.Errorf("the next page is %v", second)
	}
}
