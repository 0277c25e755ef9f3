package controllers

import (
	"context"
	"errors"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/kpi"
	"github.com/gemba-dev/gemba/internal/ticket"
)

const defaultReadEvery = 10 * time.Minute

// readEvery is how often the state of an open ticket is read; zero: never.
func readEvery(system *v1alpha1.TicketSystem) time.Duration {
	if system.Spec.ReadEvery == "" {
		return defaultReadEvery
	}
	every, err := time.ParseDuration(string(system.Spec.ReadEvery))
	if err != nil {
		return defaultReadEvery
	}
	return every
}

// readings remember when the state of the ticket of each Remediation was last read. The zero value remembers nothing; safe
// for concurrent use. It is not written down, because that would be a write for each reading.
type readings struct {
	mu   sync.Mutex
	last map[types.NamespacedName]map[string]time.Time
}

// due is when the state of the ticket of a Remediation in a system is to be read next. After a start the first readings are spread.
func (r *readings) due(key types.NamespacedName, system string, every time.Duration, now time.Time) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	last, known := r.last[key][system]
	if !known {
		last = now.Add(kpi.Offset(key.String(), every).Truncate(time.Second) - every)
		r.note(key, system, last)
	}
	return last.Add(every)
}

func (r *readings) done(key types.NamespacedName, system string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.note(key, system, now)
}

func (r *readings) note(key types.NamespacedName, system string, at time.Time) {
	if r.last == nil {
		r.last = map[types.NamespacedName]map[string]time.Time{}
	}
	if r.last[key] == nil {
		r.last[key] = map[string]time.Time{}
	}
	r.last[key][system] = at
}

func (r *readings) forget(key types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.last, key)
}

// read asks what became of an open ticket, when its time has come. What cannot be asked now is asked the next time. The place
// at the ticket system is for the rest of the pass.
func (r *RemediationReconciler) read(ctx context.Context, p *pass) (leave func(), err error) {
	nothing := func() {}
	if !p.readable() {
		return nothing, nil
	}
	every, key := readEvery(p.system), client.ObjectKeyFromObject(p.remediation)
	due := r.readings.due(key, p.ticket.System, every, p.now)
	if p.now.Before(due) && !p.asksForCause() {
		p.wake = append(p.wake, due)
		return nothing, nil
	}
	p.wake = append(p.wake, p.now.Add(every))
	target, err := r.target(ctx, p, false)
	if err != nil || target == nil {
		// Why nothing can be asked is said where something must be.
		p.blocked = ""
		return nothing, err
	}
	leave, err = r.placeToRead(p)
	if until, busy := busyUntil(err); busy {
		p.wake = append(p.wake, until)
		return nothing, nil
	}
	r.readings.done(key, p.ticket.System, p.now)
	if err := r.take(ctx, p, target); err != nil {
		leave()
		return nil, err
	}
	return leave, nil
}

// take reads the ticket of a pass and takes what is said of it, where it is the right one.
func (r *RemediationReconciler) take(ctx context.Context, p *pass, target *endpoint) error {
	if ticket.Moved(p.ticket, ticket.PlaceOf(&p.system.Spec)) {
		if !target.language.Confirms() && !target.language.CanSearch() {
			// What stands under its id there may be another.
			return nil
		}
		_, err := r.relocate(ctx, p, target)
		if p.unasked != "" {
			// As any other reading that was not answered it is tried again, and until then nothing is said of it.
			p.unasked, p.unconfirmed = "", ""
		}
		return err
	}
	// An answer that the ticket is not there says nothing for certain: a proxy says so as well, and a project that was renamed.
	if known, err := target.read(ctx, p.ticket, r.Clock.Now()); err == nil && r.isOwn(p, known) {
		p.learn(known)
	}
	return nil
}

// learn takes what a reading says of the ticket of a pass.
func (p *pass) learn(known ticket.Known) {
	if p.isDone() {
		p.ticket = ticket.ReadAnswers(p.ticket, known)
	} else {
		p.ticket = ticket.Read(p.ticket, known, p.verdict.Gone == "", p.now)
	}
	p.verdict = p.verdict.Answered(p.ticket)
}

// mayAsk is true where the ticket system of a pass may be asked something.
func (p *pass) mayAsk() bool {
	return p.system != nil && !p.system.Spec.DryRun && !p.observation.Silent
}

// readable is true where it is of use to know what became of the ticket.
func (p *pass) readable() bool {
	if !p.mayAsk() || p.unconfirmed != "" || p.remediation.DeletionTimestamp != nil || readEvery(p.system) == 0 {
		return false
	}
	language, err := ticket.LanguageOf(&p.system.Spec)
	if err != nil || !language.CanRead() {
		return false
	}
	return ticket.Readable(p.ticket) || p.awaitsAnswer(language)
}

// isDone is true where nothing is left to do about the ticket of a pass.
func (p *pass) isDone() bool {
	return p.remediation.Status.State == v1alpha1.RemediationClosed && p.verdict.Gone != ""
}

// awaitsAnswer is true where who has closed a ticket may still name its cause there, or write down what was learned.
func (p *pass) awaitsAnswer(language ticket.Language) bool {
	if p.isDone() && ticket.Moved(p.ticket, ticket.PlaceOf(&p.system.Spec)) {
		return false
	}
	return p.verdict.AwaitsCause && language.ReadsCause() && ticket.Answerable(p.ticket) ||
		language.ReadsText() && ticket.AwaitsLesson(p.remediation, p.ticket, p.now)
}

// errNotRead says that a type cannot be asked for tickets, or not for this one.
var errNotRead = errors.New("the ticket cannot be asked for")

// read asks for a ticket.
func (e *endpoint) read(ctx context.Context, about v1alpha1.TicketStatus, now time.Time) (ticket.Known, error) {
	message := ticket.Mention(about)
	asked, can, err := e.language.Reading(ctx, message)
	if err != nil || !can {
		return ticket.Known{}, errNotRead
	}
	reply, err := e.ask(ctx, asked, now)
	if err != nil {
		return ticket.Known{}, err
	}
	return e.language.Read(ctx, message, reply), nil
}
