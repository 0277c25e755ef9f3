package kpi

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"

	"pgregory.net/rapid"
)

// drawSpec draws a KPI over HTTP or on a Prometheus, whose values lie between 0 and 20.
func drawSpec(t *rapid.T) *v1alpha1.KPISpec {
	decimal := func(low, high int, label string) v1alpha1.Decimal {
		return v1alpha1.Decimal(fmt.Sprint(rapid.IntRange(low, high).Draw(t, label)))
	}
	duration := func(label string) v1alpha1.Duration {
		return rapid.SampledFrom([]v1alpha1.Duration{"", "1m", "7m", "1h"}).Draw(t, label)
	}
	spec := atLeast("10", breachFor(duration("breachFor")), recoverFor(duration("recoverFor")), staleAfter("10m"))
	switch rapid.IntRange(0, 2).Draw(t, "objective") {
	case 0:
		spec.Objective.AtLeast.Warning = ptr(decimal(10, 14, "warning"))
	case 1:
		spec.Objective = v1alpha1.Objective{AtMost: &v1alpha1.AtMost{Target: "10", Warning: ptr(decimal(6, 10, "warning"))}}
	case 2:
		spec.Objective = v1alpha1.Objective{Within: &v1alpha1.Within{Min: "5", Max: "15", Margin: ptr(decimal(0, 5, "margin"))}}
	}
	if rapid.IntRange(0, 4).Draw(t, "fatal") == 0 {
		fatal(spec)
	}
	if rapid.IntRange(0, 2).Draw(t, "prometheus") == 0 {
		prometheus(spec)
	}
	if rapid.Bool().Draw(t, "trend") {
		every(rapid.SampledFrom([]v1alpha1.Duration{"1m", "5m"}).Draw(t, "every"))(spec)
		trend(rapid.SampledFrom([]v1alpha1.Duration{"30m", "2h", "48h", "336h"}).Draw(t, "window"), duration("horizon"))(spec)
	}
	if rapid.Bool().Draw(t, "plausibility") {
		plausible(v1alpha1.Plausibility{FlatAfter: 3, Jump: 3, Max: ptr(v1alpha1.Decimal("18"))})(spec)
	}
	for range rapid.IntRange(0, 2).Draw(t, "corrections") {
		from := rapid.IntRange(0, 120).Draw(t, "corrected from")
		corrected(minutes(from), minutes(from+rapid.IntRange(1, 20).Draw(t, "corrected for")))(spec)
	}
	return spec
}

// drawSamples draws what comes of asking once a minute, or more seldom: mostly values, which may be some minutes old, and
// which drift with little noise or with much.
func drawSamples(t *rapid.T) []Sample {
	var samples []Sample
	now, at := start, start
	var known *Sample
	level := rapid.IntRange(-4, 4).Draw(t, "level")
	drift := rapid.Float64Range(-0.2, 0.2).Draw(t, "drift")
	noise := rapid.SampledFrom([]int{0, 1, 16}).Draw(t, "noise")
	for i := range rapid.IntRange(1, 80).Draw(t, "samples") {
		now = now.Add(time.Duration(rapid.SampledFrom([]int{60, 60, 60, 90, 300, 1200}).Draw(t, "seconds")) * time.Second)
		switch rapid.IntRange(0, 9).Draw(t, "what") {
		case 0:
			samples = append(samples, failed(now, rapid.SampledFrom([]v1alpha1.SampleResult{
				v1alpha1.SampleNoAnswer, v1alpha1.SampleEmpty, v1alpha1.SampleInvalid,
			}).Draw(t, "result")))
			continue
		case 1:
			samples = append(samples, answered(now, math.NaN()))
			continue
		}
		// The time of a value does not go back, and what was true at a time stays so: the same value may come again.
		old := now.Add(-time.Duration(rapid.SampledFrom([]int{0, 0, 0, 0, 90, 900}).Draw(t, "old")) * time.Second)
		if !old.After(at) {
			if known != nil {
				again := *known
				again.AskedAt = now
				samples = append(samples, again)
			}
			continue
		}
		at = old
		value := 10 + float64(level) + drift*float64(i) + float64(rapid.IntRange(-noise, noise).Draw(t, "value"))/4
		known = &Sample{AskedAt: now, At: at, Value: value, Result: v1alpha1.SampleAnswered}
		samples = append(samples, *known)
	}
	if len(samples) == 0 {
		return []Sample{answered(minutes(1), 10)}
	}
	return samples
}

