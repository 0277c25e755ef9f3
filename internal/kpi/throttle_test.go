package kpi

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// settled is a status that was written at the start; the next heartbeat of shop/returns comes 49 minutes later.
func settled(spec *v1alpha1.KPISpec) *v1alpha1.KPIStatus {
	status := Evaluate(Input{Spec: spec, Samples: []Sample{answered(start, 90)}}, start).Status
	status.WrittenAt = timePointer(start)
	return &status
}

const key = "shop/returns"

func TestWhatIsWorthAWriteAtOnce(t *testing.T) {
	spec := atLeast("85")
	since := metav1.NewTime(minutes(1))
	for name, edit := range map[string]func(*v1alpha1.KPIStatus){
		"a change of state":             func(s *v1alpha1.KPIStatus) { s.State = v1alpha1.KPIStale },
		"of what the last value led to": func(s *v1alpha1.KPIStatus) { s.Judged = v1alpha1.KPIAtRisk },
		"of the runs":                   func(s *v1alpha1.KPIStatus) { s.Runs = &v1alpha1.KPIRuns{RiskSince: &since} },
		"of the objective":              func(s *v1alpha1.KPIStatus) { s.Objective = ">= 86" },
		"of the definition":             func(s *v1alpha1.KPIStatus) { s.Definition = "x" },
		"of the result of asking":       func(s *v1alpha1.KPIStatus) { s.Attempt.Result = v1alpha1.SampleRefused },
		"a first attempt":               func(s *v1alpha1.KPIStatus) { s.Attempt = nil },
		"suspicion":                     func(s *v1alpha1.KPIStatus) { s.Suspect = &v1alpha1.KPISuspect{Reason: v1alpha1.SuspectFlat} },
		"a new point of the history":    func(s *v1alpha1.KPIStatus) { s.History = []v1alpha1.KPIPoint{{At: since, Value: "1"}} },
		"a trend that crosses":          func(s *v1alpha1.KPIStatus) { s.Trend = &v1alpha1.KPITrend{PerDay: "1", CrossesAt: &since} },
		"a condition":                   func(s *v1alpha1.KPIStatus) { s.Conditions = []metav1.Condition{{Type: "Ready"}} },
		"a finding":                     func(s *v1alpha1.KPIStatus) { s.Findings = []v1alpha1.Finding{{Rule: v1alpha1.RuleStale}} },
		"a milestone":                   func(s *v1alpha1.KPIStatus) { s.Notices = []v1alpha1.Notice{{Reached: since}} },
		"that it was told":              func(s *v1alpha1.KPIStatus) { s.Noticed = []v1alpha1.NoticeMark{{Until: since}} },
		"when the definition was seen":  func(s *v1alpha1.KPIStatus) { s.DefinedSince = &since },
		"the generation":                func(s *v1alpha1.KPIStatus) { s.ObservedGeneration++ },
		"a first value":                 func(s *v1alpha1.KPIStatus) { s.State, s.Value, s.ValueTime = v1alpha1.KPIBreached, nil, nil },
	} {
		t.Run(name, func(t *testing.T) {
			before, after := settled(spec), settled(spec)
			edit(after)
			for _, pair := range [][2]*v1alpha1.KPIStatus{{before, after}, {after, before}} {
				published, next := Throttle(key, spec, pair[0], pair[1], start.Add(time.Second))
				if !same(&published, pair[1]) || !next.IsZero() {
					t.Fatalf("not written: %+v, next %s", published, next)
				}
				wantTime(t, "writtenAt", published.WrittenAt, start.Add(time.Second))
			}
		})
	}
}

func TestAnotherValueOfTheHistoryIsWorthAWrite(t *testing.T) {
	spec := atLeast("85")
	before, after := settled(spec), settled(spec)
	before.History = []v1alpha1.KPIPoint{{At: metav1.NewTime(start), Value: "1"}}
	after.History = []v1alpha1.KPIPoint{{At: metav1.NewTime(start), Value: "2"}}
	if published, _ := Throttle(key, spec, before, after, minutes(1)); published.History[0].Value != "2" {
		t.Fatal("it was not written")
	}
}

