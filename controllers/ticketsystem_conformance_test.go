package controllers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/standin"
)

// tracked is a world whose tickets go to the stand-in of a vendor.
type tracked struct {
	*world
	tracker *standin.Tracker
	url     string
}

func newTracked(ctx context.Context, of vendor, change ...func(*standin.Options)) *tracked {
	GinkgoHelper()
	w := newEmptyWorld(ctx)
	options := standin.Options{Clock: w.clock, Lag: of.lag, PageLimit: 2, Credentials: []standin.Credential{of.login}}
	for _, alter := range change {
		alter(&options)
	}
	made := &tracked{world: w, tracker: of.tracker(options)}
	server := httptest.NewServer(made.tracker)
	DeferCleanup(server.Close)
	made.url = server.URL
	host, err := url.Parse(server.URL)
	Expect(err).NotTo(HaveOccurred())
	apply(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: w.namespace, Name: "vendor",
			Annotations: map[string]string{v1alpha1.AnnotationAllowedHosts: host.Host},
		},
		StringData: map[string]string{"user": "gemba", "token": vendorToken, "routing": standin.PagerDutyRoutingKey},
	})
	system := &v1alpha1.TicketSystem{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "desk"}}
	system.Spec = v1alpha1.TicketSystemSpec{
		Type: of.systemType, Parameters: of.parameters, SecretFields: of.secretFields,
		Endpoint:  v1alpha1.Endpoint{URL: v1alpha1.Link(server.URL), Auth: of.auth, Timeout: "1s"},
		RateLimit: v1alpha1.TicketRateLimit{PerSecond: unlimited, Concurrent: 2},
	}
	apply(ctx, system)
	w.route(ctx, w.namespace)
	return made
}

// only is the one ticket that the vendor holds.
func (t *tracked) only(state string) standin.Ticket {
	GinkgoHelper()
	tickets := t.tracker.Tickets()
	Expect(tickets).To(HaveLen(1), "tickets at the vendor")
	Expect(tickets[0].State).To(Equal(state))
	return tickets[0]
}

// status is the only ticket of the only remediation.
func (t *tracked) status(ctx context.Context) v1alpha1.TicketStatus {
	GinkgoHelper()
	tickets := t.remediation(ctx).Status.Tickets
	Expect(tickets).To(HaveLen(1))
	return tickets[0]
}

// names are what the tickets are called, by what they are about.
func (t *tracked) names(ctx context.Context) map[string]string {
	GinkgoHelper()
	names := map[string]string{}
	for _, remediation := range t.remediations(ctx) {
		Expect(remediation.Status.Tickets).To(HaveLen(1))
		names[remediation.Spec.Finding.About] = remediation.Status.Tickets[0].ID
	}
	return names
}

// forgets loses all remediations, as a cluster does that is built anew. Their tickets stay.
func (t *tracked) forgets(ctx context.Context) {
	GinkgoHelper()
	for _, gone := range t.remediations(ctx) {
		gone.Finalizers = nil
		Expect(env.Client.Update(ctx, &gone)).To(Succeed())
		Expect(client.IgnoreNotFound(env.Client.Delete(ctx, &gone))).To(Succeed())
	}
}

