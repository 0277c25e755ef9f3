package v1alpha1

// Condition types. They have the same meaning on every kind and positive polarity: True is good.
const (
	// ConditionReady is True when the spec is understood, its references resolve and its expressions compile. It is
	// present on every kind. Governance never touches it: an overdue review leaves it True.
	//
	// Reasons: Reconciled (True); ReferenceNotFound, ReferenceNotReady, ReferenceNotPermitted, ReferenceCycle, InvalidSpec
	// (False); a Waiver has reasons of its own, below.
	ConditionReady = "Ready"

	// ConditionReconciling is present, as True, only while something that Gemba waits for is still missing.
	//
	// Reasons: ReferenceNotFound, ReferenceNotReady.
	ConditionReconciling = "Reconciling"

	// ConditionStalled is present, as True, only while nothing but an edit of the object helps.
	//
	// Reasons: InvalidSpec, ReferenceNotPermitted, ReferenceCycle.
	ConditionStalled = "Stalled"

	// ConditionReachable is True when the other side answered the last request. It is present on TicketSystem and
	// MetricSource once a request was sent. Outages stay here and never touch anyone's Ready.
	//
	// Reasons: Answered (True); Refused, NoAnswer (False); Paused (False, of a TicketSystem whose last requests, five or more
	// in a row, had no answer or failed on its side: nothing is sent for a while, then one message is tried); NotAsked
	// (Unknown, of a MetricSource that no KPI asks any more).
	ConditionReachable = "Reachable"

	// ConditionReviewCurrent is True when every review requirement is Current, DueSoon or InGrace. It is present on
	// Process and KPI.
	//
	// Reasons: Current, DueSoon, InGrace, ChangesRequired, Retire (True; the last two when the newest review found
	// so); ReviewOverdue, NeverReviewed, Waived (False); Unscheduled, Draft, Retired (Unknown).
	ConditionReviewCurrent = "ReviewCurrent"

	// ConditionWellDefined is True when the declaration explains itself: customers, steps, authority, size, an outcome; of
	// a KPI why, what, action and counterweight. It is present on Process and KPI.
	//
	// Reasons: WellDefined (True); the name of the worst rule (False); Draft, Retired (Unknown).
	ConditionWellDefined = "WellDefined"

	// ConditionCompliant is True when no open finding of severity Medium or above stands that is not waived. It means
	// "conforms to the declared policy" and claims nothing in law. It is present on Process and KPI; what its KPIs miss, a
	// Process misses too.
	//
	// Reasons: Compliant, Waived (True; Waived when only waived findings are left); the name of the worst rule
	// (False); Draft, Retired (Unknown).
	ConditionCompliant = "Compliant"

	// ConditionKPIsMet is True when no KPI of the process, or of its sub-processes, is breached, stale, never measured or
	// in conflict, and the process is no watermelon. It is present on Process.
	//
	// Reasons: Met, Waived (True; Waived when only findings are left that a waiver or the policy accepts); the name of the
	// worst rule (False); NoKPIs, Inconclusive, Draft, Retired (Unknown).
	ConditionKPIsMet = "KPIsMet"

	// ConditionTargetMet is True when the objective is met. It is present on KPI.
	//
	// Reasons: Met, AtRisk (True); Breached (False); Stale, NeverMeasured, Inconclusive, Draft, Retired (Unknown).
	ConditionTargetMet = "TargetMet"

	// ConditionFresh is True when the newest value is younger than staleAfter. It is present on KPI.
	//
	// Reasons: Fresh (True); Stale (False); NeverMeasured, Draft, Retired (Unknown).
	ConditionFresh = "Fresh"

	// ConditionCounted is True when a Review counts. Once True it stays so until the Review is withdrawn. It is present
	// on Review.
	//
	// Reasons: Counted, OutOfPeriod (True); Withdrawn, ReviewerIsOwner, NotAReviewer, SubjectDiffers, SubjectNotFound,
	// RequirementNotFound, HeldInFuture, OutcomeMissing, StepsMissing, CountMissing, AnswersMissing,
	// AssuranceTooLow (False); AwaitingApprovals, SubjectNotObserved (Unknown).
	ConditionCounted = "Counted"

	// ConditionDelivered is True when every message for the tickets of a Remediation has arrived. It is present on
	// Remediation.
	//
	// Reasons: Delivered, DryRun (True); Retrying, Refused, GaveUp, NotConfigured (False); Pending, OutcomeUnknown
	// (Unknown).
	ConditionDelivered = "Delivered"

	// ConditionRecovered is True when the finding of a Remediation is gone. It is present on Remediation.
	//
	// Reasons: FindingGone, Waived, Retired, SubjectDeleted (True); FindingStands (False).
	ConditionRecovered = "Recovered"

	// ConditionVerified is True when the finding stayed gone for as long as its rule asks. It is present on Remediation.
	//
	// Reasons: StayedRecovered, Retired, SubjectDeleted (True); NotRecovered, Verifying, ClosedUnverified, WontFix (False).
	ConditionVerified = "Verified"
)

