package governance_test

import (
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

// limit gives a policy whose limit is a period.
func limit(period v1alpha1.Period) *builders.PolicyBuilder {
	return builders.MakePolicy("house").Limits(v1alpha1.Limits{MaxProcessReviewInterval: period})
}

// What was overdue when a limit or a cadence was edited stays overdue until a counted review, however often it is
// judged afterwards from the status that was stored.
func TestAnEditEndsNoOverdueReview(t *testing.T) {
	t.Parallel()
	early := func() *builders.CadenceBuilder {
		return builders.MakeCadence("own").Every("P12M").Calendar("2025-12-31").OpenBefore("P12M")
	}
	for sentence, test := range map[string]struct {
		cadence *builders.CadenceBuilder
		edit    func(w *world)
	}{
		"a longer limit on an implied review": {edit: func(w *world) { w.under(limit("P24M")) }},
		"a longer limit on a fixed cadence that is not due yet": {
			cadence: early(), edit: func(w *world) { w.under(limit("P24M")) },
		},
		"a longer limit where the cadence does not exist": {
			cadence: builders.MakeCadence("other"), edit: func(w *world) { w.under(limit("P24M")) },
		},
		"a longer cadence":        {cadence: builders.MakeCadence("own").Every("P6M"), edit: func(w *world) { w.withCadence(builders.MakeCadence("own")) }},
		"a cadence with a grace":  {cadence: builders.MakeCadence("own"), edit: func(w *world) { w.withCadence(builders.MakeCadence("own").Grace("P12M")) }},
		"another anchor":          {cadence: builders.MakeCadence("own"), edit: func(w *world) { w.withCadence(builders.MakeCadence("own").Calendar("2025-12-31")) }},
		"a cadence that goes":     {cadence: builders.MakeCadence("own").Every("P6M"), edit: func(w *world) { delete(w.cadences, "own") }},
		"fixed occurrences moved": {cadence: early(), edit: func(w *world) { w.withCadence(early().StartDate("2026-12-31")) }},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			process := builders.MakeProcess("refunds").InEffectSince("2024-01-01")
			if test.cadence != nil {
				process.Cadence("own")
			}
			w := newWorld(process).observed("2024-01-01")
			if test.cadence != nil {
				w.withCadence(test.cadence)
			}
			w.record(builders.MakeReview("first"), "2024-06-30")
			before := w.judge("2025-07-10").Status
			overdue := findingOf(&before, v1alpha1.RuleReviewOverdue)
			if overdue == nil {
				t.Fatalf("findings before the edit: %v", before.Findings)
			}
			test.edit(w)
			for _, when := range []string{"2025-07-11", "2025-07-11", "2025-07-12", "2027-01-01"} {
				status := w.judge(when).Status
				found := findingOf(&status, v1alpha1.RuleReviewOverdue)
				if found == nil || found.Episode != overdue.Episode {
					t.Fatalf("at %s: %+v, before the edit %+v", when, found, overdue)
				}
			}
			w.record(builders.MakeReview("second").HeldOn("2027-01-01"), "2027-01-01")
			if status := w.judge("2027-01-01").Status; isOverdue(&status) {
				t.Errorf("a counted review does not end it: %v", status.Findings)
			}
		})
	}
}

func TestAnUnknownAgeIsCuredByADeclarationAlsoAfterAnEdit(t *testing.T) {
	t.Parallel()
	w := newWorld(builders.MakeProcess("refunds").Every("P12M"))
	w.judge("2024-01-01")
	w.under(limit("P24M"))
	w.judge("2024-01-02")
	w.judge("2024-01-03")
	w.process.Spec.InEffectSince = "2023-12-01"
	if status := w.judge("2024-01-04").Status; isOverdue(&status) {
		t.Errorf("findings: %v", status.Findings)
	}
}
