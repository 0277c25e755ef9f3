package controllers_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/kpi"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// gate counts the effects of the managers of a trial, and says at which of them its fault is due.
type gate struct {
	mu      sync.Mutex
	plan    trialPlan
	effects []effect
	fired   bool
	dead    bool
}

// enter counts an effect; due is the fault that happens around it, nil where none does.
func (g *gate) enter(of effect) (due *fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.effects = append(g.effects, of)
	if g.plan.fault == nil || g.fired || len(g.effects) != g.plan.number {
		return nil
	}
	g.fired = true
	return g.plan.fault
}

func (g *gate) hasFired() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.fired
}

func (g *gate) isDead() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.dead
}

func (g *gate) setDead(dead bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.dead = dead
}

// trialPlan is what goes wrong in a trial. The zero value is that nothing does.
type trialPlan struct {
	// number counts effects from 1.
	number int
	effect effect
	fault  *fault
	edit   edit
	// real says that it runs on the real API server.
	real bool
}

// String names the trial.
func (p trialPlan) String() string {
	name := fmt.Sprintf("effect %d, %s: %s", p.number, p.effect, p.fault.name)
	if p.edit.name != "" {
		name += "; then " + p.edit.name
	}
	if p.real {
		name += " (on the real API server)"
	}
	return name
}

// fateIsKnown says that a manager learns whether its message arrived, so that nothing is left to a person. What a receiver has
// answered is not forgotten while the manager lives.
func (p trialPlan) fateIsKnown() bool {
	switch p.effect.kind {
	case announcing, saying:
		return p.fault.known
	case storing:
		return !p.fault.deadly
	default:
		return true
	}
}

// trial leads one finding through all that can happen to it, with one fault. It uses no assertions: what is wrong is listed,
// so that one violation hides no other.
type trial struct {
	ctx       context.Context
	receiver  receiver
	counter   counter
	server    *httptest.Server
	cluster   *cluster
	clock     *clocktesting.FakePassiveClock
	gate      gate
	managers  []*manager
	process   *v1alpha1.Process
	policy    *v1alpha1.GovernancePolicy
	system    *v1alpha1.TicketSystem
	ended     bool
	edited    bool
	wasDelete bool

	mu       sync.Mutex
	messages []sent
	states   []string
	problems []string
}

// newTrial begins one in a namespace, about a process of its own, on the real API server or on one in memory.
func newTrial(ctx context.Context, server client.WithWatch, namespace, name string, of receiver, plan trialPlan) *trial {
	t := &trial{ctx: ctx, receiver: of, clock: newClock("2026-03-02T09:00:00Z")}
	name = readLater(namespace, name)
	if !plan.real {
		server = newMemory(server, t.clock)
	}
	t.cluster = newCluster(server)
	t.gate.plan = plan
	t.counter = of.start(t.clock)
	t.server = httptest.NewServer(t)
	t.process = builders.MakeProcess(name).InNamespace(namespace).Every("P12M").Obj()
	t.policy = builders.MakePolicy(name).Route("all", namespace, name).Obj()
	t.policy.Spec.Routes[0].Assignee, t.policy.Spec.Routes[0].RepeatEvery = `"ayse"`, remindAfter
	// Only a trial that waits for it has a short timeout: on a busy machine it would be a fault of its own.
	timeout := "10s"
	if plan.fault != nil && plan.fault.slow {
		timeout = "2s"
	}
	system := builders.MakeTicketSystem(name).InNamespace(namespace).Assigns("ayse", trackerOwner)
	of.system(system)
	t.system = system.URL(t.server.URL).Timeout(timeout).RateLimit(unlimited, 2).Obj()
	t.cluster.declare(t.policy)
	t.cluster.declare(t.system)
	t.judged(true)
	t.start()
	return t
}

// readLater is a name by which the ticket is not read in the very second in which it is opened, as one in 600 is: the effects of the
// trial would be in another order than those of the run without a fault.
func readLater(namespace, name string) string {
	finding := overdueFinding()
	for {
		remediation := ticket.RemediationName(ticket.Identity{
			Namespace: namespace, Kind: v1alpha1.KindProcess, Name: name, Rule: finding.Rule, About: finding.About, Episode: finding.Episode,
		})
		if kpi.Offset(namespace+"/"+remediation, lookAgain) >= time.Second {
			return name
		}
		name += "-x"
	}
}

func (t *trial) close() {
	t.server.Close()
	t.counter.stop()
}

// start starts a manager that works through the gate.
func (t *trial) start() {
	t.gate.setDead(false)
	t.managers = append(t.managers, newManager(t.cluster.client(t.write, t.alive), t.clock))
}

// write carries out a write of the manager, with the fault that is due.
func (t *trial) write(of effect, object client.Object, do func() error) error {
	t.alive()
	if due := t.gate.enter(of); due != nil {
		return due.write(t, object, do)
	}
	return do()
}

// alive ends a manager that was killed.
func (t *trial) alive() {
	if t.gate.isDead() {
		panic(errKilled)
	}
}

func (t *trial) kill() { t.gate.setDead(true) }

func (t *trial) die() error {
	t.kill()
	t.alive()
	return nil
}

