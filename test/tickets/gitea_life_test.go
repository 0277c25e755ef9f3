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

// addLabel makes a label and gives its number.
func (b *board) addLabel(ctx context.Context, name string) (id int64) {
	GinkgoHelper()
	var made struct {
		ID int64 `json:"id"`
	}
	path := fmt.Sprintf("/repos/%s/%s/labels", owner, repository)
	Expect(b.gitea.Call(ctx, http.MethodPost, path, b.token, map[string]string{"name": name, "color": "#0e8a16"}, &made)).To(Succeed())
	return made.ID
}

// names puts a label on the first issue, as a person does who names the cause.
func (b *board) names(ctx context.Context, cause string) {
	GinkgoHelper()
	path := fmt.Sprintf("/repos/%s/%s/issues/1/labels", owner, repository)
	Expect(b.gitea.Call(ctx, http.MethodPost, path, b.token, map[string]any{"labels": []int64{b.addLabel(ctx, cause)}}, nil)).To(Succeed())
}

// assignees are those to whom the first issue is assigned.
func (b *board) assignees(ctx context.Context) ([]string, error) {
	issues, err := b.gitea.Issues(ctx, b.token, owner, repository, "all")
	names := []string{}
	for _, issue := range issues {
		for _, to := range issue.Assignees {
			names = append(names, to.Login)
		}
	}
	return names, err
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
		builders.MakeTicketSystem("gitea").InNamespace(namespace).URL(b.gitea.URL()).Assigns("ayse", "nobody-there").
			OfType(v1alpha1.TicketSystemGitea, "repository="+owner+"/"+repository).Bearer("gitea", "token").ReadEvery("1m").Obj(),
		builders.MakePolicy("company").RouteOf(v1alpha1.Route{
			Name: "issues", Assignee: "subject.owner.user",
			TicketSystemRef: v1alpha1.NamespacedReference{Namespace: namespace, Name: "gitea"},
		}).Obj(),
		builders.MakeProcess("refunds").OwnerUser("ayse").InNamespace(namespace).Step("check", "somebody has to look").InEffectSince("2019-01-01").Obj(),
	}
}

// theIssue is how the one issue is listed.
const theIssue = "1 refunds (billing): it was never reviewed [" + label + "]"

// namedIssue is how it is listed once somebody has named the cause.
const namedIssue = "1 refunds (billing): it was never reviewed [cause-process " + label + "]"

func (c *cluster) remediation(ctx context.Context) (*v1alpha1.Remediation, error) {
	var list v1alpha1.RemediationList
	if err := c.env.Client.List(ctx, &list, client.InNamespace(namespace)); err != nil || len(list.Items) != 1 {
		return nil, fmt.Errorf("%d remediations: %w", len(list.Items), err)
	}
	return &list.Items[0], nil
}

// unassigned is why the ticket is assigned to nobody.
func (c *cluster) unassigned(ctx context.Context) (string, error) {
	found, err := c.remediation(ctx)
	if err != nil || len(found.Status.Tickets) != 1 {
		return "", err
	}
	return found.Status.Tickets[0].Unassigned, nil
}

// assigns corrects the account of a user.
func (c *cluster) assigns(ctx context.Context, user, account string) {
	GinkgoHelper()
	system := &v1alpha1.TicketSystem{}
	Expect(c.env.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "gitea"}, system)).To(Succeed())
	system.Spec.Assignees = []v1alpha1.TicketAssignee{{User: user, Account: account}}
	Expect(c.env.Client.Update(ctx, system)).To(Succeed())
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
		b.addLabel(ctx, label)
		found, err := one.remediation(ctx)
		Expect(err).NotTo(HaveOccurred())
		found.Spec.Resolve = &v1alpha1.Resolve{MessageKey: found.Status.Tickets[0].Delivery.MessageKey, Action: v1alpha1.ResolveRetry}
		Expect(one.env.Client.Update(ctx, found)).To(Succeed())
		Eventually(b.issues("open"), patience).WithContext(ctx).Should(ConsistOf(theIssue))
		Eventually(one.ticket, patience).WithContext(ctx).Should(Equal("remediation Open, issue 1 Open"))

		By("saying that Gitea knows no such account, and assigning it once it is put right")
		Eventually(one.unassigned, patience).WithContext(ctx).Should(ContainSubstring("did not assign the ticket"))
		Expect(b.assignees(ctx)).To(BeEmpty())
		one.assigns(ctx, "ayse", owner)
		Eventually(b.assignees, patience).WithContext(ctx).Should(ConsistOf(owner))
		Eventually(one.unassigned, patience).WithContext(ctx).Should(BeEmpty())

		By("opening it again once that somebody closes, and reading what they have said on it")
		b.names(ctx, "cause-process")
		issues, err := b.gitea.Issues(ctx, b.token, owner, repository, "open")
		Expect(err).NotTo(HaveOccurred())
		written := "- Hypothesis: nobody was asked\n- **Learned:** ask\n  in time\n\n# Before\n\n" + issues[0].Body
		Expect(b.gitea.EditIssue(ctx, b.token, owner, repository, 1, written)).To(Succeed())
		Expect(b.gitea.CloseIssue(ctx, b.token, owner, repository, 1)).To(Succeed())
		Eventually(b.comments, 3*time.Minute).WithContext(ctx).Should(ContainElement(ContainSubstring("still stands")))
		Expect(b.issues("open")(ctx)).To(ConsistOf(namedIssue))
		found, err = one.remediation(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(found.Status.Tickets[0].Cause).To(Equal(v1alpha1.CauseProcess))
		Expect(found.Status.Tickets[0].Attempts).To(Equal([]v1alpha1.TicketAttempt{{Hypothesis: "nobody was asked", Learned: "ask in time"}}))

		By("taking it up in a cluster that was built anew")
		Expect(one.burn()).To(Succeed())
		other := newCluster(ctx, namespace, b.declared()...)
		Eventually(other.ticket, patience).WithContext(ctx).Should(Equal("remediation Open, issue 1 Open"))
		Expect(b.issues("all")(ctx)).To(ConsistOf(namedIssue))

		By("closing it when the review was held")
		review := builders.MakeReview("refunds-1").InNamespace(namespace).Of("refunds").By("quality-manager").
			HeldAt(wall.Now().Add(-time.Minute).Truncate(time.Second)).Outcome(v1alpha1.OutcomeApproved).Keeps("check").Obj()
		Expect(other.env.Client.Create(ctx, review)).To(Succeed())
		Eventually(b.issues("closed"), patience).WithContext(ctx).Should(ConsistOf(namedIssue))
		Eventually(b.comments, patience).WithContext(ctx).Should(ContainElement(ContainSubstring("is done")))
		Eventually(other.ticket, patience).WithContext(ctx).Should(Equal("remediation Closed, issue 1 Closed"))

		By("opening it again when the review is withdrawn")
		Expect(other.env.Client.Get(ctx, client.ObjectKeyFromObject(review), review)).To(Succeed())
		review.Spec.Withdrawn = &v1alpha1.Withdrawal{By: "quality-manager", Why: "it was another process", At: metav1.NewTime(wall.Now())}
		Expect(other.env.Client.Update(ctx, review)).To(Succeed())
		Eventually(b.issues("open"), patience).WithContext(ctx).Should(ConsistOf(namedIssue))
		Eventually(b.comments, patience).WithContext(ctx).Should(ContainElement(ContainSubstring("has come back (attempt 2)")))
		Expect(b.issues("all")(ctx)).To(ConsistOf(namedIssue))
	}, SpecTimeout(6*time.Minute))
})
