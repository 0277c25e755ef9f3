package schema

import (
	"fmt"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/internal/builders"
)

func validReview() client.Object {
	return builders.MakeReview("refunds-2024").Keeps("check").Removes("archive", "nobody reads it").
		Asks("tell", "tell the clerks").Obj()
}

func malformedReviews() map[string]malformed {
	return map[string]malformed{
		"a review of nothing":       {validReview(), edits{"spec.subjectRef": absent{}}, "spec.subjectRef: Required value"},
		"a review of no kind known": {validReview(), edits{"spec.subjectRef.kind": "Scorecard"}, `supported values: "Process", "KPI"`},
		"a review of a subject whose name none can have": {
			validReview(), edits{"spec.subjectRef.name": "Refunds!"}, "should match"},
		"a review by nobody":        {validReview(), edits{"spec.reviewer": absent{}}, "spec.reviewer: Required value"},
		"a review by an empty name": {validReview(), edits{"spec.reviewer": ""}, "at least 1 chars long"},
		"a review held at no time":  {validReview(), edits{"spec.heldAt": absent{}}, "spec.heldAt: Required value"},
		"a review held at a time with a small t, which Go does not decode": {
			validReview(), edits{"spec.heldAt": "2026-01-02t03:04:05Z"}, "should match"},
		"a review held at a time with a small z, which Go does not decode": {
			validReview(), edits{"spec.heldAt": "2026-01-02T03:04:05z"}, "should match"},
		"a review held 99 hours ahead of Greenwich, which Go does not decode": {
			validReview(), edits{"spec.heldAt": "2026-01-02T03:04:05+99:99"}, "should match"},
		"a review held on 30 February, which Go does not decode": {
			validReview(), edits{"spec.heldAt": "2026-02-30T03:04:05Z"}, "must be of type date-time"},
		"a review held in a leap second, which Go does not decode": {
			validReview(), edits{"spec.heldAt": "2026-06-30T23:59:60Z"}, "should match"},
		"a review held on a day without a time": {validReview(), edits{"spec.heldAt": "2026-01-02"}, "should match"},
		"a review held at a list of times, which passes for a time where nothing forbids it": {
			validReview(), edits{"spec.heldAt": []any{}}, "spec.heldAt"},
		"a review held in the year 9999":     {validReview(), edits{"spec.heldAt": "9999-12-31T23:59:59Z"}, "should match"},
		"a review with an unknown outcome":   {validReview(), edits{"spec.outcome": "Good"}, "Unsupported value"},
		"a review with an unknown method":    {validReview(), edits{"spec.method": "Guess"}, "Unsupported value"},
		"a review with an unknown verdict":   {validReview(), edits{"spec.verdicts.0.verdict": "Maybe"}, "Unsupported value"},
		"a review with two verdicts on one":  {validReview(), edits{"spec.verdicts.1.step": "check"}, "Duplicate value"},
		"a review that found minus contacts": {validReview(), edits{"spec.count": int64(-1)}, "greater than or equal to 0"},
		"a review that found a million contacts": {
			validReview(), edits{"spec.count": int64(1000000)}, "less than or equal to 100000"},
		"a review that requires changes and names none": {
			validReview(), edits{"spec.verdicts.1.verdict": "Keep", "spec.actions": absent{}},
			"outcome ChangesRequired needs to say what: a verdict Change or Remove, or an action"},
		"a review of a text by a hash that is none": {validReview(), edits{"spec.subjectDigest": "sha256:abc"}, "should match"},
		"evidence by a hash that is none": {
			validReview(), edits{"spec.evidence": []any{map[string]any{"title": "minutes", "sha256": "abc"}}}, "should match"},
		"evidence on the reviewer's own disk": {
			validReview(), edits{"spec.evidence": []any{map[string]any{"title": "minutes", "url": "file:///minutes"}}}, "should match"},
		"an action without a name": {
			validReview(), edits{"spec.actions": []any{map[string]any{"what": "tell the clerks"}}}, "name: Required value"},
		"an action due on a day that no month has": {validReview(), edits{"spec.actions.0.due": "2026-04-31"}, "must be of type date"},
		"an action due before there were clocks":   {validReview(), edits{"spec.actions.0.due": "1900-01-01"}, "should match"},
		"an action owned by nobody": {
			validReview(), edits{"spec.actions.0.owner": map[string]any{"contact": "#claims"}}, "say who: give a user, a team or a role"},
		"a withdrawal without a reason": {
			validReview(), edits{"spec.withdrawn": map[string]any{"by": "vera", "at": "2026-01-02T03:04:05Z"}}, "why: Required value"},
		"a requirement in capitals": {validReview(), edits{"spec.requirement": "Full"}, "should match"},
	}
}

func validWaiver() client.Object { return builders.MakeWaiver("moving-house").Obj() }

