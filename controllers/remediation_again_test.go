package controllers_test

import (
	"context"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
)

// answering makes the desk fail on its first messages, in this order.
func answering(w *world, faults ...desk.Fault) {
	w.desk.SetOnRequest(func(message desk.Message) desk.Fault {
		if message.Sequence <= len(faults) {
			return faults[message.Sequence-1]
		}
		return desk.Fault{}
	})
}

// refused makes a world whose create was refused because of its token.
func refused(ctx context.Context) *world {
	GinkgoHelper()
	w := newWorld(ctx, func(s *builders.TicketSystemBuilder) { s.Bearer("login", "token") })
	allowHosts(ctx, w, "login", hostOf(w))
	answering(w, desk.Refuse(http.StatusUnauthorized))
	w.judged(ctx, overdueFinding())
	w.quiet(ctx)
	Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonRefused))
	return w
}

// renew gives the Secret of a world another token.
func renew(ctx context.Context, w *world) {
	GinkgoHelper()
	made := secret(w, "login")
	Expect(env.Client.Get(ctx, client.ObjectKeyFromObject(made), made)).To(Succeed())
	made.Data["token"] = []byte("renewed")
	Expect(env.Client.Update(ctx, made)).To(Succeed())
}

var _ = Describe("A remediation that is deleted again and again while its finding stands", func() {
	It("reopens its ticket each time, with a key that the desk has not had", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		for range 4 {
			Expect(env.Client.Delete(ctx, w.remediation(ctx))).To(Succeed())
			w.advance(time.Hour)
			w.rest(ctx)
			w.quiet(ctx)
			Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationOpen))
			Expect(w.theTicket().State).To(Equal(desk.Open))
		}
	})
})

var _ = Describe("A message that was refused", func() {
	DescribeTable("is sent once more, as it was, when what it is sent with has changed",
		func(ctx SpecContext, change func(SpecContext, *world)) {
			w := refused(ctx)
			w.advance(lookAgain)
			w.quiet(ctx)
			Expect(w.desk.Messages()).To(HaveLen(1))
			change(ctx, w)
			w.advance(lookAgain)
			w.quiet(ctx)
			Expect(w.desk.Messages()).To(HaveLen(2))
			w.expectSameBytes()
			Expect(w.theTicket().State).To(Equal(desk.Open))
		},
		Entry("because a token was renewed", func(ctx SpecContext, w *world) { renew(ctx, w) }),
		Entry("because the ticket system was edited", func(ctx SpecContext, w *world) {
			system := &v1alpha1.TicketSystem{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "desk"}}
			Expect(env.Client.Get(ctx, client.ObjectKeyFromObject(system), system)).To(Succeed())
			system.Spec.Timeout = "2s"
			Expect(env.Client.Update(ctx, system)).To(Succeed())
		}),
	)

	It("is not sent more than once for one change", func(ctx SpecContext) {
		w := refused(ctx)
		w.desk.SetOnRequest(func(desk.Message) desk.Fault { return desk.Refuse(http.StatusUnauthorized) })
		renew(ctx, w)
		for range 3 {
			w.advance(lookAgain)
			w.quiet(ctx)
		}
		Expect(w.desk.Messages()).To(HaveLen(2))
	})

	It("is said anew by the next attempt, in whatever episode", func(ctx SpecContext) {
		w := refused(ctx)
		w.judged(ctx)
		w.quiet(ctx)
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		w.advance(20 * 24 * time.Hour)
		later := overdueFinding()
		later.Episode = "2026-03-20T23:59:59Z"
		w.judged(ctx, later)
		w.quiet(ctx)
		Expect(w.remediation(ctx).Status.Attempt).To(Equal(int32(2)))
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationOpen))
		Expect(w.theTicket().State).To(Equal(desk.Open))
	})

	It("after a try that may have arrived is followed by a close when the finding is gone", func(ctx SpecContext) {
		w := newWorld(ctx)
		answering(w, desk.FailAfterStoring(), desk.Refuse(http.StatusUnauthorized))
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Open))
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonRefused))
		Expect(w.remediation(ctx).Finalizers).NotTo(BeEmpty())
		w.judged(ctx)
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Closed))
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		Expect(w.remediation(ctx).Finalizers).To(BeEmpty())
	})

	It("is sent again for a decision that was made while the Secret was missing", func(ctx SpecContext) {
		w := refused(ctx)
		Expect(env.Client.Delete(ctx, secret(w, "login"))).To(Succeed())
		w.edit(ctx, func(spec *v1alpha1.RemediationSpec) {
			spec.Resolve = &v1alpha1.Resolve{MessageKey: w.delivery(ctx).MessageKey, Action: v1alpha1.ResolveRetry}
		})
		w.rest(ctx)
		Expect(w.desk.Messages()).To(HaveLen(1))
		Expect(w.delivery(ctx).Resolved).To(BeEmpty())
		allowHosts(ctx, w, "login", hostOf(w))
		w.advance(5 * time.Minute)
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Open))
	})
})

var _ = Describe("The time of a try", func() {
	It("is that of the write which announces it, and not of the pass", func(ctx SpecContext) {
		w := newWorld(ctx, func(s *builders.TicketSystemBuilder) { s.Bearer("login", "token") })
		allowHosts(ctx, w, "login", hostOf(w))
		base, err := client.NewWithWatch(env.Config, client.Options{Scheme: env.Scheme})
		Expect(err).NotTo(HaveOccurred())
		w.manager = newManager(interceptor.NewClient(base, interceptor.Funcs{
			Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, opts ...client.GetOption) error {
				if _, isSecret := object.(*corev1.Secret); isSecret {
					w.advance(8 * time.Second)
				}
				return c.Get(ctx, key, object, opts...)
			},
		}), w.clock)
		began := w.clock.Now()
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		Expect(w.delivery(ctx).LastTry.Time).To(BeTemporally("==", began.Add(8*time.Second)))
		Expect(w.theTicket().State).To(Equal(desk.Open))
	})
})

var _ = Describe("A ticket that is left open", func() {
	It("is told of when its remediation goes", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		suspend(ctx, w, true)
		w.manager.recordedEvents()
		Expect(env.Client.Delete(ctx, w.remediation(ctx))).To(Succeed())
		reconcileOnce(ctx, w.manager.remediation, client.ObjectKeyFromObject(w.remediation(ctx)))
		Expect(w.remediations(ctx)).To(BeEmpty())
		Expect(w.manager.recordedEvents()).To(ConsistOf(And(ContainSubstring("TicketLeftOpen"), ContainSubstring(w.theTicket().ID))))
	})

	It("is not told of where it was closed", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		Expect(env.Client.Delete(ctx, w.remediation(ctx))).To(Succeed())
		reconcileOnce(ctx, w.manager.remediation, client.ObjectKeyFromObject(w.remediation(ctx)))
		Expect(w.manager.recordedEvents()).NotTo(ContainElement(ContainSubstring("TicketLeftOpen")))
	})
})
