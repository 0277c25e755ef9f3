package standin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gemba-dev/gemba/internal/standin"
)

// redmineFields are one custom field that is used as a filter, and one that is not.
var redmineFields = []standin.RedmineField{{ID: 1, Name: "Ticket key", Filter: true}, {ID: 2, Name: "Rule"}}

func TestAnOlderRedmineDoesNotSayWhatIsClosed(t *testing.T) {
	tracker := serve(t, standin.NewRedmine(standin.RedmineOptions{Older: true}))
	created := tracker.want(http.StatusCreated, http.MethodPost, "/issues.json", `{"issue":{"project_id":1,"subject":"Review refunds"}}`)
	if created.at(t, "issue.status.name") != "New" || created.at(t, "issue.status.is_closed") != "<nil>" {
		t.Errorf("created %s", created.text)
	}
}

func TestRedmineCarriesAnIssueThroughItsLife(t *testing.T) {
	tracker := serve(t, standin.NewRedmine(standin.RedmineOptions{CustomFields: redmineFields}))
	body := `{"issue":{"project_id":1,"tracker_id":2,"subject":"Review refunds","description":"why","priority_id":3,"custom_fields":[{"id":1,"value":"k1"}]}}`
	created := tracker.want(http.StatusCreated, http.MethodPost, "/issues.json", body)
	if created.at(t, "issue.id") != "1" || created.at(t, "issue.tracker.name") != "Feature" || created.at(t, "issue.status.is_closed") != "false" || created.header.Get("Location") != tracker.url+"/issues/1" {
		t.Fatalf("created %s", created.text)
	}
	changed := tracker.want(http.StatusNoContent, http.MethodPut, "/issues/1.json", `{"issue":{"status_id":"5","notes":"done"}}`)
	if changed.text != "" {
		t.Errorf("answered %q", changed.text)
	}
	read := tracker.want(http.StatusOK, http.MethodGet, "/issues/1.json?include=journals", "")
	if read.at(t, "issue.status.is_closed") != "true" || read.at(t, "issue.closed_on") == "<nil>" || !strings.Contains(read.at(t, "issue.journals"), "notes:done") {
		t.Errorf("it reads %s", read.text)
	}
	if without := tracker.want(http.StatusOK, http.MethodGet, "/issues/1.json", ""); without.at(t, "issue.journals") != "<nil>" {
		t.Errorf("it reads %s", without.text)
	}
	if ticket := tracker.only(); ticket.State != standin.Closed || ticket.Fields["cf_1"] != "k1" || !slices.Equal(ticket.Comments, []string{"done"}) {
		t.Errorf("the ticket is %+v", ticket)
	}
	if missing := tracker.want(http.StatusNotFound, http.MethodGet, "/issues/9.json", ""); missing.text != "" {
		t.Errorf("answered %q", missing.text)
	}
}

func TestRedmineRefusesAnIssueThatIsWrong(t *testing.T) {
	tests := map[string]struct {
		body   string
		status int
		text   string
	}{
		"without a subject":                     {`{"issue":{"project_id":1,"custom_fields":[{"id":1,"value":"k1"}]}}`, 422, `{"errors":["Subject cannot be blank"]}`},
		"without a project":                     {`{"issue":{"subject":"s","custom_fields":[{"id":1,"value":"k1"}]}}`, 422, `{"errors":["Project cannot be blank"]}`},
		"in a project that there is not":        {`{"issue":{"project_id":999,"subject":"s"}}`, 422, "Project cannot be blank"},
		"of a tracker that there is not":        {`{"issue":{"project_id":1,"tracker_id":9,"subject":"s"}}`, 422, "Tracker cannot be blank"},
		"with a long subject":                   {`{"issue":{"project_id":1,"subject":"` + strings.Repeat("x", 256) + `"}}`, 422, "Subject is too long (maximum is 255 characters)"},
		"without a required field":              {`{"issue":{"project_id":1,"subject":"s"}}`, 422, `{"errors":["Ticket key cannot be blank"]}`},
		"with a custom field that there is not": {`{"issue":{"project_id":1,"subject":"s","custom_fields":[{"id":9,"value":"x"}]}}`, 400, "stand-in:"},
		"with a field that is misspelt":         {`{"issue":{"project_id":1,"title":"s"}}`, 400, "stand-in:"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			options := standin.RedmineOptions{CustomFields: redmineFields, Options: standin.Options{RequiredFields: []string{"cf_1"}}}
			tracker := serve(t, standin.NewRedmine(options))
			answer := tracker.want(test.status, http.MethodPost, "/issues.json", test.body)
			if !strings.Contains(answer.text, test.text) || len(tracker.Tickets()) != 0 {
				t.Errorf("answered %s, and there is %+v", answer.text, tracker.Tickets())
			}
		})
	}
}

