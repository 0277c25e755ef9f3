package samples_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/demo/samples"
	"github.com/gemba-dev/gemba/internal/governance"
)

var folder = filepath.Join("..", "..", "..", "config", "samples")

// years on which the demonstration may run: the good examples stay good and the bad ones bad.
var years = map[string]time.Time{
	"today as it was written":            time.Date(2026, time.November, 22, 9, 30, 0, 0, time.UTC),
	"on the last day of a leap February": time.Date(2028, time.February, 29, 23, 59, 0, 0, time.UTC),
	"in five years":                      time.Date(2031, time.July, 1, 0, 5, 0, 0, time.UTC),
}

// company is all samples, judged together as the reconcilers would.
type company struct {
	processes []*governancev1alpha1.Process
	reviews   []governancev1alpha1.Review
	policy    *governancev1alpha1.GovernancePolicy
	cadences  governance.Cadences
}

func TestEverySampleHasExactlyTheFindingsItIsThereFor(t *testing.T) {
	for sentence, now := range years {
		t.Run(sentence, func(t *testing.T) {
			known := read(t, now)
			known.settle(now)
			if len(known.processes) != len(samples.Verdicts) {
				t.Errorf("there are %d processes and %d verdicts", len(known.processes), len(samples.Verdicts))
			}
			for _, verdict := range samples.Verdicts {
				known.expect(t, verdict)
			}
		})
	}
}

func TestOneReviewClearsSupplierSwitch(t *testing.T) {
	now := years["today as it was written"]
	known := read(t, now)
	known.settle(now)
	later := now.Add(time.Hour)
	known.add(t, later, filepath.Join(folder, "later", "supplier-switch.yaml"))
	known.settle(later)
	known.expect(t, samples.Verdict{Process: samples.ReviewedLater})
	process := known.process(samples.ReviewedLater)
	if !meta.IsStatusConditionTrue(process.Status.Conditions, governancev1alpha1.ConditionReviewCurrent) {
		t.Errorf("ReviewCurrent is not True: %+v", process.Status.Conditions)
	}
}

func TestTheNewestReviewOfTariffChangeLeavesAStepOut(t *testing.T) {
	now := years["today as it was written"]
	known := read(t, now)
	known.settle(now)
	tariff := known.process(types.NamespacedName{Namespace: "contact-centre", Name: "tariff-change"})
	for i := range known.reviews {
		review := &known.reviews[i]
		if review.Name != "tariff-change-autumn" {
			continue
		}
		if review.Spec.SubjectDigest != governance.ProcessDigest(&tariff.Spec) {
			t.Errorf("spec.subjectDigest is not the digest of the process: write %s", governance.ProcessDigest(&tariff.Spec))
		}
		counted := meta.FindStatusCondition(review.Status.Conditions, governancev1alpha1.ConditionCounted)
		if counted == nil || counted.Status != metav1.ConditionFalse || counted.Reason != governancev1alpha1.ReasonStepsMissing {
			t.Errorf("Counted is %+v, want False/StepsMissing", counted)
		}
	}
}

func TestADateThatIsNoNumberOfDaysIsRefused(t *testing.T) {
	for sentence, annotation := range map[string]string{
		"words are no number":    "last week",
		"the future is not past": "-1",
	} {
		review := &unstructured.Unstructured{Object: map[string]any{}}
		review.SetAnnotations(map[string]string{samples.HeldDaysAgo: annotation})
		if err := samples.Date([]*unstructured.Unstructured{review}, time.Now()); err == nil {
			t.Errorf("%s: no error", sentence)
		}
	}
}

func read(t *testing.T, now time.Time) *company {
	t.Helper()
	known := &company{cadences: governance.Cadences{}}
	for _, path := range []string{folder, filepath.Join(folder, "..", "cadences")} {
		objects, err := samples.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		known.take(t, objects, now)
	}
	return known
}

func (c *company) add(t *testing.T, now time.Time, file string) {
	t.Helper()
	objects, err := samples.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c.take(t, objects, now)
}

