package controllers_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

// acceptedBreach is the finding of a KPI whose missed objective a waiver accepts.
func acceptedBreach() v1alpha1.Finding {
	waived := breach()
	waived.WaivedBy = "until-summer"
	return waived
}

// newWaived is a world whose KPI was breached by a value of 12 until a waiver has closed its ticket, and what measures it.
func newWaived(ctx context.Context) (*world, func(v1alpha1.Decimal, ...v1alpha1.Finding)) {
	GinkgoHelper()
	w := newWorld(ctx)
	measures := w.measures(ctx, w.withKPI(ctx, builders.MakeKPI("days-to-reading").AtMost("5")))
	measures("12", breach())
	w.quiet(ctx)
	measures("12", acceptedBreach())
	w.quiet(ctx)
	return w, measures
}

// expectNoThanks asserts that a Remediation which a waiver has closed stays one, and claims no effect.
func (w *world) expectNoThanks(closed *v1alpha1.Remediation) {
	GinkgoHelper()
	Expect(closed.Status.State).To(Equal(v1alpha1.RemediationClosed))
	Expect(closed).To(haveCondition(v1alpha1.ConditionRecovered, yes, v1alpha1.ReasonWaived))
	Expect(closed.Status.Effect.Before).To(HaveValue(Equal(v1alpha1.Decimal("12"))))
	Expect(closed.Status.Effect.After).To(BeNil())
	Expect(w.manager.recordedEvents()).NotTo(ContainElement(ContainSubstring("EffectVerified")))
}

// named is the Remediation of the world with a name.
func (w *world) named(ctx context.Context, name string) *v1alpha1.Remediation {
	GinkgoHelper()
	for _, remediation := range w.remediations(ctx) {
		if remediation.Name == name {
			return &remediation
		}
	}
	Fail("there is no Remediation " + name)
	return nil
}

var _ = Describe("The remediation of a KPI that a waiver has closed", func() {
	It("of a group thanks nobody once it could not be reopened any more, while the waiver is in force", func(ctx SpecContext) {
		w := newGroupedWorld(ctx, []v1alpha1.GroupKey{v1alpha1.GroupBySubject})
		measures := w.measures(ctx, w.withKPI(ctx, builders.MakeKPI("days-to-reading").AtMost("5")))
		measures("12", breach())
		w.settled(ctx)
		measures("12", acceptedBreach())
		w.quiet(ctx)
		w.expectNoThanks(w.remediation(ctx))

		w.advance(45 * 24 * time.Hour)
		measures("15", acceptedBreach())
		w.quiet(ctx)
		w.expectNoThanks(w.remediation(ctx))
	})

	It("thanks nobody when another ticket opens for the next breach", func(ctx SpecContext) {
		w, measures := newWaived(ctx)
		closed := w.remediation(ctx).Name
		w.expectNoThanks(w.remediation(ctx))

		w.advance(45 * 24 * time.Hour)
		again := breach()
		again.Episode = "2"
		measures("15", again)
		w.quiet(ctx)
		Expect(w.remediations(ctx)).To(HaveLen(2))
		w.expectNoThanks(w.named(ctx, closed))
	})

	It("thanks nobody where the waiver lapses and nothing is found any more, and measures on where it is found again", func(ctx SpecContext) {
		w, measures := newWaived(ctx)
		measures("4")
		w.quiet(ctx)
		w.expectNoThanks(w.remediation(ctx))

		By("within its reopenWithin it is the next attempt, and what that brings is its effect")
		measures("14", breach())
		w.quiet(ctx)
		Expect(w.remediation(ctx).Status.Attempt).To(Equal(int32(2)))
		measures("3")
		w.quiet(ctx)
		Expect(w.remediation(ctx)).To(haveCondition(v1alpha1.ConditionRecovered, yes, v1alpha1.ReasonFindingGone))
		Expect(w.remediation(ctx).Status.Effect.After).To(HaveValue(Equal(v1alpha1.Decimal("3"))))
		Expect(w.manager.recordedEvents()).To(ContainElement(ContainSubstring("EffectVerified")))
	})
})

var _ = Describe("The remediation of a KPI that was closed while there was no value", func() {
	It("takes none that comes later for its effect", func(ctx SpecContext) {
		w := newWorld(ctx)
		key := w.withKPI(ctx, builders.MakeKPI("days-to-reading").AtMost("5"))
		measures := w.measures(ctx, key)
		measures("12", breach())
		w.quiet(ctx)
		measures("12")
		kpi := &v1alpha1.KPI{}
		Expect(env.Client.Get(ctx, key, kpi)).To(Succeed())
		kpi.Status.Value = nil
		Expect(env.Client.Status().Update(ctx, kpi)).To(Succeed())
		w.quiet(ctx)
		closed := w.remediation(ctx)
		Expect(closed).To(haveCondition(v1alpha1.ConditionRecovered, yes, v1alpha1.ReasonFindingGone))

		w.advance(45 * 24 * time.Hour)
		again := breach()
		again.Episode = "2"
		measures("15", again)
		w.quiet(ctx)
		Expect(w.remediations(ctx)).To(HaveLen(2))
		Expect(w.named(ctx, closed.Name).Status.Effect.After).To(BeNil())
		Expect(w.manager.recordedEvents()).NotTo(ContainElement(ContainSubstring("EffectVerified")))
	})
})
