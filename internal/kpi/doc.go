// Package kpi judges the values of KPIs. It is pure: it reads no clock and does no I/O, the same arguments always give the
// same answer, and every time in it is in whole seconds UTC.
//
// # From samples to a state
//
// A [Sample] is what came of asking a source once. A value is rounded to six digits after the point, is met, at risk or
// missed by the objective (bounds are met), and moves the runs ([v1alpha1.KPIRuns]): since when values have been as good or
// as bad as they are. The runs and the state before are all the memory there is, so whoever stores them can restart at any
// moment. Only values change the state, never the clock alone:
//
//   - missed for breachFor, or missed at all where the KPI is Fatal: Breached, until no value has missed for recoverFor;
//   - at risk or worse for breachFor: AtRisk, until every value has been met for recoverFor;
//   - values that miss, but not yet for breachFor: as before, and Inconclusive where there is no before;
//   - else Met.
//
// Values are judged in the order of their times. One that is not newer than the last judged one changes no state. One within
// a correction is not judged, and the time of a correction makes no value older.
//
// A trend ([v1alpha1.Trend]) that crosses the target within the horizon makes a KPI that is Met AtRisk; once so, it lasts
// until the crossing is further away than five quarters of the horizon. A value that is older than staleAfter makes it
// Stale, and changes nothing else. Judged is the state that the values led to, without trend and staleness.
//
// # What cannot be had
//
// A value that is no number, infinite or too long, and every failure, change the attempt and nothing else. Nothing turns
// Stale before this process has tried for staleAfter, unless the source itself gives an old value.
//
// # Memory
//
// Where a source keeps no values of the past, the first value of each step is kept for trend and correlation. The first,
// because it is written down when the step begins and never changes again: a restart in the middle of a step loses nothing
// that a verdict rests on. Steps begin at the offset of the namespace, because those that predict each other stand in one. A
// step is written instead of a heartbeat, and is no shorter, unless the window is so short that it would have less than a
// hundred values.
//
// What plausibility looks at are the last values. They are written along with whatever is written, at the latest by the
// heartbeat. A restart loses the newest of them: what is flat stays so, is noticed later, and a jump is measured against
// older values.
//
// [Evaluate] judges; [Throttle] says which of its answers are worth a write.
package kpi
