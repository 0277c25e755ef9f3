package loop

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/controllers"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
)

var _ = Describe("An overdue review", func() {
	It("is flagged and ticketed once, leaves the process Ready, and is cleared by one counted review", func(ctx context.Context) {
		w := newWorld(ctx, day("2025-02-10"))
		w.apply(
			builders.MakeProcess("supplier-switch").Every("P12M").Step("check", "a wrong meter costs two bills").Obj(),
			builders.MakeReview("supplier-switch-2024").Of("supplier-switch").HeldOn("2024-01-10T09:00:00Z").Keeps("check").Obj(),
		)
		w.settle()
		Expect(w.remediations()).To(BeEmpty(), "a process that was just seen opens no ticket")
		w.clock.SetTime(w.clock.Now().Add(settle))
		w.settle()

		process := w.process("supplier-switch")
		Expect(condition(process.Status.Conditions, governancev1alpha1.ConditionReviewCurrent)).
			To(Equal("ReviewCurrent=False/ReviewOverdue"))
		Expect(condition(process.Status.Conditions, governancev1alpha1.ConditionCompliant)).
			To(Equal("Compliant=False/ReviewOverdue"))
		Expect(condition(process.Status.Conditions, governancev1alpha1.ConditionReady)).To(Equal("Ready=True/Reconciled"))
		Expect(w.remediations()).To(HaveLen(1))
		Expect(w.desk.Messages()).To(HaveLen(1), "one POST")

		w.clock.SetTime(day("2025-02-11"))
		w.apply(builders.MakeReview("supplier-switch-2025").Of("supplier-switch").HeldOn("2025-02-11T00:00:00Z").
			Keeps("check").Obj())
		w.settle()

		process = w.process("supplier-switch")
		Expect(condition(process.Status.Conditions, governancev1alpha1.ConditionReviewCurrent)).
			To(Equal("ReviewCurrent=True/Current"))
		messages := w.desk.Messages()
		Expect(messages).To(HaveLen(2), "the POST that opened the ticket, and the one that closes it")
		Expect(messages[1].Event.Data.Operation).To(Equal(desk.Close))
		Expect(messages[1].Event.Data.TicketKey).To(Equal(messages[0].Event.Data.TicketKey))
		Expect(w.desk.Tickets()).To(HaveLen(1))
	})

	It("costs a status write only on days on which a stage or a period changes, for ten years", func(ctx context.Context) {
		w := newWorld(ctx, day("2015-01-01"))
		w.apply(
			builders.MakeCadence(w.namespace+"-yearly").Every("P12M").LeadTimes("P30D").Obj(),
			builders.MakeProcess("quiet").Cadence(w.namespace+"-yearly").Checkpoint("board", "P3M").
				InEffectSince("2015-01-01").Obj(),
		)
		for year := 2015; year < 2025; year++ {
			held := fmt.Sprintf("%d-12-15T10:00:00Z", year)
			w.apply(builders.MakeReview(fmt.Sprintf("full-%d", year)).Of("quiet").HeldOn(held).Obj())
		}
		w.settle()
		process := w.process("quiet")
		writes, changes := 0, 0
		for today := day("2015-01-02"); today.Before(day("2025-01-01")); today = today.AddDate(0, 0, 1) {
			w.clock.SetTime(today.Add(12 * time.Hour))
			w.callJudges()
			now := w.process("quiet")
			if now.ResourceVersion != process.ResourceVersion {
				writes++
			}
			if stages(now) != stages(process) {
				changes++
			}
			process = now
		}
		AddReportEntry("ten years in steps of a day", fmt.Sprintf(
			"%d days with a status write, %d with a change of a stage or a period", writes, changes),
			ReportEntryVisibilityAlways)
		Expect(writes).To(Equal(changes))
		Expect(changes).To(BeNumerically(">=", 20), "ten times due soon, ten times reviewed")
	})
})

// callJudges calls the reconcilers of reviews and of processes until they write nothing more.
func (w *world) callJudges() {
	GinkgoHelper()
	for before := int64(-1); before != w.statusWrites.Load(); {
		before = w.statusWrites.Load()
		for _, one := range w.workers {
			switch one.reconciler.(type) {
			case *controllers.ReviewReconciler, *controllers.ProcessReconciler:
				w.callAll(one)
			}
		}
	}
}

// stages describes stage, lead, periods and ledger of each requirement.
func stages(process *governancev1alpha1.Process) string {
	text := ""
	for i := range process.Status.Reviews {
		r := &process.Status.Reviews[i]
		text += fmt.Sprintf("%s %s %s %s %d %v;", r.Name, r.Stage, r.Lead, r.OverdueSince, len(r.Ledger), r.Totals)
		if r.Current != nil {
			text += r.Current.ID + string(r.Current.State)
		}
	}
	return text
}

// remediations lists those of the world, by name.
func (w *world) remediations() []governancev1alpha1.Remediation {
	GinkgoHelper()
	var list governancev1alpha1.RemediationList
	Expect(cached.List(w.ctx, &list, inWorld(w))).To(Succeed())
	slices.SortFunc(list.Items, func(a, b governancev1alpha1.Remediation) int { return cmp.Compare(a.Name, b.Name) })
	return list.Items
}
