package ticket_test

import (
	"testing"

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
	once, must := ticket.WithAssignee(v1alpha1.TicketStatus{State: v1alpha1.TicketOpen}, ticket.Assignment{Account: "a1"}, true)
	if !must {
		t.Fatal("an open ticket is not assigned")
	}
	once.Delivery = &v1alpha1.Delivery{State: v1alpha1.DeliveryDelivered}
	given := ticket.Intend(once, ticket.Intent{Operation: v1alpha1.OperationAssign, Account: "a1"}, noon)
	for sentence, test := range map[string]struct {
		ticket     v1alpha1.TicketStatus
		assignment ticket.Assignment
		byMessage  bool
		must       bool
		unassigned string
	}{
		"not again":                  {given, ticket.Assignment{Account: "a1"}, true, false, ""},
		"again, where it is another": {given, ticket.Assignment{Account: "b2"}, true, true, ""},
		"not to nobody":              {given, ticket.Assignment{}, true, false, ""},
		"not where there is a problem, which is told": {given, ticket.Assignment{Problem: "No."}, true, false, "No."},
		"not while it is closed":                      {v1alpha1.TicketStatus{State: v1alpha1.TicketClosed}, ticket.Assignment{Account: "a1"}, true, false, ""},
		"not before it is open":                       {v1alpha1.TicketStatus{State: v1alpha1.TicketPending}, ticket.Assignment{Account: "a1"}, true, false, ""},
		"not by a message where the ticket says it":   {v1alpha1.TicketStatus{State: v1alpha1.TicketOpen, Unassigned: "No."}, ticket.Assignment{Account: "a1"}, false, false, ""},
		"not where an earlier cluster has opened it": {
			v1alpha1.TicketStatus{State: v1alpha1.TicketOpen, Assignee: ticket.AssigneeKept}, ticket.Assignment{Account: "a1"}, true, false, "",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got, must := ticket.WithAssignee(test.ticket, test.assignment, test.byMessage)
			if must != test.must || got.Unassigned != test.unassigned {
				t.Errorf("it is %v, %q", must, got.Unassigned)
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
