package ticket_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// at is a time on the day of these tests.
func at(offset time.Duration) *metav1.Time {
	t := metav1.NewTime(noon.Add(offset))
	return &t
}

// told is a ticket in a state, with a last message.
func told(state v1alpha1.TicketState, operation v1alpha1.Operation, delivery v1alpha1.DeliveryState,
	change ...func(*v1alpha1.Delivery),
) v1alpha1.TicketStatus {
	last := &v1alpha1.Delivery{
		Operation: operation, Sequence: 1, MessageKey: "m", Method: "POST", Body: "{}", State: delivery, Tries: 1,
		IntendedAt: at(-time.Hour), LastTry: at(-time.Minute),
	}
	for _, apply := range change {
		apply(last)
	}
	return v1alpha1.TicketStatus{System: "platform/desk", Key: "k", State: state, Delivery: last}
}

// named is a ticket with a name in its system, on which comments with some reasons were made in the first attempt.
func named(ticket v1alpha1.TicketStatus, said ...string) v1alpha1.TicketStatus {
	ticket.ID = "7"
	for _, reason := range said {
		ticket.Said = append(ticket.Said, v1alpha1.SaidNotice{Reason: reason, Attempt: 1})
	}
	return ticket
}

func perhapsReceived(d *v1alpha1.Delivery) { d.PossiblyReceived = true }
func justTried(d *v1alpha1.Delivery)       { d.LastTry = at(-5 * time.Second) }
func nextInAMinute(d *v1alpha1.Delivery)   { d.NextTry = at(time.Minute) }
func nextAMinuteAgo(d *v1alpha1.Delivery)  { d.NextTry = at(-time.Minute) }
func retriedBefore(d *v1alpha1.Delivery)   { d.Resolved = v1alpha1.ResolveRetry }
func nextInAMonth(d *v1alpha1.Delivery)    { d.NextTry = at(31 * 24 * time.Hour) }
func triedInAMonth(d *v1alpha1.Delivery)   { d.LastTry = at(31 * 24 * time.Hour) }
func triedThere(d *v1alpha1.Delivery)      { d.Endpoint = "old" }
func decide(action v1alpha1.ResolveAction) *v1alpha1.Resolve {
	return &v1alpha1.Resolve{MessageKey: "m", Action: action, TicketID: "T-1"}
}

