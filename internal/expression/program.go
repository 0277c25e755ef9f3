package expression

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
)

const (
	// maxSeconds is the end of the year 9999, the last second that RFC 3339 can write.
	maxSeconds = 253402300799
	// maxTime bounds an evaluation whose caller has more patience.
	maxTime = 500 * time.Millisecond
)

// What errors wrap, to be asked for with errors.Is.
var (
	// ErrText says that the value is a text where a number is wanted.
	ErrText = errors.New("the value is a text; convert it with double(...)")
	// ErrNothing says that the value is null, or an optional without a value.
	ErrNothing = errors.New("there is no value")
	// ErrTooCostly says that the evaluation was ended because it costs too much, or takes too long.
	ErrTooCostly = errors.New("the evaluation is too costly; make the expression simpler")
)

// Program is an expression that can be evaluated. It is safe for concurrent use.
type Program struct {
	text    string
	program cel.Program
}

// Number evaluates the expression to a number: an int, a uint or a double, which may be infinite or not a number. Errors
// are sentences that hold nothing of the variables, so that nobody can have a document shown by making a conversion fail.
func (p *Program) Number(ctx context.Context, variables map[string]any) (float64, error) {
	value, err := p.evaluate(ctx, variables)
	if err != nil {
		return 0, err
	}
	switch number := value.(type) {
	case types.Int:
		return float64(number), nil
	case types.Uint:
		return float64(number), nil
	case types.Double:
		return float64(number), nil
	case types.String:
		return 0, ErrText
	case types.Bool:
		return 0, errors.New("the value is true or false and no number; write (...) ? 1.0 : 0.0")
	default:
		return 0, fmt.Errorf("the value is of the type %s and no number; take one element of it with double(...), or count "+
			"with size()", value.Type().TypeName())
	}
}

// Time evaluates the expression to a time in UTC: a timestamp, a text as RFC 3339 writes it, or the seconds since
// 1970-01-01T00:00:00Z as a number.
func (p *Program) Time(ctx context.Context, variables map[string]any) (time.Time, error) {
	value, err := p.evaluate(ctx, variables)
	if err != nil {
		return time.Time{}, err
	}
	switch at := value.(type) {
	case types.Timestamp:
		return at.UTC(), nil
	case types.String:
		parsed, err := time.Parse(time.RFC3339, strings.TrimSpace(string(at)))
		if err != nil {
			return time.Time{}, errors.New("the time is a text that is not RFC 3339, such as 2026-01-31T08:00:00Z")
		}
		return parsed.UTC(), nil
	case types.Int:
		return seconds(float64(at))
	case types.Uint:
		return seconds(float64(at))
	case types.Double:
		return seconds(float64(at))
	default:
		return time.Time{}, fmt.Errorf("the time is of the type %s; make it a timestamp(...)", value.Type().TypeName())
	}
}

// seconds is a time by what has passed since 1970.
func seconds(since float64) (time.Time, error) {
	if !(since >= 0 && since <= maxSeconds) {
		return time.Time{}, errors.New("the time is a number that is not in seconds since 1970-01-01")
	}
	whole, part := math.Modf(since)
	return time.Unix(int64(whole), int64(part*float64(time.Second))).UTC(), nil
}

// evaluate gives the value, taken out of an optional where it is in one.
func (p *Program) evaluate(ctx context.Context, variables map[string]any) (value ref.Val, err error) {
	defer func() {
		if recover() != nil {
			value, err = nil, errors.New("the expression cannot be evaluated; make it simpler")
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	value, _, err = p.program.ContextEval(ctx, variables)
	if err != nil {
		return nil, p.failure(ctx, err)
	}
	if optional, isOptional := value.(*types.Optional); isOptional {
		if !optional.HasValue() {
			return nil, ErrNothing
		}
		value = optional.GetValue()
	}
	if _, isNull := value.(types.Null); isNull {
		return nil, ErrNothing
	}
	return value, nil
}

// known are the errors that are told: those of the library that name at most types, and those of the bounds.
var known = regexp.MustCompile(`^(no such overload|no such key|no such field|index out of bounds|division by zero|` +
	`modulus by zero|(integer|unsigned integer|duration|timestamp)? ?overflow|invalid argument|` +
	`type conversion error from '[a-z._A-Z]+' to '[a-z._A-Z]+'|unsupported index type|lists\.range|invalid qualifier type|` +
	`the arguments of [a-zA-Z+]+ are too large|a list or a map grows too large)`)

// failure tells why there is no value.
func (p *Program) failure(ctx context.Context, cause error) error {
	text := cause.Error()
	if ctx.Err() != nil || strings.Contains(text, "cost limit exceeded") {
		return ErrTooCostly
	}
	what := known.FindString(text)
	if what == "" {
		return errors.New("the expression fails on what it is given")
	}
	// A key that stands in the expression is no secret, and the commonest slip.
	if _, key, found := strings.Cut(text, "no such key: "); found && strings.Contains(p.text, key) {
		what += ": " + key
	}
	return errors.New("the expression fails: " + oneLine(what))
}
