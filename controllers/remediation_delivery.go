package controllers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// recheckRefused is how often a message that was refused or given up is looked at again.
const recheckRefused = 10 * time.Minute

// act does the next thing about the ticket of a pass.
func (r *RemediationReconciler) act(ctx context.Context, p *pass) error {
	step := ticket.Next(p.situation())
	switch step.Kind {
	case ticket.StepFind:
		return r.find(ctx, p, step)
	case ticket.StepIntend, ticket.StepSend:
		return r.say(ctx, p, step)
	case ticket.StepWait:
		p.wake = append(p.wake, step.Until)
		p.quiet = !ticket.InFlight(step.Ticket)
	case ticket.StepNone:
		// The status says all there is to say.
	}
	p.ticket, p.unsettled = step.Ticket, true
	return nil
}

// look finds out whether a message that was refused or given up may fare better now. Secrets are not watched: a token
// that was renewed is found by looking again from time to time, for as long as the message is needed.
func (r *RemediationReconciler) look(ctx context.Context, p *pass) error {
	if !ticket.AwaitsEndpoint(p.ticket) || p.ticket.Delivery.Operation != p.needed() || p.system == nil ||
		p.system.Spec.DryRun || p.observation.Silent {
		return nil
	}
	p.wake = append(p.wake, p.now.Add(recheckRefused))
	if _, err := r.Endpoints.prepare(ctx, p.system); err != nil {
		if _, notReady := asNotReady(err); notReady {
			return nil
		}
		return err
	}
	p.endpoint = r.Endpoints.versionOf(client.ObjectKeyFromObject(p.system))
	return nil
}

// versionOf tells one version of a TicketSystem and its Secrets from another; empty where it was never prepared.
func (e *Endpoints) versionOf(system types.NamespacedName) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	kept, found := e.known[system]
	if !found {
		return ""
	}
	sum := sha256.Sum256([]byte(kept.version))
	return hex.EncodeToString(sum[:8])
}

// say renders the message of a step where it is new, announces the try, sends, and stores what came of it.
func (r *RemediationReconciler) say(ctx context.Context, p *pass, step ticket.Step) error {
	dryRun := p.system.Spec.DryRun
	target, err := r.target(ctx, p, dryRun)
	if err != nil {
		return err
	}
	if p.blocked != "" {
		p.settleBlocked()
		return nil
	}
	if r.mustWait(p, step) {
		p.unsettled = true
		return nil
	}
	leave, err := r.place(p)
	if err != nil {
		return err
	}
	defer leave()
	relocated, err := r.confirm(ctx, p, step.Operation, target)
	switch {
	case err != nil:
		return err
	case relocated:
		return r.act(ctx, p)
	case p.unconfirmed != "":
		r.settleUnconfirmed(p)
		return nil
	}
	return r.tell(ctx, p, step, target)
}

// tell composes, announces and sends the message of a step, and stores what came of it.
func (r *RemediationReconciler) tell(ctx context.Context, p *pass, step ticket.Step, target *endpoint) error {
	announced, err := r.compose(ctx, p, step, target)
	if err != nil {
		return err
	}
	if delivery := p.ticket.Delivery; announced.IsZero() || delivery == nil || delivery.State != v1alpha1.DeliverySending {
		p.unsettled = true
		return nil
	}
	if err := r.settle(ctx, p); err != nil {
		return err
	}
	outcome := r.send(ctx, p, target, announced)
	return r.store(ctx, p, outcome)
}

// compose writes the message of a step into the ticket of the pass, in memory, and says when. The zero time: nothing could be
// written, and why is told.
func (r *RemediationReconciler) compose(ctx context.Context, p *pass, step ticket.Step, target *endpoint,
) (announced time.Time, err error) {
	if !r.knows(ctx, p, step, target) {
		return time.Time{}, nil
	}
	if p.ticket = step.Ticket; step.Operation != v1alpha1.OperationAssign && p.isStillUnwritten() {
		p.wake = append(p.wake, p.now.Add(ticket.AskAgain))
		return time.Time{}, nil
	}
	if target != nil {
		if err := r.hold(ctx, p); err != nil {
			return time.Time{}, err
		}
	}
	// Secrets were read and the finalizer written since the pass began.
	announced = r.Clock.Now()
	p.now = announced.UTC().Truncate(time.Second)
	if err := r.write(ctx, p, step, target == nil); err != nil {
		p.cannotSay("The message could not be written", err, recheckRefused)
		return time.Time{}, nil
	}
	if ticket.Unwritten(p.ticket) {
		p.wake = append(p.wake, p.now.Add(ticket.AskAgain))
	}
	return announced, nil
}

