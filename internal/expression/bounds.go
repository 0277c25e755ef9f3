package expression

import (
	"fmt"
	"regexp/syntax"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/functions"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/overloads"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/interpreter"
)

const (
	// maxText bounds every text that an expression makes, in bytes: what a ConfigMap can hold, and some.
	maxText = 4 << 20
	// maxWork bounds what one call does that compares everything with everything.
	maxWork = 16 << 20
	// maxPattern bounds a regular expression: its length, and its size with repetitions written out.
	maxPattern = 2048
)

// bounds are checked before a call, because CEL counts the cost of a call after it.
type bounds map[string]bound

// bound is a function, by its overloads, and what its arguments must satisfy.
type bound struct {
	check     func(args []ref.Val) bool
	overloads map[string]*functions.Overload
}

// checks say, by function, whether a call is small enough. Arguments may be of any type: those that the function does not
// take are left to it.
var checks = map[string]func(args []ref.Val) bool{
	operators.Add:     smallSum,
	"replace":         smallReplacement,
	"join":            smallJoin,
	"distinct":        func(args []ref.Val) bool { return sizeOf(args[0])*weigh(args[0], maxWork) <= maxWork },
	"indexOf":         func(args []ref.Val) bool { return len(textOf(args, 0))*len(textOf(args, 1)) <= maxWork },
	"lastIndexOf":     func(args []ref.Val) bool { return len(textOf(args, 0))*len(textOf(args, 1)) <= maxWork },
	overloads.Matches: smallMatch,
}

// boundsOf finds the functions that are bounded.
func boundsOf(env *cel.Env) (bounds, error) {
	found := bounds{}
	for name, check := range checks {
		bindings, err := env.Functions()[name].Bindings()
		if err != nil || len(bindings) == 0 {
			return nil, fmt.Errorf("bounding the function %s: it has no binding: %w", name, err)
		}
		known := map[string]*functions.Overload{}
		for _, binding := range bindings {
			known[binding.Operator] = binding
		}
		found[name] = bound{check: check, overloads: known}
	}
	return found, nil
}

// apply puts a bound around a step of the plan.
func (b bounds) apply(step interpreter.InterpretableV2) interpreter.InterpretableV2 {
	switch made := step.(type) {
	case interpreter.InterpretableConstructor:
		return &boundedConstructor{InterpretableConstructor: made}
	case interpreter.InterpretableCall:
		return b.applyCall(made)
	default:
		return step
	}
}

// applyCall replaces a call by one that checks its arguments first.
func (b bounds) applyCall(call interpreter.InterpretableCall) interpreter.InterpretableV2 {
	bounded, found := b[call.Function()]
	if !found {
		return call
	}
	overload, found := bounded.overloads[call.OverloadID()]
	if !found {
		overload = bounded.overloads[call.Function()]
	}
	return interpreter.NewCall(call.ID(), call.Function(), call.OverloadID(), call.Args(), func(args ...ref.Val) ref.Val {
		if !bounded.check(args) {
			return types.NewErr("the arguments of %s are too large", spoken(call.Function()))
		}
		return flat(invoke(overload, call.Function(), args))
	})
}

// flat copies a list that CEL has put together from two: finding an element of it goes through all that it was put
// together from. The lists that macros append to are flat already.
func flat(value ref.Val) ref.Val {
	list, isList := value.(traits.Lister)
	if _, appendable := value.(traits.MutableLister); !isList || appendable {
		return value
	}
	elements := make([]ref.Val, 0, sizeOf(list))
	for all := list.Iterator(); all.HasNext() == types.True; {
		elements = append(elements, all.Next())
	}
	return types.NewRefValList(types.DefaultTypeAdapter, elements)
}

// spoken is a function as people write it.
func spoken(function string) string {
	if shown, found := operators.FindReverse(function); found {
		return shown
	}
	return function
}

