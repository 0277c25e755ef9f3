package loop

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

// teller answers with a number in JSON, or not at all.
type teller struct {
	server *httptest.Server
	value  atomic.Int64
	silent atomic.Bool
	asked  atomic.Int64
}

// newTeller runs a teller until the spec ends.
func newTeller(value int64) *teller {
	t := &teller{}
	t.value.Store(value)
	t.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		t.asked.Add(1)
		if t.silent.Load() {
			// The connection breaks before anything is said.
			panic(http.ErrAbortHandler)
		}
		_, _ = fmt.Fprintf(w, `{"value": %d}`, t.value.Load())
	}))
	DeferCleanup(t.server.Close)
	return t
}

var _ = Describe("A KPI", func() {
	const began = "2024-07-01"
	var (
		w      *world
		number *teller
	)
	// asked is a KPI that is asked for every ten seconds, with a target of 90.
	asked := func() *builders.KPIBuilder {
		return builders.MakeKPI("share").InEffectSince("2024-06-01").HTTP("numbers", "/value", "double(reply.value)").Every("10s")
	}
	share := func() *governancev1alpha1.KPI {
		GinkgoHelper()
		var kpi governancev1alpha1.KPI
		Expect(cached.Get(w.ctx, client.ObjectKey{Namespace: w.namespace, Name: "share"}, &kpi)).To(Succeed())
		return &kpi
	}
	// pass lets time pass, and counts how often status was written meanwhile.
	pass := func(length time.Duration) int64 {
		GinkgoHelper()
		before := w.statusWrites.Load()
		w.runUntil(w.clock.Now().Add(length), func() {})
		return w.statusWrites.Load() - before
	}
	BeforeEach(func(ctx SpecContext) {
		w = newWorld(ctx, day(began))
		number = newTeller(95)
		w.apply(builders.MakeMetricSource("numbers", number.server.URL).HTTP("/value").Obj())
	})

	It("is written when something happened, and at most once an hour otherwise", func() {
		w.apply(asked().Obj())
		pass(time.Minute)
		Expect(share().Status.State).To(Equal(governancev1alpha1.KPIMet))
		before := number.asked.Load()
		Expect(pass(10*time.Minute)).To(BeNumerically("<=", 1), "writes in ten minutes of the same value")
		Expect(number.asked.Load()-before).To(BeNumerically(">=", 60), "values that were asked for meanwhile")

		number.value.Store(89)
		Expect(pass(20*time.Second)).To(BeNumerically("<=", 4), "the KPI, its remediation twice, and that the desk answers")
		Expect(share().Status.State).To(Equal(governancev1alpha1.KPIBreached))
		Expect(share().Status.Value).To(HaveValue(Equal(governancev1alpha1.Decimal("89"))))
	})

	It("has a value that moves written every five minutes, and judged every time", func() {
		w.apply(asked().Obj())
		pass(time.Minute)
		writes := int64(0)
		for i := range 60 {
			number.value.Store(int64(92 + 5*(i%2)))
			writes += pass(10 * time.Second)
		}
		Expect(writes).To(BeNumerically("<=", 3), "writes in ten minutes of values that jump by a twentieth of the target")
		Expect(writes).To(BeNumerically(">=", 1))
	})

	It("is stale once its source was silent for staleAfter, with its value as it was", func() {
		w.apply(asked().StaleAfter("1m").Obj())
		pass(time.Minute)
		number.silent.Store(true)
		pass(40 * time.Second)
		Expect(share().Status.State).To(Equal(governancev1alpha1.KPIMet))
		pass(time.Minute)
		stale := share().Status
		Expect(stale.State).To(Equal(governancev1alpha1.KPIStale))
		Expect(stale.Value).To(HaveValue(Equal(governancev1alpha1.Decimal("95"))))
		Expect(condition(stale.Conditions, governancev1alpha1.ConditionReady)).To(Equal("Ready=True/Reconciled"))
		Expect(condition(stale.Conditions, governancev1alpha1.ConditionTargetMet)).To(Equal("TargetMet=Unknown/Stale"))
		Expect(stale.Findings).To(HaveLen(1))
		Expect(pass(30*time.Minute)).To(BeNumerically("<=", 1), "writes in half an hour of silence")

		number.silent.Store(false)
		pass(10 * time.Minute)
		Expect(share().Status.State).To(Equal(governancev1alpha1.KPIMet))
		Expect(share().Status.Findings).To(BeEmpty())
	})

	It("that goes leaves a source of which nobody says any more that it is out of reach", func() {
		reachable := func() string {
			GinkgoHelper()
			var source governancev1alpha1.MetricSource
			Expect(cached.Get(w.ctx, client.ObjectKey{Namespace: w.namespace, Name: "numbers"}, &source)).To(Succeed())
			return condition(source.Status.Conditions, governancev1alpha1.ConditionReachable)
		}
		w.apply(asked().Obj())
		number.silent.Store(true)
		pass(time.Minute)
		Expect(reachable()).To(Equal("Reachable=False/NoAnswer"))
		pass(10 * time.Minute)
		Expect(reachable()).To(Equal("Reachable=False/NoAnswer"))
		gone := share()
		Expect(cached.Delete(w.ctx, gone)).To(Succeed())
		// In this world reconcilers are called for what there is; the manager's is called for what is gone, too.
		w.sampler.Forget(client.ObjectKeyFromObject(gone))
		pass(10 * time.Minute)
		Expect(reachable()).To(Equal("Reachable=Unknown/NotAsked"))

		number.silent.Store(false)
		w.apply(asked().Obj())
		pass(time.Minute)
		Expect(reachable()).To(Equal("Reachable=True/Answered"))
	})

	It("that misses opens one ticket, of its own and not of its process", func() {
		w.apply(
			builders.MakeProcess("cases").InEffectSince("2024-06-01").Step("do", "it is needed").Obj(),
			asked().Process("cases").Tune(func(spec *governancev1alpha1.KPISpec) { spec.Action = "Call the customers back." }).Obj(),
		)
		pass(time.Minute)
		number.value.Store(10)
		pass(10 * time.Minute)
		Expect(condition(w.process("cases").Status.Conditions, governancev1alpha1.ConditionKPIsMet)).
			To(Equal("KPIsMet=False/Breached"))
		Expect(condition(w.process("cases").Status.Conditions, governancev1alpha1.ConditionCompliant)).
			To(Equal("Compliant=False/Breached"))
		tickets := w.desk.Tickets()
		Expect(tickets).To(HaveLen(1))
		Expect(w.desk.Messages()[0].Body).To(ContainSubstring("Call the customers back."))

		By("staying met for a week")
		number.value.Store(95)
		w.edit(share(), func() {})
		pass(time.Minute)
		Expect(condition(w.process("cases").Status.Conditions, governancev1alpha1.ConditionKPIsMet)).To(Equal("KPIsMet=True/Met"))
	})

	It("is not asked for and not judged while its process is retired, and its ticket is closed", func() {
		w.apply(
			builders.MakeProcess("cases").InEffectSince("2024-06-01").Step("do", "it is needed").Obj(),
			asked().Process("cases").Obj(),
		)
		number.value.Store(10)
		pass(10 * time.Minute)
		Expect(w.desk.Tickets()).To(HaveLen(1))
		cases := w.process("cases")
		w.edit(cases, func() {
			cases.Spec.Lifecycle = governancev1alpha1.LifecycleRetired
			cases.Spec.Retirement = &governancev1alpha1.Retirement{Reason: "nobody needs it"}
		})
		pass(time.Minute)
		before := number.asked.Load()
		pass(10 * time.Minute)
		Expect(number.asked.Load()).To(Equal(before), "requests for a KPI that nobody judges")
		Expect(share().Status.Findings).To(BeEmpty())
		Expect(condition(share().Status.Conditions, governancev1alpha1.ConditionTargetMet)).To(Equal("TargetMet=Unknown/Retired"))
		Expect(w.desk.Messages()[len(w.desk.Messages())-1].Body).To(ContainSubstring("retired"))
		Expect(w.desk.Tickets()[0].State).To(Equal("closed"))
	})

	It("that is deleted and declared anew knows nothing of the one before", func() {
		w.apply(asked().StaleAfter("1h").Obj())
		number.value.Store(10)
		pass(time.Minute)
		Expect(share().Status.State).To(Equal(governancev1alpha1.KPIBreached))
		Expect(cached.Delete(w.ctx, share())).To(Succeed())
		number.silent.Store(true)
		w.apply(asked().StaleAfter("1h").Obj())
		pass(20 * time.Second)
		Expect(share().Status.Value).To(BeNil())
		Expect(share().Status.State).To(Equal(governancev1alpha1.KPINeverMeasured))
		Expect(share().Status.Findings).To(BeEmpty())
	})

	It("whose source is not there waits for it, and takes up its values when it comes", func() {
		w.apply(asked().HTTP("later", "/value", "double(reply.value)").Obj())
		pass(time.Minute)
		Expect(condition(share().Status.Conditions, governancev1alpha1.ConditionReady)).To(Equal("Ready=False/ReferenceNotFound"))
		Expect(condition(share().Status.Conditions, governancev1alpha1.ConditionReconciling)).
			To(Equal("Reconciling=True/ReferenceNotFound"))
		w.apply(builders.MakeMetricSource("later", number.server.URL).HTTP("/value").Obj())
		pass(time.Minute)
		Expect(share().Status.State).To(Equal(governancev1alpha1.KPIMet))
	})

	It("whose source is taken away becomes stale, and does not stay green", func() {
		w.apply(asked().StaleAfter("1m").Obj())
		pass(time.Minute)
		Expect(share().Status.State).To(Equal(governancev1alpha1.KPIMet))
		Expect(cached.Delete(w.ctx, builders.MakeMetricSource("numbers", "").InNamespace(w.namespace).Obj())).To(Succeed())
		pass(30 * time.Second)
		Expect(share().Status.State).To(Equal(governancev1alpha1.KPIMet))
		pass(2 * time.Minute)
		Expect(share().Status.State).To(Equal(governancev1alpha1.KPIStale))
	})

	It("whose source was never there was never measured", func() {
		w.apply(asked().HTTP("gone", "/value", "double(reply.value)").StaleAfter("1m").Obj())
		pass(30 * time.Second)
		Expect(share().Status.Findings).To(BeEmpty())
		pass(time.Minute)
		Expect(share().Status.Findings).To(HaveLen(1))
		Expect(share().Status.Findings[0].Rule).To(Equal(governancev1alpha1.RuleNeverMeasured))
	})

	DescribeTable("whose expression is wrong is stalled, and says where",
		func(expression, says string) {
			w.apply(asked().HTTP("numbers", "/value", expression).Obj())
			pass(time.Minute)
			ready := share().Status.Conditions
			Expect(condition(ready, governancev1alpha1.ConditionStalled)).To(Equal("Stalled=True/InvalidSpec"))
			Expect(number.asked.Load()).To(BeZero())
			Expect(messageOf(ready, governancev1alpha1.ConditionReady)).To(ContainSubstring(says))
		},
		Entry("by its syntax", "double(reply.value", "line 1"),
		Entry("by a name that there is not", "double(answer.value)", "answer"),
	)
})

// messageOf gives the message of a condition; empty where there is none.
func messageOf(conditions []metav1.Condition, conditionType string) string {
	if found := meta.FindStatusCondition(conditions, conditionType); found != nil {
		return found.Message
	}
	return ""
}
