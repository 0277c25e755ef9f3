package ticket_test

import (
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

func TestWhichExpressionNamesTheAssigneeOfATicket(t *testing.T) {
	t.Parallel()
	board := v1alpha1.NamespacedReference{Namespace: "desk", Name: "board"}
	route := &v1alpha1.RouteSnapshot{Assignee: "route"}
	steps := []v1alpha1.Escalation{{Assignee: "first"}, {Severity: "High"}, {Assignee: "board", TicketSystemRef: &board}}
	for sentence, test := range map[string]struct {
		system string
		taken  int32
		want   v1alpha1.Expression
	}{
		"that of the route at first":                     {system: "desk/desk", taken: 0, want: "route"},
		"that of a step that was taken":                  {system: "desk/desk", taken: 1, want: "first"},
		"that of the last step that has one":             {system: "desk/desk", taken: 2, want: "first"},
		"not that of a step that opens another ticket":   {system: "desk/desk", taken: 3, want: "first"},
		"that of the step that has opened it":            {system: "desk/board", taken: 3, want: "board"},
		"that of an earlier step, before it was opened":  {system: "desk/board", taken: 2, want: "first"},
		"that of the last, where more are said to be so": {system: "desk/desk", taken: 9, want: "first"},
		"that of the route, where less than none are":    {system: "desk/desk", taken: -1, want: "route"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			pace := ticket.PaceOf(&v1alpha1.Pace{Escalate: steps})
			if got := pace.AssigneeOf(route, test.system, test.taken); got != test.want {
				t.Errorf("it is %q", got)
			}
		})
	}
}

func TestWhenATicketIsAssigned(t *testing.T) {
	t.Parallel()
	message := ticket.Asking{ByMessage: true}
	isOpen := v1alpha1.TicketStatus{State: v1alpha1.TicketOpen, Delivery: &v1alpha1.Delivery{State: v1alpha1.DeliveryDelivered}}
	asked := ticket.Intend(isOpen, ticket.Intent{Operation: v1alpha1.OperationAssign, Account: "a1"}, noon)
	after := func(outcome ticket.Outcome) v1alpha1.TicketStatus {
		return ticket.Settle(asked, outcome, v1alpha1.UnknownHold, noon)
	}
	given := after(ticket.Outcome{Fate: ticket.FateDelivered})
	refused := after(ticket.Outcome{Fate: ticket.FateRefused, Message: "No."})
	recorded := ticket.Intend(isOpen, ticket.Intent{Operation: v1alpha1.OperationAssign, Account: "a1", DryRun: true}, noon)
	taken := ticket.Found(v1alpha1.TicketStatus{}, ticket.Known{ID: "7", Open: true}, noon)
	troubled, _, _ := ticket.WithAssignee(given, ticket.Assignment{Problem: "Two owners."}, message, noon)
	lost := *asked.DeepCopy()
	lost.Delivery = isOpen.Delivery
	another := ticket.Intend(given, ticket.Intent{Operation: v1alpha1.OperationCreate}, noon)
	another.State = v1alpha1.TicketOpen
	untimed := *refused.DeepCopy()
	untimed.Assignment.At = nil
	a1 := ticket.Assignment{Account: "a1"}
	for sentence, test := range map[string]struct {
		ticket     v1alpha1.TicketStatus
		assignment ticket.Assignment
		asking     ticket.Asking
		after      time.Duration
		must       bool
		next       time.Duration
		unassigned string
	}{
		"when it is open":                     {ticket: isOpen, assignment: a1, asking: message, must: true},
		"not while the message is on its way": {ticket: asked, assignment: a1, asking: message},
		"not again":                           {ticket: given, assignment: a1, asking: message, after: 1000 * time.Hour},
		"again, where it is another":          {ticket: given, assignment: ticket.Assignment{Account: "b2"}, asking: message, must: true},
		"not to nobody":                       {ticket: given, asking: message},
		"not where there is a problem, which is told": {
			ticket: given, assignment: ticket.Assignment{Problem: "No."}, asking: message, unassigned: "No.",
		},
		"not again after a problem that has passed, of which nothing is told": {ticket: troubled, assignment: a1, asking: message},
		"not at once where it was refused, which is told": {
			ticket: refused, assignment: a1, asking: message, after: 5 * time.Hour, next: 6 * time.Hour,
			unassigned: "The ticket system did not assign the ticket to the account in spec.assignees of the TicketSystem.",
		},
		"again some hours after it was refused": {
			ticket: refused, assignment: a1, asking: message, after: 6 * time.Hour, must: true,
			unassigned: "The ticket system did not assign the ticket to the account in spec.assignees of the TicketSystem.",
		},
		"again where a clock ran ahead when it was refused": {
			ticket: refused, assignment: a1, asking: message, after: -30 * 24 * time.Hour, must: true,
			unassigned: "The ticket system did not assign the ticket to the account in spec.assignees of the TicketSystem.",
		},
		"at once where it was refused for another": {
			ticket: refused, assignment: ticket.Assignment{Account: "b2"}, asking: message, must: true,
			unassigned: "The ticket system did not assign the ticket to the account in spec.assignees of the TicketSystem.",
		},
		"again where somebody has taken away when it was refused": {
			ticket: untimed, assignment: a1, asking: message, must: true,
			unassigned: "The ticket system did not assign the ticket to the account in spec.assignees of the TicketSystem.",
		},
		"not again in a dry run": {
			ticket: recorded, assignment: a1, asking: ticket.Asking{ByMessage: true, DryRun: true},
			unassigned: "Nothing was sent: the ticket system is set to dryRun.",
		},
		"after a dry run": {
			ticket: recorded, assignment: a1, asking: message, must: true, unassigned: "Nothing was sent: the ticket system is set to dryRun.",
		},
		"where its message was lost":          {ticket: lost, assignment: a1, asking: message, must: true},
		"where another ticket is opened anew": {ticket: another, assignment: a1, asking: message, must: true},
		"not while it is closed":              {ticket: v1alpha1.TicketStatus{State: v1alpha1.TicketClosed}, assignment: a1, asking: message},
		"not before it is open":               {ticket: v1alpha1.TicketStatus{State: v1alpha1.TicketPending}, assignment: a1, asking: message},
		"not by a message where the ticket says it": {
			ticket: v1alpha1.TicketStatus{State: v1alpha1.TicketOpen, Unassigned: "No."}, assignment: a1,
		},
		"not where an earlier cluster has opened it": {ticket: taken, assignment: a1, asking: message},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got, must, next := ticket.WithAssignee(test.ticket, test.assignment, test.asking, noon.Add(test.after))
			if must != test.must || got.Unassigned != test.unassigned {
				t.Errorf("it is %v, %q", must, got.Unassigned)
			}
			if want := noon.Add(test.next); test.next > 0 && !next.Equal(want) || test.next == 0 && !next.IsZero() {
				t.Errorf("it is asked again at %s", next)
			}
		})
	}
}

