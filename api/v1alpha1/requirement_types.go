package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ReviewType is what a review examines and what it must hold.
//
// +kubebuilder:validation:Enum=Full;Checkpoint;Contact;Walk
type ReviewType string

// The types of review.
const (
	// ReviewFull justifies the subject and every step of it: a verdict for each step, and an outcome. Only a full
	// review resets the limit of twelve months.
	ReviewFull ReviewType = "Full"
	// ReviewCheckpoint is a meeting held on time: an outcome, and the actions agreed.
	ReviewCheckpoint ReviewType = "Checkpoint"
	// ReviewContact is contact with customers: a count.
	ReviewContact ReviewType = "Contact"
	// ReviewWalk is a walk to where the work happens: what was seen, as answers.
	ReviewWalk ReviewType = "Walk"
)

// ReviewRequirement says which review a subject needs and how often.
//
// +kubebuilder:validation:XValidation:rule="has(self.every) != has(self.cadenceRef)",message="say how often: give exactly one of every and cadenceRef"
// +kubebuilder:validation:XValidation:rule="self.name != 'full' || self.type == 'Full'",message="the name full is reserved for the full review: choose another name"
type ReviewRequirement struct {
	// name of the requirement; a Review names it.
	Name Key `json:"name"`

	// type of review. Default: Full.
	// +kubebuilder:default=Full
	// +optional
	Type ReviewType `json:"type,omitempty"`

	// every is a rolling period in UTC that starts anew with each counted review. For anything else name a cadence.
	// +optional
	Every Period `json:"every,omitempty"`

	// cadenceRef names the ReviewCadence that says when the review falls due. While it does not exist the process is
	// not Ready, and the limit on full reviews holds all the same.
	// +optional
	CadenceRef *ClusterReference `json:"cadenceRef,omitempty"`

	// minApprovals is how many different reviewers must approve the same text within 30 days for a review to count.
	// Default: 1. A policy may ask for more.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	// +kubebuilder:default=1
	// +optional
	MinApprovals int32 `json:"minApprovals,omitempty"`

	// reviewers are the users or groups whose reviews count. Empty: anyone but the owner.
	// +kubebuilder:validation:MaxItems=64
	// +listType=set
	// +optional
	Reviewers []Identity `json:"reviewers,omitempty"`

	// questions are asked in the ticket and answered in the Review.
	// +kubebuilder:validation:MaxItems=32
	// +listType=atomic
	// +optional
	Questions []Text `json:"questions,omitempty"`

	// onChange says what happens when the text of the subject changes after it was approved. Default: nothing.
	// +optional
	OnChange *OnChange `json:"onChange,omitempty"`
}

// ChangeAction is what a change of the approved text asks for.
//
// +kubebuilder:validation:Enum=Ignore;Review
type ChangeAction string

// What a change of the approved text asks for.
const (
	// ChangeIgnored asks for nothing before the next regular review.
	ChangeIgnored ChangeAction = "Ignore"
	// ChangeReviewed opens an extra period with a deadline of its own.
	ChangeReviewed ChangeAction = "Review"
)

// OnChange says what happens when the approved text changes.
//
// +kubebuilder:validation:XValidation:rule="self.action != 'Review' || has(self.within)",message="give within: how long after the change the review is due"
type OnChange struct {
	// action is Ignore or Review. Review opens an extra period when the digest of the subject differs from the one
	// last approved; a full review held after the change closes it as well as the regular one.
	Action ChangeAction `json:"action"`

	// within is how long after the change the extra review is due.
	// +optional
	Within Period `json:"within,omitempty"`
}

// Stage is where a requirement stands today.
//
// +kubebuilder:validation:Enum=Current;DueSoon;InGrace;Overdue;Unscheduled
type Stage string

// The stages of a requirement. They are levels: after downtime the right one is entered, once.
const (
	// StageCurrent: reviewed, and the next review is not near.
	StageCurrent Stage = "Current"
	// StageDueSoon: a lead time before the due time has begun.
	StageDueSoon Stage = "DueSoon"
	// StageInGrace: due, and within the grace of the cadence.
	StageInGrace Stage = "InGrace"
	// StageOverdue: the deadline has passed. It ends with a counted review and with nothing else.
	StageOverdue Stage = "Overdue"
	// StageUnscheduled: no cadence can be computed and no limit says anything.
	StageUnscheduled Stage = "Unscheduled"
)

