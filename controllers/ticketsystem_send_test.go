package controllers_test

import (
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/controllers"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/egress"
)

// cut is an answer that promises more than it holds, so that the connection ends in the middle of it.
func cut(fault desk.Fault) desk.Fault {
	fault.Header = map[string]string{"Content-Length": "1000"}
	fault.Body = []byte(`{"id":"`)
	return fault
}

var _ = Describe("An answer", func() {
	// asked makes a world whose desk removes no duplicates, and answers the first message with a fault.
	asked := func(ctx SpecContext, fault desk.Fault) *world {
		GinkgoHelper()
		w := newEmptyWorld(ctx)
		apply(ctx, builders.MakeTicketSystem("desk").InNamespace(w.namespace).URL(w.desk.URL()).Timeout("1s").Obj())
		w.route(ctx, w.namespace)
		failFirst(w, fault)
		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		return w
	}

	DescribeTable("that breaks off counts by its status", func(ctx SpecContext, fault desk.Fault, state v1alpha1.DeliveryState) {
		w := asked(ctx, cut(fault))
		Expect(w.delivery(ctx).State).To(Equal(state))
		Expect(w.delivery(ctx).Message).NotTo(ContainSubstring("id"))
	},
		Entry("as taken", desk.Fault{Status: http.StatusCreated}, v1alpha1.DeliveryDelivered),
		Entry("as refused", desk.Refuse(http.StatusForbidden), v1alpha1.DeliveryRefused),
		Entry("as not taken yet", desk.Refuse(http.StatusTooManyRequests), v1alpha1.DeliveryRetrying),
		Entry("as unknown", desk.Refuse(http.StatusInternalServerError), v1alpha1.DeliveryUnknown),
	)

	DescribeTable("that is a redirect is not followed", func(ctx SpecContext, status int, state v1alpha1.DeliveryState) {
		fault := desk.Refuse(status)
		fault.Header = map[string]string{"Location": "/elsewhere"}
		w := asked(ctx, fault)
		Expect(w.desk.Messages()).To(HaveLen(1))
		Expect(w.delivery(ctx).State).To(Equal(state))
		Expect(w.delivery(ctx).Message).To(ContainSubstring("write the final URL into spec.url"))
		Expect(reachable(ctx, w).Reason).To(Equal(v1alpha1.ReasonAnswered))
	},
		Entry("301 may come after the message was taken", http.StatusMovedPermanently, v1alpha1.DeliveryUnknown),
		Entry("303 may come after the message was taken", http.StatusSeeOther, v1alpha1.DeliveryUnknown),
		Entry("307 refuses the message", http.StatusTemporaryRedirect, v1alpha1.DeliveryRefused),
		Entry("308 refuses the message", http.StatusPermanentRedirect, v1alpha1.DeliveryRefused),
	)
})

var _ = Describe("A ticket system whose name leads to an address that is not allowed", func() {
	It("is not configured, says which flag opens it, and is tried every five minutes", func(ctx SpecContext) {
		w := newEmptyWorld(ctx)
		named := strings.Replace(w.desk.URL(), "127.0.0.1", "localhost", 1)
		apply(ctx, builders.MakeTicketSystem("desk").InNamespace(w.namespace).URL(named).Deduplicates().Obj())
		w.route(ctx, w.namespace)
		guard(w, egress.GuardOptions{AllowHTTP: true})
		w.judged(ctx, overdueFinding())
		w.advance(w.rest(ctx))
		for tries := range int32(15) {
			Expect(w.rest(ctx)).To(Equal(5 * time.Minute))
			Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonNotConfigured))
			Expect(w.delivery(ctx).Tries).To(Equal(tries + 1))
			ready := ready(ctx, w)
			Expect(ready.Reason).To(Equal(v1alpha1.ReasonInvalidSpec))
			Expect(ready.Message).To(ContainSubstring("--egress-allow-cidr"))
			w.advance(5 * time.Minute)
			w.advance(w.rest(ctx))
		}

		w.advance(100 * time.Hour)
		w.advance(w.rest(ctx))
		Expect(w.rest(ctx)).To(Equal(5 * time.Minute))
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonNotConfigured))

		guard(w, egress.GuardOptions{AllowHTTP: true, AllowCIDRs: []string{"127.0.0.0/8"}})
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Open))
		Expect(ready(ctx, w).Status).To(Equal(yes))
	})
})

var _ = Describe("A ticket system that does not answer", func() {
	It("holds up two messages at once, and the others wait without a write", func(ctx SpecContext) {
		w := newWorld(ctx, func(s *builders.TicketSystemBuilder) { s.Timeout("30s") })
		arrived, released := make(chan struct{}, 3), make(chan struct{})
		w.desk.SetOnRequest(func(desk.Message) desk.Fault {
			arrived <- struct{}{}
			return desk.HangAfterStoring(released)
		})
		findings := []v1alpha1.Finding{overdueFinding(), overdueFinding(), overdueFinding()}
		findings[1].About, findings[2].About = "light", "yearly"
		w.judged(ctx, findings...)
		reconcileOnce(ctx, w.manager.opener, w.process)
		waiting := w.remediations(ctx)
		Expect(waiting).To(HaveLen(3))
		answered := make(chan struct{}, 3)
		for _, held := range waiting[:2] {
			go func() {
				defer GinkgoRecover()
				reconcileOnce(ctx, w.manager.remediation, client.ObjectKeyFromObject(&held))
				answered <- struct{}{}
			}()
		}
		for range 2 {
			Eventually(ctx, arrived).Should(Receive())
		}

		last := client.ObjectKeyFromObject(&waiting[2])
		Expect(reconcileOnce(ctx, w.manager.remediation, last).RequeueAfter).To(Equal(time.Second))
		Expect(w.versions(ctx)[last.Name]).To(Equal(waiting[2].ResourceVersion))
		Expect(w.desk.Messages()).To(HaveLen(2))

		close(released)
		for range 2 {
			Eventually(ctx, answered).Should(Receive())
		}
		reconcileOnce(ctx, w.manager.remediation, last)
		Expect(w.desk.Tickets()).To(HaveLen(3))
	})
})

// guard starts the manager of a world anew with other flags.
func guard(w *world, options egress.GuardOptions) {
	GinkgoHelper()
	made, err := egress.NewGuard(options)
	Expect(err).NotTo(HaveOccurred())
	w.manager = w.start()
	endpoints := &controllers.Endpoints{Secrets: env.Client, Guard: made, Clock: w.clock}
	w.manager.remediation.Endpoints, w.manager.system.Endpoints = endpoints, endpoints
}
