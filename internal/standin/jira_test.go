package standin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/internal/standin"
)

// newIssue is an issue with one more field.
func newIssue(field string) string {
	return strings.Replace(jiraIssue, `"fields":{`, `"fields":{`+field+",", 1)
}

func TestJiraCarriesAnIssueThroughItsLife(t *testing.T) {
	for name, cloud := range map[string]bool{"Cloud": true, "Data Center": false} {
		t.Run(name, func(t *testing.T) {
			tracker := serve(t, standin.NewJira(standin.JiraOptions{Cloud: cloud}))
			created := tracker.want(http.StatusCreated, http.MethodPost, "/rest/api/2/issue", newIssue(`"description":"why"`))
			if created.at(t, "key") != "OPS-1" || created.at(t, "id") != "10001" {
				t.Fatalf("created %s", created.text)
			}
			issue := "/rest/api/2/issue/OPS-1"
			tracker.want(http.StatusCreated, http.MethodPost, issue+"/comment", `{"body":"look at it"}`)
			read := tracker.want(http.StatusOK, http.MethodGet, issue+"?fields=status,labels&expand=transitions", "")
			if read.at(t, "fields.status.name") != "To Do" || read.at(t, "fields.status.statusCategory.key") != "new" || read.at(t, "fields.summary") != "<nil>" {
				t.Errorf("it reads %s", read.text)
			}
			if shown := read.object(t)["transitions"]; len(shown.([]any)) != 3 {
				t.Errorf("the transitions are %v", shown)
			}
			tracker.want(http.StatusNoContent, http.MethodPost, issue+"/transitions", `{"transition":{"id":"31"}}`)
			closed := tracker.want(http.StatusOK, http.MethodGet, "/rest/api/2/issue/10001", "")
			if closed.at(t, "fields.status.statusCategory.key") != "done" || closed.at(t, "transitions") != "<nil>" {
				t.Errorf("it reads %s", closed.text)
			}
			ticket := tracker.only()
			if ticket.State != standin.Closed || ticket.Body != "why" || !slices.Equal(ticket.Comments, []string{"look at it"}) || !slices.Equal(ticket.Labels, []string{"gemba"}) {
				t.Errorf("the ticket is %+v", ticket)
			}
			if comments := tracker.want(http.StatusOK, http.MethodGet, issue+"/comment", ""); comments.at(t, "total") != "1" {
				t.Errorf("the comments are %s", comments.text)
			}
		})
	}
}

func TestJiraRefusesAnIssueThatIsWrong(t *testing.T) {
	tests := map[string]struct{ body, field, text string }{
		"without a summary":             {strings.Replace(jiraIssue, "Review refunds", "", 1), "summary", "must specify a summary"},
		"in a project that there isn't": {strings.Replace(jiraIssue, "OPS", "NO", 1), "project", "valid project"},
		"of a type that there is not":   {strings.Replace(jiraIssue, "Task", "Epic", 1), "issuetype", "issue type selected is invalid"},
		"with a space in a label":       {strings.Replace(jiraIssue, "gemba", "a b", 1), "labels", "contains spaces"},
		"with a document of version 3":  {newIssue(`"description":{"type":"doc"}`), "description", "must be a string"},
		"with a field on no screen":     {newIssue(`"customfield_10099":"x"`), "customfield_10099", "not on the appropriate screen"},
		"with a priority unheard of":    {newIssue(`"priority":{"name":"Soon"}`), "priority", "priority selected is invalid"},
		"without a required field":      {jiraIssue, "customfield_10010", "is required"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			options := standin.JiraOptions{}
			if test.field == "customfield_10010" {
				options.RequiredFields = []string{"customfield_10010"}
			}
			tracker := serve(t, standin.NewJira(options))
			answer := tracker.want(http.StatusBadRequest, http.MethodPost, "/rest/api/2/issue", test.body)
			if !strings.Contains(answer.at(t, "errors."+test.field), test.text) || answer.at(t, "errorMessages") != "[]" {
				t.Errorf("answered %s", answer.text)
			}
			if len(tracker.Tickets()) != 0 {
				t.Errorf("it made %+v", tracker.Tickets())
			}
		})
	}
}

