package schema

import (
	"fmt"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/internal/builders"
)

// validKPI is measured by hand.
func validKPI() client.Object {
	return builders.MakeKPI("claims").InEffectSince("2024-01-01").Measured("2024-06-30", "93").Obj()
}

// askedKPI is asked for once a minute, as every KPI is that does not say how often.
func askedKPI() client.Object {
	return builders.MakeKPI("claims").Prometheus("metrics", "claims:right:percent").Obj()
}

func within(low, high, margin any) edits {
	bounds := map[string]any{"min": low, "max": high}
	place(bounds, "margin", margin)
	return edits{"spec.objective": map[string]any{"within": bounds}}
}

func objectiveBorders() map[string]border {
	const (
		oneOf   = "say which values are good: give exactly one of atLeast, atMost and within"
		atLeast = "the warning of atLeast lies at or above its target: values between the two are at risk"
		atMost  = "the warning of atMost lies at or below its target: values between the two are at risk"
		margin  = "margin must be at least 0 and at most half of what lies between min and max"
	)
	most := builders.MakeKPI("claims").AtMost("240").Obj()
	const leastTarget, mostWarning = "spec.objective.atLeast.target", "spec.objective.atMost.warning"
	return map[string]border{
		"an objective in two ways": {validKPI(),
			edits{"spec.objective": map[string]any{"atMost": map[string]any{"target": "5"}}},
			edits{"spec.objective.atMost": map[string]any{"target": "5"}}, oneOf},
		"an objective in no way": {validKPI(), within(int64(5), int64(9), "1"), edits{"spec.objective": map[string]any{}}, oneOf},
		"a warning after the breach, from below": {validKPI(),
			edits{"spec.objective.atLeast.warning": int64(90)}, edits{"spec.objective.atLeast.warning": "89.999999"}, atLeast},
		"a warning after the breach, from above": {most, edits{mostWarning: "240"}, edits{mostWarning: "240.000001"}, atMost},
		"bounds without room between them":       {validKPI(), within("5", "5.000001", absent{}), within("5", int64(5), absent{}), "min must be below max"},
		"a margin below nothing":                 {validKPI(), within(int64(5), int64(9), int64(0)), within(int64(5), int64(9), "-0.000001"), margin},
		"a margin of more than all":              {validKPI(), within(int64(5), int64(9), "2"), within(int64(5), int64(9), "2.000001"), margin},
		"a target of thirteen digits": {validKPI(),
			edits{leastTarget: "-999999999999.999999"}, edits{leastTarget: "1000000000000"}, "should match"},
		"a target of thirteen digits as a number": {validKPI(),
			edits{leastTarget: int64(-999999999999)}, edits{leastTarget: int64(-1000000000000)},
			"the number is out of bounds: at most twelve digits before the point"},
		"a target in scientific notation": {validKPI(), edits{leastTarget: "0.000001"}, edits{leastTarget: "1e-6"}, "should match"},
	}
}