func TestNext(t *testing.T) {
	t.Parallel()
	const (
		create, closing, reopen = v1alpha1.OperationCreate, v1alpha1.OperationClose, v1alpha1.OperationReopen
		pending, opened, closed = v1alpha1.TicketPending, v1alpha1.TicketOpen, v1alpha1.TicketClosed
	)
	type situation = ticket.Situation
	for sentence, test := range map[string]struct {
		situation situation
		want      ticket.StepKind
		operation v1alpha1.Operation
		until     time.Duration
		delivery  v1alpha1.DeliveryState
		state     v1alpha1.TicketState
	}{
		"a finding that stands opens a ticket": {
			situation: situation{Ticket: v1alpha1.TicketStatus{State: pending}, Want: ticket.WantOpen},
			want:      ticket.StepIntend, operation: create, state: pending,
		},
		"nothing opens while messages are stopped": {
			situation: situation{Ticket: v1alpha1.TicketStatus{State: pending}, Want: ticket.WantOpen, Silent: true}, state: pending,
		},
		"a finding that is gone before its ticket opens nothing": {
			situation: situation{Ticket: v1alpha1.TicketStatus{State: pending}, Want: ticket.WantClosed}, state: pending,
		},
		"an open ticket of a finding that stands needs nothing": {
			situation: situation{Ticket: told(opened, create, v1alpha1.DeliveryDelivered), Want: ticket.WantOpen},
			delivery:  v1alpha1.DeliveryDelivered, state: opened,
		},
		"an open ticket of a verified finding is closed": {
			situation: situation{Ticket: told(opened, create, v1alpha1.DeliveryDelivered), Want: ticket.WantClosed},
			want:      ticket.StepIntend, operation: closing, delivery: v1alpha1.DeliveryDelivered, state: opened,
		},
		"an open ticket waits while the finding is being verified": {
			situation: situation{Ticket: told(opened, create, v1alpha1.DeliveryDelivered), Want: ticket.WantAsIs},
			delivery:  v1alpha1.DeliveryDelivered, state: opened,
		},
		"a closed ticket of a finding that came back is reopened": {
			situation: situation{Ticket: told(closed, closing, v1alpha1.DeliveryDelivered), Want: ticket.WantOpen},
			want:      ticket.StepIntend, operation: reopen, delivery: v1alpha1.DeliveryDelivered, state: closed,
		},
		"a message that somebody is sending is left alone for as long as it may take": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliverySending, justTried), Want: ticket.WantOpen,
				Unknown: v1alpha1.UnknownDeduplicate, Timeout: 10 * time.Second},
			want: ticket.StepWait, until: 15 * time.Second, delivery: v1alpha1.DeliverySending, state: pending,
		},
		"a message whose sender died is sent again where duplicates are removed": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliverySending), Want: ticket.WantOpen, Unknown: v1alpha1.UnknownDeduplicate},
			want:      ticket.StepSend, operation: create, delivery: v1alpha1.DeliverySending, state: pending,
		},
		"a message whose sender died is held where duplicates are not removed": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliverySending), Want: ticket.WantOpen},
			delivery:  v1alpha1.DeliveryUnknown, state: pending,
		},
		"a create whose sender died is sent again even where the finding is gone, to be closed then": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliverySending), Want: ticket.WantClosed, Unknown: v1alpha1.UnknownDeduplicate},
			want:      ticket.StepSend, operation: create, delivery: v1alpha1.DeliverySending, state: pending,
		},
		"a create whose sender died is looked for, where that can be done, once it must be seen": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryUnknown, justTried), Want: ticket.WantOpen,
				Unknown: v1alpha1.UnknownSearch, Timeout: 10 * time.Second, VisibleAfter: time.Minute},
			want: ticket.StepWait, until: 75 * time.Second, delivery: v1alpha1.DeliveryUnknown, state: pending,
		},
		"it is looked for when that time has come": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliverySending), Want: ticket.WantOpen,
				Unknown: v1alpha1.UnknownSearch, Timeout: 10 * time.Second, VisibleAfter: 40 * time.Second},
			want: ticket.StepFind, operation: create, delivery: v1alpha1.DeliveryUnknown, state: pending,
		},
		"it is looked for also where the finding is gone, to be closed then": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryUnknown), Want: ticket.WantClosed,
				Unknown: v1alpha1.UnknownSearch},
			want: ticket.StepFind, operation: create, delivery: v1alpha1.DeliveryUnknown, state: pending,
		},
		"a close whose sender died is said again where tickets can be looked for": {
			situation: situation{Ticket: told(opened, closing, v1alpha1.DeliverySending), Want: ticket.WantClosed,
				Unknown: v1alpha1.UnknownSearch},
			want: ticket.StepSend, operation: closing, delivery: v1alpha1.DeliverySending, state: opened,
		},
		"a comment whose sender died is said again, whoever receives it": {
			situation: situation{Ticket: told(opened, v1alpha1.OperationComment, v1alpha1.DeliverySending), Want: ticket.WantOpen,
				Unknown: v1alpha1.UnknownHold},
			want: ticket.StepSend, operation: v1alpha1.OperationComment, delivery: v1alpha1.DeliverySending, state: opened,
		},
		"a ticket is looked for before it is first opened": {
			situation: situation{Ticket: v1alpha1.TicketStatus{State: pending}, Want: ticket.WantOpen, Look: true},
			want:      ticket.StepFind, operation: create, state: pending,
		},
		"but not in a dry run": {
			situation: situation{Ticket: v1alpha1.TicketStatus{State: pending}, Want: ticket.WantOpen, Look: true, DryRun: true},
			want:      ticket.StepIntend, operation: create, state: pending,
		},
		"why a ticket is closed is said before it is, where the close tells nothing": {
			situation: situation{Ticket: named(told(opened, create, v1alpha1.DeliveryDelivered)), Want: ticket.WantClosed, Attempt: 1,
				Comments: ticket.Comments{Known: true, Closing: ticket.ReasonVerified}},
			want: ticket.StepIntend, operation: v1alpha1.OperationComment, delivery: v1alpha1.DeliveryDelivered, state: opened,
		},
		"once it is said the ticket is closed": {
			situation: situation{Ticket: named(told(opened, v1alpha1.OperationComment, v1alpha1.DeliveryDelivered), "Verified"),
				Want: ticket.WantClosed, Attempt: 1, Comments: ticket.Comments{Known: true, Closing: ticket.ReasonVerified}},
			want: ticket.StepIntend, operation: closing, delivery: v1alpha1.DeliveryDelivered, state: opened,
		},
		"what was said in an attempt before is said anew": {
			situation: situation{Ticket: named(told(opened, reopen, v1alpha1.DeliveryDelivered), "Verified"),
				Want: ticket.WantClosed, Attempt: 2, Comments: ticket.Comments{Known: true, Closing: ticket.ReasonVerified}},
			want: ticket.StepIntend, operation: v1alpha1.OperationComment, delivery: v1alpha1.DeliveryDelivered, state: opened,
		},
		"that a finding is back is said once the ticket is open again": {
			situation: situation{Ticket: named(told(opened, reopen, v1alpha1.DeliveryDelivered)), Want: ticket.WantOpen, Attempt: 2,
				Comments: ticket.Comments{Known: true, Reopened: ticket.ReasonRelapsed}},
			want: ticket.StepIntend, operation: v1alpha1.OperationComment, delivery: v1alpha1.DeliveryDelivered, state: opened,
		},
		"nothing more is said beside where the system takes no comments": {
			situation: situation{Ticket: named(told(opened, create, v1alpha1.DeliveryDelivered)), Want: ticket.WantClosed, Attempt: 1,
				Comments: ticket.Comments{Closing: ticket.ReasonVerified}},
			want: ticket.StepIntend, operation: closing, delivery: v1alpha1.DeliveryDelivered, state: opened,
		},
		"a retry waits for its time": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryRetrying, nextInAMinute), Want: ticket.WantOpen},
			want:      ticket.StepWait, until: time.Minute, delivery: v1alpha1.DeliveryRetrying, state: pending,
		},
		"a retry is made when its time has come": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryRetrying, nextAMinuteAgo), Want: ticket.WantOpen},
			want:      ticket.StepSend, operation: create, delivery: v1alpha1.DeliveryRetrying, state: pending,
		},
		"a create that nobody received is dropped when the finding is gone": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryRetrying, nextAMinuteAgo), Want: ticket.WantClosed},
			state:     pending,
		},
		"a create that nobody received rests while the finding is being verified": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryRetrying, nextAMinuteAgo), Want: ticket.WantAsIs},
			delivery:  v1alpha1.DeliveryRetrying, state: pending,
		},
		"a create that may have been received is sent to its end": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryRetrying, perhapsReceived), Want: ticket.WantClosed,
				Unknown: v1alpha1.UnknownDeduplicate},
			want: ticket.StepSend, operation: create, delivery: v1alpha1.DeliveryRetrying, state: pending,
		},
		"a close under way is finished before the ticket is reopened": {
			situation: situation{Ticket: told(opened, closing, v1alpha1.DeliveryRetrying), Want: ticket.WantOpen},
			want:      ticket.StepSend, operation: closing, delivery: v1alpha1.DeliveryRetrying, state: opened,
		},
		"a retry rests while messages are stopped": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryRetrying), Want: ticket.WantOpen, Silent: true},
			delivery:  v1alpha1.DeliveryRetrying, state: pending,
		},
		"a refused create is not repeated": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryRefused), Want: ticket.WantOpen},
			delivery:  v1alpha1.DeliveryRefused, state: pending,
		},
		"a refused create of a finding that is gone leaves nothing to close": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryRefused), Want: ticket.WantClosed},
			delivery:  v1alpha1.DeliveryRefused, state: pending,
		},
		"a close that was given up is not repeated": {
			situation: situation{Ticket: told(opened, closing, v1alpha1.DeliveryGaveUp), Want: ticket.WantClosed},
			delivery:  v1alpha1.DeliveryGaveUp, state: opened,
		},
		"a close that was given up and may have arrived is undone when the finding comes back": {
			situation: situation{Ticket: told(opened, closing, v1alpha1.DeliveryGaveUp, perhapsReceived), Want: ticket.WantOpen},
			want:      ticket.StepIntend, operation: reopen, delivery: v1alpha1.DeliveryGaveUp, state: opened,
		},
		"a message of unknown fate is held": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryUnknown), Want: ticket.WantOpen},
			delivery:  v1alpha1.DeliveryUnknown, state: pending,
		},
		"a message of unknown fate is sent again once the receiver removes duplicates": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryUnknown, perhapsReceived), Want: ticket.WantOpen,
				Unknown: v1alpha1.UnknownDeduplicate},
			want: ticket.StepSend, operation: create, delivery: v1alpha1.DeliveryUnknown, state: pending,
		},
		"a person has it sent again": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryUnknown), Want: ticket.WantOpen,
				Resolve: decide(v1alpha1.ResolveRetry)},
			want: ticket.StepSend, operation: create, delivery: v1alpha1.DeliveryUnknown, state: pending,
		},
		"one decision to send again is followed once": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryUnknown, retriedBefore), Want: ticket.WantOpen,
				Resolve: decide(v1alpha1.ResolveRetry)},
			delivery: v1alpha1.DeliveryUnknown, state: pending,
		},
		"a decision about another message is not followed": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryUnknown), Want: ticket.WantOpen,
				Resolve: &v1alpha1.Resolve{MessageKey: "other", Action: v1alpha1.ResolveRetry}},
			delivery: v1alpha1.DeliveryUnknown, state: pending,
		},
		"a person adopts the ticket that a create has opened": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryUnknown), Want: ticket.WantOpen,
				Resolve: decide(v1alpha1.ResolveAdopt)},
			delivery: v1alpha1.DeliveryDelivered, state: opened,
		},
		"a person gives a create up, and the ticket with it": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryUnknown), Want: ticket.WantOpen,
				Resolve: decide(v1alpha1.ResolveAbandon)},
			delivery: v1alpha1.DeliveryAbandoned, state: v1alpha1.TicketAbandoned,
		},
		"a person gives a close up, and the ticket stays as it was": {
			situation: situation{Ticket: told(opened, closing, v1alpha1.DeliveryUnknown), Want: ticket.WantClosed,
				Resolve: decide(v1alpha1.ResolveAbandon)},
			delivery: v1alpha1.DeliveryAbandoned, state: opened,
		},
		"a person has a refused message sent again": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryRefused), Want: ticket.WantOpen,
				Resolve: decide(v1alpha1.ResolveRetry)},
			want: ticket.StepSend, operation: create, delivery: v1alpha1.DeliveryRefused, state: pending,
		},
		"a decision about a message that arrived changes nothing": {
			situation: situation{Ticket: told(opened, create, v1alpha1.DeliveryDelivered), Want: ticket.WantOpen,
				Resolve: decide(v1alpha1.ResolveAbandon)},
			delivery: v1alpha1.DeliveryDelivered, state: opened,
		},
		"an abandoned ticket is neither opened nor closed": {
			situation: situation{Ticket: told(v1alpha1.TicketAbandoned, create, v1alpha1.DeliveryAbandoned), Want: ticket.WantOpen},
			delivery:  v1alpha1.DeliveryAbandoned, state: v1alpha1.TicketAbandoned,
		},
		"a dry run records a message once": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryDryRun), Want: ticket.WantOpen, DryRun: true},
			delivery:  v1alpha1.DeliveryDryRun, state: pending,
		},
		"after a dry run the message is sent": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryDryRun), Want: ticket.WantOpen},
			want:      ticket.StepIntend, operation: create, delivery: v1alpha1.DeliveryDryRun, state: pending,
		},
		"a decision to send again rests during a dry run": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryUnknown), Want: ticket.WantOpen, DryRun: true,
				Resolve: decide(v1alpha1.ResolveRetry)},
			delivery: v1alpha1.DeliveryUnknown, state: pending,
		},
		"a message that may have been received is held once duplicates are not removed any more": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryRetrying, perhapsReceived), Want: ticket.WantOpen},
			delivery:  v1alpha1.DeliveryUnknown, state: pending,
		},
		"a refused create is said again by the next attempt": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryRefused), Want: ticket.WantOpen, Attempt: 1},
			want:      ticket.StepIntend, operation: create, delivery: v1alpha1.DeliveryRefused, state: pending,
		},
		"a close that was given up is said again by the next attempt": {
			situation: situation{Ticket: told(opened, closing, v1alpha1.DeliveryGaveUp), Want: ticket.WantClosed, Attempt: 1},
			want:      ticket.StepIntend, operation: closing, delivery: v1alpha1.DeliveryGaveUp, state: opened,
		},
		"a refused reopening is said again by the next attempt": {
			situation: situation{Ticket: told(closed, reopen, v1alpha1.DeliveryRefused), Want: ticket.WantOpen, Attempt: 1},
			want:      ticket.StepIntend, operation: reopen, delivery: v1alpha1.DeliveryRefused, state: closed,
		},
		"an abandoned ticket is opened anew by the next attempt": {
			situation: situation{Ticket: told(v1alpha1.TicketAbandoned, create, v1alpha1.DeliveryAbandoned, perhapsReceived),
				Want: ticket.WantOpen, Attempt: 1},
			want: ticket.StepIntend, operation: create, delivery: v1alpha1.DeliveryAbandoned, state: v1alpha1.TicketAbandoned,
		},
		"a create that may have doubled is not said again by the next attempt": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryGaveUp, perhapsReceived), Want: ticket.WantOpen,
				Attempt: 1},
			delivery: v1alpha1.DeliveryGaveUp, state: pending,
		},
		"a refused message is sent once more when the endpoint has changed": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryRefused, triedThere), Want: ticket.WantOpen,
				Endpoint: "new"},
			want: ticket.StepSend, operation: create, delivery: v1alpha1.DeliveryRefused, state: pending,
		},
		"a refused message rests where the endpoint is the same": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryRefused, triedThere), Want: ticket.WantOpen,
				Endpoint: "old"},
			delivery: v1alpha1.DeliveryRefused, state: pending,
		},
		"a refused message that nobody needs any more is not sent to a changed endpoint": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryRefused, triedThere), Want: ticket.WantClosed,
				Endpoint: "new"},
			delivery: v1alpha1.DeliveryRefused, state: pending,
		},
		"what a person gave up is not sent to a changed endpoint": {
			situation: situation{Ticket: told(opened, closing, v1alpha1.DeliveryAbandoned, triedThere), Want: ticket.WantClosed,
				Endpoint: "new"},
			delivery: v1alpha1.DeliveryAbandoned, state: opened,
		},
		"a create that was given up and may have arrived is closed when the finding is gone": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryGaveUp, perhapsReceived), Want: ticket.WantClosed,
				Unknown: v1alpha1.UnknownDeduplicate},
			want: ticket.StepIntend, operation: closing, delivery: v1alpha1.DeliveryGaveUp, state: pending,
		},
		"a reopening that was refused and may have arrived is closed when the finding is gone": {
			situation: situation{Ticket: told(closed, reopen, v1alpha1.DeliveryRefused, perhapsReceived), Want: ticket.WantClosed,
				Unknown: v1alpha1.UnknownDeduplicate},
			want: ticket.StepIntend, operation: closing, delivery: v1alpha1.DeliveryRefused, state: closed,
		},
		"a next try that a clock far ahead has written is made after one window": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryRetrying, nextInAMonth), Want: ticket.WantOpen},
			want:      ticket.StepWait, until: ticket.SendWindow, delivery: v1alpha1.DeliveryRetrying, state: pending,
		},
		"a try that a clock far ahead has written is broken after one window": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliverySending, triedInAMonth), Want: ticket.WantOpen,
				Unknown: v1alpha1.UnknownDeduplicate, Timeout: 10 * time.Second},
			want: ticket.StepWait, until: 20 * time.Second, delivery: v1alpha1.DeliverySending, state: pending,
		},
		"a retry rests during a dry run": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryRetrying), Want: ticket.WantOpen, DryRun: true},
			delivery:  v1alpha1.DeliveryRetrying, state: pending,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			test.situation.Now = noon
			step := ticket.Next(test.situation)
			if step.Kind != test.want || step.Operation != test.operation {
				t.Errorf("the step is %d %s, want %d %s", step.Kind, step.Operation, test.want, test.operation)
			}
			if test.want == ticket.StepWait && !step.Until.Equal(noon.Add(test.until)) {
				t.Errorf("it waits until %s", step.Until)
			}
			if step.Ticket.State != test.state {
				t.Errorf("the ticket is %s, want %s", step.Ticket.State, test.state)
			}
			var state v1alpha1.DeliveryState
			if step.Ticket.Delivery != nil {
				state = step.Ticket.Delivery.State
			}
			if state != test.delivery {
				t.Errorf("the message is %q, want %q", state, test.delivery)
			}
		})
	}
}