// knows asks what the message of a step must know, and is false where it could not be asked; why is told.
func (r *RemediationReconciler) knows(ctx context.Context, p *pass, step ticket.Step, target *endpoint) bool {
	unanswered := r.lookUp(ctx, p, step, target)
	if unanswered != nil && step.Operation == v1alpha1.OperationAssign && step.Kind == ticket.StepIntend {
		p.cannotAssign("What the assignment must know could not be asked", unanswered)
		return false
	}
	return r.asked(p, aboutStep(step), "What the "+string(step.Operation)+" must know could not be asked", unanswered)
}

// target gives what to send with. Where a TicketSystem cannot be used, the pass is blocked, with a sentence; a dry run
// needs no Secrets.
func (r *RemediationReconciler) target(ctx context.Context, p *pass, dryRun bool) (*endpoint, error) {
	if dryRun {
		return nil, nil
	}
	target, err := r.Endpoints.prepare(ctx, p.system)
	if err == nil {
		return target.during(r.visitOf(p)), nil
	}
	readiness, notReady := asNotReady(err)
	if !notReady {
		return nil, err
	}
	p.blocked = readiness.Message
	if p.system.Namespace != p.remediation.Namespace {
		// What stands in the other namespace is told there and not here.
		p.blocked = fmt.Sprintf("TicketSystem %s cannot be used now: its own conditions say why.",
			client.ObjectKeyFromObject(p.system))
	}
	return nil, nil
}

// settleBlocked writes why nothing is sent, on the ticket as it was read: what a step has decided was not done. Secrets
// are not watched, so the pass is repeated; a Remediation that is deleted waits for no Secret.
func (p *pass) settleBlocked() {
	if p.remediation.DeletionTimestamp != nil {
		p.lost = true
		return
	}
	p.wake = append(p.wake, p.now.Add(recheckSecrets))
	p.ticket, p.unsettled = ticket.Next(p.situation()).Ticket, true
}

// write writes the message of a step down: a new one, or the one that is there, as being sent once more.
func (r *RemediationReconciler) write(ctx context.Context, p *pass, step ticket.Step, dryRun bool) error {
	language, err := ticket.LanguageOf(&p.system.Spec)
	if err != nil {
		return fmt.Errorf("write a message for TicketSystem %s: %w", client.ObjectKeyFromObject(p.system), err)
	}
	endpoint := r.Endpoints.versionOf(client.ObjectKeyFromObject(p.system))
	p.ticket = step.Ticket
	p.ticket.Place = ticket.PlaceOf(&p.system.Spec)
	if step.Kind == ticket.StepIntend {
		return p.intend(ctx, language, step, endpoint, dryRun)
	}
	if p.lookup.Done {
		// An earlier try has arrived.
		p.ticket = ticket.WasSo(p.ticket, p.now)
		return nil
	}
	p.ticket = ticket.BeginTry(p.ticket, endpoint, p.now)
	return nil
}

// isStillUnwritten is true where the message was not written the last time, for the same reason as now.
func (p *pass) isStillUnwritten() bool {
	return ticket.Unwritten(p.ticket) && p.lookup.Problem != "" && p.ticket.Delivery.Message == p.lookup.Problem
}

// intend renders a new message and writes it down.
func (p *pass) intend(ctx context.Context, language ticket.Language, step ticket.Step, endpoint string, dryRun bool) error {
	content := p.content(step.Operation, step.Reason, step.Count)
	content.CauseHint, content.ReadsText = p.causeHint(ctx, language), p.readsText(language)
	if dryRun && language.LooksUp(step.Operation) {
		p.lookup.Problem = "A dry run asks nothing."
	}
	request, err := ticket.Render(ctx, language, content, ticket.NextSequence(p.ticket), p.lookup)
	if step.Operation == v1alpha1.OperationAssign && content.Assignee == "" {
		// It was to be assigned when a person decided that it should be asked for again.
		return nil
	}
	if err != nil && step.Operation == v1alpha1.OperationAssign {
		p.cannotAssign("The message that assigns the ticket could not be written", err)
		return nil
	}
	if err != nil {
		return err
	}
	p.ticket = ticket.Intend(p.ticket, ticket.Intent{
		Operation: step.Operation, Request: request, Reason: content.Reason, Count: step.Count, Shows: p.shownBy(content), Attempt: p.remediation.Status.Attempt,
		Endpoint: endpoint, Resolve: p.remediation.Spec.Resolve, DryRun: dryRun, Looked: p.lookup, Account: content.Assignee,
	}, p.now)
	return nil
}