func (c *company) take(t *testing.T, objects []*unstructured.Unstructured, now time.Time) {
	t.Helper()
	if err := samples.Date(objects, now); err != nil {
		t.Fatal(err)
	}
	for _, object := range objects {
		switch object.GetKind() {
		case "Process":
			c.processes = append(c.processes, decode[governancev1alpha1.Process](t, object))
		case "Review":
			review := decode[governancev1alpha1.Review](t, object)
			// The API server would fill it in.
			review.Spec.Requirement = governancev1alpha1.RequirementFull
			c.reviews = append(c.reviews, *review)
		case "GovernancePolicy":
			c.policy = decode[governancev1alpha1.GovernancePolicy](t, object)
		case "ReviewCadence":
			cadence := decode[governancev1alpha1.ReviewCadence](t, object)
			if verdict := governance.JudgeCadence(cadence, now); !meta.IsStatusConditionTrue(
				verdict.Status.Conditions, governancev1alpha1.ConditionReady) {
				t.Errorf("the cadence %s is not ready: %+v", cadence.Name, verdict.Status.Conditions)
			}
			c.cadences[cadence.Name] = cadence
		}
	}
}

// decode is strict: a field that the API does not know would be dropped by the API server without a word.
func decode[T any](t *testing.T, object *unstructured.Unstructured) *T {
	t.Helper()
	decoded := new(T)
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(object.Object, decoded, true); err != nil {
		t.Fatalf("%s %s: %v", object.GetKind(), object.GetName(), err)
	}
	return decoded
}

// settle judges until nothing changes any more: the process is first seen, its reviews are counted, it is judged again.
func (c *company) settle(now time.Time) {
	for range 3 {
		for _, process := range c.processes {
			process.Status = governance.JudgeProcess(governance.ProcessInput{
				Process: process, Reviews: c.of(process), Policy: governance.EffectivePolicy(c.policy), Cadences: c.cadences,
			}, now).Status
		}
		for i := range c.reviews {
			review := &c.reviews[i]
			process := c.process(types.NamespacedName{
				Namespace: review.Namespace, Name: string(review.Spec.SubjectRef.Name),
			})
			review.Status = governance.JudgeReview(governance.ReviewInput{
				Review: review, Process: process, Siblings: c.of(process),
				Policy: governance.EffectivePolicy(c.policy), Cadences: c.cadences,
			}, now).Status
		}
	}
}

func (c *company) process(key types.NamespacedName) *governancev1alpha1.Process {
	for _, process := range c.processes {
		if process.Namespace == key.Namespace && process.Name == key.Name {
			return process
		}
	}
	return &governancev1alpha1.Process{}
}

func (c *company) of(process *governancev1alpha1.Process) []governancev1alpha1.Review {
	var reviews []governancev1alpha1.Review
	for i := range c.reviews {
		if c.reviews[i].Namespace == process.Namespace && string(c.reviews[i].Spec.SubjectRef.Name) == process.Name {
			reviews = append(reviews, c.reviews[i])
		}
	}
	return reviews
}

func (c *company) expect(t *testing.T, verdict samples.Verdict) {
	t.Helper()
	process := c.process(verdict.Process)
	if got := samples.RulesOf(process.Status.Findings); !slices.Equal(got, verdict.Findings) {
		t.Errorf("%s has the findings %v, want %v", verdict.Process, got, verdict.Findings)
	}
	var ticketed []governancev1alpha1.Rule
	for _, finding := range process.Status.Findings {
		if !process.Spec.Suspend && governance.MatchRoute(c.policy, process.Labels, finding) != nil {
			ticketed = append(ticketed, finding.Rule)
		}
	}
	slices.Sort(ticketed)
	if !slices.Equal(ticketed, verdict.Tickets) {
		t.Errorf("%s has tickets for %v, want %v", verdict.Process, ticketed, verdict.Tickets)
	}
}