// drawStory draws a KPI and what comes of asking: anything, or values that meet and slide towards the target or away from it.
func drawStory(t *rapid.T) (*v1alpha1.KPISpec, []Sample) {
	if rapid.Bool().Draw(t, "anything") {
		return drawSpec(t), drawSamples(t)
	}
	horizon := rapid.SampledFrom([]v1alpha1.Duration{"5m", "20m", "1h"}).Draw(t, "horizon")
	spec := atLeast("10", recoverFor("7m"), staleAfter("1h"), trend("30m", horizon))
	if rapid.Bool().Draw(t, "prometheus") {
		prometheus(spec)
	}
	var samples []Sample
	value, slope := 14.0, 0.0
	for i := range 70 {
		if i%12 == 0 {
			slope = float64(rapid.IntRange(-16, 8).Draw(t, "slope")) / 64
		}
		value = max(9.5, min(15, value+slope))
		samples = append(samples, answered(minutes(i), value+float64(i*5%7)/64))
	}
	return spec, samples
}

// seriesOf is what a Prometheus keeps of samples: the last value of each minute.
func seriesOf(samples []Sample) []Point {
	var series []Point
	for _, s := range samples {
		if s.Result == v1alpha1.SampleAnswered && finite(s.Value) {
			series = append(series, Point{At: s.At, Value: s.Value})
		}
	}
	return series
}

func ends(samples []Sample) time.Time { return samples[len(samples)-1].AskedAt }

func TestTheOrderOfArrivalDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec, samples := drawStory(t)
		series := seriesOf(samples)
		in := Input{Spec: spec, Samples: samples, Series: series, HasSeries: spec.Source.Prometheus != nil, TriedSince: start}
		now := ends(samples).Add(time.Duration(rapid.IntRange(0, 1800).Draw(t, "later")) * time.Second)
		straight := Evaluate(in, now)
		in.Samples, in.Series = rapid.Permutation(samples).Draw(t, "samples"), rapid.Permutation(series).Draw(t, "series")
		turned := Evaluate(in, now)
		if !same(&turned.Status, &straight.Status) || !turned.NextChange.Equal(straight.NextChange) || turned.NeverMeasuredFor != straight.NeverMeasuredFor {
			t.Fatalf("straight %+v\nturned %+v", straight, turned)
		}
		if (turned.Latest == nil) != (straight.Latest == nil) || turned.Latest != nil && *turned.Latest != *straight.Latest {
			t.Fatalf("the latest is %v, and %v", straight.Latest, turned.Latest)
		}
	})
}

// What a value leads to is the same whether it is judged when it comes, or with others later.
func TestHowOftenOneLooksDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec, samples := drawStory(t)
		each, some := watch(spec), watch(spec)
		var waiting []Sample
		for i, s := range samples {
			each.see(s.AskedAt, s)
			waiting = append(waiting, s)
			if i < len(samples)-1 && rapid.Bool().Draw(t, "wait") {
				continue
			}
			some.see(s.AskedAt, waiting...)
			waiting = nil
			a, b := &each.memory, &some.memory
			if a.Judged != b.Judged || show(a.Runs) != show(b.Runs) || told(a.History) != told(b.History) || !a.ValueTime.Equal(b.ValueTime) {
				t.Fatalf("each: %s %s %s\nsome: %s %s %s", a.Judged, show(a.Runs), told(a.History), b.Judged, show(b.Runs), told(b.History))
			}
		}
	})
}

// A value that comes late leads nowhere, and is remembered as if it had come in time.
func TestValuesThatComeLate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec, samples := drawSpec(t), drawSamples(t)
		w := watch(spec)
		w.see(ends(samples), samples...)
		before := w.memory
		var late []Sample
		for range rapid.IntRange(1, 5).Draw(t, "late") {
			at := start.Add(time.Duration(rapid.Int64Range(0, int64(ends(samples).Sub(start))).Draw(t, "at")))
			s := answered(at, float64(rapid.IntRange(0, 20).Draw(t, "value")))
			if known := before.ValueTime; known != nil && inSeconds(s.At).After(known.Time) {
				continue
			}
			late = append(late, s)
			w.see(ends(samples), s)
		}
		if before.ValueTime == nil {
			return
		}
		if w.memory.Judged != before.Judged || show(w.memory.Runs) != show(before.Runs) {
			t.Fatalf("%s (%s) became %s (%s)", before.Judged, show(before.Runs), w.memory.Judged, show(w.memory.Runs))
		}
		if spec.Trend != nil && spec.Source.Prometheus == nil {
			all := Evaluate(Input{Namespace: w.namespace, Spec: spec, Samples: append(late, samples...)}, ends(samples))
			if told(all.Status.History) != told(w.memory.History) {
				t.Fatalf("the history is %s, and would have been %s", told(w.memory.History), told(all.Status.History))
			}
		}
	})
}

func TestARestartChangesNoVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec, samples := drawStory(t)
		steady, restarted := watch(spec), watch(spec)
		step := func(w *watcher, now time.Time, upTo int, came ...Sample) {
			in := w.input(came...)
			if spec.Source.Prometheus != nil {
				in.Series, in.HasSeries = seriesOf(samples[:upTo]), true
			}
			w.judge(in, now)
		}
		for i, s := range samples {
			if rapid.IntRange(0, 3).Draw(t, "restart") == 0 {
				restarted.restart()
			}
			for _, w := range []*watcher{steady, restarted} {
				if at := s.AskedAt.Add(-30 * time.Second); i > 0 && at.After(samples[i-1].AskedAt) {
					step(w, at, i)
				}
				step(w, s.AskedAt, i+1, s)
			}
			a, b := &steady.memory, &restarted.memory
			if a.Judged != b.Judged || show(a.Runs) != show(b.Runs) || told(a.History) != told(b.History) {
				t.Fatalf("steady %s (%s), restarted %s (%s)", a.Judged, show(a.Runs), b.Judged, show(b.Runs))
			}
			if a.State != b.State && a.State != v1alpha1.KPIStale {
				t.Fatalf("steady %s, restarted %s; trends %+v and %+v", a.State, b.State, a.Trend, b.Trend)
			}
		}
	})
}

// An oracle that knows the whole past says when a KPI may leave a state.
func TestRecoveryNeedsRecoverFor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec, samples := drawSpec(t), drawSamples(t)
		spec.Corrections = nil
		patience := patienceOf(spec)
		a, _ := aimOf(&spec.Objective)
		w := watch(spec)
		// since when no value was worse than risk, or than met; zero: the last one was.
		var noMiss, noRisk, missing time.Time
		var last v1alpha1.KPIState
		var at time.Time
		for _, s := range samples {
			got := w.see(s.AskedAt, s).Status.Judged
			if s.Result == v1alpha1.SampleAnswered && finite(s.Value) && s.At.After(at) {
				at = s.At
				d, _ := DecimalOf(s.Value)
				exact, _ := microsOf(d)
				l := a.levelOf(exact)
				noMiss, noRisk, missing = longer(noMiss, l != missed, at), longer(noRisk, l == met, at), longer(missing, l == missed, at)
			} else if got != last {
				t.Fatalf("without a newer value %s became %s", last, got)
			}
			if last == v1alpha1.KPIBreached && got != last && (noMiss.IsZero() || at.Sub(noMiss) < patience.recover) {
				t.Fatalf("at %s it left a breach, and no value missed since %s", at, noMiss)
			}
			if worse(last) && got == v1alpha1.KPIMet && (noRisk.IsZero() || at.Sub(noRisk) < patience.recover) {
				t.Fatalf("at %s it was met, and all were since %s", at, noRisk)
			}
			long := !missing.IsZero() && (at.Sub(missing) >= patience.breach || spec.Criticality == v1alpha1.CriticalityFatal)
			if long && got != v1alpha1.KPIBreached || !long && got == v1alpha1.KPIBreached && last != got {
				t.Fatalf("at %s it is %s, and missed since %s", at, got, missing)
			}
			last = got
		}
	})
}

func longer(since time.Time, holds bool, at time.Time) time.Time {
	if !holds {
		return time.Time{}
	}
	if since.IsZero() {
		return at
	}
	return since
}

func TestAConstantSeriesHasNoTrend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Float64Range(-1e11, 1e11).Draw(t, "value")
		spec := drawSpec(t)
		trend("30m", "8760h")(spec)
		var samples []Sample
		for i := range rapid.IntRange(1, 60).Draw(t, "samples") {
			samples = append(samples, answered(minutes(2*i), value))
		}
		in := Input{Spec: spec, Samples: samples, Series: seriesOf(samples), HasSeries: spec.Source.Prometheus != nil}
		if got := Evaluate(in, ends(samples)).Status.Trend; got != nil {
			t.Fatalf("the trend is %+v", got)
		}
	})
}

