package controllers_test

import (
	"errors"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// kind is what an effect does to the outside.
type kind string

const (
	// Writes to the API server.
	opening    kind = "the Remediation is created"
	holding    kind = "the finalizer is put on"
	releasing  kind = "the finalizer is taken off"
	announcing kind = "the status announces a"
	storing    kind = "the status stores what came of a"
	telling    kind = "the status tells the rest"
	// Requests to the receiver: messages, and questions.
	saying kind = "the request says"
	asking kind = "the request asks for"
)

// effect is one write or request.
type effect struct {
	kind kind
	// of is the operation of a message, or what a question asks for.
	of v1alpha1.Operation
}

// String names the effect.
func (e effect) String() string {
	if e.of == "" {
		return string(e.kind)
	}
	return string(e.kind) + " " + string(e.of)
}

func (e effect) isRequest() bool { return e.kind == saying || e.kind == asking }

// isTry is true of what belongs to one try of a message: between two of these edits matter.
func (e effect) isTry() bool { return e.kind == saying || e.kind == announcing || e.kind == storing }

// fault is what goes wrong around an effect. It knows what to do with a write, with a request, or with both.
type fault struct {
	name string
	// again says that the message may have to be tried once more, so that what is edited between two tries matters.
	again bool
	// storesFirst says that the receiver acts before it fails, which makes no difference to a question.
	storesFirst bool
	// known says that a manager which announces a message, or sends it, learns all the same whether it arrived.
	known bool
	// deadly says that the manager ends.
	deadly bool
	// slow says that it takes the timeout of a request.
	slow    bool
	write   func(t *trial, object client.Object, do func() error) error
	request func(t *trial, x *exchange)
}

// fits says whether the fault can happen around an effect.
func (f *fault) fits(e effect) bool {
	switch {
	case !e.isRequest():
		return f.write != nil && (e.kind != opening || f.name != conflicted)
	case e.kind == asking && f.storesFirst:
		return false
	default:
		return f.request != nil
	}
}

const conflicted = "somebody else has written meanwhile"

// anotherBefore and afterPause name the fault whose harm cannot always be kept out; see excepted.
const (
	anotherBefore = "another leader works before it"
	afterPause    = ", after a pause"
)

// pastAll is a pause that is longer than the send window, the timeout of a request and the lag of any list together.
const pastAll = 2 * time.Minute

var (
	errServer  = apierrors.NewInternalError(errors.New("etcd is busy"))
	errTimeout = apierrors.NewTimeoutError("the API server did not answer in time", 1)
)

// faults are all that can go wrong.
func faults() []*fault {
	return append(append(deaths(), leaders()...), append(writeFaults(), requestFaults()...)...)
}

// deaths end the manager.
func deaths() []*fault {
	return []*fault{
		{
			name: "the manager is killed before it", again: true, deadly: true,
			write:   func(t *trial, _ client.Object, _ func() error) error { return t.die() },
			request: func(t *trial, x *exchange) { t.kill(); x.hangUp() },
		},
		{
			name: "the manager is killed between the server's side and the reply", again: true, storesFirst: true, deadly: true,
			write:   func(t *trial, _ client.Object, do func() error) error { _ = do(); return t.die() },
			request: func(t *trial, x *exchange) { x.work(); t.kill(); x.hangUp() },
		},
		{
			name: "the manager is killed after it", again: true, deadly: true,
			write:   func(t *trial, _ client.Object, do func() error) error { defer t.kill(); return do() },
			request: func(t *trial, x *exchange) { x.work(); t.kill(); x.reply() },
		},
	}
}

// leaders have another manager do all it can while the first one stands still: at once, or past everything that the first
// has announced.
func leaders() []*fault {
	var all []*fault
	for _, pause := range []time.Duration{0, pastAll} {
		name := ""
		if pause > 0 {
			name = afterPause
		}
		all = append(all,
			&fault{
				name: anotherBefore + name, again: pause > 0, known: pause == 0,
				write:   func(t *trial, _ client.Object, do func() error) error { t.anotherLeader(pause); return do() },
				request: func(t *trial, x *exchange) { t.anotherLeader(pause); x.work(); x.reply() },
			},
			&fault{
				name: "another leader works between the server's side and the reply" + name, again: pause > 0, storesFirst: true, known: pause == 0,
				write: func(t *trial, _ client.Object, do func() error) error {
					err := do()
					t.anotherLeader(pause)
					return err
				},
				request: func(t *trial, x *exchange) { x.work(); t.anotherLeader(pause); x.reply() },
			})
	}
	return all
}

// writeFaults are those of the API server.
func writeFaults() []*fault {
	return []*fault{
		{name: conflicted, again: true, known: true, write: func(t *trial, object client.Object, do func() error) error {
			t.annotate(object)
			return do()
		}},
		{name: "the API server answers 500 before it stores", again: true, known: true, write: func(*trial, client.Object, func() error) error {
			return errServer
		}},
		{name: "the API server answers 500 after it has stored", again: true, write: func(_ *trial, _ client.Object, do func() error) error {
			_ = do()
			return errServer
		}},
		{name: "the API server stores and does not answer in time", again: true, write: func(_ *trial, _ client.Object, do func() error) error {
			_ = do()
			return errTimeout
		}},
	}
}

// requestFaults are those of the receiver and of the way there.
func requestFaults() []*fault {
	return []*fault{
		{name: "the connection is lost before it arrives", again: true, request: func(_ *trial, x *exchange) { x.hangUp() }},
		{name: "the reply is lost", again: true, storesFirst: true, request: func(_ *trial, x *exchange) { x.work(); x.hangUp() }},
		{name: "the answer is 500 before it is stored", again: true, request: func(_ *trial, x *exchange) {
			x.refuse(http.StatusInternalServerError)
		}},
		{name: "the answer is 500 after it was stored", again: true, storesFirst: true, request: func(_ *trial, x *exchange) {
			x.work()
			x.refuse(http.StatusInternalServerError)
		}},
		{name: "the answer is 429 with Retry-After", again: true, known: true, request: func(_ *trial, x *exchange) {
			x.w.Header().Set("Retry-After", "120")
			x.refuse(http.StatusTooManyRequests)
		}},
		{name: "the answer is slower than the timeout", again: true, slow: true, request: func(_ *trial, x *exchange) {
			x.work()
			<-x.r.Context().Done()
		}},
		{name: "the answer is 200 and garbage", again: true, known: true, request: func(_ *trial, x *exchange) {
			x.work()
			x.garbage()
		}},
	}
}

// edit is what somebody does between two tries. The zero value does nothing.
type edit struct {
	name string
	do   func(t *trial)
}

// edits are all that somebody may do.
func edits() []edit {
	return []edit{
		{"the route is edited", func(t *trial) {
			route := &t.policy.Spec.Routes[0]
			route.Name, route.Cause, route.TicketSystemRef.Name = "other", v1alpha1.CauseRequired, "elsewhere"
			t.cluster.declare(t.policy)
		}},
		{"the text of the process is edited", func(t *trial) {
			t.process.Spec.Why = "we were asked to write it better"
			t.cluster.declare(t.process)
		}},
		{"the TicketSystem is edited", func(t *trial) {
			t.system.Spec.Timeout = "15s"
			if t.system.Spec.Custom != nil {
				t.system.Spec.Parameters["prefix"] = "[governance] "
			}
			t.cluster.declare(t.system)
		}},
		{"the Remediation is deleted", func(t *trial) { t.delete() }},
		{"the Remediation is deleted and its finding is gone", func(t *trial) {
			t.judged(false)
			t.delete()
			t.ended = true
		}},
	}
}
