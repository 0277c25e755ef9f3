package kpi

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

func TestAValueGoesStaleAndStaysWhatItWas(t *testing.T) {
	w := watch(atLeast("85", staleAfter("3m"), breachFor("1h")))
	w.tell(t, "0:90=Met 1:80=Met")
	before := w.memory
	verdict := w.see(minutes(4), failed(minutes(4), v1alpha1.SampleNoAnswer))
	wantState(t, verdict, v1alpha1.KPIMet)
	if want := minutes(4).Add(time.Second); !verdict.NextChange.Equal(want) {
		t.Fatalf("the next change is %s, want %s", verdict.NextChange, want)
	}
	verdict = w.see(verdict.NextChange)
	wantState(t, verdict, v1alpha1.KPIStale)
	wantTime(t, "stateSince", verdict.Status.StateSince, minutes(4).Add(time.Second))
	if !verdict.NextChange.IsZero() {
		t.Fatalf("nothing changes it but a value, and the next change is %s", verdict.NextChange)
	}
	if verdict.Status.Judged != v1alpha1.KPIMet || *verdict.Status.Value != "80" || show(verdict.Status.Runs) != show(before.Runs) {
		t.Fatalf("being stale changed %+v", verdict.Status)
	}
	wantTime(t, "valueTime", verdict.Status.ValueTime, minutes(1))
	verdict = w.tell(t, "70:80=Breached")
	wantTime(t, "stateSince", verdict.Status.StateSince, minutes(70))
}

func TestWhenAValueIsKnownToBeStale(t *testing.T) {
	w := watch(atLeast("85", staleAfter("10m")))
	w.tell(t, "0:90=Met")
	old := w.stored
	for name, test := range map[string]struct {
		tried   time.Time
		samples []Sample
		before  v1alpha1.KPIState
		now     time.Time
		want    v1alpha1.KPIState
		next    time.Time
	}{
		"a process that has not asked yet calls nothing stale": {
			now: minutes(60), want: v1alpha1.KPIMet,
		},
		"a process that has not tried for staleAfter calls nothing stale": {
			tried: minutes(55), samples: []Sample{failed(minutes(59), v1alpha1.SampleNoAnswer)},
			now: minutes(64), want: v1alpha1.KPIMet, next: minutes(65),
		},
		"a process that has tried for staleAfter knows": {
			tried: minutes(55), now: minutes(65), want: v1alpha1.KPIStale,
		},
		"a source that gives an old value says so itself": {
			tried:   minutes(55),
			samples: []Sample{{AskedAt: minutes(55), At: minutes(44), Value: 90, Result: v1alpha1.SampleAnswered}},
			now:     minutes(55), want: v1alpha1.KPIStale,
		},
		"a source that gives a value which grows old after it was asked did not say so": {
			tried:   minutes(55),
			samples: []Sample{{AskedAt: minutes(55), At: minutes(46), Value: 90, Result: v1alpha1.SampleAnswered}},
			now:     minutes(58), want: v1alpha1.KPIMet, next: minutes(65),
		},
		"what was stale is so after a restart": {
			before: v1alpha1.KPIStale, now: minutes(60), want: v1alpha1.KPIStale,
		},
		"a fresh value ends it, and this process has not tried for long enough to begin it anew": {
			before: v1alpha1.KPIStale, tried: minutes(55), samples: []Sample{answered(minutes(55), 90)},
			now: minutes(55), want: v1alpha1.KPIMet, next: minutes(65).Add(time.Second),
		},
		"nor has it where it judges that value late": {
			before: v1alpha1.KPIStale, tried: minutes(55), samples: []Sample{answered(minutes(55), 90)},
			now: minutes(65), want: v1alpha1.KPIMet, next: minutes(65).Add(time.Second),
		},
		"a newer value ends it, and growing old in turn has to be known anew": {
			before: v1alpha1.KPIStale, tried: minutes(55),
			samples: []Sample{{AskedAt: minutes(55), At: minutes(50), Value: 90, Result: v1alpha1.SampleAnswered}},
			now:     minutes(62), want: v1alpha1.KPIMet, next: minutes(65),
		},
		"an old value in place of an older one ends nothing": {
			before: v1alpha1.KPIStale, tried: minutes(55),
			samples: []Sample{{AskedAt: minutes(55), At: minutes(30), Value: 90, Result: v1alpha1.SampleAnswered}},
			now:     minutes(55), want: v1alpha1.KPIStale,
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := old.DeepCopy()
			if test.before != "" {
				before.State = test.before
			}
			verdict := Evaluate(Input{
				Spec: atLeast("85", staleAfter("10m")), Before: before, Samples: test.samples, TriedSince: test.tried,
			}, test.now)
			wantState(t, verdict, test.want)
			if !verdict.NextChange.Equal(test.next) {
				t.Fatalf("the next change is %s, want %s", verdict.NextChange, test.next)
			}
		})
	}
}

