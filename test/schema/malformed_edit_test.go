package schema

import (
	"github.com/gemba-dev/gemba/internal/builders"
)

// forbiddenEdits are changes to stored resources that the API server refuses, though it would accept each result as a
// new resource. They are tried as an administrator; what each field of a review answers is tried with its policies in
// test/admission.
func forbiddenEdits() map[string]malformed {
	const (
		draft      = "a process that was in effect cannot become a draft again: retire it, or keep it Active"
		since      = "inEffectSince can only be moved back, and not be taken away"
		review     = "a recorded review cannot be edited: withdraw it by setting spec.withdrawn, and record another"
		withdrawal = "a withdrawal cannot be changed or taken back: record another review"
		waiver     = "a waiver cannot be edited: delete it, or create another with spec.extends"
		snapshot   = "subjectRef, finding, group and route cannot be changed: Gemba set them when it opened the remediation"
	)
	retired := builders.MakeProcess("paper-archive").Retired("nobody reads it").Obj()
	withdrawn := builders.MakeReview("refunds-2024").Withdrawn("vera", "wrong process", "2024-07-02").Obj()
	return map[string]malformed{
		"an active process becomes a draft": {validProcess(), edits{"spec.lifecycle": "Draft"}, draft},
		"a retired process becomes a draft": {
			retired, edits{"spec.lifecycle": "Draft", "spec.retirement": absent{}}, draft},
		"inEffectSince moves forward":                  {validProcess(), edits{"spec.inEffectSince": "2024-01-02"}, since},
		"inEffectSince is taken away":                  {validProcess(), edits{"spec.inEffectSince": absent{}}, since},
		"the first day of a KPI moves forward":         {validKPI(), edits{"spec.inEffectSince": "2024-01-02"}, since},
		"the first day of a KPI is taken away":         {validKPI(), edits{"spec.inEffectSince": absent{}}, since},
		"the outcome of a review is changed":           {validReview(), edits{"spec.outcome": "Retire"}, review},
		"a verdict of a review is changed":             {validReview(), edits{"spec.verdicts.1.verdict": "Change"}, review},
		"the actions of a review are taken away":       {validReview(), edits{"spec.actions": absent{}}, review},
		"the stamp of a review is added":               {validReview(), edits{"spec.recordedBy": "otto"}, review},
		"a withdrawal is taken back":                   {withdrawn, edits{"spec.withdrawn": absent{}}, withdrawal},
		"a withdrawal gets another reason":             {withdrawn, edits{"spec.withdrawn.why": "a joke"}, withdrawal},
		"a waiver is prolonged in place":               {validWaiver(), edits{"spec.until": "2024-12-01T00:00:00Z"}, waiver},
		"a waiver gets another justification":          {validWaiver(), edits{"spec.justification": "because"}, waiver},
		"a remediation gets another subject":           {validRemediation(), edits{"spec.subjectRef.name": "tariff-change"}, snapshot},
		"a remediation gets another finding":           {validRemediation(), edits{"spec.finding.episode": "2"}, snapshot},
		"a remediation is sent to another system":      {validRemediation(), edits{"spec.route.ticketSystemRef.name": "other"}, snapshot},
		"a remediation gets another time to be proven": {validRemediation(), edits{"spec.route.verifyFor": "24h"}, snapshot},
	}
}

// malformedStatuses would be written by Gemba itself or by whoever may write status; an informer reads them as well.
func malformedStatuses() map[string]malformed {
	condition := func(at string) []any {
		return []any{map[string]any{
			"type": "Ready", "status": "True", "reason": "Reconciled", "message": "", "lastTransitionTime": at,
		}}
	}
	finding := func(since any) []any {
		return []any{map[string]any{"rule": "NoCustomer", "severity": "Low", "since": since}}
	}
	system := builders.MakeTicketSystem("desk").Obj()
	return map[string]malformed{
		"a condition of a process at a time with a small t": {
			validProcess(), edits{"status.conditions": condition("2026-01-02t03:04:05Z")}, "should match"},
		"a condition of a ticket system 99 hours ahead": {
			system, edits{"status.conditions": condition("2026-01-02T03:04:05+99:99")}, "should match"},
		"a finding since a time with a small z": {
			validProcess(), edits{"status.findings": finding("2026-01-02T03:04:05z")}, "should match"},
		"a finding since a list of times": {validProcess(), edits{"status.findings": finding([]any{})}, "since"},
		"sixty-five findings": {
			validProcess(), edits{"status.findings": many(65, func(int) any { return finding("2026-01-02T03:04:05Z")[0] })},
			"must have at most 64 items"},
		"a count beyond 32 bits": {
			validProcess(), edits{"status.elevatorRides": int64(1) << 31}, "elevatorRides"},
		"a generation beyond 64 bits": {
			validProcess(), edits{"status.observedGeneration": 1e30}, "status.observedGeneration"},
		"a remediation closed at a time with a small t": {
			validRemediation(), edits{"status.closedAt": "2026-01-02t03:04:05Z"}, "should match"},
		"a KPI whose value was true on 30 February": {
			validKPI(), edits{"status.valueTime": "2026-02-30T00:00:00Z"}, "must be of type date-time"},
		"a KPI that has been met since a time with a small t": {
			validKPI(), edits{"status.runs": map[string]any{"metSince": "2026-01-02t03:04:05Z"}}, "should match"},
		"a KPI that crosses its target 99 hours ahead": {
			validKPI(), edits{"status.trend": map[string]any{"perDay": int64(1), "samples": int64(8), "crossesAt": "2026-01-02T03:04:05+99:99"}},
			"should match"},
		"a KPI whose value is no number": {validKPI(), edits{"status.value": "NaN"}, "should match"},
		"a KPI in no known state":        {validKPI(), edits{"status.state": "Green"}, "Unsupported value"},
		"a KPI asked with no known result": {
			validKPI(), edits{"status.attempt": map[string]any{"at": "2026-01-02T03:04:05Z", "result": "Maybe"}}, "Unsupported value"},
		"a KPI suspected of an unknown crime": {
			validKPI(), edits{"status.suspect": map[string]any{"reason": "Odd", "since": "2026-01-02T03:04:05Z"}}, "Unsupported value"},
		"a KPI whose last values are 201": {
			validKPI(), edits{"status.recent": many(201, func(int) any { return map[string]any{"at": "2026-01-02T03:04:05Z", "value": int64(1)} })},
			"must have at most 200 items"},
		"a KPI that remembers 201 values": {
			validKPI(), edits{"status.history": many(201, func(int) any { return map[string]any{"at": "2026-01-02T03:04:05Z", "value": int64(1)} })},
			"must have at most 200 items"},
		"a finding of a KPI since a time with a small z": {
			validKPI(), edits{"status.findings": finding("2026-01-02T03:04:05z")}, "should match"},
		"a metric source whose condition is of a time with a small t": {
			validMetricSource(), edits{"status.conditions": condition("2026-01-02t03:04:05Z")}, "should match"},
		"a score of more than all": {validProcess(), edits{"status.score": int64(101)}, "less than or equal to 100"},
		"a count of KPIs beyond 32 bits": {
			validProcess(), edits{"status.kpis": map[string]any{"total": int64(1) << 31}}, "kpis.total"},
		"a cadence next due on 30 February": {
			builders.MakeCadence("annual").Obj(), edits{"status.next": "2026-02-30T00:00:00Z"}, "must be of type date-time"},
	}
}
