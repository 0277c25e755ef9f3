package loop

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

var _ = Describe("A review counts", func() {
	var w *world
	BeforeEach(func(ctx context.Context) { w = newWorld(ctx, day("2024-01-01")) })

	// declared is a process that was seen by the cluster before any review of the specs below.
	declared := func(process *builders.ProcessBuilder) {
		w.apply(process.InEffectSince("2023-06-01").Step("check", "a wrong meter costs two bills").Obj())
		w.settle()
		w.clock.SetTime(day("2024-02-01"))
	}
	review := func(name string) *builders.ReviewBuilder {
		return builders.MakeReview(name).Of("attempt").HeldOn("2024-01-20T10:00:00Z").Keeps("check").By("quality")
	}

	It("not where the owner reviews, alone or on behalf of the team", func() {
		process := builders.MakeProcess("attempt").Every("P12M").Obj()
		process.Spec.Owner = governancev1alpha1.Party{User: "olga", Team: "refund-team"}
		process.Spec.InEffectSince = "2023-06-01"
		w.apply(process, builders.MakeReview("by-owner").Of("attempt").HeldOn("2023-12-01T00:00:00Z").By("olga").Obj(),
			builders.MakeReview("by-team").Of("attempt").HeldOn("2023-12-01T00:00:00Z").By("otto").ActingFor("refund-team").Obj(),
			builders.MakeReview("by-other").Of("attempt").HeldOn("2023-12-01T00:00:00Z").By("otto").Obj())
		w.settle()
		Expect(w.counted("by-owner")).To(Equal("Counted=False/ReviewerIsOwner"))
		Expect(w.counted("by-team")).To(Equal("Counted=False/ReviewerIsOwner"))
		Expect(w.counted("by-other")).To(Equal("Counted=True/Counted"))
	})

	It("for good, also when its reviewer leaves the list", func() {
		declared(builders.MakeProcess("attempt").Every("P12M").Reviewers("quality"))
		w.apply(review("listed").Obj(), review("unlisted").By("somebody").Obj())
		w.settle()
		Expect(w.counted("listed")).To(Equal("Counted=True/Counted"))
		Expect(w.counted("unlisted")).To(Equal("Counted=False/NotAReviewer"))
		process := w.process("attempt")
		w.edit(process, func() { process.Spec.Reviews[0].Reviewers = []governancev1alpha1.Identity{"somebody"} })
		w.settle()
		Expect(w.counted("listed")).To(Equal("Counted=True/Counted"))
		Expect(w.counted("unlisted")).To(Equal("Counted=True/OutOfPeriod"), "it is judged again when something changes")
	})

	It("not where it leaves a step out, and does once the step is gone", func() {
		declared(builders.MakeProcess("attempt").Every("P12M").Step("extra", "it was always so"))
		w.apply(review("partial").Obj())
		w.settle()
		Expect(w.counted("partial")).To(Equal("Counted=False/StepsMissing"))
		process := w.process("attempt")
		w.edit(process, func() { process.Spec.Steps = process.Spec.Steps[1:] })
		w.settle()
		Expect(w.counted("partial")).To(Equal("Counted=True/Counted"))
	})

	It("not where another text was read, and where this one was", func() {
		declared(builders.MakeProcess("attempt").Every("P12M"))
		w.apply(review("right").Read(w.process("attempt").Status.Digest).Obj(),
			review("wrong").Read("v1:sha256:"+zeros).Obj())
		w.settle()
		Expect(w.counted("wrong")).To(Equal("Counted=False/SubjectDiffers"))
		Expect(w.counted("right")).To(Equal("Counted=True/Counted"))
	})

	It("once two reviewers approved, and not any more once one of them withdraws", func() {
		declared(builders.MakeProcess("attempt").Every("P12M").MinApprovals(2))
		w.apply(review("first").Obj())
		w.settle()
		Expect(w.counted("first")).To(Equal("Counted=Unknown/AwaitingApprovals"))
		w.apply(review("same-again").Obj())
		w.settle()
		Expect(w.counted("same-again")).To(Equal("Counted=Unknown/AwaitingApprovals"), "one reviewer is one")
		w.apply(review("second").By("risk").Obj())
		w.settle()
		Expect(w.counted("second")).To(Equal("Counted=True/Counted"))
		Expect(w.process("attempt").Status.Reviews[0].LastReview).NotTo(BeEmpty())
		w.withdraw("second")
		w.settle()
		Expect(w.counted("second")).To(Equal("Counted=False/Withdrawn"))
		Expect(w.counted("first")).To(Equal("Counted=Unknown/AwaitingApprovals"))
		Expect(w.process("attempt").Status.Reviews[0].LastReview).To(BeEmpty())
	})

	It("when it is held, not before", func() {
		declared(builders.MakeProcess("attempt").Every("P12M"))
		w.apply(review("tomorrow").HeldOn("2024-02-02T00:00:00Z").Obj())
		w.settle()
		Expect(w.counted("tomorrow")).To(Equal("Counted=False/HeldInFuture"))
		w.runUntil(day("2024-02-02"), func() {})
		Expect(w.counted("tomorrow")).To(Equal("Counted=True/Counted"))
	})

	It("not because its process is deleted and declared again", func() {
		declared(builders.MakeProcess("attempt").Every("P12M").Reviewers("quality"))
		w.apply(review("unlisted").By("somebody").Obj())
		w.settle()
		Expect(w.counted("unlisted")).To(Equal("Counted=False/NotAReviewer"))
		process := w.process("attempt")
		w.remove("attempt")
		w.settle()
		w.clock.SetTime(w.clock.Now().Add(time.Hour))
		process.ResourceVersion, process.UID, process.Status = "", "", governancev1alpha1.ProcessStatus{}
		w.apply(process)
		w.settle()
		Expect(w.counted("unlisted")).To(Equal("Counted=False/NotAReviewer"))
	})

	It("and stays Ready when its process is gone", func() {
		declared(builders.MakeProcess("attempt").Every("P12M"))
		w.apply(review("counted").Obj())
		w.settle()
		w.remove("attempt")
		version := w.review("counted").ResourceVersion
		w.settle()
		Expect(w.review("counted").ResourceVersion).To(Equal(version))
	})

	It("again after the cluster was rebuilt, as Asserted, although the process was edited since, and opens no ticket", func() {
		declared(builders.MakeProcess("attempt").Every("P12M").Reviewers("quality"))
		w.apply(builders.MakeKPI("served").Process("attempt").Outcome(governancev1alpha1.PerspectiveCustomer).
			InEffectSince("2024-01-01").Measured("2024-01-31", "95").Obj())
		w.apply(builders.MakeReview("winter").Of("attempt").HeldOn("2024-01-20T10:00:00Z").By("quality").
			Changes("check", "unclear").Outcome(governancev1alpha1.OutcomeChangesRequired).Obj())
		w.settle()
		process := w.process("attempt")
		w.edit(process, func() {
			process.Spec.Steps[0].Why = "a wrong meter costs two bills and a customer"
			process.Spec.Reviews[0].Reviewers = []governancev1alpha1.Identity{"somebody"}
		})
		w.settle()
		opened := len(w.desk.Messages())
		w.rebuild("attempt", "winter")
		w.runUntil(w.clock.Now().Add(time.Hour), func() {})
		Expect(w.counted("winter")).To(Equal("Counted=True/Counted"))
		Expect(w.review("winter").Status.Assurance).To(Equal(governancev1alpha1.AssuranceAsserted))
		Expect(w.process("attempt").Status.Findings).To(BeEmpty())
		Expect(w.desk.Messages()).To(HaveLen(opened))
	})
})

