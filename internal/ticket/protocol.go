package ticket

import (
	"cmp"
	"fmt"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/expression"
)

// Protocol is how a type of ticket system is spoken to: a TicketProtocol whose expressions are compiled. It is safe for
// concurrent use.
type Protocol struct {
	declared *v1alpha1.TicketProtocol
	requests map[v1alpha1.Operation]*protocolRequest
	read     *protocolRequest
	find     *protocolSearch
}

// protocolRequest is one request of a protocol. Expressions that are not declared are nil.
type protocolRequest struct {
	method               string
	carriesText          bool
	path, body           *expression.Program
	verify               *expression.Program
	id, url, state       *expression.Program
	warning, carries     *expression.Program
	cause, causeHint     *expression.Program
	text                 *expression.Program
	lookup               bool
	look, done, problems *expression.Program
}

type protocolSearch struct {
	method        string
	path, body    *expression.Program
	tickets, more *expression.Program
}

// The variables of expressions, by what they are for. A path knows neither a reply nor a lookup: it must be the same when
// a message is sent again.
var (
	sees       = []string{"base", "ticket", "parameters"}
	seesLookup = []string{"base", "ticket", "parameters", "lookup"}
	seesReply  = []string{"base", "ticket", "parameters", "reply"}
	seesBody   = []string{"base", "ticket", "parameters", "body"}
	seesPage   = []string{"base", "parameters", "key", "open", "page", "previous"}
	seesFound  = []string{"base", "parameters", "key", "open", "page", "reply"}
	seesSystem = []string{"base", "parameters"}
)

// CompileProtocol compiles what is declared. Its error is a sentence that names the field, and line and column within it.
func CompileProtocol(declared *v1alpha1.TicketProtocol) (*Protocol, error) {
	c := &protocolCompiler{}
	p := &Protocol{declared: declared, requests: map[v1alpha1.Operation]*protocolRequest{}}
	for _, one := range []struct {
		name      string
		operation v1alpha1.Operation
		request   *v1alpha1.TicketRequest
	}{
		{"create", v1alpha1.OperationCreate, &declared.Create},
		{"comment", v1alpha1.OperationComment, declared.Comment},
		{"close", v1alpha1.OperationClose, declared.Close},
		{"reopen", v1alpha1.OperationReopen, declared.Reopen},
		{"assign", v1alpha1.OperationAssign, declared.Assign},
	} {
		if one.request != nil {
			p.requests[one.operation] = c.request(one.name, one.request)
		}
	}
	if declared.Read != nil {
		p.read = c.reading(declared.Read)
	}
	if declared.Find != nil {
		p.find = c.search(declared.Find)
	}
	if declared.UnknownOutcome == v1alpha1.UnknownSearch && declared.Find == nil {
		c.fail("unknownOutcome: Search needs find")
	}
	return p, c.err
}

// protocolCompiler compiles expressions until one fails.
type protocolCompiler struct{ err error }

func (c *protocolCompiler) fail(message string) {
	if c.err == nil {
		c.err = fmt.Errorf("%s", message)
	}
}

func (c *protocolCompiler) compile(field string, text v1alpha1.Expression, variables []string) *expression.Program {
	if text == "" || c.err != nil {
		return nil
	}
	program, err := expression.Compile(string(text), variables...)
	if err != nil {
		c.err = fmt.Errorf("%s: %w", field, err)
	}
	return program
}

func (c *protocolCompiler) request(name string, declared *v1alpha1.TicketRequest) *protocolRequest {
	r := &protocolRequest{
		method: cmp.Or(string(declared.Method), "POST"), carriesText: declared.CarriesText,
		path:   c.compile(name+".path", declared.Path, sees),
		body:   c.compile(name+".body", declared.Body, seesLookup),
		verify: c.compile(name+".verify", declared.Verify, seesBody),
		id:     c.compile(name+".id", declared.ID, seesReply),
		url:    c.compile(name+".url", declared.URL, seesReply),
		state:  c.compile(name+".state", declared.State, seesReply),

		warning: c.compile(name+".warning", declared.Warning, seesReply),
	}
	if look := declared.Lookup; look != nil {
		r.lookup = true
		r.look = c.compile(name+".lookup.path", look.Path, sees)
		r.done = c.compile(name+".lookup.done", look.Done, seesLookup)
		r.problems = c.compile(name+".lookup.problem", look.Problem, seesLookup)
	}
	return r
}

func (c *protocolCompiler) reading(declared *v1alpha1.TicketReading) *protocolRequest {
	r := c.request("read", &v1alpha1.TicketRequest{
		Method: "GET", Path: declared.Path, URL: declared.URL, State: declared.State,
	})
	r.carries = c.compile("read.carries", declared.Carries, seesReply)
	r.cause = c.compile("read.cause", declared.Cause, seesReply)
	r.causeHint = c.compile("read.causeHint", declared.CauseHint, seesSystem)
	r.text = c.compile("read.text", declared.Text, seesReply)
	return r
}

func (c *protocolCompiler) search(declared *v1alpha1.TicketSearch) *protocolSearch {
	return &protocolSearch{
		method:  cmp.Or(string(declared.Method), "GET"),
		path:    c.compile("find.path", declared.Path, seesPage),
		body:    c.compile("find.body", declared.Body, seesPage),
		tickets: c.compile("find.tickets", declared.Tickets, seesFound),
		more:    c.compile("find.more", declared.More, seesFound),
	}
}

// Knows says whether the protocol has a request for an operation.
func (p *Protocol) Knows(operation v1alpha1.Operation) bool { return p.requests[operation] != nil }

// Names says whether a reply to a create should name the ticket.
func (p *Protocol) Names() bool { return p.requests[v1alpha1.OperationCreate].id != nil }

// LooksUp says whether something must be asked before a message for an operation is written.
func (p *Protocol) LooksUp(operation v1alpha1.Operation) bool {
	request := p.requests[operation]
	return request != nil && request.lookup
}

// CarriesText says whether the request for an operation tells why by itself.
func (p *Protocol) CarriesText(operation v1alpha1.Operation) bool {
	request := p.requests[operation]
	return request != nil && request.carriesText
}

// VisibleAfter is how long after it was opened a ticket may be missing where it is looked for.
func (p *Protocol) VisibleAfter() time.Duration {
	if p.declared.Find == nil {
		return 0
	}
	after, err := time.ParseDuration(string(p.declared.Find.VisibleAfter))
	if err != nil {
		return 0
	}
	return max(after, 0)
}

// ContentType of requests with a body.
func (p *Protocol) ContentType() string { return cmp.Or(p.declared.ContentType, "application/json") }

// Headers of each request.
func (p *Protocol) Headers() []v1alpha1.TicketHeader { return p.declared.Headers }

// StandardWebhooks says whether requests carry the headers of Standard Webhooks.
func (p *Protocol) StandardWebhooks() bool { return p.declared.StandardWebhooks }
