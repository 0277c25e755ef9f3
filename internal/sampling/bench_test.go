package sampling

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"
)

// declared is a sampler with KPIs that ask a number of different questions, and its clock.
func declared(kpis, questions int) (*Sampler, *clocktesting.FakeClock) {
	clock := clocktesting.NewFakeClock(monday)
	s := NewSampler(clock, Options{})
	for i := range kpis {
		s.Declare(plan(named("k", i), fmt.Sprint("q", i%questions), &still{}))
	}
	return s, clock
}

// still answers and remembers nothing.
type still struct{ oracle }

func BenchmarkDeclare(b *testing.B) {
	for name, next := range map[string]func(i int) Plan{
		"the same again": func(i int) Plan { return plan(named("k", i%5000), fmt.Sprint("q", i%5000%50), nil) },
		"a new question": func(i int) Plan { return plan(named("k", i%5000), fmt.Sprint("new ", i), nil) },
	} {
		b.Run(name, func(b *testing.B) {
			s, _ := declared(5000, 50)
			plans := make([]Plan, 20_000)
			for i := range plans {
				plans[i] = next(i)
			}
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				s.Declare(plans[i%len(plans)])
				i++
			}
		})
	}
}

// BenchmarkInterval asks all that 5,000 KPIs want to know in an interval, and hands it to each of them.
func BenchmarkInterval(b *testing.B) {
	for _, questions := range []int{50, 5000} {
		b.Run(fmt.Sprint(questions, " questions"), func(b *testing.B) {
			s, clock := declared(5000, questions)
			clock.Step(longestSpread)
			s.AskDue(b.Context())
			asks := 0
			b.ReportAllocs()
			for b.Loop() {
				clock.Step(time.Minute)
				asks += s.AskDue(b.Context())
				for i := range 5000 {
					s.Take(named("k", i))
				}
			}
			b.ReportMetric(float64(asks)/float64(b.N), "asks/op")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/5000, "ns/KPI")
		})
	}
}

// BenchmarkMemory tells how much a KPI takes, with one sample that waits to be taken.
func BenchmarkMemory(b *testing.B) {
	const kpis = 20_000
	for _, questions := range []int{50, kpis} {
		b.Run(fmt.Sprint(kpis, " KPIs, ", questions, " questions"), func(b *testing.B) {
			var before, after runtime.MemStats
			for b.Loop() {
				runtime.GC()
				runtime.ReadMemStats(&before)
				s, clock := declared(kpis, questions)
				clock.Step(longestSpread)
				for clock.Step(time.Second); s.AskDue(b.Context()) > 0; {
					clock.Step(time.Second)
				}
				runtime.GC()
				runtime.ReadMemStats(&after)
				runtime.KeepAlive(s)
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/kpis, "B/KPI")
		})
	}
}
