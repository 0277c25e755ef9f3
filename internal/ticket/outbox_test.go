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

func perhapsReceived(d *v1alpha1.Delivery) { d.PossiblyReceived = true }
func justTried(d *v1alpha1.Delivery)       { d.LastTry = at(-5 * time.Second) }
func nextInAMinute(d *v1alpha1.Delivery)   { d.NextTry = at(time.Minute) }
func nextAMinuteAgo(d *v1alpha1.Delivery)  { d.NextTry = at(-time.Minute) }
func retriedBefore(d *v1alpha1.Delivery)   { d.Resolved = v1alpha1.ResolveRetry }
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
				Deduplicates: true, Timeout: 10 * time.Second},
			want: ticket.StepWait, until: 15 * time.Second, delivery: v1alpha1.DeliverySending, state: pending,
		},
		"a message whose sender died is sent again where duplicates are removed": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliverySending), Want: ticket.WantOpen, Deduplicates: true},
			want:      ticket.StepSend, operation: create, delivery: v1alpha1.DeliverySending, state: pending,
		},
		"a message whose sender died is held where duplicates are not removed": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliverySending), Want: ticket.WantOpen},
			delivery:  v1alpha1.DeliveryUnknown, state: pending,
		},
		"a create whose sender died is sent again even where the finding is gone, to be closed then": {
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliverySending), Want: ticket.WantClosed, Deduplicates: true},
			want:      ticket.StepSend, operation: create, delivery: v1alpha1.DeliverySending, state: pending,
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
			situation: situation{Ticket: told(pending, create, v1alpha1.DeliveryRetrying, perhapsReceived), Want: ticket.WantClosed},
			want:      ticket.StepSend, operation: create, delivery: v1alpha1.DeliveryRetrying, state: pending,
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
				Deduplicates: true},
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

func TestADecisionCanBeMadeAgainAfterItWasTakenBack(t *testing.T) {
	t.Parallel()
	held := told(v1alpha1.TicketPending, v1alpha1.OperationCreate, v1alpha1.DeliveryUnknown, retriedBefore)
	without := ticket.Next(ticket.Situation{Ticket: held, Want: ticket.WantOpen, Now: noon})
	again := ticket.Next(ticket.Situation{Ticket: without.Ticket, Want: ticket.WantOpen, Now: noon,
		Resolve: decide(v1alpha1.ResolveRetry)})
	if again.Kind != ticket.StepSend || again.Ticket.Delivery.Resolved != v1alpha1.ResolveRetry {
		t.Errorf("the step is %+v", again)
	}
}

func TestSettle(t *testing.T) {
	t.Parallel()
	old := func(d *v1alpha1.Delivery) { d.IntendedAt = at(-ticket.GiveUpAfter) }
	sending := func(change ...func(*v1alpha1.Delivery)) v1alpha1.TicketStatus {
		return told(v1alpha1.TicketPending, v1alpha1.OperationCreate, v1alpha1.DeliverySending, change...)
	}
	for sentence, test := range map[string]struct {
		ticket       v1alpha1.TicketStatus
		outcome      ticket.Outcome
		deduplicates bool
		want         v1alpha1.DeliveryState
		state        v1alpha1.TicketState
		perhaps      bool
	}{
		"a create that was taken opens the ticket": {
			ticket: sending(), outcome: ticket.Outcome{Fate: ticket.FateDelivered, Known: ticket.Known{ID: "T-1"}},
			want: v1alpha1.DeliveryDelivered, state: v1alpha1.TicketOpen,
		},
		"a create that meets a closed ticket leaves it to be reopened": {
			ticket: sending(), outcome: ticket.Outcome{Fate: ticket.FateDelivered, Known: ticket.Known{ID: "T-1", Closed: true}},
			want: v1alpha1.DeliveryDelivered, state: v1alpha1.TicketClosed,
		},
		"a refusal is final": {
			ticket: sending(), outcome: ticket.Outcome{Fate: ticket.FateRefused},
			want: v1alpha1.DeliveryRefused, state: v1alpha1.TicketPending,
		},
		"what was not received is tried again": {
			ticket: sending(), outcome: ticket.Outcome{Fate: ticket.FateNotReceived},
			want: v1alpha1.DeliveryRetrying, state: v1alpha1.TicketPending,
		},
		"what was not received this time may have been before": {
			ticket: sending(perhapsReceived), outcome: ticket.Outcome{Fate: ticket.FateNotReceived}, deduplicates: true,
			want: v1alpha1.DeliveryRetrying, state: v1alpha1.TicketPending, perhaps: true,
		},
		"an unknown fate is tried again where duplicates are removed": {
			ticket: sending(), outcome: ticket.Outcome{Fate: ticket.FateUnknown}, deduplicates: true,
			want: v1alpha1.DeliveryRetrying, state: v1alpha1.TicketPending, perhaps: true,
		},
		"an unknown fate is held where they are not": {
			ticket: sending(), outcome: ticket.Outcome{Fate: ticket.FateUnknown},
			want: v1alpha1.DeliveryUnknown, state: v1alpha1.TicketPending, perhaps: true,
		},
		"after three days a message is given up": {
			ticket: sending(old), outcome: ticket.Outcome{Fate: ticket.FateNotReceived},
			want: v1alpha1.DeliveryGaveUp, state: v1alpha1.TicketPending,
		},
		"after three days an unknown fate is still a person's to decide": {
			ticket: sending(old), outcome: ticket.Outcome{Fate: ticket.FateUnknown},
			want: v1alpha1.DeliveryUnknown, state: v1alpha1.TicketPending, perhaps: true,
		},
		"a success after three days is a success": {
			ticket: sending(old), outcome: ticket.Outcome{Fate: ticket.FateDelivered},
			want: v1alpha1.DeliveryDelivered, state: v1alpha1.TicketOpen,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got := ticket.Settle(test.ticket, test.outcome, test.deduplicates, noon)
			if got.Delivery.State != test.want || got.State != test.state || got.Delivery.PossiblyReceived != test.perhaps {
				t.Errorf("the message is %s (perhaps received: %t), the ticket %s", got.Delivery.State,
					got.Delivery.PossiblyReceived, got.State)
			}
			if got.ID != test.outcome.Known.ID {
				t.Errorf("the ID is %q", got.ID)
			}
			if (got.Delivery.NextTry != nil) != (test.want == v1alpha1.DeliveryRetrying) {
				t.Errorf("the next try is at %v", got.Delivery.NextTry)
			}
		})
	}
}

