package kpi

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

func TestHowOftenAndHowOld(t *testing.T) {
	for name, test := range map[string]struct {
		spec         *v1alpha1.KPISpec
		every, stale time.Duration
	}{
		"nothing said":                    {atLeast("1"), time.Minute, 3 * time.Minute},
		"measured by hand":                {atLeast("1", measuredByHand()), 744 * time.Hour, 2232 * time.Hour},
		"every said":                      {atLeast("1", every("1h30m")), 90 * time.Minute, 270 * time.Minute},
		"staleAfter said":                 {atLeast("1", staleAfter("10m")), time.Minute, 10 * time.Minute},
		"both said, measured by hand":     {atLeast("1", measuredByHand(), every("24h"), staleAfter("48h")), 24 * time.Hour, 48 * time.Hour},
		"what cannot be read is not said": {atLeast("1", every("soon"), staleAfter("-1h")), time.Minute, 3 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			if e, s := Every(test.spec), StaleAfter(test.spec); e != test.every || s != test.stale {
				t.Fatalf("every %s, stale after %s", e, s)
			}
		})
	}
}

func TestKPIsAreSpreadOverAnInterval(t *testing.T) {
	const every = time.Minute
	var quarters [4]int
	for i := range 4000 {
		key := "shop/kpi-" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + time.Duration(i).String()
		offset := Offset(key, every)
		if offset < 0 || offset >= every {
			t.Fatalf("%s lies outside of the interval", offset)
		}
		if offset != Offset(key, every) {
			t.Fatalf("the offset of %s moves", key)
		}
		quarters[offset*4/every]++
	}
	for _, n := range quarters {
		if n < 850 || n > 1150 {
			t.Fatalf("4000 KPIs are spread as %v", quarters)
		}
	}
	if Offset("shop/kpi", 0) != 0 || Offset("shop/kpi", -time.Second) != 0 {
		t.Fatal("no interval has an offset")
	}
	if got := Offset("shop/refund-time", time.Hour); got != 50*time.Minute+45*time.Second+516549257*time.Nanosecond {
		t.Fatalf("the offset of a known key moved to %s: all KPIs would move with an upgrade", got)
	}
}

func TestHowFarBackValuesAreNeeded(t *testing.T) {
	proxy := func(window, lag v1alpha1.Period) func(*v1alpha1.KPISpec) {
		return func(s *v1alpha1.KPISpec) { s.ProxyFor = &v1alpha1.ProxyFor{Window: window, Lag: lag} }
	}
	zero := v1alpha1.Decimal("0")
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		spec         *v1alpha1.KPISpec
		window, step time.Duration
	}{
		"for nothing":                        {atLeast("1"), 0, 0},
		"for a range that is plausible":      {atLeast("1", plausible(v1alpha1.Plausibility{Min: &zero})), 0, 0},
		"for a trend":                        {atLeast("1", trend("199h", "1h")), 199 * time.Hour, time.Hour},
		"for a trend of two weeks, unsaid":   {atLeast("1", trend("", "")), 336 * time.Hour, 6079 * time.Second},
		"in steps no shorter than every":     {atLeast("1", trend("199h", "1h"), every("2h")), 199 * time.Hour, 2 * time.Hour},
		"in steps of whole seconds":          {atLeast("1", trend("200h", "1h")), 200 * time.Hour, 3619 * time.Second},
		"for a proxy, window and lag":        {atLeast("1", proxy("P100D", "P99D")), 199 * day, day},
		"for a proxy of half a year, unsaid": {atLeast("1", proxy("", "P17D")), 199 * day, day},
		"for a proxy over months":            {atLeast("1", proxy("P12M", "P1Y")), 2 * 31_556_952 * time.Second, 317_156 * time.Second},
		"for five equal values":              {atLeast("1", plausible(v1alpha1.Plausibility{FlatAfter: 5})), 5 * time.Minute, time.Minute},
		"for a jump":                         {atLeast("1", plausible(v1alpha1.Plausibility{FlatAfter: 5, Jump: 6})), 50 * time.Minute, time.Minute},
		"for all of them":                    {atLeast("1", trend("199h", "1h"), proxy("P100D", "P99D"), plausible(v1alpha1.Plausibility{Jump: 6})), 199 * day, day},
		"at most for a century":              {atLeast("1", proxy("P99Y999M999W9999D", "P99Y999M999W9999D")), longestLookBack, 15_857_765 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			window, step, ok := SeriesSpan(test.spec, 0)
			if window != test.window || step != test.step || ok != (test.window > 0) {
				t.Fatalf("%s in steps of %s, %v", window, step, ok)
			}
			if ok && int(window/step)+1 > pointsAtMost {
				t.Fatalf("these are %d values", int(window/step)+1)
			}
		})
	}
}

