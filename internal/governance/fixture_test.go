package governance_test

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/governance"
)

// world is one process with everything that judging it needs; its statuses are stored as the reconcilers would.
type world struct {
	process  *v1alpha1.Process
	reviews  []v1alpha1.Review
	waivers  []v1alpha1.Waiver
	policy   governance.Policy
	cadences governance.Cadences
	// kpis of the process: an outcome, so that none is missed where a test is about something else.
	kpis []*v1alpha1.KPI
	// experience is what remediations tell.
	experience governance.Experience
}

// newWorld holds a process under the default policy.
func newWorld(process *builders.ProcessBuilder) *world {
	outcome := builders.MakeKPI("customers-served").Outcome(v1alpha1.PerspectiveCustomer).State(v1alpha1.KPIMet).Obj()
	return &world{
		process: process.Obj(), policy: governance.EffectivePolicy(nil), cadences: governance.Cadences{},
		kpis: []*v1alpha1.KPI{outcome},
	}
}

func (w *world) under(policy *builders.PolicyBuilder) *world {
	w.policy = governance.EffectivePolicy(policy.Obj())
	return w
}

func (w *world) withCadence(cadence *builders.CadenceBuilder) *world {
	declared := cadence.Obj()
	w.cadences[declared.Name] = declared
	return w
}

func (w *world) withWaiver(waiver *builders.WaiverBuilder) *world {
	w.waivers = append(w.waivers, *waiver.Obj())
	return w
}

// observed says since when the cluster knows the process.
func (w *world) observed(since string) *world {
	stamp := metav1.NewTime(at(since))
	w.process.Status.ObservedSince = &stamp
	return w
}

// judge judges the process and stores the status.
func (w *world) judge(when string) governance.ProcessVerdict { return w.judgeAt(at(when)) }

func (w *world) judgeAt(now time.Time) governance.ProcessVerdict {
	verdict := w.look(now)
	w.process.Status = *verdict.Status.DeepCopy()
	return verdict
}

// look judges the process and stores nothing.
func (w *world) look(now time.Time) governance.ProcessVerdict {
	return governance.JudgeProcess(governance.ProcessInput{
		Known:   governance.Known{Reviews: w.reviews, Waivers: w.waivers, Policy: w.policy, Cadences: w.cadences},
		Process: w.process, Experience: w.experience,
		Tree: governance.Tree{KPIs: map[types.NamespacedName][]*v1alpha1.KPI{
			{Namespace: w.process.Namespace, Name: w.process.Name}: w.kpis,
		}},
	}, now)
}

// record adds a review and judges it.
func (w *world) record(review *builders.ReviewBuilder, when string) governance.ReviewVerdict {
	w.reviews = append(w.reviews, *review.Obj())
	return w.judgeReview(w.reviews[len(w.reviews)-1].Name, at(when))
}

// judgeReview judges a recorded review and stores its status.
func (w *world) judgeReview(name string, now time.Time) governance.ReviewVerdict {
	review := w.find(name)
	if w.process != nil {
		// The process was judged under the same policy before.
		w.process.Status.Policy = v1alpha1.ObjectName(w.policy.Name)
	}
	verdict := governance.JudgeReview(governance.ReviewInput{
		Review: review, Subject: governance.ProcessSubject(w.process), Siblings: w.reviews, Waivers: w.waivers, Policy: w.policy, Cadences: w.cadences,
	}, now)
	review.Status = *verdict.Status.DeepCopy()
	return verdict
}

func (w *world) find(name string) *v1alpha1.Review {
	for i := range w.reviews {
		if w.reviews[i].Name == name {
			return &w.reviews[i]
		}
	}
	return nil
}

// withdraw takes a recorded review back.
func (w *world) withdraw(name, when string) {
	w.find(name).Spec.Withdrawn = &v1alpha1.Withdrawal{By: "vera", Why: "a mistake", At: metav1.NewTime(at(when))}
}

// at reads a day (midnight UTC) or an instant.
func at(text string) time.Time {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if instant, err := time.Parse(layout, text); err == nil {
			return instant.UTC()
		}
	}
	panic(text + " is neither a day nor an instant")
}

func findingOf(status *v1alpha1.ProcessStatus, rule v1alpha1.Rule) *v1alpha1.Finding {
	for i := range status.Findings {
		if status.Findings[i].Rule == rule {
			return &status.Findings[i]
		}
	}
	return nil
}

func isOverdue(status *v1alpha1.ProcessStatus) bool {
	return findingOf(status, v1alpha1.RuleReviewOverdue) != nil || findingOf(status, v1alpha1.RuleNeverReviewed) != nil
}

func requirementOf(status *v1alpha1.ProcessStatus, name string) *v1alpha1.RequirementStatus {
	for i := range status.Reviews {
		if string(status.Reviews[i].Name) == name {
			return &status.Reviews[i]
		}
	}
	return nil
}

// wantCondition compares status and reason of a condition, as "False/ReviewOverdue".
func wantCondition(t *testing.T, conditions []metav1.Condition, conditionType, want string) {
	t.Helper()
	got := "absent"
	if condition := meta.FindStatusCondition(conditions, conditionType); condition != nil {
		got = string(condition.Status) + "/" + condition.Reason
	}
	if got != want {
		t.Errorf("%s is %s, want %s", conditionType, got, want)
	}
}

func decimal(text string) *v1alpha1.Decimal {
	number := v1alpha1.Decimal(text)
	return &number
}

func stamp(text string) metav1.Time { return metav1.NewTime(at(text)) }