func TestStaleBeganNoSoonerThanThisProcessCouldKnow(t *testing.T) {
	w := watch(atLeast("85", staleAfter("10m")))
	w.tell(t, "0:90=Met")
	w.restart()
	w.see(minutes(55), failed(minutes(55), v1alpha1.SampleNoAnswer))
	verdict := w.see(minutes(70))
	wantState(t, verdict, v1alpha1.KPIStale)
	wantTime(t, "stateSince", verdict.Status.StateSince, minutes(65))
}

// A restart within a correction knows an older value than there was: it must not be called stale for that.
func TestARestartWithinACorrectionMakesNothingStale(t *testing.T) {
	w := watch(atLeast("85", staleAfter("10m"), corrected(minutes(60), minutes(120))))
	w.tell(t, "0:90 10:90 20:90 30:90 40:90 45:90")
	if w.stored.ValueTime.Time.Equal(minutes(45)) {
		t.Fatal("this test needs a value whose time was not written")
	}
	w.restart()
	for minute := 90; minute < 120; minute += 5 {
		wantState(t, w.see(minutes(minute), answered(minutes(minute), 10)), v1alpha1.KPIMet)
	}
	verdict := w.see(minutes(120), failed(minutes(120), v1alpha1.SampleNoAnswer))
	wantState(t, verdict, v1alpha1.KPIMet)
	if !verdict.NextChange.Equal(minutes(130)) {
		t.Fatalf("the next change is %s", verdict.NextChange)
	}
}

func TestWhatIsNoValueChangesTheAttemptAlone(t *testing.T) {
	for name, test := range map[string]struct {
		sample  Sample
		result  v1alpha1.SampleResult
		message string
	}{
		"NaN":                    {answered(minutes(1), math.NaN()), v1alpha1.SampleNotANumber, "NaN"},
		"infinite":               {answered(minutes(1), math.Inf(1)), v1alpha1.SampleNotANumber, "infinite"},
		"infinite, negative":     {answered(minutes(1), math.Inf(-1)), v1alpha1.SampleNotANumber, "infinite"},
		"too many digits":        {answered(minutes(1), 1e300), v1alpha1.SampleNotANumber, "twelve digits"},
		"digits by rounding":     {answered(minutes(1), 999999999999.9999999), v1alpha1.SampleNotANumber, "twelve digits"},
		"a source that is down":  {failed(minutes(1), v1alpha1.SampleNoAnswer), v1alpha1.SampleNoAnswer, "does not answer"},
		"a source that refuses":  {failed(minutes(1), v1alpha1.SampleRefused), v1alpha1.SampleRefused, "does not answer"},
		"a question not allowed": {failed(minutes(1), v1alpha1.SampleForbidden), v1alpha1.SampleForbidden, "does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			w := watch(atLeast("85"))
			want := w.tell(t, "0:90=Met").Status
			got := w.see(minutes(1), test.sample).Status
			if got.Attempt == nil || got.Attempt.Result != test.result || !strings.Contains(got.Attempt.Message, test.message) {
				t.Fatalf("the attempt is %+v", got.Attempt)
			}
			wantTime(t, "the time of the attempt", &got.Attempt.At, minutes(1))
			if got.Attempt = want.Attempt; !same(&got, &want) {
				t.Fatalf("it changed %+v into %+v", want, got)
			}
		})
	}
}

