package schema

import (
	"fmt"
	"math/rand/v2"
	"regexp/syntax"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// bounded holds values for fields whose bounds stand in a CEL rule, which the generator does not read.
var bounded = map[string][]any{
	"timeout":    {"1s", "10s", "59s", "60s", "1m", "0h0m30s"},
	"verifyFor":  {"0s", "30s", "24h", "8760h", "1h30m"},
	"horizon":    {"1m", "336h", "8760h", "0h90m"},
	"breachFor":  {"0s", "5m", "8760h"},
	"recoverFor": {"0s", "1h", "8760h"},
}

// text makes a string that the schema takes.
func (g *generator) text(name string, s *apiextensionsv1.JSONSchemaProps) any {
	if values, ok := bounded[name]; ok && g.probability(0.9) {
		return g.pick(values)
	}
	// The pattern of a time also admits days that no month has; both ways of making one are of use.
	if s.Format == "date-time" && g.probability(0.8) {
		return g.instant()
	}
	if s.Format == "date" && g.probability(0.8) {
		return g.day().Format(time.DateOnly)
	}
	if s.Pattern != "" {
		return g.matching(s)
	}
	return g.prose(s)
}

func (g *generator) day() time.Time {
	return time.Date(1990, time.January, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, g.random.IntN(40000))
}

func (g *generator) instant() string {
	at := g.day().Add(time.Duration(g.random.Int64N(int64(24 * time.Hour))))
	zone := time.FixedZone("", (g.random.IntN(57)-28)*1800)
	return g.pick([]any{
		at.Truncate(time.Second).Format(time.RFC3339),
		at.In(zone).Format(time.RFC3339),
		at.Format(time.RFC3339Nano),
	}).(string)
}

const alphabet = "abc XYZ 09 .,;:!?'\"\\/<>&%{}[]\n\täß漢字🙂\u202e\u0000"

func (g *generator) prose(s *apiextensionsv1.JSONSchemaProps) string {
	shortest, longest := int64(0), int64(40)
	if s.MinLength != nil {
		shortest = *s.MinLength
	}
	if s.MaxLength != nil && (*s.MaxLength < longest || g.probability(0.01)) {
		longest = *s.MaxLength
	}
	runes := []rune(alphabet)
	var text strings.Builder
	for range shortest + g.random.Int64N(longest-shortest+1) {
		text.WriteRune(runes[g.random.IntN(len(runes))])
	}
	return text.String()
}

// matching makes a string that the pattern and the bounds of the schema take.
func (g *generator) matching(s *apiextensionsv1.JSONSchemaProps) string {
	expression := parsed(s.Pattern)
	var last string
	for range 20 {
		var text strings.Builder
		write(&text, expression, g.random)
		last = text.String()
		length := int64(utf8.RuneCountInString(last))
		if (s.MinLength == nil || length >= *s.MinLength) && (s.MaxLength == nil || length <= *s.MaxLength) {
			break
		}
	}
	return last
}

// patterns that were parsed before; a schema has few, and an object many texts.
var patterns sync.Map

func parsed(pattern string) *syntax.Regexp {
	if known, ok := patterns.Load(pattern); ok {
		return known.(*syntax.Regexp)
	}
	expression, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		panic(fmt.Sprintf("pattern %q: %v", pattern, err))
	}
	patterns.Store(pattern, expression)
	return expression
}

// mostRepeats is how often what may repeat without end does so at most.
const mostRepeats = 8

// write appends a string that matches the expression.
func write(text *strings.Builder, expression *syntax.Regexp, random *rand.Rand) {
	switch expression.Op {
	case syntax.OpLiteral:
		text.WriteString(string(expression.Rune))
	case syntax.OpCharClass:
		text.WriteRune(runeOf(expression.Rune, random))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		text.WriteRune('x')
	case syntax.OpAlternate:
		write(text, expression.Sub[random.IntN(len(expression.Sub))], random)
	case syntax.OpConcat, syntax.OpCapture:
		for _, part := range expression.Sub {
			write(text, part, random)
		}
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		for range repeats(expression, random) {
			write(text, expression.Sub[0], random)
		}
	default: // anchors and the empty match write nothing
	}
}

func repeats(expression *syntax.Regexp, random *rand.Rand) int {
	low, high := expression.Min, expression.Max
	switch expression.Op {
	case syntax.OpStar:
		low, high = 0, mostRepeats
	case syntax.OpPlus:
		low, high = 1, mostRepeats
	case syntax.OpQuest:
		low, high = 0, 1
	default: // OpRepeat says both itself
	}
	if high < 0 {
		high = low + mostRepeats
	}
	return low + random.IntN(high-low+1)
}

// runeOf picks from the ranges of a character class; of the wide ones that a negation gives, only what ASCII holds.
func runeOf(ranges []rune, random *rand.Rand) rune {
	var candidates []rune
	for i := 0; i < len(ranges); i += 2 {
		for r := ranges[i]; r <= min(ranges[i+1], '~'); r++ {
			if r > ' ' {
				candidates = append(candidates, r)
			}
		}
	}
	if len(candidates) == 0 {
		return ranges[0]
	}
	return candidates[random.IntN(len(candidates))]
}

func TestGeneratedTextsMatchTheirPattern(t *testing.T) {
	for i, pattern := range []string{
		`^P([0-9]{1,2}Y)?([0-9]{1,3}M)?([0-9]{1,3}W)?([0-9]{1,4}D)?$`,
		`^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$`,
		`^https?://[^\s]+$`,
		`^v[0-9]{1,3}:sha256:[0-9a-f]{64}$`,
	} {
		g := newGenerator(1, uint64(i))
		for range 200 {
			text := g.matching(&apiextensionsv1.JSONSchemaProps{Pattern: pattern})
			if !regexpMatches(t, pattern, text) {
				t.Errorf("%q does not match %s", text, pattern)
			}
		}
	}
}
