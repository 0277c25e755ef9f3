package governance_test

import (
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/status"
)

func TestConditions(t *testing.T) {
	t.Parallel()
	const current, defined = "True/Current", "True/WellDefined"
	paced := func() *builders.CadenceBuilder {
		return builders.MakeCadence("paced").Every("P6M").Grace("P2W").LeadTimes("P1M", "P1W")
	}
	reviewed := func(process *builders.ProcessBuilder) *world {
		w := newWorld(process).observed("2024-01-01").withCadence(paced())
		w.record(builders.MakeReview("first"), "2024-06-30")
		return w
	}
	severe := builders.MakePolicy("severe").
		Rule(v1alpha1.RuleSetting{Name: v1alpha1.RuleNoCustomer, Severity: v1alpha1.SeverityMedium})

	for sentence, test := range map[string]struct {
		world                      *world
		when                       string
		ready                      string
		review, defined, compliant string
	}{
		"a process that was reviewed and explains itself is compliant": {
			world: reviewed(builders.MakeProcess("refunds")), when: "2024-07-01",
			review: current, defined: defined, compliant: "True/Compliant",
		},
		"a lead time makes it due soon": {
			world: reviewed(builders.MakeProcess("refunds").Cadence("paced")), when: "2024-12-01",
			review: "True/DueSoon", defined: defined, compliant: "True/Compliant",
		},
		"past its due time it is in grace": {
			world: reviewed(builders.MakeProcess("refunds").Cadence("paced")), when: "2024-12-31",
			review: "True/InGrace", defined: defined, compliant: "True/Compliant",
		},
		"past its deadline it is overdue, and ready all the same": {
			world: reviewed(builders.MakeProcess("refunds").Cadence("paced")), when: "2025-01-14",
			review: "False/ReviewOverdue", defined: defined, compliant: "False/ReviewOverdue",
		},
		"of unknown age it was never reviewed": {
			world: newWorld(builders.MakeProcess("refunds")), when: "2024-07-01",
			review: "False/NeverReviewed", defined: defined, compliant: "False/NeverReviewed",
		},
		"one requirement that is overdue is enough, however current the others are": {
			world: reviewed(builders.MakeProcess("refunds").Cadence("paced").InEffectSince("2024-12-20").
				Checkpoint("monthly", "P1M")), when: "2024-12-26",
			review: "False/ReviewOverdue", defined: defined, compliant: "False/ReviewOverdue",
		},
		"a low finding makes it no less compliant": {
			world: reviewed(builders.MakeProcess("refunds").NoCustomers()), when: "2024-07-01",
			review: current, defined: "False/NoCustomer", compliant: "True/Compliant",
		},
		"a policy may make a low finding weigh": {
			world: reviewed(builders.MakeProcess("refunds").NoCustomers()).under(severe), when: "2024-07-01",
			review: current, defined: "False/NoCustomer", compliant: "False/NoCustomer",
		},
		"the gravest finding is the reason": {
			world: newWorld(builders.MakeProcess("refunds").Step("stamp", "").NoCustomers()), when: "2024-07-01",
			review: "False/NeverReviewed", defined: "False/NoCustomer", compliant: "False/NeverReviewed",
		},
		"a cadence that does not exist leaves it not ready, and the limit holds": {
			world: reviewed(builders.MakeProcess("refunds").Cadence("missing")), when: "2024-07-01",
			ready:  "False/ReferenceNotFound",
			review: current, defined: defined, compliant: "True/Compliant",
		},
		"a cadence that cannot be computed leaves it waiting for that cadence": {
			world: reviewed(builders.MakeProcess("refunds").Cadence("broken")).
				withCadence(builders.MakeCadence("broken").TimeZone("Atlantis/Poseidonis")), when: "2024-07-01",
			ready:  "False/ReferenceNotReady",
			review: current, defined: defined, compliant: "True/Compliant",
		},
		"a checkpoint that cannot be computed is unscheduled": {
			world: reviewed(builders.MakeProcess("refunds").Requirement(v1alpha1.ReviewRequirement{
				Name: "weekly", Type: v1alpha1.ReviewCheckpoint, CadenceRef: &v1alpha1.ClusterReference{Name: "missing"},
			})), when: "2024-07-01",
			ready:  "False/ReferenceNotFound",
			review: "Unknown/Unscheduled", defined: defined, compliant: "True/Compliant",
		},
		"a draft is not judged": {
			world: newWorld(builders.MakeProcess("refunds").Draft()), when: "2024-07-01",
			review: "Unknown/Draft", defined: "Unknown/Draft", compliant: "Unknown/Draft",
		},
		"a draft that was in effect is held to the limit and to nothing else": {
			world: newWorld(builders.MakeProcess("refunds").Draft().NoCustomers().InEffectSince("2023-01-01")), when: "2024-07-01",
			review: "False/NeverReviewed", defined: "Unknown/Draft", compliant: "False/NeverReviewed",
		},
		"a retired process is not judged": {
			world: reviewed(builders.MakeProcess("refunds").Retired("nobody needs it")), when: "2034-07-01",
			review: "Unknown/Retired", defined: "Unknown/Retired", compliant: "Unknown/Retired",
		},
		"a suspended process is judged like any other": {
			world: reviewed(builders.MakeProcess("refunds").Suspend()), when: "2025-07-01",
			review: "False/ReviewOverdue", defined: defined, compliant: "False/ReviewOverdue",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			got := test.world.judge(test.when).Status
			if test.ready == "" {
				test.ready = "True/Reconciled"
			}
			wantCondition(t, got.Conditions, v1alpha1.ConditionReady, test.ready)
			wantCondition(t, got.Conditions, v1alpha1.ConditionReviewCurrent, test.review)
			wantCondition(t, got.Conditions, v1alpha1.ConditionWellDefined, test.defined)
			wantCondition(t, got.Conditions, v1alpha1.ConditionCompliant, test.compliant)
		})
	}
}

