package kpi

import (
	"math"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// level is how good a value is.
type level int

const (
	missed level = iota
	risk
	met
)

// aim is an objective that was read. A bound that is not there is as far away as can be.
type aim struct {
	low, lowWarning   micros
	high, highWarning micros
}

const (
	noLow  = micros(math.MinInt64)
	noHigh = micros(math.MaxInt64)
)

// aimOf reads an objective; ok is false where it says nothing, which the schema does not let pass.
func aimOf(o *v1alpha1.Objective) (a aim, ok bool) {
	none := aim{low: noLow, lowWarning: noLow, high: noHigh, highWarning: noHigh}
	a = none
	switch {
	case o.AtLeast != nil:
		a.low, ok = microsOf(o.AtLeast.Target)
		a.lowWarning = a.low
		if warning, given := optional(o.AtLeast.Warning); given {
			a.lowWarning = warning
		}
	case o.AtMost != nil:
		a.high, ok = microsOf(o.AtMost.Target)
		a.highWarning = a.high
		if warning, given := optional(o.AtMost.Warning); given {
			a.highWarning = warning
		}
	case o.Within != nil:
		var lowOK, highOK bool
		a.low, lowOK = microsOf(o.Within.Min)
		a.high, highOK = microsOf(o.Within.Max)
		margin, _ := optional(o.Within.Margin)
		a.lowWarning, a.highWarning = a.low+margin, a.high-margin
		ok = lowOK && highOK
	}
	if !ok {
		return none, false
	}
	return a, true
}

// levelOf says how good a value is. A value on a bound is on its good side.
func (a aim) levelOf(value micros) level {
	switch {
	case value < a.low || value > a.high:
		return missed
	case value < a.lowWarning || value > a.highWarning:
		return risk
	default:
		return met
	}
}

// scale is the size of the objective, of which a move of more than one hundredth is worth a write: the size of the target,
// the distance between two bounds, and 1 where that is nothing.
func (a aim) scale() micros {
	var size micros
	switch {
	case a.low != noLow && a.high != noHigh:
		size = a.high - a.low
	case a.low != noLow:
		size = a.low
	case a.high != noHigh:
		size = a.high
	}
	if size == 0 {
		return perUnit
	}
	return max(size, -size)
}

const objectiveAtMost = 128

// ObjectiveText tells the objective in a few words: ">= 85 %", "<= 240 s", "5 to 9". It has at most 128 characters.
func ObjectiveText(spec *v1alpha1.KPISpec) string {
	var text string
	switch o := &spec.Objective; {
	case o.AtLeast != nil:
		text = ">= " + string(o.AtLeast.Target)
	case o.AtMost != nil:
		text = "<= " + string(o.AtMost.Target)
	case o.Within != nil:
		text = string(o.Within.Min) + " to " + string(o.Within.Max)
	default:
		return ""
	}
	if spec.Unit != "" {
		text += " " + spec.Unit
	}
	return firstCharacters(text, objectiveAtMost)
}

// firstCharacters cuts a text where it is too long for the schema, which counts characters and not bytes.
func firstCharacters(text string, most int) string {
	if len(text) <= most {
		return text
	}
	characters := []rune(text)
	return string(characters[:min(most, len(characters))])
}
