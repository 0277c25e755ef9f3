package kpi

import (
	"math"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// falling are values of every hour, from first to last, that begin at a value and lose some of it each hour.
func falling(first, last int, value, loss float64) []Point {
	var points []Point
	for hour := first; hour <= last; hour++ {
		points = append(points, Point{At: hours(hour), Value: value - loss*float64(hour-first)})
	}
	return points
}

// looking is a Prometheus with a series, of which a value that meets was judged before.
func looking(t *testing.T, spec *v1alpha1.KPISpec, series []Point, now time.Time) (*watcher, Verdict) {
	t.Helper()
	w := watch(spec)
	w.see(now, answered(now, 95))
	in := w.input()
	in.Series, in.HasSeries = series, true
	verdict := w.judge(in, now)
	return w, verdict
}

func TestATrendThatCrossesTheTargetIsARisk(t *testing.T) {
	within := func(s *v1alpha1.KPISpec) {
		s.Objective = v1alpha1.Objective{Within: &v1alpha1.Within{Min: "85", Max: "97"}}
	}
	atMost := func(s *v1alpha1.KPISpec) { s.Objective = v1alpha1.Objective{AtMost: &v1alpha1.AtMost{Target: "100"}} }
	rising := falling(0, 20, 90, -0.25)
	noisy := falling(0, 20, 95, 0.25)
	for i := range noisy {
		noisy[i].Value += []float64{0, 30, 0, 0, -30, 0, 0}[i%7]
	}
	// A line through these falls by a half each hour, by a chance of one in fourteen.
	scattered := falling(0, 20, 90, 0)
	for i := range scattered {
		scattered[i].Value += float64(i * 10 % 21)
	}
	// 95 at hour 0, a quarter less each hour: 90 at hour 20, 85 at hour 40.
	for name, test := range map[string]struct {
		spec    *v1alpha1.KPISpec
		series  []Point
		want    v1alpha1.KPIState
		crosses time.Time
		perDay  v1alpha1.Decimal
	}{
		"within the horizon": {
			atLeast("85", prometheus, trend("24h", "20h")), falling(0, 20, 95, 0.25), v1alpha1.KPIAtRisk, hours(40), "-6",
		},
		"beyond the horizon": {
			atLeast("85", prometheus, trend("24h", "19h")), falling(0, 20, 95, 0.25), v1alpha1.KPIMet, time.Time{}, "-6",
		},
		"already": {
			atLeast("93", prometheus, trend("24h", "1h")), falling(0, 20, 95, 0.25), v1alpha1.KPIAtRisk, hours(8), "-6",
		},
		"away from the target": {
			atLeast("85", prometheus, trend("24h", "1000h")), rising, v1alpha1.KPIMet, time.Time{}, "6",
		},
		"upwards over atMost": {
			atLeast("0", atMost, prometheus, trend("24h", "20h")), rising, v1alpha1.KPIAtRisk, hours(40), "6",
		},
		"downwards from atMost": {
			atLeast("0", atMost, prometheus, trend("24h", "1000h")), falling(0, 20, 95, 0.25), v1alpha1.KPIMet, time.Time{}, "-6",
		},
		"downwards through the lower bound of within": {
			atLeast("0", within, prometheus, trend("24h", "20h")), falling(0, 20, 95, 0.25), v1alpha1.KPIAtRisk, hours(40), "-6",
		},
		"upwards through the upper bound of within": {
			atLeast("0", within, prometheus, trend("24h", "8h")), rising, v1alpha1.KPIAtRisk, hours(28), "6",
		},
		"through values of which some are wrong": {
			atLeast("85", prometheus, trend("24h", "20h")), noisy, v1alpha1.KPIAtRisk, hours(40), "-6",
		},
		"not where chance may have laid the line": {
			atLeast("85", prometheus, trend("24h", "9000h")), scattered, v1alpha1.KPIMet, time.Time{}, "",
		},
		"not with seven values": {
			atLeast("85", prometheus, trend("12h", "40h")), falling(14, 20, 95, 0.25), v1alpha1.KPIMet, time.Time{}, "",
		},
		"with eight values that cover half of the window": {
			atLeast("85", prometheus, trend("14h", "40h")), falling(13, 20, 95, 0.25), v1alpha1.KPIAtRisk, hours(53), "-6",
		},
		"not where they cover less": {
			atLeast("85", prometheus, trend("15h", "40h")), falling(13, 20, 95, 0.25), v1alpha1.KPIMet, time.Time{}, "",
		},
		"not with values that lie before the window": {
			atLeast("85", prometheus, trend("6h", "40h")), falling(0, 20, 95, 0.25), v1alpha1.KPIMet, time.Time{}, "",
		},
		"not through values that do not count": {
			atLeast("85", prometheus, trend("24h", "20h"), corrected(hours(0), hours(18))), falling(0, 20, 95, 0.25),
			v1alpha1.KPIMet, time.Time{}, "",
		},
		"nor through equal ones": {
			atLeast("85", prometheus, trend("24h", "9000h")), falling(0, 20, 95, 0), v1alpha1.KPIMet, time.Time{}, "",
		},
		"nor through none": {
			atLeast("85", prometheus, trend("24h", "20h")), nil, v1alpha1.KPIMet, time.Time{}, "",
		},
		"and only where it is asked for": {
			atLeast("85", prometheus), falling(0, 20, 95, 0.25), v1alpha1.KPIMet, time.Time{}, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, verdict := looking(t, test.spec, test.series, hours(20))
			wantState(t, verdict, test.want)
			if verdict.Status.Judged != v1alpha1.KPIMet {
				t.Fatalf("no value led to %s", verdict.Status.Judged)
			}
			trend := verdict.Status.Trend
			if (trend == nil) != (test.perDay == "") || trend != nil && trend.PerDay != test.perDay {
				t.Fatalf("the trend is %+v, want %q a day", trend, test.perDay)
			}
			if test.crosses.IsZero() && trend != nil && trend.CrossesAt != nil {
				t.Fatalf("it crosses at %s", trend.CrossesAt)
			}
			if !test.crosses.IsZero() {
				wantTime(t, "crossesAt", trend.CrossesAt, test.crosses)
			}
		})
	}
}

