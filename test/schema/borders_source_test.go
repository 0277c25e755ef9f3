package schema

import (
	"fmt"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

func httpKPI() client.Object {
	return builders.MakeKPI("claims").HTTP("desk", "/v1/complaints?open=true", "double(reply.open)").Obj()
}

func configMapKPI() client.Object {
	return builders.MakeKPI("claims").ConfigMap("claims", "kpi-reader", "double(object.data.open)").Obj()
}

func sourceBorders() map[string]border {
	const (
		oneOf  = "say where the value comes from: give exactly one of prometheus, http, kubernetes and manual"
		query  = "spec.source.prometheus.query"
		source = "spec.source.prometheus.metricSourceRef.name"
		path   = "spec.source.http.path"
		value  = "spec.source.http.value"
		body   = "spec.source.http.body"
	)
	asPost := func(text string) edits { return edits{"spec.source.http.method": "POST", body: text} }
	return map[string]border{
		"a source in two ways": {askedKPI(), edits{"spec.source": map[string]any{"manual": map[string]any{}}},
			edits{"spec.source.manual": map[string]any{}}, oneOf},
		"a source in no way": {askedKPI(), edits{"spec.source": map[string]any{"manual": map[string]any{}}},
			edits{"spec.source": map[string]any{}}, oneOf},
		"a question of no words":             {askedKPI(), edits{query: "1"}, edits{query: ""}, "at least 1 chars long"},
		"a question of a book":               {askedKPI(), edits{query: strings.Repeat("x", 4096)}, edits{query: strings.Repeat("x", 4097)}, "may not be more than 4096"},
		"a metric source in capitals":        {askedKPI(), edits{source: "m-1.a"}, edits{source: "M"}, "should match"},
		"a path that does not begin":         {httpKPI(), edits{path: "/"}, edits{path: "v1/complaints"}, "should match"},
		"a path with a space":                {httpKPI(), edits{path: "/a%20b"}, edits{path: "/a b"}, "should match"},
		"a path with a fragment":             {httpKPI(), edits{path: "/a?b=%23"}, edits{path: "/a#b"}, "should match"},
		"a path with a backslash":            {httpKPI(), edits{path: "/a/b"}, edits{path: `/a\b`}, "should match"},
		"a path that never ends":             {httpKPI(), edits{path: "/" + strings.Repeat("a", 1023)}, edits{path: "/" + strings.Repeat("a", 1024)}, "may not be more than 1024"},
		"a body without POST":                {httpKPI(), asPost("{}"), edits{body: "{}"}, "a body needs method: POST"},
		"a body of nothing":                  {httpKPI(), asPost("0"), asPost(""), "at least 1 chars long"},
		"a body of a book":                   {httpKPI(), asPost(strings.Repeat("0", 4096)), asPost(strings.Repeat("0", 4097)), "may not be more than 4096"},
		"a method that changes things":       {httpKPI(), edits{"spec.source.http.method": "GET"}, edits{"spec.source.http.method": "DELETE"}, `supported values: "GET", "POST"`},
		"an expression of nothing":           {httpKPI(), edits{value: "1"}, edits{value: ""}, "at least 1 chars long"},
		"an expression of a book":            {httpKPI(), edits{value: strings.Repeat("1", 2048)}, edits{value: strings.Repeat("1", 2049)}, "may not be more than 2048"},
		"an expression of a time, of a book": {httpKPI(), edits{"spec.source.http.time": "reply.at"}, edits{"spec.source.http.time": strings.Repeat("1", 2049)}, "may not be more than 2048"},
	}
}

func kubernetesBorders() map[string]border {
	const (
		oneOf  = "say which objects: give exactly one of name and selector"
		source = "spec.source.kubernetes."
	)
	some := map[string]any{"matchLabels": map[string]any{"area": "claims"}}
	one := func(field string, good, bad any, want string) border {
		return border{configMapKPI(), edits{source + field: good}, edits{source + field: bad}, want}
	}
	return map[string]border{
		"objects by name and by label": {configMapKPI(),
			edits{source + "name": absent{}, source + "selector": some}, edits{source + "selector": some}, oneOf},
		"objects by nothing": {configMapKPI(),
			edits{source + "name": absent{}, source + "selector": map[string]any{}}, edits{source + "name": absent{}}, oneOf},
		"a secret":                     one("kind", "ConfigMap", "Secret", "Secrets are never read for a KPI: read something that holds no secret"),
		"a kind in small letters":      one("kind", "C", "configmap", "should match"),
		"a kind that is a path":        one("kind", "ConfigMapList", "ConfigMap/status", "should match"),
		"a version without its number": one("apiVersion", "batch/v1beta1", "batch/v", "should match"),
		"a version that is a path":     one("apiVersion", "governance.gemba.dev/v1alpha1", "../v1", "should match"),
		"a reader in capitals":         one("serviceAccountName", "kpi-reader", "KPI", "should match"),
		"a name that none can have":    one("name", "claims.2026", "claims_2026", "should match"),
	}
}

func validMetricSource() client.Object {
	return builders.MakeMetricSource("metrics", "https://prometheus.example.com").Obj()
}

func metricSourceBorders() map[string]border {
	const tenants = "say how tenants are told apart: give exactly one of header and label"
	tenancy := func(field, value string) edits {
		return edits{"spec.prometheus": map[string]any{"tenancy": map[string]any{field: value}}}
	}
	documents := builders.MakeMetricSource("documents", "https://desk.example.com").HTTP("/v1/complaints").Obj()
	request := func(i int) any { return map[string]any{"pathPrefix": fmt.Sprintf("/v1/%d", i)} }
	const prefix, perSecond, concurrent = "spec.http.allow.0.pathPrefix", "spec.rateLimit.perSecond", "spec.rateLimit.concurrent"
	return map[string]border{
		"documents of a Prometheus": {validMetricSource(), edits{"spec.prometheus": map[string]any{}},
			edits{"spec.http": map[string]any{}}, "http belongs to type: HTTP"},
		"tenants of documents": {documents, edits{"spec.http": map[string]any{}},
			edits{"spec.prometheus": map[string]any{}}, "prometheus belongs to type: Prometheus"},
		"tenants told apart in two ways": {validMetricSource(), tenancy("label", "namespace"),
			edits{"spec.prometheus": map[string]any{"tenancy": map[string]any{"label": "namespace", "header": "X-Scope-OrgID"}}}, tenants},
		"tenants told apart in no way":      {validMetricSource(), edits{"spec.prometheus": map[string]any{}}, edits{"spec.prometheus": map[string]any{"tenancy": map[string]any{}}}, tenants},
		"a tenant in an underscored header": {validMetricSource(), tenancy("header", "X-Scope-OrgID"), tenancy("header", "X_Scope_OrgID"), "should match"},
		"a tenant in a label of a hyphen":   {validMetricSource(), tenancy("label", "_namespace_2"), tenancy("label", "kube-namespace"), "should match"},
		"a tenant in two labels":            {validMetricSource(), tenancy("label", "n"), tenancy("label", `n="",m`), "should match"},
		"a prefix without its slash":        {documents, edits{prefix: "/"}, edits{prefix: "v1"}, "should match"},
		"a prefix with a query":             {documents, edits{prefix: "/v1/complaints"}, edits{prefix: "/v1/complaints?open"}, "should match"},
		"a prefix in disguise":              {documents, edits{prefix: "/v1/2e"}, edits{prefix: "/v1/%2e%2e"}, "should match"},
		"thirty-three prefixes":             {documents, edits{"spec.http.allow": many(32, request)}, edits{"spec.http.allow": many(33, request)}, "must have at most 32 items"},
		"never asked":                       {validMetricSource(), edits{perSecond: int64(1)}, edits{perSecond: int64(0)}, "greater than or equal to 1"},
		"asked too often":                   {validMetricSource(), edits{perSecond: int64(10000)}, edits{perSecond: int64(10001)}, "less than or equal to 10000"},
		"asked nothing at a time":           {validMetricSource(), edits{concurrent: int64(1)}, edits{concurrent: int64(0)}, "greater than or equal to 1"},
		"asked too much at a time":          {validMetricSource(), edits{concurrent: int64(64)}, edits{concurrent: int64(65)}, "less than or equal to 64"},
	}
}

func validTicketSystem() client.Object { return builders.MakeTicketSystem("desk").Obj() }

// endpointBorders are those of every kind that is asked over HTTP.
func endpointBorders(kind string, valid client.Object) map[string]border {
	const (
		oneOf   = "say how to log in: give exactly one of basic, bearer, header and oauth2"
		timeout = "timeout must lie between 1s and 60s"
	)
	secret := map[string]any{"name": "desk", "key": "token"}
	oauth2 := func(field string, value any) map[string]any {
		grant := map[string]any{"tokenURL": "https://login.example.com/token", "clientID": secret, "clientSecret": secret}
		place(grant, field, value)
		return grant
	}
	auth := func(ways map[string]any) edits { return edits{"spec.auth": ways} }
	granted := func(field string, value any) edits { return auth(map[string]any{"oauth2": oauth2(field, value)}) }
	certificate := func(pair map[string]any) edits {
		return edits{"spec.tls": map[string]any{"clientCertificate": pair}}
	}
	scope := func(i int) any { return fmt.Sprintf("kpi:%d", i) }
	namespaces := func(from string) edits {
		return edits{"spec.allowedNamespaces": map[string]any{"from": from, "selector": map[string]any{}}}
	}
	table := map[string]border{
		"in two ways":             {valid, auth(map[string]any{"bearer": secret}), auth(map[string]any{"bearer": secret, "oauth2": oauth2("scopes", []any{})}), oneOf},
		"in no way":               {valid, granted("scopes", []any{}), auth(map[string]any{}), oneOf},
		"a token from a file":     {valid, granted("tokenURL", "http://login/token"), granted("tokenURL", "file:///token"), "should match"},
		"a scope of two words":    {valid, granted("scopes", []any{"read:kpi", "a!b"}), granted("scopes", []any{"read kpi"}), "should match"},
		"a scope in quotes":       {valid, granted("scopes", []any{"'kpi'"}), granted("scopes", []any{`"kpi"`}), "should match"},
		"a scope twice":           {valid, granted("scopes", []any{"a", "b"}), granted("scopes", []any{"a", "a"}), "Duplicate value"},
		"thirty-three scopes":     {valid, granted("scopes", many(32, scope)), granted("scopes", many(33, scope)), "must have at most 32 items"},
		"a client without secret": {valid, granted("scopes", []any{}), granted("clientSecret", absent{}), "clientSecret"},
		"a certificate without its key": {valid, certificate(map[string]any{"certificate": secret, "key": secret}),
			certificate(map[string]any{"certificate": secret}), "key: Required value"},
		"a key without its certificate": {valid, certificate(map[string]any{"certificate": secret, "key": secret}),
			certificate(map[string]any{"key": secret}), "certificate: Required value"},
		"a secret in capitals": {valid, auth(map[string]any{"bearer": secret}),
			auth(map[string]any{"bearer": map[string]any{"name": "Desk", "key": "token"}}), "should match"},
		"a header with a colon": {valid, auth(map[string]any{"header": map[string]any{"name": "X-Api-Key", "value": secret}}),
			auth(map[string]any{"header": map[string]any{"name": "X-Api-Key:", "value": secret}}), "should match"},
		"an address that is none": {valid, edits{"spec.url": "http://10.0.0.1:9090/a?b"}, edits{"spec.url": "prometheus:9090"}, "should match"},
		"a proxy of another kind": {valid, edits{"spec.proxy": "http://proxy:3128"}, edits{"spec.proxy": "socks5://proxy:1080"}, "should match"},
		"a timeout of a moment":   {valid, edits{"spec.timeout": "1s"}, edits{"spec.timeout": "0s"}, timeout},
		"a timeout of ages":       {valid, edits{"spec.timeout": "60s"}, edits{"spec.timeout": "61s"}, timeout},
		"a timeout in days":       {valid, edits{"spec.timeout": "1m"}, edits{"spec.timeout": "1d"}, "should match"},
		"a bundle of books": {valid, edits{"spec.tls": map[string]any{"caBundle": strings.Repeat("A", 65536)}},
			edits{"spec.tls": map[string]any{"caBundle": strings.Repeat("A", 65537)}}, "may not be more than 65536"},
		"a selector that is not used": {valid, namespaces("Selector"), namespaces("All"), "give a selector with from: Selector, and only there"},
	}
	said := map[string]border{}
	for sentence, tc := range table {
		said[kind+": "+sentence] = tc
	}
	return said
}

func policyBorders() map[string]border {
	valid := builders.MakePolicy("default").Rule(governancev1alpha1.RuleSetting{Name: governancev1alpha1.RuleBreached}).Obj()
	const zero = "the period is zero: give at least one day, as in P1D"
	limit := func(field string, good, bad any, want string) border {
		return border{valid, edits{"spec.limits." + field: good}, edits{"spec.limits." + field: bad}, want}
	}
	notice := func(field string, good, bad any, want string) border {
		return border{valid, edits{"spec.notices." + field: good}, edits{"spec.notices." + field: bad}, want}
	}
	return map[string]border{
		"praise at every moment":                 notice("targetHeldEvery", "P1D", "P0D", zero),
		"praise for a target every hour":         notice("targetHeldEvery", "P3M", "2160h", "should match"),
		"praise for reviews after no time":       notice("reviewedInTimeEvery", "P1Y", "P0Y0M", zero),
		"praise for reviews after half a year":   notice("reviewedInTimeEvery", "P6M", "P0.5Y", "should match"),
		"praise that may be":                     {valid, edits{"spec.notices.enabled": false}, edits{"spec.notices.enabled": "no"}, "must be of type boolean"},
		"a limit on reviews of KPIs of no time":  limit("maxKPIReviewInterval", "P1D", "P0D", zero),
		"a limit on reviews of KPIs in hours":    limit("maxKPIReviewInterval", "P18M", "13140h", "should match"),
		"a limit of no KPIs":                     limit("maxKPIs", int64(1), int64(0), "greater than or equal to 1"),
		"a limit of 201 KPIs":                    limit("maxKPIs", int64(200), int64(201), "less than or equal to 200"),
		"a target that is outgrown at once":      limit("targetOutgrownAfter", "P1D", "P0Y0D", zero),
		"a cadence of KPIs that none can have":   {valid, edits{"spec.defaults.kpiCadenceRef.name": "annual"}, edits{"spec.defaults.kpiCadenceRef.name": "Annual"}, "should match"},
		"a critical finding that may be waived?": {valid, edits{"spec.rules.0.criticalWaivable": true}, edits{"spec.rules.0.criticalWaivable": "yes"}, "must be of type boolean"},
	}
}

// subjectBorders are about the kinds that reviews, waivers and remediations may be about.
func subjectBorders() map[string]border {
	const kind, known = "spec.subjectRef.kind", `supported values: "Process", "KPI"`
	return map[string]border{
		"a review of a scorecard":       {validReview(), edits{kind: "KPI"}, edits{kind: "Scorecard"}, known},
		"a waiver for a metric source":  {validWaiver(), edits{kind: "KPI"}, edits{kind: "MetricSource"}, known},
		"a remediation of a KPI's kind": {validRemediation(), edits{kind: "KPI"}, edits{kind: "kpi"}, known},
	}
}
