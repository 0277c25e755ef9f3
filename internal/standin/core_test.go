package standin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/internal/standin"
)

func TestAWrongOrMissingCredentialIsAnsweredInTheWordsOfTheVendor(t *testing.T) {
	for vendor, desk := range desks() {
		if desk.one == nil {
			continue // PagerDuty has its routing keys
		}
		t.Run(vendor, func(t *testing.T) {
			tracker := serve(t, desk.open(standin.Options{Credentials: []standin.Credential{desk.credential}}))
			wrong := tracker.want(http.StatusUnauthorized, http.MethodPost, desk.create, desk.body, desk.credential.Header, "wrong")
			if !strings.Contains(wrong.text, desk.login) || (desk.login == "" && wrong.text != "") {
				t.Errorf("a wrong one is answered %q, want %q in it", wrong.text, desk.login)
			}
			tracker.want(http.StatusUnauthorized, http.MethodPost, desk.create, desk.body)
			tracker.want(http.StatusUnauthorized, http.MethodGet, desk.list, "")
			if len(tracker.Tickets()) != 0 {
				t.Errorf("there are tickets: %+v", tracker.Tickets())
			}
			tracker.want(desk.created, http.MethodPost, desk.create, desk.body, desk.credential.Header, desk.credential.Value)
		})
	}
}

func TestRequestsTooManyWaitForTheNextWindow(t *testing.T) {
	for vendor, desk := range desks() {
		t.Run(vendor, func(t *testing.T) {
			clock := fakeClock()
			tracker := serve(t, desk.open(standin.Options{Clock: clock, RateLimit: standin.RateLimit{Requests: 1, Window: time.Minute}}))
			tracker.want(desk.created, http.MethodPost, desk.create, desk.body)
			clock.SetTime(noon.Add(20 * time.Second))
			refused := tracker.want(desk.tooMany, http.MethodPost, desk.create, desk.body)
			if wait := refused.header.Get("Retry-After"); wait != "40" {
				t.Errorf("it says to wait %q seconds, want 40", wait)
			}
			if len(tracker.Tickets()) != 1 {
				t.Errorf("there are %d tickets, want the one before the limit", len(tracker.Tickets()))
			}
			clock.SetTime(noon.Add(time.Minute))
			tracker.want(desk.created, http.MethodPost, desk.create, desk.body)
		})
	}
}

func TestASearchLagsBehindAndReadingByIDDoesNot(t *testing.T) {
	for _, vendor := range []string{"Jira Cloud", "Jira Data Center", "GitHub", "GitLab"} {
		desk := desks()[vendor]
		t.Run(vendor, func(t *testing.T) {
			clock := fakeClock()
			tracker := serve(t, desk.open(standin.Options{Clock: clock, Lag: 30 * time.Second}))
			tracker.want(desk.created, http.MethodPost, desk.create, desk.body)
			listed := func() bool {
				return strings.Contains(tracker.want(http.StatusOK, http.MethodGet, desk.list, "").text, "Review refunds")
			}
			tracker.want(http.StatusOK, http.MethodGet, desk.one(tracker.only().ID), "")
			clock.SetTime(noon.Add(29 * time.Second))
			if listed() {
				t.Error("it is listed before the lag is over")
			}
			clock.SetTime(noon.Add(30 * time.Second))
			if !listed() {
				t.Error("it is not listed after the lag")
			}
			if err := tracker.DeleteOutside(tracker.only().ID); err != nil || !listed() {
				t.Errorf("a deletion is seen at once: %v", err)
			}
			clock.SetTime(noon.Add(time.Minute))
			if listed() {
				t.Error("it is listed though it was deleted long ago")
			}
		})
	}
}

func TestListsOfOneDatabaseDoNotLag(t *testing.T) {
	for _, vendor := range []string{"ServiceNow", "Redmine"} {
		desk := desks()[vendor]
		tracker := serve(t, desk.open(standin.Options{Clock: fakeClock(), Lag: time.Hour}))
		tracker.want(desk.created, http.MethodPost, desk.create, desk.body)
		if list := tracker.want(http.StatusOK, http.MethodGet, desk.list, ""); !strings.Contains(list.text, "Review refunds") {
			t.Errorf("%s lists %s", vendor, list.text)
		}
	}
}