func TestATrendSaysOnHowManyValuesItRests(t *testing.T) {
	spec := atLeast("85", prometheus, trend("8000h", "20h"))
	_, verdict := looking(t, spec, falling(0, 20, 95, 0.25)[:20], hours(20))
	if verdict.Status.Trend != nil {
		t.Fatal("20 hours are no half of 8000")
	}
	_, verdict = looking(t, spec, falling(-6000, 0, 95, 0.01), hours(20))
	if verdict.Status.Trend != nil {
		t.Fatal("the newest 200 hours are no half of 8000")
	}
	_, verdict = looking(t, atLeast("85", prometheus, trend("24h", "20h")), falling(-100, 20, 95, 0.01), hours(20))
	if verdict.Status.Trend == nil || verdict.Status.Trend.Samples != 25 {
		t.Fatalf("the trend is %+v, want it to rest on a day and both its ends", verdict.Status.Trend)
	}
}

func TestACrossingComesIntoReachWithTheClock(t *testing.T) {
	w, verdict := looking(t, atLeast("85", prometheus, trend("24h", "10h"), staleAfter("1000h")), falling(0, 20, 95, 0.25), hours(20))
	wantState(t, verdict, v1alpha1.KPIMet)
	if !verdict.NextChange.Equal(hours(30)) {
		t.Fatalf("the next change is %s, want %s", verdict.NextChange, hours(30))
	}
	in := w.input()
	in.Series, in.HasSeries = falling(0, 20, 95, 0.25), true
	wantState(t, w.judge(in, hours(30).Add(-time.Second)), v1alpha1.KPIMet)
	late := Evaluate(in, hours(31))
	wantState(t, late, v1alpha1.KPIAtRisk)
	wantTime(t, "stateSince, seen late", late.Status.StateSince, hours(30))
	verdict = w.judge(in, hours(30))
	wantState(t, verdict, v1alpha1.KPIAtRisk)
	wantTime(t, "stateSince", verdict.Status.StateSince, hours(30))
	if verdict.NextChange.Equal(hours(30)) || verdict.NextChange.Before(hours(31)) {
		t.Fatalf("the next change is %s", verdict.NextChange)
	}
}

