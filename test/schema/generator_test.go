package schema

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// generator makes values from a schema. What it makes is valid as far as types, bounds and patterns go; each place
// where a value stands is remembered, so that some can be made hostile afterwards. One seed gives one sequence.
type generator struct {
	random *rand.Rand
	slots  []slot
}

// slot is a place in the generated object.
type slot struct {
	schema *apiextensionsv1.JSONSchemaProps
	set    func(value any)
}

func newGenerator(seed, sequence uint64) *generator {
	return &generator{random: rand.New(rand.NewPCG(seed, sequence))}
}

// probability is true in that share of cases.
func (g *generator) probability(share float64) bool { return g.random.Float64() < share }

func (g *generator) pick(values []any) any { return values[g.random.IntN(len(values))] }

// value makes a value of the schema; name is that of the property that holds it.
func (g *generator) value(name string, s *apiextensionsv1.JSONSchemaProps) any {
	switch {
	case len(s.Enum) > 0:
		return decodeJSON(s.Enum[g.random.IntN(len(s.Enum))].Raw)
	case s.XIntOrString:
		return g.intOrString(s)
	case s.Type == "object":
		return g.object(s)
	case s.Type == "array":
		return g.array(name, s)
	case s.Type == "boolean":
		return g.probability(0.5)
	case s.Type == "integer":
		return g.integer(s)
	default:
		return g.text(name, s)
	}
}

// object holds what is required and some of the rest.
func (g *generator) object(s *apiextensionsv1.JSONSchemaProps) map[string]any {
	object := map[string]any{}
	for _, name := range sortedKeys(s.Properties) {
		property := s.Properties[name]
		if slices.Contains(s.Required, name) || g.probability(0.45) {
			object[name] = g.value(name, &property)
		}
	}
	if s.AdditionalProperties != nil && s.AdditionalProperties.Schema != nil {
		for range g.random.IntN(3) {
			object[fmt.Sprintf("key-%d", g.random.IntN(100))] = g.value("", s.AdditionalProperties.Schema)
		}
	}
	g.repair(s, object)
	// In map order the sequence would differ from run to run.
	for _, name := range sortedKeys(object) {
		property := s.Properties[name]
		g.slots = append(g.slots, slot{&property, func(value any) { place(object, name, value) }})
	}
	return object
}

// absent as a hostile value takes a property away.
type absent struct{}

func place(object map[string]any, name string, value any) {
	if _, gone := value.(absent); gone {
		delete(object, name)
		return
	}
	object[name] = value
}

func sortedKeys[V any](object map[string]V) []string {
	return slices.Sorted(maps.Keys(object))
}

// array is mostly short and now and then as long as it may be; entries of sets and maps are unique.
func (g *generator) array(name string, s *apiextensionsv1.JSONSchemaProps) []any {
	length := g.random.IntN(3)
	if s.MaxItems != nil && *s.MaxItems <= 32 && g.probability(0.02) {
		length = int(*s.MaxItems)
	}
	if s.MinItems != nil {
		length = max(length, int(*s.MinItems))
	}
	array := []any{}
	seen := map[string]bool{}
	for range length {
		entry := g.value(name, s.Items.Schema)
		identity := identityOf(s, entry)
		if identity != "" && seen[identity] {
			continue
		}
		seen[identity] = true
		array = append(array, entry)
		i := len(array) - 1
		g.slots = append(g.slots, slot{s.Items.Schema, func(value any) { array[i] = value }})
	}
	return array
}

// identityOf tells entries of a list apart; it is empty where the list takes duplicates.
func identityOf(s *apiextensionsv1.JSONSchemaProps, entry any) string {
	if s.XListType == nil || *s.XListType == "atomic" {
		return ""
	}
	if *s.XListType == "set" {
		return fmt.Sprintf("%v", entry)
	}
	fields, ok := entry.(map[string]any)
	if !ok {
		return ""
	}
	var identity strings.Builder
	for _, key := range s.XListMapKeys {
		value := fields[key]
		if value == nil {
			value = "" // the default of every key that may be left out
		}
		fmt.Fprintf(&identity, "%v|", value)
	}
	return identity.String()
}

func (g *generator) integer(s *apiextensionsv1.JSONSchemaProps) any {
	low, high := int64(0), int64(1000)
	if s.Minimum != nil {
		low = int64(*s.Minimum)
		high = max(high, low)
	}
	if s.Maximum != nil {
		high = int64(*s.Maximum)
	}
	if g.probability(0.1) {
		return g.pick([]any{low, high})
	}
	return low + g.random.Int64N(high-low+1)
}

func (g *generator) intOrString(s *apiextensionsv1.JSONSchemaProps) any {
	if g.probability(0.5) {
		return g.random.Int64N(1_000_000) - 500_000
	}
	return g.text("", s)
}

// spoil puts hostile values in some places, more often than not where a time stands.
func (g *generator) spoil() {
	if len(g.slots) == 0 || g.probability(0.5) {
		return
	}
	times := slices.DeleteFunc(slices.Clone(g.slots), func(s slot) bool { return s.schema.Format != "date-time" })
	for range 1 + g.random.IntN(2) {
		slots := g.slots
		if len(times) > 0 && g.probability(0.5) {
			slots = times
		}
		chosen := slots[g.random.IntN(len(slots))]
		chosen.set(g.pick(hostileValues(chosen.schema)))
	}
}
