package standin_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/gemba-dev/gemba/internal/standin"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// fakeClock is a clock that stands at noon.
func fakeClock() *clocktesting.FakePassiveClock { return clocktesting.NewFakePassiveClock(noon) }

// served is a tracker that is listened to until the test ends.
type served struct {
	*standin.Tracker
	t   *testing.T
	url string
}

func serve(t *testing.T, tracker *standin.Tracker) served {
	t.Helper()
	server := httptest.NewServer(tracker)
	t.Cleanup(server.Close)
	return served{Tracker: tracker, t: t, url: server.URL}
}

// got is an answer.
type got struct {
	status int
	header http.Header
	text   string
	err    error
}

// object reads the answer as a JSON object.
func (g got) object(t *testing.T) map[string]any {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal([]byte(g.text), &value); err != nil {
		t.Fatalf("%d %q is no object: %v", g.status, g.text, err)
	}
	return value
}

// list reads the answer as a JSON list.
func (g got) list(t *testing.T) []map[string]any {
	t.Helper()
	var value []map[string]any
	if err := json.Unmarshal([]byte(g.text), &value); err != nil {
		t.Fatalf("%d %q is no list: %v", g.status, g.text, err)
	}
	return value
}

// at reads a place in the answer, such as "fields.status.name".
func (g got) at(t *testing.T, path string) string {
	t.Helper()
	var value any = g.object(t)
	for _, step := range strings.Split(path, ".") {
		within, _ := value.(map[string]any)
		value = within[step]
	}
	return fmt.Sprint(value)
}

// try sends a request on a connection of its own, so that nothing is repeated.
func (s served) try(method, path, body string, headers ...string) got {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return got{err: err}
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	return got{status: response.StatusCode, header: response.Header, text: string(content), err: err}
}

// want sends a request and expects a status.
func (s served) want(status int, method, path, body string, headers ...string) got {
	s.t.Helper()
	answer := s.try(method, path, body, headers...)
	if answer.err != nil || answer.status != status {
		s.t.Fatalf("%s %s was answered %d %s, %v; want %d", method, path, answer.status, answer.text, answer.err, status)
	}
	return answer
}

// only is the one ticket that there is.
func (s served) only() standin.Ticket {
	s.t.Helper()
	tickets := s.Tickets()
	if len(tickets) != 1 {
		s.t.Fatalf("there are %d tickets: %+v", len(tickets), tickets)
	}
	return tickets[0]
}

// desk is what the tests of the core have to know of a vendor.
type desk struct {
	open func(standin.Options) *standin.Tracker
	// create posts a ticket; list and one read.
	create, body string
	list         string
	one          func(id string) string
	// created, tooMany and login are what is answered.
	created, tooMany int
	credential       standin.Credential
	login            string
}

// desks are all vendors.
func desks() map[string]desk {
	return map[string]desk{
		"Jira Cloud": {
			open: func(o standin.Options) *standin.Tracker {
				return standin.NewJira(standin.JiraOptions{Options: o, Cloud: true})
			},
			create: "/rest/api/2/issue", body: jiraIssue, created: 201, tooMany: 429,
			list:       "/rest/api/2/search/jql?fields=summary&jql=labels%3Dgemba",
			one:        func(id string) string { return "/rest/api/2/issue/" + id },
			credential: standin.Basic("me@example.com", "token"), login: "Client must be authenticated",
		},
		"Jira Data Center": {
			open: func(o standin.Options) *standin.Tracker {
				return standin.NewJira(standin.JiraOptions{Options: o})
			},
			create: "/rest/api/2/issue", body: jiraIssue, created: 201, tooMany: 429,
			list:       "/rest/api/2/search?fields=summary&jql=labels%3Dgemba",
			one:        func(id string) string { return "/rest/api/2/issue/" + id },
			credential: standin.Bearer("token"), login: "Unauthorized",
		},
		"ServiceNow": {
			open: func(o standin.Options) *standin.Tracker {
				return standin.NewServiceNow(standin.ServiceNowOptions{Options: o})
			},
			create: "/api/now/table/incident", body: `{"short_description":"Review refunds","correlation_id":"k1"}`, created: 201, tooMany: 429,
			list:       "/api/now/table/incident?sysparm_query=correlation_id%3Dk1",
			one:        func(id string) string { return "/api/now/table/incident/" + id },
			credential: standin.Basic("gemba", "secret"), login: "User Not Authenticated",
		},
		"PagerDuty": {
			open: func(o standin.Options) *standin.Tracker {
				o.Credentials = nil
				return standin.NewPagerDuty(standin.PagerDutyOptions{Options: o})
			},
			create: "/v2/enqueue", body: trigger("k1", "Review refunds"), created: 202, tooMany: 429,
		},
		"GitHub": {
			open: func(o standin.Options) *standin.Tracker {
				return standin.NewGitHub(standin.GitHubOptions{Options: o})
			},
			create: "/repos/acme/ops/issues", body: `{"title":"Review refunds","labels":["gemba"]}`, created: 201, tooMany: 403,
			list:       "/repos/acme/ops/issues?labels=gemba",
			one:        func(id string) string { return "/repos/acme/ops/issues/" + id },
			credential: standin.Bearer("token"), login: "Bad credentials",
		},
		"GitLab": {
			open: func(o standin.Options) *standin.Tracker {
				return standin.NewGitLab(standin.GitLabOptions{Options: o})
			},
			create: "/api/v4/projects/acme%2Fops/issues", body: `{"title":"Review refunds","labels":"gemba"}`, created: 201, tooMany: 429,
			list:       "/api/v4/projects/42/issues?labels=gemba",
			one:        func(id string) string { return "/api/v4/projects/42/issues/" + id },
			credential: standin.PrivateToken("token"), login: "401 Unauthorized",
		},
		"Redmine": {
			open: func(o standin.Options) *standin.Tracker {
				return standin.NewRedmine(standin.RedmineOptions{Options: o})
			},
			create: "/issues.json", body: `{"issue":{"project_id":"ops","subject":"Review refunds"}}`, created: 201, tooMany: 429,
			list:       "/issues.json?project_id=ops&status_id=*",
			one:        func(id string) string { return "/issues/" + id + ".json" },
			credential: standin.RedmineKey("key"),
		},
	}
}

// jiraIssue is a small issue.
const jiraIssue = `{"fields":{"project":{"key":"OPS"},"issuetype":{"name":"Task"},"summary":"Review refunds","labels":["gemba"]}}`

// trigger is an event that opens an alert.
func trigger(key, summary string) string {
	return fmt.Sprintf(`{"routing_key":%q,"event_action":"trigger","dedup_key":%q,
		"payload":{"summary":%q,"source":"billing","severity":"warning"}}`, standin.PagerDutyRoutingKey, key, summary)
}
