package ticket

import (
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
	"github.com/gemba-dev/gemba/internal/governance"
)

// defaultMaxRepeats is used where a route says nothing.
const defaultMaxRepeats = 3

// Pace is when and how often something is said about a finding that stands.
type Pace struct {
	// GroupWait is how long a finding has stood before its ticket is opened, and how long changes are gathered.
	GroupWait time.Duration
	// RepeatEvery is how often people are reminded; zero: never. MaxRepeats is how often at most.
	RepeatEvery time.Duration
	MaxRepeats  int32
	steps       []v1alpha1.Escalation
	active      cadence.ActiveTimes
}

// PaceOf understands the pace of a route. What is not understood, which the schema and the condition Ready of the policy rule
// out, holds nothing up.
func PaceOf(declared *v1alpha1.Pace) Pace {
	pace := Pace{
		GroupWait: lasting(declared.GroupWait), RepeatEvery: lasting(declared.RepeatEvery), MaxRepeats: declared.MaxRepeats,
		steps: declared.Escalate,
	}
	if pace.MaxRepeats == 0 {
		pace.MaxRepeats = defaultMaxRepeats
	}
	if active, err := governance.ActiveTimes(declared.ActiveTimes); err == nil {
		pace.active = active
	}
	return pace
}

func lasting(declared v1alpha1.Duration) time.Duration {
	lasts, err := time.ParseDuration(string(declared))
	if err != nil {
		return 0
	}
	return max(lasts, 0)
}

// Climb takes the steps of the escalation that are due, and says when the next one is; zero where none is. As many steps at
// least are taken as tickets were closed again by somebody. A step that was taken is not taken back in the same attempt.
func (p Pace) Climb(status *v1alpha1.RemediationStatus, tickets []v1alpha1.TicketStatus, now time.Time) (next time.Time) {
	if status.AttemptSince == nil {
		return time.Time{}
	}
	status.Escalation = min(max(status.Escalation, closedAgain(tickets), 0), int32(len(p.steps))) //nolint:gosec // the schema allows 3
	for _, step := range p.steps[status.Escalation:] {
		due := status.AttemptSince.Add(lasting(step.After))
		if now.Before(due) {
			return due
		}
		status.Escalation++
	}
	return time.Time{}
}

func closedAgain(tickets []v1alpha1.TicketStatus) (count int32) {
	for _, ticket := range tickets {
		if LeftClosed(ticket) {
			count++
		}
	}
	return count
}

// Severity is what tickets show: that of the finding, or what the steps of the escalation raise it to.
func (p Pace) Severity(own v1alpha1.Severity, taken int32) v1alpha1.Severity {
	for _, step := range p.steps[:min(max(int(taken), 0), len(p.steps))] {
		if step.Severity != "" && governance.AtLeast(step.Severity, own) {
			own = step.Severity
		}
	}
	return own
}

// StepOf is the step of the escalation by which a ticket in a system is opened, from 1; 0 for the system of the route itself, and
// for one that no step names.
func (p Pace) StepOf(system, route v1alpha1.NamespacedReference) int32 {
	if system == route {
		return 0
	}
	for i, one := range p.steps {
		if one.TicketSystemRef != nil && *one.TicketSystemRef == system {
			return int32(i + 1) //nolint:gosec // the schema allows 3
		}
	}
	return 0
}

// Systems are those of a route and of its escalation, each once.
func (p Pace) Systems(route v1alpha1.NamespacedReference) []v1alpha1.NamespacedReference {
	systems := []v1alpha1.NamespacedReference{route}
	for i, step := range p.steps {
		if step.TicketSystemRef == nil {
			continue
		}
		if int(p.StepOf(*step.TicketSystemRef, route)) == i+1 {
			systems = append(systems, *step.TicketSystemRef)
		}
	}
	return systems
}

// NotBefore is when something new may be said about a ticket: once its finding has stood for groupWait, where the ticket is not
// open yet, and within the active times. A Critical finding waits for nothing.
func (p Pace) NotBefore(ticket v1alpha1.TicketStatus, severity v1alpha1.Severity, since, now time.Time) time.Time {
	if severity == v1alpha1.SeverityCritical {
		return now
	}
	earliest := now
	if gathered := since.Add(p.GroupWait); ticket.State == v1alpha1.TicketPending && ticket.Delivery == nil && gathered.After(now) {
		earliest = gathered
	}
	return p.active.Next(earliest)
}

// Notice is a comment that is due on an open ticket whose finding stands.
type Notice struct {
	Reason Reason
	// Count tells one from the next of the same reason in an attempt; 0 where each is like the other.
	Count int32
}

// Standing is what the notices of a ticket depend on.
type Standing struct {
	Ticket v1alpha1.TicketStatus
	// Attempt of the Remediation, and how many steps of the escalation it has taken.
	Attempt, Escalation int32
	// Step is the step of the escalation that has opened the ticket; 0 where the route itself did.
	Step int32
	// Shows is the digest of what stands now, and Severity that of the gravest of it.
	Shows    string
	Severity v1alpha1.Severity
	// Since is when the attempt began.
	Since time.Time
	Now   time.Time
}

// Notices are due on an open ticket, the first to be said first, and when the next will be; zero where none will. Each shows what
// stands, so that the last is not needed after another.
func (p Pace) Notices(s Standing) (due []Notice, next time.Time) {
	if !isOpenSince(s.Ticket) {
		return nil, time.Time{}
	}
	if s.Escalation > s.Step && !hasSaid(s.Ticket, Notice{ReasonEscalated, s.Escalation}, s.Attempt) {
		due = append(due, Notice{ReasonEscalated, s.Escalation})
	}
	reminder, next := p.reminder(s)
	if reminder.Count > 0 && !hasSaid(s.Ticket, reminder, s.Attempt) {
		due = append(due, reminder)
	}
	if s.Ticket.Shows == "" || s.Ticket.Shows == s.Shows {
		return due, next
	}
	gathered := lastTold(s.Ticket).Add(p.GroupWait)
	if s.Severity != v1alpha1.SeverityCritical && s.Now.Before(gathered) {
		return due, earlier(next, gathered)
	}
	return append(due, Notice{Reason: ReasonUpdated}), next
}

func isOpenSince(ticket v1alpha1.TicketStatus) bool {
	return ticket.State == v1alpha1.TicketOpen && ticket.OpenedAt != nil
}

// reminder is the one whose time has come last; its count is 0 where none has. next is the time of the one after.
func (p Pace) reminder(s Standing) (last Notice, next time.Time) {
	if p.RepeatEvery <= 0 {
		return Notice{}, time.Time{}
	}
	since := s.Ticket.OpenedAt.Time
	if s.Since.After(since) {
		since = s.Since
	}
	passed := int64(s.Now.Sub(since) / p.RepeatEvery)
	if passed >= int64(p.MaxRepeats) {
		return Notice{ReasonReminded, p.MaxRepeats}, time.Time{}
	}
	next = since.Add(time.Duration(passed+1) * p.RepeatEvery)
	return Notice{ReasonReminded, int32(max(passed, 0))}, next //nolint:gosec // less than maxRepeats
}

// lastTold is when an open ticket was last told what stands.
func lastTold(ticket v1alpha1.TicketStatus) time.Time {
	last := ticket.OpenedAt.Time
	for _, said := range ticket.Said {
		if said.At.After(last) {
			last = said.At.Time
		}
	}
	return last
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}