func TestWhatMovesWithEveryValueWaits(t *testing.T) {
	spec := atLeast("85")
	beat := heartbeat(key, time.Hour, start)
	if until := beat.Sub(start); until < 10*time.Minute || until > time.Hour {
		t.Fatalf("this test needs a heartbeat that is further away than %s", until)
	}
	correlation := &v1alpha1.KPICorrelation{With: "other", Value: "0.5", Samples: 12}
	for name, test := range map[string]struct {
		spec *v1alpha1.KPISpec
		edit func(*v1alpha1.KPIStatus)
		due  time.Time
	}{
		"the time of the value until the heartbeat": {
			spec, func(s *v1alpha1.KPIStatus) { s.ValueTime = timePointer(minutes(1)) }, beat,
		},
		"the time of the attempt until the heartbeat": {
			spec, func(s *v1alpha1.KPIStatus) { s.Attempt.At = metav1.NewTime(minutes(1)) }, beat,
		},
		"the words of the attempt, which may be another system's, until the heartbeat": {
			spec, func(s *v1alpha1.KPIStatus) { s.Attempt.Message = "another" }, beat,
		},
		"a value within a hundredth until the heartbeat": {
			spec, func(s *v1alpha1.KPIStatus) { s.Value = ptr(v1alpha1.Decimal("90.85")) }, beat,
		},
		"a value beyond a hundredth for five minutes": {
			spec, func(s *v1alpha1.KPIStatus) { s.Value = ptr(v1alpha1.Decimal("90.850001")) }, minutes(5),
		},
		"downwards as well": {
			spec, func(s *v1alpha1.KPIStatus) { s.Value = ptr(v1alpha1.Decimal("89.149999")) }, minutes(5),
		},
		"of the distance between two bounds, for within": {
			atLeast("", func(s *v1alpha1.KPISpec) {
				s.Objective = v1alpha1.Objective{Within: &v1alpha1.Within{Min: "1000", Max: "1010"}}
			}),
			func(s *v1alpha1.KPIStatus) { s.Value = ptr(v1alpha1.Decimal("90.100001")) }, minutes(5),
		},
		"of the size of a negative target": {
			atLeast("-1000"), func(s *v1alpha1.KPIStatus) { s.Value = ptr(v1alpha1.Decimal("99")) }, beat,
		},
		"of one, where the target is zero": {
			atLeast("", func(s *v1alpha1.KPISpec) { s.Objective = v1alpha1.Objective{AtMost: &v1alpha1.AtMost{Target: "0"}} }),
			func(s *v1alpha1.KPIStatus) { s.Value = ptr(v1alpha1.Decimal("90.01")) }, beat,
		},
		"and more than of one": {
			atLeast("", func(s *v1alpha1.KPISpec) { s.Objective = v1alpha1.Objective{AtMost: &v1alpha1.AtMost{Target: "0"}} }),
			func(s *v1alpha1.KPIStatus) { s.Value = ptr(v1alpha1.Decimal("90.011")) }, minutes(5),
		},
		"a trend that does not cross until the heartbeat": {
			spec, func(s *v1alpha1.KPIStatus) { s.Trend = &v1alpha1.KPITrend{PerDay: "1"} }, beat,
		},
		"the last values until the heartbeat": {
			spec, func(s *v1alpha1.KPIStatus) { s.Recent = []v1alpha1.KPIPoint{{At: metav1.NewTime(start), Value: "90"}} }, beat,
		},
		"a correlation until the heartbeat": {
			spec, func(s *v1alpha1.KPIStatus) { s.Correlation = correlation }, beat,
		},
		"the heartbeat of a KPI that is asked for once a week comes once a week": {
			atLeast("85", every("168h")), func(s *v1alpha1.KPIStatus) { s.ValueTime = timePointer(minutes(1)) },
			heartbeat(key, 168*time.Hour, start),
		},
	} {
		t.Run(name, func(t *testing.T) {
			before, after := settled(spec), settled(spec)
			test.edit(after)
			published, next := Throttle(key, test.spec, before, after, test.due.Add(-time.Second))
			if !same(&published, before) || !published.WrittenAt.Equal(before.WrittenAt) {
				t.Fatalf("it was written before %s", test.due)
			}
			if !next.Equal(test.due) {
				t.Fatalf("it is due at %s, want %s", next, test.due)
			}
			published, next = Throttle(key, test.spec, before, after, test.due)
			if !same(&published, after) || !next.IsZero() {
				t.Fatalf("it is due and was not written; next %s", next)
			}
			wantTime(t, "writtenAt", published.WrittenAt, test.due)
		})
	}
}

