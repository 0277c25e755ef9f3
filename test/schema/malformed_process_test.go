package schema

import (
	"fmt"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/internal/builders"
)

func validProcess() client.Object {
	return builders.MakeProcess("refunds").Cadence("annual").InEffectSince("2024-01-01").
		Step("check", "fraud").Step("pay", "the law").Obj()
}

func malformedProcesses() map[string]malformed {
	step := func(i int) any { return map[string]any{"name": fmt.Sprintf("step-%d", i)} }
	authority := func(limit any) []any {
		return []any{map[string]any{"role": "clerk", "limit": limit, "escalatesTo": "head"}}
	}
	return map[string]malformed{
		"a process without a spec":     {validProcess(), edits{"spec": absent{}}, "spec: Required value"},
		"a process without why":        {validProcess(), edits{"spec.why": absent{}}, "spec.why: Required value"},
		"a process whose why is empty": {validProcess(), edits{"spec.why": ""}, "at least 1 chars long"},
		"a process whose why is a book": {
			validProcess(), edits{"spec.why": strings.Repeat("why ", 600)}, "may not be more than 2048"},
		"a process without an owner": {validProcess(), edits{"spec.owner": absent{}}, "spec.owner: Required value"},
		"a process whose owner is nobody": {
			validProcess(), edits{"spec.owner": map[string]any{"contact": "#refunds"}}, "say who: give a user, a team or a role"},
		"a process that is accountable to nobody in particular": {
			validProcess(), edits{"spec.accountable": map[string]any{}}, "say who: give a user, a team or a role"},
		"a process with 5,000 steps": {validProcess(), edits{"spec.steps": many(5000, step)}, "must have at most 200 items"},
		"a process with two steps of one name": {
			validProcess(), edits{"spec.steps.1.name": "check"}, "Duplicate value"},
		"a step whose name has a space":   {validProcess(), edits{"spec.steps.0.name": "Check it"}, "should match"},
		"a step whose name is too long":   {validProcess(), edits{"spec.steps.0.name": strings.Repeat("a", 64)}, "may not be more than 63"},
		"a limit in scientific notation":  {validProcess(), edits{"spec.steps.0.authority": authority("1e1.5")}, "should match"},
		"a limit of thirteen digits":      {validProcess(), edits{"spec.steps.0.authority": authority("1000000000000")}, "should match"},
		"a limit of seven decimal places": {validProcess(), edits{"spec.steps.0.authority": authority("0.1234567")}, "should match"},
		"a limit beyond all bounds as a number": {
			validProcess(), edits{"spec.steps.0.authority": authority(int64(1000000000000))}, "at most twelve digits before the point"},
		"a limit that is a fraction as a number": {
			validProcess(), edits{"spec.steps.0.authority": authority(0.5)}, "must be of type integer"},
		"a limit that is a truth": {validProcess(), edits{"spec.steps.0.authority": authority(true)}, "Invalid value"},
		"a step with seventeen authorities": {
			validProcess(), edits{"spec.steps.0.authority": many(17, func(int) any { return map[string]any{"role": "clerk"} })},
			"must have at most 16 items"},
		"a process of an unknown type":      {validProcess(), edits{"spec.type": "Project"}, `supported values: "Journey", "Process", "Procedure"`},
		"a process of an unknown tier":      {validProcess(), edits{"spec.tier": "Gold"}, `supported values: "Key", "Standard"`},
		"a process of an unknown lifecycle": {validProcess(), edits{"spec.lifecycle": "Paused"}, `supported values: "Draft", "Active", "Retired"`},
		"a retired process without a reason": {
			validProcess(), edits{"spec.lifecycle": "Retired"}, "give a retirement with a reason when lifecycle is Retired"},
		"an active process with a retirement": {
			validProcess(), edits{"spec.retirement": map[string]any{"reason": "merged"}}, "only then"},
		"two customers of one name": {
			validProcess(), edits{"spec.customers": many(2, func(int) any { return map[string]any{"name": "households"} })}, "Duplicate value"},
		"thirty-three customers": {
			validProcess(), edits{"spec.customers": many(33, func(i int) any { return map[string]any{"name": fmt.Sprint(i)} })},
			"must have at most 32 items"},
		"a link that is no web address": {
			validProcess(), edits{"spec.links": []any{map[string]any{"type": "Source", "url": "ftp://files/refunds"}}}, "should match"},
		"a link with a space": {
			validProcess(), edits{"spec.links": []any{map[string]any{"type": "Source", "url": "https://wiki/a b"}}}, "should match"},
		"in effect since a day that no month has": {validProcess(), edits{"spec.inEffectSince": "2024-02-30"}, "must be of type date"},
		"in effect since before there were clocks": {
			validProcess(), edits{"spec.inEffectSince": "1890-01-01"}, "should match"},
		"in effect since an instant": {
			validProcess(), edits{"spec.inEffectSince": "2024-01-01T00:00:00Z"}, "must be of type date"},
		"in effect since a list of days, which passes for a date where nothing forbids it": {
			validProcess(), edits{"spec.inEffectSince": []any{}}, "spec.inEffectSince"},
		"namespaces that are selected without a selector": {
			validProcess(), edits{"spec.allowedNamespaces": map[string]any{"from": "Selector"}}, "give a selector with from: Selector"},
		"a selector of namespaces that is not used": {
			validProcess(), edits{"spec.allowedNamespaces": map[string]any{"from": "All", "selector": map[string]any{}}}, "and only there"},
		"a reference to a process by a name that none can have": {
			validProcess(), edits{"spec.steps.0.processRef": map[string]any{"name": "Tariff Change"}}, "should match"},
	}
}

