package controllers

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/status"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// pass is one look at a Remediation: what was gathered, and what was decided.
type pass struct {
	now         time.Time
	before      *v1alpha1.Remediation
	remediation *v1alpha1.Remediation
	// subject is nil where it is gone, and for a group.
	subject *governance.Subject
	// members are the subjects of the findings that stand, of a group.
	members []*governance.Subject
	// errands are about the tickets, the first about that of the route. The one that is run is embedded.
	*errand
	errands     []*errand
	observation ticket.Observation
	verdict     ticket.Verdict
	pace        ticket.Pace
	// busyUntil is when a ticket system can be talked to that the pass has to wait for; zero where there is none.
	busyUntil time.Time
	// unsettled is true where a ticket has changed and nothing of it was written yet.
	unsettled bool
	clusterID string
	// grace is how long a deleted Remediation waits for its ticket to be closed.
	grace time.Duration
	// wake lists when the pass must be repeated.
	wake []time.Time
}

// ticketOf gives the ticket of a Remediation in a system, a new one where it has none. Its keys are computed and never
// read: whoever may write the status must not speak for other tickets.
func ticketOf(remediation *v1alpha1.Remediation, ref v1alpha1.NamespacedReference, clusterID string,
) v1alpha1.TicketStatus {
	system := ticket.SystemName(ref)
	of := v1alpha1.TicketStatus{System: system, State: v1alpha1.TicketPending}
	if known := findTicket(remediation.Status.Tickets, system); known != nil {
		of = *known.DeepCopy()
	}
	identity := ticket.IdentityOf(remediation)
	of.Key, of.SubjectKey = ticket.Key(clusterID, identity, system), ticket.SubjectKey(clusterID, identity, system)
	return of
}

func findTicket(tickets []v1alpha1.TicketStatus, system string) *v1alpha1.TicketStatus {
	for i := range tickets {
		if tickets[i].System == system {
			return &tickets[i]
		}
	}
	return nil
}

// judge decides where the finding stands.
func (p *pass) judge() {
	p.verdict = ticket.Judge(p.remediation, p.observation, p.now)
	if p.verdict.Relapsed || p.verdict.Verified {
		// What people did in an attempt is a matter of that attempt.
		for _, errand := range p.errands {
			errand.ticket.ClosedOutside, errand.ticket.Declined = 0, false
		}
	}
	if p.verdict.Gone == "" && !p.observation.Muted {
		p.wakeAt(p.pace.Climb(&p.remediation.Status, p.tickets(), p.now))
	}
	if p.verdict.Gone != "" && !p.verdict.Verified {
		p.wake = append(p.wake, p.verdict.VerifiedAt)
	}
	if p.verdict.AwaitsCause {
		p.wake = append(p.wake, p.verdict.CauseBy)
	}
}

// want is what the ticket should be. Deleting a Remediation closes its ticket whatever the finding does.
func (p *pass) want() ticket.Want { return p.wantOf(p.errand) }

func (p *pass) wantOf(e *errand) ticket.Want {
	want := p.verdict.Want()
	switch {
	case p.remediation.DeletionTimestamp != nil:
		return ticket.WantClosed
	case want == ticket.WantOpen && p.observation.Muted && e.ticket.State != v1alpha1.TicketOpen:
		return ticket.WantAsIs
	case want == ticket.WantOpen && e.step > p.remediation.Status.Escalation:
		// An earlier attempt came as far as this.
		return ticket.WantAsIs
	default:
		return want
	}
}

// situation is what the next step depends on.
func (p *pass) situation() ticket.Situation {
	situation := ticket.Situation{
		Ticket: p.ticket, Want: p.want(), Resolve: p.remediation.Spec.Resolve,
		Silent:  p.observation.Silent || p.system == nil || p.blocked != "" || p.unconfirmed != "",
		Attempt: p.remediation.Status.Attempt, Endpoint: p.endpoint, Now: p.now,
		Notices: p.notices(), NotBefore: p.notBefore(), Assign: p.assigns,
	}
	if p.system == nil {
		return situation
	}
	situation.Unknown = ticket.UnknownOutcomeOf(&p.system.Spec)
	if language, err := ticket.LanguageOf(&p.system.Spec); err == nil {
		situation.VisibleAfter = language.VisibleAfter()
		situation.Look = language.CanSearch() && !p.looked
		situation.Comments = p.comments(language)
		situation.Cannot = ticket.Cannot{
			Close: !language.Knows(v1alpha1.OperationClose), Reopen: !language.Knows(v1alpha1.OperationReopen),
		}
	}
	situation.DryRun = p.system.Spec.DryRun
	situation.Timeout = timeoutOf(&p.system.Spec.Endpoint)
	return situation
}

