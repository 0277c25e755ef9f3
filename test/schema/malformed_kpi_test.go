package schema

import (
	"strings"
)

func malformedKPIs() map[string]malformed {
	return map[string]malformed{
		"a KPI without a spec":           {validKPI(), edits{"spec": absent{}}, "spec: Required value"},
		"a KPI without an owner":         {validKPI(), edits{"spec.owner": absent{}}, "spec.owner: Required value"},
		"a KPI whose owner is nobody":    {validKPI(), edits{"spec.owner": map[string]any{"contact": "#claims"}}, "say who: give a user, a team or a role"},
		"a KPI without a perspective":    {validKPI(), edits{"spec.perspective": absent{}}, "spec.perspective: Required value"},
		"a KPI of the shareholders":      {validKPI(), edits{"spec.perspective": "Shareholder"}, `supported values: "Customer", "Employee", "Quality", "Efficiency", "Financial", "Risk"`},
		"a KPI of an unknown role":       {validKPI(), edits{"spec.role": "Input"}, `supported values: "Outcome", "Driver"`},
		"a KPI that is a little fatal":   {validKPI(), edits{"spec.criticality": "Serious"}, `supported values: "Fatal", "NonFatal"`},
		"a KPI of a person":              {validKPI(), edits{"spec.level": "Person"}, `supported values: "Journey", "Process", "Team"`},
		"a KPI with an unknown reward":   {validKPI(), edits{"spec.incentive": "Bonus"}, `supported values: "None", "Team", "Individual"`},
		"a KPI on an unknown basis":      {validKPI(), edits{"spec.basis": map[string]any{"kind": "Gut"}}, `supported values: "Customer", "Regulator", "Contract", "Benchmark", "Internal"`},
		"a KPI on a basis of no kind":    {validKPI(), edits{"spec.basis": map[string]any{"link": "https://contracts.example.com/7"}}, "spec.basis.kind: Required value"},
		"a KPI whose basis is a file":    {validKPI(), edits{"spec.basis": map[string]any{"kind": "Contract", "link": "file:///contract"}}, "should match"},
		"a KPI whose why is empty":       {validKPI(), edits{"spec.why": ""}, "at least 1 chars long"},
		"a KPI whose action is a book":   {validKPI(), edits{"spec.action": strings.Repeat("act ", 600)}, "may not be more than 2048"},
		"a KPI without an objective":     {validKPI(), edits{"spec.objective": absent{}}, "spec.objective: Required value"},
		"an objective without a target":  {validKPI(), edits{"spec.objective.atLeast.target": absent{}}, "target: Required value"},
		"an objective with a fraction":   {validKPI(), edits{"spec.objective.atLeast.target": 0.5}, "must be of type integer"},
		"an objective in words":          {validKPI(), edits{"spec.objective.atLeast.target": "ninety"}, "should match"},
		"an objective within one bound":  {validKPI(), edits{"spec.objective": map[string]any{"within": map[string]any{"min": int64(1)}}}, "max: Required value"},
		"a KPI without a source":         {validKPI(), edits{"spec.source": absent{}}, "spec.source: Required value"},
		"a KPI of a process in capitals": {validKPI(), edits{"spec.processRef": map[string]any{"name": "House Move"}}, "should match"},
		"a KPI of a process of no name":  {validKPI(), edits{"spec.processRef": map[string]any{}}, "name: Required value"},
		"a proxy for nothing":            {validKPI(), edits{"spec.proxyFor": map[string]any{"lag": "P1M"}}, "kpiRef: Required value"},
		"in effect since 30 February":    {validKPI(), edits{"spec.inEffectSince": "2024-02-30"}, "must be of type date"},
		"in effect since a list of days": {validKPI(), edits{"spec.inEffectSince": []any{}}, "spec.inEffectSince"},
		"an example that is no example":  {validKPI(), edits{"spec.links": []any{map[string]any{"type": "Rumour", "url": "https://a.example.com"}}}, "Unsupported value"},
		"thirty-three links": {validKPI(), edits{"spec.links": many(33, func(int) any {
			return map[string]any{"type": "Source", "url": "https://a.example.com"}
		})}, "must have at most 32 items"},
		"a review of a KPI with both every and cadenceRef": {
			validKPI(), edits{"spec.reviews": []any{map[string]any{"name": "full", "every": "P1Y", "cadenceRef": map[string]any{"name": "annual"}}}},
			"say how often: give exactly one of every and cadenceRef"},
		"a checkpoint of a KPI that calls itself full": {
			validKPI(), edits{"spec.reviews": []any{map[string]any{"name": "full", "type": "Checkpoint", "every": "P1M"}}},
			"the name full is reserved for the full review"},
		"a review of a KPI at each change, without a time": {
			validKPI(), edits{"spec.reviews": []any{map[string]any{"name": "full", "every": "P1Y", "onChange": map[string]any{"action": "Review"}}}},
			"give within: how long after the change the review is due"},
		"a review of a KPI in capitals": {
			validKPI(), edits{"spec.reviews": []any{map[string]any{"name": "Full", "every": "P1Y"}}}, "should match"},
	}
}

