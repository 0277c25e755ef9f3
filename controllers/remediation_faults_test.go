package controllers_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
)

// moment is when, around an effect, a manager is killed.
type moment string

const (
	never      moment = "never"
	beforeIt   moment = "before it"
	inside     moment = "between the server's side and the reply"
	afterwards moment = "after it"
)

// fate kills a manager around one of its effects: writes to the API server and requests to the desk, counted together.
type fate struct {
	mu      sync.Mutex
	effects int
	victim  int
	when    moment
	dead    bool
}

// begin counts an effect and says when in it the manager dies.
func (f *fate) begin() moment {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.effects++
	if f.effects != f.victim {
		return never
	}
	return f.when
}

// kill marks the manager as dead: whatever it does next ends it.
func (f *fate) kill() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dead = true
}

// check ends a manager that is dead.
func (f *fate) check() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.dead {
		panic(errKilled)
	}
}

// write carries out a write of a manager, or kills it around the write.
func (f *fate) write(do func() error) error {
	f.check()
	switch f.begin() {
	case beforeIt:
		f.kill()
		f.check()
	case inside:
		_ = do() // nobody is left to hear the reply
		f.kill()
		f.check()
	case afterwards:
		defer f.kill()
	case never:
	}
	return do()
}

// request is what happens to a message that reaches the desk.
func (f *fate) request(desk.Message) desk.Fault {
	switch f.begin() {
	case beforeIt:
		f.kill()
		return desk.HangUpBeforeStoring()
	case inside:
		f.kill()
		return desk.HangUpAfterStoring()
	case afterwards:
		f.kill()
	case never:
	}
	return desk.Fault{}
}

// mortal is a client whose user can be killed.
func mortal(f *fate) client.Client {
	GinkgoHelper()
	base, err := client.NewWithWatch(env.Config, client.Options{Scheme: env.Scheme})
	Expect(err).NotTo(HaveOccurred())
	return interceptor.NewClient(base, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, opts ...client.GetOption) error {
			f.check()
			return c.Get(ctx, key, object, opts...)
		},
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			f.check()
			return c.List(ctx, list, opts...)
		},
		Create: func(ctx context.Context, c client.WithWatch, object client.Object, opts ...client.CreateOption) error {
			return f.write(func() error { return c.Create(ctx, object, opts...) })
		},
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, opts ...client.PatchOption) error {
			return f.write(func() error { return c.Patch(ctx, object, patch, opts...) })
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, name string, object client.Object, opts ...client.SubResourceUpdateOption) error {
			return f.write(func() error { return c.SubResource(name).Update(ctx, object, opts...) })
		},
	})
}

// life leads a finding through everything that can happen to it, with a manager that is killed once.
func life(ctx context.Context, f *fate, deduplicates bool) *world {
	GinkgoHelper()
	w := newEmptyWorld(ctx)
	system := builders.MakeTicketSystem("desk").InNamespace(w.namespace).URL(w.desk.URL()).Timeout("1s").RateLimit(unlimited, 2)
	if deduplicates {
		system.Deduplicates()
	}
	apply(ctx, system.Obj())
	w.route(ctx, w.namespace)
	w.manager = newManager(mortal(f), w.clock)
	w.desk.SetOnRequest(f.request)
	for _, findings := range [][]v1alpha1.Finding{{overdueFinding()}, nil, {overdueFinding()}, nil} {
		w.judged(ctx, findings...)
		w.quiet(ctx)
		w.advance(time.Hour)
	}
	return w
}

