package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// awaitPolicies waits until the API server acts on the admission policies, which it takes up some seconds after they
// were stored. It asks by dry runs: a review that is held in the future is refused, one that was held is stamped.
func (c *cluster) awaitPolicies(ctx context.Context) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, 200*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		last = c.record(ctx, probe(2199))
		if last == nil || !strings.Contains(last.Error(), "lies in the future") {
			return false, nil
		}
		held := probe(2000)
		last = c.record(ctx, held)
		return last == nil && held.Spec.RecordedBy != "", nil
	})
	if err != nil {
		return fmt.Errorf("wait until the admission policies are in force: %w", errors.Join(err, last))
	}
	return nil
}

func (c *cluster) record(ctx context.Context, review *governancev1alpha1.Review) error {
	return c.client.Create(ctx, review, client.DryRunAll)
}

// probe is a review that was held on the first day of a year.
func probe(year int) *governancev1alpha1.Review {
	return &governancev1alpha1.Review{
		ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: "probe"},
		Spec: governancev1alpha1.ReviewSpec{
			SubjectRef: governancev1alpha1.SubjectReference{Name: "probe"},
			Reviewer:   "somebody",
			HeldAt:     metav1.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC),
		},
	}
}
