package source_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"pgregory.net/rapid"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/source"
)

// byLabel and byHeader tell tenants apart.
func byLabel(label string) func(*v1alpha1.MetricSource) {
	return func(from *v1alpha1.MetricSource) {
		from.Spec.Prometheus = &v1alpha1.PrometheusSource{Tenancy: &v1alpha1.PrometheusTenancy{Label: label}}
	}
}

func byHeader(header string) func(*v1alpha1.MetricSource) {
	return func(from *v1alpha1.MetricSource) {
		from.Spec.Prometheus = &v1alpha1.PrometheusSource{Tenancy: &v1alpha1.PrometheusTenancy{Header: header}}
	}
}

// escapes are queries by which somebody might see the numbers of others, and what is sent instead.
var escapes = map[string]struct{ query, sent string }{
	"a name":                       {`up`, `up{namespace="shop"}`},
	"a name with matchers":         {`up{job="a",code=~"5.."}`, `up{code=~"5..",job="a",namespace="shop"}`},
	"a name in braces":             {`{__name__="up"}`, `{__name__="up",namespace="shop"}`},
	"every name":                   {`{__name__=~".+"}`, `{__name__=~".+",namespace="shop"}`},
	"every name but one":           {`{__name__!=""}`, `{__name__!="",namespace="shop"}`},
	"a quoted name":                {`{"up"}`, `{__name__="up",namespace="shop"}`},
	"a quoted name of UTF-8":       {`{"my metric"}`, `{__name__="my metric",namespace="shop"}`},
	"a quoted label":               {`up{"my label"="a"}`, `up{"my label"="a",namespace="shop"}`},
	"another namespace":            {`up{namespace="bank"}`, `up{namespace="bank",namespace="shop"}`},
	"every namespace":              {`up{namespace=~".*"}`, `up{namespace="shop",namespace=~".*"}`},
	"any namespace but one's own":  {`up{namespace!="shop"}`, `up{namespace!="shop",namespace="shop"}`},
	"no namespace":                 {`up{namespace=""}`, `up{namespace="",namespace="shop"}`},
	"one's own namespace":          {`up{namespace="shop"}`, `up{namespace="shop",namespace="shop"}`},
	"a quoted label of namespaces": {`up{"namespace"="bank"}`, `up{namespace="bank",namespace="shop"}`},
	"a range":                      {`rate(up[5m])`, `rate(up{namespace="shop"}[5m])`},
	"an offset":                    {`up offset 1w`, `up{namespace="shop"} offset 1w`},
	"an offset into the future":    {`up offset -5m`, `up{namespace="shop"} offset -5m`},
	"another time":                 {`up @ 1609746000`, `up{namespace="shop"} @ 1609746000.000`},
	"the start and the end":        {`sum_over_time(up[5m] @ start()) + up @ end()`, `sum_over_time(up{namespace="shop"}[5m] @ start()) + up{namespace="shop"} @ end()`},
	"a subquery":                   {`max_over_time(rate(up[5m])[1h:1m] offset 1d)`, `max_over_time(rate(up{namespace="shop"}[5m])[1h:1m] offset 1d)`},
	"a subquery of subqueries":     {`max_over_time(avg_over_time(up[5m:1m])[1h:])`, `max_over_time(avg_over_time(up{namespace="shop"}[5m:1m])[1h:])`},
	"or":                           {`up or down`, `up{namespace="shop"} or down{namespace="shop"}`},
	"or with on":                   {`up or on (job) down`, `up{namespace="shop"} or on (job) down{namespace="shop"}`},
	"unless":                       {`up unless ignoring (a, b) down`, `up{namespace="shop"} unless ignoring (a, b) down{namespace="shop"}`},
	"group_left":                   {`up * on (pod) group_left (namespace) kube_pod_info`, `up{namespace="shop"} * on (pod) group_left (namespace) kube_pod_info{namespace="shop"}`},
	"a sign":                       {`-up`, `-up{namespace="shop"}`},
	"parentheses":                  {`((up))`, `((up{namespace="shop"}))`},
	"an aggregation":               {`sum by (namespace) (up)`, `sum by (namespace) (up{namespace="shop"})`},
	"an aggregation without":       {`topk(3, up) without (a)`, `topk without (a) (3, up{namespace="shop"})`},
	"a parameter that is a query":  {`topk(scalar(other), up)`, `topk(scalar(other{namespace="shop"}), up{namespace="shop"})`},
	"quantiles by a query":         {`quantile(scalar(q), up)`, `quantile(scalar(q{namespace="shop"}), up{namespace="shop"})`},
	"a relabelled namespace":       {`label_replace(up, "namespace", "shop", "", "")`, `label_replace(up{namespace="shop"}, "namespace", "shop", "", "")`},
	"a joined namespace":           {`label_join(up, "namespace", "", "job")`, `label_join(up{namespace="shop"}, "namespace", "", "job")`},
	"absence":                      {`absent(up{namespace="bank"})`, `absent(up{namespace="bank",namespace="shop"})`},
	"a vector of a query":          {`vector(scalar(up))`, `vector(scalar(up{namespace="shop"}))`},
	"times":                        {`timestamp(up) - time()`, `timestamp(up{namespace="shop"}) - time()`},
	"a histogram":                  {`histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))`, `histogram_quantile(0.9, sum by (le) (rate(x_bucket{namespace="shop"}[5m])))`},
	"a comment":                    {"up # {namespace=\"shop\"}\n+ down", `up{namespace="shop"} + down{namespace="shop"}`},
	"a value that closes a brace":  {`up{a="} or down{b=\""}`, `up{a="} or down{b=\"",namespace="shop"}`},
	"a value in backticks":         {"up{a=`\"} or down{b=\"`}", `up{a="\"} or down{b=\"",namespace="shop"}`},
	"a value with a line break":    {`up{a="\n"}`, `up{a="\n",namespace="shop"}`},
	"a bool":                       {`up == bool down`, `up{namespace="shop"} == bool down{namespace="shop"}`},
	"a name that is a keyword":     {`sum + offset`, `sum{namespace="shop"} + offset{namespace="shop"}`},
	"no selector":                  {`42`, `42`},
	"time itself":                  {`time()`, `time()`},

	// What the library that prints queries does not quote.
	"a grouping that closes its parenthesis": {`up and on ("a) secret or ignoring (b") up`, ``},
	"labels to include that do":              {`up * on (a) group_left ("b) secret or on (c") up`, ``},
	"a grouping of an aggregation that does": {`sum by ("a) (secret) or sum by (b") (up)`, `sum by ("a) (secret) or sum by (b") (up{namespace="shop"})`},

	// Functions that read series which no selector names.
	"info()":                      {`info(up)`, ``},
	"info() with a selector":      {`info(up, {__name__="build_info"})`, ``},
	"an experimental function":    {`sort_by_label(up, "a")`, ``},
	"an experimental aggregate":   {`limitk(1, up)`, ``},
	"a duration that is reckoned": {`rate(up[5m+1m])`, ``},
}