func TestJiraTakesRequiredFieldsAndKeepsPropertiesApart(t *testing.T) {
	tracker := serve(t, standin.NewJira(standin.JiraOptions{Options: standin.Options{RequiredFields: []string{"customfield_10010"}}}))
	body := strings.Replace(newIssue(`"customfield_10010":{"value":"EU"}`), "{", `{"properties":[{"key":"gemba","value":{"key":"k1"}}],`, 1)
	tracker.want(http.StatusCreated, http.MethodPost, "/rest/api/2/issue", body)
	if fields := tracker.only().Fields; fields["customfield_10010"] != `{"value":"EU"}` || fields["property:gemba"] != `{"key":"k1"}` {
		t.Errorf("the fields are %v", fields)
	}
	read := tracker.want(http.StatusOK, http.MethodGet, "/rest/api/2/issue/OPS-1?properties=gemba", "")
	if read.at(t, "properties.gemba.key") != "k1" || strings.Contains(read.at(t, "fields"), "property:") {
		t.Errorf("it reads %s", read.text)
	}
}

func TestJiraRefusesLabelsThatStandOnNoScreen(t *testing.T) {
	tracker := serve(t, standin.NewJira(standin.JiraOptions{OffScreen: []string{"labels"}}))
	refused := tracker.want(http.StatusBadRequest, http.MethodPost, "/rest/api/2/issue", jiraIssue)
	if !strings.Contains(refused.at(t, "errors.labels"), "Field 'labels' cannot be set") {
		t.Errorf("answered %s", refused.text)
	}
	tracker.want(http.StatusCreated, http.MethodPost, "/rest/api/2/issue", strings.Replace(jiraIssue, `,"labels":["gemba"]`, "", 1))
	refused = tracker.want(http.StatusBadRequest, http.MethodPut, "/rest/api/2/issue/OPS-1", `{"update":{"labels":[{"add":"x"}]}}`)
	if !strings.Contains(refused.at(t, "errors.labels"), "Field 'labels' cannot be set") {
		t.Errorf("answered %s", refused.text)
	}
}

func TestJiraChangesLabelsOneByOne(t *testing.T) {
	tracker := serve(t, standin.NewJira(standin.JiraOptions{}))
	tracker.want(http.StatusCreated, http.MethodPost, "/rest/api/2/issue", jiraIssue)
	body := `{"fields":{"summary":"Again"},"update":{"labels":[{"add":"k1"},{"remove":"gemba"}]}}`
	tracker.want(http.StatusNoContent, http.MethodPut, "/rest/api/2/issue/OPS-1", body)
	if ticket := tracker.only(); !slices.Equal(ticket.Labels, []string{"k1"}) || ticket.Title != "Again" {
		t.Errorf("the ticket is %+v", ticket)
	}
	tracker.want(http.StatusNoContent, http.MethodPut, "/rest/api/2/issue/OPS-1", `{"update":{"labels":[{"set":[]}]}}`)
	if read := tracker.want(http.StatusOK, http.MethodGet, "/rest/api/2/issue/OPS-1?fields=labels", ""); read.at(t, "fields.labels") != "[]" {
		t.Errorf("it reads %s", read.text)
	}
	tracker.want(http.StatusBadRequest, http.MethodPut, "/rest/api/2/issue/OPS-1", `{"update":{"labels":[{"add":"a b"}]}}`)
	tracker.want(http.StatusNotFound, http.MethodPut, "/rest/api/2/issue/OPS-2", body)
}

// german is a workflow in another language, in which only some ways lead on.
func german() standin.Workflow {
	return standin.Workflow{
		Statuses: []standin.WorkflowStatus{
			{ID: "1", Name: "Offen", Category: standin.CategoryNew}, {ID: "6", Name: "Erledigt", Category: standin.CategoryDone},
		},
		Transitions: []standin.WorkflowTransition{
			{ID: "5", Name: "Lösen", To: "Erledigt", From: []string{"Offen"}, Screen: []string{"resolution"}, Required: []string{"resolution"}},
			{ID: "7", Name: "Erneut öffnen", To: "Offen", From: []string{"Erledigt"}},
		},
	}
}

