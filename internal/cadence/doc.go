// Package cadence knows when reviews fall due and what became of them. It is pure: it reads no clock, does no
// I/O and keeps nothing but a memo of computed dates. The same arguments always give the same answer, in whole
// seconds.
//
// # Schedule
//
// A [Spec] is written by a person; [Compile] turns it into a [Schedule] or says in one sentence what to change.
// A schedule is either rolling (Completion: one period from the last counted review) or fixed (Calendar:
// occurrences that a late review does not shift). Dates are civil dates ([Date]); periods are calendar periods
// ([Period]) which keep their anchor day: 31 January, 28 February, 31 March. An [Occurrence] has a nominal date,
// which is its identity, and a due instant: the nominal date rolled to a business day, at the due time, in the
// zone. A local time that a zone skips takes the offset before the gap, one that it repeats the first of the two
// (RFC 5545, 3.3.5). Two occurrences that roll to the same due instant ask for one review: the earlier one keeps
// its identity and the later one is dropped.
//
// # Periods
//
// A period has four instants, in this order:
//
//	opens     from here on (inclusive) a review counts for it
//	due       up to here (inclusive) it is Open, then InGrace
//	deadline  due plus grace, or the elapsed limit where that is earlier; up to here (inclusive) a review is in
//	          time, from the next second on the period is Overdue
//	until     from here on (inclusive) it is closed as Gap; Calendar only: when the next one has opened and the
//	          grace has ended
//
// By default a period opens one second after its predecessor was due, so without grace periods neither overlap
// nor leave holes. A review counts for the oldest period that is open and not closed at its instant, and for one
// only: Satisfied up to the deadline, Late after it, Failed if it asked for changes or for retirement. A review
// held in no open period is OutOfPeriod: no entry, but it restarts the limit and ends an overdue streak.
// A skipped period is Waived; one that is reviewed all the same, by its due instant, counts as reviewed.
//
// # Requirement
//
// A [Requirement] has a [Stage] of its own, which survives the gap of a period: Overdue begins one second after
// the earliest missed deadline ([State.OverdueSince], the key of the episode) and ends by a counted review alone.
// For Full requirements the limit is elapsed time from the last counted full review of the subject; neither
// grace, anchor, moved or skipped occurrences nor a schedule that cannot be computed stretch it.
//
// # Evaluate
//
// [Evaluate] recomputes everything from the reviews and says in [State.NextChange] at which instant its answer is
// a different one. The previous [State] is needed for three things that reviews alone cannot tell: that an entry
// was amended, that an extra period was closed (and when, too late, one that has left the ledger: [State.InTimeAfter]),
// and what was frozen when the schedule was edited ([CutOver]).
// An edit freezes what fell due before it, with its deadline, and lets the new schedule go on from there. A
// caller that stores State has to store Stage, OverdueSince, InTimeSince, InTimeAfter, LimitDeadline, ScheduleDigest,
// CutOver, Current, Extra, Ledger and Totals; the rest is recomputed.
package cadence
