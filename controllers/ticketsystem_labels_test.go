package controllers_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/standin"
)

// unlabelled are vendors that drop the label of a new issue without a word.
func unlabelled() map[string]vendor {
	github, gitlab := vendors()["GitHub"], vendors()["GitLab"]
	github.tracker = func(options standin.Options) *standin.Tracker {
		return standin.NewGitHub(standin.GitHubOptions{Options: options, NoPushAccess: true})
	}
	gitlab.tracker = func(options standin.Options) *standin.Tracker {
		return standin.NewGitLab(standin.GitLabOptions{Options: options, Guest: true})
	}
	return map[string]vendor{"GitHub": github, "GitLab": gitlab}
}

var _ = Describe("A ticket whose label was dropped", func() {
	DescribeTable("is told of, because it is not found again", func(ctx SpecContext, name string) {
		t := newTracked(ctx, unlabelled()[name])
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		Expect(t.only(standin.Open).Labels).To(BeEmpty())
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, yes, v1alpha1.ReasonDelivered))
		Expect(t.delivery(ctx).Message).To(ContainSubstring(name + " has left out the label gemba"))
		Expect(t.remediation(ctx).Status.Conditions).To(ContainElement(HaveField("Message",
			ContainSubstring(name+" has left out the label gemba"))))
	}, Entry("by GitHub", "GitHub"), Entry("by GitLab", "GitLab"))

	It("is not opened by Jira, which says where the label must stand", func(ctx SpecContext) {
		of := vendors()["Jira Cloud"]
		of.tracker = func(options standin.Options) *standin.Tracker {
			return standin.NewJira(standin.JiraOptions{Options: options, Cloud: true, OffScreen: []string{"labels"}})
		}
		t := newTracked(ctx, of)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		Expect(t.tracker.Tickets()).To(BeEmpty())
		Expect(t.remediation(ctx)).To(haveCondition(v1alpha1.ConditionDelivered, no, v1alpha1.ReasonRefused))
		Expect(t.delivery(ctx).Message).To(ContainSubstring("Field 'labels' cannot be set"))
		Expect(t.manager.recordedEvents()).To(ContainElement(ContainSubstring("DeliveryRefused")))
	})

	DescribeTable("is not told of where it has its label", eachVendor(func(ctx SpecContext, of vendor) {
		t := newTracked(ctx, of)
		t.judged(ctx, overdueFinding())
		t.quiet(ctx)
		Expect(t.delivery(ctx).Message).NotTo(ContainSubstring("left out"))
	})...)
})