// PeriodState is what became of one period.
//
// +kubebuilder:validation:Enum=Open;InGrace;Overdue;Satisfied;Late;Failed;Gap;Waived
type PeriodState string

// The states of a period; the last five are final.
const (
	PeriodOpen      PeriodState = "Open"
	PeriodInGrace   PeriodState = "InGrace"
	PeriodOverdue   PeriodState = "Overdue"
	PeriodSatisfied PeriodState = "Satisfied"
	PeriodLate      PeriodState = "Late"
	PeriodFailed    PeriodState = "Failed"
	PeriodGap       PeriodState = "Gap"
	PeriodWaived    PeriodState = "Waived"
)

// AgeBasis says what the age of the last full review rests on.
//
// +kubebuilder:validation:Enum=Reviewed;Declared;Unknown
type AgeBasis string

// What the age of the last review rests on.
const (
	AgeReviewed AgeBasis = "Reviewed"
	AgeDeclared AgeBasis = "Declared"
	AgeUnknown  AgeBasis = "Unknown"
)

// PeriodEntry is one period of a requirement: a line of the ledger.
type PeriodEntry struct {
	// id of the period: its nominal date for fixed occurrences, "from-" and its first date for rolling ones, "change-"
	// and a digest for an extra period after a change.
	// +kubebuilder:validation:MaxLength=64
	ID string `json:"id"`

	// nominal is the local date on which it falls due before it is moved or rolled to a business day; none for an extra
	// period. A Waiver names it.
	// +optional
	Nominal ComputedDate `json:"nominal,omitempty"`

	// opens is when a review begins to count for the period.
	// +optional
	Opens *metav1.Time `json:"opens,omitempty"`

	// due is when the review falls due.
	// +optional
	Due *metav1.Time `json:"due,omitempty"`

	// deadline is until when a review is in time: the due time with grace, or the limit where that is earlier.
	// +optional
	Deadline *metav1.Time `json:"deadline,omitempty"`

	// until is when the period closes as a gap, for fixed occurrences.
	// +optional
	Until *metav1.Time `json:"until,omitempty"`

	// state of the period.
	State PeriodState `json:"state"`

	// closedBy names the Review that closed the period.
	// +optional
	ClosedBy ObjectName `json:"closedBy,omitempty"`

	// closedAt is when the period was closed: when the review was held, or when the gap was certain.
	// +optional
	ClosedAt *metav1.Time `json:"closedAt,omitempty"`

	// amended is true where a review that was recorded later changed the entry.
	// +optional
	Amended bool `json:"amended,omitempty"`

	// frozen is true where a later edit of the cadence no longer changes the entry.
	// +optional
	Frozen bool `json:"frozen,omitempty"`
}

// PeriodTotals counts closed periods since the subject is judged, those that have left the ledger included.
type PeriodTotals struct {
	// satisfied periods: reviewed by the deadline.
	// +optional
	Satisfied int32 `json:"satisfied,omitempty"`
	// late periods: reviewed after the deadline.
	// +optional
	Late int32 `json:"late,omitempty"`
	// failed periods: reviewed, and found to need changes or to be retired.
	// +optional
	Failed int32 `json:"failed,omitempty"`
	// gap: periods without any review.
	// +optional
	Gap int32 `json:"gap,omitempty"`
	// waived periods: skipped with a reason.
	// +optional
	Waived int32 `json:"waived,omitempty"`
}