// notices are what the ticket of the errand is to be told while its finding stands.
func (p *pass) notices() []ticket.Notice {
	if p.verdict.Gone != "" || p.observation.Muted || p.remediation.DeletionTimestamp != nil {
		return nil
	}
	due, next := p.pace.Notices(ticket.Standing{
		Ticket: p.ticket, Attempt: p.remediation.Status.Attempt, Escalation: p.remediation.Status.Escalation, Step: p.step,
		Shows: p.shows(), Severity: p.finding().Severity, Since: p.since(), Now: p.now,
	})
	p.wakeAt(next)
	return due
}

// shows is a digest of the findings as they stand.
func (p *pass) shows() string { return ticket.Shows(p.remediation.Status.Findings) }

// notBefore is when something new may be said about the ticket of the errand.
func (p *pass) notBefore() time.Time {
	current := &p.remediation.Status
	if p.remediation.DeletionTimestamp != nil || current.AttemptSince == nil {
		return p.now
	}
	since := current.AttemptSince.Time
	if p.step > 0 {
		// What is escalated was gathered long ago.
		since = time.Time{}
	}
	return p.pace.NotBefore(p.ticket, p.finding().Severity, since, p.now)
}

// since is when the attempt began.
func (p *pass) since() time.Time {
	if at := p.remediation.Status.AttemptSince; at != nil {
		return at.Time
	}
	return p.now
}

// finding is the one that the Remediation is for, as it was last seen.
func (p *pass) finding() v1alpha1.Finding {
	if findings := p.remediation.Status.Findings; len(findings) > 0 {
		return findings[0].Finding
	}
	return unseenFinding(p.remediation)
}

// severity is that of a finding, or what the escalation raises it to.
func (p *pass) severity(of v1alpha1.Finding) v1alpha1.Severity {
	return p.pace.Severity(of.Severity, p.remediation.Status.Escalation)
}

// comments are what must be said beside a close or a reopening whose request tells nothing.
func (p *pass) comments(language ticket.Language) ticket.Comments {
	// A system that can be searched names its tickets: what is said about one that has no name yet would go nowhere.
	hasName := p.ticket.ID != "" || !language.CanSearch()
	comments := ticket.Comments{Known: language.Knows(v1alpha1.OperationComment) && hasName}
	if p.verdict.AwaitsCause {
		comments.Waiting = ticket.ReasonRecovered
	}
	if p.ticket.Declined && p.verdict.Gone == "" {
		comments.Declined = ticket.ReasonDeclined
	}
	if !language.CarriesText(v1alpha1.OperationClose) {
		comments.Closing = p.closing()
	}
	if !language.CarriesText(v1alpha1.OperationReopen) {
		comments.Reopened = p.reopening()
	}
	return comments
}

// needed is what must be said to bring the ticket to what is wanted; empty where nothing must.
func (p *pass) needed() v1alpha1.Operation { return ticket.Needed(p.ticket, p.want()) }

// publish writes all that was decided into the status of the Remediation, in memory.
func (p *pass) publish() {
	current := &p.remediation.Status
	generation := p.remediation.Generation
	current.ObservedGeneration = generation
	p.publishTickets()
	p.publishState()
	status.SetReady(&current.Conditions, p.ready(), generation, p.now)
	status.Set(&current.Conditions, ticket.RecoveredCondition(p.verdict), generation, p.now)
	status.Set(&current.Conditions, ticket.VerifiedCondition(p.verdict, p.tickets()...), generation, p.now)
	status.Set(&current.Conditions, p.delivered(), generation, p.now)
}

func (p *pass) publishState() {
	current := &p.remediation.Status
	current.State = ticket.StateOf(p.verdict, p.tickets()...)
	switch {
	case current.State != v1alpha1.RemediationClosed:
		current.ClosedAt, current.Cause = nil, ""
	case current.ClosedAt == nil:
		at := metav1.NewTime(p.now)
		current.ClosedAt, current.Cause = &at, ticket.CauseOf(p.remediation)
	default:
		current.Cause = ticket.CauseOf(p.remediation)
	}
}

