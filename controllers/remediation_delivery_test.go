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

var _ = Describe("A message to a desk that removes no duplicates", func() {
	// held makes a world in which the fate of the create is unknown.
	held := func(ctx SpecContext, fault desk.Fault) *world {
		GinkgoHelper()
		w := newEmptyWorld(ctx)
		apply(ctx, builders.MakeTicketSystem("desk").InNamespace(w.namespace).URL(w.desk.URL()).Timeout("1s").Obj())
		w.route(ctx, w.namespace)
		failFirst(w, fault)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		w.advance(1000 * time.Hour)
		w.quiet(ctx)
		Expect(w.desk.Messages()).To(HaveLen(1))
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, unknown, v1alpha1.ReasonOutcomeUnknown))
		Expect(w.manager.recordedEvents()).To(ContainElement(ContainSubstring("OutcomeUnknown")))
		return w
	}
	resolve := func(ctx SpecContext, w *world, action v1alpha1.ResolveAction, ticketID string) {
		GinkgoHelper()
		w.edit(ctx, func(spec *v1alpha1.RemediationSpec) {
			spec.Resolve = &v1alpha1.Resolve{MessageKey: w.delivery(ctx).MessageKey, Action: action, TicketID: ticketID}
		})
		w.quiet(ctx)
	}

	It("is held until a person has it sent again", func(ctx SpecContext) {
		w := held(ctx, desk.HangUpBeforeStoring())
		Expect(w.desk.Tickets()).To(BeEmpty())
		resolve(ctx, w, v1alpha1.ResolveRetry, "")
		Expect(w.theTicket().State).To(Equal(desk.Open))
		w.expectSameBytes()
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationOpen))
	})

	It("is sent again once for one decision", func(ctx SpecContext) {
		w := held(ctx, desk.HangUpBeforeStoring())
		w.desk.SetOnRequest(func(desk.Message) desk.Fault { return desk.HangUpBeforeStoring() })
		resolve(ctx, w, v1alpha1.ResolveRetry, "")
		w.edit(ctx, func(spec *v1alpha1.RemediationSpec) { spec.Cause = &v1alpha1.Cause{Category: v1alpha1.CauseUnknown} })
		w.quiet(ctx)
		Expect(w.desk.Messages()).To(HaveLen(2))
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, unknown, v1alpha1.ReasonOutcomeUnknown))
		w.edit(ctx, func(spec *v1alpha1.RemediationSpec) { spec.Resolve = nil })
		w.quiet(ctx)
		resolve(ctx, w, v1alpha1.ResolveRetry, "")
		Expect(w.desk.Messages()).To(HaveLen(3))
	})

	It("is held until a person adopts the ticket that it opened", func(ctx SpecContext) {
		w := held(ctx, desk.HangUpAfterStoring())
		resolve(ctx, w, v1alpha1.ResolveAdopt, w.theTicket().ID)
		Expect(w.remediation(ctx).Status.Tickets[0].ID).To(Equal(w.theTicket().ID))
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationOpen))
		w.judged(ctx)
		w.quiet(ctx)
		Expect(operations(w.theTicket())).To(Equal([]v1alpha1.Operation{opCreate, opClose}))
	})

	It("is held until a person gives it up, and with it the ticket", func(ctx SpecContext) {
		w := held(ctx, desk.HangUpBeforeStoring())
		resolve(ctx, w, v1alpha1.ResolveAbandon, "")
		Expect(w.remediation(ctx).Status.Tickets[0].State).To(Equal(v1alpha1.TicketAbandoned))
		Expect(w.remediation(ctx).Finalizers).To(BeEmpty())
		w.judged(ctx)
		w.quiet(ctx)
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		Expect(w.desk.Messages()).To(HaveLen(1))
	})
})

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
