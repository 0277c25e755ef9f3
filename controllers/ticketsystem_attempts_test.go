package controllers_test

import (
	"context"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/standin"
)

// emptyForm is what a ticket holds for people to fill in.
const emptyForm = "- Hypothesis:\n- Done:\n- Result:\n- Learned:\n"

// fills writes into the form of the only ticket, as a person does who edits its text.
func (t *tracked) fills(id, form string) {
	GinkgoHelper()
	for _, ticket := range t.tracker.Tickets() {
		if ticket.ID == id {
			Expect(ticket.Body).To(ContainSubstring(emptyForm))
			Expect(t.tracker.EditOutside(id, strings.Replace(ticket.Body, emptyForm, form, 1))).To(Succeed())
			return
		}
	}
	Fail("there is no ticket " + id)
}

// unlearned tells whether people have still to write down what was learned.
func (t *tracked) unlearned(ctx context.Context) bool {
	GinkgoHelper()
	return governance.LacksLearning(t.remediation(ctx))
}

// writes are the requests so far that say something.
func (t *tracked) writes() int { return len(t.tracker.Requests()) - t.reads() }

// failedAttempt is a form that somebody has filled in, but for what was learned.
const failedAttempt = "- Hypothesis: one clerk is too few\r\n- **Done:** a second one was hired\r\n- Result: no change\r\n- Learned:\r\n"

// newUnlearned is a world whose only ticket is closed, with an attempt in it from which nothing was learned.
func newUnlearned(ctx context.Context, of vendor) *tracked {
	GinkgoHelper()
	t := newTracked(ctx, of)
	t.wantsCause(ctx)
	t.judged(ctx, overdueFinding())
	t.quiet(ctx)
	id := t.only(standin.Open).ID
	t.fills(id, failedAttempt)
	Expect(of.answer(t.tracker, id)).To(Succeed())
	t.advance(lookAgain)
	t.quiet(ctx)
	t.judged(ctx)
	t.quiet(ctx)
	t.only(standin.Closed)
	Expect(t.unlearned(ctx)).To(BeTrue())
	return t
}

