package loop

import (
	"context"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

// milestones gives the events about notices since the last look.
func (w *world) milestones() (told []string) {
	for {
		select {
		case event := <-w.told.Events:
			if strings.Contains(event, "TargetHeld") || strings.Contains(event, "ReviewedInTime") {
				told = append(told, event)
			}
		default:
			return told
		}
	}
}

// restart begins anew with reconcilers that remember nothing.
func (w *world) restart() { w.workers = w.newWorkers() }

var _ = Describe("A milestone", func() {
	var w *world
	BeforeEach(func(ctx context.Context) { w = newWorld(ctx, day("2022-01-01")) })

	// writesUntil lets time pass and counts how often status was written meanwhile.
	writesUntil := func(when time.Time) int64 {
		GinkgoHelper()
		before := w.statusWrites.Load()
		w.runUntil(when, func() {})
		return w.statusWrites.Load() - before
	}
	const told = "Normal ReviewedInTime Each review of requirement full was held in time from 2022-02-01T10:00:00Z to 2023-02-01T10:00:00Z."
	reviewed := func(name, when string) {
		GinkgoHelper()
		at, err := time.Parse(time.RFC3339, when)
		Expect(err).NotTo(HaveOccurred())
		w.runUntil(at, func() {})
		w.apply(builders.MakeReview(name).Of("refunds").HeldOn(when).Keeps("check").Obj())
		w.settle()
	}
	inTime := func() {
		GinkgoHelper()
		w.apply(builders.MakeProcess("refunds").Every("P12M").InEffectSince("2021-12-01").Step("check", "a wrong refund is paid twice").Obj(),
			// Nothing about it falls due in those years.
			builders.MakeKPI("served").Process("refunds").Outcome(governancev1alpha1.PerspectiveCustomer).InEffectSince("2022-01-01").
				Measured("2021-12-31", "95").Every("8760h").StaleAfter("17520h").Obj())
		w.settle()
		reviewed("first", "2022-02-01T10:00:00Z")
		reviewed("second", "2023-01-20T10:00:00Z")
		// The next period opens a second after the review.
		w.runUntil(day("2023-01-21"), func() {})
	}

	It("of a ledger is one write and one event, and a restart tells it no second time", func() {
		inTime()
		milestone := time.Date(2023, time.February, 1, 10, 0, 0, 0, time.UTC)
		Expect(writesUntil(milestone.Add(-time.Second))).To(BeZero())
		Expect(w.milestones()).To(BeEmpty())
		Expect(writesUntil(milestone)).To(BeEquivalentTo(1))
		Expect(w.milestones()).To(ConsistOf(told))
		Expect(w.process("refunds").Status.Notices).To(HaveLen(1))

		w.restart()
		Expect(writesUntil(milestone.Add(30 * 24 * time.Hour))).To(BeZero())
		Expect(w.milestones()).To(BeEmpty())

		By("withdrawing the second review and recording it again")
		w.withdraw("second")
		w.settle()
		Expect(w.process("refunds").Status.Notices).To(BeEmpty())
		w.apply(builders.MakeReview("again").Of("refunds").HeldOn("2023-01-20T10:00:00Z").Keeps("check").Obj())
		w.settle()
		Expect(w.process("refunds").Status.Notices).To(HaveLen(1))
		Expect(w.milestones()).To(BeEmpty(), "it was told before")
	})

	It("is not told while the process is suspended, and not afterwards", func() {
		inTime()
		process := w.process("refunds")
		w.edit(process, func() { process.Spec.Suspend = true })
		w.runUntil(day("2023-02-02"), func() {})
		Expect(w.process("refunds").Status.Notices).To(HaveLen(1))
		w.edit(process, func() { process.Spec.Suspend = false })
		w.runUntil(day("2023-02-03"), func() {})
		Expect(w.milestones()).To(BeEmpty())
	})

	It("that a cluster has seen before it was built anew is recorded and not told", func() {
		inTime()
		w.runUntil(day("2023-02-02"), func() {})
		Expect(w.milestones()).To(ConsistOf(told))
		var objects []client.Object
		for _, name := range []string{"first", "second"} {
			objects = append(objects, w.review(name))
		}
		objects = append([]client.Object{w.process("refunds")}, objects...)
		for _, object := range objects {
			Expect(cached.Delete(w.ctx, object)).To(Succeed())
		}
		w.settle()
		for _, object := range objects {
			object.SetResourceVersion("")
			object.SetUID("")
			switch anew := object.(type) {
			case *governancev1alpha1.Process:
				anew.Status = governancev1alpha1.ProcessStatus{}
			case *governancev1alpha1.Review:
				anew.Status = governancev1alpha1.ReviewStatus{}
			}
			w.apply(object)
			w.settle()
		}
		Expect(w.process("refunds").Status.Notices).To(HaveLen(1))
		Expect(w.milestones()).To(BeEmpty())
	})

	It("of a KPI comes with the value that reaches it, in one event", func() {
		w.apply(builders.MakeKPI("right").InEffectSince("2021-12-01").Measured("2021-11-30", "95").Measured("2022-01-31", "94").
			Measured("2022-02-28", "95").Measured("2022-04-10", "95").Measured("2022-05-30", "93").Measured("2022-06-30", "80").Obj())
		held := func() []governancev1alpha1.Notice {
			GinkgoHelper()
			var kpi governancev1alpha1.KPI
			Expect(cached.Get(w.ctx, client.ObjectKey{Namespace: w.namespace, Name: "right"}, &kpi)).To(Succeed())
			return kpi.Status.Notices
		}
		quarter := time.Date(2022, time.February, 28, 23, 59, 59, 0, time.UTC)
		w.runUntil(quarter.Add(-time.Second), func() {})
		Expect(held()).To(BeEmpty())
		Expect(writesUntil(quarter)).To(BeEquivalentTo(1))
		Expect(w.milestones()).To(ConsistOf(
			"Normal TargetHeld No value missed the objective >= 90 from 2021-11-30T23:59:59Z to 2022-02-28T23:59:59Z."))
		w.restart()
		w.runUntil(quarter.AddDate(0, 3, 0), func() {})
		Expect(w.milestones()).To(BeEmpty(), "the second quarter has not ended yet")
		w.runUntil(day("2022-05-31"), func() {})
		Expect(w.milestones()).To(HaveLen(1))
		Expect(held()).To(HaveLen(1))
		w.runUntil(day("2022-07-01"), func() {})
		Expect(held()).To(BeEmpty())
		Expect(w.milestones()).To(BeEmpty())
	})
})