func TestTheNewestAttemptIsShown(t *testing.T) {
	w := watch(atLeast("85"))
	verdict := w.see(minutes(9), failed(minutes(7), v1alpha1.SampleRefused), answered(minutes(8), 90), failed(minutes(6), v1alpha1.SampleNoAnswer))
	if a := verdict.Status.Attempt; a.Result != v1alpha1.SampleAnswered || a.Message != "" || !a.At.Time.Equal(minutes(8)) {
		t.Fatalf("the attempt is %+v", a)
	}
	verdict = w.see(minutes(9), failed(minutes(7), v1alpha1.SampleRefused))
	if a := verdict.Status.Attempt; a.Result != v1alpha1.SampleAnswered {
		t.Fatalf("an older attempt replaced the newest: %+v", a)
	}
}

func TestWithoutAValue(t *testing.T) {
	for name, test := range map[string]struct {
		samples []Sample
		edit    func(*v1alpha1.KPISpec)
		tried   time.Time
		want    v1alpha1.KPIState
		finding bool
		next    time.Time
	}{
		"nobody asked yet": {
			want: v1alpha1.KPINeverMeasured,
		},
		"asked for less than staleAfter": {
			samples: []Sample{failed(minutes(18), v1alpha1.SampleNoAnswer)}, tried: minutes(18),
			want: v1alpha1.KPINeverMeasured, next: minutes(21),
		},
		"asked for staleAfter": {
			samples: []Sample{failed(minutes(17), v1alpha1.SampleNoAnswer)}, tried: minutes(17),
			want: v1alpha1.KPINeverMeasured, finding: true,
		},
		"the answer is empty": {
			samples: []Sample{failed(minutes(17), v1alpha1.SampleEmpty)}, tried: minutes(17),
			want: v1alpha1.KPINeverMeasured, finding: true,
		},
		"the answer is no number": {
			samples: []Sample{answered(minutes(17), math.NaN())}, tried: minutes(17),
			want: v1alpha1.KPIInconclusive, finding: true,
		},
		"an answer, and then none any more": {
			samples: []Sample{answered(minutes(16), math.NaN()), failed(minutes(17), v1alpha1.SampleNoAnswer)}, tried: minutes(16),
			want: v1alpha1.KPIInconclusive, finding: true,
		},
		"a value that is corrected, and the time of that does not count": {
			samples: []Sample{answered(minutes(17), 90)}, edit: corrected(minutes(10), minutes(30)), tried: minutes(17),
			want: v1alpha1.KPIInconclusive, next: minutes(33),
		},
		"a measurement by hand that is corrected": {
			edit: func(s *v1alpha1.KPISpec) {
				measuredByHand(january)(s)
				corrected(hours(-1000), minutes(0))(s)
			},
			want: v1alpha1.KPIInconclusive,
		},
		"no measurement by hand": {
			edit: measuredByHand(), want: v1alpha1.KPINeverMeasured, finding: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			spec := atLeast("85")
			if test.edit != nil {
				test.edit(spec)
			}
			verdict := Evaluate(Input{Spec: spec, Samples: test.samples, TriedSince: test.tried}, minutes(20))
			wantState(t, verdict, test.want)
			if verdict.NeverMeasuredFor != test.finding {
				t.Fatalf("the finding may be raised: %v, want %v", verdict.NeverMeasuredFor, test.finding)
			}
			if verdict.Status.Judged != "" || verdict.Status.Value != nil || verdict.Status.Runs != nil {
				t.Fatalf("there is no value, and the status is %+v", verdict.Status)
			}
			if !verdict.NextChange.Equal(test.next) {
				t.Fatalf("the next change is %s, want %s", verdict.NextChange, test.next)
			}
			again := Evaluate(Input{Spec: spec, Before: &verdict.Status}, minutes(21))
			wantState(t, again, test.want)
			wantTime(t, "stateSince", again.Status.StateSince, minutes(20))
		})
	}
}

// Whoever takes over has tried for no time at all; what was found before stands until there is a value.
func TestARestartTakesNeverMeasuredBackNotAtOnce(t *testing.T) {
	spec := atLeast("85")
	before := &v1alpha1.KPIStatus{State: v1alpha1.KPINeverMeasured}
	if Evaluate(Input{Spec: spec, Before: before}, start).NeverMeasuredFor {
		t.Error("found before anything was tried")
	}
	before.Findings = []v1alpha1.Finding{{Rule: v1alpha1.RuleNeverMeasured}}
	if !Evaluate(Input{Spec: spec, Before: before}, start).NeverMeasuredFor {
		t.Error("a restart took it back")
	}
}
