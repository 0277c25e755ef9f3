package standin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gemba-dev/gemba/internal/standin"
)

const incidents = "/api/now/table/incident"

// results are the records of a list.
func results(t *testing.T, answer got) []any {
	t.Helper()
	list, isList := answer.object(t)["result"].([]any)
	if !isList {
		t.Fatalf("answered %s", answer.text)
	}
	return list
}

func TestServiceNowCarriesAnIncidentThroughItsLife(t *testing.T) {
	tracker := serve(t, standin.NewServiceNow(standin.ServiceNowOptions{Options: standin.Options{Clock: fakeClock()}}))
	body := `{"short_description":"Review refunds","description":"why","correlation_id":"k1","urgency":2}`
	created := tracker.want(http.StatusCreated, http.MethodPost, incidents, body)
	id := created.at(t, "result.sys_id")
	if len(id) != 32 || created.at(t, "result.number") != "INC0010001" || created.at(t, "result.state") != "1" || created.at(t, "result.urgency") != "2" {
		t.Fatalf("created %s", created.text)
	}
	one := incidents + "/" + id
	tracker.want(http.StatusOK, http.MethodPatch, one, `{"work_notes":"look at it"}`)
	closed := tracker.want(http.StatusOK, http.MethodPatch, one, `{"state":"7","close_code":"Solved","close_notes":"done"}`)
	if closed.at(t, "result.state") != "7" || closed.at(t, "result.active") != "false" || closed.at(t, "result.closed_at") != "2026-03-01 12:00:00" || closed.at(t, "result.work_notes") != "" {
		t.Errorf("closed %s", closed.text)
	}
	ticket := tracker.only()
	if ticket.State != standin.Closed || ticket.Body != "why" || ticket.Comments[0] != "look at it" || ticket.Fields["close_code"] != "Solved" {
		t.Errorf("the ticket is %+v", ticket)
	}
	missing := tracker.want(http.StatusNotFound, http.MethodGet, incidents+"/0123", "")
	if missing.at(t, "error.message") != "No Record found" || missing.at(t, "status") != "failure" {
		t.Errorf("answered %s", missing.text)
	}
	tracker.want(http.StatusBadRequest, http.MethodGet, "/api/now/table/problem/"+id, "")
}

func TestServiceNowDoesNotMakeTheCorrelationIDUnique(t *testing.T) {
	tracker := serve(t, standin.NewServiceNow(standin.ServiceNowOptions{}))
	for range 2 {
		tracker.want(http.StatusCreated, http.MethodPost, incidents, `{"correlation_id":"k1"}`)
	}
	found := tracker.want(http.StatusOK, http.MethodGet, incidents+"?sysparm_query=correlation_id%3Dk1&sysparm_fields=sys_id,state", "")
	if list := results(t, found); len(list) != 2 || len(list[0].(map[string]any)) != 2 {
		t.Errorf("found %s", found.text)
	}
}

func TestServiceNowUnderstandsSomeEncodedQueries(t *testing.T) {
	tests := map[string]struct{ query, finds string }{
		"no condition":                     {"", "k1 k2 k3"},
		"one condition":                    {"correlation_id=k2", "k2"},
		"two conditions":                   {"active=true^correlation_id!=k2", "k1"},
		"one of several values":            {"correlation_idINk1,k3", "k1 k3"},
		"the newest first":                 {"ORDERBYDESCnumber", "k3 k2 k1"},
		"the oldest first":                 {"active=true^ORDERBYcorrelation_id", "k1 k2"},
		"nothing that is there":            {"correlation_id=k9", ""},
		"an operator that isn't known":     {"correlation_idSTARTSWITHk", "stand-in"},
		"one of two conditions":            {"correlation_id=k1^ORcorrelation_id=k2", "k1 k2"},
		"one of two, and another":          {"active=true^correlation_id=k1^ORcorrelation_id=k3", "k1"},
		"one of two, the newest first":     {"correlation_id=k1^ORcorrelation_id=k2^ORDERBYDESCnumber", "k2 k1"},
		"a query beside another":           {"correlation_id=k1^NQcorrelation_id=k2", "stand-in"},
		"a column that there is not":       {"corelation_id=k1", "stand-in"},
		"an order by no column there is":   {"ORDERBYcorelation_id", "stand-in"},
		"a script instead of a comparison": {"javascript:gs.getUserID()", "stand-in"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			tracker := serve(t, standin.NewServiceNow(standin.ServiceNowOptions{}))
			for i := 1; i <= 3; i++ {
				tracker.want(http.StatusCreated, http.MethodPost, incidents, fmt.Sprintf(`{"correlation_id":"k%d"}`, i))
			}
			if err := tracker.CloseOutside(tracker.Tickets()[2].ID); err != nil {
				t.Fatal(err)
			}
			answer := tracker.try(http.MethodGet, incidents+"?sysparm_query="+test.query, "")
			if test.finds == "stand-in" {
				if answer.status != http.StatusBadRequest || !strings.HasPrefix(answer.text, "stand-in:") {
					t.Errorf("answered %d %s", answer.status, answer.text)
				}
				return
			}
			found := []string{}
			for _, one := range results(t, answer) {
				found = append(found, one.(map[string]any)["correlation_id"].(string))
			}
			if strings.Join(found, " ") != test.finds {
				t.Errorf("found %v, want %s", found, test.finds)
			}
		})
	}
}

