package controllers_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/standin"
	"github.com/gemba-dev/gemba/internal/status"
)

// crowd is many Remediations in some namespaces, whose reconciler is called for each when it has asked to be, and not before:
// nobody follows its line.
type crowd struct {
	*world
	due map[types.NamespacedName]time.Time
	// order is that in which they began.
	order []types.NamespacedName
	// passes counts the calls.
	passes int
}

func newCrowd(w *world) *crowd { return &crowd{world: w, due: map[types.NamespacedName]time.Time{}} }

// overdue makes a process with some findings in a namespace, and for each of them a Remediation at a TicketSystem.
func (c *crowd) overdue(ctx context.Context, namespace, system string, count int) {
	GinkgoHelper()
	process, remediations := overdueIn(namespace, "refunds-"+system, count)
	status := process.Status
	apply(ctx, process)
	process.Status = status
	process.Status.ObservedGeneration = process.Generation
	for _, remediation := range remediations {
		remediation.Spec.Route.TicketSystemRef = c.systemRef(system)
		apply(ctx, remediation)
		c.enter(remediation)
	}
	Expect(env.Client.Status().Update(ctx, process)).To(Succeed())
}

// enter has a Remediation called at once.
func (c *crowd) enter(remediation *v1alpha1.Remediation) {
	key := client.ObjectKeyFromObject(remediation)
	c.due[key] = c.clock.Now()
	c.order = append(c.order, key)
}

// overdueIn is a process with some findings, and a Remediation for each of them.
func overdueIn(namespace, subject string, count int) (*v1alpha1.Process, []*v1alpha1.Remediation) {
	process := builders.MakeProcess(subject).InNamespace(namespace).Every("P12M").Obj()
	seen := metav1.NewTime(parseTime("2026-03-01T00:00:00Z"))
	process.Status.ObservedGeneration, process.Status.ObservedSince = 1, &seen
	var remediations []*v1alpha1.Remediation
	for i := range count {
		finding := overdueFinding()
		finding.About = fmt.Sprintf("full-%02d", i)
		process.Status.Findings = append(process.Status.Findings, finding)
		remediation := builders.MakeRemediation(fmt.Sprintf("%s-%02d", subject, i)).InNamespace(namespace).Obj()
		remediation.Spec.SubjectRef.Name = v1alpha1.ObjectName(subject)
		remediation.Spec.Finding = &v1alpha1.FindingIdentity{Rule: finding.Rule, About: finding.About, Episode: finding.Episode}
		remediations = append(remediations, remediation)
	}
	return process, remediations
}

// live calls whoever is due, the earliest first, for a time or until nobody has anything to do.
func (c *crowd) live(ctx context.Context, during time.Duration) {
	GinkgoHelper()
	for end := c.clock.Now().Add(during); len(c.due) > 0; {
		next := c.order[0]
		for _, key := range c.order {
			at, waits := c.due[key]
			if first, known := c.due[next]; waits && (!known || at.Before(first)) {
				next = key
			}
		}
		if c.due[next].After(end) {
			c.clock.SetTime(end)
			return
		}
		if c.due[next].After(c.clock.Now()) {
			c.clock.SetTime(c.due[next])
		}
		c.passes++
		result := reconcileOnce(ctx, c.manager.remediation, next)
		// The recorder holds a thousand, and then waits for somebody who takes them.
		c.manager.recordedEvents()
		if delete(c.due, next); result.RequeueAfter > 0 {
			c.due[next] = c.clock.Now().Add(result.RequeueAfter)
		}
	}
}

// received is a message at a desk.
type received struct {
	at        time.Time
	namespace string
	ticket    string
}

// listen notes what comes to a desk, which answers as fault says.
func (c *crowd) listen(to *desk.Desk, fault func() desk.Fault) *[]received {
	var all []received
	to.SetOnRequest(func(message desk.Message) desk.Fault {
		namespace, _, _ := strings.Cut(message.Event.Subject, "/")
		all = append(all, received{at: c.clock.Now(), namespace: namespace, ticket: message.Event.Data.TicketKey})
		return fault()
	})
	return &all
}