func TestAHeartbeatThatComesBeforeFiveMinutesCarriesAMove(t *testing.T) {
	const early = "shop/refunds"
	beat := heartbeat(early, time.Hour, start)
	if !beat.Before(minutes(5)) {
		t.Fatalf("this test needs a heartbeat before five minutes, and it comes at %s", beat)
	}
	spec := atLeast("85")
	before, after := settled(spec), settled(spec)
	after.Value = ptr(v1alpha1.Decimal("99"))
	if _, next := Throttle(early, spec, before, after, minutes(1)); !next.Equal(beat) {
		t.Fatalf("it is due at %s, want %s", next, beat)
	}
}

func TestWhatWasWrittenByAClockThatRanAheadIsWrittenAnew(t *testing.T) {
	spec := atLeast("85")
	before, after := settled(spec), settled(spec)
	before.WrittenAt = timePointer(hours(9000))
	after.ValueTime = timePointer(minutes(1))
	published, _ := Throttle(key, spec, before, after, minutes(1))
	wantTime(t, "writtenAt", published.WrittenAt, minutes(1))
}

func TestATrendThatMovesItsCrossingWaits(t *testing.T) {
	spec := atLeast("85")
	before, after := settled(spec), settled(spec)
	before.Trend = &v1alpha1.KPITrend{PerDay: "1", Samples: 8, CrossesAt: timePointer(hours(10))}
	after.Trend = &v1alpha1.KPITrend{PerDay: "2", Samples: 9, CrossesAt: timePointer(hours(11))}
	if published, _ := Throttle(key, spec, before, after, minutes(1)); !same(&published, before) {
		t.Fatal("it was written")
	}
}

func TestWhatDiffersInNothingIsNotWritten(t *testing.T) {
	spec := atLeast("85")
	before, after := settled(spec), settled(spec)
	after.WrittenAt = nil
	published, next := Throttle(key, spec, before, after, hours(1000))
	if !same(&published, before) || !published.WrittenAt.Equal(before.WrittenAt) || !next.IsZero() {
		t.Fatalf("written %s, next %s", published.WrittenAt, next)
	}
	before.WrittenAt = nil
	after.ValueTime = timePointer(minutes(1))
	if published, _ = Throttle(key, spec, before, after, minutes(1)); !same(&published, after) {
		t.Fatal("what was never written was not written")
	}
}

func TestWhatIsPublishedIsACopy(t *testing.T) {
	spec := atLeast("85")
	before, after := settled(spec), settled(spec)
	for _, s := range []*v1alpha1.KPIStatus{before, after} {
		s.Conditions = []metav1.Condition{{Type: "Ready"}}
	}
	unchanged, _ := Throttle(key, spec, before, after, minutes(1))
	after.State = v1alpha1.KPIStale
	changed, _ := Throttle(key, spec, before, after, minutes(1))
	judged := Evaluate(Input{Spec: spec, Before: before}, minutes(1)).Status
	for _, s := range []*v1alpha1.KPIStatus{&unchanged, &changed, &judged} {
		s.Conditions[0].Type = "Changed"
	}
	if before.Conditions[0].Type != "Ready" || after.Conditions[0].Type != "Ready" {
		t.Fatal("whoever changes a published status changes what it was made of")
	}
}

func TestTheHeartbeatIsSpreadAndSteady(t *testing.T) {
	first := heartbeat(key, time.Hour, start)
	for i := range 50 {
		after := start.Add(time.Duration(i*137) * time.Second)
		beat := heartbeat(key, time.Hour, after)
		if !beat.After(after) || beat.Sub(after) > time.Hour || beat.Sub(first)%time.Hour != 0 {
			t.Fatalf("after %s it beats at %s, and first at %s", after, beat, first)
		}
	}
	if heartbeat(key, time.Hour, first).Sub(first) != time.Hour {
		t.Fatal("the next beat is not an hour later")
	}
	if heartbeat("shop/other", time.Hour, start).Equal(first) {
		t.Fatal("two KPIs beat at once")
	}
}

func TestUnchangedValuesAreWrittenByTheHeartbeatAlone(t *testing.T) {
	w := watch(atLeast("85"))
	for minute := range 24 * 60 {
		w.see(minutes(minute), answered(minutes(minute), 90))
	}
	if w.writes < 24 || w.writes > 26 {
		t.Fatalf("%d writes in a day", w.writes)
	}
}