func TestJiraFollowsItsWorkflow(t *testing.T) {
	tests := map[string]struct {
		body   string
		status int
		text   string
	}{
		"a transition with all that it requires":        {`{"transition":{"id":"5"},"fields":{"resolution":{"name":"Done"}}}`, 204, ""},
		"a transition without what it requires":         {`{"transition":{"id":"5"}}`, 400, "resolution is required"},
		"a transition that leads from another status":   {`{"transition":{"id":"7"}}`, 400, "Transition id '7' is not valid for this issue."},
		"a transition that there is not":                {`{"transition":{"id":"99"}}`, 400, "Transition id '99' is not valid"},
		"a transition by its name":                      {`{"transition":{"id":"Lösen"}}`, 400, "must be an integer"},
		"a transition with a field that has no screen":  {`{"transition":{"id":"5"},"fields":{"resolution":{"name":"Done"},"labels":[]}}`, 400, "Field 'labels' cannot be set"},
		"a transition with what the stand-in knows not": {`{"transition":{"id":"5"},"update":{}}`, 400, "stand-in:"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			tracker := serve(t, standin.NewJira(standin.JiraOptions{Workflow: german()}))
			tracker.want(http.StatusCreated, http.MethodPost, "/rest/api/2/issue", jiraIssue)
			offered := tracker.want(http.StatusOK, http.MethodGet, "/rest/api/2/issue/OPS-1/transitions?expand=transitions.fields", "")
			if !strings.Contains(offered.text, "Lösen") || strings.Contains(offered.text, "Erneut") || !strings.Contains(offered.text, `"required":true`) {
				t.Errorf("it offers %s", offered.text)
			}
			answer := tracker.want(test.status, http.MethodPost, "/rest/api/2/issue/OPS-1/transitions", test.body)
			if !strings.Contains(answer.text, test.text) || (tracker.only().State == standin.Closed) != (test.status == 204) {
				t.Errorf("answered %s, and it is %+v", answer.text, tracker.only())
			}
		})
	}
}

func TestJiraUnderstandsSomeJQLAndRefusesTheRest(t *testing.T) {
	tests := map[string]struct {
		jql    string
		status int
		finds  []string
		text   string
	}{
		"a label":                            {`labels = "gemba"`, 200, []string{"OPS-2", "OPS-1"}, ""},
		"a label without quotes":             {`labels=gemba`, 200, []string{"OPS-2", "OPS-1"}, ""},
		"a project and a label":              {`project = "OPS" AND labels = "gemba" ORDER BY created DESC`, 200, []string{"OPS-2", "OPS-1"}, ""},
		"the oldest first":                   {`labels = "gemba" order by created asc`, 200, []string{"OPS-1", "OPS-2"}, ""},
		"a property that is searchable":      {`issue.property[gemba].key = "k2"`, 200, []string{"OPS-2"}, ""},
		"a label that nobody has":            {`labels = "x" AND labels = "gemba"`, 200, nil, ""},
		"a property that is not searchable":  {`issue.property[gemba].other = "k2"`, 400, nil, "does not exist or you do not have permission"},
		"a project that there is not":        {`project = "NO"`, 400, nil, "The value 'NO' does not exist for the field 'project'."},
		"no restriction":                     {`ORDER BY created DESC`, 400, nil, "Unbounded JQL"},
		"nothing":                            {``, 400, nil, "Unbounded JQL"},
		"an operator that is not known here": {`labels != "gemba"`, 400, nil, "Error in the JQL Query"},
		"a disjunction":                      {`labels = "gemba" OR labels = "x"`, 400, nil, "Error in the JQL Query"},
		"a value that closes its quotes":     {`labels = "x" OR project = "OPS"`, 400, nil, "Error in the JQL Query"},
		"an escaped quote":                   {`labels = "x\" OR project = \"OPS"`, 200, nil, ""},
	}
	for name, test := range tests {
		for kind, cloud := range map[string]bool{"Cloud": true, "Data Center": false} {
			t.Run(kind+": "+name, func(t *testing.T) {
				tracker := serve(t, standin.NewJira(standin.JiraOptions{Cloud: cloud, SearchableProperties: []string{"gemba.key"}}))
				for i := 1; i <= 2; i++ {
					property := fmt.Sprintf(`{"properties":[{"key":"gemba","value":{"key":"k%d"}}],`, i)
					tracker.want(http.StatusCreated, http.MethodPost, "/rest/api/2/issue", strings.Replace(jiraIssue, "{", property, 1))
				}
				path := map[bool]string{true: "/rest/api/2/search/jql", false: "/rest/api/2/search"}[cloud]
				body, _ := json.Marshal(map[string]any{"jql": test.jql, "fields": []string{"summary"}})
				posted := tracker.want(test.status, http.MethodPost, path, string(body))
				read := tracker.want(test.status, http.MethodGet, path+"?fields=summary&jql="+url.QueryEscape(test.jql), "")
				if !strings.Contains(posted.text, test.text) || posted.text != read.text || !slices.Equal(keysIn(t, read), test.finds) {
					t.Errorf("answered %s and %s", posted.text, read.text)
				}
			})
		}
	}
}

// keysIn are the keys of the issues that were found.
func keysIn(t *testing.T, answer got) []string {
	t.Helper()
	var keys []string
	issues, _ := answer.object(t)["issues"].([]any)
	for _, issue := range issues {
		keys = append(keys, issue.(map[string]any)["key"].(string))
	}
	return keys
}

