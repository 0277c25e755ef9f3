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

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
)

var _ = Describe("The opener of remediations", func() {
	alter := func(change func(*v1alpha1.Finding)) v1alpha1.Finding {
		finding := overdueFinding()
		change(&finding)
		return finding
	}

	It("takes the route as it is into the remediation, and nothing of the labels of the process", func(ctx SpecContext) {
		w := newWorld(ctx)
		process := &v1alpha1.Process{}
		Expect(env.Client.Get(ctx, w.process, process)).To(Succeed())
		process.Labels = map[string]string{"app.kubernetes.io/instance": "billing"}
		process.Annotations = map[string]string{"note": "mine"}
		Expect(env.Client.Update(ctx, process)).To(Succeed())
		w.judged(ctx, overdueFinding())
		reconcileOnce(ctx, w.manager.opener, w.process)
		opened := w.remediation(ctx)
		Expect(opened.Labels).To(BeEmpty())
		Expect(opened.Annotations).To(BeEmpty())
		Expect(opened.Spec.Route).To(Equal(v1alpha1.RouteSnapshot{
			Policy: v1alpha1.ObjectName(w.namespace), Name: "all", VerifyFor: "0s",
			TicketSystemRef: v1alpha1.NamespacedReference{Name: "desk", Namespace: v1alpha1.ObjectName(w.namespace)},
			Cause:           v1alpha1.CauseOptional, ReopenWithin: "P30D",
		}))
		Expect(*opened.Spec.Finding).To(Equal(v1alpha1.FindingIdentity{
			Rule: v1alpha1.RuleReviewOverdue, About: "full", Episode: overdueFinding().Episode,
		}))
	})

	It("waits until a process that was just applied has settled", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		process := &v1alpha1.Process{}
		Expect(env.Client.Get(ctx, w.process, process)).To(Succeed())
		seen := metav1.NewTime(w.clock.Now().Add(-10 * time.Second))
		process.Status.ObservedSince = &seen
		Expect(env.Client.Status().Update(ctx, process)).To(Succeed())
		Expect(reconcileOnce(ctx, w.manager.opener, w.process).RequeueAfter).To(Equal(20 * time.Second))
		Expect(w.remediations(ctx)).To(BeEmpty())
		w.advance(20 * time.Second)
		Expect(reconcileOnce(ctx, w.manager.opener, w.process).RequeueAfter).To(BeZero())
		Expect(w.remediations(ctx)).To(HaveLen(1))
	})

	DescribeTable("opens nothing", func(ctx SpecContext, finding v1alpha1.Finding) {
		w := newWorld(ctx)
		w.judged(ctx, finding)
		reconcileOnce(ctx, w.manager.opener, w.process)
		Expect(w.remediations(ctx)).To(BeEmpty())
	},
		Entry("for a finding that is waived", alter(func(f *v1alpha1.Finding) { f.WaivedBy = "w" })),
		Entry("for a finding that no route covers", alter(func(f *v1alpha1.Finding) { f.Severity = v1alpha1.SeverityLow })),
	)

	It("opens nothing for a process that is suspended, and catches up afterwards", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		suspend(ctx, w, true)
		reconcileOnce(ctx, w.manager.opener, w.process)
		Expect(w.remediations(ctx)).To(BeEmpty())
		suspend(ctx, w, false)
		reconcileOnce(ctx, w.manager.opener, w.process)
		Expect(w.remediations(ctx)).To(HaveLen(1))
	})

	It("opens nothing in a cluster without a policy", func(ctx SpecContext) {
		w := newEmptyWorld(ctx)
		w.judged(ctx, overdueFinding())
		reconcileOnce(ctx, w.manager.opener, w.process)
		Expect(w.remediations(ctx)).To(BeEmpty())
	})

	It("opens one remediation for each of two requirements that fall due at the same instant", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding(), alter(func(f *v1alpha1.Finding) { f.About = "weekly" }))
		w.quiet(ctx)
		Expect(w.remediations(ctx)).To(HaveLen(2))
		Expect(w.desk.Tickets()).To(HaveLen(2))
	})

	It("uses an open remediation again when the next review is overdue too", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		w.judged(ctx, alter(func(f *v1alpha1.Finding) { f.Episode = "2026-03-01T23:59:59Z" }))
		w.quiet(ctx)
		Expect(w.remediations(ctx)).To(HaveLen(1))
		Expect(w.desk.Messages()).To(HaveLen(1))
	})

	DescribeTable("decides by reopenWithin whether another episode is the same ticket",
		func(ctx SpecContext, days, remediations int) {
			w := newWorld(ctx)
			w.judged(ctx, overdueFinding())
			w.quiet(ctx)
			w.judged(ctx)
			w.quiet(ctx)
			w.advance(time.Duration(days) * 24 * time.Hour)
			w.judged(ctx, alter(func(f *v1alpha1.Finding) { f.Episode = "2026-03-29T23:59:59Z" }))
			w.quiet(ctx)
			Expect(w.remediations(ctx)).To(HaveLen(remediations))
			Expect(w.desk.Tickets()).To(HaveLen(remediations))
			Expect(w.remediations(ctx)).To(ContainElement(
				HaveField("Status.State", v1alpha1.RemediationOpen)), "one has the finding")
			Expect(w.remediations(ctx)).To(HaveLen(1 + closedOnes(w.remediations(ctx))))
			before := w.versions(ctx)
			w.quiet(ctx)
			Expect(w.versions(ctx)).To(Equal(before))
		},
		Entry("29 days after it was closed it is", 29, 1),
		Entry("30 days after it was closed it is not", 30, 2),
	)

	It("reopens a ticket of the same episode however long ago it was closed", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		w.judged(ctx)
		w.quiet(ctx)
		w.advance(1000 * time.Hour)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		Expect(w.remediations(ctx)).To(HaveLen(1))
		Expect(operations(w.theTicket())).To(Equal([]v1alpha1.Operation{opCreate, opClose, opReopen}))
	})

	It("says nothing new when a cluster is rebuilt without its status", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		lost := w.remediation(ctx)
		lost.Finalizers = nil
		Expect(env.Client.Update(ctx, lost)).To(Succeed())
		Expect(env.Client.Delete(ctx, lost)).To(Succeed())
		w.manager = w.start()
		w.quiet(ctx)
		Expect(w.remediation(ctx).UID).NotTo(Equal(lost.UID))
		Expect(w.remediation(ctx).Name).To(Equal(lost.Name))
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationOpen))
		Expect(operations(w.theTicket())).To(Equal([]v1alpha1.Operation{opCreate}))
		Expect(w.desk.Duplicates()).To(Equal(1))
	})

	It("reopens the ticket of a cluster that was rebuilt, where the desk says that it was closed", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		w.judged(ctx)
		w.quiet(ctx)
		Expect(env.Client.Delete(ctx, w.remediation(ctx))).To(Succeed())
		w.manager = w.start()
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Open))
		Expect(operations(w.theTicket())).To(Equal([]v1alpha1.Operation{opCreate, opClose, opReopen}))
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationOpen))
	})

	It("looks again later where the one of that name is still being deleted", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		Expect(env.Client.Delete(ctx, w.remediation(ctx))).To(Succeed())
		Expect(reconcileOnce(ctx, w.manager.opener, w.process).RequeueAfter).To(BeNumerically(">", 0))
		reconcileOnce(ctx, w.manager.remediation, client.ObjectKeyFromObject(w.remediation(ctx)))
		reconcileOnce(ctx, w.manager.opener, w.process)
		Expect(w.remediation(ctx).DeletionTimestamp).To(BeNil())
	})

	It("puts a rule's own verifyFor into the remediation", func(ctx SpecContext) {
		w := newEmptyWorld(ctx)
		policy := builders.MakePolicy(w.namespace).Route("all", w.namespace, "desk").
			Rule(v1alpha1.RuleSetting{Name: v1alpha1.RuleReviewOverdue, VerifyFor: "8760h"}).Obj()
		apply(ctx, policy)
		DeferCleanup(func(ctx SpecContext) { Expect(env.Client.Delete(ctx, policy)).To(Succeed()) })
		w.judged(ctx, overdueFinding())
		reconcileOnce(ctx, w.manager.opener, w.process)
		Expect(w.remediation(ctx).Spec.Route.VerifyFor).To(Equal(v1alpha1.Duration("8760h0m0s")))
	})
})

