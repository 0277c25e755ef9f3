package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/demo/samples"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
)

// await looks until what is expected is so. Past the deadline the error says what still differs.
func (s *story) await(ctx context.Context, what string, differs func(context.Context) (string, error)) error {
	last := "nothing was looked at"
	err := wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, 2*time.Minute, true, func(ctx context.Context) (bool, error) {
		if err := s.manager.Check(); err != nil {
			return false, err
		}
		difference, err := differs(ctx)
		if difference != "" {
			last = difference
		}
		return err == nil && difference == "", err
	})
	if wait.Interrupted(err) {
		return fmt.Errorf("%s: %s (see %s)", what, last, s.manager.Log())
	}
	if err != nil {
		return fmt.Errorf("%s: %w; before that: %s", what, err, last)
	}
	return nil
}

// found is what Gemba says of a process or KPI.
type found struct {
	findings []governancev1alpha1.Rule
	// state of a KPI; empty for a process.
	state governancev1alpha1.KPIState
}

// verdictsDiffer tells which process or KPI is not found to be exactly what it is expected to be, or which review is still
// to be judged.
func (s *story) verdictsDiffer(expected []samples.Verdict) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		all, err := s.found(ctx)
		if err != nil {
			return "", err
		}
		for _, verdict := range expected {
			got, judged := all[verdict.Subject]
			if !judged {
				return fmt.Sprintf("%s is not judged", verdict.Subject), nil
			}
			if got.state != verdict.State || !slices.Equal(got.findings, verdict.Findings) {
				return fmt.Sprintf("%s has the findings %v, not %v; as a KPI it is %q, wanted %q", verdict.Subject, got.findings,
					verdict.Findings, got.state, verdict.State), nil
			}
		}
		return s.reviewsDiffer(ctx)
	}
}

// found reads what Gemba says of everything that it has judged as it is declared.
func (s *story) found(ctx context.Context) (map[samples.Subject]found, error) {
	var processes governancev1alpha1.ProcessList
	var kpis governancev1alpha1.KPIList
	if err := errors.Join(s.cluster.client.List(ctx, &processes), s.cluster.client.List(ctx, &kpis)); err != nil {
		return nil, fmt.Errorf("list processes and KPIs: %w", err)
	}
	all := make(map[samples.Subject]found, len(processes.Items)+len(kpis.Items))
	for i := range processes.Items {
		process := &processes.Items[i]
		if process.Status.ObservedGeneration == process.Generation {
			subject := samples.Subject{Kind: governancev1alpha1.KindProcess, Name: client.ObjectKeyFromObject(process)}
			all[subject] = found{findings: samples.RulesOf(process.Status.Findings)}
		}
	}
	for i := range kpis.Items {
		kpi := &kpis.Items[i]
		if kpi.Status.ObservedGeneration == kpi.Generation {
			subject := samples.Subject{Kind: governancev1alpha1.KindKPI, Name: client.ObjectKeyFromObject(kpi)}
			all[subject] = found{findings: samples.RulesOf(kpi.Status.Findings), state: kpi.Status.State}
		}
	}
	return all, nil
}

// reviewsDiffer expects every review to count but the one that leaves a step out.
func (s *story) reviewsDiffer(ctx context.Context) (string, error) {
	var reviews governancev1alpha1.ReviewList
	if err := s.cluster.client.List(ctx, &reviews); err != nil {
		return "", fmt.Errorf("list reviews: %w", err)
	}
	for i := range reviews.Items {
		review := &reviews.Items[i]
		counted := meta.FindStatusCondition(review.Status.Conditions, governancev1alpha1.ConditionCounted)
		if counted == nil {
			return fmt.Sprintf("the review %s is not judged", review.Name), nil
		}
		want := governancev1alpha1.ReasonCounted
		if review.Name == "tariff-change-autumn" {
			want = governancev1alpha1.ReasonStepsMissing
		}
		if counted.Reason != want {
			return fmt.Sprintf("the review %s is %s/%s: %s", review.Name, counted.Status, counted.Reason, counted.Message), nil
		}
	}
	return "", nil
}

// ticketsDiffer tells how the open tickets of the desk differ from those expected: one for each finding that a route
// covers, none beside.
func (s *story) ticketsDiffer(expected []samples.Verdict) func(context.Context) (string, error) {
	var want []string
	for _, verdict := range expected {
		for _, rule := range verdict.Tickets {
			want = append(want, ticketName(verdict.Subject.String(), string(rule)))
		}
	}
	slices.Sort(want)
	return func(context.Context) (string, error) {
		var open []string
		for _, ticket := range s.desk.Tickets() {
			if ticket.State == desk.Open {
				open = append(open, ticketName(ticket.Subject, ticket.Rule))
			}
		}
		slices.Sort(open)
		if slices.Equal(open, want) {
			return "", nil
		}
		return fmt.Sprintf("the desk has open tickets for [%s], not [%s]", strings.Join(open, ", "), strings.Join(want, ", ")), nil
	}
}

func ticketName(subject, rule string) string { return subject + " " + rule }

// deliveryDiffers tells which remediation waits for an answer of the desk.
func (s *story) deliveryDiffers(count int) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		var remediations governancev1alpha1.RemediationList
		if err := s.cluster.client.List(ctx, &remediations); err != nil {
			return "", fmt.Errorf("list remediations: %w", err)
		}
		if len(remediations.Items) != count {
			return fmt.Sprintf("there are %d remediations, not %d: %s", len(remediations.Items), count, namesOf(remediations.Items)), nil
		}
		for i := range remediations.Items {
			conditions := remediations.Items[i].Status.Conditions
			if !meta.IsStatusConditionTrue(conditions, governancev1alpha1.ConditionDelivered) {
				return fmt.Sprintf("the remediation %s is not delivered: %+v", remediations.Items[i].Name, conditions), nil
			}
		}
		return "", nil
	}
}

func namesOf(remediations []governancev1alpha1.Remediation) string {
	var names []string
	for i := range remediations {
		names = append(names, remediations[i].Name+" "+string(remediations[i].Status.State))
	}
	return strings.Join(names, ", ")
}

// reviewIsCurrentDiffers tells whether the process that was reviewed is not yet current.
func (s *story) reviewIsCurrentDiffers(ctx context.Context) (string, error) {
	var process governancev1alpha1.Process
	err := s.cluster.client.Get(ctx, samples.ReviewedLater.Name, &process)
	if err != nil {
		return "", fmt.Errorf("get process %s: %w", samples.ReviewedLater, err)
	}
	for _, condition := range []string{governancev1alpha1.ConditionReviewCurrent, governancev1alpha1.ConditionCompliant} {
		if !meta.IsStatusConditionTrue(process.Status.Conditions, condition) {
			return fmt.Sprintf("%s of %s is not True", condition, samples.ReviewedLater), nil
		}
	}
	return "", nil
}

// oneTicketEach is an error where some finding has more than one ticket, open or closed.
func (s *story) oneTicketEach() error {
	seen := make(map[string]string)
	for _, ticket := range s.desk.Tickets() {
		name := ticketName(ticket.Subject, ticket.Rule)
		if other, twice := seen[name]; twice {
			return fmt.Errorf("%s and %s are both about %s", other, ticket.ID, name)
		}
		seen[name] = ticket.ID
	}
	if len(seen) == 0 {
		return errors.New("the desk has no tickets")
	}
	return nil
}
