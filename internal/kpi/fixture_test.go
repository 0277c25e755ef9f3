package kpi

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// start is the first minute of every story.
var start = time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC)

func minutes(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
func hours(n int) time.Time   { return start.Add(time.Duration(n) * time.Hour) }

func ptr[T any](v T) *T { return &v }

// atLeast is a KPI over HTTP that is met from a target upwards, and edited.
func atLeast(target string, edits ...func(*v1alpha1.KPISpec)) *v1alpha1.KPISpec {
	spec := &v1alpha1.KPISpec{
		Objective: v1alpha1.Objective{AtLeast: &v1alpha1.AtLeast{Target: v1alpha1.Decimal(target)}},
		Source:    v1alpha1.KPISource{HTTP: &v1alpha1.HTTPQuery{Path: "/value"}},
	}
	for _, edit := range edits {
		edit(spec)
	}
	return spec
}

func warning(at string) func(*v1alpha1.KPISpec) {
	return func(s *v1alpha1.KPISpec) { s.Objective.AtLeast.Warning = ptr(v1alpha1.Decimal(at)) }
}

func breachFor(d v1alpha1.Duration) func(*v1alpha1.KPISpec) {
	return func(s *v1alpha1.KPISpec) { s.BreachFor = d }
}

func recoverFor(d v1alpha1.Duration) func(*v1alpha1.KPISpec) {
	return func(s *v1alpha1.KPISpec) { s.RecoverFor = d }
}

func fatal(s *v1alpha1.KPISpec) { s.Criticality = v1alpha1.CriticalityFatal }

func staleAfter(d v1alpha1.Duration) func(*v1alpha1.KPISpec) {
	return func(s *v1alpha1.KPISpec) { s.StaleAfter = d }
}

func every(d v1alpha1.Duration) func(*v1alpha1.KPISpec) {
	return func(s *v1alpha1.KPISpec) { s.Every = d }
}

func trend(window, horizon v1alpha1.Duration) func(*v1alpha1.KPISpec) {
	return func(s *v1alpha1.KPISpec) { s.Trend = &v1alpha1.Trend{Window: window, Horizon: horizon} }
}

func prometheus(s *v1alpha1.KPISpec) {
	s.Source = v1alpha1.KPISource{Prometheus: &v1alpha1.PrometheusQuery{Query: "up"}}
}

func corrected(from, to time.Time) func(*v1alpha1.KPISpec) {
	return func(s *v1alpha1.KPISpec) {
		s.Corrections = append(s.Corrections, v1alpha1.Correction{From: metav1.NewTime(from), To: metav1.NewTime(to)})
	}
}

func measuredByHand(list ...v1alpha1.Measurement) func(*v1alpha1.KPISpec) {
	return func(s *v1alpha1.KPISpec) {
		s.Source = v1alpha1.KPISource{Manual: &v1alpha1.ManualMeasurements{Measurements: list}}
	}
}

// answered is a value that was true when it was asked for.
func answered(at time.Time, value float64) Sample {
	return Sample{AskedAt: at, At: at, Value: value, Result: v1alpha1.SampleAnswered}
}

// failed is an attempt that came to nothing.
func failed(at time.Time, result v1alpha1.SampleResult) Sample {
	return Sample{AskedAt: at, Result: result, Message: "The server does not answer."}
}

// watcher is who calls: it keeps the newest verdict in memory, and writes down what Throttle lets through.
type watcher struct {
	spec      *v1alpha1.KPISpec
	namespace string
	// due is when Throttle wants to be asked again.
	due            time.Time
	memory, stored v1alpha1.KPIStatus
	tried, clock   time.Time
	writes         int
}

func watch(spec *v1alpha1.KPISpec) *watcher { return &watcher{spec: spec, namespace: onTheHour} }

// onTheHour is a namespace in which the steps of hours begin when the hour does.
var onTheHour = beginningAt(0)

// beginningAt finds a namespace by where in the hour its steps begin.
func beginningAt(minute int) string {
	for i := 0; ; i++ {
		namespace := fmt.Sprint("namespace-", i)
		if Offset(namespace, time.Hour).Truncate(time.Second) == time.Duration(minute)*time.Minute {
			return namespace
		}
	}
}

// input is what the watcher knows at a time, with what came of asking since.
func (w *watcher) input(samples ...Sample) Input {
	for _, s := range samples {
		if w.tried.IsZero() || s.AskedAt.Before(w.tried) {
			w.tried = s.AskedAt
		}
	}
	return Input{Namespace: w.namespace, Spec: w.spec, Before: &w.memory, Samples: samples, TriedSince: w.tried}
}

// judge evaluates and writes.
func (w *watcher) judge(in Input, now time.Time) Verdict {
	verdict := Evaluate(in, now)
	w.memory = verdict.Status
	var published v1alpha1.KPIStatus
	published, w.due = Throttle(key, w.spec, &w.stored, &verdict.Status, now)
	if !same(&published, &w.stored) {
		w.writes++
	}
	w.stored = published
	return verdict
}

func (w *watcher) see(now time.Time, samples ...Sample) Verdict {
	return w.judge(w.input(samples...), now)
}

// until makes the passes that Throttle asked for before a time.
func (w *watcher) until(now time.Time) {
	for !w.due.IsZero() && w.due.Before(now) {
		w.see(w.due)
	}
}

// restart forgets everything but what was written.
func (w *watcher) restart() {
	w.memory, w.tried = *w.stored.DeepCopy(), time.Time{}
}

// tell reads a story, "0:90=Met 5:80=Breached": the minute of a value, the value, and the state that it must lead to, which
// may be left out. Each value is judged when it comes.
func (w *watcher) tell(t testing.TB, story string) Verdict {
	t.Helper()
	var verdict Verdict
	for _, chapter := range strings.Fields(story) {
		at, rest, _ := strings.Cut(chapter, ":")
		text, want, _ := strings.Cut(rest, "=")
		minute, err := strconv.Atoi(at)
		value, err2 := strconv.ParseFloat(text, 64)
		if err != nil || err2 != nil {
			t.Fatalf("%q is no chapter", chapter)
		}
		w.clock = latest(w.clock, minutes(minute))
		verdict = w.see(w.clock, Sample{AskedAt: w.clock, At: minutes(minute), Value: value, Result: v1alpha1.SampleAnswered})
		if got := verdict.Status.State; want != "" && string(got) != want {
			t.Fatalf("%s: the state is %s, of runs %s", chapter, got, show(verdict.Status.Runs))
		}
	}
	return verdict
}

func show(runs *v1alpha1.KPIRuns) string {
	if runs == nil {
		return "none"
	}
	var parts []string
	for _, run := range []struct {
		name string
		at   *metav1.Time
	}{{"met", runs.MetSince}, {"within", runs.WithinSince}, {"risk", runs.RiskSince}, {"missed", runs.MissedSince}} {
		if run.at != nil {
			parts = append(parts, fmt.Sprintf("%s %s", run.name, run.at.UTC().Format(time.TimeOnly)))
		}
	}
	return strings.Join(parts, ", ")
}

func wantState(t testing.TB, v Verdict, want v1alpha1.KPIState) {
	t.Helper()
	if v.Status.State != want {
		t.Fatalf("the state is %q, want %q; attempt %+v, runs %s", v.Status.State, want, v.Status.Attempt, show(v.Status.Runs))
	}
}

func wantTime(t testing.TB, what string, got *metav1.Time, want time.Time) {
	t.Helper()
	if got == nil || !got.Time.Equal(want) {
		t.Fatalf("%s is %v, want %s", what, got, want)
	}
}
