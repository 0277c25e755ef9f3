package e2e_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	dto "github.com/prometheus/client_model/go"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/managerprocess"
	"github.com/gemba-dev/gemba/internal/builders"
)

var _ = Describe("A restart", func() {
	It("writes nothing where nothing has changed", func(ctx SpecContext) {
		const processes, reviewed, ticketed, measured = 500, 400, 25, 100
		receiver := newDesk()
		quiet, err := env.NewNamespace(ctx, "e2e-quiet", nil)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func(ctx context.Context) error { return empty(ctx, quiet) })
		loud := newNamespace(ctx, receiver)
		apply(ctx, builders.MakeCadence("e2e-annual").Every("P12M").Obj())
		for i := range processes - ticketed {
			name := fmt.Sprintf("process-%d", i)
			apply(ctx, builders.MakeProcess(name).InNamespace(quiet).Step("check", "somebody has to look").
				InEffectSince("2019-01-01").Cadence("e2e-annual").Obj())
			if i < reviewed {
				apply(ctx, builders.MakeReview(name).InNamespace(quiet).Of(name).By("quality-manager").
					HeldAt(wall.Now().AddDate(0, -i%14, 0).Add(-time.Minute).Truncate(time.Second)).
					Outcome(governancev1alpha1.OutcomeApproved).Keeps("check").Obj())
			}
		}
		server := newCounter(admitAll)
		apply(ctx, builders.MakeMetricSource("numbers", server.URL).InNamespace(quiet).HTTP("/v1").
			Tune(func(spec *governancev1alpha1.MetricSourceSpec) {
				spec.TLS = &governancev1alpha1.TLS{CABundle: server.authority()}
			}).Obj())
		for i := range measured {
			// Asked for once a year: a heartbeat, which falls anywhere in an interval, does not fall into this spec.
			name, process := fmt.Sprintf("kpi-%d", i), fmt.Sprintf("process-%d", i%10)
			apply(ctx, quick(quiet, name).Process(process).Every("8760h").StaleAfter("17520h").Measured("2026-01-31", "95").Obj())
			apply(ctx, quick(quiet, "asked-"+name).Process(process).Every("8760h").StaleAfter("17520h").
				HTTP("numbers", "/v1/share", "double(reply.share)").Obj())
		}
		for i := range ticketed {
			apply(ctx, overdue(loud, fmt.Sprintf("process-%d", i)))
		}

		first, scrapeFirst := startScraped(ctx)
		Eventually(delivered).WithContext(ctx).WithArguments(loud).Should(Equal(ticketed))
		Eventually(judgedReviews).WithContext(ctx).WithArguments(quiet).Should(Equal(reviewed))
		Eventually(metKPIs).WithContext(ctx).WithArguments(quiet).Should(Equal(2 * measured))
		// Processes gather what changes below them for seconds, in which no queue tells of it.
		Eventually(rolledUpKPIs).WithContext(ctx).WithArguments(quiet).Should(Equal(2 * measured))
		Eventually(func() []string { return busy(scrapeFirst(ctx)) }).WithContext(ctx).Should(BeEmpty())
		Expect(first.Stop()).To(Succeed())
		before := resourceVersions(ctx)

		_, scrape := startScraped(ctx)
		Eventually(func() float64 { return judged(scrape(ctx), "process") }).WithContext(ctx).
			Should(BeNumerically(">=", processes))
		Eventually(func() float64 { return judged(scrape(ctx), "review") }).WithContext(ctx).
			Should(BeNumerically(">=", reviewed))
		Eventually(func() float64 { return judged(scrape(ctx), "kpi") }).WithContext(ctx).
			Should(BeNumerically(">=", 2*measured))
		Eventually(func() []string { return busy(scrape(ctx)) }).WithContext(ctx).Should(BeEmpty())

		after, families := resourceVersions(ctx), scrape(ctx)
		changed := 0
		for object, version := range after {
			if before[object] != version {
				changed++
			}
		}
		AddReportEntry("restart", fmt.Sprintf(
			"%d objects (%d processes, %d KPIs) before and %d after the restart, %d with another resource version; %v requests that write",
			len(before), processes, 2*measured, len(after), changed, writes(families)), ReportEntryVisibilityAlways)
		Expect(maps.Equal(before, after)).To(BeTrue(), "resource versions differ")
		Expect(writes(families)).To(BeZero(), "requests that write")
		Expect(receiver.Messages()).To(HaveLen(ticketed))
	}, SpecTimeout(8*time.Minute))
})

// startScraped runs a manager alone, and gives what reads its metrics.
func startScraped(ctx context.Context) (*managerprocess.Process, func(context.Context) map[string]*dto.MetricFamily) {
	GinkgoHelper()
	address, err := managerprocess.FreeAddress(ctx)
	Expect(err).NotTo(HaveOccurred())
	process := start(ctx, "--leader-elect=false", "--metrics-secure=false", "--metrics-bind-address="+address)
	return process, func(ctx context.Context) map[string]*dto.MetricFamily {
		GinkgoHelper()
		return scrape(ctx, "http://"+address+"/metrics")
	}
}

// judgedReviews counts the reviews of a namespace that were decided about.
func judgedReviews(ctx context.Context, namespace string) int {
	GinkgoHelper()
	var reviews governancev1alpha1.ReviewList
	Expect(env.Client.List(ctx, &reviews, client.InNamespace(namespace))).To(Succeed())
	count := 0
	for i := range reviews.Items {
		if reviews.Items[i].Status.Counted != nil {
			count++
		}
	}
	return count
}

// metKPIs counts the KPIs of a namespace that are met.
func metKPIs(ctx context.Context, namespace string) int {
	GinkgoHelper()
	var kpis governancev1alpha1.KPIList
	Expect(env.Client.List(ctx, &kpis, client.InNamespace(namespace))).To(Succeed())
	count := 0
	for i := range kpis.Items {
		if kpis.Items[i].Status.State == governancev1alpha1.KPIMet {
			count++
		}
	}
	return count
}

// rolledUpKPIs counts the KPIs that the processes of a namespace know to be met.
func rolledUpKPIs(ctx context.Context, namespace string) int {
	GinkgoHelper()
	var processes governancev1alpha1.ProcessList
	Expect(env.Client.List(ctx, &processes, client.InNamespace(namespace))).To(Succeed())
	count := 0
	for i := range processes.Items {
		if known := processes.Items[i].Status.KPIs; known != nil {
			count += int(known.Met)
		}
	}
	return count
}

// resourceVersions gives the resource version of every object of Gemba.
func resourceVersions(ctx context.Context) map[string]string {
	GinkgoHelper()
	versions := make(map[string]string)
	for _, list := range []client.ObjectList{
		&governancev1alpha1.ProcessList{}, &governancev1alpha1.ReviewList{}, &governancev1alpha1.RemediationList{},
		&governancev1alpha1.ReviewCadenceList{}, &governancev1alpha1.GovernancePolicyList{},
		&governancev1alpha1.TicketSystemList{}, &governancev1alpha1.WaiverList{},
		&governancev1alpha1.KPIList{}, &governancev1alpha1.MetricSourceList{},
	} {
		Expect(env.Client.List(ctx, list)).To(Succeed())
		kind := strings.TrimPrefix(fmt.Sprintf("%T", list), "*v1alpha1.")
		Expect(eachObject(list, func(object client.Object) {
			versions[kind+" "+client.ObjectKeyFromObject(object).String()] = object.GetResourceVersion()
		})).To(Succeed())
	}
	return versions
}
