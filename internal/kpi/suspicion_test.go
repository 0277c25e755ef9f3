package kpi

import (
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

func plausible(p v1alpha1.Plausibility) func(*v1alpha1.KPISpec) {
	return func(s *v1alpha1.KPISpec) { s.Plausibility = &p }
}

func TestWhatIsHardToBelieve(t *testing.T) {
	zero, hundred := v1alpha1.Decimal("0"), v1alpha1.Decimal("100")
	ratio := plausible(v1alpha1.Plausibility{Min: &zero, Max: &hundred})
	flat := plausible(v1alpha1.Plausibility{FlatAfter: 3})
	jump := plausible(v1alpha1.Plausibility{Jump: 3})
	// The median of 1 to 8 is 4.5 and their median deviation 2: three robust deviations are 8.8956.
	for name, test := range map[string]struct {
		spec  *v1alpha1.KPISpec
		story string
		want  v1alpha1.SuspectReason
		since time.Time
	}{
		"a value above the largest":            {atLeast("0", ratio), "0:99 1:100.000001", v1alpha1.SuspectOutOfRange, minutes(1)},
		"a value below the smallest":           {atLeast("0", ratio), "0:99 1:-0.000001", v1alpha1.SuspectOutOfRange, minutes(1)},
		"since the first of them":              {atLeast("0", ratio), "0:99 1:101 2:102 3:-1", v1alpha1.SuspectOutOfRange, minutes(1)},
		"not the largest nor the smallest":     {atLeast("0", ratio), "0:100 1:0", "", time.Time{}},
		"not once it is plausible again":       {atLeast("0", ratio), "0:101 1:99", "", time.Time{}},
		"the third of equal values":            {atLeast("0", flat), "0:1 1:2 2:2 3:2", v1alpha1.SuspectFlat, minutes(3)},
		"not the second":                       {atLeast("0", flat), "0:1 1:2 2:2", "", time.Time{}},
		"not where one in between differs":     {atLeast("0", flat), "0:2 1:2 2:1 3:2 4:2", "", time.Time{}},
		"equal is equal to six digits":         {atLeast("0", flat), "0:2 1:2.0000001 2:1.9999999", v1alpha1.SuspectFlat, minutes(2)},
		"a jump away from eight values":        {atLeast("0", jump), "0:1 1:2 2:3 3:4 4:5 5:6 6:7 7:8 8:13.3957", v1alpha1.SuspectJump, minutes(8)},
		"a jump downwards":                     {atLeast("-9", jump), "0:1 1:2 2:3 3:4 4:5 5:6 6:7 7:8 8:-4.3957", v1alpha1.SuspectJump, minutes(8)},
		"three deviations are none":            {atLeast("0", jump), "0:1 1:2 2:3 3:4 4:5 5:6 6:7 7:8 8:13.3956", "", time.Time{}},
		"away from seven values nothing jumps": {atLeast("0", jump), "0:1 1:2 2:3 3:4 4:5 5:6 6:7 7:900", "", time.Time{}},
		"nor away from equal ones":             {atLeast("0", jump), "0:1 1:1 2:1 3:1 4:1 5:1 6:1 7:1 8:1 9:900", "", time.Time{}},
		"a jump out of range is out of range": {
			atLeast("0", plausible(v1alpha1.Plausibility{Jump: 3, Max: &hundred})), "0:1 1:2 2:3 3:4 4:5 5:6 6:7 7:8 8:900",
			v1alpha1.SuspectOutOfRange, minutes(8),
		},
		"a corrected value is not doubted": {
			atLeast("0", ratio, corrected(minutes(1), minutes(2))), "0:99 1:101", "", time.Time{},
		},
		"nor is one without a reason to": {atLeast("0"), "0:99 1:900", "", time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			w := watch(test.spec)
			got := w.tell(t, test.story).Status.Suspect
			if (got == nil) != (test.want == "") || got != nil && (got.Reason != test.want || got.Message == "") {
				t.Fatalf("suspect is %+v, want %q; history %s", got, test.want, told(w.memory.History))
			}
			if got != nil {
				wantTime(t, "since", &got.Since, test.since)
			}
			later := w.see(w.clock, failed(w.clock, v1alpha1.SampleNoAnswer)).Status.Suspect
			if (later == nil) != (got == nil) {
				t.Fatalf("a failure made suspect %+v", later)
			}
		})
	}
}

func TestSuspicionChangesNoVerdict(t *testing.T) {
	hundred := v1alpha1.Decimal("100")
	w := watch(atLeast("85", plausible(v1alpha1.Plausibility{Max: &hundred})))
	w.tell(t, "0:900=Met 1:10=Breached 2:900=Met")
	w.spec = atLeast("85")
	if got := w.see(minutes(3)).Status.Suspect; got != nil {
		t.Fatalf("nothing says what is plausible, and suspect is %+v", got)
	}
}

func TestTheMessageOfASuspicionDoesNotMoveWithTheValue(t *testing.T) {
	hundred := v1alpha1.Decimal("100")
	w := watch(atLeast("85", plausible(v1alpha1.Plausibility{Max: &hundred})))
	first := w.tell(t, "0:900").Status.Suspect.Message
	if second := w.tell(t, "1:901").Status.Suspect.Message; second != first {
		t.Fatalf("%q became %q", first, second)
	}
}

func TestSuspicionWhileTheSeriesIsNotKnown(t *testing.T) {
	hundred := v1alpha1.Decimal("100")
	spec := atLeast("0", prometheus, plausible(v1alpha1.Plausibility{FlatAfter: 3, Max: &hundred}))
	flat := []Point{{minutes(0), 2}, {minutes(1), 2}}
	w := watch(spec)
	see := func(minute int, value float64, series []Point) *v1alpha1.KPISuspect {
		in := w.input(answered(minutes(minute), value))
		in.Series, in.HasSeries = series, series != nil
		return w.judge(in, minutes(minute)).Status.Suspect
	}
	if s := see(2, 2, flat); s == nil || s.Reason != v1alpha1.SuspectFlat {
		t.Fatalf("suspect is %+v", s)
	}
	if s := see(3, 5, nil); s == nil || s.Reason != v1alpha1.SuspectFlat {
		t.Fatalf("whether it is flat is not known, and suspect is %+v", s)
	}
	if s := see(4, 500, nil); s == nil || s.Reason != v1alpha1.SuspectOutOfRange {
		t.Fatalf("suspect is %+v", s)
	}
	if s := see(5, 5, nil); s != nil {
		t.Fatalf("it is in range, and suspect is %+v", s)
	}
	if s := see(6, 2, append(flat, Point{minutes(5), 3})); s != nil {
		t.Fatalf("it is not flat, and suspect is %+v", s)
	}
	// A point of the series at the time of the value is that value, and not one before it.
	if s := see(8, 3, []Point{{minutes(7), 3}, {minutes(8), 3}}); s != nil {
		t.Fatalf("there are two equal values, and suspect is %+v", s)
	}
}