const zeros = "0000000000000000000000000000000000000000000000000000000000000000"

func (w *world) review(name string) *governancev1alpha1.Review {
	GinkgoHelper()
	var review governancev1alpha1.Review
	Expect(cached.Get(w.ctx, client.ObjectKey{Namespace: w.namespace, Name: name}, &review)).To(Succeed())
	return &review
}

func (w *world) counted(name string) string {
	GinkgoHelper()
	return condition(w.review(name).Status.Conditions, governancev1alpha1.ConditionCounted)
}

func (w *world) withdraw(name string) {
	GinkgoHelper()
	review := w.review(name)
	w.edit(review, func() {
		review.Spec.Withdrawn = builders.MakeReview("x").Withdrawn("quality", "a mistake", "2024-02-01T00:00:00Z").
			Obj().Spec.Withdrawn
	})
}

// rebuild deletes a process and its review and declares both again, as a cluster that is built anew from git does.
func (w *world) rebuild(process, review string) {
	GinkgoHelper()
	declared, held := w.process(process), w.review(review)
	Expect(cached.Delete(w.ctx, held)).To(Succeed())
	Expect(cached.Delete(w.ctx, declared)).To(Succeed())
	w.settle()
	for _, object := range []client.Object{declared, held} {
		object.SetResourceVersion("")
		object.SetUID("")
	}
	declared.Status, held.Status = governancev1alpha1.ProcessStatus{}, governancev1alpha1.ReviewStatus{}
	w.apply(declared, held)
	w.settle()
}
