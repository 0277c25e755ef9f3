package governance_test

import (
	"strings"
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

func TestReviewRules(t *testing.T) {
	t.Parallel()
	reviewed := func(process *builders.ProcessBuilder) *world {
		w := newWorld(process).observed("2024-01-01")
		w.record(builders.MakeReview("first"), "2024-06-30")
		return w
	}
	grace := func() *builders.CadenceBuilder { return builders.MakeCadence("patient").Every("P6M").Grace("P2W") }

	for sentence, test := range map[string]struct {
		world   *world
		when    string
		rule    v1alpha1.Rule
		since   string
		episode string
		says    string
	}{
		"a process that was reviewed is in time up to the last second of the limit": {
			world: reviewed(builders.MakeProcess("refunds")), when: "2025-06-30T23:59:59Z",
		},
		"one second later it is overdue, since the deadline": {
			world: reviewed(builders.MakeProcess("refunds")), when: "2025-07-01T00:00:00Z",
			rule: v1alpha1.RuleReviewOverdue, since: "2025-06-30T23:59:59Z", episode: "2025-06-30T23:59:59Z",
			says: "The review full was due by 2025-06-30T23:59:59Z and the last one was held at 2024-06-30T00:00:00Z: " +
				"record a Review with requirement full.",
		},
		"after ten years it is overdue since the same deadline, in the same words": {
			world: reviewed(builders.MakeProcess("refunds")), when: "2035-01-01",
			rule: v1alpha1.RuleReviewOverdue, since: "2025-06-30T23:59:59Z", episode: "2025-06-30T23:59:59Z",
			says: "record a Review with requirement full.",
		},
		"a grace keeps a shorter cadence in time": {
			world: reviewed(builders.MakeProcess("refunds").Cadence("patient")).withCadence(grace()),
			when:  "2025-01-13T23:59:59Z",
		},
		"the deadline is the end of the grace": {
			world: reviewed(builders.MakeProcess("refunds").Cadence("patient")).withCadence(grace()),
			when:  "2025-01-14T00:00:00Z",
			rule:  v1alpha1.RuleReviewOverdue, since: "2025-01-13T23:59:59Z", episode: "2025-01-13T23:59:59Z",
			says: "was due by 2025-01-13T23:59:59Z",
		},
		"a process of unknown age was never reviewed, from the first look on": {
			world: newWorld(builders.MakeProcess("refunds")), when: "2024-03-01T08:00:00Z",
			rule: v1alpha1.RuleNeverReviewed, since: "2024-03-01T08:00:00Z", episode: "unknown",
			says: "or declare inEffectSince.",
		},
		"the age of a process that says since when it is in effect is known": {
			world: newWorld(builders.MakeProcess("refunds").InEffectSince("2023-03-01")), when: "2024-03-01T23:59:59Z",
		},
		"once that age passes the limit it was never reviewed, since the deadline": {
			world: newWorld(builders.MakeProcess("refunds").InEffectSince("2023-03-01")), when: "2024-03-02",
			rule: v1alpha1.RuleNeverReviewed, since: "2024-03-01T23:59:59Z", episode: "2024-03-01T23:59:59Z",
			says: "the deadline was 2024-03-01T23:59:59Z: record a Review with requirement full.",
		},
		"a checkpoint that was never held is overdue, and not a process that was never reviewed": {
			world: reviewed(builders.MakeProcess("refunds").InEffectSince("2024-01-01").Checkpoint("weekly", "P1W")),
			when:  "2024-07-08",
			rule:  v1alpha1.RuleReviewOverdue, since: "2024-01-08T23:59:59Z", episode: "2024-01-08T23:59:59Z",
			says: "none was counted before: record a Review with requirement weekly.",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			status := test.world.judge(test.when).Status
			if test.rule == "" {
				if isOverdue(&status) {
					t.Fatalf("findings: %v", status.Findings)
				}
				return
			}
			found := findingOf(&status, test.rule)
			if found == nil {
				t.Fatalf("no %s among %v", test.rule, status.Findings)
			}
			if !found.Since.Time.Equal(at(test.since)) || found.Episode != test.episode {
				t.Errorf("since %s, episode %s", found.Since.UTC(), found.Episode)
			}
			if !strings.Contains(found.Message, test.says) {
				t.Errorf("message %q does not say %q", found.Message, test.says)
			}
			if found.Severity != v1alpha1.SeverityHigh {
				t.Errorf("severity %s", found.Severity)
			}
		})
	}
}

func TestCadenceTooLong(t *testing.T) {
	t.Parallel()
	strict := builders.MakePolicy("strict").Requires(v1alpha1.PolicyRequirement{MaxReviewInterval: "P6M"})
	for sentence, test := range map[string]struct {
		world *world
		says  string
	}{
		"a cadence exactly as long as the limit is not too long": {
			world: newWorld(builders.MakeProcess("refunds").Every("P12M")),
		},
		"the same length in other words is not too long either": {
			world: newWorld(builders.MakeProcess("refunds").Every("P1Y")),
		},
		"a day more than the limit is too long": {
			world: newWorld(builders.MakeProcess("refunds").Every("P12M1D")),
			says:  "The cadence of full lets more than P12M pass between two full reviews: shorten it.",
		},
		"fixed occurrences two years apart are too long": {
			world: newWorld(builders.MakeProcess("refunds").Cadence("rare")).
				withCadence(builders.MakeCadence("rare").RRule("FREQ=YEARLY;INTERVAL=2").StartDate("2024-01-01")),
			says: "shorten it.",
		},
		"what the policy asks of some subjects is the limit": {
			world: newWorld(builders.MakeProcess("refunds").Every("P7M")).under(strict),
			says:  "lets more than P6M pass",
		},
		"the implied review follows the limit": {
			world: newWorld(builders.MakeProcess("refunds")).under(strict),
		},
		"the implied review on a cadence of the policy that is too long is told": {
			world: newWorld(builders.MakeProcess("refunds")).under(strict.DefaultCadence("annual")).
				withCadence(builders.MakeCadence("annual")),
			says: "lets more than P6M pass",
		},
		"the cadence of a checkpoint is bound by no limit": {
			world: newWorld(builders.MakeProcess("refunds").Checkpoint("rare", "P5Y")),
		},
		"a cadence that does not exist is not called too long": {
			world: newWorld(builders.MakeProcess("refunds").Cadence("missing")),
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			status := test.world.judge("2024-03-01").Status
			found := findingOf(&status, v1alpha1.RuleCadenceTooLong)
			if (found != nil) != (test.says != "") {
				t.Fatalf("finding: %v", found)
			}
			if found != nil && (!strings.Contains(found.Message, test.says) || found.About != "full" || found.Episode != "1") {
				t.Errorf("finding: %+v", found)
			}
		})
	}
}
