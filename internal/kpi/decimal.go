package kpi

import (
	"math"
	"strconv"
	"strings"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// micros is a Decimal in millionths. Twelve digits before the point and six after it fit into an int64, so that comparing
// with a bound, and adding a margin to one, is exact.
type micros int64

const (
	microDigits = 6
	maxDigits   = 12
	perUnit     = 1e6
	tooLarge    = 1e12
)

// DecimalOf rounds to six digits after the point; ok is false for what is no number, is infinite, or has more than twelve
// digits before the point.
func DecimalOf(value float64) (d v1alpha1.Decimal, ok bool) {
	if math.IsNaN(value) || math.Abs(value) >= tooLarge {
		return "", false
	}
	// The largest float below tooLarge ends in .99988: rounding adds no digit before the point.
	text := strconv.FormatFloat(value, 'f', microDigits, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		return v1alpha1.Decimal(whole + "." + fraction), true
	}
	if whole == "-0" {
		return "0", true
	}
	return v1alpha1.Decimal(whole), true
}

// nearestDecimal is DecimalOf, and the nearest Decimal there is where it is too large. NaN is none.
func nearestDecimal(value float64) (d v1alpha1.Decimal, ok bool) {
	const largest = tooLarge - 1
	return DecimalOf(max(min(value, largest), -largest))
}

// microsOf reads a Decimal; ok is false where it is none.
func microsOf(d v1alpha1.Decimal) (value micros, ok bool) {
	text, negative := strings.CutPrefix(string(d), "-")
	whole, fraction, pointed := strings.Cut(text, ".")
	if whole == "" || len(whole) > maxDigits || len(fraction) > microDigits || pointed && fraction == "" {
		return 0, false
	}
	n, err := strconv.ParseUint(whole, 10, 63)
	millionths, err2 := strconv.ParseUint((fraction + "000000")[:microDigits], 10, 63)
	if err != nil || err2 != nil {
		return 0, false
	}
	value = micros(n)*perUnit + micros(millionths)
	if negative {
		value = -value
	}
	return value, true
}

// optional reads a Decimal that may be absent, or be none.
func optional(d *v1alpha1.Decimal) (value micros, ok bool) {
	if d == nil {
		return 0, false
	}
	return microsOf(*d)
}

// float is the number nearest to m.
func (m micros) float() float64 { return float64(m) / perUnit }

// decimal writes m as a Decimal. One that is read from a Decimal always has at most twelve digits before the point.
func (m micros) decimal() v1alpha1.Decimal {
	sign, n := "", m
	if n < 0 {
		sign, n = "-", -n
	}
	whole := strconv.FormatInt(int64(n/perUnit), 10)
	fraction := strconv.FormatInt(int64(n%perUnit)+perUnit, 10)[1:]
	if fraction = strings.TrimRight(fraction, "0"); fraction != "" {
		whole += "." + fraction
	}
	return v1alpha1.Decimal(sign + whole)
}