// scaled multiplies every number that the objective and plausibility name.
func scaled(spec *v1alpha1.KPISpec, by float64) *v1alpha1.KPISpec {
	spec = spec.DeepCopy()
	times := func(d *v1alpha1.Decimal) {
		if d != nil {
			exact, _ := microsOf(*d)
			*d, _ = DecimalOf(exact.float() * by)
		}
	}
	if o := spec.Objective.AtLeast; o != nil {
		times(&o.Target)
		times(o.Warning)
	}
	if o := spec.Objective.AtMost; o != nil {
		times(&o.Target)
		times(o.Warning)
	}
	if o := spec.Objective.Within; o != nil {
		times(&o.Min)
		times(&o.Max)
		times(o.Margin)
	}
	if p := spec.Plausibility; p != nil {
		times(p.Max)
	}
	return spec
}

func TestScalingValuesAndTargetTogetherChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec, samples := drawStory(t)
		// Powers of two are exact in floating point. Values are rounded first, so that rounding them later moves nothing.
		by := rapid.SampledFrom([]float64{2, 64, 1024, 1 << 20}).Draw(t, "by")
		larger := slices.Clone(samples)
		for i, s := range samples {
			if d, ok := DecimalOf(s.Value); ok {
				exact, _ := microsOf(d)
				samples[i].Value = exact.float()
				larger[i].Value = exact.float() * by
			}
		}
		a, b := watch(spec), watch(scaled(spec, by))
		for i, s := range samples {
			for _, side := range []struct {
				w    *watcher
				came []Sample
			}{{a, samples}, {b, larger}} {
				in := side.w.input(side.came[i])
				if spec.Source.Prometheus != nil {
					in.Series, in.HasSeries = seriesOf(side.came[:i+1]), true
				}
				side.w.judge(in, s.AskedAt)
			}
			x, y := &a.memory, &b.memory
			if x.State != y.State || x.Judged != y.Judged || show(x.Runs) != show(y.Runs) || (x.Suspect == nil) != (y.Suspect == nil) {
				t.Fatalf("%s %+v, and times %v %s %+v", x.State, x.Suspect, by, y.State, y.Suspect)
			}
			if crossing(x) != crossing(y) {
				t.Fatalf("it crosses at %s, and times %v at %s", crossing(x), by, crossing(y))
			}
			if a.writes != b.writes {
				t.Fatalf("%d writes, and times %v %d", a.writes, by, b.writes)
			}
		}
	})
}

func crossing(s *v1alpha1.KPIStatus) string {
	if s.Trend == nil || s.Trend.CrossesAt == nil {
		return "never"
	}
	return s.Trend.CrossesAt.UTC().String()
}

func TestNothingChangesBeforeNextChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec, samples := drawStory(t)
		if rapid.IntRange(0, 3).Draw(t, "manual") == 0 {
			measuredByHand(drawMeasurements(t)...)(spec)
		}
		samples = samples[:rapid.IntRange(1, len(samples)).Draw(t, "so far")]
		w := watch(spec)
		in := w.input(samples...)
		in.Series, in.HasSeries = seriesOf(samples), spec.Source.Prometheus != nil
		now := ends(samples)
		verdict := w.judge(in, now)
		in = w.input()
		in.Series, in.HasSeries = seriesOf(samples), spec.Source.Prometheus != nil
		until := verdict.NextChange
		if until.IsZero() {
			until = now.Add(10_000 * time.Hour)
		}
		if !until.After(now) {
			t.Fatalf("the next change at %s is not after %s", until, now)
		}
		between := int(until.Sub(now) / time.Second)
		for _, second := range []int{1, between - 1, rapid.IntRange(0, between-1).Draw(t, "between")} {
			at := now.Add(time.Duration(second)*time.Second + 999*time.Millisecond)
			if second < 0 || !at.Before(until) {
				continue
			}
			got := Evaluate(in, at)
			if !same(&got.Status, &verdict.Status) || got.NeverMeasuredFor != verdict.NeverMeasuredFor {
				t.Fatalf("at %s, before %s: %+v\nbecame %+v", at, until, verdict.Status, got.Status)
			}
		}
	})
}

func drawMeasurements(t *rapid.T) []v1alpha1.Measurement {
	var list []v1alpha1.Measurement
	for range rapid.IntRange(0, 8).Draw(t, "measurements") {
		day := start.AddDate(0, 0, rapid.IntRange(-30, 30).Draw(t, "day"))
		list = append(list, v1alpha1.Measurement{
			Value: v1alpha1.Decimal(fmt.Sprint(rapid.IntRange(0, 20).Draw(t, "measured"))),
			From:  v1alpha1.Date(day.Format(time.DateOnly)), To: v1alpha1.Date(day.Format(time.DateOnly)),
			TakenAt: metav1.NewTime(day.Add(time.Duration(rapid.IntRange(-40, 40).Draw(t, "taken")) * time.Hour)),
		})
	}
	return list
}
