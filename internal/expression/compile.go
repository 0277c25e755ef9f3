package expression

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
)

const (
	// MaxLength is how many characters an expression may have.
	MaxLength = 2048
	// maxMessage bounds what is shown of an error of the library, in characters.
	maxMessage = 120
)

// Compile reads an expression over the variables, each of which may hold anything. Its errors are sentences that say in
// which line and column something is wrong.
func Compile(text string, variables ...string) (compiled *Program, err error) {
	defer func() {
		if recover() != nil {
			compiled, err = nil, errors.New("the expression cannot be read; make it simpler")
		}
	}()
	if length := utf8.RuneCountInString(text); length > MaxLength {
		return nil, fmt.Errorf("the expression has %d characters; at most %d are allowed", length, MaxLength)
	}
	language, err := withVariables(variables)
	if err != nil {
		return nil, err
	}
	parsed, issues := language.env.Parse(text)
	if issues.Err() != nil {
		return nil, firstOf(issues)
	}
	if err := checkShape(parsed); err != nil {
		return nil, err
	}
	checked, issues := language.env.Check(parsed)
	if issues.Err() != nil {
		return nil, firstOf(issues)
	}
	program, err := language.plan(checked)
	if err != nil {
		return nil, fmt.Errorf("the expression cannot be evaluated: %s", oneLine(err.Error()))
	}
	return &Program{text: text, program: program}, nil
}

// checkShape bounds what makes checking the types of an expression slow.
func checkShape(parsed *cel.Ast) error {
	root := ast.NavigateAST(parsed.NativeRep())
	macros := len(ast.MatchDescendants(root, ast.KindMatcher(ast.ComprehensionKind)))
	if macros > maxMacros {
		return fmt.Errorf("the expression has %d macros, such as map and filter; at most %d are allowed", macros, maxMacros)
	}
	for _, literal := range ast.MatchDescendants(root, isLiteral) {
		depth := 0
		for at, found := literal, true; found; at, found = at.Parent() {
			if isLiteral(at) {
				depth++
			}
		}
		if depth > maxNesting {
			return fmt.Errorf("the expression has lists or maps within each other; at most %d levels are allowed", maxNesting)
		}
	}
	return nil
}

// isLiteral says whether a part of an expression makes a list or a map.
func isLiteral(part ast.NavigableExpr) bool {
	return part.Kind() == ast.ListKind || part.Kind() == ast.MapKind
}

// firstOf tells the first thing that is wrong, and where. What the parser would have accepted instead is left out: it is
// a list of all that may begin an expression.
func firstOf(issues *cel.Issues) error {
	found := issues.Errors()[0]
	message, _, _ := strings.Cut(found.Message, " expecting {")
	if found.Location.Line() < 1 {
		return fmt.Errorf("the expression is not valid: %s", oneLine(message))
	}
	return fmt.Errorf("line %d, column %d: %s", found.Location.Line(), max(found.Location.Column()+1, 1), oneLine(message))
}

// oneLine makes a message of the library fit to be shown: printable, on one line, bounded.
func oneLine(text string) string {
	text = strings.Map(printable, strings.ToValidUTF8(text, "?"))
	text = strings.Join(strings.Fields(text), " ")
	runes := []rune(text)
	if len(runes) <= maxMessage {
		return text
	}
	return string(runes[:maxMessage-1]) + "…"
}

// printable turns what a terminal would act upon into a space.
func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return ' '
}
