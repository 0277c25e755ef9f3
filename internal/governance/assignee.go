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

// labelNamed finds the labels that an expression asks for by name.
var labelNamed = regexp.MustCompile(`labels(?:\.([A-Za-z_][A-Za-z0-9_]*)|\[\??["']([^"']*)["']\])`)

// assigneeProblem says what only an edit of the expression cures: that it cannot be read, or asks for a field that no subject has.
// Labels may be missing on one subject and not on another, so those that it names are taken to be there.
func assigneeProblem(ctx context.Context, declared governancev1alpha1.Expression) error {
	if declared == "" {
		return nil
	}
	assignee, err := CompileAssignee(declared)
	if err != nil {
		return err
	}
	// Its name stands in no expression, so that a label that is missing by it is no slip.
	sample := &Subject{Kind: governancev1alpha1.KindProcess, Namespace: "a sample of a", Name: "a sample of b", Labels: map[string]string{}}
	for _, named := range labelNamed.FindAllStringSubmatch(string(declared), -1) {
		sample.Labels[named[1]+named[2]] = "value"
	}
	if _, err := assignee.Of(ctx, sample); err != nil && isSlip(err) {
		return err
	}
	return nil
}

// isSlip is true for failures that no other subject would spare.
func isSlip(err error) bool {
	text := err.Error()
	return strings.Contains(text, "no such key: ") || strings.Contains(text, "no such overload") || strings.HasPrefix(text, "the value is of the type")
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
