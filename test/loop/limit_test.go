package loop

import (
	"context"
	"maps"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

// Every attempt begins on the same day, and most with the same full review: what follows may not stretch its limit.
const (
	attemptBegins = "2022-01-01"
	lastFull      = "2022-03-01T10:00:00Z"
	limitReached  = "2023-03-02T00:00:00Z"
	atOnce        = "2022-01-01T00:00:00Z"
)

// attempt is a way to run a process for longer than twelve months without a full review.
type attempt struct {
	// declare applies what the attempt begins with.
	declare func(w *world)
	// meddle is done in the middle, on 1 September.
	meddle func(w *world)
	// rule that flags it, and when.
	rule    governancev1alpha1.Rule
	flagged string
}

var attempts = map[string]attempt{
	"a weekly checkpoint is held and no full review, in effect since a year": {
		declare: func(w *world) {
			w.apply(builders.MakeProcess("attempt").InEffectSince("2021-06-01").Checkpoint("board", "P1W").Obj())
			for held := day("2021-06-02"); held.Before(day("2022-07-01")); held = held.AddDate(0, 0, 6) {
				w.apply(builders.MakeReview(held.Format("board-20060102")).Of("attempt").For("board").HeldAt(held).Obj())
			}
		},
		rule: governancev1alpha1.RuleNeverReviewed, flagged: "2022-06-02T00:00:00Z",
	},
	"a weekly checkpoint is held and no full review, and nobody says since when the process is in effect": {
		declare: func(w *world) {
			w.apply(
				builders.MakeProcess("attempt").Checkpoint("board", "P1W").Obj(),
				builders.MakeReview("board").Of("attempt").For("board").HeldOn("2021-12-30T00:00:00Z").Obj())
		},
		rule: governancev1alpha1.RuleNeverReviewed, flagged: atOnce,
	},
	"openBefore is twelve months, and the review is held when the window opens": {
		declare: func(w *world) {
			w.apply(builders.MakeCadence(w.namespace).Every("P12M").Calendar("2022-02-28").OpenBefore("P12M").Obj())
			w.declareReviewed(builders.MakeProcess("attempt").Cadence(w.namespace))
		},
		rule: governancev1alpha1.RuleReviewOverdue, flagged: limitReached,
	},
	"the grace is a year": {
		declare: func(w *world) {
			w.apply(builders.MakeCadence(w.namespace).Every("P12M").Grace("P12M").Obj())
			w.declareReviewed(builders.MakeProcess("attempt").Cadence(w.namespace))
		},
		rule: governancev1alpha1.RuleReviewOverdue, flagged: limitReached,
	},
	"the cadence is three years": {
		declare: func(w *world) { w.declareReviewed(builders.MakeProcess("attempt").Every("P36M")) },
		rule:    governancev1alpha1.RuleReviewOverdue, flagged: limitReached,
	},
	"the process is suspended": {
		declare: func(w *world) { w.declareReviewed(builders.MakeProcess("attempt").Every("P12M")) },
		meddle: func(w *world) {
			process := w.process("attempt")
			w.edit(process, func() { process.Spec.Suspend = true })
		},
		rule: governancev1alpha1.RuleReviewOverdue, flagged: limitReached,
	},
	"the cadence is deleted": {
		declare: func(w *world) {
			w.apply(builders.MakeCadence(w.namespace).Every("P12M").Obj())
			w.declareReviewed(builders.MakeProcess("attempt").Cadence(w.namespace))
		},
		meddle: func(w *world) {
			Expect(cached.Delete(w.ctx, builders.MakeCadence(w.namespace).Obj())).To(Succeed())
		},
		rule: governancev1alpha1.RuleReviewOverdue, flagged: limitReached,
	},
	"a calendar cadence is reviewed at the start of one window and would be at the end of the next": {
		declare: func(w *world) {
			w.apply(builders.MakeCadence(w.namespace).Every("P12M").Calendar("2023-02-27").Obj())
			w.declareReviewed(builders.MakeProcess("attempt").Cadence(w.namespace))
		},
		rule: governancev1alpha1.RuleReviewOverdue, flagged: limitReached,
	},
	"the occurrence is moved by a year": {
		declare: func(w *world) {
			w.declareReviewed(builders.MakeProcess("attempt").Every("P12M"))
			w.apply(builders.MakeWaiver("move").Of("attempt").Moves("full", "2023-03-01", "2024-02-20").
				ApprovedOn("2022-01-01T00:00:00Z").Obj())
		},
		rule: governancev1alpha1.RuleReviewOverdue, flagged: limitReached,
	},
	"the occurrence is skipped": {
		declare: func(w *world) {
			w.declareReviewed(builders.MakeProcess("attempt").Every("P12M"))
			w.apply(builders.MakeWaiver("skip").Of("attempt").Skips("full", "2023-03-01").
				ApprovedOn("2022-01-01T00:00:00Z").Obj())
		},
		rule: governancev1alpha1.RuleReviewOverdue, flagged: limitReached,
	},
	"the process is deleted and declared again": {
		declare: func(w *world) { w.declareReviewed(builders.MakeProcess("attempt").Every("P12M")) },
		meddle: func(w *world) {
			w.remove("attempt")
			w.apply(builders.MakeProcess("attempt").Every("P12M").InEffectSince("2022-09-01").Obj())
		},
		rule: governancev1alpha1.RuleReviewOverdue, flagged: limitReached,
	},
	"the process is deleted and declared again as a draft": {
		declare: func(w *world) { w.declareReviewed(builders.MakeProcess("attempt").Every("P12M")) },
		meddle: func(w *world) {
			w.remove("attempt")
			w.apply(builders.MakeProcess("attempt").Every("P12M").Draft().Obj())
		},
		rule: governancev1alpha1.RuleReviewOverdue, flagged: limitReached,
	},
	"inEffectSince lies in the far future": {
		declare: func(w *world) {
			w.apply(builders.MakeProcess("attempt").Every("P12M").InEffectSince("2199-01-01").Obj())
		},
		rule: governancev1alpha1.RuleNeverReviewed, flagged: "2023-01-02T00:00:00Z",
	},
}

var _ = Describe("The limit of twelve months", func() {
	for _, sentence := range slices.Sorted(maps.Keys(attempts)) {
		one := attempts[sentence]
		It("holds although "+sentence, func(ctx context.Context) {
			w := newWorld(ctx, day(attemptBegins))
			one.declare(w)
			if one.meddle != nil {
				w.runUntil(day("2022-09-01"), func() {})
				Expect(w.reviewFinding("attempt")).To(BeNil(), "nothing is overdue in September")
				one.meddle(w)
			}
			Expect(w.firstFlagged("attempt", one.rule)).To(Equal(one.flagged))
		})
	}

	It("stays flagged when the cadence is made longer while the review is overdue", func(ctx context.Context) {
		w := newWorld(ctx, day(attemptBegins))
		cadence := builders.MakeCadence(w.namespace).Every("P6M").Obj()
		w.apply(cadence)
		w.declareReviewed(builders.MakeProcess("attempt").Cadence(w.namespace))
		Expect(w.firstFlagged("attempt", governancev1alpha1.RuleReviewOverdue)).To(Equal("2022-09-02T00:00:00Z"))
		w.edit(cadence, func() { cadence.Spec.Every = "P12M" })
		w.settle()
		Expect(w.reviewFinding("attempt")).NotTo(BeNil())
		since := w.reviewFinding("attempt").Since
		w.runUntil(day("2023-06-01"), func() {})
		Expect(w.reviewFinding("attempt").Since).To(Equal(since), "it is one episode until it is reviewed")
		Expect(w.remediations()).To(HaveLen(1))
	})

	refused := map[string]struct {
		edit     func(spec *governancev1alpha1.ProcessSpec)
		sentence string
	}{
		"inEffectSince is moved forward": {
			func(spec *governancev1alpha1.ProcessSpec) { spec.InEffectSince = "2022-06-01" }, "can only be moved back"},
		"inEffectSince is taken away": {
			func(spec *governancev1alpha1.ProcessSpec) { spec.InEffectSince = "" }, "can only be moved back"},
		"an active process becomes a draft": {
			func(spec *governancev1alpha1.ProcessSpec) { spec.Lifecycle = governancev1alpha1.LifecycleDraft },
			"cannot become a draft again"},
	}
	for _, sentence := range slices.Sorted(maps.Keys(refused)) {
		one := refused[sentence]
		It("is kept by the API server when "+sentence, func(ctx context.Context) {
			w := newWorld(ctx, day(attemptBegins))
			process := builders.MakeProcess("attempt").Every("P12M").InEffectSince("2022-03-01").Obj()
			w.apply(process)
			one.edit(&process.Spec)
			Expect(cached.Update(ctx, process)).To(MatchError(ContainSubstring(one.sentence)))
		})
	}
})

// declareReviewed applies a process and the full review that every attempt begins with.
func (w *world) declareReviewed(process *builders.ProcessBuilder) {
	GinkgoHelper()
	w.apply(process.InEffectSince("2020-01-01").Obj(), builders.MakeReview("full").Of("attempt").HeldOn(lastFull).Obj(),
		builders.MakeReview("full-before").Of("attempt").HeldOn("2021-12-15T00:00:00Z").Obj())
}

// remove deletes a process; its reviews outlive it.
func (w *world) remove(name string) {
	GinkgoHelper()
	Expect(cached.Delete(w.ctx, w.process(name))).To(Succeed())
}

// reviewFinding gives the finding about the full review; nil where there is none.
func (w *world) reviewFinding(name string) *governancev1alpha1.Finding {
	GinkgoHelper()
	findings := w.process(name).Status.Findings
	for i := range findings {
		isReview := findings[i].Rule == governancev1alpha1.RuleReviewOverdue ||
			findings[i].Rule == governancev1alpha1.RuleNeverReviewed
		if isReview && findings[i].About == governancev1alpha1.RequirementFull {
			return &findings[i]
		}
	}
	return nil
}

// firstFlagged lets time pass until the full review is flagged by a rule, and says when that was.
func (w *world) firstFlagged(name string, rule governancev1alpha1.Rule) string {
	GinkgoHelper()
	flagged := ""
	w.runUntil(day("2023-06-01"), func() {
		finding := w.reviewFinding(name)
		if flagged == "" && finding != nil && finding.Rule == rule {
			flagged = w.clock.Now().UTC().Format(time.RFC3339)
		}
	})
	return flagged
}