func TestTheObjectiveInAFewWords(t *testing.T) {
	unit := func(u string) func(*v1alpha1.KPISpec) { return func(s *v1alpha1.KPISpec) { s.Unit = u } }
	objective := func(o v1alpha1.Objective) func(*v1alpha1.KPISpec) {
		return func(s *v1alpha1.KPISpec) { s.Objective = o }
	}
	for want, spec := range map[string]*v1alpha1.KPISpec{
		">= 85 %":                          atLeast("85", unit("%")),
		">= -0.5":                          atLeast("-0.5", warning("1")),
		"<= 240 s":                         atLeast("", objective(v1alpha1.Objective{AtMost: &v1alpha1.AtMost{Target: "240"}}), unit("s")),
		"5 to 9":                           atLeast("", objective(v1alpha1.Objective{Within: &v1alpha1.Within{Min: "5", Max: "9"}})),
		"":                                 atLeast("", objective(v1alpha1.Objective{}), unit("s")),
		">= 1 " + strings.Repeat("ä", 123): atLeast("1", unit(strings.Repeat("ä", 200))),
	} {
		if got := ObjectiveText(spec); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestNumbersBecomeDecimals(t *testing.T) {
	for _, test := range []struct {
		value float64
		want  v1alpha1.Decimal
		ok    bool
	}{
		{0, "0", true}, {math.Copysign(0, -1), "0", true}, {-1e-9, "0", true}, {1, "1", true}, {-1.5, "-1.5", true},
		{0.1, "0.1", true}, {1.0 / 3, "0.333333", true}, {2.0 / 3, "0.666667", true}, {100, "100", true},
		{-0.0000005001, "-0.000001", true}, {12.3456786, "12.345679", true}, {999999999999, "999999999999", true},
		{-999999999999.5, "-999999999999.5", true}, {999999999999.9999999, "", false}, {1e12, "", false}, {-1e12, "", false},
		{1e300, "", false}, {math.Inf(1), "", false}, {math.Inf(-1), "", false}, {math.NaN(), "", false},
		{math.SmallestNonzeroFloat64, "0", true}, {math.MaxFloat64, "", false},
	} {
		got, ok := DecimalOf(test.value)
		if got != test.want || ok != test.ok {
			t.Errorf("%v is %q, %v; want %q", test.value, got, ok, test.want)
		}
		if !ok {
			continue
		}
		if _, form := got.Rat(); !form {
			t.Errorf("%v became %q, which is no Decimal", test.value, got)
		}
		if exact, read := microsOf(got); !read || exact.decimal() != got {
			t.Errorf("%q is read as %d, and written as %q", got, exact, exact.decimal())
		}
	}
	for _, text := range []v1alpha1.Decimal{"", "-", "1.", ".5", "1e3", "+1", "--1", "1.2.3", "1.1234567", "1234567890123", "0x10", "1_0", " 1", "NaN"} {
		if got, ok := microsOf(text); ok {
			t.Errorf("%q was read as %d", text, got)
		}
	}
}

func TestHowLongValuesAreKeptForAProxy(t *testing.T) {
	const day = 24 * time.Hour
	proxy := atLeast("1", func(s *v1alpha1.KPISpec) { s.ProxyFor = &v1alpha1.ProxyFor{Window: "P100D", Lag: "P99D"} })
	if got := ProxySpan(proxy); got != 199*day {
		t.Fatalf("a proxy needs them for %s", got)
	}
	if got := ProxySpan(atLeast("1")); got != 0 {
		t.Fatalf("what is no proxy needs them for %s", got)
	}
	if window, step, ok := SeriesSpan(atLeast("1", trend("199h", "1h")), 199*day); !ok || window != 199*day || step != day {
		t.Fatalf("they are kept for %s in steps of %s, %v", window, step, ok)
	}
	if _, _, ok := SeriesSpan(atLeast("1"), 0); ok {
		t.Fatal("they are kept for nobody")
	}
}

func proxied(window v1alpha1.Period) func(*v1alpha1.KPISpec) {
	return func(s *v1alpha1.KPISpec) { s.ProxyFor = &v1alpha1.ProxyFor{Window: window} }
}

func TestWhatAKPIKeepsItself(t *testing.T) {
	zero := v1alpha1.Decimal("0")
	for name, test := range map[string]struct {
		spec         *v1alpha1.KPISpec
		keepFor      time.Duration
		window, step time.Duration
	}{
		"nothing, for nothing":              {atLeast("1"), 0, 0, 0},
		"nothing for plausibility":          {atLeast("1", plausible(v1alpha1.Plausibility{Min: &zero, Jump: 6})), 0, 0, 0},
		"a hundred hours in heartbeats":     {atLeast("1", trend("100h", "1h")), 0, 100 * time.Hour, time.Hour},
		"less than that in a hundred steps": {atLeast("1", trend("50h", "1h")), 0, 50 * time.Hour, 30 * time.Minute},
		"which are whole seconds":           {atLeast("1", trend("359999s", "1h")), 0, 359999 * time.Second, 3599 * time.Second},
		"and no shorter than every":         {atLeast("1", trend("4h", "1h"), every("30m")), 0, 4 * time.Hour, 30 * time.Minute},
		"a century, of what is asked once a year": {
			atLeast("1", proxied("P99Y999M999W9999D"), every("8760h")), 0, longestLookBack, 8760 * time.Hour,
		},
		"199 hours in heartbeats":                {atLeast("1", trend("199h", "1h")), 0, 199 * time.Hour, time.Hour},
		"more than that in two of them":          {atLeast("1", trend("200h", "1h")), 0, 200 * time.Hour, 2 * time.Hour},
		"two weeks, unsaid":                      {atLeast("1", trend("", "")), 0, 336 * time.Hour, 2 * time.Hour},
		"heartbeats are no shorter than every":   {atLeast("1", trend("", ""), every("5h")), 0, 336 * time.Hour, 5 * time.Hour},
		"a window of few of them in each":        {atLeast("1", trend("", ""), every("100h")), 0, 336 * time.Hour, 100 * time.Hour},
		"for another KPI, which looks back more": {atLeast("1", trend("24h", "")), 398 * time.Hour, 398 * time.Hour, 2 * time.Hour},
		"for no longer than a century": {
			atLeast("1"), 2 * longestLookBack, longestLookBack, 4405 * time.Hour,
		},
	} {
		t.Run(name, func(t *testing.T) {
			window, step, ok := keptSpan(test.spec, test.keepFor)
			if window != test.window || step != test.step || ok != (test.window > 0) {
				t.Fatalf("%s in steps of %s, %v", window, step, ok)
			}
			if ok && int(window/step)+1 > pointsAtMost {
				t.Fatalf("these are %d values", int(window/step)+1)
			}
		})
	}
}