func TestARiskByTrendBeganWithTheValuesThatShowedIt(t *testing.T) {
	// 85 is crossed at hour 40, which came within the horizon at hour 10: the line was not known then.
	spec := atLeast("85", prometheus, trend("24h", "30h"))
	_, verdict := looking(t, spec, falling(0, 20, 95, 0.25), hours(20).Add(30*time.Minute))
	wantState(t, verdict, v1alpha1.KPIAtRisk)
	wantTime(t, "stateSince", verdict.Status.StateSince, hours(20))
}

func TestARiskByTrendLastsUntilTheCrossingIsFarAway(t *testing.T) {
	spec := atLeast("85", prometheus, trend("24h", "20h"))
	// A line through 90 at hour 20 crosses 85 as many hours later as it loses fifths of 25 an hour.
	crossingIn := func(hours float64) []Point { return falling(0, 20, 90+20*5/hours, 5/hours) }
	w, verdict := looking(t, spec, crossingIn(20), hours(20))
	wantState(t, verdict, v1alpha1.KPIAtRisk)
	for _, turn := range []struct {
		in   float64
		want v1alpha1.KPIState
	}{{21, v1alpha1.KPIAtRisk}, {25, v1alpha1.KPIAtRisk}, {25.1, v1alpha1.KPIMet}, {25, v1alpha1.KPIMet}, {21, v1alpha1.KPIMet}, {20, v1alpha1.KPIAtRisk}} {
		in := w.input()
		in.Series, in.HasSeries = crossingIn(turn.in), true
		w.restart()
		in.Before = &w.memory
		if verdict = w.judge(in, hours(20)); verdict.Status.State != turn.want {
			t.Fatalf("with a crossing in %v hours the state is %s", turn.in, verdict.Status.State)
		}
	}
}

func TestATrendStaysWhileItsSeriesIsNotKnown(t *testing.T) {
	spec := atLeast("85", prometheus, trend("24h", "20h"))
	w, _ := looking(t, spec, falling(0, 20, 95, 0.25), hours(20))
	w.restart()
	verdict := w.see(hours(20).Add(time.Minute), answered(hours(20).Add(time.Minute), 94))
	wantState(t, verdict, v1alpha1.KPIAtRisk)
	wantTime(t, "crossesAt", verdict.Status.Trend.CrossesAt, hours(40))
	in := w.input()
	in.HasSeries = true
	verdict = w.judge(in, hours(20).Add(2*time.Minute))
	wantState(t, verdict, v1alpha1.KPIMet)
	if verdict.Status.Trend != nil {
		t.Fatalf("the trend is %+v", verdict.Status.Trend)
	}
	wantTime(t, "stateSince", verdict.Status.StateSince, hours(20).Add(2*time.Minute))
}

func TestATrendIsAboutWhatIsMet(t *testing.T) {
	spec := atLeast("85", prometheus, trend("24h", "20h"), warning("92"))
	w, verdict := looking(t, spec, falling(0, 20, 95, 0.25), hours(20))
	wantState(t, verdict, v1alpha1.KPIAtRisk)
	now := hours(20).Add(time.Minute)
	in := w.input(answered(now, 80))
	in.Series, in.HasSeries = falling(0, 20, 95, 0.25), true
	verdict = w.judge(in, now)
	wantState(t, verdict, v1alpha1.KPIBreached)
	if verdict.Status.Trend == nil || verdict.Status.Trend.CrossesAt != nil {
		t.Fatalf("there is nothing left to cross, and the trend is %+v", verdict.Status.Trend)
	}
}