func kpiTimeBorders() map[string]border {
	const (
		lookBack = "window must lie between 1m and 8760h"
		horizon  = "horizon must lie between 1m and 8760h"
		every    = "every must lie between 5s and 8760h"
		stale    = "staleAfter must lie between 5s and 17520h"
		fresh    = "staleAfter must be at least as long as every"
	)
	one := func(field string, good, bad any, want string) border {
		return border{askedKPI(), edits{"spec." + field: good}, edits{"spec." + field: bad}, want}
	}
	return map[string]border{
		"asked more often than every five seconds": one("every", "5s", "4s", every),
		"asked less often than every year":         one("every", "8760h", "8760h1s", every),
		"asked every 30d":                          one("every", "30m", "30d", "should match"),
		"stale before it can be asked": {askedKPI(), edits{"spec.every": "5s", "spec.staleAfter": "5s"},
			edits{"spec.every": "5s", "spec.staleAfter": "4s"}, stale},
		"stale after more than two years": one("staleAfter", "17520h", "17520h0m1s", stale),
		"stale between two values": {askedKPI(), edits{"spec.every": "1h", "spec.staleAfter": "60m"},
			edits{"spec.every": "1h", "spec.staleAfter": "59m59s"}, fresh},
		"stale between two values of the default interval": one("staleAfter", "1m", "59s", fresh),
		"stale between two measurements of the default interval": {
			validKPI(), edits{"spec.staleAfter": "744h"}, edits{"spec.staleAfter": "743h"}, fresh},
		"breached after more than a year":  one("breachFor", "8760h", "8760h1s", "breachFor must lie between 0s and 8760h"),
		"breached before it misses":        one("breachFor", "0s", "-1s", "should match"),
		"recovered after more than a year": one("recoverFor", "8760h", "8761h", "recoverFor must lie between 0s and 8760h"),
		"a trend of a moment":              one("trend", map[string]any{"window": "1m"}, map[string]any{"window": "59s"}, lookBack),
		"a trend of more than a year":      one("trend", map[string]any{"window": "8760h"}, map[string]any{"window": "8761h"}, lookBack),
		"a horizon of a moment":            one("trend", map[string]any{"horizon": "1m"}, map[string]any{"horizon": "59s"}, horizon),
		"a horizon beyond a year":          one("trend", map[string]any{"horizon": "8760h"}, map[string]any{"horizon": "8761h"}, horizon),
	}
}

func kpiBorders() map[string]border {
	one := func(field string, good, bad any, want string) border {
		return border{askedKPI(), edits{"spec." + field: good}, edits{"spec." + field: bad}, want}
	}
	proxy := func(field string, value any) any {
		return map[string]any{"kpiRef": map[string]any{"name": "satisfaction"}, field: value}
	}
	plausible := func(field string, value any) any { return map[string]any{"max": int64(100), field: value} }
	review := func(i int) any { return map[string]any{"name": fmt.Sprintf("r-%d", i), "every": "P6M"} }
	name := func(i int) any { return fmt.Sprintf("kpi-%d", i) }
	const correlation = "minCorrelation must lie between 0 and 1"
	return map[string]border{
		"a weight below nothing":          one("weight", int64(0), int64(-1), "greater than or equal to 0"),
		"a weight above a hundred":        one("weight", int64(100), int64(101), "less than or equal to 100"),
		"a unit of a whole sentence":      one("unit", strings.Repeat("€", 32), strings.Repeat("€", 33), "may not be more than 32"),
		"nine counterweights":             one("balancedBy", many(8, name), many(9, name), "must have at most 8 items"),
		"a counterweight twice":           one("balancedBy", []any{"a", "b"}, []any{"a", "a"}, "Duplicate value"),
		"a counterweight in capitals":     one("balancedBy", []any{"first-contact"}, []any{"First contact"}, "should match"),
		"six review requirements":         one("reviews", many(5, review), many(6, review), "must have at most 5 items"),
		"a correlation of more than all":  one("proxyFor", proxy("minCorrelation", "1"), proxy("minCorrelation", "1.000001"), correlation),
		"a correlation of less than none": one("proxyFor", proxy("minCorrelation", int64(0)), proxy("minCorrelation", "-0.1"), correlation),
		"a correlation of three pairs":    one("proxyFor", proxy("minSamples", int64(4)), proxy("minSamples", int64(3)), "greater than or equal to 4"),
		"a correlation of 201 pairs":      one("proxyFor", proxy("minSamples", int64(200)), proxy("minSamples", int64(201)), "less than or equal to 200"),
		"a proxy by no time":              one("proxyFor", proxy("lag", "P1D"), proxy("lag", "P0D"), "the period is zero: give at least one day, as in P1D"),
		"a proxy by the hour":             one("proxyFor", proxy("window", "P26W"), proxy("window", "PT26H"), "should match"),
		"flat after two values":           one("plausibility", plausible("flatAfter", int64(3)), plausible("flatAfter", int64(2)), "greater than or equal to 3"),
		"flat after 201 values":           one("plausibility", plausible("flatAfter", int64(200)), plausible("flatAfter", int64(201)), "less than or equal to 200"),
		"a jump of two deviations":        one("plausibility", plausible("jump", int64(3)), plausible("jump", int64(2)), "greater than or equal to 3"),
		"a jump of 101 deviations":        one("plausibility", plausible("jump", int64(100)), plausible("jump", int64(101)), "less than or equal to 100"),
		"nothing is plausible":            one("plausibility", plausible("min", "99.999999"), plausible("min", "100"), "min must be below max"),
		"a KPI that balances itself": {
			builders.MakeKPI("claims").Obj(), edits{"spec.balancedBy": []any{"border"}},
			edits{"metadata.name": "itself", "spec.balancedBy": []any{"another", "itself"}},
			"a KPI cannot be its own counterweight: name another one in balancedBy"},
		"a KPI that predicts itself": {
			builders.MakeKPI("claims").Obj(), edits{"spec.proxyFor": proxy("minSamples", int64(12))},
			edits{"metadata.name": "satisfaction", "spec.proxyFor": proxy("minSamples", int64(12))},
			"a KPI cannot be a proxy for itself: name another one in proxyFor"},
	}
}

