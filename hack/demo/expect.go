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
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// verdictsDiffer tells which process or KPI is not found to be exactly what it is expected to be, or which review is still
// to be judged.
func (s *story) verdictsDiffer(expected []samples.Verdict) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		for _, verdict := range expected {
			judged, state, err := s.statusOf(ctx, verdict.Subject)
			if err != nil {
				return "", err
			}
			got := samples.RulesOf(judged.Findings)
			if judged.ObservedGeneration < 1 || state != verdict.State || !slices.Equal(got, verdict.Findings) {
				return fmt.Sprintf("%s is %s with the findings %v, not %s with %v", verdict.Subject, state, got, verdict.State,
					verdict.Findings), nil
			}
		}
		return s.reviewsDiffer(ctx)
	}
}

// statusOf reads what was found about a process or KPI. Nothing of the samples is edited while the story is told, so that
// a status is of their text once there is one.
func (s *story) statusOf(
	ctx context.Context, subject samples.Subject,
) (judged *governancev1alpha1.SubjectStatus, state governancev1alpha1.KPIState, err error) {
	if subject.Kind == governancev1alpha1.KindKPI {
		var kpi governancev1alpha1.KPI
		err = s.cluster.client.Get(ctx, subject.Name, &kpi)
		judged, state = &kpi.Status.SubjectStatus, kpi.Status.State
	} else {
		var process governancev1alpha1.Process
		err = s.cluster.client.Get(ctx, subject.Name, &process)
		judged = &process.Status.SubjectStatus
	}
	if err != nil {
		return nil, "", fmt.Errorf("get %s: %w", subject, err)
	}
	return judged, state, nil
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
			return fmt.Sprintf("there are %d remediations, not %d", len(remediations.Items), count), nil
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
