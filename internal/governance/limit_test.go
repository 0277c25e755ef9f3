package governance_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

// firstFlagged judges a world from day to day, stores each status, and gives the instant at which its full review is
// first found overdue; what happens on a day happens before it is judged.
func firstFlagged(w *world, from, to string, happens map[string]func(*world)) string {
	for now := at(from); now.Before(at(to)); {
		if event := happens[now.Format(time.DateOnly)]; event != nil {
			event(w)
		}
		verdict := w.judgeAt(now)
		for _, found := range verdict.Status.Findings {
			if limitRule(found.Rule) && requirementOf(&verdict.Status, found.About).Type == v1alpha1.ReviewFull {
				return now.Format(time.RFC3339)
			}
		}
		tomorrow := now.Truncate(24*time.Hour).AddDate(0, 0, 1)
		if next := verdict.NextChange; !next.IsZero() && next.Before(tomorrow) {
			tomorrow = next
		}
		now = tomorrow
	}
	return "never"
}

func limitRule(rule v1alpha1.Rule) bool {
	return rule == v1alpha1.RuleNeverReviewed || rule == v1alpha1.RuleReviewOverdue
}

// The limit is elapsed time. Whatever is declared around it, a process is flagged twelve months after its last counted
// full review, or at once where its age is unknown.
func TestTheLimitCannotBeWalkedAround(t *testing.T) {
	t.Parallel()
	const atOnce, afterDeclared, afterReview = "2024-01-01T00:00:00Z", "2025-01-02T00:00:00Z", "2025-07-01T00:00:00Z"
	refunds := func() *builders.ProcessBuilder { return builders.MakeProcess("refunds") }
	weekly := func(w *world) {
		name := fmt.Sprint("talk-", len(w.reviews))
		held := at("2024-01-05").AddDate(0, 0, 7*len(w.reviews))
		w.record(builders.MakeReview(name).For("weekly").HeldAt(held), held.Format(time.DateOnly))
	}
	everyWeek := map[string]func(*world){}
	for week := range 110 {
		everyWeek[at("2024-01-05").AddDate(0, 0, 7*week).Format(time.DateOnly)] = weekly
	}
	reviewed := func(day string) map[string]func(*world) {
		return map[string]func(*world){day: func(w *world) { w.record(builders.MakeReview("first").HeldOn(day), day) }}
	}
	with := func(events map[string]func(*world), day string, event func(*world)) map[string]func(*world) {
		events[day] = event
		return events
	}
	own := func(cadence *builders.CadenceBuilder) *world {
		w := newWorld(refunds().InEffectSince("2024-01-01").Cadence("own")).withCadence(cadence)
		return w
	}
	yearEnd := func() *builders.CadenceBuilder { return builders.MakeCadence("own").Calendar("2024-12-31") }

	for sentence, test := range map[string]struct {
		world   *world
		happens map[string]func(*world)
		want    string
	}{
		"a weekly checkpoint is no full review": {
			world: newWorld(refunds().Checkpoint("weekly", "P1W").InEffectSince("2024-01-01")), happens: everyWeek, want: afterDeclared,
		},
		"a weekly checkpoint says nothing about an unknown age": {
			world: newWorld(refunds().Checkpoint("weekly", "P1W")), happens: everyWeek, want: atOnce,
		},
		"a checkpoint that is called a full review later is none": {
			world: newWorld(refunds().Checkpoint("weekly", "P12M").InEffectSince("2024-01-01")),
			happens: with(map[string]func(*world){"2024-01-05": weekly}, "2024-06-01", func(w *world) {
				w.process.Spec.Reviews[0].Type = v1alpha1.ReviewFull
			}),
			want: afterDeclared,
		},
		"a window that opens a year early": {
			world: own(yearEnd().OpenBefore("P12M")), happens: reviewed("2024-06-30"), want: afterReview,
		},
		"a grace of a year": {
			world: own(builders.MakeCadence("own").Grace("P12M")), happens: reviewed("2024-06-30"), want: afterReview,
		},
		"a grace of a year on fixed occurrences": {
			world: own(yearEnd().Grace("P12M")), happens: reviewed("2024-06-30"), want: afterReview,
		},
		"a cadence of three years": {
			world: own(builders.MakeCadence("own").Every("P3Y")), happens: reviewed("2024-06-30"), want: afterReview,
		},
		"an inline period of three years": {
			world: newWorld(refunds().InEffectSince("2024-01-01").Every("P3Y")), happens: reviewed("2024-06-30"), want: afterReview,
		},
		"a suspended process": {
			world:   newWorld(refunds().InEffectSince("2024-01-01").Suspend()),
			happens: reviewed("2024-06-30"), want: afterReview,
		},
		"a cadence that does not exist": {
			world:   newWorld(refunds().InEffectSince("2024-01-01").Cadence("missing")),
			happens: reviewed("2024-06-30"), want: afterReview,
		},
		"a cadence that does not exist, for a process of unknown age": {
			world: newWorld(refunds().Cadence("missing")), want: atOnce,
		},
		"a cadence that goes just before the deadline": {
			world:   own(yearEnd()),
			happens: with(reviewed("2024-06-30"), "2025-06-29", func(w *world) { delete(w.cadences, "own") }), want: afterReview,
		},
		"a cadence edited again and again": {
			world: own(yearEnd()),
			happens: with(with(reviewed("2024-06-30"),
				"2025-02-01", func(w *world) { w.withCadence(builders.MakeCadence("own").Every("P11M")) }),
				"2025-05-29", func(w *world) { w.withCadence(yearEnd().StartDate("2026-12-31")) }),
			want: afterReview,
		},
		"a review at the start of one window, and the next at the end of the next": {
			world: own(yearEnd()), happens: reviewed("2024-01-02"), want: "2025-01-03T00:00:00Z",
		},
		"a draft that says since when it is in effect": {
			world: newWorld(refunds().Draft().InEffectSince("2024-01-01")), want: afterDeclared,
		},
		"a process turned draft after its full review": {
			world: newWorld(refunds()).observed("2024-01-01"),
			happens: with(reviewed("2024-01-01"), "2024-06-01", func(w *world) {
				w.process.Spec.Lifecycle = v1alpha1.LifecycleDraft
			}),
			want: afterDeclared,
		},
		"an active process that takes effect in the future": {
			world: newWorld(refunds().InEffectSince("2199-01-01")), want: afterDeclared,
		},
		"a process created anew before its deadline": {
			world: newWorld(refunds()).observed("2024-01-01"),
			happens: with(reviewed("2024-01-01"), "2024-12-01", func(w *world) {
				w.process.Status = v1alpha1.ProcessStatus{}
			}),
			want: afterDeclared,
		},
		"a skipped occurrence": {
			world: own(yearEnd()).withWaiver(builders.MakeWaiver("skip").Skips("full", "2024-12-31")), want: afterDeclared,
		},
		"a moved occurrence": {
			world: own(yearEnd()).withWaiver(builders.MakeWaiver("move").Moves("full", "2024-12-31", "2025-10-31")),
			want:  afterDeclared,
		},
		"a review that was withdrawn": {
			world: newWorld(refunds().InEffectSince("2024-01-01")),
			happens: with(reviewed("2024-06-30"), "2024-12-24", func(w *world) {
				w.withdraw("first", "2024-12-24")
				w.judgeReview("first", at("2024-12-24"))
			}),
			want: afterDeclared,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			if got := firstFlagged(test.world, "2024-01-01", "2029-01-01", test.happens); got != test.want {
				t.Errorf("flagged at %s, want %s", got, test.want)
			}
		})
	}
}

