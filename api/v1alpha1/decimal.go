package v1alpha1

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
)

// decimalPattern is the form of a Decimal; the schema carries the same one.
var decimalPattern = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$`)

// Decimal is an exact decimal number, written as an integer or as a string: 50, "0.5", "-12.75". It has at most twelve
// digits before the point and six after it.
//
// It decodes from any JSON string or number, so that an object that the API server has stored never fails to decode;
// what does not have the form of a Decimal is told by Rat.
//
// +kubebuilder:validation:Type=""
// +kubebuilder:validation:XIntOrString
// +kubebuilder:validation:MaxLength=20
// +kubebuilder:validation:Pattern=`^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$`
// +kubebuilder:validation:XValidation:rule="type(self) == string || (self >= -999999999999 && self <= 999999999999)",message="the number is out of bounds: at most twelve digits before the point"
// +kubebuilder:object:generate=false
type Decimal string

// UnmarshalJSON takes a JSON string or number; it fails on nothing else that the schema lets pass.
func (d *Decimal) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		var text string
		if err := json.Unmarshal(data, &text); err != nil {
			return fmt.Errorf("decode decimal: %w", err)
		}
		*d = Decimal(text)
		return nil
	}
	*d = Decimal(data)
	return nil
}

// Rat gives the number exactly; ok is false where the text is not a Decimal.
func (d Decimal) Rat() (value *big.Rat, ok bool) {
	if !decimalPattern.MatchString(string(d)) {
		return nil, false
	}
	return new(big.Rat).SetString(string(d))
}
