package ticket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gemba-dev/gemba/internal/expression"
)

// Ask is a request that changes nothing: a page of a search, a lookup, the reading of a ticket.
type Ask struct {
	Method, Path string
	// Body is empty where there is none.
	Body []byte
}

// Lookup is what must be asked before a message for an operation is rendered; ok is false where nothing must.
func (l Language) Lookup(ctx context.Context, message Message) (ask Ask, ok bool, err error) {
	request := l.requests[message.Operation]
	if request == nil || !request.lookup {
		return Ask{}, false, nil
	}
	path, err := pathOf(ctx, request.look, l.asking(message))
	if err != nil {
		return Ask{}, false, fmt.Errorf("make the path of the lookup: %w", err)
	}
	return Ask{Method: http.MethodGet, Path: path}, true, nil
}

// Looked is the answer to a lookup, and what it means: that nothing is left to do, or what somebody must do first.
type Looked struct {
	Reply   Reply
	Done    bool
	Problem string
}

// settles is true where no request follows, and so none is rendered.
func (l Looked) settles() bool { return l.Done || l.Problem != "" }

// LookedUp reads the answer to a lookup.
func (l Language) LookedUp(ctx context.Context, message Message, reply Reply) (looked Looked, err error) {
	request := l.requests[message.Operation]
	looked.Reply = reply
	variables := l.asking(message)
	variables["lookup"] = reply.variable()
	if request.done != nil {
		if looked.Done, err = request.done.Bool(ctx, variables); err != nil {
			return Looked{}, fmt.Errorf("read the lookup: %w", err)
		}
	}
	if request.problems == nil || looked.Done {
		return looked, nil
	}
	problem, err := request.problems.Text(ctx, variables)
	if err != nil && !errors.Is(err, expression.ErrNothing) {
		return Looked{}, fmt.Errorf("read the lookup: %w", err)
	}
	looked.Problem = shorten(problem, maxDeliveryMessage)
	return looked, nil
}

// Sought says which tickets are looked for: those that name a key, and of these perhaps only the open ones.
type Sought struct {
	Key  string
	Open bool
}

func (s Sought) into(variables map[string]any) {
	variables["key"], variables["open"] = s.Key, s.Open
}

// Search is the request for a page of tickets with a key. Pages count from 1; previous is the reply of the page before.
func (l Language) Search(ctx context.Context, sought Sought, page int, previous Reply) (Ask, error) {
	if l.find == nil {
		return Ask{}, errors.New("the ticket system cannot be searched")
	}
	variables := l.shared()
	sought.into(variables)
	variables["page"], variables["previous"] = page, previous.variable()
	path, err := pathOf(ctx, l.find.path, variables)
	if err != nil {
		return Ask{}, fmt.Errorf("make the path of a search: %w", err)
	}
	ask := Ask{Method: l.find.method, Path: path}
	if l.find.body == nil {
		return ask, nil
	}
	if ask.Body, err = l.find.body.JSON(ctx, variables); err != nil {
		return Ask{}, fmt.Errorf("make the body of a search: %w", err)
	}
	return ask, nil
}

// Found reads a page of tickets with a key, and says whether there is another page.
func (l Language) Found(
	ctx context.Context, sought Sought, page int, reply Reply,
) (found []Known, more bool, err error) {
	variables := l.shared()
	sought.into(variables)
	variables["page"], variables["reply"] = page, reply.variable()
	tickets, err := l.find.tickets.Fields(ctx, variables)
	if err != nil {
		return nil, false, fmt.Errorf("read a list of tickets: %w", err)
	}
	for _, fields := range tickets {
		if known := knownOf(fields["id"], fields["url"], fields["state"]); known.ID != "" {
			found = append(found, known)
		}
	}
	if l.find.more == nil {
		return found, false, nil
	}
	if more, err = l.find.more.Bool(ctx, variables); err != nil {
		return nil, false, fmt.Errorf("read whether there are more tickets: %w", err)
	}
	return found, more, nil
}

// CanSearch says whether tickets can be found by their key.
func (p *Protocol) CanSearch() bool { return p.find != nil }

// Target is the method and the path of a message. They are made anew for each try, so that a request goes where the type
// of system says, whatever the status of a Remediation shows.
func (l Language) Target(ctx context.Context, message Message) (method, path string, err error) {
	request := l.requests[message.Operation]
	if request == nil {
		return "", "", fmt.Errorf("the ticket system knows no %s", message.Operation)
	}
	path, err = pathOf(ctx, request.path, l.named(message))
	if err != nil {
		return "", "", fmt.Errorf("make the path of the %s: %w", message.Operation, err)
	}
	return request.method, path, nil
}

// maxPath bounds a path in bytes, as the status of a Remediation does.
const maxPath = 1024

// pathOf makes a path that stays below the URL of the TicketSystem.
func pathOf(ctx context.Context, program *expression.Program, variables map[string]any) (string, error) {
	path, err := program.Text(ctx, variables)
	if err != nil {
		return "", err
	}
	return path, checkPath(path)
}

// checkPath says why a path does not stay below the URL of the TicketSystem.
func checkPath(path string) error {
	if path != "" && !strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "?") {
		return errors.New("the path does not begin with a slash")
	}
	parsed, err := url.Parse("https://host" + path)
	if err != nil || len(path) > maxPath || parsed.Host != "host" || parsed.Fragment != "" {
		return errors.New("the path is not valid; escape what goes into it with pathEscape(...) or queryEscape(...)")
	}
	parts := strings.Split(parsed.Path, "/")
	if slices.Contains(parts, "..") || slices.Contains(parts, ".") {
		return errors.New("the path leads elsewhere")
	}
	return nil
}

// Body renders the body of a message; looked is the answer to its lookup, where it has one.
func (l Language) Body(ctx context.Context, message Message, looked Looked) ([]byte, error) {
	request := l.requests[message.Operation]
	if request == nil || request.body == nil || looked.settles() {
		return nil, nil
	}
	variables := l.variables(message)
	variables["lookup"] = looked.Reply.variable()
	body, err := request.body.JSON(ctx, variables)
	if err != nil {
		return nil, fmt.Errorf("make the body of the %s: %w", message.Operation, err)
	}
	return body, nil
}

// Parse takes out of a reply to a message what it says of the ticket. What is in the reply is untrusted: what cannot be read
// says nothing.
func (l Language) Parse(ctx context.Context, message Message, reply Reply) Known {
	return l.requests[message.Operation].parse(ctx, l.named(message), reply)
}

// maxWarning bounds a warning in characters: with what was answered it fits into a condition.
const maxWarning = 150

func (r *protocolRequest) parse(ctx context.Context, variables map[string]any, reply Reply) Known {
	variables["reply"] = reply.variable()
	text := func(program *expression.Program) string {
		if program == nil {
			return ""
		}
		said, err := program.Text(ctx, variables)
		if err != nil {
			return ""
		}
		return said
	}
	known := knownOf(text(r.id), text(r.url), text(r.state))
	known.Cause = causeNamed(text(r.cause))
	known.Attempts = attemptsIn(text(r.text))
	known.Warning = shorten(text(r.warning), maxWarning)
	return known
}

// variable is a reply as expressions see it.
func (r Reply) variable() map[string]any {
	headers := map[string]any{}
	for name := range r.Header {
		headers[strings.ToLower(name)] = r.Header.Get(name)
	}
	var body any = string(r.Body)
	if len(r.Body) == 0 {
		body = nil
	}
	var decoded any
	if json.Unmarshal(r.Body, &decoded) == nil {
		body = decoded
	}
	return map[string]any{"status": r.Status, "headers": headers, "body": body}
}
