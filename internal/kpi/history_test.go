package kpi

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// remembering is a KPI whose steps are ten minutes: 240 minutes in 24 steps. Without a key they begin at the full hour.
func remembering(edits ...func(*v1alpha1.KPISpec)) *v1alpha1.KPISpec {
	return atLeast("85", append([]func(*v1alpha1.KPISpec){trend("240m", "1h")}, edits...)...)
}

// told is a history as "minute:value".
func told(history []v1alpha1.KPIPoint) string {
	var parts []string
	for _, p := range history {
		parts = append(parts, fmt.Sprintf("%d:%s", int(p.At.Sub(start).Minutes()), p.Value))
	}
	return strings.Join(parts, " ")
}

func TestTheFirstValueOfEachStepIsKept(t *testing.T) {
	for name, test := range map[string]struct {
		spec        *v1alpha1.KPISpec
		story, want string
	}{
		"the first of its step": {
			remembering(), "0:90 1:91 9:92 10:93 19:94 20:95", "0:90 10:93 20:95",
		},
		"a step without a value has none": {
			remembering(), "0:90 35:91 36:92", "0:90 35:91",
		},
		"an older value fills a step that has none": {
			remembering(), "0:90 35:91 25:92", "0:90 25:92 35:91",
		},
		"an older value of a step takes the place of a newer one": {
			remembering(), "0:90 35:91 33:92 34:93", "0:90 33:92",
		},
		"what is corrected is not kept": {
			remembering(corrected(minutes(10), minutes(15))), "0:90 10:10 14:11 15:92", "0:90 15:92",
		},
		"steps are no shorter than every": {
			remembering(every("15m")), "0:90 10:91 15:92 29:93 30:94", "0:90 15:92 30:94",
		},
		"what is longer ago than the window is forgotten": {
			remembering(), "0:90 10:91 245:92 249:93 250:94", "10:91 245:92 250:94",
		},
		"nothing is kept where nothing needs it": {
			atLeast("85"), "0:90 10:91", "",
		},
		"nothing is kept of a Prometheus": {
			remembering(prometheus), "0:90 10:91", "",
		},
		"nothing is kept of measurements by hand": {
			remembering(measuredByHand(january)), "0:90", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			verdict := watch(test.spec).tell(t, test.story)
			if got := told(verdict.Status.History); got != test.want {
				t.Fatalf("the history is %s, want %s", got, test.want)
			}
		})
	}
}

func TestAHistoryHasAtMostTwoHundredValues(t *testing.T) {
	w := watch(atLeast("85", trend("199h", "1h"), every("15m")))
	for quarter := range 4 * 250 {
		w.see(minutes(15*quarter), answered(minutes(15*quarter), float64(quarter)))
	}
	history := w.memory.History
	if len(history) != pointsAtMost || !history[pointsAtMost-1].At.Time.Equal(hours(249)) {
		t.Fatalf("%d values: %s", len(history), told(history))
	}
	if told(w.stored.History) != told(history) {
		t.Fatal("not everything is written that a verdict rests on")
	}
}

func TestValuesAreKeptForOthers(t *testing.T) {
	in := Input{
		Spec: atLeast("85"), KeepFor: 199 * time.Hour,
		Samples: []Sample{answered(hours(0), 90), answered(hours(1), 91), answered(hours(1).Add(time.Minute), 92)},
	}
	verdict := Evaluate(in, hours(2))
	if got := told(verdict.Status.History); got != "0:90 60:91" {
		t.Fatalf("the history is %s", got)
	}
}

func TestAHistoryIsOfOneSource(t *testing.T) {
	w := watch(remembering())
	w.tell(t, "0:90 10:91")
	w.spec = remembering(fatal)
	if got := told(w.see(minutes(11)).Status.History); got != "0:90 10:91" {
		t.Fatalf("another criticality made of the history %s", got)
	}
	w.spec = remembering(fatal, func(s *v1alpha1.KPISpec) { s.Source.HTTP.Path = "/other" })
	if got := told(w.see(minutes(12)).Status.History); got != "" {
		t.Fatalf("another source left in the history %s", got)
	}
}

func TestACorrectionTakesWhatWasKept(t *testing.T) {
	w := watch(remembering())
	w.tell(t, "0:90 10:91 20:92")
	w.spec = remembering(corrected(minutes(5), minutes(15)))
	if got := told(w.see(minutes(21)).Status.History); got != "0:90 20:92" {
		t.Fatalf("the history is %s", got)
	}
}

func TestWhatAKPIItselfHolds(t *testing.T) {
	pause := corrected(minutes(5), minutes(15))
	w := watch(remembering(pause))
	w.tell(t, "0:90.5 20:92")
	points := Kept(w.spec, &w.memory, minutes(20))
	if len(points) != 2 || points[0] != (Point{At: minutes(0), Value: 90.5}) || points[1] != (Point{At: minutes(20), Value: 92}) {
		t.Fatalf("it holds %v", points)
	}
	byHand := atLeast("85", measuredByHand(january, february))
	points = Kept(byHand, &v1alpha1.KPIStatus{}, time.Date(2026, time.February, 10, 0, 0, 0, 0, time.UTC))
	if len(points) != 1 || points[0].Value != 91 {
		t.Fatalf("it holds %v", points)
	}
	unread := february
	unread.Value = "no number"
	byHand = atLeast("85", measuredByHand(unread), pause)
	if points = Kept(byHand, &v1alpha1.KPIStatus{}, hours(24)); len(points) != 0 {
		t.Fatalf("it holds %v", points)
	}
}