var _ = Describe("The attempts that people write into a ticket", func() {
	const lesson = "- Hypothesis: one clerk is too few\n- Done: a second one was hired\n- Result: no change\n- Learned: it waits\n  elsewhere\n\n" +
		"- Hypothesis: it waits for the key\n"

	DescribeTable("are read where somebody wrote them into the ticket", eachVendor(func(ctx SpecContext, of vendor) {
		t := newTracked(ctx, of)
		t.wantsCause(ctx)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		opened := t.only(standin.Open)
		if of.answer == nil {
			Expect(opened.Body).NotTo(ContainSubstring("Hypothesis"))
			return
		}
		Expect(opened.Body).To(ContainSubstring("at the end of this text or in spec.attempts"))
		Expect(t.status(ctx).Attempts).To(BeEmpty(), "an empty form")
		t.advance(lookAgain)
		t.quiet(ctx)
		Expect(t.status(ctx).Attempts).To(BeEmpty(), "an empty form that was read")

		id := opened.ID
		t.fills(id, failedAttempt)
		t.advance(lookAgain)
		t.quiet(ctx)
		first := v1alpha1.TicketAttempt{Hypothesis: "one clerk is too few", Done: "a second one was hired", Result: "no change"}
		Expect(t.status(ctx).Attempts).To(Equal([]v1alpha1.TicketAttempt{first}))
		Expect(t.unlearned(ctx)).To(BeTrue())
		version := t.remediation(ctx).ResourceVersion
		t.advance(lookAgain)
		t.quiet(ctx)
		Expect(t.remediation(ctx).ResourceVersion).To(Equal(version), "nothing has changed, and nothing is written")

		Expect(t.tracker.EditOutside(id, strings.Replace(opened.Body, emptyForm, lesson, 1))).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		first.Learned = "it waits elsewhere"
		Expect(t.status(ctx).Attempts).To(Equal([]v1alpha1.TicketAttempt{first, {Hypothesis: "it waits for the key"}}))
		Expect(t.unlearned(ctx)).To(BeFalse())
	})...)

	DescribeTable("are not asked for in the ticket", func(ctx SpecContext, every v1alpha1.Duration, wants bool, says string) {
		t := newTracked(ctx, vendors()["GitHub"])
		if wants {
			t.wantsCause(ctx)
		}
		t.moves(ctx, t.url, func(system *v1alpha1.TicketSystem) { system.Spec.ReadEvery = every })
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		body := t.only(standin.Open).Body
		Expect(body).NotTo(ContainSubstring("Hypothesis"))
		Expect(strings.Contains(body, "what is tried")).To(Equal(says != ""))
		Expect(body).To(ContainSubstring(says))
	},
		Entry("where nobody reads it", v1alpha1.Duration("0s"), true, "Write down what is tried, in spec.attempts of the Remediation"),
		Entry("where it is about a review that is late", v1alpha1.Duration("10m"), false, ""),
	)

	It("are read in a ticket that is closed for as long as what was learned is missing", func(ctx SpecContext) {
		t := newUnlearned(ctx, vendors()["GitHub"])
		closed := t.only(standin.Closed)

		Expect(t.tracker.EditOutside(closed.ID, strings.Replace(closed.Body, "- Learned:\r\n", "- Learned: ask first\r\n", 1))).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		Expect(t.unlearned(ctx)).To(BeFalse())
		before := t.reads()
		t.advance(15 * lookAgain)
		t.quiet(ctx)
		Expect(t.reads()).To(Equal(before), "what is written down is not asked for any more")
	})

	It("are read for two weeks in a ticket that is closed, whatever is missing", func(ctx SpecContext) {
		t := newUnlearned(ctx, vendors()["GitHub"])
		t.advance(13 * 24 * time.Hour)
		before := t.reads()
		t.quiet(ctx)
		Expect(t.reads()).To(BeNumerically(">", before))
		t.advance(2 * 24 * time.Hour)
		before = t.reads()
		t.quiet(ctx)
		t.advance(2 * 24 * time.Hour)
		t.quiet(ctx)
		Expect(t.reads()).To(Equal(before))
		Expect(t.unlearned(ctx)).To(BeTrue(), "the remediation takes it still")
	})

	It("are all that is taken from a ticket that is done with, where its system does not say that it is closed", func(ctx SpecContext) {
		t := newUnlearned(ctx, redmine(true))
		remediation, written, read := t.remediation(ctx), t.writes(), t.reads()
		for range 3 {
			t.advance(lookAgain)
			t.quiet(ctx)
		}
		Expect(t.reads()).To(BeNumerically(">", read), "the lesson is looked for")
		Expect(t.writes()).To(Equal(written), "nothing is said to it")
		now := t.remediation(ctx)
		Expect(now.Status.ClosedAt).To(Equal(remediation.Status.ClosedAt))
		Expect(now.ResourceVersion).To(Equal(remediation.ResourceVersion))
		t.only(standin.Closed)
	})

	It("are taken from a ticket that somebody opens again to write, who is left alone", func(ctx SpecContext) {
		t := newUnlearned(ctx, vendors()["GitHub"])
		closed, written := t.only(standin.Closed), t.writes()
		Expect(t.tracker.ReopenOutside(closed.ID)).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		Expect(t.tracker.EditOutside(closed.ID, strings.Replace(closed.Body, "- Learned:\r\n", "- Learned: ask first\r\n", 1))).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		Expect(t.unlearned(ctx)).To(BeFalse())
		Expect(t.writes()).To(Equal(written), "nothing is said to it")
		Expect(t.only(standin.Open).Comments).To(Equal(closed.Comments))
		Expect(t.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		Expect(t.status(ctx).State).To(Equal(v1alpha1.TicketClosed))
	})

	It("are asked for when the finding comes back, and not once they say what was learned", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		t.wantsCause(ctx)
		again := func() []string {
			GinkgoHelper()
			t.judged(ctx)
			t.quiet(ctx)
			t.judged(ctx, overdueFinding())
			t.quiet(ctx)
			return t.only(standin.Open).Comments
		}
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		id := t.only(standin.Open).ID
		Expect(t.tracker.LabelOutside(id, "cause-handoff")).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		const asks = "Before the next attempt: what was learned from the last one? Write it down in the text of this ticket"
		Expect(again()).To(ContainElement(ContainSubstring("has come back (attempt 2). " + asks)))
		t.fills(id, lesson+"- Learned: nor for that\n")
		t.advance(lookAgain)
		t.quiet(ctx)
		Expect(again()).To(ContainElement(And(ContainSubstring("has come back (attempt 3)."), Not(ContainSubstring(asks)))))
	})

	It("are not taken from the ticket of somebody else", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		t.unread(ctx)
		t.judged(ctx, overdueFinding(), findingAbout("board"))
		t.quiet(ctx)
		names := t.names(ctx)
		Expect(t.tracker.EditOutside(names["board"], "Result: theirs")).To(Succeed())
		t.manager = t.start()
		t.renamed(ctx, "full", names["board"])
		t.moves(ctx, t.url, func(system *v1alpha1.TicketSystem) { system.Spec.ReadEvery = "10m" })
		before := t.reads()
		t.rest(ctx)
		t.advance(lookAgain)
		t.rest(ctx)
		Expect(t.reads()).To(BeNumerically(">", before))
		Expect(t.about(ctx, "full").Status.Tickets[0].Attempts).To(BeEmpty())
	})
})
