package controllers

import (
	"context"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/status"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// errand is what a pass has to do about one ticket of its Remediation.
type errand struct {
	// step of the escalation that opens the ticket; 0 where the route itself does.
	step int32
	// system is nil where it may not be used; readiness then says why.
	system    *v1alpha1.TicketSystem
	readiness status.Readiness
	ticket    v1alpha1.TicketStatus
	// blocked says in a sentence why nothing can be sent; empty where it can.
	blocked string
	// unconfirmed says in a sentence why nothing is said to the ticket that is named; empty where it is the right one.
	unconfirmed string
	// lost is true for a ticket that a Remediation which is deleted does not wait for: it is somebody else's, or nothing can be sent
	// to its system.
	lost bool
	// inLine is true where the errand has to wait for its ticket system.
	inLine bool
	// unasked says in a sentence why something could not be asked that must be known first; empty where it could.
	unasked string
	// lookup is the answer to what was asked before a message is written.
	lookup ticket.Looked
	// visit is what the errand has to do with its ticket system; nil until it is needed.
	visit *visit
	// account is whom the ticket is assigned to; empty where it is nobody. assigns is true where a message must say so now.
	account string
	assigns bool
	// quiet is true where something is to be said, and its time has not come.
	quiet bool
	// looked is true once the ticket was looked for and is not there.
	looked bool
	// endpoint tells one version of the TicketSystem and its Secrets from another; empty where nobody has looked.
	endpoint string
}

// errandsOf prepares what there may be to do about the tickets of a pass: that of its route first, then those of its escalation.
func (r *RemediationReconciler) errandsOf(ctx context.Context, p *pass) error {
	route := p.remediation.Spec.Route.TicketSystemRef
	for _, ref := range p.pace.Systems(route) {
		errand, err := r.errandFor(ctx, p, ref)
		if err != nil {
			return err
		}
		errand.step = p.pace.StepOf(ref, route)
		p.errands = append(p.errands, errand)
	}
	p.errand = p.errands[0]
	return nil
}

// dropUntaken drops errands of steps of the escalation that were never taken.
func (p *pass) dropUntaken() {
	p.errands = slices.DeleteFunc(p.errands, func(e *errand) bool {
		stored := findTicket(p.before.Status.Tickets, e.ticket.System) != nil
		return e.step > 0 && e.step > p.remediation.Status.Escalation && !stored
	})
}

// errandFor prepares what there is to do about the ticket of a pass in one system.
func (r *RemediationReconciler) errandFor(ctx context.Context, p *pass, ref v1alpha1.NamespacedReference) (*errand, error) {
	system, readiness, err := findTicketSystem(ctx, r, ref, p.remediation.Namespace)
	if err != nil {
		return nil, err
	}
	return &errand{system: system, readiness: readiness, ticket: ticketOf(p.remediation, ref, r.ClusterID)}, nil
}

// deliver does the next thing about each ticket and writes the status. At most one message a ticket leaves in a pass, and
// only after the write that announces it. A system that is busy holds up the tickets of no other.
func (r *RemediationReconciler) deliver(ctx context.Context, p *pass) error {
	for _, p.errand = range p.errands {
		err := r.runErrand(ctx, p)
		until, busy := busyUntil(err)
		if err != nil && !busy {
			return err
		}
		if busy {
			p.waitInLine(until)
		}
	}
	if p.unsettled || !p.busyUntil.IsZero() && p.isWorthWriting() {
		if err := r.settle(ctx, p); err != nil {
			return err
		}
	}
	return r.releaseWhenDone(ctx, p)
}

// waitInLine notes that the errand has to wait for its ticket system.
func (p *pass) waitInLine(until time.Time) {
	p.inLine = true
	if p.busyUntil.IsZero() || until.Before(p.busyUntil) {
		p.busyUntil = until
	}
}

// isWorthWriting is true where a pass that has to wait for a ticket system writes what else is new: one that is down holds up no
// verdict. That a message waits is written nowhere, because thousands may. But an escalation counts from when the attempt began.
func (p *pass) isWorthWriting() bool {
	return p.shownDelivered() != nil || len(p.remediation.Spec.Route.Escalate) > 0
}

// runErrand does the next thing about one ticket.
func (r *RemediationReconciler) runErrand(ctx context.Context, p *pass) error {
	if err := r.look(ctx, p); err != nil {
		return err
	}
	done, err := r.vet(ctx, p)
	if err != nil {
		return err
	}
	defer done()
	leave, err := r.read(ctx, p)
	if err != nil {
		return err
	}
	defer leave()
	if p.unconfirmed != "" {
		r.settleUnconfirmed(p)
		return nil
	}
	p.assign(ctx)
	return r.act(ctx, p)
}

// settle writes a status that announces nothing.
func (r *RemediationReconciler) settle(ctx context.Context, p *pass) error {
	p.publish()
	written, err := status.Write(ctx, r.Client, p.remediation, p.before)
	if err != nil {
		return err
	}
	p.unsettled = false
	if written {
		r.announce(p)
	}
	return nil
}

// publishTickets writes the tickets into the status, those of the errands first.
func (p *pass) publishTickets() {
	current := &p.remediation.Status
	tickets := p.tickets()
	for i := range current.Tickets {
		if findTicket(tickets, current.Tickets[i].System) == nil {
			tickets = append(tickets, current.Tickets[i])
		}
	}
	current.Tickets = tickets
}

// tickets are those of the pass, the first that of its route.
func (p *pass) tickets() []v1alpha1.TicketStatus {
	tickets := make([]v1alpha1.TicketStatus, 0, len(p.errands))
	for _, errand := range p.errands {
		tickets = append(tickets, errand.ticket)
	}
	return tickets
}

// anyTicket is true where one of the tickets of a pass is so.
func (p *pass) anyTicket(is func(v1alpha1.TicketStatus) bool) bool {
	return slices.ContainsFunc(p.tickets(), is)
}

// delivered says whether messages arrive, of all tickets by the one that is worst off.
func (p *pass) delivered() metav1.Condition {
	var worst metav1.Condition
	shown := p.shownDelivered()
	if shown != nil && slices.ContainsFunc(p.errands, func(e *errand) bool { return e.inLine }) {
		// Nobody has tried since.
		return *shown
	}
	for _, errand := range p.errands {
		if condition := p.deliveredOf(errand); worst.Type == "" || troubleOf(condition) > troubleOf(worst) {
			worst = condition
		}
	}
	return worst
}

// shownDelivered is what is said of deliveries so far; nil where nothing is.
func (p *pass) shownDelivered() *metav1.Condition {
	return status.Find(p.before.Status.Conditions, v1alpha1.ConditionDelivered)
}

// troubleOf orders conditions by how much somebody must do about them.
func troubleOf(condition metav1.Condition) int {
	return slices.Index([]metav1.ConditionStatus{metav1.ConditionTrue, metav1.ConditionUnknown, metav1.ConditionFalse}, condition.Status)
}
