package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Anchor says what the due times hang on.
//
// +kubebuilder:validation:Enum=Completion;Calendar
type Anchor string

// The anchors.
const (
	// AnchorCompletion rolls: the next review is due one period after the last counted one.
	AnchorCompletion Anchor = "Completion"
	// AnchorCalendar is fixed: a late review does not shift the next occurrence.
	AnchorCalendar Anchor = "Calendar"
)

// Weekday is a day of the week.
//
// +kubebuilder:validation:Enum=Monday;Tuesday;Wednesday;Thursday;Friday;Saturday;Sunday
type Weekday string

// Roll says where a due day moves that is no business day.
//
// +kubebuilder:validation:Enum=Following;Preceding;ModifiedFollowing
type Roll string

// The roll rules.
const (
	// RollFollowing moves to the next business day.
	RollFollowing Roll = "Following"
	// RollPreceding moves to the business day before.
	RollPreceding Roll = "Preceding"
	// RollModifiedFollowing moves to the next business day, and to the one before where the next lies in another month.
	RollModifiedFollowing Roll = "ModifiedFollowing"
)

// BusinessDays moves due days that are no business days.
type BusinessDays struct {
	// weekend lists the days of the week on which nobody works. Default: Saturday and Sunday.
	// +kubebuilder:validation:MaxItems=6
	// +kubebuilder:default={Saturday,Sunday}
	// +listType=set
	// +optional
	Weekend []Weekday `json:"weekend,omitempty"`

	// holidays lists further dates on which nobody works.
	// +kubebuilder:validation:MaxItems=366
	// +listType=set
	// +optional
	Holidays []Date `json:"holidays,omitempty"`

	// roll says where a due day moves that is no business day. Default: Following.
	// +kubebuilder:default=Following
	// +optional
	Roll Roll `json:"roll,omitempty"`
}

// ReviewCadenceSpec says when reviews fall due. It is pure time: who reviews and who is told stand elsewhere.
//
// +kubebuilder:validation:XValidation:rule="has(self.every) != has(self.rrule)",message="say how often: give exactly one of every and rrule"
// +kubebuilder:validation:XValidation:rule="!has(self.rrule) || !has(self.anchor) || self.anchor == 'Calendar'",message="an rrule has fixed occurrences: leave anchor out, or set it to Calendar"
// +kubebuilder:validation:XValidation:rule="!has(self.every) || !has(self.anchor) || self.anchor == 'Completion' || has(self.startDate)",message="give a startDate: fixed occurrences with every start there"
// +kubebuilder:validation:XValidation:rule="!has(self.openBefore) || has(self.rrule) || (has(self.anchor) && self.anchor == 'Calendar')",message="openBefore belongs to anchor Calendar: a rolling period is open all the time"
type ReviewCadenceSpec struct {
	// every is the distance between two due times: P12M, P1W, P90D. Exactly one of every and rrule.
	// +optional
	Every Period `json:"every,omitempty"`

	// rrule is a recurrence rule after RFC 5545: FREQ (DAILY, WEEKLY, MONTHLY, YEARLY), INTERVAL, BYDAY, BYMONTH,
	// BYMONTHDAY, BYSETPOS. "FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO" is the first Monday of each third month.
	// +kubebuilder:validation:MinLength=6
	// +kubebuilder:validation:MaxLength=256
	// +optional
	RRule string `json:"rrule,omitempty"`

	// anchor is Completion (rolling from the last counted review) or Calendar (fixed occurrences that a late review
	// does not shift). Default: Completion with every, Calendar with rrule.
	// +optional
	Anchor Anchor `json:"anchor,omitempty"`

	// startDate is the first occurrence. Needed for anchor Calendar with every, and for an rrule with INTERVAL above 1.
	// +optional
	StartDate Date `json:"startDate,omitempty"`

	// timeZone is the IANA name of the zone in which days begin and end. Default: UTC.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:default=UTC
	// +optional
	TimeZone string `json:"timeZone,omitempty"`

	// dueTime is the local time at which a review falls due on its day. Default: 23:59:59.
	// +kubebuilder:default="23:59:59"
	// +optional
	DueTime TimeOfDay `json:"dueTime,omitempty"`

	// businessDays moves due days that are no business days. Default: every day is one.
	// +optional
	BusinessDays *BusinessDays `json:"businessDays,omitempty"`

	// openBefore says how early before its due time a review counts for an occurrence. Default and most: the interval.
	// +optional
	OpenBefore Period `json:"openBefore,omitempty"`

	// leadTimes are the distances before the due time at which the requirement becomes DueSoon, each a stage of its
	// own. One that is longer than the interval is ignored. Default: none.
	// +kubebuilder:validation:MaxItems=8
	// +listType=set
	// +optional
	LeadTimes []Period `json:"leadTimes,omitempty"`

	// grace is how long after its due time a review is still in time. Default: none. At most the interval. It never
	// stretches the limit on the time without a full review.
	// +optional
	Grace Period `json:"grace,omitempty"`
}

// ReviewCadenceStatus is what Gemba made of a cadence.
type ReviewCadenceStatus struct {
	// observedGeneration is the generation of the spec that the status speaks of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions of the cadence: Ready.
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// next is the next due time of a cadence with fixed occurrences.
	// +optional
	Next *metav1.Time `json:"next,omitempty"`

	// nextDay is the day of the next due time, in the zone of the cadence.
	// +optional
	NextDay ComputedDate `json:"nextDay,omitempty"`
}

// ReviewCadence says when reviews fall due.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:scope=Cluster,shortName=cadence,categories=governance
// +kubebuilder:printcolumn:name="Every",type=string,JSONPath=`.spec.every`
// +kubebuilder:printcolumn:name="RRule",type=string,JSONPath=`.spec.rrule`
// +kubebuilder:printcolumn:name="Zone",type=string,priority=1,JSONPath=`.spec.timeZone`
// +kubebuilder:printcolumn:name="Grace",type=string,priority=1,JSONPath=`.spec.grace`
// +kubebuilder:printcolumn:name="Next",type=string,JSONPath=`.status.nextDay`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type ReviewCadence struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says when reviews fall due.
	Spec ReviewCadenceSpec `json:"spec"`

	// status is what Gemba made of it.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status ReviewCadenceStatus `json:"status,omitempty"`
}

// ReviewCadenceList is a list of cadences.
//
// +kubebuilder:object:root=true
type ReviewCadenceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ReviewCadence `json:"items"`
}