func TestAnotherTargetForgetsThatTheTrendCrossed(t *testing.T) {
	w, _ := looking(t, atLeast("85", prometheus, trend("24h", "20h")), falling(0, 20, 95, 0.25), hours(20))
	// 84.5 is crossed at hour 42: beyond the horizon, within five quarters of it.
	w.spec = atLeast("84.5", prometheus, trend("24h", "20h"))
	in := w.input()
	in.Series, in.HasSeries = falling(0, 20, 95, 0.25), true
	verdict := w.judge(in, hours(20))
	wantState(t, verdict, v1alpha1.KPIAtRisk)
	wantTime(t, "crossesAt until the next value", verdict.Status.Trend.CrossesAt, hours(40))
	now := hours(20).Add(time.Minute)
	in = w.input(answered(now, 94))
	in.Series, in.HasSeries = falling(0, 20, 95, 0.25), true
	wantState(t, w.judge(in, now), v1alpha1.KPIMet)
}

func TestATrendRestsOnWhatIsWritten(t *testing.T) {
	spec := atLeast("85", trend("24h", "20h"), every("1h"))
	w := watch(spec)
	for _, p := range falling(0, 20, 95, 0.25) {
		w.see(p.At, answered(p.At, p.Value))
	}
	wantState(t, Verdict{Status: w.memory}, v1alpha1.KPIAtRisk)
	w.restart()
	verdict := w.see(hours(20).Add(time.Minute))
	wantState(t, verdict, v1alpha1.KPIAtRisk)
	wantTime(t, "crossesAt", verdict.Status.Trend.CrossesAt, hours(40))
}

func TestATrendOfMeasurementsByHand(t *testing.T) {
	var list []v1alpha1.Measurement
	for week := range 12 {
		day := time.Date(2026, time.January, 5+7*week, 0, 0, 0, 0, time.UTC)
		date := v1alpha1.Date(day.Format(time.DateOnly))
		m := byHand("0", string(date), string(date), "2026-12-01T00:00:00Z")
		m.Value, _ = DecimalOf(95 - float64(week)*0.5)
		m.TakenAt.Time = day.Add(24 * time.Hour)
		list = append(list, m)
	}
	verdict := Evaluate(Input{Spec: atLeast("85", measuredByHand(list...), trend("2160h", "2160h"))}, utc("2026-03-25T00:00:00Z"))
	wantState(t, verdict, v1alpha1.KPIAtRisk)
	wantTime(t, "crossesAt", verdict.Status.Trend.CrossesAt, time.Date(2026, time.January, 5+140, 23, 59, 59, 0, time.UTC))
}

func TestATrendTooSteepForADecimalIsTheLargest(t *testing.T) {
	series := make([]Point, 0, 60)
	for i := range 60 {
		series = append(series, Point{At: minutes(i), Value: 9e11 - 1e10*float64(i)})
	}
	_, verdict := looking(t, atLeast("0", prometheus, trend("1h", "1h")), series, minutes(60))
	if trend := verdict.Status.Trend; trend == nil || trend.PerDay != "-999999999999" || trend.CrossesAt == nil {
		t.Fatalf("the trend is %+v", trend)
	}
}

func TestACrossingFurtherAwayThanACenturyIsNone(t *testing.T) {
	a, _ := aimOf(&atLeast("85").Objective)
	for _, slope := range []float64{-1e-12, -1e-300, -math.SmallestNonzeroFloat64, 0} {
		if at, ok := a.crossing(Line{PerSecond: slope, Origin: start, Intercept: 95}); ok {
			t.Fatalf("a slope of %v crosses at %s", slope, at)
		}
	}
}