func TestAnAnswerToAnAssignmentNamesNobody(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		body, answer, want string
		operation          v1alpha1.Operation
	}{
		"a text":                 {`{"accountId":"ayse"}`, "User 'ayse' cannot be assigned issues.", "User '…' cannot be assigned issues.", v1alpha1.OperationAssign},
		"a number":               {`{"assignee_ids":[4711]}`, "4711 is no member", "… is no member", v1alpha1.OperationAssign},
		"a large number":         {`{"issue":{"assigned_to_id":12345678}}`, "12345678?", "…?", v1alpha1.OperationAssign},
		"the longer of two":      {`{"a":["an","anna"]}`, "anna, Anna: an", "…, …: …", v1alpha1.OperationAssign},
		"other capitals":         {`{"name":"ayse"}`, "Ayse is no user", "… is no user", v1alpha1.OperationAssign},
		"no field":               {`{"name":"ayse"}`, "the name is missing", "the name is missing", v1alpha1.OperationAssign},
		"nothing, of no JSON":    {`ayse`, "ayse", "", v1alpha1.OperationAssign},
		"all, of other messages": {`{"body":"ayse"}`, "ayse", "ayse", v1alpha1.OperationComment},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if got := ticket.Unnamed(test.answer, &v1alpha1.Delivery{Operation: test.operation, Body: test.body}); got != test.want {
				t.Errorf("it says %q", got)
			}
		})
	}
}

func TestATicketIsAssignedTwiceRatherThanNotAtAll(t *testing.T) {
	t.Parallel()
	sent := v1alpha1.TicketStatus{State: v1alpha1.TicketOpen, Delivery: &v1alpha1.Delivery{
		Operation: v1alpha1.OperationAssign, State: v1alpha1.DeliverySending, MessageKey: "m", Tries: 1,
	}}
	lost := ticket.Settle(sent, ticket.Outcome{Fate: ticket.FateUnknown, Message: "No answer came."}, v1alpha1.UnknownHold, noon)
	if lost.Delivery.State != v1alpha1.DeliveryRetrying {
		t.Errorf("it is %s", lost.Delivery.State)
	}
	refused := ticket.Settle(sent, ticket.Outcome{Fate: ticket.FateRefused, Message: "No."}, v1alpha1.UnknownHold, noon)
	if refused.Unassigned == "" {
		t.Error("nobody is told that it is assigned to nobody")
	}
	warned := ticket.Settle(sent, ticket.Outcome{Fate: ticket.FateDelivered, Known: ticket.Known{Warning: "To nobody."}}, v1alpha1.UnknownHold, noon)
	if warned.Unassigned != "To nobody." {
		t.Errorf("it says %q", warned.Unassigned)
	}
}
