package schema

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// broken is a row of one of the tables above: what is wrong with a resource of a kind, and a part of the refusal.
type broken struct {
	set  edits
	want string
}

// brokenByKind are the rows of all tables about specs.
func brokenByKind() map[string][]broken {
	rows := map[string][]broken{}
	for _, tc := range borders() {
		kind := tc.object.GetObjectKind().GroupVersionKind().Kind
		rows[kind] = append(rows[kind], broken{tc.bad, tc.want})
	}
	malformed := malformedResources()
	maps.Copy(malformed, forbiddenEdits())
	for _, tc := range malformed {
		kind := tc.object.GetObjectKind().GroupVersionKind().Kind
		rows[kind] = append(rows[kind], broken{tc.set, tc.want})
	}
	return rows
}

// TestEveryRuleOfASchemaIsBrokenOnce holds the tables to the schemas: a rule in CEL that is added, and a pattern, need a
// row that breaks them. That the API server does refuse each row, in these words, is tried above.
func TestEveryRuleOfASchemaIsBrokenOnce(t *testing.T) {
	rows := brokenByKind()
	for _, crd := range loadCRDs(t) {
		kind := crd.Spec.Names.Kind
		root := crd.Spec.Versions[0].Schema.OpenAPIV3Schema
		spec := root.Properties["spec"]
		declared := demandsOf(&spec)
		declared.addRules(root)
		tried := map[string]bool{}
		for _, row := range rows[kind] {
			for path, value := range row.set {
				notePatterns(tried, below(root, strings.Split(path, ".")), value)
			}
		}
		for _, message := range slices.Sorted(maps.Keys(declared.rules)) {
			if !slices.ContainsFunc(rows[kind], func(row broken) bool { return strings.Contains(message, row.want) }) {
				t.Errorf("%s: no row breaks the rule %q", kind, message)
			}
		}
		for _, pattern := range slices.Sorted(maps.Keys(declared.patterns)) {
			if !tried[pattern] {
				t.Errorf("%s: no row breaks the pattern %s", kind, pattern)
			}
		}
	}
}

// demands are what a schema asks for: rules by their messages, and patterns.
type demands struct{ rules, patterns map[string]bool }

func demandsOf(s *apiextensionsv1.JSONSchemaProps) demands {
	d := demands{rules: map[string]bool{}, patterns: map[string]bool{}}
	d.add(s)
	return d
}

func (d demands) add(s *apiextensionsv1.JSONSchemaProps) {
	d.addRules(s)
	if s.Pattern != "" {
		d.patterns[s.Pattern] = true
	}
	for _, property := range s.Properties {
		d.add(&property)
	}
	if s.Items != nil && s.Items.Schema != nil {
		d.add(s.Items.Schema)
	}
}

func (d demands) addRules(s *apiextensionsv1.JSONSchemaProps) {
	for _, rule := range s.XValidations {
		d.rules[rule.Message] = true
	}
}

// below gives the schema of what stands at a path; nil where the schema knows nothing of it.
func below(s *apiextensionsv1.JSONSchemaProps, path []string) *apiextensionsv1.JSONSchemaProps {
	if s == nil || len(path) == 0 {
		return s
	}
	if _, err := strconv.Atoi(path[0]); err == nil {
		if s.Items == nil {
			return nil
		}
		return below(s.Items.Schema, path[1:])
	}
	property, known := s.Properties[path[0]]
	if !known {
		return nil
	}
	return below(&property, path[1:])
}

// notePatterns notes the patterns that a value, or anything within it, does not match.
func notePatterns(tried map[string]bool, s *apiextensionsv1.JSONSchemaProps, value any) {
	if s == nil {
		return
	}
	switch held := value.(type) {
	case string:
		if s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(held) {
			tried[s.Pattern] = true
		}
	case []any:
		for _, item := range held {
			notePatterns(tried, below(s, []string{"0"}), item)
		}
	case map[string]any:
		for name, item := range held {
			notePatterns(tried, below(s, []string{name}), item)
		}
	}
}