func TestRedmineIgnoresAStatusThatTheWorkflowForbids(t *testing.T) {
	tracker := serve(t, standin.NewRedmine(standin.RedmineOptions{Forbidden: [][2]int{{1, 5}}}))
	tracker.want(http.StatusCreated, http.MethodPost, "/issues.json", `{"issue":{"project_id":1,"subject":"s"}}`)
	tracker.want(http.StatusNoContent, http.MethodPut, "/issues/1.json", `{"issue":{"status_id":5}}`)
	if ticket := tracker.only(); ticket.State != standin.Open {
		t.Errorf("the ticket is %+v", ticket)
	}
	tracker.want(http.StatusNoContent, http.MethodPut, "/issues/1.json", `{"issue":{"status_id":2}}`)
	tracker.want(http.StatusNoContent, http.MethodPut, "/issues/1.json", `{"issue":{"status_id":5}}`)
	if ticket := tracker.only(); ticket.State != standin.Closed {
		t.Errorf("the ticket is %+v", ticket)
	}
}

func TestRedmineListsIssuesInPages(t *testing.T) {
	tracker := serve(t, standin.NewRedmine(standin.RedmineOptions{
		CustomFields: redmineFields, Projects: []string{"ops", "other"}, Options: standin.Options{PageLimit: 2},
	}))
	for i := 1; i <= 3; i++ {
		body := fmt.Sprintf(`{"issue":{"project_id":"ops","subject":"Review k%d","custom_fields":[{"id":1,"value":"k%d"},{"id":2,"value":"r"}]}}`, i, i)
		tracker.want(http.StatusCreated, http.MethodPost, "/issues.json", body)
	}
	if err := tracker.CloseOutside("3"); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		query  url.Values
		status int
		total  string
		found  []float64
	}{
		"open ones by default":                   {url.Values{}, 200, "2", []float64{2, 1}},
		"all of them":                            {url.Values{"status_id": {"*"}, "limit": {"100"}}, 200, "3", []float64{3, 2}},
		"the second page":                        {url.Values{"status_id": {"*"}, "offset": {"2"}}, 200, "3", []float64{1}},
		"closed ones":                            {url.Values{"status_id": {"closed"}}, 200, "1", []float64{3}},
		"those of a status":                      {url.Values{"status_id": {"1"}}, 200, "2", []float64{2, 1}},
		"those with a value":                     {url.Values{"status_id": {"*"}, "cf_1": {"k3"}}, 200, "1", []float64{3}},
		"those with a part of a value":           {url.Values{"cf_1": {"~K"}}, 200, "2", []float64{2, 1}},
		"those with words in the subject":        {url.Values{"subject": {"~review k2"}}, 200, "1", []float64{2}},
		"those of a project":                     {url.Values{"project_id": {"ops"}, "cf_1": {"k1"}}, 200, "1", []float64{1}},
		"those of another project":               {url.Values{"project_id": {"2"}}, 200, "0", nil},
		"a field that is no filter is ignored":   {url.Values{"cf_2": {"no such"}}, 200, "2", []float64{2, 1}},
		"a project that there is not":            {url.Values{"project_id": {"none"}}, 404, "", nil},
		"a field that there is not is refused":   {url.Values{"cf_9": {"x"}}, 400, "", nil},
		"a filter that is not known is refused":  {url.Values{"sort": {"id"}}, 400, "", nil},
		"an offset that is no number is refused": {url.Values{"offset": {"x"}}, 400, "", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			answer := tracker.want(test.status, http.MethodGet, "/issues.json?"+test.query.Encode(), "")
			if test.status != http.StatusOK {
				return
			}
			var found []float64
			listed, _ := answer.object(t)["issues"].([]any)
			for _, issue := range listed {
				found = append(found, issue.(map[string]any)["id"].(float64))
			}
			if !slices.Equal(found, test.found) || answer.at(t, "total_count") != test.total || answer.at(t, "limit") != "2" {
				t.Errorf("found %v: %s", found, answer.text)
			}
		})
	}
}
