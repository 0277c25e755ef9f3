package main

import (
	"errors"
	"fmt"

	"sigs.k8s.io/yaml"
)

const (
	// strictTime is RFC 3339 as time.Time parses it: `format: date-time` alone also
	// passes a lower-case t and z and offsets such as +99:99, which do not decode.
	strictTime = `^(19[7-9][0-9]|2[01][0-9]{2})` + afterTheYear
	// computedTime is the same for what Gemba writes into a status: what it computes from a declared time can lie
	// before or behind the years that may be declared, and a status that is refused is a verdict that is lost.
	computedTime = `^(19|2[0-9])[0-9]{2}` + afterTheYear
	afterTheYear = `-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])` +
		`T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?` +
		`(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`
	// maxTimeLength bounds the string before the pattern looks at it, and keeps the
	// estimated cost of CEL rules over times small.
	maxTimeLength = 64
)

// fix returns the CRD with every time made strict. Keys come out sorted, the order
// that controller-gen itself writes.
func fix(crd []byte) ([]byte, error) {
	var root map[string]any
	if err := yaml.Unmarshal(crd, &root); err != nil {
		return nil, fmt.Errorf("parse YAML: %w", err)
	}
	schemas, err := schemasOf(root)
	if err != nil {
		return nil, err
	}
	for _, schema := range schemas {
		tighten(schema)
	}
	out, err := yaml.Marshal(root)
	if err != nil {
		return nil, fmt.Errorf("render YAML: %w", err)
	}
	return append([]byte("---\n"), out...), nil
}

// schemasOf returns the schema of each version. A CRD without versions, or a version
// without a schema, is an error: silence here would ship an unguarded kind.
func schemasOf(crd map[string]any) ([]map[string]any, error) {
	spec, _ := crd["spec"].(map[string]any)
	versions, _ := spec["versions"].([]any)
	if len(versions) == 0 {
		return nil, errors.New("spec.versions is missing or empty: this is not a CRD")
	}
	var schemas []map[string]any
	for i, v := range versions {
		version, _ := v.(map[string]any)
		holder, _ := version["schema"].(map[string]any)
		schema, ok := holder["openAPIV3Schema"].(map[string]any)
		if !ok {
			return nil, fmt.Errorf("spec.versions[%d] has no schema.openAPIV3Schema", i)
		}
		schemas = append(schemas, schema)
	}
	return schemas, nil
}

// tighten makes the times of a kind strict: those that are declared, and those of its status.
func tighten(schema map[string]any) {
	properties, _ := schema["properties"].(map[string]any)
	for name, child := range properties {
		pattern := strictTime
		if name == "status" {
			pattern = computedTime
		}
		tightenTimes(child, pattern)
	}
}

// tightenTimes sets the pattern on every date-time below node, and refuses arrays
// wherever a string has a format. A property that is itself called "type" or
// "format" is a map, not a string, so it is no time.
func tightenTimes(node any, pattern string) {
	switch n := node.(type) {
	case []any:
		for _, item := range n {
			tightenTimes(item, pattern)
		}
	case map[string]any:
		if n["type"] == "string" && n["format"] == "date-time" {
			n["pattern"] = pattern
			n["maxLength"] = maxTimeLength
		}
		if _, formatted := n["format"].(string); formatted && n["type"] == "string" {
			refuseArrays(n)
		}
		for key, child := range n {
			if !holdsData(key, child) {
				tightenTimes(child, pattern)
			}
		}
	}
}

// refuseArrays closes a hole of the API server: the check of a format lets an array
// stand for a string, [] for a date, and Go cannot decode it. No array has at least
// one item and at most none; strings are not counted.
func refuseArrays(schema map[string]any) {
	schema["minItems"] = 1
	schema["maxItems"] = 0
}

// holdsData tells a schema's literal values, which only look like schemas, from a
// property of the same name.
func holdsData(key string, child any) bool {
	switch key {
	case "default", "example", "enum":
		schema, ok := child.(map[string]any)
		return !ok || schema["type"] == nil
	}
	return false
}
