package sampling

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/kpi"
	"github.com/gemba-dev/gemba/internal/source"
)

// panicSentence tells the owner of a KPI what only an operator can look up.
const panicSentence = "Asking failed by a defect of Gemba, which its log describes."

var (
	errPanic  = errors.New("asking failed by a defect of Gemba, which its log describes")
	errNoPast = errors.New("the source keeps no values of the past any more")
)

// perform asks what an errand is about and takes in the answer. An answer that comes when the context has ended says
// nothing about the source: it is dropped.
func (s *Sampler) perform(ctx context.Context, e *errand) {
	if e.turn.past != nil {
		points, err := history(ctx, e)
		s.settle(ctx, e, func(l *lane, now time.Time) []types.NamespacedName { return l.fetched(e, points, err, now) })
		return
	}
	sample := ask(ctx, e)
	took := s.clock.Since(e.started)
	settled := s.settle(ctx, e, func(l *lane, now time.Time) []types.NamespacedName { return l.asked(e, sample, now) })
	if settled && s.options.Observer != nil {
		s.options.Observer.Asked(e.turn.group.lane.name, sample.Result, took, e.late)
	}
}

// settle takes in an answer, unless the context has ended, and tells whom it concerns.
func (s *Sampler) settle(
	ctx context.Context, e *errand, take func(l *lane, now time.Time) []types.NamespacedName,
) (settled bool) {
	now, ended, l := s.clock.Now(), ctx.Err() != nil, e.turn.group.lane
	var told []types.NamespacedName
	s.mu.Lock()
	if ended {
		l.giveBack(e)
	} else {
		told = take(l, now)
	}
	if !l.served {
		s.end(l)
	}
	s.mu.Unlock()
	s.announce(told)
	return !ended
}

// ask asks for a value.
func ask(ctx context.Context, e *errand) (sample kpi.Sample) {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	defer func() {
		if caught := recover(); caught != nil {
			report(ctx, e, caught)
			sample = kpi.Sample{Result: v1alpha1.SampleInvalid, Message: panicSentence}
		}
		sample.AskedAt = e.at
	}()
	return e.asker.Ask(ctx, e.at)
}

// history asks for values of the past.
func history(ctx context.Context, e *errand) (points []kpi.Point, err error) {
	historian, keeps := e.asker.(source.Historian)
	if !keeps {
		return nil, errNoPast
	}
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	defer func() {
		if caught := recover(); caught != nil {
			report(ctx, e, caught)
			err = errPanic
		}
	}()
	return historian.History(ctx, e.end.Add(-e.span.window), e.end, e.span.step)
}

// report logs what an asker panicked with. One odd question must not end the manager, with all the others.
func report(ctx context.Context, e *errand, caught any) {
	log.FromContext(ctx).Error(errPanic, "Recovered from a panic of an asker",
		"lane", e.turn.group.lane.name, "panic", caught, "stack", string(debug.Stack()))
}
