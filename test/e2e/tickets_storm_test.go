package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
)

const (
	stormNamespaces = 40
	stormFindings   = 50
)

var _ = Describe("Two thousand findings that come up at once", func() {
	It("are forty tickets, each of which names its fifty, where the route groups by namespace", func(ctx SpecContext) {
		receiver := newDesk()
		namespaces := newStorm(ctx, receiver)
		start(ctx, "--leader-elect=false", "--metrics-bind-address=0")

		patience := 3 * time.Minute
		for _, namespace := range namespaces {
			Eventually(standing, patience).WithContext(ctx).WithArguments(namespace).Should(Equal(int32(stormFindings)))
			Eventually(delivered, patience).WithContext(ctx).WithArguments(namespace).Should(Equal(1))
		}
		Eventually(func() []string { return untold(receiver, namespaces) }, patience).WithContext(ctx).Should(BeEmpty())
		expectOneTicketEach(receiver, stormNamespaces)
		AddReportEntry("messages", fmt.Sprintf("%d for %d findings", len(receiver.Messages()), stormNamespaces*stormFindings),
			ReportEntryVisibilityAlways)
	}, SpecTimeout(10*time.Minute))
})

// newStorm declares processes that were never reviewed, in namespaces whose route groups what is found there.
func newStorm(ctx context.Context, receiver *desk.Desk) []string {
	GinkgoHelper()
	platform, err := env.NewNamespace(ctx, "storm-desk", nil)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func(ctx context.Context) error { return empty(ctx, platform) })
	label := map[string]string{"storm": platform}
	policy := builders.MakePolicy(platform).Selects("storm", platform).RouteOf(governancev1alpha1.Route{
		Name: "all", TicketSystemRef: governancev1alpha1.NamespacedReference{
			Namespace: governancev1alpha1.ObjectName(platform), Name: "desk",
		},
		GroupBy: []governancev1alpha1.GroupKey{governancev1alpha1.GroupByNamespace},
		Pace:    governancev1alpha1.Pace{GroupWait: "15s"},
	}).Obj()
	apply(ctx, policy, builders.MakeTicketSystem("desk").InNamespace(platform).URL(receiver.URL()).Deduplicates().AllowAll().Obj())
	namespaces := make([]string, stormNamespaces)
	var declaring sync.WaitGroup
	for i := range namespaces {
		namespaces[i], err = env.NewNamespace(ctx, "storm", label)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func(ctx context.Context) error { return empty(ctx, namespaces[i]) })
		declaring.Go(func() {
			defer GinkgoRecover()
			for number := range stormFindings {
				apply(ctx, overdue(namespaces[i], fmt.Sprintf("process-%02d", number)))
			}
		})
	}
	declaring.Wait()
	return namespaces
}

// standing counts the findings that the only remediation of a namespace has.
func standing(ctx context.Context, namespace string) int32 {
	GinkgoHelper()
	remediations := remediationsOf(ctx, namespace)
	if len(remediations) != 1 {
		return 0
	}
	return remediations[0].Status.Standing
}

// untold names what the last messages about each namespace do not name.
func untold(receiver *desk.Desk, namespaces []string) (missing []string) {
	last := map[string]string{}
	for _, message := range receiver.Messages() {
		namespace, _, _ := strings.Cut(message.Event.Subject, "/")
		last[namespace] = message.Event.Data.Body
	}
	for _, namespace := range namespaces {
		for number := range stormFindings {
			if name := fmt.Sprintf("Process process-%02d", number); !strings.Contains(last[namespace], name) {
				missing = append(missing, namespace+"/"+name)
			}
		}
	}
	return missing
}
