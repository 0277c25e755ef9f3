package expression

import (
	"fmt"
	"net/url"
	"strings"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/ext"
	"github.com/google/cel-go/interpreter"
)

const (
	// maxMacros bounds how many macros an expression has, such as map and filter. The time that it takes to check their
	// types grows with the power of their number: a hundred, one after the other, take seconds.
	maxMacros = 12
	// maxNesting bounds lists and maps within each other, for the same reason.
	maxNesting = 12
	// maxDepth bounds parentheses, calls and operators within each other: types of types of types take seconds as well.
	maxDepth = 64
	// maxRange is the longest list that lists.range makes.
	maxRange = 10_000
	// maxCost bounds an evaluation, in the units of CEL: about one for each name, field and call. Going through 500 objects
	// with a few conditions each costs a tenth of it. It is a fifth of what Kubernetes allows for one call of a rule,
	// because its time is taken from every other KPI, at every sample.
	maxCost = 200_000
	// interruptEvery is after how many steps of a macro the deadline is looked at. A step may compare large documents, so
	// it is much less than the usual hundred.
	interruptEvery = 10
)

// environment is the language, without variables. It is built once, because it takes longer than compiling.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	env, err := cel.NewEnv(
		cel.OptionalTypes(),
		cel.CrossTypeNumericComparisons(true),
		cel.DefaultUTCTimeZone(true),
		cel.ParserExpressionSizeLimit(MaxLength),
		cel.ParserRecursionLimit(maxDepth),
		ext.Strings(ext.StringsVersion(5), ext.StringsMaxPrecision(20)),
		ext.Math(ext.MathVersion(2)),
		ext.Lists(ext.ListsVersion(3), ext.ListsMaxRangeSize(maxRange)),
		escaping("pathEscape", url.PathEscape),
		escaping("queryEscape", url.QueryEscape),
		cel.ASTValidators(
			cel.ValidateDurationLiterals(),
			cel.ValidateTimestampLiterals(),
			cel.ValidateRegexLiterals(),
		),
	)
	if err != nil {
		return nil, fmt.Errorf("making the language of expressions: %w", err)
	}
	return env, nil
})

// escaping is a function that makes a text fit to be a part of a URL.
func escaping(name string, escape func(string) string) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_string", []*cel.Type{cel.StringType}, cel.StringType,
		cel.UnaryBinding(func(value ref.Val) ref.Val {
			text, isText := value.(types.String)
			if !isText {
				return types.MaybeNoSuchOverloadErr(value)
			}
			return types.String(escape(string(text)))
		})))
}

// language is an environment with variables, and the bounds of its functions.
type language struct {
	env    *cel.Env
	bounds bounds
}

// maxLanguages bounds how many languages are kept. The callers of this package use a handful.
const maxLanguages = 16

// languages keeps what takes long to make and is the same for every expression over the same variables.
var languages = struct {
	sync.Mutex
	known map[string]*language
}{known: map[string]*language{}}

// withVariables is the language in which the variables hold whatever a document holds.
func withVariables(variables []string) (*language, error) {
	key := strings.Join(variables, ",")
	languages.Lock()
	defer languages.Unlock()
	if found := languages.known[key]; found != nil {
		return found, nil
	}
	made, err := newLanguage(variables)
	if err == nil && len(languages.known) < maxLanguages {
		languages.known[key] = made
	}
	return made, err
}

// newLanguage makes a language.
func newLanguage(variables []string) (*language, error) {
	env, err := environment()
	if err != nil {
		return nil, err
	}
	options := make([]cel.EnvOption, 0, len(variables))
	for _, name := range variables {
		options = append(options, cel.Variable(name, cel.DynType))
	}
	extended, err := env.Extend(options...)
	if err != nil {
		return nil, fmt.Errorf("declaring the variables of an expression: %w", err)
	}
	found, err := boundsOf(extended)
	if err != nil {
		return nil, err
	}
	return &language{env: extended, bounds: found}, nil
}

// plan prepares the evaluation with all its bounds.
func (l *language) plan(checked *cel.Ast) (cel.Program, error) {
	return l.env.Program(checked,
		cel.CustomDecoratorV2(func(step interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
			return l.bounds.apply(step), nil
		}),
		cel.CostTracking(deepCosts{}),
		cel.CostLimit(maxCost),
		cel.InterruptCheckFrequency(interruptEvery),
	)
}
