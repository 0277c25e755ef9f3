package desk_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
)

var noon = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

// start starts a desk that ends with the test.
func start(t *testing.T, options desk.Options) *desk.Desk {
	t.Helper()
	running, err := desk.New(options)
	if err != nil {
		t.Fatalf("starting the desk: %v", err)
	}
	t.Cleanup(func() { _ = running.Close() })
	return running
}

// body is a message that asks for an operation on the ticket with that key.
func body(id, key string, operation desk.Operation) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":%q,"type":"dev.gemba.ticket","source":"gemba/test","subject":"billing/Process/refunds",
		"data":{"ticketKey":%q,"subjectKey":"s1","operation":%q,"title":"Review refunds","body":"why","links":[{"url":"x"}]}}`,
		id, key, operation)
}

// answer is what the desk replied.
type answer struct {
	status int
	header http.Header
	text   string
	ID     string
	State  string
	err    error
}

// send posts a body; change may alter the request.
func send(t *testing.T, url, id, text string, change ...func(*http.Request)) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/hook", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/cloudevents+json; charset=utf-8")
	request.Header.Set("webhook-id", id)
	for _, apply := range change {
		apply(request)
	}
	return roundTrip(request)
}

// roundTrip sends a request on a connection of its own, so that none outlives a desk that goes down.
func roundTrip(request *http.Request) answer {
	transport := &http.Transport{DisableKeepAlives: true}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	got := answer{status: response.StatusCode, header: response.Header, text: string(content), err: err}
	_ = json.Unmarshal(content, &got)
	return got
}

// ask sends one operation and expects it to be carried out.
func ask(t *testing.T, running *desk.Desk, id, key string, operation desk.Operation) answer {
	t.Helper()
	got := send(t, running.URL(), id, body(id, key, operation))
	if got.status != http.StatusOK || got.err != nil {
		t.Fatalf("%s of %s was answered %d %s, %v", operation, key, got.status, got.text, got.err)
	}
	return got
}

// get reads a page of the desk.
func get(t *testing.T, url string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := roundTrip(request)
	if got.status != http.StatusOK {
		t.Fatalf("%s was answered %d %s, %v", url, got.status, got.text, got.err)
	}
	return got.text
}

func TestDeskCarriesATicketThroughItsLife(t *testing.T) {
	running := start(t, desk.Options{})
	opened := ask(t, running, "m1", "k1", desk.Create)
	if opened.ID != "DESK-1" || opened.State != desk.Open {
		t.Fatalf("the ticket is %+v", opened)
	}
	ask(t, running, "m2", "k1", desk.Comment)
	ask(t, running, "m3", "k1", desk.Update)
	if closed := ask(t, running, "m4", "k1", desk.Close); closed.State != desk.Closed {
		t.Errorf("after a close it is %s", closed.State)
	}
	if reopened := ask(t, running, "m5", "k1", desk.Reopen); reopened.State != desk.Open || reopened.ID != "DESK-1" {
		t.Errorf("after a reopening it is %+v", reopened)
	}
	ticket, found := running.Ticket("k1")
	want := []desk.Operation{desk.Create, desk.Comment, desk.Update, desk.Close, desk.Reopen}
	if !found || !slices.Equal(ticket.History, want) || ticket.Reopened != 1 || len(ticket.Comments) != 3 {
		t.Errorf("the ticket is %+v", ticket)
	}
	if ticket.Subject != "billing/Process/refunds" || ticket.SubjectKey != "s1" || string(ticket.Links) != `[{"url":"x"}]` {
		t.Errorf("the ticket is %+v", ticket)
	}
}

func TestDeskGivesATicketToWhomTheLastMessageNames(t *testing.T) {
	running := start(t, desk.Options{})
	for i, step := range []struct{ assignee, want string }{{"", ""}, {"ayse", "ayse"}, {"", "ayse"}, {"bo", "bo"}} {
		operation := desk.Comment
		if i == 0 {
			operation = desk.Create
		}
		id := fmt.Sprint("m", i)
		said := strings.Replace(body(id, "k1", operation), `"ticketKey"`, `"assignee":"`+step.assignee+`","ticketKey"`, 1)
		if got := send(t, running.URL(), id, said); got.status != http.StatusOK {
			t.Fatalf("answered %d %s", got.status, got.text)
		}
		if ticket, _ := running.Ticket("k1"); ticket.Assignee != step.want {
			t.Errorf("after message %d it is assigned to %q", i, ticket.Assignee)
		}
	}
}

func TestDeskAnswersADuplicateWithThePresentStateOfItsTicket(t *testing.T) {
	running := start(t, desk.Options{})
	first := ask(t, running, "m1", "k1", desk.Create)
	ask(t, running, "m2", "k1", desk.Close)
	second := ask(t, running, "m1", "k1", desk.Create)
	if want := strings.Replace(first.text, desk.Open, desk.Closed, 1); second.text != want || second.State != desk.Closed {
		t.Errorf("first %s, then %s", first.text, second.text)
	}
	ticket, _ := running.Ticket("k1")
	if running.Duplicates() != 1 || ticket.State != desk.Closed || len(running.Tickets()) != 1 {
		t.Errorf("%d duplicates, tickets %+v", running.Duplicates(), running.Tickets())
	}
	if last := running.Messages()[2]; !last.Duplicate || !last.SameBody {
		t.Errorf("the duplicate is noted as %+v", last)
	}
	send(t, running.URL(), "m1", body("m1", "k1", desk.Comment))
	if last := running.Messages()[3]; !last.Duplicate || last.SameBody {
		t.Errorf("a duplicate with another body is noted as %+v", last)
	}
}

func TestDeskHasOneTicketForAKey(t *testing.T) {
	running := start(t, desk.Options{})
	ask(t, running, "m1", "k1", desk.Create)
	if again := ask(t, running, "m2", "k1", desk.Create); again.ID != "DESK-1" {
		t.Errorf("a second create made %s", again.ID)
	}
	ask(t, running, "m3", "k1", desk.Close)
	if reopened := ask(t, running, "m4", "k1", desk.Create); reopened.ID != "DESK-1" || reopened.State != desk.Open {
		t.Errorf("a create on a closed ticket answered %+v", reopened)
	}
	if other := ask(t, running, "m5", "k2", desk.Create); other.ID != "DESK-2" {
		t.Errorf("another key made %s", other.ID)
	}
	if ticket, _ := running.Ticket("k1"); ticket.Reopened != 1 {
		t.Errorf("it was reopened %d times, want once", ticket.Reopened)
	}
}

func TestDeskRefusesWhatIsNoMessage(t *testing.T) {
	good := body("m1", "k1", desk.Create)
	plainJSON := func(request *http.Request) { request.Header.Set("Content-Type", "application/json") }
	tests := map[string]struct {
		text   string
		change func(*http.Request)
		status int
	}{
		"another content type":             {good, plainJSON, http.StatusBadRequest},
		"what is no JSON":                  {"{", nil, http.StatusBadRequest},
		"another version of CloudEvents":   {strings.Replace(good, "1.0", "0.3", 1), nil, http.StatusBadRequest},
		"an id that is not the header's":   {body("m2", "k1", desk.Create), nil, http.StatusBadRequest},
		"no type":                          {strings.Replace(good, "dev.gemba.ticket", "", 1), nil, http.StatusBadRequest},
		"no ticket key":                    {body("m1", "", desk.Create), nil, http.StatusBadRequest},
		"an operation that nobody knows":   {body("m1", "k1", "Explode"), nil, http.StatusBadRequest},
		"a close of a ticket that is none": {body("m1", "k9", desk.Close), nil, http.StatusNotFound},
		"more than a megabyte":             {strings.Repeat("x", 2<<20), nil, http.StatusRequestEntityTooLarge},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			running := start(t, desk.Options{})
			change := test.change
			if change == nil {
				change = func(*http.Request) {}
			}
			if got := send(t, running.URL(), "m1", test.text, change); got.status != test.status {
				t.Errorf("answered %d %s, %v; want %d", got.status, got.text, got.err, test.status)
			}
			if len(running.Tickets()) != 0 {
				t.Errorf("it made %+v", running.Tickets())
			}
			if retried := send(t, running.URL(), "m1", good); retried.status != http.StatusOK {
				t.Errorf("the corrected message was answered %d %s", retried.status, retried.text)
			}
		})
	}
}

func TestDeskVerifiesSignatures(t *testing.T) {
	key := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("a", 32)))
	other := "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("b", 32)))
	signed := func(key string, at time.Time) func(*http.Request) {
		signer, err := standardwebhooks.NewWebhook(key)
		if err != nil {
			t.Fatal(err)
		}
		signature, err := signer.Sign("m1", at, []byte(body("m1", "k1", desk.Create)))
		if err != nil {
			t.Fatal(err)
		}
		return func(request *http.Request) {
			request.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
			request.Header.Set("webhook-signature", signature)
		}
	}
	tests := map[string]struct {
		change func(*http.Request)
		status int
	}{
		"signed with a key of the desk":         {signed(key, noon), http.StatusOK},
		"signed with another key":               {signed(other, noon), http.StatusUnauthorized},
		"not signed":                            {func(*http.Request) {}, http.StatusUnauthorized},
		"signed six minutes ago":                {signed(key, noon.Add(-6*time.Minute)), http.StatusUnauthorized},
		"signed six minutes ahead of the clock": {signed(key, noon.Add(6*time.Minute)), http.StatusUnauthorized},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			running := start(t, desk.Options{Keys: []string{key}, Now: func() time.Time { return noon }})
			if got := send(t, running.URL(), "m1", body("m1", "k1", desk.Create), test.change); got.status != test.status {
				t.Errorf("answered %d %s; want %d", got.status, got.text, test.status)
			}
			if message := running.Messages()[0]; !message.Time.Equal(noon) || (message.Refused == "") != (test.status == http.StatusOK) {
				t.Errorf("noted as %+v", message)
			}
		})
	}
}

func TestDeskListsWhatItReceived(t *testing.T) {
	running := start(t, desk.Options{})
	ask(t, running, "m1", "k1", desk.Create)
	ask(t, running, "m2", "k2", desk.Create)
	ask(t, running, "m3", "k2", desk.Close)
	tests := map[string]struct{ path, has, hasNot string }{
		"all tickets":           {"/tickets", `"ticketKey":"k2"`, "\x00"},
		"the ticket of a key":   {"/tickets?key=k1", `"ticketKey":"k1"`, `"ticketKey":"k2"`},
		"open tickets":          {"/tickets?state=open", `"ticketKey":"k1"`, `"ticketKey":"k2"`},
		"tickets of a subject":  {"/tickets?subjectKey=other", "[]", "k1"},
		"one ticket":            {"/tickets/DESK-2", `"state":"closed"`, "k1"},
		"every message":         {"/messages", `"Webhook-Id":["m3"]`, "\x00"},
		"a page for a person":   {"/", "DESK-2", "\x00"},
		"the page names titles": {"/", "Review refunds", "\x00"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := get(t, running.URL()+test.path)
			if !strings.Contains(got, test.has) || strings.Contains(got, test.hasNot) {
				t.Errorf("%s shows %s", test.path, got)
			}
		})
	}
}

func TestDeskFailsOnPurpose(t *testing.T) {
	tests := map[string]struct {
		fault  desk.Fault
		stored bool
		status int // 0: no answer
		text   string
	}{
		"an error after storing":          {desk.FailAfterStoring(), true, 500, ""},
		"an error before storing":         {desk.FailBeforeStoring(), false, 500, ""},
		"a connection closed after":       {desk.HangUpAfterStoring(), true, 0, ""},
		"a connection closed before":      {desk.HangUpBeforeStoring(), false, 0, ""},
		"too many requests":               {desk.TooManyRequests(7), false, 429, ""},
		"gone":                            {desk.Refuse(http.StatusGone), false, 410, ""},
		"an answer that is no JSON":       {desk.AnswerGarbage(), true, 200, "it works"},
		"an answer of ten million bytes":  {desk.AnswerHuge(10_000_000), true, 200, strings.Repeat("x", 10_000_000)},
		"no fault is the ordinary answer": {desk.Fault{}, true, 200, "DESK-1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			running := start(t, desk.Options{OnRequest: func(desk.Message) desk.Fault { return test.fault }})
			got := send(t, running.URL(), "m1", body("m1", "k1", desk.Create))
			if got.status != test.status || !strings.Contains(got.text, test.text) || (test.status == 0) != (got.err != nil) {
				t.Errorf("answered %d, %v; want %d", got.status, got.err, test.status)
			}
			if stored := len(running.Tickets()) == 1; stored != test.stored || running.Messages()[0].Stored != test.stored {
				t.Errorf("stored %t, want %t: %+v", stored, test.stored, running.Messages())
			}
			if got.status == http.StatusTooManyRequests && got.header.Get("Retry-After") != "7" {
				t.Errorf("the headers are %v", got.header)
			}
			running.SetOnRequest(nil)
			if again := ask(t, running, "m1", "k1", desk.Create); again.ID != "DESK-1" || len(running.Tickets()) != 1 {
				t.Errorf("the retry was answered %+v, tickets %+v", again, running.Tickets())
			}
			if duplicate := running.Duplicates() == 1; duplicate != test.stored {
				t.Errorf("the retry is a duplicate: %t, want %t", duplicate, test.stored)
			}
		})
	}
}

func TestDeskHangsUntilItIsReleased(t *testing.T) {
	release, arrived := make(chan struct{}), make(chan struct{})
	running := start(t, desk.Options{OnRequest: func(desk.Message) desk.Fault {
		close(arrived)
		return desk.HangAfterStoring(release)
	}})
	answers := make(chan answer)
	go func() { answers <- send(t, running.URL(), "m1", body("m1", "k1", desk.Create)) }()
	<-arrived
	// Sending succeeds only while the desk waits for it.
	select {
	case early := <-answers:
		t.Fatalf("answered %+v before the release", early)
	case release <- struct{}{}:
	}
	if late := <-answers; late.ID != "DESK-1" {
		t.Errorf("answered %+v", late)
	}
}

func TestDeskGoesDownAndComesBackWithItsTickets(t *testing.T) {
	running := start(t, desk.Options{})
	url := running.URL()
	ask(t, running, "m1", "k1", desk.Create)
	for range 2 { // twice, because down is down
		if err := running.Down(); err != nil {
			t.Fatal(err)
		}
	}
	if got := send(t, url, "m2", body("m2", "k1", desk.Close)); !errors.Is(got.err, syscall.ECONNREFUSED) {
		t.Errorf("while down it answered %d, %v; want a refused connection", got.status, got.err)
	}
	if err := running.Up(); err != nil {
		t.Fatal(err)
	}
	if running.URL() != url || ask(t, running, "m2", "k1", desk.Close).ID != "DESK-1" {
		t.Errorf("it came back at %s, was at %s", running.URL(), url)
	}
}

func TestDeskKeepsItsStateInAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "desk.json")
	first := start(t, desk.Options{Store: file})
	before := ask(t, first, "m1", "k1", desk.Create)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := start(t, desk.Options{Store: file})
	if again := ask(t, second, "m1", "k1", desk.Create); again.text != before.text || second.Duplicates() != 1 {
		t.Errorf("first %s, after a restart %s, %d duplicates", before.text, again.text, second.Duplicates())
	}
	if next := ask(t, second, "m2", "k2", desk.Create); next.ID != "DESK-2" {
		t.Errorf("the next ticket is %s", next.ID)
	}
}

func TestDeskTakesOneOfManyEqualMessagesAtOnce(t *testing.T) {
	running := start(t, desk.Options{})
	var senders sync.WaitGroup
	for range 20 {
		senders.Go(func() { send(t, running.URL(), "m1", body("m1", "k1", desk.Create)) })
	}
	senders.Wait()
	ticket, _ := running.Ticket("k1")
	if len(ticket.History) != 1 || running.Duplicates() != 19 || len(running.Messages()) != 20 {
		t.Errorf("%d duplicates of %d, ticket %+v", running.Duplicates(), len(running.Messages()), ticket)
	}
}