func malformedWaivers() map[string]malformed {
	skip := map[string]any{"requirement": "full", "occurrence": "2024-06-30"}
	const oneOf = "say what is waived: give exactly one of rules, move and skip"
	return map[string]malformed{
		"a waiver of nothing":            {validWaiver(), edits{"spec.rules": absent{}, "spec.until": absent{}}, oneOf},
		"a waiver of rules and a skip":   {validWaiver(), edits{"spec.skip": skip}, oneOf},
		"a waiver of an empty list":      {validWaiver(), edits{"spec.rules": []any{}}, "at least 1 items"},
		"a waiver without an end":        {validWaiver(), edits{"spec.until": absent{}}, "give until with rules, and only there"},
		"a skip with an end":             {builders.MakeWaiver("skip").Skips("full", "2024-06-30").Obj(), edits{"spec.until": "2024-10-01T00:00:00Z"}, "a moved or skipped occurrence has no end"},
		"a waiver that ends first":       {validWaiver(), edits{"spec.until": "2024-06-30T00:00:00Z"}, "until must lie after approvedAt"},
		"a waiver without justification": {validWaiver(), edits{"spec.justification": absent{}}, "spec.justification: Required value"},
		"a waiver that nobody approved":  {validWaiver(), edits{"spec.approvedBy": absent{}}, "spec.approvedBy: Required value"},
		"a waiver of a rule that is none": {
			validWaiver(), edits{"spec.rules.0.rule": "review overdue"}, "should match"},
		"a waiver until a time that Go does not decode": {
			validWaiver(), edits{"spec.until": "2024-10-01T00:00:00z"}, "should match"},
		"a waiver of thirty-three rules": {
			validWaiver(), edits{"spec.rules": many(33, func(int) any { return map[string]any{"rule": "ReviewOverdue"} })},
			"must have at most 32 items"},
		"a waiver that affects somebody twice": {validWaiver(), edits{"spec.affects": []any{"tenants", "tenants"}}, "Duplicate value"},
		"a move to no day": {
			builders.MakeWaiver("move").Moves("full", "2024-06-30", "2024-07-15").Obj(), edits{"spec.move.to": absent{}}, "to: Required value"},
		"a move to a day before there were clocks": {
			builders.MakeWaiver("move").Moves("full", "2024-06-30", "2024-07-15").Obj(), edits{"spec.move.to": "1900-01-01"}, "should match"},
		"a skip of a requirement in capitals": {
			builders.MakeWaiver("skip").Skips("full", "2024-06-30").Obj(), edits{"spec.skip.requirement": "Full"}, "should match"},
		"a waiver that extends what none can be called": {validWaiver(), edits{"spec.extends": "The first"}, "should match"},
		"a move of a day that no month has": {
			builders.MakeWaiver("move").Moves("full", "2024-06-30", "2024-07-15").Obj(),
			edits{"spec.move.occurrence": "2024-06-31"}, "must be of type date"},
	}
}

func validRemediation() client.Object {
	return builders.MakeRemediation("refunds-stepunjustified-1").Obj()
}

func malformedRemediations() map[string]malformed {
	const both = "give the subjectRef and the finding that is remedied"
	const verifyFor = "spec.route.verifyFor"
	return map[string]malformed{
		"a remediation of no subject":      {validRemediation(), edits{"spec.subjectRef": absent{}}, both},
		"a remediation of no finding":      {validRemediation(), edits{"spec.finding": absent{}}, both},
		"a remediation without a route":    {validRemediation(), edits{"spec.route": absent{}}, "spec.route: Required value"},
		"a remediation of no episode":      {validRemediation(), edits{"spec.finding.episode": ""}, "at least 1 chars long"},
		"a remediation with a vague cause": {validRemediation(), edits{"spec.cause": map[string]any{"category": "Bad luck"}}, "Unsupported value"},
		"an attempt without a hypothesis": {
			validRemediation(), edits{"spec.attempts": []any{map[string]any{"result": "none"}}}, "hypothesis: Required value"},
		"thirty-three attempts": {
			validRemediation(), edits{"spec.attempts": many(33, func(i int) any { return map[string]any{"hypothesis": fmt.Sprint(i)} })},
			"must have at most 32 items"},
		"an adoption of no ticket": {
			validRemediation(), edits{"spec.resolve": map[string]any{"messageKey": "k", "action": "Adopt"}}, "give the ticketID with action: Adopt"},
		"a retry of a ticket": {
			validRemediation(), edits{"spec.resolve": map[string]any{"messageKey": "k", "action": "Retry", "ticketID": "7"}}, "and only there"},
		"a resolution of no message": {
			validRemediation(), edits{"spec.resolve": map[string]any{"messageKey": "", "action": "Retry"}}, "at least 1 chars long"},
		"a remediation of a name that none can have":   {validRemediation(), edits{"spec.subjectRef.name": "Refunds"}, "should match"},
		"a remediation of a rule in small letters":     {validRemediation(), edits{"spec.finding.rule": "breached"}, "should match"},
		"a route in capitals into a ticket system":     {validRemediation(), edits{"spec.route.name": "ALL"}, "should match"},
		"reopened within no time":                      {validRemediation(), edits{"spec.route.reopenWithin": "P0D"}, "the period is zero"},
		"reopened within 720h":                         {validRemediation(), edits{"spec.route.reopenWithin": "720h"}, "should match"},
		"an attempt begun at a time with a small t":    {validRemediation(), edits{"spec.attempts": []any{map[string]any{"hypothesis": "h", "startedAt": "2026-01-02t03:04:05Z"}}}, "should match"},
		"an adoption of a ticket on two lines":         {validRemediation(), edits{"spec.resolve": map[string]any{"messageKey": "k", "action": "Adopt", "ticketID": "7\n8"}}, "should match"},
		"verified for 30d, which Go does not decode":   {validRemediation(), edits{verifyFor: "30d"}, "should match"},
		"verified for an empty time":                   {validRemediation(), edits{verifyFor: ""}, "at least 2 chars long"},
		"verified for more than a duration can hold":   {validRemediation(), edits{verifyFor: "9999999999h"}, "should match"},
		"verified for 114 years":                       {validRemediation(), edits{verifyFor: "999999h"}, "verifyFor must lie between 0s and 8760h"},
		"a message key that is as long as a message":   {validRemediation(), edits{"spec.resolve": map[string]any{"messageKey": strings.Repeat("k", 129), "action": "Retry"}}, "may not be more than 128"},
		"a route into a ticket system of no namespace": {validRemediation(), edits{"spec.route.ticketSystemRef.namespace": absent{}}, "namespace: Required value"},
	}
}