func TestTenancyByLabelKeepsEveryQueryToTheNamespace(t *testing.T) {
	for name, test := range escapes {
		t.Run(name, func(t *testing.T) {
			if test.sent == "" {
				from := metricSource(v1alpha1.MetricSourcePrometheus, "https://numbers.example")
				byLabel("namespace")(from)
				_, err := (&source.Builder{}).Question(query(test.query), from, anyClient(t))
				checkProblem(t, err, source.ErrInvalid, "query")
				return
			}
			_, form := received(t, query(test.query), byLabel("namespace"))
			if got := form.Get("query"); got != test.sent {
				t.Errorf("sent\n  %s, want\n  %s", got, test.sent)
			}
			checkMatched(t, form.Get("query"))
		})
	}
}

// anyClient is one that nothing is asked with.
func anyClient(t *testing.T) *egress.Client {
	t.Helper()
	return clientFor(t, answers(t, hang))
}

// checkMatched parses what was sent and looks at each selector.
func checkMatched(t fataler, sent string) {
	parsed, err := parser.ParseExpr(sent)
	if err != nil {
		t.Fatalf("what was sent is no query: %s: %v", sent, err)
	}
	for _, matchers := range parser.ExtractSelectors(parsed) {
		matched := false
		for _, matcher := range matchers {
			matched = matched || matcher.Name == "namespace" && matcher.Type == labels.MatchEqual && matcher.Value == "shop"
		}
		if !matched {
			t.Fatalf("a selector of %s is not matched", sent)
		}
	}
}

