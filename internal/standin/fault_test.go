package standin_test

import (
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/gemba-dev/gemba/internal/standin"
)

func TestAFaultFailsBeforeOrAfterTheWorkIsDone(t *testing.T) {
	refused := standin.Refuse(http.StatusServiceUnavailable, "down", http.Header{"Retry-After": {"7"}})
	tests := map[string]struct {
		fault   standin.Fault
		status  int // 0: the connection is closed
		tickets int
	}{
		"a refusal answers and does nothing":                        {refused, http.StatusServiceUnavailable, 0},
		"a dropped connection answers nothing and does nothing":     {standin.DropBefore(), 0, 0},
		"a lost reply answers nothing, and the work is done":        {standin.LoseReply(), 0, 1},
		"a failure after the work answers with it, and it is done":  {standin.FailAfter(http.StatusBadGateway), http.StatusBadGateway, 1},
		"the zero fault is none, and is used up like another fault": {standin.Fault{}, -1, 1},
	}
	for vendor, desk := range desks() {
		for name, test := range tests {
			t.Run(vendor+": "+name, func(t *testing.T) {
				tracker := serve(t, desk.open(standin.Options{}))
				tracker.Fail(test.fault, 1, standin.To(http.MethodPost, desk.create))
				answer := tracker.try(http.MethodPost, desk.create, desk.body)
				if test.status == -1 {
					test.status = desk.created
				}
				if answer.status != test.status || (answer.err != nil) != (test.status == 0) {
					t.Errorf("answered %d %s, %v; want %d", answer.status, answer.text, answer.err, test.status)
				}
				if tickets := tracker.Tickets(); len(tickets) != test.tickets {
					t.Errorf("there are %d tickets, want %d", len(tickets), test.tickets)
				}
				if requests := tracker.Requests(); len(requests) != 1 || requests[0].Body != desk.body || requests[0].Path != desk.create {
					t.Errorf("it notes %+v", requests)
				}
				tracker.want(desk.created, http.MethodPost, desk.create, desk.body)
			})
		}
	}
}

func TestARefusalHasItsHeadersAndItsBody(t *testing.T) {
	tracker := serve(t, standin.NewGitLab(standin.GitLabOptions{}))
	tracker.Fail(standin.Refuse(http.StatusServiceUnavailable, "down", http.Header{"Retry-After": {"7"}}), 1, standin.To("", "/"))
	answer := tracker.want(http.StatusServiceUnavailable, http.MethodGet, "/api/v4/projects/42/issues", "")
	if answer.header.Get("Retry-After") != "7" || answer.text != "down" {
		t.Errorf("answered %v %q", answer.header, answer.text)
	}
}

func TestADelayedReplyComesWhenItIsReleasedAndTheWorkIsDoneBefore(t *testing.T) {
	for vendor, desk := range desks() {
		t.Run(vendor, func(t *testing.T) {
			tracker := serve(t, desk.open(standin.Options{}))
			release, answered := make(chan struct{}), make(chan got)
			tracker.Fail(standin.DelayReply(release), 1, standin.To(http.MethodPost, desk.create))
			go func() { answered <- tracker.try(http.MethodPost, desk.create, desk.body) }()
			for len(tracker.Tickets()) == 0 {
				runtime.Gosched()
			}
			select {
			case answer := <-answered:
				t.Fatalf("answered %d before the release", answer.status)
			default:
			}
			close(release)
			if answer := <-answered; answer.status != desk.created {
				t.Errorf("answered %d %s, %v", answer.status, answer.text, answer.err)
			}
		})
	}
}

func TestFaultsAreChosenByMethodAndPathAndCount(t *testing.T) {
	tracker := serve(t, standin.NewRedmine(standin.RedmineOptions{}))
	body := desks()["Redmine"].body
	tracker.Fail(standin.FailAfter(http.StatusInternalServerError), 2, standin.To(http.MethodPost, "/issues"))
	tracker.Fail(standin.DropBefore(), 1, func(method, path string) bool { return method == http.MethodGet && strings.HasSuffix(path, "/1.json") })
	tracker.want(http.StatusOK, http.MethodGet, "/issues.json", "")
	tracker.want(http.StatusInternalServerError, http.MethodPost, "/issues.json", body)
	tracker.want(http.StatusInternalServerError, http.MethodPost, "/issues.json", body)
	tracker.want(http.StatusCreated, http.MethodPost, "/issues.json", body)
	if left := tracker.Heal(); left != 1 {
		t.Errorf("%d faults had yet to happen, want the one of the other path", left)
	}
	tracker.want(http.StatusOK, http.MethodGet, "/issues/1.json", "")
}
