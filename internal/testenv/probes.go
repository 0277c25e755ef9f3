package testenv

import (
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// policyProbe tells whether an admission policy is in force: the object is created as a dry run, and the answer of
// the API server differs once the policy acts.
type policyProbe struct {
	policy  string
	object  func() client.Object
	inForce func(answered client.Object, err error) bool
}

func policyProbes() []policyProbe {
	deniedBy := func(name string) func(client.Object, error) bool {
		return func(_ client.Object, err error) bool {
			return err != nil && strings.Contains(err.Error(), name)
		}
	}
	return []policyProbe{
		{
			policy:  "the validating policy on reviews",
			object:  func() client.Object { return probeReview(time.Date(2199, time.January, 1, 0, 0, 0, 0, time.UTC)) },
			inForce: deniedBy("gemba-reviews"),
		},
		{
			policy:  "the validating policy on waivers",
			object:  func() client.Object { return probeWaiver(time.Date(2199, time.January, 1, 0, 0, 0, 0, time.UTC)) },
			inForce: deniedBy("gemba-waivers"),
		},
		{
			policy: "the mutating policy on reviews",
			object: func() client.Object { return probeReview(time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)) },
			inForce: func(answered client.Object, err error) bool {
				review, ok := answered.(*governancev1alpha1.Review)
				return ok && err == nil && review.Spec.RecordedBy != ""
			},
		},
		{
			policy: "the mutating policy on waivers",
			object: func() client.Object { return probeWaiver(time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)) },
			inForce: func(answered client.Object, err error) bool {
				waiver, ok := answered.(*governancev1alpha1.Waiver)
				return ok && err == nil && waiver.Spec.RecordedBy != ""
			},
		},
	}
}

func probeReview(heldAt time.Time) client.Object {
	return &governancev1alpha1.Review{
		ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: "probe"},
		Spec: governancev1alpha1.ReviewSpec{
			SubjectRef: governancev1alpha1.SubjectReference{Name: "probe"},
			Reviewer:   "admin",
			HeldAt:     metav1.NewTime(heldAt),
		},
	}
}

func probeWaiver(approvedAt time.Time) client.Object {
	return &governancev1alpha1.Waiver{
		ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceDefault, Name: "probe"},
		Spec: governancev1alpha1.WaiverSpec{
			SubjectRef:    governancev1alpha1.SubjectReference{Name: "probe"},
			Skip:          &governancev1alpha1.OccurrenceSkip{Requirement: "full", Occurrence: "2000-01-01"},
			Justification: "probe",
			ApprovedBy:    "admin",
			ApprovedAt:    metav1.NewTime(approvedAt),
		},
	}
}
