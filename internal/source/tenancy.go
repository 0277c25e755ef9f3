package source

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/gemba-dev/gemba/internal/egress"
)

// maxQuery bounds a query after it was restricted, in bytes. It is sent as a form, in which most characters of a matcher
// take three.
const maxQuery = 16 << 10

// tenancy keeps the numbers of other namespaces from a KPI. The zero value keeps nothing.
type tenancy struct {
	namespace     string
	header, label string
}

// ownHeaders belong to the request itself. The namespace under one of these names would take its place.
var ownHeaders = map[string]bool{"accept": true, "content-type": true, "idempotency-key": true, "user-agent": true}

// tenancyOf is what the MetricSource says about tenants.
func tenancyOf(in request) (tenancy, error) {
	declared := in.from.Spec.Prometheus
	if declared == nil || declared.Tenancy == nil {
		return tenancy{}, nil
	}
	if declared.Tenancy.Label != "" {
		return tenancy{namespace: in.kpi.Namespace, label: declared.Tenancy.Label}, nil
	}
	header := declared.Tenancy.Header
	if err := egress.CheckHeader(header, in.kpi.Namespace); err != nil {
		return tenancy{}, problem(ErrInvalid, "tenancy of the MetricSource cannot be used: "+err.Error(), "")
	}
	auth := in.from.Spec.Auth
	taken := auth != nil && auth.Header != nil && strings.EqualFold(auth.Header.Name, header)
	if taken || ownHeaders[strings.ToLower(header)] {
		return tenancy{}, problem(ErrInvalid, "tenancy of the MetricSource cannot use the header "+header,
			"It has another use: name the header that the server tells tenants by.")
	}
	return tenancy{namespace: in.kpi.Namespace, header: header}, nil
}

// through sends the namespace with each request.
func (t tenancy) through(next http.RoundTripper) http.RoundTripper {
	if t.header == "" {
		return next
	}
	return &tenantRoundTripper{tenancy: t, next: next}
}

// tenantRoundTripper sets the header of the tenant.
type tenantRoundTripper struct {
	tenancy tenancy
	next    http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (t *tenantRoundTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set(t.tenancy.header, t.tenancy.namespace)
	return t.next.RoundTrip(request)
}

// restrict makes every selector of a query match the label of the namespace. Matchers that the query itself has on that
// label stay, so they can only narrow what is left. Without a label the query goes as it is, and the server says what is
// wrong with it: it may know more than our parser does.
func (t tenancy) restrict(query string) (string, error) {
	if t.label == "" {
		return query, nil
	}
	parsed, err := parser.ParseExpr(query)
	if err != nil {
		return "", problem(ErrInvalid, "the query cannot be parsed: "+position(err, query), "")
	}
	length := len(query)
	err = visit(parsed, func(selector *parser.VectorSelector) error {
		matcher := t.matcher()
		selector.LabelMatchers = append(selector.LabelMatchers, matcher)
		// Printing takes time by the square of the length, so that what is too long is not printed.
		if length += len(matcher.String()); length > maxQuery {
			return problem(ErrInvalid, "the query has too many selectors", "Move a part of it into a recording rule.")
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	restricted := parsed.String()
	return restricted, t.verify(restricted)
}

// matcher is label="namespace".
func (t tenancy) matcher() *labels.Matcher {
	return &labels.Matcher{Type: labels.MatchEqual, Name: t.label, Value: t.namespace}
}

// verify parses what will be sent, as the server does, and looks at each selector again. The text is printed by a
// library, which does not quote everything that it has read: on ("a) secret or on (b") prints as two operators.
func (t tenancy) verify(restricted string) error {
	parsed, err := parser.ParseExpr(restricted)
	if err == nil {
		err = visit(parsed, t.isMatched)
	}
	if err != nil {
		return problem(ErrInvalid, "the query cannot be kept to the namespace of the KPI",
			"Write it without quoted label names and experimental functions.")
	}
	return nil
}

// isMatched says whether a selector matches the label of the namespace.
func (t tenancy) isMatched(selector *parser.VectorSelector) error {
	for _, matcher := range selector.LabelMatchers {
		if matcher.Type == labels.MatchEqual && matcher.Name == t.label && matcher.Value == t.namespace {
			return nil
		}
	}
	return errors.New("a selector is not matched")
}

// visit calls the function for each selector, and refuses what may read series that no selector names: info() looks for
// those that share labels with its argument.
func visit(parsed parser.Expr, each func(*parser.VectorSelector) error) error {
	var failed error
	parser.Inspect(parsed, func(node parser.Node, _ []parser.Node) error {
		switch found := node.(type) {
		case *parser.VectorSelector:
			failed = each(found)
		case *parser.Call:
			if found.Func.Experimental {
				failed = problem(ErrInvalid, "the query uses the experimental function "+found.Func.Name, "Do without it.")
			}
		}
		return failed
	})
	return failed
}

// position tells an error of the parser with line and column.
func position(err error, query string) string {
	var all parser.ParseErrors
	if !errors.As(err, &all) || len(all) == 0 {
		return "it is no PromQL"
	}
	before := query[:min(max(int(all[0].PositionRange.Start), 0), len(query))]
	line := 1 + strings.Count(before, "\n")
	column := len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
	return fmt.Sprintf("line %d, column %d: %s", line, column, egress.Excerpt(all[0].Err.Error()))
}