func TestRetriesAreSpreadFromSecondsToAnHour(t *testing.T) {
	t.Parallel()
	wait := func(key string, tries int32, asked time.Duration) time.Duration {
		sent := told(v1alpha1.TicketPending, v1alpha1.OperationCreate, v1alpha1.DeliverySending, func(d *v1alpha1.Delivery) {
			d.MessageKey, d.Tries = key, tries
		})
		settled := ticket.Settle(sent, ticket.Outcome{Fate: ticket.FateNotReceived, RetryAfter: asked}, true, noon)
		return settled.Delivery.NextTry.Sub(noon)
	}
	spread := map[time.Duration]bool{}
	for tries := int32(1); tries < 100; tries++ {
		for _, key := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			got := wait(key, tries, 0)
			if got < 2*time.Second || got > time.Hour || got%time.Second != 0 {
				t.Fatalf("try %d of %s waits %s", tries, key, got)
			}
			if got != wait(key, tries, 0) {
				t.Fatalf("try %d of %s waits differently each time", tries, key)
			}
			if tries == 8 {
				spread[got] = true
			}
		}
	}
	if first, later := wait("a", 1, 0), wait("a", 20, 0); first > 3*time.Second || later < 45*time.Minute {
		t.Errorf("the first wait is %s, the twentieth %s", first, later)
	}
	if len(spread) < 6 {
		t.Errorf("eight messages wait %d different times after try 8", len(spread))
	}
	if got := wait("a", 1, 5*time.Hour); got != 5*time.Hour {
		t.Errorf("asked to wait five hours it waits %s", got)
	}
}

func TestSameTry(t *testing.T) {
	t.Parallel()
	sent := told(v1alpha1.TicketPending, v1alpha1.OperationCreate, v1alpha1.DeliverySending)
	changed := func(change func(*v1alpha1.Delivery)) v1alpha1.TicketStatus {
		stored := *sent.DeepCopy()
		change(stored.Delivery)
		return stored
	}
	triedSince := changed(func(d *v1alpha1.Delivery) { d.Tries = 2 })
	heldSince := changed(func(d *v1alpha1.Delivery) { d.State = v1alpha1.DeliveryUnknown })
	deliveredSince := changed(func(d *v1alpha1.Delivery) { d.State = v1alpha1.DeliveryDelivered })
	anotherSince := changed(func(d *v1alpha1.Delivery) { d.MessageKey = "other" })
	for sentence, test := range map[string]struct {
		stored v1alpha1.TicketStatus
		fate   ticket.Fate
		want   bool
	}{
		"a result is stored where nothing has changed":                    {sent, ticket.FateUnknown, true},
		"a success is stored though somebody has tried since":             {triedSince, ticket.FateDelivered, true},
		"a failure is not stored where somebody has tried since":          {triedSince, ticket.FateNotReceived, false},
		"a success is stored though the message was held since":           {heldSince, ticket.FateDelivered, true},
		"a failure is not stored where the message was held since":        {heldSince, ticket.FateUnknown, false},
		"a success is not stored twice":                                   {deliveredSince, ticket.FateDelivered, false},
		"a failure does not undo a success":                               {deliveredSince, ticket.FateUnknown, false},
		"a result is not stored on another message":                       {anotherSince, ticket.FateDelivered, false},
		"a result is not stored where the ticket has no message any more": {v1alpha1.TicketStatus{}, ticket.FateDelivered, false},
	} {
		if got := ticket.SameTry(test.stored, sent, test.fate); got != test.want {
			t.Errorf("not so: %s", sentence)
		}
	}
}