func malformedKPISources() map[string]malformed {
	const measured, document, objects = "spec.source.manual.measurements.0", "spec.source.http", "spec.source.kubernetes"
	return map[string]malformed{
		"a measurement of nothing":      {validKPI(), edits{measured + ".value": absent{}}, "value: Required value"},
		"a measurement of anything":     {validKPI(), edits{measured + ".value": "NaN"}, "should match"},
		"a measurement of no period":    {validKPI(), edits{measured + ".to": absent{}}, "to: Required value"},
		"a measurement taken never":     {validKPI(), edits{measured + ".takenAt": absent{}}, "takenAt: Required value"},
		"a measurement taken in words":  {validKPI(), edits{measured + ".takenAt": "yesterday"}, "should match"},
		"a correction for no reason":    {validKPI(), edits{"spec.corrections": []any{map[string]any{"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}}}, "reason: Required value"},
		"a correction without an end":   {validKPI(), edits{"spec.corrections": []any{map[string]any{"from": "2026-01-01T00:00:00Z", "reason": "maintenance"}}}, "to: Required value"},
		"a query to nobody":             {askedKPI(), edits{"spec.source.prometheus.metricSourceRef": absent{}}, "metricSourceRef: Required value"},
		"a query of a number":           {askedKPI(), edits{"spec.source.prometheus.query": int64(1)}, "must be of type string"},
		"a query to another namespace!": {askedKPI(), edits{"spec.source.prometheus.metricSourceRef.namespace": "Platform!"}, "should match"},
		"a document of no path":         {httpKPI(), edits{document + ".path": absent{}}, "path: Required value"},
		"a document without a value":    {httpKPI(), edits{document + ".value": absent{}}, "value: Required value"},
		"a document from nobody":        {httpKPI(), edits{document + ".metricSourceRef": absent{}}, "metricSourceRef: Required value"},
		"objects of no kind":            {configMapKPI(), edits{objects + ".kind": absent{}}, "kind: Required value"},
		"objects of no version":         {configMapKPI(), edits{objects + ".apiVersion": absent{}}, "apiVersion: Required value"},
		"objects read by nobody":        {configMapKPI(), edits{objects + ".serviceAccountName": absent{}}, "serviceAccountName: Required value"},
		"objects without a value":       {configMapKPI(), edits{objects + ".value": absent{}}, "value: Required value"},
		"objects by a label in a list":  {configMapKPI(), edits{objects + ".name": absent{}, objects + ".selector": map[string]any{"matchLabels": []any{"area"}}}, "must be of type object"},
	}
}

func malformedMetricSources() map[string]malformed {
	return map[string]malformed{
		"a metric source without a spec":    {validMetricSource(), edits{"spec": absent{}}, "spec: Required value"},
		"a metric source at no address":     {validMetricSource(), edits{"spec.url": absent{}}, "spec.url: Required value"},
		"a metric source of no type":        {validMetricSource(), edits{"spec.type": absent{}}, "spec.type: Required value"},
		"a metric source of an unknown one": {validMetricSource(), edits{"spec.type": "Spreadsheet"}, `supported values: "Prometheus", "HTTP"`},
		"a metric source that may be asked with PUT": {
			validMetricSource(), edits{"spec.type": "HTTP", "spec.http": map[string]any{"allow": []any{map[string]any{"method": "PUT", "pathPrefix": "/"}}}},
			`supported values: "GET", "POST"`},
		"a metric source that may be asked anything by nothing": {
			validMetricSource(), edits{"spec.type": "HTTP", "spec.http": map[string]any{"allow": []any{map[string]any{}}}}, "pathPrefix: Required value"},
	}
}
