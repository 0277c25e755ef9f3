package sampling

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/kpi"
	"github.com/gemba-dev/gemba/internal/source"
)

const (
	// shortestEvery bounds how often one question is asked, whatever its plans say.
	shortestEvery = time.Second
	// longestEvery keeps arithmetic with intervals from overflowing.
	longestEvery = 10 * 366 * 24 * time.Hour
	// maxSamples is how many samples are kept for a KPI that nobody takes.
	maxSamples = 32
)

// Plan says what a KPI wants to know, and how often.
type Plan struct {
	// KPI that wants to know it.
	KPI types.NamespacedName
	// Question that is asked. Its Asker must not be nil; of those declared for the same question the last is used.
	Question source.Question
	// Every is the interval, a second at least.
	Every time.Duration
	// AskedAt is when it was last asked, as far as the status of the KPI knows; zero: never. It is not asked again
	// before its turn. It is read when the KPI is first declared and not after.
	AskedAt time.Time
	// Window and Step say which values of the past are wanted. Zero: none. They matter where the Asker is a Historian.
	Window, Step time.Duration
	// Limits of the lane. The last that were declared hold.
	Limits Limits
}

// Limits bound how a lane is asked. The zero value stands for the defaults of a MetricSource.
type Limits struct {
	// PerSecond is how many questions are asked in a second; after a rest, as many at once. Default: 20.
	PerSecond int
	// Concurrent is how many questions are under way at once. Default: 4.
	Concurrent int
	// Timeout of one question. Default: 10 s.
	Timeout time.Duration
}

// Knowledge is what was learnt for a KPI.
type Knowledge struct {
	// TriedSince is since when this process has been trying to get an answer; zero: not yet.
	TriedSince time.Time
	// Samples since they were last taken, the oldest first; the newest 32 of them.
	Samples []kpi.Sample
	// Series are values of the past as the source keeps them, the oldest first. They are shared: do not change them.
	Series []kpi.Point
	// HasSeries is true where the source was asked for the past and told it, if only that there is none. Where it is
	// false although the plan has a window, nothing is known of the past.
	HasSeries bool
}

// Observer is told of every ask, for metrics. It is called by many goroutines at once and must not block.
type Observer interface {
	// Asked tells what came of asking, how long it took, and how long after it was due it began.
	Asked(lane string, result v1alpha1.SampleResult, took, late time.Duration)
}

// Options are what a Sampler can do without. The zero value is ready to use.
type Options struct {
	// Observer is told of every ask. Default: nobody.
	Observer Observer
	// Jitter gives numbers in [0, 1) that pauses are drawn with. Default: random ones.
	Jitter func() float64
}

// span is which values of the past are wanted. The zero value wants none.
type span struct{ window, step time.Duration }

// span is zero where the source keeps no past.
func (p *Plan) span() span {
	if _, keeps := p.Question.Asker.(source.Historian); !keeps || p.Window <= 0 || p.Step <= 0 {
		return span{}
	}
	return span{p.Window, p.Step}
}

func (p *Plan) every() time.Duration { return min(max(p.Every, shortestEvery), longestEvery) }

// orDefaults fills in what is not said.
func (l Limits) orDefaults() Limits {
	if l.PerSecond <= 0 {
		l.PerSecond = 20
	}
	if l.Concurrent <= 0 {
		l.Concurrent = 4
	}
	if l.Timeout <= 0 {
		l.Timeout = 10 * time.Second
	}
	return l
}
