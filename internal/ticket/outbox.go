package ticket

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// SendWindow is how long after the status write that announces a try the request may leave. Past it nothing is sent,
// because nobody can say any more who else has read that status.
const SendWindow = 10 * time.Second

// Want is what a ticket should be.
type Want int

const (
	// WantAsIs has nothing new said. A message that may have arrived is still delivered.
	WantAsIs Want = iota
	// WantOpen is for a finding that stands.
	WantOpen
	// WantClosed is for a finding with nothing left to remedy.
	WantClosed
)

// StepKind is what to do next about a ticket.
type StepKind int

const (
	// StepNone does nothing.
	StepNone StepKind = iota
	// StepWait does nothing before Until.
	StepWait
	// StepIntend renders a message for Operation, writes it down, then sends it.
	StepIntend
	// StepSend sends the message that is written down once more.
	StepSend
)

// Step is what to do next about a ticket.
type Step struct {
	Kind      StepKind
	Operation v1alpha1.Operation
	Until     time.Time
	// Ticket is what must be stored, whatever the kind.
	Ticket v1alpha1.TicketStatus
}

// Situation is all that the next step depends on.
type Situation struct {
	Ticket v1alpha1.TicketStatus
	Want   Want
	// Resolve is a person's decision about the message.
	Resolve *v1alpha1.Resolve
	// Deduplicates says that the receiver recognises a message that it has had before.
	Deduplicates bool
	// DryRun says that messages are rendered and recorded and not sent.
	DryRun bool
	// Silent says that nothing may be sent for now.
	Silent bool
	// Timeout of one request.
	Timeout time.Duration
	Now     time.Time
}

// Next decides what to do about a ticket. There is one message at a time: the next is written down only when the fate of
// the one before is settled.
func Next(s Situation) Step {
	s.Ticket = *s.Ticket.DeepCopy()
	delivery := s.Ticket.Delivery
	if delivery == nil {
		return intend(s)
	}
	if step, decided := followResolve(s); decided {
		return step
	}
	if s.Silent {
		return Step{Ticket: s.Ticket}
	}
	switch delivery.State {
	case v1alpha1.DeliverySending:
		return afterBrokenTry(s)
	case v1alpha1.DeliveryIntended, v1alpha1.DeliveryRetrying:
		return retry(s)
	case v1alpha1.DeliveryUnknown:
		return held(s)
	default:
		return intend(s)
	}
}

// intend proposes the message that brings the ticket to what is wanted.
func intend(s Situation) Step {
	operation, needed := neededOperation(s.Ticket, s.Want)
	if !needed || s.Silent || alreadySaid(s, operation) {
		return Step{Ticket: s.Ticket}
	}
	return Step{Kind: StepIntend, Operation: operation, Ticket: s.Ticket}
}

// neededOperation compares what a ticket is with what it should be.
func neededOperation(ticket v1alpha1.TicketStatus, want Want) (v1alpha1.Operation, bool) {
	switch {
	case want == WantOpen && (ticket.State == v1alpha1.TicketPending || ticket.State == ""):
		return v1alpha1.OperationCreate, true
	case want == WantOpen && (ticket.State == v1alpha1.TicketClosed || perhapsClosed(ticket)):
		return v1alpha1.OperationReopen, true
	case want == WantClosed && ticket.State == v1alpha1.TicketOpen:
		return v1alpha1.OperationClose, true
	default:
		return "", false
	}
}

// perhapsClosed is true where a close was given up that may have arrived.
func perhapsClosed(ticket v1alpha1.TicketStatus) bool {
	delivery := ticket.Delivery
	return delivery != nil && delivery.Operation == v1alpha1.OperationClose && failed(delivery.State) &&
		delivery.PossiblyReceived
}

// alreadySaid is true where the same thing was said last and failed for good, or was recorded for a dry run: saying it
// anew by itself would go on for ever.
func alreadySaid(s Situation, operation v1alpha1.Operation) bool {
	delivery := s.Ticket.Delivery
	if delivery == nil || delivery.Operation != operation {
		return false
	}
	return failed(delivery.State) || (delivery.State == v1alpha1.DeliveryDryRun && s.DryRun)
}

// failed is true for messages that ended without an answer that took them.
func failed(state v1alpha1.DeliveryState) bool {
	return state == v1alpha1.DeliveryRefused || state == v1alpha1.DeliveryGaveUp || state == v1alpha1.DeliveryAbandoned
}