func TestServiceNowCanIgnoreAnInvalidPartOfAQuery(t *testing.T) {
	tests := map[string]struct {
		setting standin.InvalidQuery
		finds   int
	}{
		"as it does by default it lists more than was meant": {standin.IgnoreInvalidQuery, 1},
		"with the property set it lists nothing":             {standin.EmptyInvalidQuery, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			tracker := serve(t, standin.NewServiceNow(standin.ServiceNowOptions{InvalidQuery: test.setting}))
			tracker.want(http.StatusCreated, http.MethodPost, incidents, `{"correlation_id":"somebody else's"}`)
			found := tracker.want(http.StatusOK, http.MethodGet, incidents+"?sysparm_query=u_ticket_key%3Dk1", "")
			if len(results(t, found)) != test.finds {
				t.Errorf("found %s", found.text)
			}
		})
	}
}

func TestServiceNowPagesByOffset(t *testing.T) {
	tracker := serve(t, standin.NewServiceNow(standin.ServiceNowOptions{Options: standin.Options{PageLimit: 2}}))
	for range 5 {
		tracker.want(http.StatusCreated, http.MethodPost, incidents, `{"correlation_id":"k1"}`)
	}
	path, pages := incidents+"?sysparm_query=correlation_id%3Dk1&sysparm_limit=100", 0
	for total := 0; path != ""; pages++ {
		page := tracker.want(http.StatusOK, http.MethodGet, path, "")
		total += len(results(t, page))
		if page.header.Get("X-Total-Count") != "5" {
			t.Errorf("the total is %s", page.header.Get("X-Total-Count"))
		}
		path = strings.TrimPrefix(linked(page, "next"), tracker.url)
		if path == "" && total != 5 {
			t.Errorf("the pages have %d records", total)
		}
	}
	if pages != 3 {
		t.Errorf("there are %d pages, want 3", pages)
	}
	if last := tracker.want(http.StatusOK, http.MethodGet, incidents+"?sysparm_query=correlation_id%3Dk9", ""); last.header.Get("Link") != "" {
		t.Errorf("one page has the link %s", last.header.Get("Link"))
	}
}

// linked is a target of the Link header.
func linked(answer got, rel string) string {
	for _, link := range strings.Split(answer.header.Get("Link"), ",") {
		target, kind, _ := strings.Cut(link, ">;")
		if strings.TrimSpace(kind) == `rel="`+rel+`"` {
			return strings.TrimLeft(target, " <")
		}
	}
	return ""
}

func TestServiceNowRefusesWhatARuleForbids(t *testing.T) {
	options := standin.ServiceNowOptions{NeedsCloseCode: true, Options: standin.Options{RequiredFields: []string{"u_service"}}}
	tracker := serve(t, standin.NewServiceNow(options))
	refused := tracker.want(http.StatusForbidden, http.MethodPost, incidents, `{"correlation_id":"k1"}`)
	if refused.at(t, "error.message") != "Operation Failed" || !strings.Contains(refused.at(t, "error.detail"), "u_service") {
		t.Errorf("answered %s", refused.text)
	}
	created := tracker.want(http.StatusCreated, http.MethodPost, incidents, `{"correlation_id":"k1","u_service":"billing"}`)
	one := incidents + "/" + created.at(t, "result.sys_id")
	refused = tracker.want(http.StatusForbidden, http.MethodPatch, one, `{"state":"7","work_notes":"closing"}`)
	if !strings.Contains(refused.at(t, "error.detail"), "was aborted by Business Rule") || tracker.only().State != standin.Open || len(tracker.only().Comments) != 0 {
		t.Errorf("answered %s, and it is %+v", refused.text, tracker.only())
	}
	tracker.want(http.StatusOK, http.MethodPatch, one, `{"state":"7","close_code":"Solved"}`)
	tracker.want(http.StatusBadRequest, http.MethodPatch, one, `{"state":"99"}`)
	tracker.want(http.StatusBadRequest, http.MethodPatch, one, `{"closed_code":"misspelt"}`)
	tracker.want(http.StatusBadRequest, http.MethodPatch, one, `{`)
}