// A clock that ran ahead leaves nothing behind that silences a KPI until the others have caught up.
func TestAClockThatRanAheadIsForgiven(t *testing.T) {
	w := watch(remembering(recoverFor("10m")))
	w.see(hours(9000), answered(hours(9000), 80))
	w.restart()
	wantState(t, w.see(minutes(1), answered(minutes(1), 90)), v1alpha1.KPIBreached)
	wantState(t, w.see(minutes(2), answered(minutes(2), 90)), v1alpha1.KPIBreached)
	wantState(t, w.see(minutes(12), answered(minutes(12), 90)), v1alpha1.KPIMet)
	if got := told(w.memory.History); got != "1:90 12:90" {
		t.Fatalf("the history is %s", got)
	}
	if !w.stored.WrittenAt.Time.Equal(minutes(12)) {
		t.Fatalf("it was written at %s", w.stored.WrittenAt)
	}
}

func TestASourceWhoseClockRunsAheadIsTakenAtItsWordFromNow(t *testing.T) {
	w := watch(atLeast("85"))
	verdict := w.see(minutes(1), Sample{AskedAt: minutes(1), At: hours(9000), Value: 90, Result: v1alpha1.SampleAnswered})
	wantTime(t, "valueTime", verdict.Status.ValueTime, minutes(1))
	wantState(t, w.tell(t, "2:80"), v1alpha1.KPIBreached)
}

func TestNothingIsKnownBeforeItIsAsked(t *testing.T) {
	verdict := Evaluate(Input{Spec: atLeast("85"), Samples: []Sample{answered(minutes(9), 90)}}, minutes(5))
	wantTime(t, "valueTime", verdict.Status.ValueTime, minutes(5))
	wantTime(t, "the time of the attempt", &verdict.Status.Attempt.At, minutes(5))
}

// Steps begin with the heartbeats of a KPI, so that what is kept adds no write where the window is long enough.
func TestWhatIsKeptIsWrittenByTheHeartbeat(t *testing.T) {
	zero := v1alpha1.Decimal("0")
	for name, spec := range map[string]*v1alpha1.KPISpec{
		"for plausibility": atLeast("85", plausible(v1alpha1.Plausibility{Min: &zero, FlatAfter: 200, Jump: 6})),
		"for a trend":      atLeast("85", trend("24h", "1h")),
		"for all of it":    atLeast("85", trend("", ""), plausible(v1alpha1.Plausibility{Jump: 6})),
	} {
		t.Run(name, func(t *testing.T) {
			w := watch(spec)
			w.key = key
			for minute := range 24 * 60 {
				w.see(minutes(minute), answered(minutes(minute), 90+float64(minute%2)/10))
			}
			if w.writes < 24 || w.writes > 27 {
				t.Fatalf("%d writes in a day", w.writes)
			}
			if spec.Trend == nil {
				return
			}
			beat := heartbeat(key, time.Hour, start)
			if second := w.memory.History[1].At.Time; second.Sub(beat)%time.Hour < 0 || second.Sub(beat)%time.Hour >= time.Minute {
				t.Fatalf("a step begins at %s, and the heart beats at %s", second, beat)
			}
		})
	}
}

// Values that only tell what is plausible are lost with the process, from the last write on.
func TestTheLastValuesAreWrittenAlong(t *testing.T) {
	w := watch(atLeast("85", plausible(v1alpha1.Plausibility{FlatAfter: 4})))
	w.tell(t, "0:90 1:91 2:91")
	if got := told(w.memory.Recent); got != "0:90 1:91 2:91" {
		t.Fatalf("the last values are %s", got)
	}
	if got := told(w.stored.Recent); got != "0:90" || len(w.memory.History) > 0 {
		t.Fatalf("%s was written, and %s is kept for a trend", got, told(w.memory.History))
	}
	w.restart()
	if suspect := w.tell(t, "3:91 4:91 5:91").Status.Suspect; suspect != nil {
		t.Fatalf("suspect is %+v", suspect)
	}
	suspect := w.tell(t, "6:91").Status.Suspect
	if suspect == nil || suspect.Reason != v1alpha1.SuspectFlat {
		t.Fatalf("suspect is %+v", suspect)
	}
	w.restart()
	if got := told(w.memory.Recent); got != "3:91 4:91 5:91 6:91" && got != "0:90 3:91 4:91 5:91 6:91" {
		t.Fatalf("with the suspicion was written %s", got)
	}
	if suspect = w.tell(t, "7:91").Status.Suspect; suspect == nil {
		t.Fatal("a restart made it plausible")
	}
	w.spec = atLeast("85", plausible(v1alpha1.Plausibility{FlatAfter: 4}), func(s *v1alpha1.KPISpec) { s.Source.HTTP.Path = "/other" })
	if got := told(w.see(minutes(8)).Status.Recent); got != "" {
		t.Fatalf("another source left the last values %s", got)
	}
}