func malformedRequirements() map[string]malformed {
	requirement := func(i int) any { return map[string]any{"name": fmt.Sprintf("r-%d", i), "every": "P1M"} }
	return map[string]malformed{
		"a requirement with both every and cadenceRef": {
			validProcess(), edits{"spec.reviews.0.every": "P12M"}, "say how often: give exactly one of every and cadenceRef"},
		"a requirement with neither every nor cadenceRef": {
			validProcess(), edits{"spec.reviews.0.cadenceRef": absent{}}, "say how often: give exactly one of every and cadenceRef"},
		"a checkpoint that calls itself full": {
			validProcess(), edits{"spec.reviews.0.type": "Checkpoint"}, "the name full is reserved for the full review"},
		"a requirement of an unknown type": {validProcess(), edits{"spec.reviews.0.type": "Audit"}, "Unsupported value"},
		"a requirement that needs no approval": {
			validProcess(), edits{"spec.reviews.0.minApprovals": int64(0)}, "greater than or equal to 1"},
		"a requirement that needs eleven approvals": {
			validProcess(), edits{"spec.reviews.0.minApprovals": int64(11)}, "less than or equal to 10"},
		"a requirement every zero days": {
			every(validProcess()), edits{"spec.reviews.0.every": "P0D"}, "the period is zero: give at least one day, as in P1D"},
		"a requirement every 400 years":      {every(validProcess()), edits{"spec.reviews.0.every": "P400Y"}, "should match"},
		"a requirement every hour":           {every(validProcess()), edits{"spec.reviews.0.every": "PT1H"}, "should match"},
		"a requirement every minus one day":  {every(validProcess()), edits{"spec.reviews.0.every": "P-1D"}, "should match"},
		"a requirement every 30d":            {every(validProcess()), edits{"spec.reviews.0.every": "30d"}, "should match"},
		"a requirement every nothing":        {every(validProcess()), edits{"spec.reviews.0.every": "P"}, "at least 3 chars long"},
		"two requirements of one name":       {validProcess(), edits{"spec.reviews": many(2, func(int) any { return requirement(1) })}, "Duplicate value"},
		"six requirements":                   {validProcess(), edits{"spec.reviews": many(6, requirement)}, "must have at most 5 items"},
		"a reviewer who is named twice":      {validProcess(), edits{"spec.reviews.0.reviewers": []any{"vera", "vera"}}, "Duplicate value"},
		"sixty-five reviewers":               {validProcess(), edits{"spec.reviews.0.reviewers": many(65, func(i int) any { return fmt.Sprint(i) })}, "must have at most 64 items"},
		"a reviewer without a name":          {validProcess(), edits{"spec.reviews.0.reviewers": []any{""}}, "at least 1 chars long"},
		"thirty-three questions":             {validProcess(), edits{"spec.reviews.0.questions": many(33, func(int) any { return "why?" })}, "must have at most 32 items"},
		"a review of changes without a time": {validProcess(), edits{"spec.reviews.0.onChange": map[string]any{"action": "Review"}}, "give within: how long after the change the review is due"},
	}
}

// every is the process with a period in place of the cadence.
func every(process client.Object) client.Object {
	return builders.MakeProcess(process.GetName()).Every("P12M").Obj()
}