// afterBrokenTry handles a status that says a message is being sent: another process is at it, or one has died. For as
// long as the request may be under way nothing is done; then its fate is unknown.
func afterBrokenTry(s Situation) Step {
	delivery := s.Ticket.Delivery
	if delivery.LastTry != nil {
		until := delivery.LastTry.Add(SendWindow + s.Timeout)
		if s.Now.Before(until) {
			return Step{Kind: StepWait, Until: until, Ticket: s.Ticket}
		}
	}
	delivery.PossiblyReceived = true
	if s.Deduplicates {
		return retry(s)
	}
	delivery.State = v1alpha1.DeliveryUnknown
	delivery.Message = "The manager stopped while the message was being sent. " + decideSentence
	return Step{Ticket: s.Ticket}
}

// retry proposes the next try when its time has come. A create that nobody can have received is dropped where there is
// nothing to open a ticket for any more.
func retry(s Situation) Step {
	delivery := s.Ticket.Delivery
	unsent := delivery.Operation == v1alpha1.OperationCreate && !delivery.PossiblyReceived
	switch {
	case unsent && s.Want == WantClosed:
		s.Ticket.Delivery = nil
		return Step{Ticket: s.Ticket}
	case unsent && s.Want == WantAsIs, s.DryRun:
		return Step{Ticket: s.Ticket}
	case delivery.NextTry != nil && s.Now.Before(delivery.NextTry.Time):
		return Step{Kind: StepWait, Until: delivery.NextTry.Time, Ticket: s.Ticket}
	default:
		return Step{Kind: StepSend, Operation: delivery.Operation, Ticket: s.Ticket}
	}
}

// held keeps a message whose fate is unknown, unless the receiver has learnt to recognise it since.
func held(s Situation) Step {
	if s.Deduplicates {
		return retry(s)
	}
	return Step{Ticket: s.Ticket}
}

// Intend writes a new message down. In a dry run it is recorded; otherwise it is marked as being sent, so that one write
// is both intent and announcement of the first try.
func Intend(ticket v1alpha1.TicketStatus, operation v1alpha1.Operation, request Request, dryRun bool, now time.Time,
) v1alpha1.TicketStatus {
	ticket = *ticket.DeepCopy()
	at := metav1.NewTime(now)
	ticket.Delivery = &v1alpha1.Delivery{
		Operation:  operation,
		Sequence:   NextSequence(ticket),
		MessageKey: request.MessageKey,
		Method:     request.Method,
		Path:       request.Path,
		Body:       request.Body,
		State:      v1alpha1.DeliveryIntended,
		IntendedAt: &at,
	}
	if dryRun {
		ticket.Delivery.State = v1alpha1.DeliveryDryRun
		ticket.Delivery.Message = "Nothing was sent: the ticket system is set to dryRun."
		return ticket
	}
	return BeginTry(ticket, now)
}

// NextSequence is the number of the next message of a ticket.
func NextSequence(ticket v1alpha1.TicketStatus) int32 {
	if ticket.Delivery == nil {
		return 1
	}
	return ticket.Delivery.Sequence + 1
}

// BeginTry marks the message as being sent. The mark must be stored before the request leaves.
func BeginTry(ticket v1alpha1.TicketStatus, now time.Time) v1alpha1.TicketStatus {
	ticket = *ticket.DeepCopy()
	at := metav1.NewTime(now)
	ticket.Delivery.State = v1alpha1.DeliverySending
	ticket.Delivery.Tries++
	ticket.Delivery.LastTry = &at
	ticket.Delivery.NextTry = nil
	return ticket
}

// InFlight is true while more is to come of the last message without a person's doing.
func InFlight(ticket v1alpha1.TicketStatus) bool {
	if ticket.Delivery == nil {
		return false
	}
	switch ticket.Delivery.State {
	case v1alpha1.DeliveryIntended, v1alpha1.DeliverySending, v1alpha1.DeliveryRetrying:
		return true
	default:
		return false
	}
}

// Done is true where nothing more will be said to close the ticket: it is closed, was never opened, or closing it has
// failed for good.
func Done(ticket v1alpha1.TicketStatus) bool {
	delivery := ticket.Delivery
	switch {
	case delivery == nil:
		return ticket.State != v1alpha1.TicketOpen
	case InFlight(ticket), delivery.State == v1alpha1.DeliveryUnknown:
		return false
	case ticket.State != v1alpha1.TicketOpen:
		return true
	default:
		return delivery.Operation == v1alpha1.OperationClose &&
			(failed(delivery.State) || delivery.State == v1alpha1.DeliveryDryRun)
	}
}

// MayBeOpen is true where somebody may have to close the ticket before the Remediation goes.
func MayBeOpen(ticket v1alpha1.TicketStatus) bool {
	if ticket.State == v1alpha1.TicketOpen {
		return true
	}
	return InFlight(ticket) || (ticket.Delivery != nil && ticket.Delivery.State == v1alpha1.DeliveryUnknown)
}
