package controllers_test

import (
	"context"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
)

// fate says whether a manager was killed: whatever it does next ends it.
type fate struct {
	mu   sync.Mutex
	dead bool
}

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
			f.check()
			return c.Create(ctx, object, opts...)
		},
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, opts ...client.PatchOption) error {
			f.check()
			return c.Patch(ctx, object, patch, opts...)
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, name string, object client.Object, opts ...client.SubResourceUpdateOption) error {
			f.check()
			return c.SubResource(name).Update(ctx, object, opts...)
		},
	})
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