// invoke calls an overload as CEL would.
func invoke(overload *functions.Overload, function string, args []ref.Val) ref.Val {
	if overload == nil || overload.OperandTrait != 0 && !args[0].Type().HasTrait(overload.OperandTrait) {
		return types.MaybeNoSuchOverloadErr(args[0])
	}
	switch {
	case overload.Unary != nil && len(args) == 1:
		return overload.Unary(args[0])
	case overload.Binary != nil && len(args) == 2:
		return overload.Binary(args[0], args[1])
	case overload.Function != nil:
		return overload.Function(args...)
	default:
		return types.NewErr("no such overload: %s", function)
	}
}

// boundedConstructor makes a list or a map and refuses one that is too heavy.
type boundedConstructor struct {
	interpreter.InterpretableConstructor
}

// Exec implements interpreter.InterpretableV2.
func (b *boundedConstructor) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	made := b.InterpretableConstructor.Exec(frame)
	if tooHeavy(made) {
		return types.NewErr("a list or a map grows too large")
	}
	return made
}

// Eval implements interpreter.Interpretable.
func (b *boundedConstructor) Eval(activation interpreter.Activation) ref.Val {
	return b.Exec(interpreter.AsFrame(activation))
}

// smallSum bounds texts and lists that are put together. Macros append one element at a time: those lists are weighed
// whenever their size is a power of two, so that making one costs no more than reading it.
func smallSum(args []ref.Val) bool {
	if len(textOf(args, 0))+len(textOf(args, 1)) > maxText {
		return false
	}
	left, right := sizeOf(args[0]), sizeOf(args[1])
	total := left + right
	if total > maxWeight {
		return false
	}
	if min(left, right) <= 1 && total&(total-1) != 0 {
		return true
	}
	heavy := weigh(args[0], maxWeight)
	return heavy <= maxWeight && heavy+weigh(args[1], maxWeight) <= maxWeight
}

// smallReplacement bounds the text that replace makes.
func smallReplacement(args []ref.Val) bool {
	text := textOf(args, 0)
	return len(text)+strings.Count(text, textOf(args, 1))*len(textOf(args, 2)) <= maxText
}

// smallJoin bounds the text that join makes.
func smallJoin(args []ref.Val) bool {
	total := sizeOf(args[0]) * len(textOf(args, 1))
	list, isList := args[0].(traits.Lister)
	if !isList {
		return true
	}
	for elements := list.Iterator(); elements.HasNext() == types.True && total <= maxText; {
		total += len(textOf([]ref.Val{elements.Next()}, 0))
	}
	return total <= maxText
}

// smallMatch bounds a regular expression, and the product of it and the text that it goes through.
func smallMatch(args []ref.Val) bool {
	pattern := textOf(args, 1)
	if len(pattern) > maxPattern {
		return false
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		// The function says what is wrong with it.
		return true
	}
	size := patternSize(parsed)
	return size <= maxPattern && (len(textOf(args, 0))+1)*size <= maxWork
}

// patternSize is about how many instructions a regular expression becomes, repetitions written out; past the limit it
// does not matter how many.
func patternSize(pattern *syntax.Regexp) int {
	size := 1 + len(pattern.Rune)/2
	for _, part := range pattern.Sub {
		size += patternSize(part)
	}
	if pattern.Op == syntax.OpRepeat {
		size *= max(pattern.Min, pattern.Max, 1)
	}
	return min(size, maxPattern+1)
}

// textOf is an argument where it is a text, and else empty.
func textOf(args []ref.Val, at int) string {
	if at >= len(args) {
		return ""
	}
	switch text := args[at].(type) {
	case types.String:
		return string(text)
	case types.Bytes:
		return string(text)
	default:
		return ""
	}
}

// sizeOf is how many elements a list has; 0 for everything else.
func sizeOf(value ref.Val) int {
	list, isList := value.(traits.Lister)
	if !isList {
		return 0
	}
	size, isInt := list.Size().(types.Int)
	if !isInt {
		return 0
	}
	return int(size)
}