func noFault() desk.Fault { return desk.Fault{} }

// opened counts Remediations by the state of their tickets.
func (c *crowd) opened(ctx context.Context, namespaces ...string) (states map[v1alpha1.TicketState]int) {
	GinkgoHelper()
	states = map[v1alpha1.TicketState]int{}
	for _, namespace := range namespaces {
		var list v1alpha1.RemediationList
		Expect(env.Client.List(ctx, &list, client.InNamespace(namespace))).To(Succeed())
		for i := range list.Items {
			states[stateAt(&list.Items[i])]++
		}
	}
	return states
}

func stateAt(remediation *v1alpha1.Remediation) v1alpha1.TicketState {
	if len(remediation.Status.Tickets) == 0 {
		return "Waiting"
	}
	return remediation.Status.Tickets[0].State
}

// reachableAs judges a TicketSystem and gives its condition Reachable.
func (c *crowd) reachableAs(ctx context.Context, name string) *metav1.Condition {
	GinkgoHelper()
	key := types.NamespacedName{Namespace: c.namespace, Name: name}
	reconcileOnce(ctx, c.manager.system, key)
	system := &v1alpha1.TicketSystem{}
	Expect(env.Client.Get(ctx, key, system)).To(Succeed())
	Expect(status.Check(status.Subject{
		Generation: system.Generation, ObservedGeneration: system.Status.ObservedGeneration, Conditions: system.Status.Conditions,
	})).To(BeEmpty())
	return status.Find(system.Status.Conditions, v1alpha1.ConditionReachable)
}

// expectInTurn asserts that messages came each once, so many a second and no more, and from one namespace after the other.
func (c *crowd) expectInTurn(messages []received, namespaces []string, count, perSecond int, began time.Time) {
	GinkgoHelper()
	all := len(namespaces) * count
	Expect(messages).To(HaveLen(all), "none is lost, and none doubled")
	Expect(c.desk.Tickets()).To(HaveLen(all))
	for i := perSecond; i < all; i++ {
		if apart := messages[i].at.Sub(messages[i-perSecond].at); apart < time.Second {
			Fail(fmt.Sprintf("%d messages within %s from number %d on", perSecond+1, apart, i-perSecond))
		}
	}
	sent := map[string]int{}
	for i, message := range messages {
		sent[message.namespace]++
		for _, namespace := range namespaces {
			if waits := sent[namespace] < count; waits && sent[message.namespace]-sent[namespace] > 4 {
				Fail(fmt.Sprintf("after %d messages: %v", i+1, sent))
			}
		}
	}
	Expect(messages[all-1].at.Sub(began)).To(BeNumerically("~", time.Duration(all/perSecond)*time.Second, 2*time.Second), "nothing is wasted")
	Expect(c.passes).To(BeNumerically("<", 5*all), "who waits is seldom looked at")
}