var _ = Describe("A type of ticket system", func() {
	DescribeTable("leads a ticket through its life", eachVendor(func(ctx SpecContext, of vendor) {
		t := newTracked(ctx, of)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		opened := t.only(standin.Open)
		Expect(opened.Title).To(ContainSubstring("a review is overdue"))
		if !of.mute {
			Expect(opened.Body).To(ContainSubstring("The full review was due"))
		}
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
		Expect(t.status(ctx).ID).To(Equal(of.name(opened)))
		Expect(t.status(ctx).State).To(Equal(v1alpha1.TicketOpen))

		t.judged(ctx)
		t.quiet(ctx)
		closed := t.only(standin.Closed)
		if !of.mute {
			Expect(append(closed.Comments, closed.Fields["close_notes"])).To(ContainElement(ContainSubstring("is done")), "why it is closed")
		}
		Expect(t.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))

		t.advance(time.Hour)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		Expect(t.remediation(ctx).Status.Attempt).To(Equal(int32(2)))
		if of.mute {
			// PagerDuty resolves an alert for good: a trigger after that is a new alert of the same key.
			Expect(t.tracker.Tickets()).To(HaveLen(2))
			return
		}
		again := t.only(standin.Open)
		Expect(again.Comments).To(ContainElement(ContainSubstring("has come back (attempt 2)")))
		Expect(t.status(ctx).State).To(Equal(v1alpha1.TicketOpen))
	})...)

	// holdsOne is that whatever becomes of the first create there is one ticket in the end, of which Gemba knows.
	holdsOne := func(first standin.Fault) any {
		return func(ctx SpecContext, of vendor) {
			t := newTracked(ctx, of)
			t.tracker.Fail(first, 1, of.creates)
			t.judged(ctx, overdueFinding())
			t.quiet(ctx)
			Expect(t.status(ctx).ID).To(Equal(of.name(t.only(standin.Open))))
			Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
		}
	}
	DescribeTable("holds one ticket where the answer to a create is lost", eachVendor(holdsOne(standin.LoseReply()))...)
	DescribeTable("holds one ticket where a create is answered with 500 after it was stored",
		eachVendor(holdsOne(standin.FailAfter(http.StatusInternalServerError)))...)
	DescribeTable("holds one ticket where a create never arrived", eachVendor(holdsOne(standin.DropBefore()))...)

	DescribeTable("closes and reopens a ticket whatever becomes of the answers", eachVendor(func(ctx SpecContext, of vendor) {
		t := newTracked(ctx, of)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		t.tracker.Fail(standin.LoseReply(), 1, of.closes)
		t.judged(ctx)
		t.quiet(ctx)
		t.only(standin.Closed)
		if of.mute {
			return
		}
		t.advance(time.Hour)
		t.tracker.Fail(standin.FailAfter(http.StatusBadGateway), 1, of.reopens)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		t.only(standin.Open)
	})...)

	DescribeTable("waits for as long as a limit asks", eachVendor(func(ctx SpecContext, of vendor) {
		t := newTracked(ctx, of)
		began := t.clock.Now()
		t.tracker.Fail(standin.Refuse(http.StatusTooManyRequests, "{}", http.Header{"Retry-After": {"120"}}), 1, of.creates)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		t.only(standin.Open)
		Expect(t.clock.Now().Sub(began)).To(BeNumerically(">=", 2*time.Minute))
	})...)

	DescribeTable("takes up its ticket again after the cluster was built anew", eachVendor(func(ctx SpecContext, of vendor) {
		t := newTracked(ctx, of)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		before := t.only(standin.Open)
		t.advance(time.Hour)
		t.forgets(ctx)
		t.quiet(ctx)
		Expect(t.only(standin.Open).ID).To(Equal(before.ID))
		Expect(t.status(ctx).ID).To(Equal(of.name(before)))
		t.judged(ctx)
		t.quiet(ctx)
		t.only(standin.Closed)
	})...)

	DescribeTable("opens a ticket again that somebody closes, once", eachVendor(func(ctx SpecContext, of vendor) {
		t := newTracked(ctx, of)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		if of.mute {
			// It cannot be asked.
			return
		}
		id := t.only(standin.Open).ID
		Expect(t.tracker.CloseOutside(id)).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		again := t.only(standin.Open)
		Expect(again.Comments).To(ContainElement(ContainSubstring("This ticket was closed, and what it is about still stands")))
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionVerified, no, v1alpha1.ReasonNotRecovered))

		Expect(t.tracker.CloseOutside(id)).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		t.only(standin.Closed)
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionVerified, no, v1alpha1.ReasonClosedUnverified))
		Expect(t.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationOpen))
		Expect(t.manager.recordedEvents()).To(ContainElement(ContainSubstring("TicketClosedOutside")))

		t.judged(ctx)
		t.quiet(ctx)
		t.only(standin.Closed)
		Expect(t.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))

		t.advance(time.Hour)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		relapsed := t.only(standin.Open)
		Expect(relapsed.Comments).To(ContainElement(ContainSubstring("has come back (attempt 2)")))
	})...)

	DescribeTable("does not take a proxy at its word that a ticket is gone", eachVendor(func(ctx SpecContext, of vendor) {
		t := newTracked(ctx, of)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		t.tracker.Fail(standin.Refuse(http.StatusNotFound, "<html>default backend</html>", nil), 100, standin.To(http.MethodGet, ""))
		t.advance(lookAgain)
		t.quiet(ctx)
		t.tracker.Heal()
		Expect(t.status(ctx).State).To(Equal(v1alpha1.TicketOpen))
		t.judged(ctx)
		t.quiet(ctx)
		t.only(standin.Closed)
	})...)

	DescribeTable("is not fooled by a page to log in", eachVendor(func(ctx SpecContext, of vendor) {
		t := newTracked(ctx, of)
		if of.mute {
			// Nothing can be looked for there, and its answers name nothing new.
			return
		}
		t.tracker.Fail(standin.Refuse(http.StatusOK, "<html>Log in</html>", nil), 1, of.creates)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		t.only(standin.Open)
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
	})...)

	DescribeTable("is not asked without end where it fails each time", eachVendor(func(ctx SpecContext, of vendor) {
		t := newTracked(ctx, of)
		t.tracker.Fail(standin.Refuse(http.StatusServiceUnavailable, "{}", nil), 1000, of.creates)
		t.judged(ctx, overdueFinding())
		end := t.clock.Now().Add(6 * time.Hour)
		for t.clock.Now().Before(end) {
			t.advance(max(t.rest(ctx), time.Second))
		}
		Expect(len(t.tracker.Requests())).To(BeNumerically("<", 120), "requests in six hours")
		t.tracker.Heal()
		t.quiet(ctx)
		t.only(standin.Open)
	})...)

	DescribeTable("takes up all its tickets again, however many pages they are on", eachVendor(func(ctx SpecContext, of vendor) {
		const count = 7
		t := newTracked(ctx, of)
		// Readings of many tickets are spread, and the world would never be quiet.
		system := &v1alpha1.TicketSystem{}
		Expect(env.Client.Get(ctx, client.ObjectKey{Namespace: t.namespace, Name: "desk"}, system)).To(Succeed())
		system.Spec.ReadEvery = "0s"
		Expect(env.Client.Update(ctx, system)).To(Succeed())
		findings := make([]v1alpha1.Finding, count)
		for i := range findings {
			findings[i] = overdueFinding()
			findings[i].About = fmt.Sprint("requirement-", i)
		}
		t.judged(ctx, findings...)
		t.quiet(ctx)
		before := t.names(ctx)
		Expect(before).To(HaveLen(count))
		Expect(t.tracker.Tickets()).To(HaveLen(count))
		t.advance(time.Hour)
		t.forgets(ctx)
		t.quiet(ctx)
		Expect(t.names(ctx)).To(Equal(before))
		Expect(t.tracker.Tickets()).To(HaveLen(count))
	})...)
})
