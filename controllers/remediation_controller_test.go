package controllers_test

import (
	"context"
	"errors"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
)

const (
	opCreate, opClose, opReopen = v1alpha1.OperationCreate, v1alpha1.OperationClose, v1alpha1.OperationReopen
	yes, no, unknown            = metav1.ConditionTrue, metav1.ConditionFalse, metav1.ConditionUnknown
)

var _ = Describe("A remediation", func() {
	It("opens one ticket, closes it when the finding is gone, and reopens it when the finding comes back", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		opened := w.remediation(ctx)
		Expect(opened.Status.State).To(Equal(v1alpha1.RemediationOpen))
		Expect(opened.Status.ObservedGeneration).To(Equal(opened.Generation))
		Expect(opened.Status.Tickets[0].ID).To(Equal(w.theTicket().ID))
		Expect(opened.Status.Tickets[0].URL).To(Equal(w.theTicket().URL))
		Expect(opened.Finalizers).To(ConsistOf(v1alpha1.FinalizerRemediation))
		Expect(opened.OwnerReferences).To(HaveLen(1))
		Expect(opened.OwnerReferences[0].BlockOwnerDeletion).To(BeNil())
		Expect(opened).To(haveCondition(v1alpha1.ConditionReady, yes, v1alpha1.ReasonReconciled))
		Expect(opened).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
		Expect(opened).To(haveCondition(v1alpha1.ConditionRecovered, no, v1alpha1.ReasonFindingStands))
		Expect(opened).To(haveCondition(v1alpha1.ConditionVerified, no, v1alpha1.ReasonNotRecovered))
		Expect(w.theTicket().Key).To(Equal(w.ticketKey()))
		Expect(w.manager.recordedEvents()).To(ConsistOf(ContainSubstring("TicketOpened")))

		w.advance(time.Hour)
		w.judged(ctx)
		w.quiet(ctx)
		closed := w.remediation(ctx)
		Expect(closed.Status.State).To(Equal(v1alpha1.RemediationClosed))
		Expect(closed.Status.ClosedAt.Time).To(BeTemporally("==", w.clock.Now()))
		Expect(closed.Finalizers).To(BeEmpty())
		Expect(closed).To(haveCondition(v1alpha1.ConditionRecovered, yes, v1alpha1.ReasonFindingGone))
		Expect(closed).To(haveCondition(v1alpha1.ConditionVerified, yes, v1alpha1.ReasonStayedRecovered))
		Expect(w.theTicket().State).To(Equal(desk.Closed))
		Expect(w.manager.recordedEvents()).To(ConsistOf(ContainSubstring("TicketClosed")))

		w.advance(time.Hour)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		relapsed := w.remediation(ctx)
		Expect(relapsed.Status.State).To(Equal(v1alpha1.RemediationOpen))
		Expect(relapsed.Status.Attempt).To(Equal(int32(2)))
		Expect(relapsed.Status.ClosedAt).To(BeNil())
		Expect(relapsed.Finalizers).To(ConsistOf(v1alpha1.FinalizerRemediation))
		Expect(operations(w.theTicket())).To(Equal([]v1alpha1.Operation{opCreate, opClose, opReopen}))
		Expect(w.manager.recordedEvents()).To(ConsistOf(ContainSubstring("TicketReopened")))
	})

	It("writes nothing when nothing has changed, also after a restart", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		before := w.versions(ctx)
		w.advance(time.Hour)
		w.manager = w.start()
		w.quiet(ctx)
		Expect(w.versions(ctx)).To(Equal(before))
		Expect(w.desk.Messages()).To(HaveLen(1))
	})

	It("waits until the finding stayed gone for as long as the route asks", func(ctx SpecContext) {
		w := newWorld(ctx)
		policy := &v1alpha1.GovernancePolicy{}
		Expect(env.Client.Get(ctx, client.ObjectKey{Name: w.namespace}, policy)).To(Succeed())
		policy.Spec.Rules = []v1alpha1.RuleSetting{{Name: v1alpha1.RuleReviewOverdue, VerifyFor: "48h"}}
		Expect(env.Client.Update(ctx, policy)).To(Succeed())
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		w.judged(ctx)
		Expect(w.rest(ctx)).To(Equal(48 * time.Hour))
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationVerifying))
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionVerified, no, v1alpha1.ReasonVerifying))
		Expect(w.theTicket().State).To(Equal(desk.Open))
		w.advance(48*time.Hour - time.Second)
		w.rest(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Open))
		w.advance(time.Second)
		w.rest(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Closed))
	})

	It("takes a waiver for a recovery, and its lapse for the next attempt of the same ticket", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		waived := overdueFinding()
		waived.WaivedBy = "until-summer"
		w.judged(ctx, waived)
		w.quiet(ctx)
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionRecovered, yes, v1alpha1.ReasonWaived))
		Expect(w.theTicket().State).To(Equal(desk.Closed))
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Open))
		Expect(w.remediation(ctx).Status.Attempt).To(Equal(int32(2)))
	})

	It("closes the ticket of a process that is retired, at once", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		process := &v1alpha1.Process{}
		Expect(env.Client.Get(ctx, w.process, process)).To(Succeed())
		process.Spec.Lifecycle = v1alpha1.LifecycleRetired
		process.Spec.Retirement = &v1alpha1.Retirement{Reason: "nobody asks for it"}
		Expect(env.Client.Update(ctx, process)).To(Succeed())
		w.quiet(ctx)
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionVerified, yes, v1alpha1.ReasonRetired))
		Expect(w.theTicket().State).To(Equal(desk.Closed))
		Expect(w.theTicket().Comments).To(ContainElement(ContainSubstring("retired")))
	})

	It("says nothing while the process is suspended, and catches up afterwards", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		suspend(ctx, w, true)
		w.judged(ctx)
		w.quiet(ctx)
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionRecovered, yes, v1alpha1.ReasonFindingGone))
		Expect(w.theTicket().State).To(Equal(desk.Open))
		suspend(ctx, w, false)
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Closed))
	})

	It("concludes nothing from a process that was not judged yet", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		process := &v1alpha1.Process{}
		Expect(env.Client.Get(ctx, w.process, process)).To(Succeed())
		process.Status.SubjectStatus = v1alpha1.SubjectStatus{ObservedGeneration: -1}
		Expect(env.Client.Status().Update(ctx, process)).To(Succeed())
		before := w.versions(ctx)
		w.quiet(ctx)
		Expect(w.versions(ctx)).To(Equal(before))
		Expect(w.theTicket().State).To(Equal(desk.Open))
	})

	It("opens no ticket for a finding that is gone before anybody could be told", func(ctx SpecContext) {
		w := newWorld(ctx)
		Expect(w.desk.Down()).To(Succeed())
		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonRetrying))
		w.judged(ctx)
		Expect(w.desk.Up()).To(Succeed())
		w.quiet(ctx)
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		Expect(w.remediation(ctx).Finalizers).To(BeEmpty())
		Expect(w.desk.Messages()).To(BeEmpty())
	})

	It("records what it would say in a dry run, and sends nothing", func(ctx SpecContext) {
		w := newWorld(ctx, func(s *builders.TicketSystemBuilder) { s.DryRun() })
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDryRun))
		Expect(w.delivery(ctx).Body).To(ContainSubstring("a review is overdue"))
		Expect(w.remediation(ctx).Finalizers).To(BeEmpty())
		Expect(w.desk.Messages()).To(BeEmpty())
	})

	It("keeps to the budget: two status writes and one request for a transition", func(ctx SpecContext) {
		w := newWorld(ctx)
		counted := countWrites(w)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		Expect(*counted).To(Equal(writes{creates: 1, statuses: 2}))
		*counted = writes{}
		w.judged(ctx)
		w.quiet(ctx)
		Expect(*counted).To(Equal(writes{finalizers: 1, statuses: 2}))
		Expect(w.desk.Messages()).To(HaveLen(2))
	})
})