// shownBy is the digest of the findings that a message tells of; empty for one that tells that they are gone.
func (p *pass) shownBy(content ticket.Content) string {
	if p.verdict.Gone != "" || content.Operation == v1alpha1.OperationClose || content.Operation == v1alpha1.OperationAssign {
		return ""
	}
	return p.shows()
}

// lookUp asks what the new message of a step must know.
func (r *RemediationReconciler) lookUp(ctx context.Context, p *pass, step ticket.Step, target *endpoint) (err error) {
	delivery := step.Ticket.Delivery
	if step.Kind != ticket.StepIntend && !delivery.PossiblyReceived {
		return nil
	}
	if target == nil {
		// A dry run asks nothing: what rests on a lookup is not rendered.
		return nil
	}
	about := ticket.Mention(step.Ticket)
	about.Operation, about.Assignee = step.Operation, p.account
	p.lookup, err = target.lookUp(ctx, about, r.Clock.Now())
	return err
}

// send makes one try. It leaves within the send window of the write that announced it, by a clock that does not jump,
// or not at all; a manager that is told to stop finishes it.
func (r *RemediationReconciler) send(ctx context.Context, p *pass, target *endpoint, announced time.Time) ticket.Outcome {
	outcome := ticket.Outcome{
		Fate: ticket.FateNotReceived, Message: "Nothing was sent: the manager was too slow after announcing it.",
	}
	if r.Clock.Since(announced) <= ticket.SendWindow {
		outcome = target.send(context.WithoutCancel(ctx), p.ticket, r.Clock.Now())
	}
	if r.Observer != nil {
		r.Observer.DeliveryAttempt(p.ticket.System, p.ticket.Delivery.Operation, outcome.Fate)
	}
	return outcome
}

// hold puts the finalizer on, where it is off, before a message that may open a ticket, so that the ticket is not forgotten.
func (r *RemediationReconciler) hold(ctx context.Context, p *pass) error {
	if p.remediation.DeletionTimestamp != nil ||
		controllerutil.ContainsFinalizer(p.remediation, v1alpha1.FinalizerRemediation) {
		return nil
	}
	return r.patchFinalizer(ctx, p, controllerutil.AddFinalizer)
}

// releaseWhenDone takes the finalizer off where no ticket can be open any more, nor is about to be.
func (r *RemediationReconciler) releaseWhenDone(ctx context.Context, p *pass) error {
	done := !p.anyTicket(ticket.MayBeOpen) && (p.verdict.Gone != "" || !p.anyTicket(ticket.Untold))
	if p.remediation.DeletionTimestamp != nil {
		done = !slices.ContainsFunc(p.errands, func(e *errand) bool { return !ticket.Done(e.ticket) && !e.lost || p.mustStay(e) })
	}
	if !done {
		return nil
	}
	return r.release(ctx, p)
}

// release takes the finalizer off. A ticket that is left behind open is told of: nobody else will.
func (r *RemediationReconciler) release(ctx context.Context, p *pass) error {
	if !controllerutil.ContainsFinalizer(p.remediation, v1alpha1.FinalizerRemediation) {
		return nil
	}
	if err := r.patchFinalizer(ctx, p, controllerutil.RemoveFinalizer); err != nil {
		return err
	}
	if p.remediation.DeletionTimestamp == nil {
		return nil
	}
	for _, left := range p.tickets() {
		if ticket.MayBeOpen(left) {
			ctrl.LoggerFrom(ctx).Info("Let a deleted Remediation go whose ticket may still be open",
				"system", left.System, "ticketKey", left.Key, "ticketID", left.ID)
			leftEvent(left).record(r.Events, p.remediation)
		}
	}
	return nil
}

// patchFinalizer changes the finalizers of the version that was read, and goes on with the version that comes of it.
func (r *RemediationReconciler) patchFinalizer(ctx context.Context, p *pass, change func(client.Object, string) bool) error {
	changed := p.before.DeepCopy()
	changed.ResourceVersion = p.remediation.ResourceVersion
	changed.Finalizers = p.remediation.Finalizers
	from := client.MergeFromWithOptions(changed.DeepCopy(), client.MergeFromWithOptimisticLock{})
	change(changed, v1alpha1.FinalizerRemediation)
	if err := r.Patch(ctx, changed, from); err != nil {
		return fmt.Errorf("change the finalizer of Remediation %s: %w", client.ObjectKeyFromObject(changed), err)
	}
	p.remediation.Finalizers = changed.Finalizers
	p.remediation.ResourceVersion = changed.ResourceVersion
	return nil
}