func TestAProcessCreatedAnewIsOverdueAtOnceWhereItWasOverdue(t *testing.T) {
	t.Parallel()
	w := newWorld(builders.MakeProcess("refunds").InEffectSince("2024-01-01")).observed("2024-01-01")
	w.record(builders.MakeReview("first"), "2024-06-30")
	w.judge("2025-08-01")
	before := *findingOf(&w.process.Status, v1alpha1.RuleReviewOverdue)
	w.process.Status = v1alpha1.ProcessStatus{}
	status := w.judge("2025-09-01").Status
	if again := findingOf(&status, v1alpha1.RuleReviewOverdue); again == nil || *again != before {
		t.Errorf("finding is %+v, was %+v", again, before)
	}
}

func TestADraftIsJudgedFromTheDayOnWhichItTakesEffect(t *testing.T) {
	t.Parallel()
	w := newWorld(builders.MakeProcess("refunds").Draft().InEffectSince("2024-03-01"))
	verdict := w.judge("2024-01-01")
	wantCondition(t, verdict.Status.Conditions, v1alpha1.ConditionReviewCurrent, "Unknown/Draft")
	if !verdict.NextChange.Equal(at("2024-03-01")) {
		t.Errorf("next change at %s", verdict.NextChange)
	}
	verdict = w.judge("2024-03-01")
	wantCondition(t, verdict.Status.Conditions, v1alpha1.ConditionReviewCurrent, "True/Current")
}
