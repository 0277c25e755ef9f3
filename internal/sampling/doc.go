// Package sampling asks sources for the values of KPIs when they are due, and hands the samples over to whoever judges
// them. It knows when to ask and whom to tell; how to ask is known to internal/source, what an answer means to
// internal/kpi.
//
// # Who is asked when
//
// A [Plan] says what a KPI wants to know and how often. Plans with an equal lane and key are one group: it is asked
// once in the shortest interval of its KPIs, and each of them has the sample. Turns lie at an offset within the
// interval that is stable by lane and key, so that load is spread and a restart goes on at the same phase. Whatever
// was never asked, or not for an interval, is asked at once; where there are hundreds, within a few seconds. A turn
// that follows an ask by less than half an interval is left out, and turns that were missed while the machine slept
// are made up for once.
//
// A lane is what is asked, such as a MetricSource. It has its own limits and its own pauses, and nothing that happens
// in it delays another. Where a lane cannot keep up, it goes by due time: nobody starves, everybody is late.
//
// # Where there is no answer
//
// NoAnswer of a question is tried again before its next turn, after pauses that double from seconds to five minutes.
// It is the lane that pauses where nothing else was answered since the question was asked, and it is not the question
// that failed last as well: a question that the source chokes on holds up no other. A lane with a failure asks one
// question at a time, until one is answered. Its pause is never longer than the shortest interval in it, because
// otherwise a value would be called stale that nobody has asked for. From the second failure on the source counts as
// out of reach: every question that is due has the sample of the one that was asked, once an interval, because the
// source has been tried on its behalf. The questions stay due.
//
// TriedSince is since when this process has been trying to get an answer to a question, with or without success; the
// attempts of a lane that pauses count. It begins anew where the process was not running although something was due.
//
// # Values of the past
//
// Where a plan has a window and the source keeps values of the past, they are fetched once in a step, for all KPIs of
// the group that want the same window in the same steps. Not one window for all of a group: the longest of them in the
// shortest of the steps would be more than a source returns. The first samples are held back until the past was tried
// for, so that a verdict that rests on it does not change by a restart.
package sampling
