// Package governance judges. It is given what was declared, what was reviewed, what was waived and which policy applies,
// together with one instant, and answers with findings, a status, and the instant at which the answer can change next.
//
// Nothing else in Gemba decides: status, events, metrics and remediations all rest on the verdicts of this package. It
// is pure: it reads no clock, does no I/O, and imports neither client-go nor controller-runtime.
//
// The ways in are JudgeProcess, JudgeReview, JudgeWaiver, JudgeCadence, SelectPolicy and MatchRoute.
package governance
