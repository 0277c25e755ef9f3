package kpi

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// remembering is a KPI whose steps are ten minutes: 1000 minutes in 100 steps.
func remembering(edits ...func(*v1alpha1.KPISpec)) *v1alpha1.KPISpec {
	return atLeast("85", append([]func(*v1alpha1.KPISpec){trend("1000m", "1h")}, edits...)...)
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
			remembering(), "0:90 10:91 1005:92 1009:93 1010:94", "10:91 1005:92 1010:94",
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
		Namespace: onTheHour, Spec: atLeast("85"), KeepFor: 199 * time.Hour,
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

// What is kept for a long window adds hardly a write to the heartbeats, and what tells what is plausible adds none.
func TestHowOftenAKPIThatKeepsValuesIsWritten(t *testing.T) {
	zero := v1alpha1.Decimal("0")
	for name, test := range map[string]struct {
		spec *v1alpha1.KPISpec
		most int
	}{
		"that keeps nothing":          {atLeast("85"), 49},
		"for plausibility":            {atLeast("85", plausible(v1alpha1.Plausibility{Min: &zero, FlatAfter: 200, Jump: 6})), 49},
		"for a trend of four days":    {atLeast("85", trend("100h", "1h")), 50},
		"for a trend of two weeks":    {atLeast("85", trend("", "")), 50},
		"seldom, for a trend":         {atLeast("85", trend("", ""), every("30m")), 50},
		"for a day, every 14 minutes": {atLeast("85", trend("24h", "1h")), 204},
	} {
		for _, minute := range []int{0, 10, 48, 50} {
			t.Run(fmt.Sprint(name, ", from minute ", minute), func(t *testing.T) {
				w := watch(test.spec)
				w.namespace = beginningAt(minute)
				interval := Every(test.spec)
				for at := start; at.Before(start.Add(48 * time.Hour)); at = at.Add(interval) {
					w.until(at)
					w.see(at, answered(at, 90+float64(at.Minute()%2)/10))
				}
				if w.writes > test.most || w.writes < 24 {
					t.Fatalf("%d writes in 48 hours", w.writes)
				}
			})
		}
	}
}

// KPIs of one namespace keep values of the same time, whatever their names: what is equal correlates.
func TestWhatIsEqualCorrelatesWhereverTheStepsBegin(t *testing.T) {
	proxy := func(window v1alpha1.Period) func(*v1alpha1.KPISpec) {
		return func(s *v1alpha1.KPISpec) { s.ProxyFor = &v1alpha1.ProxyFor{Window: window} }
	}
	for _, minute := range []int{0, 20, 59} {
		for _, window := range []v1alpha1.Period{"P2D", "P30D"} {
			one, other := watch(atLeast("85", proxy(window), every("10m"))), watch(atLeast("85", every("10m")))
			one.namespace, other.namespace = beginningAt(minute), beginningAt(minute)
			noise := rand.New(rand.NewPCG(1, 2))
			var verdict Verdict
			for at := start; at.Before(start.Add(20 * 24 * time.Hour)); at = at.Add(10 * time.Minute) {
				value := float64(noise.IntN(1000))
				in := other.input(answered(at, value))
				in.KeepFor = ProxySpan(one.spec)
				other.judge(in, at)
				in = one.input(answered(at, value))
				in.Predicted = Kept(other.spec, &other.memory, at)
				verdict = one.judge(in, at)
			}
			found := verdict.Status.Correlation
			if found == nil || found.Value != "1" || found.Samples < 48 {
				t.Errorf("from minute %d, over %s, it is %+v", minute, window, found)
			}
		}
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
	if got := told(w.stored.Recent); got != "0:90 3:91 4:91 5:91 6:91" {
		t.Fatalf("with the suspicion was written %s", got)
	}
	w.spec = atLeast("85", plausible(v1alpha1.Plausibility{FlatAfter: 4}), func(s *v1alpha1.KPISpec) { s.Source.HTTP.Path = "/other" })
	if got := told(w.see(minutes(8)).Status.Recent); got != "" {
		t.Fatalf("another source left the last values %s", got)
	}
}

func TestARestartTakesNoSuspicionBackAndRaisesNone(t *testing.T) {
	flat := plausible(v1alpha1.Plausibility{FlatAfter: 4})
	w := watch(atLeast("85", flat))
	w.tell(t, "0:90 1:91 2:91 3:91 4:91")
	since := w.memory.Suspect.Since
	w.tell(t, "5:91 6:91 7:91")
	w.restart()
	if suspect := w.tell(t, "10:91").Status.Suspect; suspect == nil || !suspect.Since.Equal(&since) {
		t.Fatalf("once more the same value, and suspect is %+v", suspect)
	}
	if suspect := w.tell(t, "11:90").Status.Suspect; suspect != nil {
		t.Fatalf("another value, and suspect is %+v", suspect)
	}
	w = watch(atLeast("85", flat))
	w.tell(t, "0:91 1:91.1")
	w.stored.Recent = []v1alpha1.KPIPoint{{At: metav1.NewTime(minutes(-2)), Value: "91"}, {At: metav1.NewTime(minutes(-1)), Value: "91"},
		{At: metav1.NewTime(minutes(0)), Value: "91"}}
	w.restart()
	if suspect := w.tell(t, "3:91").Status.Suspect; suspect != nil {
		t.Fatalf("what was between is lost, and suspect is %+v", suspect)
	}
}
