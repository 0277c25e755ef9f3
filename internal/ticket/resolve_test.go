package ticket_test

import (
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

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

func TestAPersonVouchesThatNothingArrivedWhereDuplicatesAreNotRemoved(t *testing.T) {
	t.Parallel()
	held := told(v1alpha1.TicketPending, v1alpha1.OperationCreate, v1alpha1.DeliveryUnknown, perhapsReceived)
	for unknown, want := range map[v1alpha1.UnknownOutcome]bool{
		v1alpha1.UnknownDeduplicate: true, v1alpha1.UnknownSearch: false, v1alpha1.UnknownHold: false,
	} {
		step := ticket.Next(ticket.Situation{Ticket: held, Want: ticket.WantOpen, Now: noon, Unknown: unknown,
			Resolve: decide(v1alpha1.ResolveRetry)})
		if step.Ticket.Delivery.PossiblyReceived != want {
			t.Errorf("with %s, perhaps received: %t", unknown, step.Ticket.Delivery.PossiblyReceived)
		}
	}
}

func TestAdoptingNamesTheTicketOfACreateAlone(t *testing.T) {
	t.Parallel()
	for operation, want := range map[v1alpha1.Operation]string{
		v1alpha1.OperationCreate: "T-1", v1alpha1.OperationClose: "DESK-7", v1alpha1.OperationReopen: "DESK-7",
	} {
		held := told(v1alpha1.TicketOpen, operation, v1alpha1.DeliveryUnknown)
		held.ID = "DESK-7"
		step := ticket.Next(ticket.Situation{Ticket: held, Now: noon, Resolve: decide(v1alpha1.ResolveAdopt)})
		if step.Ticket.ID != want || step.Ticket.Delivery.State != v1alpha1.DeliveryDelivered {
			t.Errorf("after adopting a %s the ticket is %q", operation, step.Ticket.ID)
		}
	}
}