func closedOnes(remediations []v1alpha1.Remediation) int {
	closed := 0
	for _, remediation := range remediations {
		if remediation.Status.State == v1alpha1.RemediationClosed {
			closed++
		}
	}
	return closed
}

var _ = Describe("The opener of remediations, where one cannot be created", func() {
	It("opens the others, and says what failed", func(ctx SpecContext) {
		w := newWorld(ctx)
		base, err := client.NewWithWatch(env.Config, client.Options{Scheme: env.Scheme})
		Expect(err).NotTo(HaveOccurred())
		w.manager = newManager(interceptor.NewClient(base, interceptor.Funcs{
			Create: func(ctx context.Context, c client.WithWatch, object client.Object, opts ...client.CreateOption) error {
				if opened, ok := object.(*v1alpha1.Remediation); ok && opened.Spec.Finding.About == "full" {
					return errors.New("refused by a policy of the cluster")
				}
				return c.Create(ctx, object, opts...)
			},
		}), w.clock)
		other := overdueFinding()
		other.About = "weekly"
		w.judged(ctx, overdueFinding(), other)
		_, err = w.manager.opener.Reconcile(ctx, ctrl.Request{NamespacedName: w.process})
		Expect(err).To(MatchError(ContainSubstring("refused by a policy of the cluster")))
		Expect(w.remediation(ctx).Spec.Finding.About).To(Equal("weekly"))
	})
})