// RequirementStatus is where one review requirement of a subject stands.
type RequirementStatus struct {
	// name of the requirement.
	Name Key `json:"name"`

	// type of review.
	// +optional
	Type ReviewType `json:"type,omitempty"`

	// stage of the requirement.
	// +optional
	Stage Stage `json:"stage,omitempty"`

	// lead is the lead time that has begun, with stage DueSoon.
	// +optional
	Lead Period `json:"lead,omitempty"`

	// overdueSince is the deadline that was missed first and that no counted review has followed.
	// +optional
	OverdueSince *metav1.Time `json:"overdueSince,omitempty"`

	// inTimeSince is when the first review was held of those that were all held in time, up to now; none while a review is
	// overdue.
	// +optional
	InTimeSince *metav1.Time `json:"inTimeSince,omitempty"`

	// inTimeAfter is when a change was last answered too late that the ledger does not show any more: no row of reviews in time
	// began before.
	// +optional
	InTimeAfter *metav1.Time `json:"inTimeAfter,omitempty"`

	// ageBasis says what the age rests on: a review, the declared inEffectSince, or nothing.
	// +optional
	AgeBasis AgeBasis `json:"ageBasis,omitempty"`

	// lastReview names the last counted Review.
	// +optional
	LastReview ObjectName `json:"lastReview,omitempty"`

	// lastHeldAt is when the last counted review was held.
	// +optional
	LastHeldAt *metav1.Time `json:"lastHeldAt,omitempty"`

	// lastOutcome is what the last counted review found.
	// +optional
	LastOutcome ReviewOutcome `json:"lastOutcome,omitempty"`

	// due is when the next review falls due.
	// +optional
	Due *metav1.Time `json:"due,omitempty"`

	// deadline is until when the next review is in time.
	// +optional
	Deadline *metav1.Time `json:"deadline,omitempty"`

	// limitDeadline is when the limit on the time without a full review is reached.
	// +optional
	LimitDeadline *metav1.Time `json:"limitDeadline,omitempty"`

	// current is the period that the next review counts for.
	// +optional
	Current *PeriodEntry `json:"current,omitempty"`

	// extra is the period that a change of the approved text has opened.
	// +optional
	Extra *PeriodEntry `json:"extra,omitempty"`

	// change is the change of the approved text that the extra period answers.
	// +optional
	Change *SubjectChange `json:"change,omitempty"`

	// ledger holds the periods that have opened, the oldest first and the running one last: the last twelve or those of
	// 24 months, whichever is more, at most sixty.
	// +kubebuilder:validation:MaxItems=60
	// +listType=atomic
	// +optional
	Ledger []PeriodEntry `json:"ledger,omitempty"`

	// totals counts all closed periods.
	// +optional
	Totals PeriodTotals `json:"totals,omitempty"`

	// schedule names, by a short hash, the cadence and the limit that the periods were computed with. When they
	// change, periods whose deadline has passed stay as they were.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	Schedule string `json:"schedule,omitempty"`

	// cutOver is what is kept of the time before the cadence or the limit was last edited.
	// +optional
	CutOver *ScheduleCutOver `json:"cutOver,omitempty"`
}

// ScheduleCutOver is what is kept of the time before a cadence or a limit was edited.
type ScheduleCutOver struct {
	// at is when the edit was seen: the new cadence generates what falls due after it.
	At metav1.Time `json:"at"`

	// nominal is the latest date whose period an edit no longer changes; the new cadence names its periods after later
	// ones.
	// +optional
	Nominal ComputedDate `json:"nominal,omitempty"`

	// start is where a rolling cadence goes on from.
	// +optional
	Start *metav1.Time `json:"start,omitempty"`

	// startID is the id of the period that begins there.
	// +kubebuilder:validation:MaxLength=64
	// +optional
	StartID string `json:"startID,omitempty"`

	// missed is the deadline that had been missed by then and that no counted review had followed.
	// +optional
	Missed *metav1.Time `json:"missed,omitempty"`

	// limit is the deadline of the limit where it had passed by then.
	// +optional
	Limit *metav1.Time `json:"limit,omitempty"`

	// limitFrom is when the full review was held that the passed limit ran from; a later one ends it.
	// +optional
	LimitFrom *metav1.Time `json:"limitFrom,omitempty"`

	// dropped counts the periods from before the edit that have left the ledger.
	// +optional
	Dropped PeriodTotals `json:"dropped,omitempty"`

	// inTimeSince is when the first of those was reviewed that were all held in time, up to the last one of them.
	// +optional
	InTimeSince *metav1.Time `json:"inTimeSince,omitempty"`

	// droppedUntil is when the last of those was closed.
	// +optional
	DroppedUntil *metav1.Time `json:"droppedUntil,omitempty"`

	// droppedBy names the Review that closed it.
	// +optional
	DroppedBy ObjectName `json:"droppedBy,omitempty"`
}

// SubjectChange is a text of the subject that differs from the one last approved.
type SubjectChange struct {
	// digest of the changed text.
	Digest Digest `json:"digest"`
	// since is when the text was first seen to differ from the one last approved; a further edit does not move it.
	Since metav1.Time `json:"since"`
}
