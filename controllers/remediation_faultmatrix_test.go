package controllers_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// trialsAtOnce is how many trials run side by side. Those with a slow answer only wait.
const trialsAtOnce = 12

// matrix is every trial against one receiver, and what came of them.
type matrix struct {
	receiver  receiver
	namespace string
	clean     clean
	plans     []trialPlan

	mu         sync.Mutex
	violations []string
	exceptions map[string]int
}

// newMatrix runs the scenario without a fault, and plans a trial for each effect, each fault that can happen there, and each
// edit that may come between two tries.
func newMatrix(ctx context.Context, base client.WithWatch, of receiver) *matrix {
	GinkgoHelper()
	m := &matrix{receiver: of, namespace: newNamespace(ctx, nil), exceptions: map[string]int{}}
	first := newTrial(ctx, base, m.namespace, "clean", of, trialPlan{})
	defer first.close()
	first.run()
	m.clean = clean{effects: first.gate.effects, states: first.states, told: first.told()}
	Expect(first.judge(m.clean)).To(BeEmpty(), "without a fault")
	Expect(m.clean.states).To(Equal([]string{"open", "closed", "open", "closed"}))
	Expect(m.clean.told).NotTo(BeEmpty())
	for at, of := range m.clean.effects {
		m.plan(at+1, of)
	}
	// Those that wait begin first, while others have something to do.
	slices.SortStableFunc(m.plans, func(one, other trialPlan) int {
		switch {
		case one.fault.slow == other.fault.slow:
			return 0
		case one.fault.slow:
			return -1
		default:
			return 1
		}
	})
	return m
}

// plan adds the trials around one effect.
func (m *matrix) plan(number int, of effect) {
	for _, wrong := range faults() {
		if !wrong.fits(of) {
			continue
		}
		m.plans = append(m.plans, trialPlan{number: number, effect: of, fault: wrong})
		if m.receiver.onReal && !of.isRequest() {
			m.plans = append(m.plans, trialPlan{number: number, effect: of, fault: wrong, real: true})
		}
		if !wrong.again || !of.isTry() {
			continue
		}
		for _, between := range edits() {
			m.plans = append(m.plans, trialPlan{number: number, effect: of, fault: wrong, edit: between})
		}
	}
}

// run runs all trials.
func (m *matrix) run(ctx context.Context, base client.WithWatch) {
	numbers := make(chan int)
	var running sync.WaitGroup
	for range trialsAtOnce {
		running.Go(func() {
			defer GinkgoRecover()
			for number := range numbers {
				m.try(ctx, base, number)
			}
		})
	}
	for number := range m.plans {
		numbers <- number
	}
	close(numbers)
	running.Wait()
}

// try runs one trial.
func (m *matrix) try(ctx context.Context, base client.WithWatch, number int) {
	plan := m.plans[number]
	t := newTrial(ctx, base, m.namespace, fmt.Sprint("trial-", number), m.receiver, plan)
	defer t.close()
	t.run()
	problems := t.judge(m.clean)
	m.mu.Lock()
	defer m.mu.Unlock()
	switch why := excepted(m.receiver, plan); {
	case len(problems) == 0:
	case why != "" && len(t.counter.tickets()) == 2 && !slices.ContainsFunc(problems, isOther):
		m.exceptions[why]++
	default:
		m.violations = append(m.violations, fmt.Sprintf("%s | %s: %s", m.receiver.name, plan, strings.Join(problems, "; ")))
	}
}

// excepted is why the promise cannot be kept in a trial; empty where it can. A manager that stands still between its last look
// at the clock and the send cannot know that another has concluded meanwhile that nothing was sent. Where the receiver neither
// recognises the message nor refuses it, both messages open a ticket.
func excepted(of receiver, plan trialPlan) string {
	isCreate := plan.effect == effect{saying, v1alpha1.OperationCreate}
	if of.searched && isCreate && plan.fault.name == anotherBefore+afterPause {
		return "a pause between the check and the send, longer than the send window, the timeout and the lag of the list"
	}
	return ""
}

// doubled is what two tickets in place of one look like: nothing else is excepted with them.
var doubled = []string{"there are 2 tickets", "ticket ", "the ticket was ", "the Remediation knows of ticket ", "a ticket is left open"}

func isOther(problem string) bool {
	return !slices.ContainsFunc(doubled, func(begins string) bool { return strings.HasPrefix(problem, begins) })
}

// row is a line of the table.
func (m *matrix) row() string {
	requests := 0
	for _, of := range m.clean.effects {
		if of.isRequest() {
			requests++
		}
	}
	excepted := 0
	for _, count := range m.exceptions {
		excepted += count
	}
	return fmt.Sprintf("%-28s %7d %8d %6d %10d %10d", m.receiver.name, len(m.clean.effects)-requests, requests, len(m.plans), excepted,
		len(m.violations))
}

// remove takes away what the trials have left, so that no manager of another spec finds it.
func (m *matrix) remove(ctx context.Context) {
	var left v1alpha1.RemediationList
	Expect(env.Client.List(ctx, &left, client.InNamespace(m.namespace))).To(Succeed())
	for _, remediation := range left.Items {
		if len(remediation.Finalizers) > 0 {
			remediation.Finalizers = nil
			Expect(client.IgnoreNotFound(env.Client.Update(ctx, &remediation))).To(Succeed())
		}
	}
	Expect(env.Client.DeleteAllOf(ctx, &v1alpha1.Remediation{}, client.InNamespace(m.namespace))).To(Succeed())
}

var _ = Describe("A ticket, whatever goes wrong at any step,", func() {
	It("is one ticket in the right state, or is left to a person, and nothing is lost", func(ctx SpecContext) {
		base, err := client.NewWithWatch(env.Config, client.Options{Scheme: env.Scheme})
		Expect(err).NotTo(HaveOccurred())
		table := []string{fmt.Sprintf("%-28s %7s %8s %6s %10s %10s", "a receiver that", "writes", "requests", "cases", "exceptions", "violations")}
		var violations []string
		exceptions := map[string]int{}
		for _, of := range receivers() {
			m := newMatrix(ctx, base, of)
			DeferCleanup(m.remove)
			m.run(ctx, base)
			table = append(table, m.row())
			violations = append(violations, m.violations...)
			for why, count := range m.exceptions {
				exceptions[why] += count
			}
		}
		for why, count := range exceptions {
			table = append(table, fmt.Sprintf("exceptions by design, %d: %s", count, why))
		}
		AddReportEntry("fault matrix", ReportEntryVisibilityAlways, "\n"+strings.Join(table, "\n"))
		slices.Sort(violations)
		Expect(violations).To(BeEmpty(), "%d violations", len(violations))
	}, NodeTimeout(15*time.Minute))
})
