package kpi

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

func TestAnotherDefinitionIsJudgedFromTheNextValueOn(t *testing.T) {
	for name, test := range map[string]struct {
		before string
		after  *v1alpha1.KPISpec
		// kept is the state until the next value.
		kept  v1alpha1.KPIState
		story string
	}{
		"one that was met is inconclusive while it misses": {
			"0:90=Met", atLeast("95", breachFor("5m")), v1alpha1.KPIMet, "1:90=Inconclusive 5:90=Inconclusive 6:90=Breached",
		},
		"one that was met and meets stays met": {
			"0:90=Met", atLeast("80", breachFor("5m")), v1alpha1.KPIMet, "1:90=Met 2:70=Met 7:70=Breached",
		},
		"runs begin anew, though breachFor has passed by the old ones": {
			"0:90=Met 1:80=Met 5:80=Met", atLeast("84", breachFor("5m")), v1alpha1.KPIMet, "6:80=Inconclusive 11:80=Breached",
		},
		"one that was breached recovers as always": {
			"0:80 5:80=Breached", atLeast("70", recoverFor("5m")), v1alpha1.KPIBreached, "6:80=Breached 10:80=Breached 11:80=Met",
		},
		"one that becomes Fatal is breached by the next miss": {
			"0:90 1:80=Met", atLeast("85", breachFor("5m"), fatal), v1alpha1.KPIMet, "2:80=Breached",
		},
		"another breachFor is no other definition": {
			"0:90 1:80=Met", atLeast("85", breachFor("2m")), v1alpha1.KPIMet, "3:80=Breached",
		},
		"another source is another definition": {
			"0:90 1:80=Met", atLeast("85", breachFor("5m"), func(s *v1alpha1.KPISpec) { s.Source.HTTP.Path = "/other" }),
			v1alpha1.KPIMet, "6:80=Inconclusive",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := watch(atLeast("85", breachFor("5m")))
			w.tell(t, test.before)
			w.spec = test.after
			wantState(t, w.see(w.clock), test.kept)
			w.restart()
			wantState(t, w.see(w.clock), test.kept)
			w.tell(t, test.story)
		})
	}
}

func TestSinceWhenADefinitionIsKnown(t *testing.T) {
	since := func(w *watcher) string {
		if w.stored.DefinedSince == nil {
			return ""
		}
		return w.stored.DefinedSince.UTC().Format(time.TimeOnly)
	}
	for name, edits := range map[string][]func(*v1alpha1.KPISpec){
		"of values that are asked for":   nil,
		"of values measured by hand too": {measuredByHand(v1alpha1.Measurement{From: "2026-03-01", To: "2026-03-01", TakenAt: metav1.NewTime(start), Value: "90"})},
	} {
		t.Run(name, func(t *testing.T) {
			w := watch(atLeast("85", edits...))
			w.see(minutes(1))
			if got := since(w); got != "" {
				t.Fatalf("the first one is known since %s", got)
			}
			w.spec = atLeast("86", edits...)
			w.see(minutes(2))
			writes := w.writes
			w.see(minutes(3))
			w.restart()
			w.see(minutes(4))
			if got := since(w); got != "08:02:00" || w.writes != writes {
				t.Fatalf("another one is known since %s, with %d more writes", got, w.writes-writes)
			}
			w.spec = atLeast("85", edits...)
			w.see(minutes(5))
			if got := since(w); got != "08:05:00" {
				t.Fatalf("the first one, come back, is known since %s", got)
			}
			w.memory.DefinedSince, w.stored.DefinedSince = timePointer(hours(99)), timePointer(hours(99))
			w.see(minutes(6))
			if got := since(w); got != "08:06:00" {
				t.Fatalf("by a clock that ran ahead it is known since %s", got)
			}
		})
	}
}

func TestWhatADefinitionIs(t *testing.T) {
	of := func(edits ...func(*v1alpha1.KPISpec)) string { return definitionOf(atLeast("85", edits...)) }
	if len(of()) > 64 {
		t.Fatalf("%q is too long", of())
	}
	for name, test := range map[string]struct {
		a, b       string
		same, from bool
	}{
		"the target is part of it":                    {of(), of(func(s *v1alpha1.KPISpec) { s.Objective.AtLeast.Target = "86" }), false, true},
		"the warning is part of it":                   {of(), of(warning("90")), false, true},
		"the criticality is part of it":               {of(), of(fatal), false, true},
		"NonFatal is the default":                     {of(), of(func(s *v1alpha1.KPISpec) { s.Criticality = v1alpha1.CriticalityNonFatal }), true, true},
		"the source is part of it":                    {of(), of(prometheus), false, false},
		"patience and words are not":                  {of(), of(breachFor("5m"), recoverFor("1h"), staleAfter("1h"), func(s *v1alpha1.KPISpec) { s.Why = "x" }), true, true},
		"measurements by hand are not, that they are": {of(measuredByHand()), of(measuredByHand(v1alpha1.Measurement{Value: "1"})), true, true},
	} {
		t.Run(name, func(t *testing.T) {
			if (test.a == test.b) != test.same || sameSource(test.a, test.b) != test.from {
				t.Fatalf("%q and %q", test.a, test.b)
			}
		})
	}
}
