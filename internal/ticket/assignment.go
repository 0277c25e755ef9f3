package ticket

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// assignAgain is how long after a ticket system has not assigned a ticket it is asked again: whoever was missing may be there by then.
const assignAgain = 6 * time.Hour

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
		if step.Assignee != "" && (step.TicketSystemRef == nil || SystemName(*step.TicketSystemRef) == system) {
			return step.Assignee
		}
	}
	return route.Assignee
}

// SystemName is what the status calls a TicketSystem.
func SystemName(ref v1alpha1.NamespacedReference) string {
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
		if err := l.takes(ctx, spec, assignee.Account); err != nil {
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

// takes says why an account is none of a type that is built in; nil where it may be one. What a user has described is found out when a
// ticket is assigned: it may be costly, and need more than the account.
func (l Language) takes(ctx context.Context, spec *v1alpha1.TicketSystemSpec, account string) error {
	if spec.Custom != nil || !l.Knows(v1alpha1.OperationAssign) {
		return nil
	}
	_, err := l.Body(ctx, Message{Operation: v1alpha1.OperationAssign, Assignee: account}, Looked{})
	return err
}

// Assignees says which of the accounts that a TicketSystem lists are not of its form; empty where all are. It names nobody.
func (l Language) Assignees(ctx context.Context, spec *v1alpha1.TicketSystemSpec) string {
	count, first := 0, ""
	for i, assignee := range spec.Assignees {
		err := l.takes(ctx, spec, assignee.Account)
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
	return fmt.Sprintf("%s not of the form that type: %s wants, and nothing is assigned to them: look at %s.",
		map[bool]string{true: "1 account is", false: fmt.Sprintf("%d accounts are", count)}[count == 1], spec.Type, first)
}

// WithAssignee is a ticket as its status shows it once an account for it was looked for. must is true where a message has to assign it
// now, and next is when one has to otherwise; zero where none has. A ticket that was taken up again stays with whom people have given
// it to.
func WithAssignee(
	ticket v1alpha1.TicketStatus, assignment Assignment, asking Asking, now time.Time,
) (as v1alpha1.TicketStatus, must bool, next time.Time) {
	wanted, so := assigneeDigest(assignment.Account), ticket.Assignment
	switch {
	case wanted == "" || !asking.ByMessage:
		ticket.Unassigned = assignment.Problem
		return ticket, false, time.Time{}
	case isTakenUp(so):
		ticket.Assignment, ticket.Unassigned = &v1alpha1.TicketAssignment{Account: wanted, State: so.State, At: so.At}, ""
		return ticket, false, time.Time{}
	case so == nil || so.Account != wanted:
		return ticket, ticket.State == v1alpha1.TicketOpen, time.Time{}
	}
	if so.State == v1alpha1.AssignmentDone || so.State == v1alpha1.AssignmentKept {
		ticket.Unassigned = ""
	}
	must, next = askedAgain(ticket, asking, now)
	return ticket, must && ticket.State == v1alpha1.TicketOpen, next
}

// isTakenUp is true for a ticket that was taken up again, and of which nobody knows to whom it is assigned.
func isTakenUp(so *v1alpha1.TicketAssignment) bool {
	return so != nil && so.State == v1alpha1.AssignmentKept && so.Account == ""
}

// askedAgain is true for a ticket that was to be assigned to the same account before, and was not. next is when it is asked again.
func askedAgain(ticket v1alpha1.TicketStatus, asking Asking, now time.Time) (must bool, next time.Time) {
	switch so := ticket.Assignment; {
	case so.State == v1alpha1.AssignmentAsked:
		// Unless its message is on its way it is lost.
		return !isAssigning(ticket), time.Time{}
	case so.State == v1alpha1.AssignmentDryRun:
		return !asking.DryRun, time.Time{}
	case so.State != v1alpha1.AssignmentRefused:
		return false, time.Time{}
	case so.At == nil || so.At.After(now) || !now.Before(so.At.Add(assignAgain)):
		// A clock that ran ahead has written what lies ahead.
		return true, time.Time{}
	default:
		return false, so.At.Add(assignAgain)
	}
}

// Asking is how a ticket system is asked to assign a ticket.
type Asking struct {
	// ByMessage is true where it has a request for that; else the ticket itself says it.
	ByMessage bool
	// DryRun is true where nothing is sent.
	DryRun bool
}

// isAssigning is true for a ticket whose last message assigns it.
func isAssigning(ticket v1alpha1.TicketStatus) bool {
	return ticket.Delivery != nil && ticket.Delivery.Operation == v1alpha1.OperationAssign && InFlight(ticket)
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
// Gitea answers 500 for an account that it does not know. What stands between would answer with another status. It says nothing of
// the system as a whole.
func (o Outcome) Answering(delivery *v1alpha1.Delivery) Outcome {
	if delivery.Operation != v1alpha1.OperationAssign || o.Status != http.StatusInternalServerError {
		return o
	}
	o.Apart = true
	if delivery.Tries >= assignTries {
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
	values := leaves(body)
	// The longest first: one may be a part of another.
	slices.SortFunc(values, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for i, value := range values {
		values[i] = regexp.QuoteMeta(value)
	}
	if len(values) == 0 {
		return answer
	}
	return regexp.MustCompile("(?i)"+strings.Join(values, "|")).ReplaceAllString(answer, "…")
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

// notAssigned says of a ticket that its system has not assigned it, without a word about to whom.
const notAssigned = "The ticket system did not assign the ticket to the account in spec.assignees of the TicketSystem."

// NotAssigned notes that a ticket was not assigned to an account, and why, in a sentence that names nobody.
func NotAssigned(ticket v1alpha1.TicketStatus, account, why string, now time.Time) v1alpha1.TicketStatus {
	ticket = *ticket.DeepCopy()
	ticket.Assignment = assignmentOf(assigneeDigest(account), v1alpha1.AssignmentRefused, now)
	ticket.Unassigned = shorten(why, maxUnassigned)
	return ticket
}

func assignmentOf(digest string, state v1alpha1.AssignmentState, now time.Time) *v1alpha1.TicketAssignment {
	at := metav1.NewTime(now)
	return &v1alpha1.TicketAssignment{Account: digest, State: state, At: &at}
}

// assigned notes what came of the message that assigns a ticket. warning says that it was taken and not done.
func assigned(ticket *v1alpha1.TicketStatus, warning string, now metav1.Time) {
	so := ticket.Assignment
	if so == nil {
		so = &v1alpha1.TicketAssignment{}
	}
	delivery := ticket.Delivery
	ticket.Assignment = assignmentOf(so.Account, v1alpha1.AssignmentRefused, now.Time)
	switch {
	case delivery.State == v1alpha1.DeliveryDryRun:
		ticket.Assignment.State, ticket.Unassigned = v1alpha1.AssignmentDryRun, delivery.Message
	case delivery.State == v1alpha1.DeliveryDelivered && warning == "":
		ticket.Assignment.State, ticket.Unassigned = v1alpha1.AssignmentDone, ""
	case delivery.State == v1alpha1.DeliveryDelivered:
		ticket.Unassigned = shorten(warning, maxUnassigned)
	case Unwritten(*ticket):
		// Somebody must do something first.
		ticket.Unassigned = shorten(delivery.Message, maxUnassigned)
	default:
		ticket.Unassigned = notAssigned
	}
}