// fataler is a test or a property.
type fataler interface {
	Fatalf(format string, args ...any)
}

// checkProblem compares why there is no question.
func checkProblem(t *testing.T, err error, kind error, says string) {
	t.Helper()
	var told *source.ProblemError
	if !errors.As(err, &told) || !errors.Is(err, kind) || !strings.Contains(err.Error(), says) {
		t.Fatalf("%v; want a ProblemError, %v, with %q", err, kind, says)
	}
	checkSentence(t, err.Error())
}

// Whatever is put together from parts of the language, and from parts that break it, is either refused or matched.
func TestTenancyHoldsForQueriesPutTogetherByChance(t *testing.T) {
	parts := rapid.SampledFrom([]string{
		"up", "down", "{", "}", "(", ")", "[5m]", "[1h:1m]", "or", "and", "on", "ignoring", "group_left", "by", "without", "sum", "topk",
		"rate", "label_replace", "info", "vector", "scalar", "time", "@", "start()", "offset", "1d", "-", "+", "*", "==", "bool", ",",
		"=", "=~", "!=", `"a"`, `"a) secret or on (b"`, "`}`", `"\""`, "namespace", "__name__", `=~".+"`, "#", "\n", "1", "NaN", "secret",
		`{__name__=~".+"}`, `up{namespace="bank"}`, `sum(up)`, `rate(up[5m])`, ` `, `on ("x")`, `by ("y")`,
	})
	client := anyClient(t)
	from := metricSource(v1alpha1.MetricSourcePrometheus, "https://numbers.example")
	byLabel("namespace")(from)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(parts, 1, 12).Draw(t, "parts"), " ")
		sent, err := source.Restrict(text, "namespace", "shop")
		if err == nil {
			checkMatched(t, sent)
		}
		if _, again := (&source.Builder{}).Question(query(text), from, client); (again == nil) != (err == nil) {
			t.Fatalf("%s: %v, and %v", text, err, again)
		}
	})
}

func FuzzTenancy(f *testing.F) {
	for _, test := range escapes {
		f.Add(test.query)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if sent, err := source.Restrict(text, "namespace", "shop"); err == nil {
			checkMatched(t, sent)
		}
	})
}

func TestTenancyByLabelSaysWhereAQueryIsWrong(t *testing.T) {
	tests := map[string]struct{ query, says string }{
		"in its first line":          {`sum(up`, "line 1, column 7: unclosed left parenthesis"},
		"in its second line":         {"sum(up) +\n  rate(up)", "line 2, column 8: expected type range vector"},
		"after letters of two bytes": {`{a="éé"} foo`, "line 1, column 10: "},
		"everywhere":                 {`]]`, "line 1, column 1: "},
		"with a text for a query":    {`"text" + 1`, "line 1, column 1: "},
		"without a name":             {`{}`, "at least one non-empty matcher"},
		"with ten thousand brackets": {strings.Repeat("(", 4096), "line 1, column "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			from := metricSource(v1alpha1.MetricSourcePrometheus, "https://numbers.example")
			byLabel("namespace")(from)
			_, err := (&source.Builder{}).Question(query(test.query), from, anyClient(t))
			checkProblem(t, err, source.ErrInvalid, test.says)
		})
	}
}

