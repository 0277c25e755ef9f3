package cadence

import (
	"fmt"
	"testing"
)

// BenchmarkEvaluate is a weekly requirement with three years of reviews, the worst case that is common.
func BenchmarkEvaluate(b *testing.B) {
	for name, spec := range map[string]Spec{
		"weekly rule":     {RRule: "FREQ=WEEKLY;BYDAY=FR", TimeZone: "Europe/Berlin", LeadTimes: []string{"P2D"}},
		"weekly rolling":  {Every: "P1W", TimeZone: "Europe/Berlin", LeadTimes: []string{"P2D"}},
		"annual, limited": {Every: "P12M", LeadTimes: []string{"P1M", "P1W"}},
	} {
		b.Run(name, func(b *testing.B) {
			in := Input{Requirement: annualFull(compiled(b, spec)), InEffectSince: ptr(day("2023-01-01"))}
			for week := range 156 {
				d := day("2023-01-04").AddDays(7 * week)
				in.Held = append(in.Held, Held{Name: fmt.Sprint("r", week), HeldAt: noon(d.String()), Outcome: Approved})
			}
			now := utc("2026-01-02")
			b.ReportAllocs()
			for b.Loop() {
				Evaluate(in, now)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for name, spec := range map[string]Spec{
		"rule":              {RRule: "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", TimeZone: "Europe/Berlin"},
		"every":             {Every: "P12M"},
		"rule that is rare": {RRule: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU"},
		"rule that never occurs, day by day": {
			RRule: "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if s, err := Compile(spec); s == nil && err == nil {
					b.Fatal("neither compiled nor refused")
				}
			}
		})
	}
}
