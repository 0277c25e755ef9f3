package e2e_test

import (
	"context"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
	"github.com/gemba-dev/gemba/internal/builders"
)

// newDesk runs a ticket desk until the spec ends.
func newDesk() *desk.Desk {
	GinkgoHelper()
	running, err := desk.New(desk.Options{})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(running.Close)
	return running
}

// newNamespace makes a namespace whose findings of Medium and above go to a desk.
func newNamespace(ctx context.Context, receiver *desk.Desk) string {
	GinkgoHelper()
	namespace, err := env.NewNamespace(ctx, "e2e", nil)
	Expect(err).NotTo(HaveOccurred())
	// The API server labels each namespace with its name.
	policy := builders.MakePolicy(namespace).Selects("kubernetes.io/metadata.name", namespace).
		Route("desk", namespace, "desk").Obj()
	apply(ctx, policy, builders.MakeTicketSystem("desk").InNamespace(namespace).URL(receiver.URL()).Deduplicates().Obj())
	DeferCleanup(func(ctx context.Context) error { return empty(ctx, namespace) })
	return namespace
}

// empty takes everything out of a namespace, so that the next manager has nothing to do there. No controller of
// Kubernetes runs here that would do it, and no manager that would close tickets.
func empty(ctx context.Context, namespace string) error {
	var remediations governancev1alpha1.RemediationList
	if err := env.Client.List(ctx, &remediations, client.InNamespace(namespace)); err != nil {
		return err
	}
	for i := range remediations.Items {
		remediation := &remediations.Items[i]
		remediation.Finalizers = nil
		if err := client.IgnoreNotFound(env.Client.Update(ctx, remediation)); err != nil {
			return err
		}
	}
	for _, kind := range []client.Object{
		&governancev1alpha1.Process{}, &governancev1alpha1.Remediation{}, &governancev1alpha1.Review{},
		&governancev1alpha1.TicketSystem{}, &governancev1alpha1.KPI{}, &governancev1alpha1.MetricSource{},
	} {
		if err := env.Client.DeleteAllOf(ctx, kind, client.InNamespace(namespace)); err != nil {
			return err
		}
	}
	return nil
}

// overdue makes a process that was last reviewed too long ago to be remembered.
func overdue(namespace, name string) *governancev1alpha1.Process {
	return builders.MakeProcess(name).InNamespace(namespace).Step("check", "somebody has to look").
		InEffectSince("2019-01-01").Obj()
}

// remediationsOf lists the remediations of a namespace.
func remediationsOf(ctx context.Context, namespace string) []governancev1alpha1.Remediation {
	GinkgoHelper()
	var list governancev1alpha1.RemediationList
	Expect(env.Client.List(ctx, &list, client.InNamespace(namespace))).To(Succeed())
	return list.Items
}

// delivered counts the remediations of a namespace whose messages have all arrived.
func delivered(ctx context.Context, namespace string) int {
	GinkgoHelper()
	count := 0
	for _, remediation := range remediationsOf(ctx, namespace) {
		if meta.IsStatusConditionTrue(remediation.Status.Conditions, governancev1alpha1.ConditionDelivered) {
			count++
		}
	}
	return count
}

// expectOneTicketEach checks that the desk has so many tickets, one for each subject, and that whatever came twice came
// with the same body.
func expectOneTicketEach(receiver *desk.Desk, count int) {
	GinkgoHelper()
	subjects := make(map[string]int)
	for _, ticket := range receiver.Tickets() {
		subjects[ticket.Subject]++
	}
	Expect(subjects).To(HaveLen(count), "subjects with a ticket")
	Expect(receiver.Tickets()).To(HaveLen(count), "tickets")
	for _, message := range receiver.Messages() {
		if message.Duplicate {
			Expect(message.SameBody).To(BeTrue(), fmt.Sprintf("the message %s came again with another body", message.ID))
		}
	}
}
