package schema

import (
	"maps"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/internal/builders"
)

// malformedPaces are the mistakes about when and how often something is said, of a route that lies at a path.
func malformedPaces(kind, path string, valid func() client.Object) map[string]malformed {
	escalation := func(steps ...map[string]any) edits {
		list := make([]any, 0, len(steps))
		for _, step := range steps {
			list = append(list, step)
		}
		return edits{path + ".escalate": list}
	}
	step := func(after string) map[string]any { return map[string]any{"after": after, "severity": "High"} }
	active := func(field string, value any) edits {
		return edits{path + ".activeTimes": map[string]any{field: value}}
	}
	const inOrder = "let after rise from step to step"
	rows := map[string]malformed{
		"gathered for 25 hours":          {valid(), edits{path + ".groupWait": "25h"}, "groupWait must lie between 0s and 24h"},
		"gathered for a while":           {valid(), edits{path + ".groupWait": "a while"}, "should match"},
		"reminded of each minute":        {valid(), edits{path + ".repeatEvery": "1m"}, "repeatEvery must lie between 1h and 8760h"},
		"reminded of weekly":             {valid(), edits{path + ".repeatEvery": "P1W"}, "should match"},
		"reminded of no more":            {valid(), edits{path + ".maxRepeats": int64(0)}, "greater than or equal to 1"},
		"reminded of too often":          {valid(), edits{path + ".maxRepeats": int64(101)}, "less than or equal to 100"},
		"escalated at once":              {valid(), escalation(step("0s")), "after must lie between 1m and 8760h"},
		"escalated in a form of days":    {valid(), escalation(step("3d")), "should match"},
		"escalated to nothing":           {valid(), escalation(map[string]any{"after": "1h"}), "say what the step does"},
		"escalated to an empty assignee": {valid(), escalation(map[string]any{"after": "1h", "assignee": ""}), "at least 1 chars"},
		"assigned to a book":             {valid(), edits{path + ".assignee": strings.Repeat("1", 2049)}, "may not be more than 2048"},
		"escalated to no severity":       {valid(), escalation(map[string]any{"after": "1h", "severity": "Fatal"}), "Unsupported value"},
		"escalated out of order":         {valid(), escalation(step("2h"), step("1h")), inOrder},
		"escalated twice at once":        {valid(), escalation(step("1h"), step("2h"), step("2h")), inOrder},
		"escalated in four steps":        {valid(), escalation(step("1h"), step("2h"), step("3h"), step("4h")), "must have at most 3 items"},
		"active backwards":               {valid(), edits{path + ".activeTimes": map[string]any{"from": "17:00", "to": "08:00"}}, "from must lie before to"},
		"active from 8 on":               {valid(), active("from", "8:00"), "should match"},
		"active to midnight":             {valid(), active("to", "24:00"), "should match"},
		"active on no day":               {valid(), active("weekdays", []any{}), "should have at least 1 items"},
		"active on a day of no week":     {valid(), active("weekdays", []any{"Sonntag"}), "Unsupported value"},
		"active in a zone of no name":    {valid(), active("timeZone", ""), "at least 1 chars long"},
		"active twice on the same day":   {valid(), active("weekdays", []any{"Monday", "Monday"}), "Duplicate value"},
	}
	of := map[string]malformed{}
	for sentence, row := range rows {
		of[kind+" "+sentence] = row
	}
	return of
}

func malformedGroups() map[string]malformed {
	rows := map[string]malformed{
		"a remediation of a group and of a finding": {
			validRemediation(), edits{"spec.group": map[string]any{"episode": "1"}}, "or the group of findings",
		},
		"a remediation of a group of no episode": {validRemediation(), ofGroup(map[string]any{}), "episode: Required value"},
		"a remediation of a group over namespaces": {
			validRemediation(), ofGroup(map[string]any{"episode": "1", "scope": "Cluster"}), "Unsupported value",
		},
		"a remediation of a group of a rule in small letters": {
			validRemediation(), ofGroup(map[string]any{"episode": "1", "rule": "reviewOverdue"}), "should match",
		},
	}
	return rows
}

// ofGroup makes a remediation one for a group.
func ofGroup(group map[string]any) edits {
	return edits{"spec.subjectRef": absent{}, "spec.finding": absent{}, "spec.group": group}
}

func malformedRoutes() map[string]malformed {
	valid := func() client.Object { return builders.MakePolicy("default").Route("all", "desk", "desk").Obj() }
	rows := malformedPaces("a route", "spec.routes.0", valid)
	maps.Copy(rows, map[string]malformed{
		"a route that groups by names": {valid(), edits{"spec.routes.0.groupBy": []any{"Name"}}, "Unsupported value"},
		"a route that groups twice":    {valid(), edits{"spec.routes.0.groupBy": []any{"Rule", "Rule"}}, "Duplicate value"},
	})
	return rows
}
