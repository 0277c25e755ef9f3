package main

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/demo/samples"
)

// watermelon tells of numbers that are all met while the customers leave.
func (s *story) watermelon(ctx context.Context) error {
	s.chapter("4. Green outside and red inside", "A household moves. Each of the four parts has a number, and each number "+
		"is met; four in ten leave all the same.\nThe numbers of house-move come from %s.\nThose of the contact centre come from "+
		"a ConfigMap, which Gemba reads as a ServiceAccount that has opted in;\nthe others were measured by hand.",
		s.figures.origin)
	if err := s.await(ctx, "waiting for the watermelon", s.watermelonDiffers); err != nil {
		return err
	}
	if err := s.show(ctx, "get", "kpis", "-A"); err != nil {
		return err
	}
	if s.figures.prometheus != nil {
		if err := s.await(ctx, "waiting for the metric source", s.sourcesDiffer); err != nil {
			return err
		}
		if err := s.show(ctx, "get", "metricsources", "-A"); err != nil {
			return err
		}
	}
	if err := s.showWatermelon(ctx); err != nil {
		return err
	}
	return s.showTicket(samples.Watermelon, governancev1alpha1.RuleWatermelon)
}

// showWatermelon prints what the status of house-move says of its numbers.
func (s *story) showWatermelon(ctx context.Context) error {
	name := samples.Watermelon.Name
	text, err := s.cluster.kubectl.Output(ctx, "get", "process", name.Name, "-n", name.Namespace, "-o",
		`jsonpath={range .status.conditions[?(@.type=="KPIsMet")]}{.type}={.status}/{.reason}{"\n  "}{.message}{"\n"}{end}`+
			`{.status.counts.touchpoints} touchpoints in {.status.counts.departments} departments; KPIs {.status.kpis}`)
	if err != nil {
		return err
	}
	s.say("\nThe status of %s says:\n\n  %s", name.Name, strings.ReplaceAll(text, "\n", "\n  "))
	return nil
}

// watermelonDiffers tells what house-move says in place of that it is green outside and red inside, by name.
func (s *story) watermelonDiffers(ctx context.Context) (string, error) {
	var process governancev1alpha1.Process
	if err := s.cluster.client.Get(ctx, samples.Watermelon.Name, &process); err != nil {
		return "", fmt.Errorf("get %s: %w", samples.Watermelon, err)
	}
	met := meta.FindStatusCondition(process.Status.Conditions, governancev1alpha1.ConditionKPIsMet)
	if met == nil || met.Status != metav1.ConditionFalse || met.Reason != string(governancev1alpha1.RuleWatermelon) ||
		!strings.Contains(met.Message, samples.RedInside.Name.Name) {
		return fmt.Sprintf("KPIsMet of %s is %+v, not False/Watermelon because of %s", samples.Watermelon, met,
			samples.RedInside.Name.Name), nil
	}
	return "", nil
}

// sourcesDiffer tells which metric source does not answer.
func (s *story) sourcesDiffer(ctx context.Context) (string, error) {
	var sources governancev1alpha1.MetricSourceList
	if err := s.cluster.client.List(ctx, &sources); err != nil {
		return "", fmt.Errorf("list metric sources: %w", err)
	}
	if len(sources.Items) != 1 {
		return fmt.Sprintf("there are %d metric sources, not one", len(sources.Items)), nil
	}
	for _, condition := range []string{governancev1alpha1.ConditionReady, governancev1alpha1.ConditionReachable} {
		if !meta.IsStatusConditionTrue(sources.Items[0].Status.Conditions, condition) {
			return fmt.Sprintf("%s of the metric source is not True: %+v", condition, sources.Items[0].Status.Conditions), nil
		}
	}
	return "", nil
}
