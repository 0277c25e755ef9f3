package controllers_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/standin"
)

// passAtOnce runs the reconciler of every remediation once, all of them at the same time.
func (t *tracked) passAtOnce(ctx context.Context) {
	GinkgoHelper()
	var running sync.WaitGroup
	for _, remediation := range t.remediations(ctx) {
		running.Go(func() {
			defer GinkgoRecover()
			_, err := t.manager.remediation.Reconcile(ctx, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(&remediation)})
			Expect(err).NotTo(HaveOccurred())
		})
	}
	running.Wait()
}

var _ = Describe("A type of ticket system, besides,", func() {
	It("that asks for patience with 403 is given it", func(ctx SpecContext) {
		of := vendors()["GitHub"]
		t := newTracked(ctx, of)
		t.tracker.Fail(standin.Refuse(http.StatusForbidden, "{}", http.Header{"Retry-After": {"60"}}), 1, of.creates)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		t.only(standin.Open)
	})

	It("says what somebody must do first, and goes on when it is done", func(ctx SpecContext) {
		of := vendors()["Jira Cloud"]
		of.parameters["closeTransition"] = "Abracadabra"
		t := newTracked(ctx, of)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		t.judged(ctx)
		t.quiet(ctx)
		t.only(standin.Open)
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonRefused))
		Expect(t.delivery(ctx).Message).To(ContainSubstring("set spec.parameters.closeTransition to one of"))
		before := t.remediation(ctx).ResourceVersion
		t.advance(lookAgain)
		t.quiet(ctx)
		Expect(t.remediation(ctx).ResourceVersion).To(Equal(before), "what is as it was writes nothing")

		system := &v1alpha1.TicketSystem{}
		Expect(env.Client.Get(ctx, client.ObjectKey{Namespace: t.namespace, Name: "desk"}, system)).To(Succeed())
		system.Spec.Parameters["closeTransition"] = ""
		Expect(env.Client.Update(ctx, system)).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		t.only(standin.Closed)
	})

	It("that can neither close nor reopen is told of each attempt anew", func(ctx SpecContext) {
		w := newEmptyWorld(ctx)
		var posted atomic.Int32
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { posted.Add(1) }))
		DeferCleanup(server.Close)
		apply(ctx, builders.MakeTicketSystem("desk").InNamespace(w.namespace).URL(server.URL).Custom(v1alpha1.TicketProtocol{
			Create: v1alpha1.TicketRequest{Path: `"/hook"`, Body: `{"text": ticket.title}`},
		}).Obj())
		w.route(ctx, w.namespace)
		for attempt := range int32(2) {
			w.judged(ctx, overdueFinding())
			w.quiet(ctx)
			Expect(posted.Load()).To(Equal(attempt + 1))
			w.judged(ctx)
			w.quiet(ctx)
			Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
			w.advance(time.Hour)
		}
	})

	It("waits for the cause that its route asks for", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		policy := &v1alpha1.GovernancePolicy{}
		Expect(env.Client.Get(ctx, client.ObjectKey{Name: t.namespace}, policy)).To(Succeed())
		policy.Spec.Routes[0].Cause = v1alpha1.CauseRequired
		Expect(env.Client.Update(ctx, policy)).To(Succeed())
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		Expect(t.only(standin.Open).Body).To(ContainSubstring("what was at fault?"))

		t.judged(ctx)
		t.quiet(ctx)
		Expect(t.only(standin.Open).Comments).To(ContainElement(ContainSubstring("one answer is missing")))
		Expect(t.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationVerifying))
		t.advance(13 * 24 * time.Hour)
		t.quiet(ctx)
		Expect(t.only(standin.Open).Comments).To(HaveLen(1), "it is asked once")

		t.edit(ctx, func(spec *v1alpha1.RemediationSpec) { spec.Cause = &v1alpha1.Cause{Category: v1alpha1.CauseHandoff} })
		t.quiet(ctx)
		t.only(standin.Closed)
		Expect(t.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		Expect(t.remediation(ctx).Status.Cause).To(Equal(v1alpha1.CauseHandoff))
	})

	It("is closed without its cause after two weeks", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		policy := &v1alpha1.GovernancePolicy{}
		Expect(env.Client.Get(ctx, client.ObjectKey{Name: t.namespace}, policy)).To(Succeed())
		policy.Spec.Routes[0].Cause = v1alpha1.CauseRequired
		Expect(env.Client.Update(ctx, policy)).To(Succeed())
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		t.judged(ctx)
		t.quiet(ctx)
		t.advance(14 * 24 * time.Hour)
		t.quiet(ctx)
		t.only(standin.Closed)
		Expect(t.remediation(ctx).Status.Cause).To(Equal(v1alpha1.CauseUnknown))
	})

	It("that repeats a secret has it shown to nobody", func(ctx SpecContext) {
		w := newEmptyWorld(ctx)
		server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			_ = json.NewEncoder(rw).Encode(map[string]string{"echo": r.Header.Get("Authorization"), "id": r.Header.Get("Authorization")})
		}))
		DeferCleanup(server.Close)
		host, err := url.Parse(server.URL)
		Expect(err).NotTo(HaveOccurred())
		apply(ctx, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: w.namespace, Name: "vendor", Annotations: map[string]string{v1alpha1.AnnotationAllowedHosts: host.Host},
			},
			StringData: map[string]string{"token": vendorToken},
		})
		apply(ctx, builders.MakeTicketSystem("desk").InNamespace(w.namespace).URL(server.URL).Custom(v1alpha1.TicketProtocol{
			Create: v1alpha1.TicketRequest{Path: `"/tickets"`, Body: `{"text": ticket.title}`, ID: `reply.body.id`},
			Close: &v1alpha1.TicketRequest{
				Path: `"/close"`, Lookup: &v1alpha1.TicketLookup{Path: `"/look"`, Problem: `"It says: " + lookup.body.echo`},
			},
		}).Bearer("vendor", "token").Obj())
		w.route(ctx, w.namespace)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		w.judged(ctx)
		w.quiet(ctx)
		shown, err := json.Marshal(w.remediation(ctx))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(shown)).To(ContainSubstring("It says: Bearer [redacted]"))
		Expect(string(shown)).NotTo(ContainSubstring(vendorToken))
		Expect(w.manager.recordedEvents()).NotTo(ContainElement(ContainSubstring(vendorToken)))
	})

	It("that has to be searched is got through by many at once", func(ctx SpecContext) {
		const count = 8
		t := newTracked(ctx, vendors()["GitHub"])
		findings := make([]v1alpha1.Finding, count)
		for i := range findings {
			findings[i] = overdueFinding()
			findings[i].About = string(rune('a' + i))
		}
		t.judged(ctx, findings...)
		reconcileOnce(ctx, t.manager.opener, t.process)
		Expect(t.remediations(ctx)).To(HaveLen(count))
		for range count {
			t.passAtOnce(ctx)
		}
		Expect(t.tracker.Tickets()).To(HaveLen(count), "each pass that has a place opens a ticket")
	})
})

var _ = Describe("A type of ticket system whose list lags", func() {
	It("has one ticket although its Remediation is deleted before the list shows it, and is opened anew", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["Jira Cloud"])
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		before := t.remediation(ctx)
		Expect(env.Client.Delete(ctx, before)).To(Succeed())
		t.rest(ctx)
		t.only(standin.Closed)
		Expect(t.remediation(ctx).UID).To(Equal(before.UID), "it stays for as long as nobody could find its ticket")
		t.quiet(ctx)
		t.only(standin.Open)
		Expect(t.remediation(ctx).UID).NotTo(Equal(before.UID))
	})
})
