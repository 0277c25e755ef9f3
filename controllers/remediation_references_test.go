package controllers_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
)

// canary is a credential that must be seen nowhere but in a header on its way to the desk.
const canary = "canary-0123456789"

func secret(w *world, name string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name}}
}

// allowHosts makes a Secret that may be sent to hosts.
func allowHosts(ctx context.Context, w *world, name, hosts string) {
	GinkgoHelper()
	made := secret(w, name)
	made.StringData = map[string]string{"token": canary}
	if hosts != "" {
		made.Annotations = map[string]string{v1alpha1.AnnotationAllowedHosts: hosts}
	}
	apply(ctx, made)
}

func hostOf(w *world) string { return strings.TrimPrefix(w.desk.URL(), "http://") }

var _ = Describe("A credential", func() {
	It("goes to the host that its Secret names, and is seen nowhere else", func(ctx SpecContext) {
		w := newWorld(ctx, func(s *builders.TicketSystemBuilder) { s.Bearer("login", "token") })
		allowHosts(ctx, w, "login", hostOf(w))
		failFirst(w, desk.Fault{Skip: true, Status: http.StatusInternalServerError, Body: []byte("you said Bearer " + canary)})
		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		Expect(w.desk.Messages()[0].Header.Get("Authorization")).To(Equal("Bearer " + canary))
		Expect(w.delivery(ctx).Message).To(ContainSubstring("you said"))
		Expect(shown(w.remediation(ctx))).NotTo(ContainSubstring(canary))
	})

	DescribeTable("goes nowhere else", func(ctx SpecContext, hosts, sentence string) {
		w := newWorld(ctx, func(s *builders.TicketSystemBuilder) { s.Bearer("login", "token") })
		allowHosts(ctx, w, "login", hosts)
		w.judged(ctx, overdueFinding())
		Expect(w.rest(ctx)).To(Equal(5 * time.Minute))
		Expect(w.desk.Messages()).To(BeEmpty())
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonNotConfigured))
		Expect(w.remediation(ctx).Status.Conditions).To(ContainElement(HaveField("Message", ContainSubstring(sentence))))
		Expect(w.remediation(ctx).Status.Tickets[0].Delivery).To(BeNil())

		made := secret(w, "login")
		Expect(env.Client.Get(ctx, types.NamespacedName{Namespace: w.namespace, Name: "login"}, made)).To(Succeed())
		made.Annotations = map[string]string{v1alpha1.AnnotationAllowedHosts: hostOf(w)}
		Expect(env.Client.Update(ctx, made)).To(Succeed())
		w.advance(5 * time.Minute)
		w.quiet(ctx)
		Expect(w.theTicket().State).To(Equal(desk.Open))
	},
		Entry("without an annotation", "", "annotate it with"),
		Entry("with the annotation of another host", "desk.example", "add 127.0.0.1"),
		Entry("with a malformed annotation", "desk.example,,", "entry 2"),
	)

	It("is waited for where its Secret is missing", func(ctx SpecContext) {
		w := newWorld(ctx, func(s *builders.TicketSystemBuilder) { s.SignedWith("signing", "key") })
		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonNotConfigured))
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionReady, yes, v1alpha1.ReasonReconciled))
	})
})

var _ = Describe("A ticket system of another namespace", func() {
	// far makes a world whose policy names a TicketSystem elsewhere; make may create it.
	far := func(ctx SpecContext, create func(elsewhere string, w *world)) *world {
		GinkgoHelper()
		w := newEmptyWorld(ctx)
		elsewhere := newNamespace(ctx, nil)
		create(elsewhere, w)
		w.route(ctx, elsewhere)
		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		return w
	}
	message := func(ctx SpecContext, w *world) string {
		GinkgoHelper()
		remediation := w.remediation(ctx)
		Expect(remediation).To(haveCondition(v1alpha1.ConditionReady, no, v1alpha1.ReasonReferenceNotPermitted))
		Expect(remediation).To(haveCondition(v1alpha1.ConditionStalled, yes, v1alpha1.ReasonReferenceNotPermitted))
		Expect(remediation).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonNotConfigured))
		Expect(w.desk.Messages()).To(BeEmpty())
		said := remediation.Status.Conditions[0].Message
		other := string(remediation.Spec.Route.TicketSystemRef.Namespace)
		return strings.ReplaceAll(strings.ReplaceAll(said, other, "<other>"), w.namespace, "<own>")
	}

	It("is refused in the same words whether it exists or not", func(ctx SpecContext) {
		missing := far(ctx, func(string, *world) {})
		closedUp := far(ctx, func(elsewhere string, w *world) {
			apply(ctx, builders.MakeTicketSystem("desk").InNamespace(elsewhere).URL(w.desk.URL()).Obj())
		})
		forOthers := far(ctx, func(elsewhere string, w *world) {
			apply(ctx, builders.MakeTicketSystem("desk").InNamespace(elsewhere).URL(w.desk.URL()).AllowLabelled("team", "x").Obj())
		})
		Expect(message(ctx, missing)).To(Equal(message(ctx, closedUp)))
		Expect(message(ctx, missing)).To(Equal(message(ctx, forOthers)))
		Expect(message(ctx, missing)).To(ContainSubstring("allowedNamespaces"))
	})

	It("takes the ticket where it admits the namespace of the process", func(ctx SpecContext) {
		w := far(ctx, func(elsewhere string, w *world) {
			apply(ctx, builders.MakeTicketSystem("desk").InNamespace(elsewhere).URL(w.desk.URL()).Deduplicates().
				AllowLabelled("kubernetes.io/metadata.name", w.namespace).Obj())
		})
		Expect(w.theTicket().State).To(Equal(desk.Open))
	})

	It("keeps its own troubles to itself", func(ctx SpecContext) {
		w := far(ctx, func(elsewhere string, w *world) {
			apply(ctx, builders.MakeTicketSystem("desk").InNamespace(elsewhere).URL(w.desk.URL()).AllowAll().
				Bearer("very-private-name", "token").Obj())
		})
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonNotConfigured))
		for _, condition := range w.remediation(ctx).Status.Conditions {
			Expect(condition.Message).NotTo(ContainSubstring("very-private-name"))
		}
	})
})

// shown is everything that a reader of a remediation can see.
func shown(remediation *v1alpha1.Remediation) string {
	GinkgoHelper()
	text, err := json.Marshal(remediation)
	Expect(err).NotTo(HaveOccurred())
	return string(text)
}