var _ = Describe("A ticket system with a rate limit", func() {
	const perSecond = 5

	It("gets a hundred messages of four namespaces in turn, each once, and no more than five a second", func(ctx SpecContext) {
		const count = 25
		c := newCrowd(newEmptyWorld(ctx))
		apply(ctx, builders.MakeTicketSystem("desk").InNamespace(c.namespace).URL(c.desk.URL()).AllowAll().Obj())
		messages := c.listen(c.desk, noFault)
		namespaces := make([]string, 4)
		for i := range namespaces {
			namespaces[i] = newNamespace(ctx, nil)
			c.overdue(ctx, namespaces[i], "desk", count)
		}
		began := c.clock.Now()
		c.live(ctx, time.Minute)
		c.expectInTurn(*messages, namespaces, count, perSecond, began)
		Expect(c.opened(ctx, namespaces...)).To(Equal(map[v1alpha1.TicketState]int{v1alpha1.TicketOpen: len(namespaces) * count}))
	})

	// The API server of this one is in memory: what is tried is the line.
	It("gets two thousand of forty namespaces in the same way", func(ctx SpecContext) {
		const count = 50
		running, err := desk.New(desk.Options{})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(running.Close)
		c := newCrowd(&world{namespace: "platform", clock: newClock("2026-03-02T09:00:00Z"), desk: running})
		base, err := client.NewWithWatch(env.Config, client.Options{Scheme: env.Scheme})
		Expect(err).NotTo(HaveOccurred())
		cluster := newCluster(newMemory(base, c.clock))
		through := cluster.client(undisturbed, func() {})
		c.manager = newManager(through, c.clock)
		cluster.declare(builders.MakeTicketSystem("desk").InNamespace("platform").URL(running.URL()).AllowAll().
			RateLimit(perSecond, 2).Obj())
		messages := c.listen(running, noFault)
		namespaces := make([]string, 40)
		for i := range namespaces {
			namespaces[i] = fmt.Sprintf("team-%02d", i)
			process, remediations := overdueIn(namespaces[i], "refunds", count)
			cluster.declare(process)
			for _, remediation := range remediations {
				remediation.Spec.Route.TicketSystemRef = v1alpha1.NamespacedReference{Namespace: "platform", Name: "desk"}
				Expect(through.Create(ctx, remediation)).To(Succeed())
				c.enter(remediation)
			}
		}
		began := c.clock.Now()
		c.live(ctx, 10*time.Minute)
		c.expectInTurn(*messages, namespaces, count, perSecond, began)
		for _, remediation := range cluster.all() {
			Expect(stateAt(&remediation)).To(Equal(v1alpha1.TicketOpen))
		}
	})
})

var _ = Describe("A ticket system that is down", func() {
	const count = 20
	// outage is an hour in which one of two ticket systems fails as told.
	outage := func(ctx SpecContext, fault func() desk.Fault) (c *crowd, messages *[]received, other *desk.Desk) {
		GinkgoHelper()
		c = newCrowd(newEmptyWorld(ctx))
		other, err := desk.New(desk.Options{})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(other.Close)
		for name, url := range map[string]string{"desk": c.desk.URL(), "other": other.URL()} {
			apply(ctx, builders.MakeTicketSystem(name).InNamespace(c.namespace).URL(url).Timeout("1s").Deduplicates().Obj())
			c.overdue(ctx, c.namespace, name, count)
		}
		return c, c.listen(c.desk, fault), other
	}

	It("is tried now and then and by one message, holds up no other, and gets each message once when it is back", func(ctx SpecContext) {
		const threshold, probes = 5, 22
		fault := desk.FailBeforeStoring()
		c, messages, other := outage(ctx, func() desk.Fault { return fault })
		c.live(ctx, 10*time.Second)
		Expect(other.Tickets()).To(HaveLen(count), "the other is delivered to meanwhile")
		Expect(*messages).To(HaveLen(threshold))
		paused := c.reachableAs(ctx, "desk")
		Expect(paused.Status).To(Equal(no))
		Expect(paused.Reason).To(Equal(v1alpha1.ReasonPaused))
		Expect(paused.Message).To(ContainSubstring("5 requests in a row"))
		before := c.versions(ctx)
		c.live(ctx, time.Hour-10*time.Second)

		Expect(len(*messages)).To(And(BeNumerically(">", threshold+10), BeNumerically("<=", threshold+probes)))
		Expect(c.reachableAs(ctx, "desk").LastTransitionTime).To(Equal(paused.LastTransitionTime))
		tried := map[string]bool{}
		for _, message := range *messages {
			tried[message.ticket] = true
		}
		for _, remediation := range c.remediations(ctx) {
			tickets := remediation.Status.Tickets
			if len(tickets) == 0 {
				Expect(remediation.ResourceVersion).To(Equal(before[remediation.Name]), "who was not tried is not written")
				continue
			}
			delivery := tickets[0].Delivery
			Expect(tickets[0].State == v1alpha1.TicketOpen || tried[tickets[0].Key]).To(BeTrue())
			Expect(tickets[0].State == v1alpha1.TicketOpen || delivery.Tries > 0).To(BeTrue())
		}

		fault = desk.Fault{}
		c.live(ctx, time.Hour)
		Expect(c.desk.Tickets()).To(HaveLen(count))
		Expect(c.desk.Duplicates()).To(BeZero())
		Expect(c.opened(ctx, c.namespace)).To(Equal(map[v1alpha1.TicketState]int{v1alpha1.TicketOpen: 2 * count}))
		Expect(c.reachableAs(ctx, "desk").Reason).To(Equal(v1alpha1.ReasonAnswered))
	})

	It("holds up no verdict", func(ctx SpecContext) {
		const threshold = 5
		w := newWorld(ctx)
		findings := make([]v1alpha1.Finding, threshold+3)
		for i := range findings {
			findings[i] = overdueFinding()
			findings[i].About = fmt.Sprintf("full-%d", i)
		}
		w.judged(ctx, findings...)
		w.quiet(ctx)
		opened := len(w.desk.Messages())
		Expect(opened).To(Equal(len(findings)))
		w.desk.SetOnRequest(func(desk.Message) desk.Fault { return desk.FailBeforeStoring() })
		w.judged(ctx)
		w.rest(ctx)
		Expect(w.desk.Messages()).To(HaveLen(opened + threshold))
		delivered := 0
		for _, remediation := range w.remediations(ctx) {
			Expect(&remediation).To(haveCondition(v1alpha1.ConditionRecovered, yes, v1alpha1.ReasonFindingGone))
			if status.Find(remediation.Status.Conditions, v1alpha1.ConditionDelivered).Status == yes {
				delivered++
			}
		}
		Expect(delivered).To(Equal(len(findings)-threshold), "what waits is written nowhere")
	})

	It("that asks for patience is left alone by all, no longer than an hour", func(ctx SpecContext) {
		asked := 0
		c, messages, other := outage(ctx, func() desk.Fault {
			if asked++; asked == 1 {
				fault := desk.Refuse(http.StatusServiceUnavailable)
				fault.Header = map[string]string{"Retry-After": "7200"}
				return fault
			}
			return desk.Fault{}
		})
		began := c.clock.Now()
		c.live(ctx, 3*time.Hour)
		Expect(other.Tickets()).To(HaveLen(count))
		Expect(c.desk.Tickets()).To(HaveLen(count))
		Expect(slices.IndexFunc(*messages, func(m received) bool { return m.at.After(began) })).To(Equal(1))
		Expect((*messages)[1].at).To(Equal(began.Add(time.Hour)))
	})
})