func TestTenancyByLabelBoundsWhatIsSent(t *testing.T) {
	from := metricSource(v1alpha1.MetricSourcePrometheus, "https://numbers.example")
	byLabel(strings.Repeat("l", 64))(from)
	_, err := (&source.Builder{}).Question(query("a"+strings.Repeat("+a", 2000)), from, anyClient(t))
	checkProblem(t, err, source.ErrInvalid, "too many selectors")
}

func TestTenancyByHeaderSendsTheNamespace(t *testing.T) {
	header, form := received(t, query("up"), byHeader("X-Scope-OrgID"))
	if got := header.Values("X-Scope-OrgID"); fmt.Sprint(got) != "[shop]" {
		t.Errorf("the tenant is %v", got)
	}
	if form.Get("query") != "up" {
		t.Errorf("the query is %s", form.Get("query"))
	}
	header, form = received(t, query("info(up)"), func(*v1alpha1.MetricSource) {})
	if header.Get("X-Scope-OrgID") != "" || form.Get("query") != "info(up)" {
		t.Errorf("without tenancy: %v with %s", form, header)
	}
}

func TestTenancyByHeaderRefusesHeadersWithAnotherUse(t *testing.T) {
	for _, header := range []string{
		"Authorization", "Host", "Cookie", "Content-Length", "Transfer-Encoding", "Proxy-Authorization", "Content-Type", "user-agent",
		"Accept", "Idempotency-Key", "x-api-key", "X Scope", "",
	} {
		t.Run(header, func(t *testing.T) {
			from := metricSource(v1alpha1.MetricSourcePrometheus, "https://numbers.example")
			byHeader(header)(from)
			from.Spec.Auth = &v1alpha1.Auth{Header: &v1alpha1.HeaderAuth{Name: "X-Api-Key"}}
			_, err := (&source.Builder{}).Question(query("up"), from, anyClient(t))
			checkProblem(t, err, source.ErrInvalid, "Tenancy of the MetricSource")
		})
	}
}

func TestTenancyIsInTheKey(t *testing.T) {
	keys := map[string]string{}
	for name, change := range map[string]func(*v1alpha1.MetricSource){
		"none": func(*v1alpha1.MetricSource) {}, "header": byHeader("X-Scope-OrgID"), "other header": byHeader("X-Tenant"),
		"label": byLabel("namespace"), "other label": byLabel("ns"),
	} {
		for _, namespace := range []string{"shop", "bank"} {
			from := metricSource(v1alpha1.MetricSourcePrometheus, "https://numbers.example")
			change(from)
			asks := query("up")
			asks.Namespace = namespace
			key := prepare(t, &source.Builder{}, asks, from, anyClient(t)).Key
			if before, found := keys[key]; found && (name != "none" || !strings.HasPrefix(before, "none")) {
				t.Errorf("%s in %s has the key of %s", name, namespace, before)
			}
			keys[key] = name + " " + namespace
		}
	}
	if len(keys) != 9 {
		t.Errorf("%d keys; without tenancy, and only there, both namespaces ask the same", len(keys))
	}
}

// The parser refuses experimental functions unless some part of the program switches them on, for all of it.
func TestTenancyRefusesExperimentalFunctionsWhereTheParserKnowsThem(t *testing.T) {
	parser.EnableExperimentalFunctions = true
	defer func() { parser.EnableExperimentalFunctions = false }()
	for _, text := range []string{`info(up)`, `sum(info(up, {__name__="build_info"}))`, `sort_by_label(up, "a")`} {
		_, err := source.Restrict(text, "namespace", "shop")
		checkProblem(t, err, source.ErrInvalid, "uses the experimental function")
	}
}