func TestJiraCloudPagesByTokenAndTheOldSearchIsGone(t *testing.T) {
	tracker := serve(t, standin.NewJira(standin.JiraOptions{Cloud: true, Options: standin.Options{PageLimit: 2}}))
	for range 3 {
		tracker.want(http.StatusCreated, http.MethodPost, "/rest/api/2/issue", jiraIssue)
	}
	first := tracker.want(http.StatusOK, http.MethodPost, "/rest/api/2/search/jql", `{"jql":"labels = gemba","maxResults":100}`)
	if first.at(t, "isLast") != "false" || first.at(t, "issues") != "[map[id:10003] map[id:10002]]" || first.at(t, "total") != "<nil>" {
		t.Errorf("the first page is %s", first.text)
	}
	token := url.QueryEscape(first.at(t, "nextPageToken"))
	second := tracker.want(http.StatusOK, http.MethodGet, "/rest/api/2/search/jql?jql=labels+%3D+gemba&fields=summary&nextPageToken="+token, "")
	if second.at(t, "isLast") != "true" || !slices.Equal(keysIn(t, second), []string{"OPS-1"}) || second.at(t, "nextPageToken") != "<nil>" {
		t.Errorf("the second page is %s", second.text)
	}
	tracker.want(http.StatusBadRequest, http.MethodGet, "/rest/api/2/search/jql?jql=project%3DOPS&nextPageToken="+token, "")
	tracker.want(http.StatusBadRequest, http.MethodPost, "/rest/api/2/search/jql", `{"jql":"labels = gemba","startAt":2}`)
	if gone := tracker.want(http.StatusGone, http.MethodGet, "/rest/api/2/search?jql=labels%3Dgemba", ""); !strings.Contains(gone.text, "CHANGE-2046") {
		t.Errorf("the old search is answered %s", gone.text)
	}
}

func TestJiraDataCenterPagesByOffset(t *testing.T) {
	tracker := serve(t, standin.NewJira(standin.JiraOptions{Options: standin.Options{PageLimit: 2}}))
	for range 3 {
		tracker.want(http.StatusCreated, http.MethodPost, "/rest/api/2/issue", jiraIssue)
	}
	page := tracker.want(http.StatusOK, http.MethodGet, "/rest/api/2/search?jql=labels%3Dgemba&startAt=2&maxResults=50", "")
	if page.at(t, "total") != "3" || page.at(t, "maxResults") != "2" || page.at(t, "startAt") != "2" || !slices.Equal(keysIn(t, page), []string{"OPS-1"}) {
		t.Errorf("the page is %s", page.text)
	}
	tracker.want(http.StatusNotFound, http.MethodGet, "/rest/api/2/search/jql?jql=labels%3Dgemba", "")
}

func TestJiraCloudReconcilesTheIssuesThatAreNamed(t *testing.T) {
	clock := fakeClock()
	tracker := serve(t, standin.NewJira(standin.JiraOptions{Cloud: true, Options: standin.Options{Clock: clock, Lag: time.Minute}}))
	for range 2 {
		tracker.want(http.StatusCreated, http.MethodPost, "/rest/api/2/issue", jiraIssue)
	}
	search := func(body string) []string {
		return keysIn(t, tracker.want(http.StatusOK, http.MethodPost, "/rest/api/2/search/jql", body))
	}
	if found := search(`{"jql":"labels = gemba","fields":["summary"]}`); found != nil {
		t.Errorf("found %v before the lag is over", found)
	}
	if found := search(`{"jql":"labels = gemba","fields":["summary"],"reconcileIssues":[10002]}`); !slices.Equal(found, []string{"OPS-2"}) {
		t.Errorf("reconciled to %v", found)
	}
	clock.SetTime(noon.Add(time.Hour))
	tracker.want(http.StatusNoContent, http.MethodPut, "/rest/api/2/issue/OPS-1", `{"fields":{"labels":["other"]}}`)
	if found := search(`{"jql":"labels = gemba","fields":["summary"]}`); !slices.Equal(found, []string{"OPS-2", "OPS-1"}) {
		t.Errorf("found %v, though the change lags", found)
	}
	if found := search(`{"jql":"labels = gemba","fields":["summary"],"reconcileIssues":[10001]}`); !slices.Equal(found, []string{"OPS-2"}) {
		t.Errorf("reconciled to %v", found)
	}
	got := tracker.want(http.StatusOK, http.MethodGet, "/rest/api/2/search/jql?jql=labels%3Dother&fields=summary&reconcileIssues=10001", "")
	if !slices.Equal(keysIn(t, got), []string{"OPS-1"}) {
		t.Errorf("reconciled to %s", got.text)
	}
}
