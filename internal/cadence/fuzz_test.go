package cadence

import "testing"

func FuzzParsePeriod(f *testing.F) {
	for _, seed := range []string{"P12M", "P1Y2M3W4D", "P0D", "P", "PT1H", "P99Y999M999W9999D", "P400Y", "p1d", "P1D\n", "P\u0661D"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePeriod(text)
		if err != nil {
			return
		}
		if p.IsZero() {
			t.Fatalf("%q is zero", text)
		}
		if again, err := ParsePeriod(p.String()); err != nil || again != p {
			t.Fatalf("%q is %+v, written %q, read %+v: %v", text, p, p, again, err)
		}
		start := Date{Year: 2024, Month: 2, Day: 29}
		previous := start
		for n := 1; n < 20; n++ {
			next := p.AddTo(start, n)
			if !next.After(previous) {
				t.Fatalf("%q: %s is not after %s", text, next, previous)
			}
			previous = next
		}
	})
}

func FuzzCompileRRule(f *testing.F) {
	for _, seed := range []string{
		"FREQ=WEEKLY;BYDAY=FR", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31",
		"RRULE:FREQ=DAILY;INTERVAL=999", "FREQ=SECONDLY", "FREQ=DAILY;BYSETPOS=366;BYDAY=SU", "FREQ=YEARLY;BYDAY=-53MO,53SU",
		"FREQ=MONTHLY;BYMONTHDAY=-31,31;BYMONTH=2", "FREQ=WEEKLY;INTERVAL=7;BYMONTH=2", "FREQ=YEARLY;INTERVAL=100;BYMONTH=2;BYMONTHDAY=29",
	} {
		f.Add(seed, "2026-01-31")
		f.Add(seed, "")
	}
	f.Fuzz(func(t *testing.T, text, start string) {
		s, err := Compile(Spec{RRule: text, StartDate: start})
		if err != nil {
			return
		}
		now := noon("2026-05-05")
		before := now
		for range 20 {
			o, ok := s.Next(before)
			if !ok {
				return
			}
			if !o.Due.After(before) || o.Opens.After(o.Due) {
				t.Fatalf("%q: %+v follows %s", text, o, before)
			}
			before = o.Due
		}
		Evaluate(Input{Requirement: Requirement{Schedule: s}, InEffectSince: &Date{Year: 2020, Month: 1, Day: 1}}, now)
	})
}
