package controllers_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

var _ = Describe("A closed Remediation", func() {
	const day = 24 * time.Hour
	DescribeTable("is kept for as long as the policy says", func(ctx SpecContext, retention, reopenWithin v1alpha1.Period, days int) {
		w := newWorld(ctx)
		policy := &v1alpha1.GovernancePolicy{}
		Expect(env.Client.Get(ctx, client.ObjectKey{Name: w.namespace}, policy)).To(Succeed())
		if retention != "" {
			policy.Spec.Retention.ClosedRemediations = retention
		}
		policy.Spec.Routes[0].ReopenWithin = reopenWithin
		Expect(env.Client.Update(ctx, policy)).To(Succeed())
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		w.judged(ctx)
		w.rest(ctx)
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationClosed))
		w.advance(time.Duration(days)*day - time.Second)
		w.rest(ctx)
		Expect(w.remediations(ctx)).To(HaveLen(1))
		w.advance(time.Second)
		w.rest(ctx)
		Expect(w.remediations(ctx)).To(BeEmpty())
		Expect(w.theTicket().State).To(Equal("closed"))
		Expect(w.desk.Messages()).To(HaveLen(2), "nothing is said about what is deleted")
	},
		Entry("400 days where it says nothing", v1alpha1.Period(""), v1alpha1.Period("P30D"), 400),
		Entry("30 days", v1alpha1.Period("P30D"), v1alpha1.Period("P7D"), 30),
		Entry("and for as long as it may be reopened", v1alpha1.Period("P7D"), v1alpha1.Period("P30D"), 30),
	)

	It("is not deleted when its finding has come back", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.judged(ctx, overdueFinding())
		w.quiet(ctx)
		w.judged(ctx)
		w.rest(ctx)
		w.advance(401 * day)
		w.judged(ctx, overdueFinding())
		w.rest(ctx)
		Expect(w.remediation(ctx).Status.State).To(Equal(v1alpha1.RemediationOpen))
	})
})