// Reasons that conditions carry. Where a rule is the reason, its name is used; see findings.go.
const (
	ReasonReconciled            = "Reconciled"
	ReasonReferenceNotFound     = "ReferenceNotFound"
	ReasonReferenceNotPermitted = "ReferenceNotPermitted"
	ReasonReferenceNotReady     = "ReferenceNotReady"
	ReasonReferenceCycle        = "ReferenceCycle"
	ReasonInvalidSpec           = "InvalidSpec"

	ReasonAnswered = "Answered"
	ReasonRefused  = "Refused"
	ReasonNoAnswer = "NoAnswer"
	ReasonPaused   = "Paused"
	ReasonNotAsked = "NotAsked"

	ReasonUnscheduled = "Unscheduled"
	ReasonDraft       = "Draft"
	ReasonRetired     = "Retired"
	ReasonWaived      = "Waived"
	ReasonCompliant   = "Compliant"
	ReasonWellDefined = "WellDefined"

	ReasonMet    = "Met"
	ReasonFresh  = "Fresh"
	ReasonNoKPIs = "NoKPIs"

	ReasonCounted             = "Counted"
	ReasonOutOfPeriod         = "OutOfPeriod"
	ReasonWithdrawn           = "Withdrawn"
	ReasonReviewerIsOwner     = "ReviewerIsOwner"
	ReasonNotAReviewer        = "NotAReviewer"
	ReasonSubjectDiffers      = "SubjectDiffers"
	ReasonSubjectNotFound     = "SubjectNotFound"
	ReasonSubjectNotObserved  = "SubjectNotObserved"
	ReasonRequirementNotFound = "RequirementNotFound"
	ReasonHeldInFuture        = "HeldInFuture"
	ReasonOutcomeMissing      = "OutcomeMissing"
	ReasonStepsMissing        = "StepsMissing"
	ReasonCountMissing        = "CountMissing"
	ReasonAnswersMissing      = "AnswersMissing"
	ReasonAssuranceTooLow     = "AssuranceTooLow"
	ReasonAwaitingApprovals   = "AwaitingApprovals"

	ReasonDelivered      = "Delivered"
	ReasonDryRun         = "DryRun"
	ReasonPending        = "Pending"
	ReasonRetrying       = "Retrying"
	ReasonGaveUp         = "GaveUp"
	ReasonNotConfigured  = "NotConfigured"
	ReasonOutcomeUnknown = "OutcomeUnknown"
	// ReasonUnconfirmed: nothing is said to the ticket that the status or spec.resolve names, because nothing shows that it is the
	// one of the Remediation.
	ReasonUnconfirmed = "Unconfirmed"

	ReasonFindingGone      = "FindingGone"
	ReasonFindingStands    = "FindingStands"
	ReasonSubjectDeleted   = "SubjectDeleted"
	ReasonStayedRecovered  = "StayedRecovered"
	ReasonNotRecovered     = "NotRecovered"
	ReasonVerifying        = "Verifying"
	ReasonClosedUnverified = "ClosedUnverified"
	// ReasonWontFix: the finding stands, and somebody has closed the ticket as something that will not be done. Only a Waiver
	// accepts a finding.
	ReasonWontFix = "WontFix"

	// Reasons of a Waiver's Ready condition, beside the general ones.
	ReasonInForce           = "InForce"
	ReasonLapsesSoon        = "LapsesSoon"
	ReasonLapsed            = "Lapsed"
	ReasonApproverIsOwner   = "ApproverIsOwner"
	ReasonNotAnApprover     = "NotAnApprover"
	ReasonTooLong           = "TooLong"
	ReasonTooManyExtensions = "TooManyExtensions"
	ReasonUnknownOccurrence = "UnknownOccurrence"
	ReasonNotWaivable       = "NotWaivable"
)