var _ = Describe("A manager that is killed", func() {
	It("right after the desk took a message sends it again with the same key and body, and there is one ticket", func(ctx SpecContext) {
		f := &fate{}
		w := newWorld(ctx)
		w.manager = newManager(mortal(f), w.clock)
		w.desk.SetOnRequest(func(message desk.Message) desk.Fault {
			if !message.Duplicate {
				f.kill()
			}
			return desk.Fault{}
		})
		w.judged(ctx, overdueFinding())
		w.pass(ctx)
		_, killed := w.pass(ctx)
		Expect(killed || f.dead).To(BeTrue())
		Expect(w.delivery(ctx).State).To(Equal(v1alpha1.DeliverySending))
		w.manager = w.start()
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Open))
		Expect(w.desk.Messages()).To(HaveLen(2))
		Expect(w.desk.Duplicates()).To(Equal(1))
		w.expectSameBytes()
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationOpen))
	})

	It("around any of its effects leaves the same end and the same ticket, where the desk removes duplicates", func(ctx SpecContext) {
		count := &fate{}
		life(ctx, count, true)
		want := []v1alpha1.Operation{opCreate, opClose, opReopen, opClose}
		cases := 0
		for victim := 1; victim <= count.effects; victim++ {
			for _, when := range []moment{beforeIt, inside, afterwards} {
				By(fmt.Sprintf("killed at effect %d, %s", victim, when))
				w := life(ctx, &fate{victim: victim, when: when}, true)
				Expect(operations(w.theTicket())).To(Equal(want))
				Expect(w.theTicket().State).To(Equal(desk.Closed))
				w.expectSameBytes()
				end := w.remediation(ctx)
				Expect(end.Status.State).To(Equal(v1alpha1.RemediationClosed))
				Expect(end.Status.Attempt).To(Equal(int32(2)))
				Expect(end.Finalizers).To(BeEmpty())
				Expect(end).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
				cases++
			}
		}
		AddReportEntry("faults", fmt.Sprintf("%d effects, %d cases, 0 violations", count.effects, cases))
	}, NodeTimeout(10*time.Minute))

	It("around any of its effects leaves at most one ticket, where the desk does not", func(ctx SpecContext) {
		count := &fate{}
		life(ctx, count, false)
		for victim := 1; victim <= count.effects; victim++ {
			for _, when := range []moment{beforeIt, inside, afterwards} {
				By(fmt.Sprintf("killed at effect %d, %s", victim, when))
				w := life(ctx, &fate{victim: victim, when: when}, false)
				Expect(len(w.desk.Tickets())).To(BeNumerically("<=", 1))
				Expect(w.desk.Duplicates()).To(BeZero())
				end := w.remediation(ctx)
				if end.Status.State != v1alpha1.RemediationClosed {
					Expect(end).To(haveCondition(v1alpha1.ConditionDelivered, unknown, v1alpha1.ReasonOutcomeUnknown))
				}
			}
		}
	}, NodeTimeout(10*time.Minute))
})

var _ = Describe("Two managers at once, without leader election", func() {
	It("make one ticket, and say the same with the same key", func(ctx SpecContext) {
		w := newWorld(ctx)
		for _, findings := range [][]v1alpha1.Finding{{overdueFinding()}, nil, {overdueFinding()}, nil} {
			w.judged(ctx, findings...)
			race(ctx, w, newManager(env.Client, w.clock), newManager(env.Client, w.clock))
			w.quiet(ctx)
			w.advance(time.Hour)
		}
		Expect(operations(w.theTicket())).To(Equal([]v1alpha1.Operation{opCreate, opClose, opReopen, opClose}))
		w.expectSameBytes()
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		Expect(w.remediation(ctx).Status.Attempt).To(Equal(int32(2)))
	})
})

// race has managers work on the world at the same time.
func race(ctx context.Context, w *world, managers ...*manager) {
	GinkgoHelper()
	var running sync.WaitGroup
	for _, racing := range managers {
		running.Go(func() {
			defer GinkgoRecover()
			for range 15 {
				reconcileOnce(ctx, racing.opener, w.process)
				for _, remediation := range w.remediations(ctx) {
					reconcileOnce(ctx, racing.remediation, client.ObjectKeyFromObject(&remediation))
				}
			}
		})
	}
	running.Wait()
}

// writes counts what a manager writes.
type writes struct{ creates, finalizers, statuses int }

// countWrites has the manager of a world work through a client that counts.
func countWrites(w *world) *writes {
	GinkgoHelper()
	counted := &writes{}
	base, err := client.NewWithWatch(env.Config, client.Options{Scheme: env.Scheme})
	Expect(err).NotTo(HaveOccurred())
	w.manager = newManager(interceptor.NewClient(base, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, object client.Object, opts ...client.CreateOption) error {
			counted.creates++
			return c.Create(ctx, object, opts...)
		},
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, opts ...client.PatchOption) error {
			counted.finalizers++
			return c.Patch(ctx, object, patch, opts...)
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, name string, object client.Object, opts ...client.SubResourceUpdateOption) error {
			counted.statuses++
			return c.SubResource(name).Update(ctx, object, opts...)
		},
	}), w.clock)
	return counted
}
