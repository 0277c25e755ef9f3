package controllers

import (
	"context"
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
	last map[types.NamespacedName]time.Time
}

// due is when the state of a ticket is to be read next. After a start the first readings are spread.
func (r *readings) due(key types.NamespacedName, every time.Duration, now time.Time) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last == nil {
		r.last = map[types.NamespacedName]time.Time{}
	}
	last, known := r.last[key]
	if !known {
		last = now.Add(kpi.Offset(key.String(), every).Truncate(time.Second) - every)
		r.last[key] = last
	}
	return last.Add(every)
}

func (r *readings) done(key types.NamespacedName, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last[key] = now
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
	due := r.readings.due(key, every, p.now)
	if p.now.Before(due) {
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
	if leave, err = r.place(p); err != nil {
		return nil, err
	}
	r.readings.done(key, p.now)
	if known, read := target.read(ctx, p.ticket, r.Clock.Now()); read {
		p.ticket = ticket.Read(p.ticket, known, p.verdict.Gone == "", p.now)
	}
	return leave, nil
}

// readable is true where it is of use to know what became of the ticket.
func (p *pass) readable() bool {
	if p.system == nil || p.system.Spec.DryRun || p.observation.Silent || p.remediation.DeletionTimestamp != nil {
		return false
	}
	language, err := ticket.LanguageOf(&p.system.Spec)
	return err == nil && language.CanRead() && readEvery(p.system) > 0 && ticket.Readable(p.ticket)
}

// read asks for the state of a ticket; read is false where that is not known. An answer that the ticket is not there says nothing
// for certain: a proxy says so as well, and a project that was renamed.
func (e *endpoint) read(ctx context.Context, about v1alpha1.TicketStatus, now time.Time) (known ticket.Known, read bool) {
	message := ticket.Mention(about)
	asked, can, err := e.language.Reading(ctx, message)
	if err != nil || !can {
		return ticket.Known{}, false
	}
	reply, err := e.ask(ctx, asked, now)
	if err != nil {
		return ticket.Known{}, false
	}
	return e.language.Read(ctx, message, reply), true
}
