package schema

// kpiRepairs are the repairs of KPIs and of what they are asked from.
var kpiRepairs = []repair{
	{[]string{"atLeast", "atMost", "within"}, func(g *generator, o map[string]any) {
		g.exactlyOne(o, map[string]any{
			"atLeast": map[string]any{"target": "85.5", "warning": int64(90)},
			"atMost":  map[string]any{"target": int64(240)},
			"within":  map[string]any{"min": int64(5), "max": "9.000001"},
		})
	}},
	// Met from here on, or up to here: both have these two.
	{[]string{"target", "warning"}, func(_ *generator, o map[string]any) {
		if o["warning"] != nil {
			o["warning"] = o["target"]
		}
	}},
	{[]string{"min", "max"}, func(g *generator, o map[string]any) {
		if o["min"] != nil {
			o["min"] = g.pick([]any{"-999999999999.999999", int64(-1), "0", "0.000001"})
		}
		if o["max"] != nil {
			o["max"] = g.pick([]any{"999999999999.999999", int64(100), "2.5"})
		}
		if o["margin"] != nil {
			o["margin"] = g.pick([]any{int64(0), "0", "0.5", "1"})
		}
	}},
	{[]string{"kpiRef", "minCorrelation"}, func(g *generator, o map[string]any) {
		if o["minCorrelation"] != nil {
			o["minCorrelation"] = g.pick([]any{int64(0), int64(1), "0.3", "1.000000"})
		}
	}},
	{[]string{"window", "horizon"}, func(g *generator, o map[string]any) {
		if o["window"] != nil {
			o["window"] = g.pick([]any{"1m", "336h", "8760h", "0h90m"})
		}
	}},
	{[]string{"from", "to", "reason"}, func(_ *generator, o map[string]any) { o["to"] = "2199-12-31T23:59:59Z" }},
	{[]string{"from", "to", "takenAt"}, func(g *generator, o map[string]any) {
		o["to"] = g.pick([]any{"2199-12-31", o["from"]})
	}},
	{[]string{"path", "body"}, func(_ *generator, o map[string]any) {
		if o["body"] != nil {
			o["method"] = "POST"
		}
	}},
	{[]string{"serviceAccountName", "selector"}, func(g *generator, o map[string]any) {
		g.exactlyOne(o, map[string]any{"name": "claims", "selector": map[string]any{"matchLabels": map[string]any{"area": "claims"}}})
	}},
	{[]string{"prometheus", "http", "kubernetes", "manual"}, repairSource},
	{[]string{"every", "staleAfter"}, func(g *generator, o map[string]any) {
		if o["every"] != nil {
			o["every"] = g.pick([]any{"5s", "1m", "1h30m", "8760h"})
		}
		if o["staleAfter"] != nil {
			o["staleAfter"] = g.pick([]any{"8760h", "17520h"})
		}
	}},
	{[]string{"header", "label"}, func(g *generator, o map[string]any) {
		g.exactlyOne(o, map[string]any{"header": "X-Scope-OrgID", "label": "namespace"})
	}},
	{[]string{"type", "prometheus", "http"}, func(_ *generator, o map[string]any) {
		if o["type"] == "Prometheus" {
			delete(o, "http")
		} else {
			delete(o, "prometheus")
		}
	}},
}

func repairSource(g *generator, o map[string]any) {
	system := map[string]any{"name": "metrics"}
	g.exactlyOne(o, map[string]any{
		"prometheus": map[string]any{"metricSourceRef": system, "query": "up"},
		"http":       map[string]any{"metricSourceRef": system, "path": "/v1/open", "value": "double(reply.open)"},
		"kubernetes": map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "name": "claims", "value": "1", "serviceAccountName": "kpi-reader",
		},
		"manual": map[string]any{},
	})
}
