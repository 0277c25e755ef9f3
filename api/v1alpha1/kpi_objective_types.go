package v1alpha1

// AtLeast is an objective that is met from a target upwards.
//
// +kubebuilder:validation:XValidation:rule="!has(self.warning) || double(self.warning) >= double(self.target)",message="the warning of atLeast lies at or above its target: values between the two are at risk"
type AtLeast struct {
	// target from which the objective is met.
	Target Decimal `json:"target"`
	// warning below which the KPI is at risk. Default: none.
	// +optional
	Warning *Decimal `json:"warning,omitempty"`
}

// AtMost is an objective that is met up to a target.
//
// +kubebuilder:validation:XValidation:rule="!has(self.warning) || double(self.warning) <= double(self.target)",message="the warning of atMost lies at or below its target: values between the two are at risk"
type AtMost struct {
	// target up to which the objective is met.
	Target Decimal `json:"target"`
	// warning above which the KPI is at risk. Default: none.
	// +optional
	Warning *Decimal `json:"warning,omitempty"`
}

// Within is an objective that is met between two bounds.
//
// +kubebuilder:validation:XValidation:rule="double(self.min) < double(self.max)",message="min must be below max"
// +kubebuilder:validation:XValidation:rule="!has(self.margin) || (double(self.margin) >= 0.0 && 2.0 * double(self.margin) <= double(self.max) - double(self.min))",message="margin must be at least 0 and at most half of what lies between min and max"
type Within struct {
	// min from which the objective is met.
	Min Decimal `json:"min"`
	// max up to which the objective is met.
	Max Decimal `json:"max"`
	// margin within the bounds in which the KPI is at risk. Default: none.
	// +optional
	Margin *Decimal `json:"margin,omitempty"`
}

// Objective says which values are good; exactly one way.
//
// +kubebuilder:validation:XValidation:rule="(has(self.atLeast) ? 1 : 0) + (has(self.atMost) ? 1 : 0) + (has(self.within) ? 1 : 0) == 1",message="say which values are good: give exactly one of atLeast, atMost and within"
type Objective struct {
	// atLeast is met from a target upwards.
	// +optional
	AtLeast *AtLeast `json:"atLeast,omitempty"`
	// atMost is met up to a target.
	// +optional
	AtMost *AtMost `json:"atMost,omitempty"`
	// within is met between two bounds.
	// +optional
	Within *Within `json:"within,omitempty"`
}
