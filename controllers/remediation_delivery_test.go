package controllers_test

import (
	"context"
	"errors"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
)

// suspend stops or resumes messages about the process.
func suspend(ctx context.Context, w *world, stopped bool) {
	GinkgoHelper()
	process := &v1alpha1.Process{}
	Expect(env.Client.Get(ctx, w.process, process)).To(Succeed())
	process.Spec.Suspend = stopped
	Expect(env.Client.Update(ctx, process)).To(Succeed())
}

// failFirst makes the desk fail on the first message only.
func failFirst(w *world, fault desk.Fault) {
	w.desk.SetOnRequest(func(message desk.Message) desk.Fault {
		if message.Sequence == 1 {
			return fault
		}
		return desk.Fault{}
	})
}

var _ = Describe("A message", func() {
	DescribeTable("whose answer is lost is sent again with the same key and the same bytes, and makes one ticket",
		func(ctx SpecContext, fault func(*world) desk.Fault) {
			w := newWorld(ctx)
			failFirst(w, fault(w))
			w.judged(ctx, overdueFinding())
			w.rest(ctx)
			Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonRetrying))
			w.quiet(ctx)
			Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationOpen))
			Expect(w.remediation(ctx).Status.Tickets[0].ID).To(Equal(w.theTicket().ID))
			Expect(w.desk.Messages()).To(HaveLen(2))
			Expect(w.desk.Messages()[1].ID).To(Equal(w.ticketKey()))
			w.expectSameBytes()
		},
		Entry("because the desk failed after it had stored it", func(*world) desk.Fault { return desk.FailAfterStoring() }),
		Entry("because the desk failed before it stored it", func(*world) desk.Fault { return desk.FailBeforeStoring() }),
		Entry("because the connection broke after it was stored", func(*world) desk.Fault { return desk.HangUpAfterStoring() }),
		Entry("because the connection broke before it was stored", func(*world) desk.Fault { return desk.HangUpBeforeStoring() }),
		Entry("because the desk answered after the deadline", func(*world) desk.Fault {
			released := make(chan struct{})
			DeferCleanup(func() { close(released) })
			return desk.HangAfterStoring(released)
		}),
		Entry("because the desk was busy", func(*world) desk.Fault { return desk.TooManyRequests(120) }),
	)

	It("is sent again as it was written down, whatever has changed since", func(ctx SpecContext) {
		w := newWorld(ctx)
		failFirst(w, desk.FailAfterStoring())
		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		process := &v1alpha1.Process{}
		Expect(env.Client.Get(ctx, w.process, process)).To(Succeed())
		process.Spec.Why = "another reason"
		Expect(env.Client.Update(ctx, process)).To(Succeed())
		reworded := overdueFinding()
		reworded.Message, reworded.Severity = "Said otherwise.", v1alpha1.SeverityCritical
		w.judged(ctx, reworded)
		w.quiet(ctx)
		Expect(w.desk.Messages()).To(HaveLen(3))
		Expect(w.desk.Messages()[1].Duplicate).To(BeTrue())
		w.expectSameBytes()
		By("what has changed is told by a message of its own")
		Expect(reasons(w.desk)).To(Equal([]string{"Opened", "Updated"}))
	})

	It("is stored as taken though somebody has written to the remediation meanwhile", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.desk.SetOnRequest(func(desk.Message) desk.Fault {
			defer GinkgoRecover()
			w.edit(ctx, func(spec *v1alpha1.RemediationSpec) { spec.Cause = &v1alpha1.Cause{Category: v1alpha1.CauseHandoff} })
			return desk.Fault{}
		})
		w.judged(ctx, overdueFinding())
		w.pass(ctx)
		Expect(w.delivery(ctx).State).To(Equal(v1alpha1.DeliveryDelivered))
		w.quiet(ctx)
		Expect(w.desk.Messages()).To(HaveLen(1))
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationOpen))
		Expect(w.remediation(ctx).Spec.Cause.Category).To(Equal(v1alpha1.CauseHandoff))
	})

	It("is remembered as taken while the API server does not store it", func(ctx SpecContext) {
		w := newWorld(ctx)
		down := false
		w.manager = newManager(unreliable(func() error {
			if down {
				return errors.New("the API server is down")
			}
			return nil
		}), w.clock)
		w.desk.SetOnRequest(func(desk.Message) desk.Fault {
			down = true
			return desk.Fault{}
		})
		w.judged(ctx, overdueFinding())
		reconcileOnce(ctx, w.manager.opener, w.process)
		request := ctrl.Request{NamespacedName: client.ObjectKeyFromObject(w.remediation(ctx))}
		for range 3 {
			_, err := w.manager.remediation.Reconcile(ctx, request)
			Expect(err).To(MatchError(ContainSubstring("the API server is down")))
		}
		down = false
		w.quiet(ctx)
		Expect(w.desk.Messages()).To(HaveLen(1))
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationOpen))
	})

	It("is not sent where the manager was held up after it announced it", func(ctx SpecContext) {
		w := newWorld(ctx)
		pauses := 1
		w.manager = newManager(unreliable(func() error {
			if pauses > 0 {
				pauses--
				w.advance(11 * time.Second)
			}
			return nil
		}), w.clock)
		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		Expect(w.desk.Messages()).To(BeEmpty())
		Expect(w.delivery(ctx).State).To(Equal(v1alpha1.DeliveryRetrying))
		w.quiet(ctx)
		Expect(w.desk.Messages()).To(HaveLen(1))
		Expect(w.theTicket().State).To(Equal(desk.Open))
	})

	It("is not sent where the remediation was read from a stale cache", func(ctx SpecContext) {
		w := newWorld(ctx)
		failFirst(w, desk.FailBeforeStoring())
		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		stale := w.remediation(ctx)
		Expect(stale.Status.Tickets[0].Delivery.State).To(Equal(v1alpha1.DeliveryRetrying))
		w.quiet(ctx)
		w.manager = newManager(frozen(stale), w.clock)
		result := reconcileOnce(ctx, w.manager.remediation, client.ObjectKeyFromObject(stale))
		Expect(result.RequeueAfter).To(Equal(time.Second))
		Expect(w.desk.Messages()).To(HaveLen(2))
	})

	It("waits as long as the desk asks", func(ctx SpecContext) {
		w := newWorld(ctx)
		failFirst(w, desk.TooManyRequests(120))
		w.judged(ctx, overdueFinding())
		Expect(w.rest(ctx)).To(Equal(120 * time.Second))
	})

	It("waits out a desk that refuses connections for ten minutes", func(ctx SpecContext) {
		w := newWorld(ctx)
		Expect(w.desk.Down()).To(Succeed())
		w.judged(ctx, overdueFinding())
		back := w.clock.Now().Add(10 * time.Minute)
		for w.clock.Now().Before(back) {
			next := w.rest(ctx)
			Expect(next).To(BeNumerically(">=", time.Second))
			w.advance(next)
		}
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonRetrying))
		tries := w.delivery(ctx).Tries
		Expect(tries).To(BeNumerically(">", 5))
		Expect(w.desk.Up()).To(Succeed())
		w.quiet(ctx)
		Expect(w.desk.Messages()).To(HaveLen(1))
		Expect(w.theTicket().State).To(Equal(desk.Open))
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
	})

	It("is given up after three days, said so, and tried once more when a person asks", func(ctx SpecContext) {
		w := newWorld(ctx)
		Expect(w.desk.Down()).To(Succeed())
		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		w.advance(73 * time.Hour)
		w.quiet(ctx)
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonGaveUp))
		Expect(w.manager.recordedEvents()).To(ContainElement(ContainSubstring("DeliveryGaveUp")))
		Expect(w.desk.Up()).To(Succeed())
		w.edit(ctx, func(spec *v1alpha1.RemediationSpec) {
			spec.Resolve = &v1alpha1.Resolve{MessageKey: w.delivery(ctx).MessageKey, Action: v1alpha1.ResolveRetry}
		})
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Open))
	})

	DescribeTable("that the desk refuses is not repeated", func(ctx SpecContext, status int) {
		w := newWorld(ctx)
		w.desk.SetOnRequest(func(desk.Message) desk.Fault { return desk.Refuse(status) })
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		w.advance(100 * time.Hour)
		w.quiet(ctx)
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonRefused))
		Expect(w.remediation(ctx).Finalizers).To(BeEmpty())
		Expect(w.desk.Messages()).To(HaveLen(1))
		w.judged(ctx)
		w.quiet(ctx)
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
	},
		Entry("400", http.StatusBadRequest),
		Entry("401", http.StatusUnauthorized),
		Entry("410", http.StatusGone),
	)

	DescribeTable("is taken though the answer says nothing", func(ctx SpecContext, fault desk.Fault) {
		w := newWorld(ctx)
		w.desk.SetOnRequest(func(desk.Message) desk.Fault { return fault })
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		w.judged(ctx)
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Closed))
	},
		Entry("because it is garbage", desk.AnswerGarbage()),
		Entry("because it is ten megabytes", desk.AnswerHuge(10<<20)),
	)
})

// unreliable is a client that asks before each write of a status.
func unreliable(ask func() error) client.Client {
	GinkgoHelper()
	base, err := client.NewWithWatch(env.Config, client.Options{Scheme: env.Scheme})
	Expect(err).NotTo(HaveOccurred())
	return interceptor.NewClient(base, interceptor.Funcs{
		SubResourceUpdate: func(ctx context.Context, c client.Client, name string, object client.Object, opts ...client.SubResourceUpdateOption) error {
			if err := ask(); err != nil {
				return err
			}
			return c.SubResource(name).Update(ctx, object, opts...)
		},
	})
}

// frozen is a client whose cache stands still for one remediation.
func frozen(stale *v1alpha1.Remediation) client.Client {
	GinkgoHelper()
	base, err := client.NewWithWatch(env.Config, client.Options{Scheme: env.Scheme})
	Expect(err).NotTo(HaveOccurred())
	return interceptor.NewClient(base, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, opts ...client.GetOption) error {
			if remediation, ok := object.(*v1alpha1.Remediation); ok {
				stale.DeepCopyInto(remediation)
				return nil
			}
			return c.Get(ctx, key, object, opts...)
		},
	})
}
