package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"
)

const crdHead = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec:
  versions:
  - name: v1alpha1
    schema:
      openAPIV3Schema:
        type: object
        properties:
`

func TestEveryTimeOfASchemaBecomesStrict(t *testing.T) {
	for name, tc := range map[string]struct {
		properties string
		want       int
	}{
		"a time in a field":                           {"          at: {type: string, format: date-time}\n", 1},
		"a time among the items of a list":            {"          at: {type: array, items: {type: string, format: date-time}}\n", 1},
		"a time as the value of a map":                {"          at: {type: object, additionalProperties: {type: string, format: date-time}}\n", 1},
		"a time below anyOf":                          {"          at: {anyOf: [{type: string, format: date-time}, {type: integer}]}\n", 1},
		"a time below properties named type, default": {"          at: {type: object, properties: {type: {type: string}, format: {type: string}, default: {type: string, format: date-time}}}\n", 1},
		"an ordinary string is left alone":            {"          at: {type: string}\n", 0},
		"a default that looks like a schema is data":  {"          at: {type: object, default: {format: date-time}}\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := fix([]byte(crdHead + tc.properties))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Count(string(out), "maxLength: 64"); got != tc.want {
				t.Errorf("%d bounded times, want %d, in\n%s", got, tc.want, out)
			}
			if got := countPatterns(t, out); got != tc.want {
				t.Errorf("%d patterns, want %d, in\n%s", got, tc.want, out)
			}
		})
	}
}

func TestNoArrayPassesWhereAStringHasAFormat(t *testing.T) {
	for name, tc := range map[string]struct {
		properties string
		want       int
	}{
		"a date-time":                {"          at: {type: string, format: date-time}\n", 1},
		"a date":                     {"          day: {type: string, format: date}\n", 1},
		"a string without a format":  {"          name: {type: string}\n", 0},
		"an integer with its format": {"          count: {type: integer, format: int32}\n", 0},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := fix([]byte(crdHead + tc.properties))
			if err != nil {
				t.Fatal(err)
			}
			for _, bound := range []string{"minItems: 1", "maxItems: 0"} {
				if got := strings.Count(string(out), bound); got != tc.want {
					t.Errorf("%q stands %d times, want %d, in\n%s", bound, got, tc.want, out)
				}
			}
		})
	}
}

func TestASecondRunChangesNothing(t *testing.T) {
	once, err := fix([]byte(crdHead + "          at: {type: string, format: date-time, description: when}\n"))
	if err != nil {
		t.Fatal(err)
	}
	twice, err := fix(once)
	if err != nil {
		t.Fatal(err)
	}
	if string(once) != string(twice) {
		t.Errorf("first run:\n%s\nsecond run:\n%s", once, twice)
	}
}

func TestWhatIsNoCRDIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"a file without versions":         "spec: {group: governance.gemba.dev}\n",
		"a file whose versions are empty": "spec: {versions: []}\n",
		"a version without a schema":      "spec: {versions: [{name: v1alpha1}]}\n",
		"a file that is no YAML":          "spec: [\n",
		"an empty file":                   "",
	} {
		t.Run(name, func(t *testing.T) {
			if out, err := fix([]byte(text)); err == nil {
				t.Errorf("no error, and this came out:\n%s", out)
			}
		})
	}
}

func TestThePatternAcceptsOnlyWhatGoDecodes(t *testing.T) {
	pattern := regexp.MustCompile(strictTime)
	for text, want := range map[string]bool{
		"2026-01-02T03:04:05Z":           true,
		"2026-01-02T03:04:05.123456789Z": true,
		"2026-12-31T23:59:59+05:45":      true,
		"1970-01-01T00:00:00-12:00":      true,
		"2199-12-31T23:59:59Z":           true,
		"2026-01-02t03:04:05Z":           false,
		"2026-01-02T03:04:05z":           false,
		"2026-01-02T03:04:05+99:99":      false,
		"2026-01-02T24:00:00Z":           false,
		"2026-01-02T23:60:00Z":           false,
		"2026-01-02T23:59:60Z":           false,
		"2026-13-02T03:04:05Z":           false,
		"2026-00-02T03:04:05Z":           false,
		"2026-01-32T03:04:05Z":           false,
		"2026-01-02T03:04:05":            false,
		"2026-01-02 03:04:05Z":           false,
		"2026-01-02":                     false,
		"1969-12-31T23:59:59Z":           false,
		"2026-01-02T03:04:05Z\n":         false,
		"":                               false,
	} {
		if got := pattern.MatchString(text); got != want {
			t.Errorf("%q: matches %t, want %t", text, got, want)
		}
		if !want {
			continue
		}
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			t.Errorf("%q passes the pattern and does not decode: %v", text, err)
		}
	}
}

func countPatterns(t *testing.T, crd []byte) int {
	t.Helper()
	var root any
	if err := yaml.Unmarshal(crd, &root); err != nil {
		t.Fatal(err)
	}
	return countIn(root)
}

func countIn(node any) int {
	n := 0
	switch v := node.(type) {
	case []any:
		for _, item := range v {
			n += countIn(item)
		}
	case map[string]any:
		if v["pattern"] == strictTime {
			n++
		}
		for _, child := range v {
			n += countIn(child)
		}
	}
	return n
}