func TestTicketsAreChangedFromOutside(t *testing.T) {
	for vendor, desk := range desks() {
		t.Run(vendor, func(t *testing.T) {
			tracker := serve(t, desk.open(standin.Options{}))
			tracker.want(desk.created, http.MethodPost, desk.create, desk.body)
			ticket := tracker.only()
			if ticket.State != standin.Open || ticket.Title != "Review refunds" || !strings.HasPrefix(ticket.URL, tracker.url) {
				t.Errorf("the ticket is %+v", ticket)
			}
			if err := tracker.CloseOutside(ticket.ID); err != nil || tracker.only().State != standin.Closed {
				t.Errorf("after the closing it is %+v, %v", tracker.only(), err)
			}
			if err := tracker.ReopenOutside(ticket.ID); err != nil || tracker.only().State != standin.Open {
				t.Errorf("after the reopening it is %+v, %v", tracker.only(), err)
			}
			if tracker.SetState(ticket.ID, "no such state") == nil || tracker.CloseOutside("no such ticket") == nil {
				t.Error("what there is not can be set")
			}
			if err := tracker.DeleteOutside(ticket.ID); err != nil || len(tracker.Tickets()) != 0 {
				t.Errorf("after the deletion there is %+v, %v", tracker.Tickets(), err)
			}
			if desk.one != nil {
				if read := tracker.try(http.MethodGet, desk.one(ticket.ID), ""); read.status != http.StatusNotFound && read.status != http.StatusGone {
					t.Errorf("a deleted ticket is answered %d %s", read.status, read.text)
				}
			}
		})
	}
}

func TestWhatIsNoEndpointIsRefusedInTheFormOfTheVendor(t *testing.T) {
	tests := map[string]struct {
		status int
		text   string
	}{
		"Jira Cloud":       {http.StatusNotFound, `"status-code":404`},
		"Jira Data Center": {http.StatusNotFound, "null for uri"},
		"ServiceNow":       {http.StatusBadRequest, "Requested URI does not represent any resource"},
		"PagerDuty":        {http.StatusNotFound, "Not Found"},
		"GitHub":           {http.StatusNotFound, `"documentation_url"`},
		"GitLab":           {http.StatusNotFound, `{"error":"404 Not Found"}`},
		"Redmine":          {http.StatusNotFound, `"status":404`},
	}
	for vendor, test := range tests {
		t.Run(vendor, func(t *testing.T) {
			tracker := serve(t, desks()[vendor].open(standin.Options{}))
			if answer := tracker.want(test.status, http.MethodGet, "/no/such/thing", ""); !strings.Contains(answer.text, test.text) {
				t.Errorf("answered %s", answer.text)
			}
			tracker.want(test.status, http.MethodDelete, desks()[vendor].create, "")
		})
	}
}

func TestWhatAVendorWouldIgnoreIsRefused(t *testing.T) {
	for vendor, desk := range desks() {
		t.Run(vendor, func(t *testing.T) {
			tracker := serve(t, desk.open(standin.Options{}))
			tracker.want(http.StatusBadRequest, http.MethodPost, desk.create+"?misspelt=1", desk.body)
			misspelt := strings.Replace(desk.body, "{", `{"misspelt":1,`, 1)
			tracker.want(http.StatusBadRequest, http.MethodPost, desk.create, misspelt)
			undeclared := tracker.try(http.MethodPost, desk.create, desk.body, "Content-Type", "text/plain")
			if undeclared.status < 400 || len(tracker.Tickets()) != 0 {
				t.Errorf("answered %d, and there is %+v", undeclared.status, tracker.Tickets())
			}
			if desk.list != "" {
				tracker.want(http.StatusBadRequest, http.MethodGet, desk.list+"&misspelt=1", "")
			}
		})
	}
}
