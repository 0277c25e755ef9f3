package v1alpha1

// Period is a length of calendar time as an ISO 8601 period of years, months, weeks and days: "P12M", "P1W", "P90D".
// It follows the calendar (31 January and P1M is 28 or 29 February) and is never a number of hours.
//
// +kubebuilder:validation:MinLength=3
// +kubebuilder:validation:MaxLength=20
// +kubebuilder:validation:Pattern=`^P([0-9]{1,2}Y)?([0-9]{1,3}M)?([0-9]{1,3}W)?([0-9]{1,4}D)?$`
// +kubebuilder:validation:XValidation:rule="self.matches('[1-9]')",message="the period is zero: give at least one day, as in P1D"
type Period string

// Date is a civil date without a zone, "2026-03-31", between 1970 and 2199.
//
// +kubebuilder:validation:MaxLength=10
// +kubebuilder:validation:Pattern=`^(19[7-9][0-9]|2[01][0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`
// +kubebuilder:validation:Format=date
type Date string

// ComputedDate is a civil date that Gemba computed: it can lie outside the years that may be declared.
//
// +kubebuilder:validation:MaxLength=10
// +kubebuilder:validation:Pattern=`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`
type ComputedDate string

// TimeOfDay is a local time, "17:00" or "23:59:59".
//
// +kubebuilder:validation:MaxLength=8
// +kubebuilder:validation:Pattern=`^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$`
type TimeOfDay string

// ObjectName is the name of an object in the cluster.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=253
// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
type ObjectName string

// Key names an entry of a list within an object: lower-case letters, digits and hyphens.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=63
// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
type Key string

// Label is a short text of one line, such as a role or a department.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=128
type Label string

// Text is prose of a few sentences.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=2048
type Text string

// Identity is the name of a user, a team or a group as the API server knows it.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
type Identity string

// Link is an absolute http or https URL.
//
// +kubebuilder:validation:MaxLength=2048
// +kubebuilder:validation:Pattern=`^https?://[^\s]+$`
type Link string

// Digest names a text by its hash, with the version of the rule that says what is hashed: "v1:sha256:" and 64
// hexadecimal digits.
//
// +kubebuilder:validation:MaxLength=80
// +kubebuilder:validation:Pattern=`^v[0-9]{1,3}:sha256:[0-9a-f]{64}$`
type Digest string

// Duration is an elapsed time in hours, minutes and seconds, "30s", "1h30m". Each field says its bounds.
//
// +kubebuilder:validation:MinLength=2
// +kubebuilder:validation:MaxLength=20
// +kubebuilder:validation:Pattern=`^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$`
type Duration string