var _ = Describe("A remediation that is deleted", func() {
	It("closes its ticket first", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		Expect(env.Client.Delete(ctx, w.remediation(ctx))).To(Succeed())
		going := w.remediation(ctx)
		reconcileOnce(ctx, w.manager.remediation, client.ObjectKeyFromObject(going))
		Expect(w.remediations(ctx)).To(BeEmpty())
		Expect(w.theTicket().State).To(Equal(desk.Closed))
		Expect(w.theTicket().Comments).To(ContainElement(ContainSubstring("was deleted")))
	})

	It("is opened anew, on the same ticket, where the finding still stands", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		Expect(env.Client.Delete(ctx, w.remediation(ctx))).To(Succeed())
		w.rest(ctx)
		w.quiet(ctx)
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationOpen))
		Expect(w.theTicket().Key).To(Equal(w.ticketKey()))
	})

	DescribeTable("does not wait for what will not come", func(ctx SpecContext, spoil func(SpecContext, *world)) {
		w := newWorld(ctx, func(s *builders.TicketSystemBuilder) { s.Bearer("login", "token") })
		allowHosts(ctx, w, "login", hostOf(w))
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		Expect(controllerutil.ContainsFinalizer(w.remediation(ctx), v1alpha1.FinalizerRemediation)).To(BeTrue())
		spoil(ctx, w)
		Expect(env.Client.Delete(ctx, w.remediation(ctx))).To(Succeed())
		for _, going := range w.remediations(ctx) {
			reconcileOnce(ctx, w.manager.remediation, client.ObjectKeyFromObject(&going))
		}
		Expect(w.remediations(ctx)).To(BeEmpty())
		Expect(w.desk.Messages()).To(HaveLen(1))
	},
		Entry("where the ticket system is gone", func(ctx SpecContext, w *world) {
			Expect(env.Client.Delete(ctx, builders.MakeTicketSystem("desk").InNamespace(w.namespace).Obj())).To(Succeed())
		}),
		Entry("where the Secret is gone", func(ctx SpecContext, w *world) {
			Expect(env.Client.Delete(ctx, secret(w, "login"))).To(Succeed())
			w.manager = w.start()
		}),
		Entry("where messages are stopped", func(ctx SpecContext, w *world) { suspend(ctx, w, true) }),
	)

	It("waits a bounded time for a desk that does not answer", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		Expect(w.desk.Down()).To(Succeed())
		Expect(env.Client.Delete(ctx, w.remediation(ctx))).To(Succeed())
		key := client.ObjectKeyFromObject(w.remediation(ctx))
		w.clock.SetTime(w.remediation(ctx).DeletionTimestamp.Time)
		result := reconcileOnce(ctx, w.manager.remediation, key)
		Expect(result.RequeueAfter).To(BeNumerically(">", 0))
		w.advance(24*time.Hour - 2*time.Second)
		reconcileOnce(ctx, w.manager.remediation, key)
		Expect(w.remediations(ctx)).To(HaveLen(1))
		w.advance(2 * time.Second)
		reconcileOnce(ctx, w.manager.remediation, key)
		Expect(w.remediations(ctx)).To(BeEmpty())
	})

	It("goes when its time has passed, whatever cannot be read", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		Expect(env.Client.Delete(ctx, w.remediation(ctx))).To(Succeed())
		w.manager = newManager(blind(), w.clock)
		request := ctrl.Request{NamespacedName: client.ObjectKeyFromObject(w.remediation(ctx))}
		w.clock.SetTime(w.remediation(ctx).DeletionTimestamp.Time)
		_, err := w.manager.remediation.Reconcile(ctx, request)
		Expect(err).To(MatchError(errUnknownNamespace))
		Expect(w.remediations(ctx)).To(HaveLen(1))
		w.advance(24 * time.Hour)
		reconcileOnce(ctx, w.manager.remediation, request.NamespacedName)
		Expect(w.remediations(ctx)).To(BeEmpty())
	})
})

var errUnknownNamespace = errors.New("unknown namespace for the cache")

// blind is a client that reads no TicketSystem.
func blind() client.Client {
	GinkgoHelper()
	base, err := client.NewWithWatch(env.Config, client.Options{Scheme: env.Scheme})
	Expect(err).NotTo(HaveOccurred())
	return interceptor.NewClient(base, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, opts ...client.GetOption) error {
			if _, ok := object.(*v1alpha1.TicketSystem); ok {
				return errUnknownNamespace
			}
			return c.Get(ctx, key, object, opts...)
		},
	})
}
