package controllers

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/internal/ticket"
)

// questions remember what a message must know first and could not be asked. The pause before it is asked again grows as that
// of a message does, and is cut short by a change of the TicketSystem or one of its Secrets. It is not written down, because
// that would be a write for each try; after a restart it begins anew. The zero value remembers nothing; safe for concurrent
// use.
type questions struct {
	mu   sync.Mutex
	open map[types.NamespacedName]map[string]question
}

// question is one that was asked in vain.
type question struct {
	// about tells it from another one about the same ticket.
	about string
	// endpoint is what it was asked with.
	endpoint string
	tries    int32
	// until is when it is asked again, and why says in a sentence why that is needed.
	until time.Time
	why   string
}

// aboutOwner is the question whose ticket it is.
const aboutOwner = "owner"

// aboutStep is the question of a step.
func aboutStep(step ticket.Step) string { return fmt.Sprint(step.Kind, " ", step.Operation) }

// is true for a question that was asked with the same.
func (q question) is(about, endpoint string) bool { return q.about == about && q.endpoint == endpoint }

func (q *questions) get(by types.NamespacedName, system string) question {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.open[by][system]
}

func (q *questions) put(by types.NamespacedName, system string, asked question) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.open == nil {
		q.open = map[types.NamespacedName]map[string]question{}
	}
	if q.open[by] == nil {
		q.open[by] = map[string]question{}
	}
	q.open[by][system] = asked
}

// answered drops the question about one ticket of a Remediation.
func (q *questions) answered(by types.NamespacedName, system string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if delete(q.open[by], system); len(q.open[by]) == 0 {
		delete(q.open, by)
	}
}

// forget drops what is remembered of a Remediation that is gone.
func (q *questions) forget(by types.NamespacedName) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.open, by)
}

// asked takes in whether a question was answered. Where it was not, the pass says why, and comes back.
func (r *RemediationReconciler) asked(p *pass, about, what string, failed error) (answered bool) {
	by, system := client.ObjectKeyFromObject(p.remediation), p.ticket.System
	if failed == nil {
		r.questions.answered(by, system)
		return true
	}
	endpoint := r.Endpoints.versionOf(client.ObjectKeyFromObject(p.system))
	last := r.questions.get(by, system)
	if !last.is(about, endpoint) {
		last = question{about: about, endpoint: endpoint}
	}
	last.tries++
	pause := ticket.Backoff(p.ticket.Key, last.tries)
	var refused *askedError
	if errors.As(failed, &refused) {
		pause = max(pause, refused.retryAfter)
	}
	last.until, last.why = p.now.Add(pause), sentence(what, failed)
	r.questions.put(by, system, last)
	r.remind(p, last)
	return false
}

// mustWait is true where the question of a step was asked in vain and its time has not come again; the pass says why. A
// message whose fate is unknown has its own pauses, which are written down.
func (r *RemediationReconciler) mustWait(p *pass, step ticket.Step) bool {
	if step.Kind == ticket.StepFind && step.Ticket.Delivery != nil {
		return false
	}
	return r.mustWaitFor(p, aboutStep(step))
}

// mustWaitFor is the same of any question.
func (r *RemediationReconciler) mustWaitFor(p *pass, about string) bool {
	last := r.questions.get(client.ObjectKeyFromObject(p.remediation), p.ticket.System)
	endpoint := r.Endpoints.versionOf(client.ObjectKeyFromObject(p.system))
	if !last.is(about, endpoint) || !p.now.Before(last.until) {
		return false
	}
	r.remind(p, last)
	return true
}

// remind notes in a sentence what could not be asked, and comes back for it, and before that for a Secret that was renewed:
// Secrets are not watched.
func (r *RemediationReconciler) remind(p *pass, open question) {
	p.unasked = open.why
	p.wake = append(p.wake, open.until, p.now.Add(recheckRefused))
}
