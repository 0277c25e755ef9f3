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
	// StepFind looks for the ticket before a message that opens one is sent; see Found, Missed and NotLooked.
	StepFind
)

// Step is what to do next about a ticket.
type Step struct {
	Kind      StepKind
	Operation v1alpha1.Operation
	// Reason of the message, where it is a comment, and which of that reason it is.
	Reason Reason
	Count  int32
	Until  time.Time
	// Ticket is what must be stored, whatever the kind.
	Ticket v1alpha1.TicketStatus
}

// Situation is all that the next step depends on.
type Situation struct {
	Ticket v1alpha1.TicketStatus
	Want   Want
	// Resolve is a person's decision about the message.
	Resolve *v1alpha1.Resolve
	// Unknown says what is done about a message that may have arrived.
	Unknown v1alpha1.UnknownOutcome
	// VisibleAfter is how long after it was opened a ticket may be missing where it is looked for.
	VisibleAfter time.Duration
	// Look says that the ticket is to be looked for before it is first opened.
	Look bool
	// Comments are what must be said beside.
	Comments Comments
	// Notices are what an open ticket is to be told, the first to be said first.
	Notices []Notice
	// Assign says that the ticket is to be assigned.
	Assign bool
	// NotBefore is when something new may be said.
	NotBefore time.Time
	// Cannot says what the system cannot do.
	Cannot Cannot
	// DryRun says that messages are rendered and recorded and not sent.
	DryRun bool
	// Silent says that nothing may be sent for now.
	Silent bool
	// Timeout of one request.
	Timeout time.Duration
	// Attempt is the number of the present attempt of the Remediation.
	Attempt int32
	// Endpoint tells one version of the TicketSystem and its Secrets from another; empty where nobody has looked.
	Endpoint string
	Now      time.Time
}

// Next decides what to do about a ticket. There is one message at a time: the next is written down only when the fate of
// the one before is settled.
func Next(s Situation) Step {
	s.Ticket = *s.Ticket.DeepCopy()
	delivery := s.Ticket.Delivery
	if delivery == nil {
		return intend(s)
	}
	mendTimes(delivery, s.Now)
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
		if step, due := instead(s); due {
			return step
		}
		return retry(s)
	case v1alpha1.DeliveryUnknown:
		return afterUnknown(s)
	default:
		return intend(s)
	}
}

// instead is what is said in place of a message that assigns the ticket and has not come through: it holds nothing else up, and is
// asked for again some hours later. Arriving after all it does no harm.
func instead(s Situation) (step Step, due bool) {
	if s.Ticket.Delivery.Operation != v1alpha1.OperationAssign {
		return Step{}, false
	}
	s.Assign = false
	if step = intend(s); step.Kind != StepIntend && step.Kind != StepFind {
		return Step{}, false
	}
	assigned(&step.Ticket, "", metav1.NewTime(s.Now))
	return step, true
}

// intend proposes the message that brings the ticket to what is wanted, once its time has come.
func intend(s Situation) Step {
	if s.Silent {
		return Step{Ticket: s.Ticket}
	}
	step := propose(s)
	isNew := step.Kind == StepIntend || step.Kind == StepFind
	if isNew && s.Now.Before(s.NotBefore) {
		return Step{Kind: StepWait, Until: s.NotBefore, Ticket: s.Ticket}
	}
	return step
}

func propose(s Situation) Step {
	operation := s.possible(Needed(s.Ticket, s.Want))
	if step, due := s.beside(operation); due {
		return step
	}
	switch {
	case operation == "":
		return Step{Ticket: s.Ticket}
	case operation == v1alpha1.OperationClose && s.Cannot.Close:
		return Step{Ticket: leftOpen(s.Ticket, s.Now)}
	case looksFirst(s, operation):
		return Step{Kind: StepFind, Operation: operation, Ticket: s.Ticket}
	case worthAsking(s, operation):
		return Step{Kind: StepIntend, Operation: operation, Ticket: s.Ticket}
	case worthAnotherTry(s, operation):
		return Step{Kind: StepSend, Operation: operation, Ticket: s.Ticket}
	case alreadySaid(s, operation):
		return Step{Ticket: s.Ticket}
	default:
		return Step{Kind: StepIntend, Operation: operation, Ticket: s.Ticket}
	}
}

// beside is what is said beside an operation, or where none is needed: comments, and then to whom the ticket is assigned.
func (s Situation) beside(operation v1alpha1.Operation) (step Step, due bool) {
	if notice := s.notice(operation); notice.Reason != "" {
		return Step{
			Kind: StepIntend, Operation: v1alpha1.OperationComment, Reason: notice.Reason, Count: notice.Count, Ticket: s.Ticket,
		}, true
	}
	return Step{Kind: StepIntend, Operation: v1alpha1.OperationAssign, Reason: ReasonAssigned, Ticket: s.Ticket}, s.Assign && operation == ""
}

// Cannot says what a system has no request for.
type Cannot struct{ Close, Reopen bool }

// possible is what is done instead where a system cannot do what is needed: a ticket that cannot be reopened is opened anew.
func (s Situation) possible(operation v1alpha1.Operation) v1alpha1.Operation {
	if operation == v1alpha1.OperationReopen && s.Cannot.Reopen {
		return v1alpha1.OperationCreate
	}
	return operation
}

