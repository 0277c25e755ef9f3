package cadence

import "time"

// Outcome of a review.
type Outcome string

// Outcomes, from best to worst.
const (
	Approved        Outcome = "Approved"
	ChangesRequired Outcome = "ChangesRequired"
	Retire          Outcome = "Retire"
)

// Requirement is what is asked for.
type Requirement struct {
	// Schedule is nil where it cannot be computed (a dangling or broken cadence): then the limit judges alone.
	Schedule *Schedule
	// Full requirements are held to the Limit.
	Full bool
	// Limit is the longest time between two full reviews; zero: none. Ignored unless Full.
	Limit Period
}

// Held is one counted review, or one group of approvals that counts as one.
type Held struct {
	// Name of the review; of a group, the name of the latest approval.
	Name string
	// HeldAt is when it was held; of a group, the latest.
	HeldAt time.Time
	// Outcome of the review; of a group, the worst.
	Outcome Outcome
	// Members are the names of all approvals of a group; empty for a single review.
	Members []string
}

// Change is a difference between the subject's text and the one last approved; it opens an extra period.
type Change struct {
	// Key identifies what changed.
	Key string
	// Since is when it was first seen: from here on a review closes the extra period.
	Since time.Time
	// Due is the deadline of the extra period.
	Due time.Time
}

// Input is everything that decides a State besides the clock.
type Input struct {
	Requirement Requirement
	// InEffectSince is the declared day since which the subject is in effect, if declared.
	InEffectSince *Date
	// EarliestReview is when the subject was first reviewed under any requirement, if ever. It moves InEffectSince
	// back and never stands in for it.
	EarliestReview *time.Time
	// FullHeld are the instants of all counted full reviews of the subject, under any Full requirement, in any order.
	FullHeld []time.Time
	// Held are the counted reviews of this requirement, in any order. Those in the future are ignored until then.
	Held []Held
	// Moves gives occurrences another day, Skips waives them; both by nominal date.
	Moves map[Date]Date
	Skips map[Date]bool
	// ObservedSince is when this cluster first saw the subject. It is judged from where nothing else is known.
	ObservedSince time.Time
	// Change is set while the subject's text differs from the one approved and that asks for a review.
	Change *Change
	// Prev is what the last evaluation returned; nil: recompute from scratch.
	Prev *State
}
