package e2e_test

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
)

var _ = Describe("Tickets", func() {
	It("are opened once when the manager is killed after the desk took the message and before the answer was stored",
		func(ctx SpecContext) {
			receiver := newDesk()
			never := make(chan struct{})
			receiver.SetOnRequest(func(desk.Message) desk.Fault { return desk.HangAfterStoring(never) })
			namespace := newNamespace(ctx, receiver)
			apply(ctx, overdue(namespace, "refunds"))

			killed := start(ctx, "--leader-elect=false", "--metrics-bind-address=0")
			Eventually(receiver.Tickets).WithContext(ctx).Should(HaveLen(1))
			Expect(killed.Kill()).To(Succeed())
			Expect(delivered(ctx, namespace)).To(BeZero(), "the answer was stored: the manager was killed too late")

			receiver.SetOnRequest(nil)
			start(ctx, "--leader-elect=false", "--metrics-bind-address=0")
			Eventually(delivered).WithContext(ctx).WithArguments(namespace).Should(Equal(1))
			expectOneTicketEach(receiver, 1)
			messages := receiver.Messages()
			Expect(messages).To(HaveLen(2))
			Expect(messages[1].ID).To(Equal(messages[0].ID))
			Expect(messages[1].Body).To(Equal(messages[0].Body))
			Expect(messages[1].Path).To(Equal(messages[0].Path))
			Expect(remediationsOf(ctx, namespace)[0].Status.Tickets[0].ID).To(Equal(receiver.Tickets()[0].ID))
		}, SpecTimeout(3*time.Minute))

	It("are opened once each when two managers run at once without leader election", func(ctx SpecContext) {
		const processes = 20
		receiver := newDesk()
		namespace := newNamespace(ctx, receiver)
		start(ctx, "--leader-elect=false", "--metrics-bind-address=0")
		start(ctx, "--leader-elect=false", "--metrics-bind-address=0")
		for i := range processes {
			apply(ctx, overdue(namespace, fmt.Sprintf("process-%d", i)))
		}
		Eventually(delivered).WithContext(ctx).WithArguments(namespace).Should(Equal(processes))
		expectOneTicketEach(receiver, processes)

		By("closing each of them once")
		for i := range processes {
			apply(ctx, builders.MakeReview(fmt.Sprintf("review-%d", i)).InNamespace(namespace).
				Of(fmt.Sprintf("process-%d", i)).By("quality-manager").HeldAt(wall.Now().Add(-time.Minute).Truncate(time.Second)).
				Outcome(governancev1alpha1.OutcomeApproved).Keeps("check").Obj())
		}
		Eventually(func() int { return inState(receiver, desk.Closed) }).WithContext(ctx).Should(Equal(processes))
		Eventually(delivered).WithContext(ctx).WithArguments(namespace).Should(Equal(processes))
		expectOneTicketEach(receiver, processes)
		for _, ticket := range receiver.Tickets() {
			Expect(ticket.History).To(Equal([]desk.Operation{desk.Create, desk.Close}), ticket.Subject)
		}
		AddReportEntry("messages", fmt.Sprintf("%d messages for %d tickets opened and closed, %d of them came twice",
			len(receiver.Messages()), processes, receiver.Duplicates()), ReportEntryVisibilityAlways)
	}, SpecTimeout(5*time.Minute))
})

// inState counts the tickets in a state.
func inState(receiver *desk.Desk, state string) int {
	count := 0
	for _, ticket := range receiver.Tickets() {
		if ticket.State == state {
			count++
		}
	}
	return count
}
