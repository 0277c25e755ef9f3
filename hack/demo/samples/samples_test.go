package samples_test

import (
	"path/filepath"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/demo/samples"
	"github.com/gemba-dev/gemba/internal/governance"
)

var folder = filepath.Join("..", "..", "..", "config", "samples")

// today is a day on which the samples were written.
var today = time.Date(2026, time.November, 22, 9, 30, 0, 0, time.UTC)

// years on which the demonstration may run: the good examples stay good and the bad ones bad.
var years = map[string]time.Time{
	"today as it was written":                  today,
	"on the last day of a leap February":       time.Date(2028, time.February, 29, 23, 59, 0, 0, time.UTC),
	"in five years, five minutes after twelve": time.Date(2031, time.July, 1, 0, 5, 0, 0, time.UTC),
}

func TestEverySampleHasExactlyTheFindingsItIsThereFor(t *testing.T) {
	for sentence, now := range years {
		t.Run(sentence, func(t *testing.T) {
			known := read(t, now)
			known.settle(t, now)
			if got := len(known.processes) + len(known.kpis); got != len(samples.Verdicts) {
				t.Errorf("there are %d processes and KPIs, and %d verdicts", got, len(samples.Verdicts))
			}
			for _, verdict := range samples.Verdicts {
				known.expect(t, verdict)
			}
			for i := range known.reviews {
				known.expectCounted(t, &known.reviews[i])
			}
		})
	}
}

func TestOneReviewClearsSupplierSwitch(t *testing.T) {
	known := read(t, today)
	known.settle(t, today)
	later := today.Add(time.Hour)
	known.add(t, later, filepath.Join(folder, "later", "supplier-switch.yaml"))
	known.settle(t, later)
	known.expect(t, samples.Verdict{Subject: samples.ReviewedLater})
	process := known.processes[samples.ReviewedLater.Name]
	if !meta.IsStatusConditionTrue(process.Status.Conditions, v1alpha1.ConditionReviewCurrent) {
		t.Errorf("ReviewCurrent is not True: %+v", process.Status.Conditions)
	}
}

func TestTheNewestReviewOfTariffChangeLeavesAStepOut(t *testing.T) {
	known := read(t, today)
	known.settle(t, today)
	tariff := known.processes[types.NamespacedName{Namespace: "contact-centre", Name: "tariff-change"}]
	for i := range known.reviews {
		review := &known.reviews[i]
		if review.Name != "tariff-change-autumn" {
			continue
		}
		if review.Spec.SubjectDigest != governance.ProcessDigest(&tariff.Spec) {
			t.Errorf("spec.subjectDigest is not the digest of the process: write %s", governance.ProcessDigest(&tariff.Spec))
		}
		counted := meta.FindStatusCondition(review.Status.Conditions, v1alpha1.ConditionCounted)
		if counted == nil || counted.Status != metav1.ConditionFalse || counted.Reason != v1alpha1.ReasonStepsMissing {
			t.Errorf("Counted is %+v, want False/StepsMissing", counted)
		}
	}
}

func TestADateThatIsNoNumberOfDaysIsRefused(t *testing.T) {
	for sentence, annotation := range map[string]string{
		"words are no number":    "last week",
		"the future is not past": "-1",
	} {
		for _, name := range []string{samples.HeldDaysAgo, samples.MeasuredDaysAgo} {
			dated := &unstructured.Unstructured{Object: map[string]any{}}
			dated.SetAnnotations(map[string]string{name: annotation})
			if err := samples.Date([]*unstructured.Unstructured{dated}, today); err == nil {
				t.Errorf("%s in %s: no error", sentence, name)
			}
		}
	}
}
