package standin

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// jql is a query that was understood: all clauses must hold.
type jql struct {
	clauses []jqlClause
	// oldestFirst is for ORDER BY created ASC. Without an order the newest come first, which is not verified.
	oldestFirst bool
}

// jqlClause compares a field. Values are compared exactly; that Jira looks at the case of labels, too, is not verified.
type jqlClause struct {
	field string
	// key and path name a place in an entity property.
	key, path string
	value     string
}

var (
	jqlEquals  = regexp.MustCompile(`(?i)^\s*(labels|project|issue\.property\["?([^\]"]+)"?\]\.([\w.]+))\s*=\s*("(?:[^"\\]|\\.)*"|[\w-]+)`)
	jqlEscaped = regexp.MustCompile(`\\(.)`)
	jqlAnd     = regexp.MustCompile(`(?i)^\s+AND\s`)
	jqlOrder   = regexp.MustCompile(`(?i)^\s*ORDER\s+BY\s+created\s+(ASC|DESC)\s*$`)
)

// parseJQL understands labels = "x", project = "P" and issue.property[key].path = "v", joined by AND, and after them ORDER
// BY created with a direction. All else is refused.
//
// https://support.atlassian.com/jira-software-cloud/docs/use-advanced-search-with-jira-query-language-jql/
func (j *jira) parseJQL(text string) (jql, error) {
	var query jql
	rest := text
	for {
		found := jqlEquals.FindStringSubmatch(rest)
		if found == nil {
			return jql{}, notJQL(text, rest)
		}
		query.clauses = append(query.clauses, jqlClause{strings.ToLower(found[1]), found[2], found[3], unquote(found[4])})
		rest = rest[len(found[0]):]
		and := jqlAnd.FindString(rest)
		if and == "" {
			break
		}
		rest = rest[len(and):]
	}
	if order := jqlOrder.FindStringSubmatch(rest); order != nil {
		query.oldestFirst, rest = strings.EqualFold(order[1], "ASC"), ""
	}
	if strings.TrimSpace(rest) != "" {
		return jql{}, notJQL(text, rest)
	}
	return query, j.judge(query)
}

// unquote takes the quotes from a value.
func unquote(text string) string {
	inner, quoted := strings.CutPrefix(text, `"`)
	if !quoted {
		return text
	}
	return jqlEscaped.ReplaceAllString(strings.TrimSuffix(inner, `"`), "$1")
}

// notJQL refuses a query. Cloud has a sentence of its own for one without a restriction; Data Center would list everything.
func notJQL(text, rest string) error {
	if strings.TrimSpace(text) == "" || jqlOrder.MatchString(text) {
		return refuse(jiraFailure(http.StatusBadRequest,
			"Unbounded JQL queries are not allowed here. Please add a search restriction to your query."))
	}
	return refuse(jiraFailure(http.StatusBadRequest,
		fmt.Sprintf("Error in the JQL Query: the stand-in does not know what begins with '%s'.", strings.TrimSpace(rest))))
}

// judge refuses what is well written and means nothing.
func (j *jira) judge(query jql) error {
	for _, clause := range query.clauses {
		if clause.field == "project" && !slices.Contains(j.options.Projects, clause.value) {
			return refuse(jiraFailure(http.StatusBadRequest,
				fmt.Sprintf("The value '%s' does not exist for the field 'project'.", clause.value)))
		}
		if clause.key != "" && !slices.Contains(j.options.SearchableProperties, clause.key+"."+clause.path) {
			return refuse(jiraFailure(http.StatusBadRequest,
				fmt.Sprintf("Field 'issue.property[%s].%s' does not exist or you do not have permission to view it.", clause.key, clause.path)))
		}
	}
	return nil
}

// matches says whether all clauses hold for an issue.
func (q jql) matches(issue record) bool {
	return !slices.ContainsFunc(q.clauses, func(clause jqlClause) bool { return !clause.holds(issue) })
}

func (c jqlClause) holds(issue record) bool {
	switch c.field {
	case "labels":
		return slices.Contains(issue.labels, c.value)
	case "project":
		return issue.home == c.value
	default:
		return placeIn(issue.fields[propertyPrefix+c.key], c.path) == c.value
	}
}

// placeIn is the text at a path into a value; empty where there is none.
func placeIn(value any, path string) string {
	for _, step := range strings.Split(path, ".") {
		within, _ := value.(map[string]any)
		value = within[step]
	}
	return textOf(value)
}
