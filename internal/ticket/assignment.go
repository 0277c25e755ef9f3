package ticket

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// AssigneeKept is what the status shows of a ticket that was taken up again after the cluster was built anew: people may have
// assigned it to somebody since.
const AssigneeKept = "Kept"

// Assignment is to whom a ticket is to be assigned.
type Assignment struct {
	// Account in the ticket system; empty where it is nobody.
	Account string
	// Problem says in a sentence why it is nobody, although the route says to whom. It names nobody.
	Problem string
}

// AssigneeOf is the expression that says to whom the ticket in a system, as "namespace/name", is assigned: that of the last step of
// the escalation that was taken and has one for it, else that of the route. Empty: nobody.
func (p Pace) AssigneeOf(route *v1alpha1.RouteSnapshot, system string, taken int32) v1alpha1.Expression {
	for i := min(max(int(taken), 0), len(p.steps)) - 1; i >= 0; i-- {
		step := p.steps[i]
		if step.Assignee != "" && (step.TicketSystemRef == nil || systemName(*step.TicketSystemRef) == system) {
			return step.Assignee
		}
	}
	return route.Assignee
}

func systemName(ref v1alpha1.NamespacedReference) string {
	return string(ref.Namespace) + "/" + string(ref.Name)
}

// Assign finds the account to whom a ticket about some subjects is assigned: the one that the TicketSystem has for whom the
// expression names, where it names the same for all.
func (l Language) Assign(
	ctx context.Context, declared v1alpha1.Expression, spec *v1alpha1.TicketSystemSpec, subjects ...*governance.Subject,
) Assignment {
	if declared == "" || len(subjects) == 0 {
		return Assignment{}
	}
	if !l.Assigns() {
		return Assignment{Problem: "Tickets of the type " + string(spec.Type) + " are assigned to nobody: it has no request for that."}
	}
	named, problem := whom(ctx, declared, subjects)
	if problem != "" {
		return Assignment{Problem: problem}
	}
	for _, assignee := range spec.Assignees {
		if assignee.User != named {
			continue
		}
		if err := l.takes(ctx, assignee.Account); err != nil {
			return Assignment{Problem: sentenceOf("The account in spec.assignees of the TicketSystem is not of its form", err)}
		}
		return Assignment{Account: assignee.Account}
	}
	return Assignment{Problem: "Whom the route names for the ticket has no account in spec.assignees of the TicketSystem."}
}

// whom is the one that the expression names for all subjects.
func whom(ctx context.Context, declared v1alpha1.Expression, subjects []*governance.Subject) (named, problem string) {
	assignee, err := governance.CompileAssignee(declared)
	if err != nil {
		return "", sentenceOf("The assignee of the route is not understood", err)
	}
	for i, subject := range subjects {
		one, err := assignee.Of(ctx, subject)
		switch {
		case err != nil:
			return "", sentenceOf("The assignee of the route cannot be found", err)
		case i > 0 && one != named:
			return "", "The findings of the group belong to several people, and a ticket is assigned to one."
		}
		named = one
	}
	if named == "" {
		return "", "The assignee of the route names nobody."
	}
	return named, ""
}

// maxUnassigned bounds what the status says about a ticket that is assigned to nobody.
const maxUnassigned = 256

func sentenceOf(what string, err error) string {
	return shorten(what+": "+strings.TrimSuffix(err.Error(), ".")+".", maxUnassigned)
}

// Assigns says whether tickets of the protocol can be assigned: by a request of its own, or as they are opened.
func (p *Protocol) Assigns() bool {
	return p.Knows(v1alpha1.OperationAssign) || strings.Contains(string(p.declared.Create.Body), "ticket.assignee")
}

// takes says why an account is none of the system; nil where it may be one.
func (l Language) takes(ctx context.Context, account string) error {
	if !l.Knows(v1alpha1.OperationAssign) || l.LooksUp(v1alpha1.OperationAssign) {
		return nil
	}
	_, err := l.Body(ctx, Message{Operation: v1alpha1.OperationAssign, Assignee: account}, Looked{})
	return err
}

// Assignees says which of the accounts that a TicketSystem lists are not of its form; empty where all are. It names nobody.
func (l Language) Assignees(ctx context.Context, spec *v1alpha1.TicketSystemSpec) string {
	count, first := 0, ""
	for i, assignee := range spec.Assignees {
		err := l.takes(ctx, assignee.Account)
		if err == nil {
			continue
		}
		if count++; count == 1 {
			first = fmt.Sprintf("spec.assignees[%d]", i)
		}
	}
	if count == 0 {
		return ""
	}
	return fmt.Sprintf("Accounts that are not of the form that type: %s asks for, to which nothing is assigned: %d, the first in %s.",
		spec.Type, count, first)
}

// WithAssignee is a ticket as its status shows it once an account for it was looked for, and whether it must be assigned by a
// message now. A ticket that was taken up again stays with whom people have given it to.
func WithAssignee(ticket v1alpha1.TicketStatus, assignment Assignment, byMessage bool) (v1alpha1.TicketStatus, bool) {
	wanted := assigneeDigest(assignment.Account)
	switch {
	case wanted == "":
		ticket.Unassigned = assignment.Problem
		return ticket, false
	case ticket.Assignee == AssigneeKept:
		ticket.Assignee, ticket.Unassigned = wanted, ""
		return ticket, false
	case !byMessage:
		ticket.Unassigned = ""
		return ticket, false
	default:
		return ticket, ticket.Assignee != wanted && ticket.State == v1alpha1.TicketOpen
	}
}

func assigneeDigest(account string) string {
	if account == "" {
		return ""
	}
	return digest(account)[:bodyHash]
}

// assignTries is how often a ticket is assigned where the answer is 500.
const assignTries = 3

// Answering takes an error within a ticket system for a refusal, where the message was to assign a ticket and it comes again and again:
// Gitea answers 500 for an account that it does not know. What stands between would answer with another status.
func (o Outcome) Answering(delivery *v1alpha1.Delivery) Outcome {
	if delivery.Operation == v1alpha1.OperationAssign && o.Status == http.StatusInternalServerError && delivery.Tries >= assignTries {
		o.Fate, o.RetryAfter = FateRefused, 0
	}
	return o
}

// Unnamed is what a ticket system has answered without the account that the message gives the ticket to: it is shown in conditions
// and events, where no person's name stands.
func Unnamed(answer string, delivery *v1alpha1.Delivery) string {
	if delivery == nil || delivery.Operation != v1alpha1.OperationAssign {
		return answer
	}
	var body any
	if err := json.Unmarshal([]byte(delivery.Body), &body); err != nil {
		return ""
	}
	for _, value := range leaves(body) {
		answer = strings.ReplaceAll(answer, value, "…")
	}
	return answer
}

// leaves are the texts and the numbers of a document.
func leaves(document any) (found []string) {
	switch value := document.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			found = append(found, leaves(value[name])...)
		}
	case []any:
		for _, element := range value {
			found = append(found, leaves(element)...)
		}
	case string:
		if value != "" {
			found = append(found, value)
		}
	case float64:
		found = append(found, strconv.FormatFloat(value, 'f', -1, 64))
	}
	return found
}

// assigned notes what came of assigning a ticket, which is not tried again: people can do it.
func assigned(ticket *v1alpha1.TicketStatus, problem string) {
	ticket.Unassigned = problem
	if ticket.Delivery.State != v1alpha1.DeliveryDelivered {
		ticket.Unassigned = "The ticket system did not assign the ticket to the account in spec.assignees of the TicketSystem."
	}
}