func measurementBorders() map[string]border {
	correction := func(from, to string) []any {
		return []any{map[string]any{"from": from, "to": to, "reason": "maintenance"}}
	}
	pause := func(int) any { return correction("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")[0] }
	measurement := func(int) any {
		return map[string]any{"value": int64(1), "from": "2026-01-01", "to": "2026-01-31", "takenAt": "2026-02-01T00:00:00Z"}
	}
	const (
		list    = "spec.source.manual.measurements"
		from    = list + ".0.from"
		takenAt = list + ".0.takenAt"
	)
	return map[string]border{
		"a correction that ends as it begins, in another zone": {validKPI(),
			edits{"spec.corrections": correction("2026-01-01T12:00:00+02:00", "2026-01-01T10:00:01Z")},
			edits{"spec.corrections": correction("2026-01-01T12:00:00+02:00", "2026-01-01T10:00:00Z")}, "from must lie before to"},
		"a correction from a time with a small t, which Go does not decode": {validKPI(),
			edits{"spec.corrections": correction("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")},
			edits{"spec.corrections": correction("2026-01-01t00:00:00Z", "2026-01-02T00:00:00Z")}, "should match"},
		"corrections longer than 92 days together": {validKPI(),
			edits{"spec.corrections": correction("2026-01-01T00:00:00Z", "2026-04-03T00:00:00Z")},
			edits{"spec.corrections": correction("2026-01-01T00:00:00Z", "2026-04-03T00:00:01Z")}, "longer than 92 days together"},
		"thirty-three corrections": {validKPI(),
			edits{"spec.corrections": many(32, pause)}, edits{"spec.corrections": many(33, pause)}, "must have at most 32 items"},
		"a measurement of a period that ends before it begins": {validKPI(),
			edits{from: "2024-06-30"}, edits{from: "2024-07-01"}, "from must not lie after to"},
		"a measurement of a day that no month has": {validKPI(),
			edits{from: "2024-02-29"}, edits{from: "2024-02-30"}, "must be of type date"},
		"a measurement of a day before there were clocks": {validKPI(),
			edits{from: "1970-01-01"}, edits{from: "1969-12-31"}, "should match"},
		"a measurement taken at a time with a small z, which Go does not decode": {validKPI(),
			edits{takenAt: "2024-07-01T00:00:00.5+05:45"}, edits{takenAt: "2024-07-01T00:00:00z"}, "should match"},
		"201 measurements": {validKPI(), edits{list: many(200, measurement)}, edits{list: many(201, measurement)}, "must have at most 200 items"},
	}
}
