package controllers_test

import (
	"context"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/standin"
)

// wantsCause makes the route of the world ask for the cause.
func (w *world) wantsCause(ctx context.Context) {
	GinkgoHelper()
	policy := &v1alpha1.GovernancePolicy{}
	Expect(env.Client.Get(ctx, client.ObjectKey{Name: w.namespace}, policy)).To(Succeed())
	policy.Spec.Routes[0].Cause = v1alpha1.CauseRequired
	Expect(env.Client.Update(ctx, policy)).To(Succeed())
}

// reads are the requests so far that ask for one ticket or a list.
func (t *tracked) reads() int {
	count := 0
	for _, request := range t.tracker.Requests() {
		if request.Method == http.MethodGet {
			count++
		}
	}
	return count
}

var _ = Describe("The cause that people name in a ticket", func() {
	DescribeTable("closes a remediation that waits for it, and counts", eachVendor(func(ctx SpecContext, of vendor) {
		t := newTracked(ctx, of)
		t.wantsCause(ctx)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		opened := t.only(standin.Open)
		if of.answer == nil {
			Expect(opened.Body).NotTo(ContainSubstring("or Unknown. Or "))
			return
		}
		Expect(opened.Body).To(MatchRegexp("or Unknown. Or (put a label|write it into)"))
		t.judged(ctx)
		t.quiet(ctx)
		Expect(t.only(standin.Open).Comments).To(ContainElement(MatchRegexp("or Unknown. Or (put a label|write it into)")))
		Expect(t.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationVerifying))

		Expect(of.answer(t.tracker, opened.ID)).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		t.only(standin.Closed)
		Expect(t.status(ctx).Cause).To(Equal(v1alpha1.CauseHandoff))
		Expect(t.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		Expect(t.remediation(ctx).Status.Cause).To(Equal(v1alpha1.CauseHandoff))
	})...)

	It("is not asked for again where it stands there already", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		t.wantsCause(ctx)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		Expect(t.tracker.LabelOutside(t.only(standin.Open).ID, "cause-training")).To(Succeed())
		t.judged(ctx)
		t.quiet(ctx)
		Expect(t.only(standin.Closed).Comments).NotTo(ContainElement(ContainSubstring("one answer is missing")))
		Expect(t.remediation(ctx).Status.Cause).To(Equal(v1alpha1.CauseTraining))
	})

	It("gives way to what the remediation says", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		t.wantsCause(ctx)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		t.edit(ctx, func(spec *v1alpha1.RemediationSpec) { spec.Cause = &v1alpha1.Cause{Category: v1alpha1.CausePolicy} })
		Expect(t.tracker.LabelOutside(t.only(standin.Open).ID, "cause-training")).To(Succeed())
		t.judged(ctx)
		t.quiet(ctx)
		Expect(t.remediation(ctx).Status.Cause).To(Equal(v1alpha1.CausePolicy))
	})

	It("is read for two weeks where they have closed the ticket without it", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		t.wantsCause(ctx)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		id := t.only(standin.Open).ID
		t.judged(ctx)
		t.quiet(ctx)
		Expect(t.tracker.CloseOutside(id)).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		Expect(t.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		Expect(t.remediation(ctx).Status.Cause).To(Equal(v1alpha1.CauseUnknown))

		Expect(t.tracker.LabelOutside(id, "cause-handoff")).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		Expect(t.remediation(ctx).Status.Cause).To(Equal(v1alpha1.CauseHandoff))
		before := t.reads()
		t.advance(15 * 24 * time.Hour)
		t.quiet(ctx)
		Expect(t.reads()).To(Equal(before), "what is answered is not asked for any more")
	})

	It("can be taken back", func(ctx SpecContext) {
		t := newTracked(ctx, vendors()["GitHub"])
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		id := t.only(standin.Open).ID
		Expect(t.tracker.LabelOutside(id, "cause-people")).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		Expect(t.status(ctx).Cause).To(Equal(v1alpha1.CausePeople))
		t.tracker.Fail(standin.Refuse(http.StatusOK, "<html>Log in</html>", nil), 1, standin.To(http.MethodGet, ""))
		t.advance(lookAgain)
		t.quiet(ctx)
		Expect(t.status(ctx).Cause).To(Equal(v1alpha1.CausePeople), "a page to log in says nothing")
		Expect(t.tracker.UnlabelOutside(id, "cause-people")).To(Succeed())
		t.advance(lookAgain)
		t.quiet(ctx)
		Expect(t.status(ctx).Cause).To(BeEmpty())
	})
})
