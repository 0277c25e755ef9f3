package governance

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/expression"
)

// assigneeSees is the only variable of an expression that says to whom tickets are assigned.
const assigneeSees = "subject"

// Assignee says to whom the tickets of a route are assigned. It is safe for concurrent use.
type Assignee struct{ program *expression.Program }

// CompileAssignee reads what a route declares. Its error is a sentence that says in which line and column something is wrong, or
// which field a subject does not have.
func CompileAssignee(declared governancev1alpha1.Expression) (*Assignee, error) {
	assignees.Lock()
	defer assignees.Unlock()
	if kept, found := assignees.known[declared]; found {
		return kept, nil
	}
	program, err := expression.Compile(string(declared), assigneeSees)
	if err != nil {
		return nil, err
	}
	if len(assignees.known) >= maxAssignees {
		clear(assignees.known)
	}
	assignees.known[declared] = &Assignee{program: program}
	return assignees.known[declared], nil
}

// maxAssignees is how many are kept. When there are more, all are forgotten.
const maxAssignees = 256

// assignees keeps what expressions compile to: each look at a ticket asks for one.
var assignees = struct {
	sync.Mutex
	known map[governancev1alpha1.Expression]*Assignee
}{known: map[governancev1alpha1.Expression]*Assignee{}}

// Of names the user or the team to whom the ticket about a subject is assigned; empty where it is nobody. Its error is a sentence
// that holds nothing of the subject.
func (a *Assignee) Of(ctx context.Context, subject *Subject) (string, error) {
	named, err := a.program.Text(ctx, map[string]any{assigneeSees: assigneeVariable(subject)})
	if errors.Is(err, expression.ErrNothing) {
		return "", nil
	}
	return strings.TrimSpace(named), err
}

// assigneeVariable is a subject as the expression sees it. What is not declared is an empty text, so that nobody has to ask
// whether it is there.
func assigneeVariable(subject *Subject) map[string]any {
	labels := make(map[string]any, len(subject.Labels))
	for name, value := range subject.Labels {
		labels[name] = value
	}
	return map[string]any{
		"kind": string(subject.Kind), "namespace": subject.Namespace, "name": subject.Name, "labels": labels,
		"tier": string(subject.Tier), "owner": partyVariable(&subject.Owner), "accountable": partyVariable(subject.Accountable),
	}
}

func partyVariable(party *governancev1alpha1.Party) map[string]any {
	if party == nil {
		party = &governancev1alpha1.Party{}
	}
	return map[string]any{"user": string(party.User), "team": string(party.Team), "role": string(party.Role)}
}

var (
	// literal finds the texts in an expression, in which no field is asked for.
	literal = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`)
	// fieldNamed finds the fields of the subject that an expression asks for, and those of its owner and of who is accountable.
	fieldNamed = regexp.MustCompile(`\bsubject\s*\.\s*([A-Za-z_]\w*)(?:\s*\.\s*([A-Za-z_]\w*))?`)
)

// assigneeProblem says what only an edit of the expression cures: that it cannot be read, asks for a field that no subject has, or
// gives something else than a text.
func assigneeProblem(ctx context.Context, declared governancev1alpha1.Expression) error {
	if declared == "" {
		return nil
	}
	assignee, err := CompileAssignee(declared)
	if err != nil {
		return err
	}
	sample := &Subject{Kind: governancev1alpha1.KindProcess}
	if field := unknownField(string(declared), assigneeVariable(sample)); field != "" {
		return fmt.Errorf("a subject has no %s", field)
	}
	if _, err := assignee.Of(ctx, sample); err != nil && isNoText(err) {
		return err
	}
	return nil
}

// unknownField is the first field that an expression asks for and that a subject does not have; empty where there is none.
func unknownField(declared string, subject map[string]any) string {
	for _, named := range fieldNamed.FindAllStringSubmatch(literal.ReplaceAllString(declared, `""`), -1) {
		value, known := subject[named[1]]
		if !known {
			return named[1]
		}
		within, isParty := value.(map[string]any)
		if _, known := within[named[2]]; isParty && named[1] != "labels" && named[2] != "" && !known {
			return named[1] + "." + named[2]
		}
	}
	return ""
}

// isNoText is true for failures that no other subject would spare.
func isNoText(err error) bool {
	return strings.Contains(err.Error(), "no such overload") || strings.HasPrefix(err.Error(), "the value is of the type")
}

// assigneesProblem says what is wrong with those to whom a route assigns tickets.
func assigneesProblem(ctx context.Context, route *governancev1alpha1.Route) string {
	if err := assigneeProblem(ctx, route.Assignee); err != nil {
		return fmt.Sprintf("The assignee of route %s is not understood: %s.", route.Name, strings.TrimSuffix(err.Error(), "."))
	}
	for i, step := range route.Escalate {
		if err := assigneeProblem(ctx, step.Assignee); err != nil {
			return fmt.Sprintf("The assignee of escalate[%d] of route %s is not understood: %s.", i, route.Name,
				strings.TrimSuffix(err.Error(), "."))
		}
	}
	return ""
}
