package source

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/expression"
	"github.com/gemba-dev/gemba/internal/kpi"
)

// ahead is by how much the clock of a source may be ahead of ours.
const ahead = 5 * time.Minute

// finding is what came of asking. Either there is a value, or a result and a message say why not.
type finding struct {
	at      time.Time
	value   float64
	result  v1alpha1.SampleResult
	message string
}

// found is a value and when it was true.
func found(at time.Time, value float64) finding {
	return finding{at: at, value: value, result: v1alpha1.SampleAnswered}
}

// missing says why there is no value, and what to do.
func missing(result v1alpha1.SampleResult, what, advice string) finding {
	return finding{result: result, message: sentence(what, advice)}
}

// sampled asks and makes a sample of what comes of it. A panic in a library that reads what another system wrote is a
// sample like any other: the manager goes on.
func sampled(now time.Time, ask func() finding) (sample kpi.Sample) {
	defer func() {
		if recover() != nil {
			sample = kpi.Sample{AskedAt: now, Result: v1alpha1.SampleInvalid, Message: "The answer cannot be read."}
		}
	}()
	come := checked(ask(), now)
	if come.result != v1alpha1.SampleAnswered {
		return kpi.Sample{AskedAt: now, Result: come.result, Message: come.message}
	}
	return kpi.Sample{AskedAt: now, At: come.at.UTC(), Value: come.value, Result: v1alpha1.SampleAnswered}
}

// checked refuses values that cannot be judged. A time far ahead would make every value after it look old.
func checked(come finding, now time.Time) finding {
	switch {
	case come.result != v1alpha1.SampleAnswered:
		return come
	case math.IsNaN(come.value):
		return missing(v1alpha1.SampleNotANumber, "the value is not a number (NaN), as after a division of zero by zero",
			"Ask for something that has a value then too.")
	case math.IsInf(come.value, 0):
		return missing(v1alpha1.SampleNotANumber, "the value is infinite, as after a division by zero",
			"Ask for something that has a value then too.")
	case come.at.Before(time.Unix(0, 0)), come.at.After(now.Add(ahead)):
		return missing(v1alpha1.SampleInvalid, "the time of the value lies before 1970 or ahead of the clock",
			"Look at the time in the answer, its zone and its unit.")
	case come.at.After(now):
		come.at = now
	}
	return come
}

// extract takes the value, and the time where one is asked for, out of a document.
func (e extraction) extract(ctx context.Context, now time.Time, document any) finding {
	variables := map[string]any{e.variable: document}
	value, err := e.programs.compile(program{e.value, e.variable})
	if err != nil {
		return missing(v1alpha1.SampleInvalid, "the expression value cannot be used: "+err.Error(), "")
	}
	number, err := value.Number(ctx, variables)
	if err != nil {
		return inexpressible(ctx, "value", err)
	}
	if e.time == "" {
		return found(now, number)
	}
	when, err := e.programs.compile(program{e.time, e.variable})
	if err != nil {
		return missing(v1alpha1.SampleInvalid, "the expression time cannot be used: "+err.Error(), "")
	}
	at, err := when.Time(ctx, variables)
	if err != nil {
		return inexpressible(ctx, "time", err)
	}
	return found(at, number)
}

// inexpressible tells what came of an expression that gives nothing to judge.
func inexpressible(ctx context.Context, field string, err error) finding {
	what := "the expression " + field + " gives nothing: " + err.Error()
	switch {
	case ctx.Err() != nil:
		return missing(v1alpha1.SampleNoAnswer, "the answer came too late to be read", "It is asked for again.")
	case errors.Is(err, expression.ErrText):
		return missing(v1alpha1.SampleNotANumber, what, "")
	case errors.Is(err, expression.ErrNothing):
		return missing(v1alpha1.SampleEmpty, what, "")
	default:
		return missing(v1alpha1.SampleInvalid, what, "")
	}
}
