package schema

import (
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// repair makes an object of a struct hold to the rules across its fields, which stand in CEL. Without them nearly all that
// is generated would be refused for the same few reasons. A struct is known by some of its properties.
type repair struct {
	properties []string
	repair     func(g *generator, object map[string]any)
}

// repairs are those of all kinds.
var repairs = slices.Concat(governanceRepairs, kpiRepairs)

var governanceRepairs = []repair{
	{[]string{"lifecycle", "retirement"}, func(_ *generator, o map[string]any) {
		if _, has := o["retirement"]; has {
			o["lifecycle"] = "Retired"
		} else if o["lifecycle"] == "Retired" {
			delete(o, "lifecycle")
		}
	}},
	{[]string{"every", "cadenceRef"}, func(g *generator, o map[string]any) {
		g.exactlyOne(o, map[string]any{"every": "P12M", "cadenceRef": map[string]any{"name": "annual"}})
		if o["name"] == "full" {
			o["type"] = "Full"
		}
	}},
	{[]string{"action", "within"}, func(_ *generator, o map[string]any) {
		if _, has := o["within"]; !has {
			o["within"] = "P30D"
		}
	}},
	{[]string{"user", "team", "role"}, func(_ *generator, o map[string]any) {
		if o["user"] == nil && o["team"] == nil {
			o["role"] = "head of service"
		}
	}},
	{[]string{"from", "selector"}, func(_ *generator, o map[string]any) {
		if _, has := o["selector"]; has {
			o["from"] = "Selector"
		} else if o["from"] == "Selector" {
			o["from"] = "All"
		}
	}},
	{[]string{"basic", "bearer", "header", "oauth2"}, func(g *generator, o map[string]any) {
		secret := map[string]any{"name": "desk", "key": "token"}
		g.exactlyOne(o, map[string]any{
			"bearer": secret,
			"basic":  map[string]any{"username": secret, "password": secret},
			"header": map[string]any{"name": "X-Api-Key", "value": secret},
			"oauth2": map[string]any{"tokenURL": "https://login.example.com", "clientID": secret, "clientSecret": secret},
		})
	}},
	{[]string{"type", "webhook", "custom"}, func(_ *generator, o map[string]any) {
		_, described := o["custom"]
		if described || o["type"] == "Custom" {
			o["type"] = "Custom"
			if !described {
				o["custom"] = map[string]any{"create": map[string]any{"path": `""`}}
			}
		}
		if o["type"] != "Custom" && o["type"] != "Webhook" {
			delete(o, "webhook")
		}
	}},
	{[]string{"action", "ticketID"}, func(_ *generator, o map[string]any) {
		delete(o, "ticketID")
		if o["action"] == "Adopt" {
			o["ticketID"] = "42"
		}
	}},
	{[]string{"rules", "move", "skip"}, func(g *generator, o map[string]any) {
		g.exactlyOne(o, map[string]any{
			"rules": []any{map[string]any{"rule": "ReviewOverdue"}},
			"move":  map[string]any{"requirement": "full", "occurrence": "2026-01-31", "to": "2026-02-15"},
			"skip":  map[string]any{"requirement": "full", "occurrence": "2026-01-31"},
		})
		delete(o, "until")
		if _, has := o["rules"]; has {
			o["approvedAt"], o["until"] = "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"
		}
	}},
	{[]string{"every", "rrule"}, repairCadence},
	{[]string{"verdicts", "heldAt"}, func(_ *generator, o map[string]any) {
		if o["outcome"] == "ChangesRequired" {
			o["outcome"] = "Approved"
		}
	}},
	{[]string{"groupWait", "repeatEvery", "escalate"}, repairPace},
	{[]string{"after", "severity", "ticketSystemRef"}, func(_ *generator, o map[string]any) {
		o["after"] = "72h"
		if o["ticketSystemRef"] == nil {
			o["severity"] = "High"
		}
	}},
	{[]string{"timeZone", "weekdays", "from", "to"}, func(_ *generator, o map[string]any) { delete(o, "to") }},
	{[]string{"subjectRef", "finding", "route"}, func(_ *generator, o map[string]any) {
		if o["group"] != nil {
			delete(o, "subjectRef")
			delete(o, "finding")
			return
		}
		if o["subjectRef"] == nil {
			o["subjectRef"] = map[string]any{"name": "refunds"}
		}
		if o["finding"] == nil {
			o["finding"] = map[string]any{"rule": "StepUnjustified", "episode": "1"}
		}
	}},
	{[]string{"namespaceSelector", "routes"}, func(_ *generator, o map[string]any) {
		if routes, ok := o["routes"].([]any); ok && len(routes) > 1 {
			o["routes"] = routes[:1]
		}
	}},
}

// repairPace leaves one step of an escalation, and times within their bounds.
func repairPace(_ *generator, o map[string]any) {
	for field, good := range map[string]string{"groupWait": "5m", "repeatEvery": "24h"} {
		if o[field] != nil {
			o[field] = good
		}
	}
	if steps, ok := o["escalate"].([]any); ok && len(steps) > 1 {
		o["escalate"] = steps[:1]
	}
}

func repairCadence(g *generator, o map[string]any) {
	g.exactlyOne(o, map[string]any{"every": "P12M", "rrule": "FREQ=MONTHLY;BYMONTHDAY=-1"})
	if _, ruled := o["rrule"]; ruled {
		o["anchor"] = "Calendar"
		return
	}
	if o["anchor"] == "Calendar" {
		o["startDate"] = "2026-01-31"
		return
	}
	delete(o, "openBefore")
	delete(o, "startDate")
}

// exactlyOne leaves one of several fields: one that is there, else one of the defaults.
func (g *generator) exactlyOne(object, defaults map[string]any) {
	names := sortedKeys(defaults)
	keep := names[g.random.IntN(len(names))]
	for _, name := range names {
		if name != keep {
			delete(object, name)
		} else if object[name] == nil {
			object[name] = defaults[name]
		}
	}
}

func (g *generator) repair(s *apiextensionsv1.JSONSchemaProps, object map[string]any) {
	for _, r := range repairs {
		if !slices.ContainsFunc(r.properties, func(name string) bool { _, has := s.Properties[name]; return !has }) {
			r.repair(g, object)
		}
	}
}
