package tickets_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/testenv"
)

// The cast: a repository with a label, an account that opens issues, and the namespace that they are about.
const (
	owner      = "desk"
	repository = "governance"
	label      = "gemba"
	namespace  = "billing"
)

// patience is how long anything may take that no clock is waited for.
const patience = time.Minute

var wall = clock.RealClock{}

// board is a repository of a real Gitea.
type board struct {
	gitea *testenv.Gitea
	token string
}

func newBoard(ctx context.Context) *board {
	GinkgoHelper()
	gitea, err := testenv.StartGitea(ctx)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(gitea.Close)
	token, err := gitea.CreateUser(ctx, owner, false)
	Expect(err).NotTo(HaveOccurred())
	made := &board{gitea: gitea, token: token}
	Expect(gitea.CreateRepository(ctx, token, owner, repository)).To(Succeed())
	return made
}

// addLabel makes the label that tickets get.
func (b *board) addLabel(ctx context.Context) {
	GinkgoHelper()
	path := fmt.Sprintf("/repos/%s/%s/labels", owner, repository)
	Expect(b.gitea.Call(ctx, http.MethodPost, path, b.token, map[string]string{"name": label, "color": "#0e8a16"}, nil)).To(Succeed())
}

// issues lists the issues in a state as "number title [labels]".
func (b *board) issues(state string) func(context.Context) ([]string, error) {
	return func(ctx context.Context) ([]string, error) {
		issues, err := b.gitea.Issues(ctx, b.token, owner, repository, state)
		shown := make([]string, 0, len(issues))
		for _, issue := range issues {
			names := make([]string, 0, len(issue.Labels))
			for _, of := range issue.Labels {
				names = append(names, of.Name)
			}
			shown = append(shown, fmt.Sprintf("%d %s %v", issue.Number, issue.Title, names))
		}
		return shown, err
	}
}

// comments lists what was said about the first issue.
func (b *board) comments(ctx context.Context) ([]string, error) {
	comments, err := b.gitea.Comments(ctx, b.token, owner, repository, 1)
	said := make([]string, 0, len(comments))
	for _, comment := range comments {
		said = append(said, comment.Body)
	}
	return said, err
}

// declared are the objects of the story, as they stand in git.
func (b *board) declared() []client.Object {
	GinkgoHelper()
	host, err := url.Parse(b.gitea.URL())
	Expect(err).NotTo(HaveOccurred())
	return []client.Object{
		&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: namespace, Name: "gitea", Annotations: map[string]string{v1alpha1.AnnotationAllowedHosts: host.Host},
			},
			StringData: map[string]string{"token": b.token},
		},
		builders.MakeTicketSystem("gitea").InNamespace(namespace).URL(b.gitea.URL()).
			OfType(v1alpha1.TicketSystemGitea, "repository="+owner+"/"+repository).Bearer("gitea", "token").ReadEvery("1m").Obj(),
		builders.MakePolicy("company").Route("issues", namespace, "gitea").Obj(),
		builders.MakeProcess("refunds").InNamespace(namespace).Step("check", "somebody has to look").InEffectSince("2019-01-01").Obj(),
	}
}

// theIssue is how the one issue is listed.
const theIssue = "1 refunds (billing): it was never reviewed [" + label + "]"

func (c *cluster) remediation(ctx context.Context) (*v1alpha1.Remediation, error) {
	var list v1alpha1.RemediationList
	if err := c.env.Client.List(ctx, &list, client.InNamespace(namespace)); err != nil || len(list.Items) != 1 {
		return nil, fmt.Errorf("%d remediations: %w", len(list.Items), err)
	}
	return &list.Items[0], nil
}

func (c *cluster) ticket(ctx context.Context) (string, error) {
	found, err := c.remediation(ctx)
	if err != nil || len(found.Status.Tickets) != 1 {
		return "", err
	}
	of := found.Status.Tickets[0]
	return fmt.Sprintf("remediation %s, issue %s %s", found.Status.State, of.ID, of.State), nil
}

var _ = Describe("A remediation with a real Gitea", func() {
	It("lives from its finding to its closed issue, and its cluster may burn down meanwhile", func(ctx SpecContext) {
		b := newBoard(ctx)
		one := newCluster(ctx, namespace, b.declared()...)

		By("saying what somebody must do first")
		Eventually(func(ctx context.Context) (string, error) {
			found, err := one.remediation(ctx)
			if err != nil || len(found.Status.Tickets) == 0 || found.Status.Tickets[0].Delivery == nil {
				return "", err
			}
			return found.Status.Tickets[0].Delivery.Message, nil
		}, patience).WithContext(ctx).Should(ContainSubstring("has no label gemba: create it"))
		b.addLabel(ctx)
		found, err := one.remediation(ctx)
		Expect(err).NotTo(HaveOccurred())
		found.Spec.Resolve = &v1alpha1.Resolve{MessageKey: found.Status.Tickets[0].Delivery.MessageKey, Action: v1alpha1.ResolveRetry}
		Expect(one.env.Client.Update(ctx, found)).To(Succeed())
		Eventually(b.issues("open"), patience).WithContext(ctx).Should(ConsistOf(theIssue))
		Eventually(one.ticket, patience).WithContext(ctx).Should(Equal("remediation Open, issue 1 Open"))

		By("opening it again once that somebody closes")
		Expect(b.gitea.CloseIssue(ctx, b.token, owner, repository, 1)).To(Succeed())
		Eventually(b.comments, 3*time.Minute).WithContext(ctx).Should(ContainElement(ContainSubstring("still stands")))
		Expect(b.issues("open")(ctx)).To(ConsistOf(theIssue))

		By("taking it up in a cluster that was built anew")
		Expect(one.burn()).To(Succeed())
		other := newCluster(ctx, namespace, b.declared()...)
		Eventually(other.ticket, patience).WithContext(ctx).Should(Equal("remediation Open, issue 1 Open"))
		Expect(b.issues("all")(ctx)).To(ConsistOf(theIssue))

		By("closing it when the review was held")
		review := builders.MakeReview("refunds-1").InNamespace(namespace).Of("refunds").By("quality-manager").
			HeldAt(wall.Now().Add(-time.Minute).Truncate(time.Second)).Outcome(v1alpha1.OutcomeApproved).Keeps("check").Obj()
		Expect(other.env.Client.Create(ctx, review)).To(Succeed())
		Eventually(b.issues("closed"), patience).WithContext(ctx).Should(ConsistOf(theIssue))
		Eventually(b.comments, patience).WithContext(ctx).Should(ContainElement(ContainSubstring("is done")))
		Eventually(other.ticket, patience).WithContext(ctx).Should(Equal("remediation Closed, issue 1 Closed"))

		By("opening it again when the review is withdrawn")
		Expect(other.env.Client.Get(ctx, client.ObjectKeyFromObject(review), review)).To(Succeed())
		review.Spec.Withdrawn = &v1alpha1.Withdrawal{By: "quality-manager", Why: "it was another process", At: metav1.NewTime(wall.Now())}
		Expect(other.env.Client.Update(ctx, review)).To(Succeed())
		Eventually(b.issues("open"), patience).WithContext(ctx).Should(ConsistOf(theIssue))
		Eventually(b.comments, patience).WithContext(ctx).Should(ContainElement(ContainSubstring("has come back (attempt 2)")))
		Expect(b.issues("all")(ctx)).To(ConsistOf(theIssue))
	}, SpecTimeout(6*time.Minute))
})
