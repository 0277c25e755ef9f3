package ticket_test

import (
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

func TestADecisionOfEarlierIsNotAboutANewMessage(t *testing.T) {
	t.Parallel()
	intent := ticket.Intent{
		Operation: v1alpha1.OperationCreate, Request: ticket.Request{MessageKey: "m"}, Resolve: decide(v1alpha1.ResolveAbandon),
	}
	intended := ticket.Intend(v1alpha1.TicketStatus{State: v1alpha1.TicketPending}, intent, noon)
	intended.Delivery.State = v1alpha1.DeliveryUnknown
	step := ticket.Next(ticket.Situation{Ticket: intended, Want: ticket.WantOpen, Now: noon, Resolve: intent.Resolve})
	if step.Ticket.Delivery.State != v1alpha1.DeliveryUnknown {
		t.Errorf("the message is %s", step.Ticket.Delivery.State)
	}
}

func TestACreateSaidAnewRemembersThatItMayHaveArrived(t *testing.T) {
	t.Parallel()
	intent := ticket.Intent{Operation: v1alpha1.OperationCreate, Request: ticket.Request{MessageKey: "m"}, Attempt: 2}
	for state, want := range map[v1alpha1.DeliveryState]bool{v1alpha1.DeliveryRefused: true, v1alpha1.DeliveryAbandoned: false} {
		before := told(v1alpha1.TicketPending, v1alpha1.OperationCreate, state, perhapsReceived)
		if got := ticket.Intend(before, intent, noon).Delivery; got.PossiblyReceived != want || got.Attempt != 2 {
			t.Errorf("after one that was %s the create is %+v", state, got)
		}
	}
}

func TestATicketThatIsAnsweredClosedIsReopenedSomeTimes(t *testing.T) {
	t.Parallel()
	reopen := told(v1alpha1.TicketClosed, v1alpha1.OperationCreate, v1alpha1.DeliveryDelivered)
	stillClosed := ticket.Outcome{Fate: ticket.FateDelivered, Known: ticket.Known{Closed: true}}
	sent := 0
	for ; sent < 100; sent++ {
		step := ticket.Next(ticket.Situation{Ticket: reopen, Want: ticket.WantOpen, Now: noon})
		if step.Kind != ticket.StepIntend {
			break
		}
		intended := ticket.Intend(step.Ticket, ticket.Intent{Operation: step.Operation}, noon)
		if got := ticket.Settle(intended, ticket.Outcome{Fate: ticket.FateDelivered}, v1alpha1.UnknownDeduplicate, noon); got.State != v1alpha1.TicketOpen {
			t.Fatalf("a reopening that is taken leaves the ticket %s", got.State)
		}
		reopen = ticket.Settle(intended, stillClosed, v1alpha1.UnknownDeduplicate, noon)
	}
	if sent != 10 || reopen.State != v1alpha1.TicketClosed || reopen.Delivery.State != v1alpha1.DeliveryRefused {
		t.Errorf("after %d reopenings the ticket is %s, the last one %s", sent, reopen.State, reopen.Delivery.State)
	}
}

func TestATicketThatMayBeOpenIsNotForgotten(t *testing.T) {
	t.Parallel()
	const pending, closed = v1alpha1.TicketPending, v1alpha1.TicketClosed
	for sentence, test := range map[string]struct {
		ticket          v1alpha1.TicketStatus
		done, mayBeOpen bool
	}{
		"a refused create opened nothing": {
			told(pending, v1alpha1.OperationCreate, v1alpha1.DeliveryRefused), true, false},
		"a refused create of which a try may have arrived has perhaps opened a ticket": {
			told(pending, v1alpha1.OperationCreate, v1alpha1.DeliveryRefused, perhapsReceived), false, true},
		"a reopening that was given up has perhaps reopened the ticket": {
			told(closed, v1alpha1.OperationReopen, v1alpha1.DeliveryGaveUp, perhapsReceived), false, true},
		"a ticket that could not be closed has perhaps been opened": {
			told(pending, v1alpha1.OperationClose, v1alpha1.DeliveryRefused), true, true},
		"a create that a person gave up is no longer thought of": {
			told(v1alpha1.TicketAbandoned, v1alpha1.OperationCreate, v1alpha1.DeliveryAbandoned, perhapsReceived), true, false},
	} {
		if done, may := ticket.Done(test.ticket), ticket.MayBeOpen(test.ticket); done != test.done || may != test.mayBeOpen {
			t.Errorf("not so: %s: done %t, may be open %t", sentence, done, may)
		}
	}
}

func TestSettle(t *testing.T) {
	t.Parallel()
	old := func(d *v1alpha1.Delivery) { d.IntendedAt, d.Tries = at(-ticket.GiveUpAfter), 12 }
	idle := func(d *v1alpha1.Delivery) { d.IntendedAt, d.Tries = at(-ticket.GiveUpAfter), 11 }
	sending := func(change ...func(*v1alpha1.Delivery)) v1alpha1.TicketStatus {
		return told(v1alpha1.TicketPending, v1alpha1.OperationCreate, v1alpha1.DeliverySending, change...)
	}
	for sentence, test := range map[string]struct {
		ticket  v1alpha1.TicketStatus
		outcome ticket.Outcome
		unknown v1alpha1.UnknownOutcome
		want    v1alpha1.DeliveryState
		state   v1alpha1.TicketState
		perhaps bool
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
			ticket: sending(perhapsReceived), outcome: ticket.Outcome{Fate: ticket.FateNotReceived}, unknown: v1alpha1.UnknownDeduplicate,
			want: v1alpha1.DeliveryRetrying, state: v1alpha1.TicketPending, perhaps: true,
		},
		"an unknown fate is tried again where duplicates are removed": {
			ticket: sending(), outcome: ticket.Outcome{Fate: ticket.FateUnknown}, unknown: v1alpha1.UnknownDeduplicate,
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
		"three days in which it was hardly tried give nothing up": {
			ticket: sending(idle), outcome: ticket.Outcome{Fate: ticket.FateNotReceived},
			want: v1alpha1.DeliveryRetrying, state: v1alpha1.TicketPending,
		},
		"what may have been received before is held where duplicates are not removed any more": {
			ticket: sending(perhapsReceived), outcome: ticket.Outcome{Fate: ticket.FateNotReceived},
			want: v1alpha1.DeliveryUnknown, state: v1alpha1.TicketPending, perhaps: true,
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
			got := ticket.Settle(test.ticket, test.outcome, test.unknown, noon)
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
		settled := ticket.Settle(sent, ticket.Outcome{Fate: ticket.FateNotReceived, RetryAfter: asked}, v1alpha1.UnknownDeduplicate, noon)
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