// leftOpen is a ticket that nobody can close: for Gemba it is done.
func leftOpen(ticket v1alpha1.TicketStatus, now time.Time) v1alpha1.TicketStatus {
	at := metav1.NewTime(now)
	ticket.State, ticket.ClosedAt = v1alpha1.TicketClosed, &at
	return ticket
}

// AskAgain is how often a message is thought of again that was not written because somebody must do something first.
const AskAgain = 10 * time.Minute

// worthAsking is true for such a message, when its time has come.
func worthAsking(s Situation, operation v1alpha1.Operation) bool {
	delivery := s.Ticket.Delivery
	return Unwritten(s.Ticket) && delivery.Operation == operation && !s.DryRun && !s.Now.Before(delivery.IntendedAt.Add(AskAgain))
}

// Unwritten is true where nothing was sent because somebody must do something first.
func Unwritten(ticket v1alpha1.TicketStatus) bool {
	delivery := ticket.Delivery
	return delivery != nil && delivery.State == v1alpha1.DeliveryRefused && delivery.Tries == 0 && delivery.Body == "" &&
		delivery.IntendedAt != nil
}

// looksFirst is true for the first message of all, where a cluster before this one may have left a ticket.
func looksFirst(s Situation, operation v1alpha1.Operation) bool {
	return operation == v1alpha1.OperationCreate && s.Look && s.Ticket.Delivery == nil && !s.DryRun
}

// Needed compares what a ticket is with what it should be, and says what brings it there; empty where nothing must. An
// abandoned ticket is opened anew, if at all: by the next attempt.
func Needed(ticket v1alpha1.TicketStatus, want Want) v1alpha1.Operation {
	switch want {
	case WantOpen:
		return neededToOpen(ticket)
	case WantClosed:
		if ticket.State == v1alpha1.TicketOpen || perhapsOpen(ticket) || notClosed(ticket) {
			return v1alpha1.OperationClose
		}
	case WantAsIs:
		// Nothing new is said.
	}
	return ""
}

// neededToOpen creates a ticket that was never known to be there, and reopens one that is closed or may be.
func neededToOpen(ticket v1alpha1.TicketStatus) v1alpha1.Operation {
	switch {
	case ticket.State == v1alpha1.TicketOpen && !perhapsClosed(ticket), LeftClosed(ticket):
		return ""
	case ticket.State == v1alpha1.TicketOpen || ticket.State == v1alpha1.TicketClosed:
		return v1alpha1.OperationReopen
	default:
		return v1alpha1.OperationCreate
	}
}

// alreadySaid is true where the same thing was said last and failed for good, in the same attempt, or was recorded for a
// dry run: saying it anew by itself would go on for ever.
func alreadySaid(s Situation, operation v1alpha1.Operation) bool {
	delivery := s.Ticket.Delivery
	switch {
	case delivery == nil || delivery.Operation != operation:
		return false
	case operation == v1alpha1.OperationCreate && delivery.State != v1alpha1.DeliveryAbandoned && doubles(s):
		return true
	case delivery.State == v1alpha1.DeliveryDryRun:
		return s.DryRun
	default:
		return failed(delivery.State) && delivery.Attempt >= s.Attempt
	}
}

// worthAnotherTry is true where the same thing was refused or given up, and the TicketSystem or one of its Secrets has
// changed since.
func worthAnotherTry(s Situation, operation v1alpha1.Operation) bool {
	delivery := s.Ticket.Delivery
	return AwaitsEndpoint(s.Ticket) && !Unwritten(s.Ticket) && delivery.Operation == operation && !s.DryRun && !doubles(s) &&
		s.Endpoint != "" && s.Endpoint != delivery.Endpoint && delivery.Attempt >= s.Attempt
}

// doubles is true where the message may have arrived and sending it again may do its work twice.
func doubles(s Situation) bool {
	return s.Ticket.Delivery.PossiblyReceived && !repeatable(s.Ticket.Delivery, s.Unknown)
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
	if repeatable(delivery, s.Unknown) {
		return retry(s)
	}
	return findOrHold(s, "The manager stopped while the message was being sent.")
}

// findOrHold looks for the ticket where that can be done, and else leaves the message to a person.
func findOrHold(s Situation, why string) Step {
	if s.Unknown == v1alpha1.UnknownSearch {
		return find(s)
	}
	return hold(s, why)
}

// hold leaves a message to a person.
func hold(s Situation, why string) Step {
	delivery := s.Ticket.Delivery
	delivery.State, delivery.NextTry = v1alpha1.DeliveryUnknown, nil
	delivery.Message = why + " " + decideSentence
	return Step{Ticket: s.Ticket}
}

// retry proposes the next try when its time has come. A create that nobody can have received is dropped where there is
// nothing to open a ticket for any more.
func retry(s Situation) Step {
	delivery := s.Ticket.Delivery
	unsent := delivery.Operation == v1alpha1.OperationCreate && !delivery.PossiblyReceived
	switch {
	case doubles(s):
		return findOrHold(s, "An earlier try may have arrived, and the ticket system removes no duplicates any more.")
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

// afterUnknown keeps a message whose fate is unknown, unless it can be looked for, or the receiver has learnt to recognise it.
func afterUnknown(s Situation) Step {
	switch {
	case repeatable(s.Ticket.Delivery, s.Unknown):
		return retry(s)
	case s.Unknown == v1alpha1.UnknownSearch:
		return find(s)
	default:
		return Step{Ticket: s.Ticket}
	}
}