// ready says whether the ticket systems of the pass can be used, by the first that cannot.
func (p *pass) ready() status.Readiness {
	for _, errand := range p.errands {
		if errand.system == nil {
			return errand.readiness
		}
	}
	return p.errands[0].readiness
}

// deliveredOf says whether the messages of an errand arrive. What keeps the next one from being sent at all is said first.
func (p *pass) deliveredOf(e *errand) metav1.Condition {
	waiting := p.waits(e)
	shown := p.shownDelivered()
	switch {
	case e.quiet && shown != nil && len(p.errands) == 1:
		// Nobody has tried since: what held the message up may still do so.
		return *shown
	case e.unasked != "":
		return ticket.RetryingCondition(e.unasked)
	case e.unconfirmed != "":
		return ticket.UnconfirmedCondition(e.unconfirmed)
	case e.blocked != "" && waiting:
		return ticket.NotConfiguredCondition(e.blocked)
	case e.system == nil && waiting:
		return ticket.NotConfiguredCondition(e.readiness.Message)
	default:
		return ticket.DeliveredCondition(e.ticket)
	}
}

// waits is true where there is something to say about the ticket of an errand, or on its way.
func (p *pass) waits(e *errand) bool {
	want := p.wantOf(e)
	return ticket.InFlight(e.ticket) || want == ticket.WantOpen && e.ticket.State != v1alpha1.TicketOpen ||
		want == ticket.WantClosed && e.ticket.State == v1alpha1.TicketOpen
}

// mayGo is true for a Remediation that is deleted and has nothing to wait for: its ticket is closed or was never open,
// nobody may send, only a person could go on, or it has waited for long enough.
func (p *pass) mayGo() bool {
	if !controllerutil.ContainsFinalizer(p.remediation, v1alpha1.FinalizerRemediation) {
		return true
	}
	expires := p.remediation.DeletionTimestamp.Add(p.grace)
	if !p.now.Before(expires) {
		return true
	}
	p.wake = append(p.wake, expires)
	return p.observation.Silent || !slices.ContainsFunc(p.errands, func(e *errand) bool { return e.holdsUp() || p.mustStay(e) })
}

// mustStay is true for a Remediation that is deleted while its finding stands, for as long as the ticket of an errand may be
// missing where it is looked for. The one that is opened in its place would look, and open another ticket.
func (p *pass) mustStay(e *errand) bool {
	closed := e.ticket.ClosedAt
	if p.remediation.DeletionTimestamp == nil || p.observation.Gone != "" || closed == nil || e.system == nil {
		return false
	}
	language, err := ticket.LanguageOf(&e.system.Spec)
	if err != nil || !language.CanSearch() {
		return false
	}
	until := closed.Add(language.VisibleAfter())
	if !p.now.Before(until) {
		return false
	}
	p.wake = append(p.wake, until)
	return true
}

// holdsUp is true for an errand that a Remediation which is deleted waits for.
func (e *errand) holdsUp() bool {
	unknown := e.ticket.Delivery != nil && e.ticket.Delivery.State == v1alpha1.DeliveryUnknown && e.isHeld()
	return !ticket.Done(e.ticket) && e.system != nil && !unknown
}

// cannotSay notes in a sentence why a message could not be made, and comes back later.
func (p *pass) cannotSay(what string, err error, after time.Duration) {
	p.unasked = sentence(what, err)
	p.wake = append(p.wake, p.now.Add(after))
}

// isHeld is true where the fate of a message that is unknown stays so until a person decides.
func (e *errand) isHeld() bool {
	return e.system == nil || ticket.UnknownOutcomeOf(&e.system.Spec) == v1alpha1.UnknownHold
}

// wakeAt has the pass repeated at a time, which may be zero.
func (p *pass) wakeAt(at time.Time) {
	if !at.IsZero() {
		p.wake = append(p.wake, at)
	}
}

// soonest is when the pass must be repeated; zero where only a change can make a difference.
func (p *pass) soonest() time.Time {
	if len(p.wake) == 0 {
		return time.Time{}
	}
	return slices.MinFunc(p.wake, time.Time.Compare)
}
