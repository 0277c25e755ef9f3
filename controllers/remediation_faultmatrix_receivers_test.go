package controllers_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/utils/clock"
	"sigs.k8s.io/yaml"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/standin"
)

// receiver is a kind of ticket system, by what it can do about a message that may have arrived.
type receiver struct {
	name string
	// holds says that it can do neither: a person has to look.
	holds bool
	// searched says that it can only be searched.
	searched bool
	// onReal says that the faults of writes happen on the real API server as well.
	onReal bool
	// start makes one.
	start func(clock.PassiveClock) counter
	// system makes the TicketSystem that speaks to it.
	system func(*builders.TicketSystemBuilder)
	// means names a request.
	means func(method, path string, body []byte) effect
}

// counter is a running receiver.
type counter struct {
	http.Handler
	// tickets are those that it has.
	tickets func() []seenTicket
	stop    func()
}

// seenTicket is a ticket as its receiver shows it.
type seenTicket struct {
	id, state string
	comments  []string
	// assignee is empty where the receiver assigns nothing.
	assignee string
}

// trackerOwner is to whom the receiver that can only be searched can assign a ticket.
const trackerOwner = "octocat"

// listLag is how long a new ticket is missing where the receiver that can only be searched is searched.
const listLag = 30 * time.Second

// receivers are those of the matrix.
func receivers() []receiver {
	protocol := searchedProtocol()
	return []receiver{
		{
			name: "removes duplicates", onReal: true, start: startDesk, means: deskMeans,
			system: func(s *builders.TicketSystemBuilder) { s.Deduplicates() },
		},
		{
			name: "can only be searched, late", searched: true, start: startTracker, means: trackerMeans,
			system: func(s *builders.TicketSystemBuilder) {
				s.Custom(protocol).OfType(v1alpha1.TicketSystemCustom, "repository=acme/ops", "prefix=")
			},
		},
		{
			name: "can do neither", holds: true, start: startDesk, means: deskMeans,
			system: func(*builders.TicketSystemBuilder) {},
		},
	}
}

func startDesk(clock.PassiveClock) counter {
	running, err := desk.New(desk.Options{})
	Expect(err).NotTo(HaveOccurred())
	tickets := func() (seen []seenTicket) {
		for _, of := range running.Tickets() {
			seen = append(seen, seenTicket{id: of.ID, state: of.State, comments: of.Comments})
		}
		return seen
	}
	return counter{running, tickets, func() { _ = running.Close() }}
}

func deskMeans(_, _ string, body []byte) effect {
	var event desk.Event
	_ = json.Unmarshal(body, &event)
	return effect{saying, v1alpha1.Operation(event.Data.Operation)}
}

// startTracker starts what speaks like GitHub, with a list that lags as that of GitHub is not known to.
func startTracker(now clock.PassiveClock) counter {
	tracker := standin.NewGitHub(standin.GitHubOptions{Options: standin.Options{Clock: now, Lag: listLag}})
	tickets := func() (seen []seenTicket) {
		for _, of := range tracker.Tickets() {
			seen = append(seen, seenTicket{of.ID, of.State, of.Comments, strings.Trim(of.Fields["assignees"], `[]"`)})
		}
		return seen
	}
	return counter{tracker, tickets, func() {}}
}

func trackerMeans(method, path string, body []byte) effect {
	isList := strings.HasSuffix(path, "/issues")
	switch {
	case method == http.MethodGet && isList:
		return effect{asking, "search"}
	case method == http.MethodGet:
		return effect{asking, "reading"}
	case isList:
		return effect{saying, v1alpha1.OperationCreate}
	case strings.HasSuffix(path, "/comments"):
		return effect{saying, v1alpha1.OperationComment}
	case bytes.Contains(body, []byte("assignees")):
		return effect{saying, v1alpha1.OperationAssign}
	case bytes.Contains(body, []byte("closed")):
		return effect{saying, v1alpha1.OperationClose}
	default:
		return effect{saying, v1alpha1.OperationReopen}
	}
}

// searchedProtocol is the protocol of GitHub, as a type of one's own that knows of the lag and has a parameter in its titles.
func searchedProtocol() v1alpha1.TicketProtocol {
	content, err := os.ReadFile("../internal/ticket/types/GitHub.yaml")
	Expect(err).NotTo(HaveOccurred())
	var protocol v1alpha1.TicketProtocol
	Expect(yaml.Unmarshal(content, &protocol)).To(Succeed())
	protocol.Find.VisibleAfter = v1alpha1.Duration(listLag.String())
	titled := strings.Replace(string(protocol.Create.Body), "ticket.title", "parameters.prefix + ticket.title", 1)
	Expect(titled).NotTo(Equal(string(protocol.Create.Body)))
	protocol.Create.Body = v1alpha1.Expression(titled)
	none := v1alpha1.ParameterValue("")
	protocol.Parameters = append(protocol.Parameters, v1alpha1.TicketParameter{
		Name: "prefix", Description: "What each title begins with.", Default: &none,
	})
	return protocol
}

// sent is a message as the receiver got it.
type sent struct {
	// life counts the Remediations that were created before it: a new one renders anew, under the same key.
	life                    int
	key, method, path, body string
}

// exchange is one request to a receiver, which a fault may fail.
type exchange struct {
	t      *trial
	w      http.ResponseWriter
	r      *http.Request
	body   []byte
	worked *httptest.ResponseRecorder
}

// ServeHTTP stands between the managers of a trial and the receiver.
func (t *trial) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	x := &exchange{t: t, w: w, r: r, body: body}
	if err != nil || t.gate.isDead() {
		x.hangUp()
	}
	of := t.receiver.means(r.Method, r.URL.Path, body)
	if of.kind == saying {
		t.note(sent{key: r.Header.Get("Idempotency-Key"), method: r.Method, path: r.URL.RequestURI(), body: string(body)})
	}
	if due := t.gate.enter(of); due != nil {
		due.request(t, x)
		return
	}
	x.work()
	x.reply()
}

// work has the receiver do what is asked for.
func (x *exchange) work() {
	asked := x.r.Clone(x.r.Context())
	asked.Body = io.NopCloser(bytes.NewReader(x.body))
	x.worked = httptest.NewRecorder()
	x.t.counter.ServeHTTP(x.worked, asked)
	x.t.see()
}

// reply passes on what the receiver has answered.
func (x *exchange) reply() {
	for name, values := range x.worked.Header() {
		x.w.Header()[name] = values
	}
	x.w.WriteHeader(x.worked.Code)
	_, _ = x.w.Write(x.worked.Body.Bytes())
}

func (x *exchange) refuse(status int) { http.Error(x.w, "on purpose", status) }

func (x *exchange) garbage() { _, _ = x.w.Write([]byte("<html>\x00 it works! </html")) }

// hangUp closes the connection. The abort is how net/http wants to be told.
func (x *exchange) hangUp() { panic(http.ErrAbortHandler) }
