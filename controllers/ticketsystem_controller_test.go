package controllers_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/status"
)

var _ = Describe("A ticket system", func() {
	judge := func(ctx context.Context, w *world) *v1alpha1.TicketSystem {
		GinkgoHelper()
		key := types.NamespacedName{Namespace: w.namespace, Name: "desk"}
		reconcileOnce(ctx, w.manager.system, key)
		system := &v1alpha1.TicketSystem{}
		Expect(env.Client.Get(ctx, key, system)).To(Succeed())
		Expect(status.Check(status.Subject{
			Generation: system.Generation, ObservedGeneration: system.Status.ObservedGeneration,
			Conditions: system.Status.Conditions,
		})).To(BeEmpty())
		return system
	}
	condition := func(system *v1alpha1.TicketSystem, conditionType string) metav1.Condition {
		if found := status.Find(system.Status.Conditions, conditionType); found != nil {
			return *found
		}
		return metav1.Condition{}
	}

	It("is ready where all that it says is understood, and says so once", func(ctx SpecContext) {
		w := newWorld(ctx)
		system := judge(ctx, w)
		Expect(condition(system, v1alpha1.ConditionReady).Reason).To(Equal(v1alpha1.ReasonReconciled))
		Expect(system.Status.ObservedGeneration).To(Equal(system.Generation))
		Expect(condition(system, v1alpha1.ConditionReachable).Type).To(BeEmpty())
		w.advance(time.Hour)
		Expect(judge(ctx, w).ResourceVersion).To(Equal(system.ResourceVersion))
	})

	DescribeTable("says what must be changed", func(ctx SpecContext, change func(*builders.TicketSystemBuilder, *world),
		reason, sentence string,
	) {
		w := newEmptyWorld(ctx)
		allowHosts(ctx, w, "nowhere", "")
		allowHosts(ctx, w, "here", hostOf(w)+",127.0.0.1")
		system := builders.MakeTicketSystem("desk").InNamespace(w.namespace).URL(w.desk.URL())
		change(system, w)
		apply(ctx, system.Obj())
		judged := judge(ctx, w)
		ready := condition(judged, v1alpha1.ConditionReady)
		Expect(ready.Status).To(Equal(no))
		Expect(ready.Reason).To(Equal(reason))
		Expect(ready.Message).To(ContainSubstring(sentence))
		Expect(ready.Message).NotTo(ContainSubstring(canary))
		present, absent := v1alpha1.ConditionStalled, v1alpha1.ConditionReconciling
		if reason == v1alpha1.ReasonReferenceNotFound {
			present, absent = absent, present
		}
		Expect(condition(judged, present).Status).To(Equal(yes))
		Expect(condition(judged, absent).Type).To(BeEmpty())
	},
		Entry("an address that hands out credentials", func(s *builders.TicketSystemBuilder, _ *world) {
			s.URL("http://169.254.169.254/latest")
		}, v1alpha1.ReasonInvalidSpec, "never allowed"),
		Entry("a private address that nobody has allowed", func(s *builders.TicketSystemBuilder, _ *world) {
			s.URL("https://10.0.0.1/hook")
		}, v1alpha1.ReasonInvalidSpec, "--egress-allow-cidr"),
		Entry("a Secret that does not exist", func(s *builders.TicketSystemBuilder, _ *world) {
			s.Bearer("missing", "token")
		}, v1alpha1.ReasonReferenceNotFound, "Secret missing does not exist"),
		Entry("a key that the Secret does not have", func(s *builders.TicketSystemBuilder, _ *world) {
			s.Bearer("here", "password")
		}, v1alpha1.ReasonReferenceNotFound, "has no key password"),
		Entry("a Secret that may be sent nowhere", func(s *builders.TicketSystemBuilder, _ *world) {
			s.Bearer("nowhere", "token")
		}, v1alpha1.ReasonReferenceNotPermitted, "annotate it"),
		Entry("a Secret that may be sent to another port only", func(s *builders.TicketSystemBuilder, _ *world) {
			s.URL("http://127.0.0.1:1/hook").Bearer("here", "token")
		}, v1alpha1.ReasonReferenceNotPermitted, "127.0.0.1:1"),
		Entry("a Secret that may be sent to the system and not to the proxy in between",
			func(s *builders.TicketSystemBuilder, _ *world) {
				s.Bearer("here", "token").Proxy("http://127.0.0.1:3128")
			}, v1alpha1.ReasonReferenceNotPermitted, "add 127.0.0.1:3128 to"),
		Entry("a Secret that may be sent over https and not in clear", func(s *builders.TicketSystemBuilder, _ *world) {
			s.URL("http://127.0.0.1:443/hook").Bearer("here", "token")
		}, v1alpha1.ReasonReferenceNotPermitted, "add 127.0.0.1:443 to"),
		Entry("a login with a header that belongs to the message", func(s *builders.TicketSystemBuilder, _ *world) {
			s.HeaderAuth("idempotency-key", "here", "token")
		}, v1alpha1.ReasonInvalidSpec, "idempotency-key cannot be used to log in"),
		Entry("a key that cannot sign", func(s *builders.TicketSystemBuilder, _ *world) {
			s.SignedWith("here", "token")
		}, v1alpha1.ReasonInvalidSpec, "whsec_"),
	)

	It("with a CA bundle that is none says so", func(ctx SpecContext) {
		w := newEmptyWorld(ctx)
		system := builders.MakeTicketSystem("desk").InNamespace(w.namespace).URL(w.desk.URL()).Obj()
		system.Spec.TLS = &v1alpha1.TLS{CABundle: "no certificate"}
		apply(ctx, system)
		Expect(condition(judge(ctx, w), v1alpha1.ConditionReady).Reason).To(Equal(v1alpha1.ReasonInvalidSpec))
	})

	It("is ready once the Secret that it waits for is there", func(ctx SpecContext) {
		w := newWorld(ctx, func(s *builders.TicketSystemBuilder) { s.Bearer("login", "token") })
		Expect(condition(judge(ctx, w), v1alpha1.ConditionReady).Status).To(Equal(no))
		allowHosts(ctx, w, "login", hostOf(w))
		Expect(condition(judge(ctx, w), v1alpha1.ConditionReady).Status).To(Equal(yes))
	})

	It("shows whether it answers, and writes only when that changes", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		answered := judge(ctx, w)
		Expect(condition(answered, v1alpha1.ConditionReachable).Reason).To(Equal(v1alpha1.ReasonAnswered))

		Expect(w.desk.Down()).To(Succeed())
		w.judged(ctx)
		w.rest(ctx)
		silent := judge(ctx, w)
		Expect(condition(silent, v1alpha1.ConditionReachable).Reason).To(Equal(v1alpha1.ReasonNoAnswer))
		Expect(condition(silent, v1alpha1.ConditionReady).Status).To(Equal(yes))
		w.advance(time.Minute)
		w.rest(ctx)
		Expect(judge(ctx, w).ResourceVersion).To(Equal(silent.ResourceVersion))

		Expect(w.desk.Up()).To(Succeed())
		w.desk.SetOnRequest(func(desk.Message) desk.Fault { return desk.Refuse(http.StatusForbidden) })
		w.quiet(ctx)
		Expect(condition(judge(ctx, w), v1alpha1.ConditionReachable).Reason).To(Equal(v1alpha1.ReasonRefused))
	})

	It("keeps what it knew of an answer over a restart", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		before := judge(ctx, w)
		w.manager = w.start()
		Expect(judge(ctx, w).ResourceVersion).To(Equal(before.ResourceVersion))
		before.Spec.Timeout = "3s"
		Expect(env.Client.Update(ctx, before)).To(Succeed())
		Expect(condition(judge(ctx, w), v1alpha1.ConditionReachable).Reason).To(Equal(v1alpha1.ReasonAnswered))
	})

	It("gets signed messages, with one signature for each key", func(ctx SpecContext) {
		w := newWorld(ctx, func(s *builders.TicketSystemBuilder) { s.SignedWith("keys", "new").SignedWith("keys", "old") })
		keys := secret(w, "keys")
		keys.Annotations = map[string]string{v1alpha1.AnnotationAllowedHosts: hostOf(w)}
		keys.StringData = map[string]string{"new": signingKey("n"), "old": signingKey("o")}
		apply(ctx, keys)
		strict, err := desk.New(desk.Options{Keys: []string{signingKey("o")}, Now: w.clock.Now})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(strict.Close)
		Expect(w.desk.Close()).To(Succeed())
		w.desk = strict
		system := judge(ctx, w)
		system.Spec.URL = v1alpha1.Link(strict.URL())
		Expect(env.Client.Update(ctx, system)).To(Succeed())
		keys.Annotations[v1alpha1.AnnotationAllowedHosts] = hostOf(w)
		Expect(env.Client.Update(ctx, keys)).To(Succeed())
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Open))
		signature := w.desk.Messages()[0].Header.Get("webhook-signature")
		Expect(strings.Fields(signature)).To(HaveLen(2))
	})

	It("that is gone is forgotten", func(ctx SpecContext) {
		w := newWorld(ctx)
		system := judge(ctx, w)
		Expect(env.Client.Delete(ctx, system)).To(Succeed())
		key := types.NamespacedName{Namespace: w.namespace, Name: "desk"}
		Expect(reconcileOnce(ctx, w.manager.system, key).RequeueAfter).To(BeZero())
	})
})

// signingKey makes a key of Standard Webhooks.
func signingKey(of string) string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(of, 32)))
}

// reachable is what the ticket system of the world says of answers.
func reachable(ctx context.Context, w *world) metav1.Condition {
	GinkgoHelper()
	return systemCondition(ctx, w, v1alpha1.ConditionReachable)
}

// ready is what the ticket system of the world says of itself.
func ready(ctx context.Context, w *world) metav1.Condition {
	GinkgoHelper()
	return systemCondition(ctx, w, v1alpha1.ConditionReady)
}

func systemCondition(ctx context.Context, w *world, conditionType string) metav1.Condition {
	GinkgoHelper()
	key := types.NamespacedName{Namespace: w.namespace, Name: "desk"}
	reconcileOnce(ctx, w.manager.system, key)
	system := &v1alpha1.TicketSystem{}
	Expect(env.Client.Get(ctx, key, system)).To(Succeed())
	found := status.Find(system.Status.Conditions, conditionType)
	Expect(found).NotTo(BeNil())
	return *found
}
