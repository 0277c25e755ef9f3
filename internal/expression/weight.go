package expression

import (
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/overloads"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
)

const (
	// maxWeight bounds every value that an expression makes. 500 Pods, all of them filtered into a list, weigh half of it.
	maxWeight = 500_000
	// textUnit is how many bytes of text weigh as much as one number.
	textUnit = 64
)

// weigh counts what a value holds, down to its leaves, and stops counting past the limit. CEL itself knows only how many
// elements the outermost list has: [x, x] has two, and twenty such steps later a million.
func weigh(value ref.Val, limit int) int {
	switch held := value.(type) {
	case types.String:
		return 1 + len(held)/textUnit
	case types.Bytes:
		return 1 + len(held)/textUnit
	case *types.Optional:
		if !held.HasValue() {
			return 1
		}
		return 1 + weigh(held.GetValue(), limit-1)
	case traits.Mapper:
		return weighAll(held, limit, func(key ref.Val) (ref.Val, bool) { return held.Find(key) })
	case traits.Lister:
		return weighAll(held, limit, func(ref.Val) (ref.Val, bool) { return nil, false })
	default:
		return 1
	}
}

// weighAll weighs what an iterator yields, and what is found under it.
func weighAll(held traits.Iterable, limit int, find func(ref.Val) (ref.Val, bool)) int {
	total := 1
	for elements := held.Iterator(); elements.HasNext() == types.True && total <= limit; {
		element := elements.Next()
		total += weigh(element, limit-total)
		if found, ok := find(element); ok {
			total += weigh(found, limit-total)
		}
	}
	return total
}

// tooHeavy says whether a value is past what an expression may make.
func tooHeavy(value ref.Val) bool { return weigh(value, maxWeight) > maxWeight }

// deepCosts are the costs of what looks at whole values, which CEL takes for cheap.
type deepCosts struct{}

// CallCost implements interpreter.ActualCostEstimator.
func (deepCosts) CallCost(function, overload string, args []ref.Val, _ ref.Val) *uint64 {
	if len(args) != 2 {
		return nil
	}
	var cost int
	switch {
	case function == operators.Equals, function == operators.NotEquals:
		cost = min(weigh(args[0], maxWeight), weigh(args[1], maxWeight))
	case function == operators.In, overload == overloads.ExtFormatString:
		cost = weigh(args[1], maxWeight)
	default:
		return nil
	}
	charged := uint64(cost)
	return &charged
}