func TestReviewCurrentNamesTheLastOutcome(t *testing.T) {
	t.Parallel()
	for _, outcome := range []v1alpha1.ReviewOutcome{v1alpha1.OutcomeChangesRequired, v1alpha1.OutcomeRetire} {
		w := newWorld(builders.MakeProcess("refunds")).observed("2024-01-01")
		w.record(builders.MakeReview("first").Asks("train", "train the desk").Outcome(outcome), "2024-06-30")
		got := w.judge("2024-07-01").Status
		wantCondition(t, got.Conditions, v1alpha1.ConditionReviewCurrent, "True/"+string(outcome))
		message := status.Find(got.Conditions, v1alpha1.ConditionReviewCurrent).Message
		const want = "The review held at 2024-06-30T00:00:00Z asked for it; the review full is due at 2025-06-30T23:59:59Z."
		if message != want {
			t.Errorf("message %q", message)
		}
	}
}

func TestReadyTellsAGraceThatTheLimitCuts(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		every, grace, says string
	}{
		"a grace that reaches beyond the limit is cut": {
			"P11M", "P2M", "The process is understood. The limit on full reviews cuts the grace of full.",
		},
		"a grace that ends with the limit is whole":   {"P11M", "P1M", "The process is understood."},
		"no grace cannot be cut":                      {"P12M", "", "The process is understood."},
		"a cadence beyond the limit has no grace too": {"P24M", "", "The process is understood."},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := newWorld(builders.MakeProcess("refunds").Cadence("long").InEffectSince("2024-01-15")).
				withCadence(builders.MakeCadence("long").Every(test.every).Grace(test.grace))
			got := w.judge("2024-07-01").Status
			if message := status.Find(got.Conditions, v1alpha1.ConditionReady).Message; message != test.says {
				t.Errorf("message %q", message)
			}
		})
	}
}

func TestChangesOfCompliance(t *testing.T) {
	t.Parallel()
	w := newWorld(builders.MakeProcess("refunds")).observed("2024-01-01")
	w.judge("2024-01-01")
	w.record(builders.MakeReview("first"), "2024-06-30")
	w.judge("2024-06-30")
	w.judge("2024-12-30")
	got := w.judge("2025-07-01").Status.Changes
	want := []v1alpha1.ComplianceChange{
		{At: stamp("2024-01-01"), Status: "False", Reason: "NeverReviewed"},
		{At: stamp("2024-06-30"), Status: "True", Reason: "Compliant"},
		{At: stamp("2025-07-01"), Status: "False", Reason: "ReviewOverdue"},
	}
	if len(got) != len(want) {
		t.Fatalf("changes: %v", got)
	}
	for i := range want {
		if !got[i].At.Equal(&want[i].At) || got[i].Status != want[i].Status || got[i].Reason != want[i].Reason {
			t.Errorf("change %d is %v, want %v", i, got[i], want[i])
		}
	}
}

func TestOnlyTheLastTwentyChangesAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(builders.MakeProcess("refunds").InEffectSince("2024-01-01"))
	for day := range 30 {
		w.process.Spec.Steps = nil
		if day%2 == 1 {
			w.process.Spec.Steps = []v1alpha1.Step{{Name: "stamp"}}
		}
		w.judgeAt(at("2024-01-01").AddDate(0, 0, day))
	}
	changes := w.process.Status.Changes
	if len(changes) != 20 || !changes[19].At.Time.Equal(at("2024-01-30")) || changes[19].Reason != "StepUnjustified" {
		t.Errorf("%d changes: %v", len(changes), changes)
	}
}