var _ = Describe("A question before the first message", func() {
	It("that is refused is asked again after longer and longer, without a write, and at once when the ticket system was edited", func(ctx SpecContext) {
		of := vendors()["GitHub"]
		t := newTracked(ctx, of)
		var asked []time.Time
		t.tracker.Fail(standin.Refuse(http.StatusNotFound, "{}", nil), 1000, func(method, _ string) bool {
			if method == http.MethodGet {
				asked = append(asked, t.clock.Now())
			}
			return true
		})
		t.judged(ctx, overdueFinding())
		began, next := t.clock.Now(), t.rest(ctx)
		before := t.remediation(ctx).ResourceVersion
		for t.clock.Now().Sub(began) < 6*time.Hour {
			t.advance(next)
			next = t.rest(ctx)
		}
		Expect(t.remediation(ctx).ResourceVersion).To(Equal(before), "a try is no write")
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonRetrying))
		Expect(len(asked)).To(And(BeNumerically(">", 12), BeNumerically("<", 24)))
		Expect(asked[1].Sub(asked[0])).To(BeNumerically("<=", 3*time.Second))
		Expect(asked[len(asked)-1].Sub(asked[len(asked)-2])).To(BeNumerically(">=", 45*time.Minute))

		tries := len(asked)
		system := &v1alpha1.TicketSystem{}
		Expect(env.Client.Get(ctx, client.ObjectKey{Namespace: t.namespace, Name: "desk"}, system)).To(Succeed())
		system.Spec.Timeout = "2s"
		Expect(env.Client.Update(ctx, system)).To(Succeed())
		t.rest(ctx)
		Expect(len(asked)).To(BeNumerically(">", tries))
	})
})