// anotherLeader has a manager of its own do all that it can, after a pause in which the first stood still.
func (t *trial) anotherLeader(pause time.Duration) {
	t.advance(pause)
	second := newManager(t.cluster.client(undisturbed, func() {}), t.clock)
	for range 5 {
		before := t.versions()
		if t.pass(second); t.versions() == before {
			return
		}
	}
}

// annotate writes the Remediation as somebody else does.
func (t *trial) annotate(object client.Object) {
	remediation := &v1alpha1.Remediation{ObjectMeta: metav1.ObjectMeta{Namespace: object.GetNamespace(), Name: object.GetName()}}
	patch := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"annotations":{"example.com/seen":"yes"}}}`))
	t.outside(t.cluster.learn(t.ctx, remediation, t.cluster.base.Patch(t.ctx, remediation, patch)))
}

// delete deletes the Remediation as a person does.
func (t *trial) delete() {
	t.wasDelete = true
	for _, remediation := range t.cluster.all() {
		t.outside(client.IgnoreNotFound(t.cluster.base.Delete(t.ctx, &remediation)))
		t.cluster.look(t.ctx, client.ObjectKeyFromObject(&remediation))
	}
}

func (t *trial) outside(err error) {
	if err != nil {
		t.violate("somebody else's write failed: %v", err)
	}
}

// judged publishes that the finding of the process stands, or that it is gone.
func (t *trial) judged(stands bool) {
	seen := metav1.NewTime(parseTime("2026-03-01T00:00:00Z"))
	t.process.Status = v1alpha1.ProcessStatus{}
	t.process.Status.ObservedGeneration, t.process.Status.ObservedSince = 1, &seen
	t.process.Status.Policy = v1alpha1.ObjectName(t.policy.Name)
	if stands {
		t.process.Status.Findings = []v1alpha1.Finding{overdueFinding()}
	}
	t.cluster.declare(t.process)
}

func (t *trial) advance(by time.Duration) { t.clock.SetTime(t.clock.Now().Add(by)) }

// remindAfter is when people are reminded of an open ticket: a comment, in systems whose closes and reopenings tell why by themselves.
const remindAfter = "1h"

// run has the finding come, stay for a while, go, come back, stay and go again.
func (t *trial) run() {
	for _, stands := range []bool{true, false, true, false} {
		if t.ended {
			return
		}
		t.judged(stands)
		t.quiet()
		t.advance(time.Hour)
		if stands && !t.ended {
			t.quiet()
		}
	}
}

// quiet works until nothing is left to do but to look again, and moves the clock to where that is asked for.
func (t *trial) quiet() {
	for range 120 {
		before := t.versions()
		next := t.pass(t.managers[len(t.managers)-1])
		if t.gate.isDead() {
			t.start()
			next = time.Second
		}
		if t.gate.hasFired() && !t.edited && t.gate.plan.edit.do != nil {
			t.edited = true
			t.gate.plan.edit.do(t)
			continue
		}
		if t.versions() != before {
			continue
		}
		if next == 0 || next >= lookAgain {
			return
		}
		t.advance(next)
	}
	t.violate("the managers never become quiet")
}

// pass runs every reconciler of a manager once, and says after how long the first of them wants to be called again.
func (t *trial) pass(with *manager) (next time.Duration) {
	defer func() {
		cause := recover()
		if err, ok := cause.(error); cause != nil && (!ok || !errors.Is(err, errKilled)) {
			t.violate("the manager panics: %v", cause)
		}
	}()
	run := func(with reconciler, key types.NamespacedName) {
		result, err := with.Reconcile(t.ctx, ctrl.Request{NamespacedName: key})
		if err != nil {
			// The queue of the controller calls again, after a moment.
			result.RequeueAfter = time.Second
		}
		if result.RequeueAfter > 0 && (next == 0 || result.RequeueAfter < next) {
			next = result.RequeueAfter
		}
	}
	run(with.opener, client.ObjectKeyFromObject(t.process))
	for _, remediation := range t.cluster.all() {
		run(with.remediation, client.ObjectKeyFromObject(&remediation))
	}
	return next
}

// versions tells one state of the Remediations from another.
func (t *trial) versions() string {
	var versions []string
	for _, remediation := range t.cluster.all() {
		versions = append(versions, remediation.Name+" "+string(remediation.UID)+" "+remediation.ResourceVersion)
	}
	slices.Sort(versions)
	return strings.Join(versions, ", ")
}

func (t *trial) violate(format string, arguments ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.problems = append(t.problems, fmt.Sprintf(format, arguments...))
}

// note keeps a message as it arrived.
func (t *trial) note(message sent) {
	message.life = t.cluster.created()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.messages = append(t.messages, message)
}

// see notes the state of the tickets, where it is another than before.
func (t *trial) see() {
	t.mu.Lock()
	defer t.mu.Unlock()
	var now []string
	for _, of := range t.counter.tickets() {
		now = append(now, of.state)
	}
	state := strings.Join(now, "+")
	if state != "" && (len(t.states) == 0 || t.states[len(t.states)-1] != state) {
		t.states = append(t.states, state)
	}
}
