package cadence

import "time"

// Anchor says what the next due date is counted from.
type Anchor string

// Anchors.
const (
	// Completion counts from the last counted review.
	Completion Anchor = "Completion"
	// Calendar has fixed occurrences that a late review does not shift.
	Calendar Anchor = "Calendar"
)

// Roll says what becomes of an occurrence on a day that is no business day.
type Roll string

// Rolls. The empty Roll is RollNone.
const (
	// RollNone leaves the occurrence where it is.
	RollNone Roll = "None"
	// RollFollowing moves it to the next business day.
	RollFollowing Roll = "Following"
	// RollPreceding moves it to the business day before.
	RollPreceding Roll = "Preceding"
	// RollModifiedFollowing moves it to the next business day unless that lies in another month, else to the one before.
	RollModifiedFollowing Roll = "ModifiedFollowing"
)

// Spec is a cadence as a person writes it: periods as in P12M, dates as in 2026-01-31. Compile checks it.
type Spec struct {
	// Every is a period; exactly one of Every and RRule is set.
	Every string
	// RRule is a recurrence rule (RFC 5545): FREQ from DAILY to YEARLY, INTERVAL, BYDAY, BYMONTH, BYMONTHDAY, BYSETPOS.
	RRule string
	// Anchor defaults to Calendar with RRule and to Completion with Every.
	Anchor Anchor
	// StartDate is the first day that an occurrence may have; with Every it is the first occurrence.
	StartDate string
	// TimeZone is an IANA name; default UTC.
	TimeZone string
	// DueTime is HH:MM:SS, local; default 23:59:59.
	DueTime string
	// BusinessDays rolls occurrences; the zero value does not.
	BusinessDays BusinessDays
	// OpenBefore says how early a review counts for an occurrence (Calendar only); default and at most the interval.
	OpenBefore string
	// LeadTimes are the due-soon stages; one longer than the period at hand is ignored.
	LeadTimes []string
	// Grace is the time after due in which a review is still in time; default none, at most the interval.
	Grace string
}

// BusinessDays says which days are none and what becomes of an occurrence on them.
type BusinessDays struct {
	Weekend []time.Weekday
	// Holidays are dates as in 2026-12-25.
	Holidays []string
	Roll     Roll
}
