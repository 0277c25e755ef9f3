package cadence

import "time"

// Stage of a requirement.
type Stage string

// Stages.
const (
	// Unscheduled: there is no schedule and no limit to judge by.
	Unscheduled Stage = "Unscheduled"
	// Current: nothing to do yet.
	Current Stage = "Current"
	// DueSoon: a lead time was entered, see State.Lead.
	DueSoon Stage = "DueSoon"
	// StageInGrace: due has passed, the deadline has not.
	StageInGrace Stage = "InGrace"
	// StageOverdue: a deadline was missed and no counted review was held since.
	StageOverdue Stage = "Overdue"
)

// PeriodState is what became of a period.
type PeriodState string

// Period states: the first three while it is not closed.
const (
	Open      PeriodState = "Open"
	InGrace   PeriodState = "InGrace"
	Overdue   PeriodState = "Overdue"
	Satisfied PeriodState = "Satisfied"
	Late      PeriodState = "Late"
	Failed    PeriodState = "Failed"
	Gap       PeriodState = "Gap"
	Waived    PeriodState = "Waived"
)

// AgeBasis says what the age of the last justification rests on.
type AgeBasis string

// Age bases.
const (
	// Reviewed: a counted review (a full one, for Full requirements).
	Reviewed AgeBasis = "Reviewed"
	// Declared: Input.InEffectSince.
	Declared AgeBasis = "Declared"
	// Unknown: neither.
	Unknown AgeBasis = "Unknown"
)

// Entry is one period, open or closed. Instants that do not apply are zero.
type Entry struct {
	// ID is the nominal date (Calendar), "from-" and the date of its start (Completion), or "change-" and the key (extra).
	ID string
	// Nominal is the date before rolling and moving; zero for an extra period.
	Nominal Date
	// Opens, Due, Deadline and Until are defined in the package comment.
	Opens, Due, Deadline, Until time.Time
	State                       PeriodState
	// ClosedBy names the review that closed it; empty for Gap, Waived and open ones.
	ClosedBy string
	// ClosedAt is when the review was held, or when it closed as Gap or Waived; zero while not closed.
	ClosedAt time.Time
	// Amended says that it was closed otherwise before a review arrived late or was withdrawn.
	Amended bool
	// Frozen says that an edit of the schedule no longer changes its instants.
	Frozen bool
}

// Totals count closed periods since judging began, extra periods excepted.
type Totals struct {
	Satisfied, Late, Failed, Gap, Waived int
}

// Placement says for which period a review counts.
type Placement struct {
	// PeriodID is the Entry.ID; empty where OutOfPeriod.
	PeriodID string
	// State is Satisfied, Late or Failed; empty where OutOfPeriod.
	State PeriodState
	// OutOfPeriod says that no period was open when the review was held.
	OutOfPeriod bool
}

// CutOver is what is kept of the time before the schedule or the limit was last edited.
type CutOver struct {
	// At is the instant of the edit and Nominal the latest date that is frozen: a new Calendar schedule generates what
	// falls due after the one and is named after a later date than the other.
	At      time.Time
	Nominal Date
	// Start is where a Completion schedule goes on from, StartID the identifier of the period that begins there.
	Start   time.Time
	StartID string
	// Missed is the OverdueSince that was running at the edit, Limit the deadline of the limit if it had passed;
	// both zero if not, or not any more. A counted review held after Missed ends the one, a full review held after
	// LimitFrom, the last one at the edit (zero: none), the other.
	Missed, Limit, LimitFrom time.Time
	// Dropped counts the entries from before the edit that have left the ledger, the last of which was closed at
	// DroppedUntil by DroppedBy. Reviews up to that one are not placed again.
	Dropped      Totals
	DroppedUntil time.Time
	DroppedBy    string
	// InTimeSince is State.InTimeSince as far as the dropped entries tell.
	InTimeSince time.Time
}

// State is the verdict on one requirement at one instant.
type State struct {
	Stage Stage
	// Lead is the smallest lead time entered; only with DueSoon.
	Lead Period
	// OverdueSince is the earliest missed deadline of the running streak; it does not move while the streak runs.
	OverdueSince time.Time
	// InTimeSince is when the first review was held of those that were all held in time, up to now, and InTimeLast the last
	// one; both zero while a review is overdue, and where there is none.
	InTimeSince, InTimeLast time.Time
	// InTimeAfter is when the last extra period was closed that was reviewed too late and that the ledger does not show any more:
	// no row begins before.
	InTimeAfter time.Time
	AgeBasis    AgeBasis
	// LastHeld, LastReview and LastOutcome describe the latest counted review of the requirement.
	LastHeld    time.Time
	LastReview  string
	LastOutcome Outcome
	// Due and Deadline are those of Current; without it, of the limit.
	Due, Deadline time.Time
	// LimitDeadline is when the limit ends; zero without a limit. With AgeBasis Unknown it is Input.ObservedSince.
	LimitDeadline time.Time
	// GraceCut says that the limit ends before the grace of Current does.
	GraceCut bool
	// Current is the oldest period not closed, which need not have opened yet.
	Current *Entry
	// Extra is the extra period while it is not closed.
	Extra *Entry
	// Ledger holds the periods that have opened, oldest first: the last 12 or those of the 24 months before the
	// latest one, whichever is more, at most 60.
	Ledger []Entry
	Totals Totals
	// ScheduleDigest identifies schedule and limit; when it changes, what fell due before is frozen.
	ScheduleDigest string
	CutOver        *CutOver
	// Placements says for each review up to now (by name, group members included) where it counts. Reviews from
	// before CutOver.DroppedUntil are missing: what was recorded for them stands.
	Placements map[string]Placement
	// UnknownOccurrences are the moved or skipped dates that are no occurrence, InvalidMoves those whose new date
	// does not lie between the due dates before and after; both in order, neither has any effect.
	UnknownOccurrences, InvalidMoves []Date
	// NextChange is the first instant at which any of the above (but Placements) differs; zero: never.
	NextChange time.Time
}
