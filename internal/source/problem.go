package source

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a ProblemError is about, to be asked for with errors.Is.
var (
	// ErrInvalid says that what the KPI declares cannot be asked as it is written.
	ErrInvalid = errors.New("the source of the KPI is not valid")
	// ErrNotPermitted says that the MetricSource, or the operator, does not admit what the KPI asks for.
	ErrNotPermitted = errors.New("the source of the KPI is not permitted")
	// ErrNotAsked says that there is nothing to ask: the values stand in the KPI itself.
	ErrNotAsked = errors.New("the source of the KPI is not asked")
)

// ProblemError says in a sentence why a KPI has no question, until somebody changes something.
type ProblemError struct {
	kind     error
	sentence string
}

// Error is the sentence.
func (p *ProblemError) Error() string { return p.sentence }

// Unwrap is what the problem is about: ErrInvalid, ErrNotPermitted or ErrNotAsked.
func (p *ProblemError) Unwrap() error { return p.kind }

// problem makes one.
func problem(kind error, what, advice string) *ProblemError {
	return &ProblemError{kind: kind, sentence: sentence(what, advice)}
}

// maxSentence bounds what is shown, in characters.
const maxSentence = 200

// sentence puts together what happened and what to do. Where both are too long, what happened is cut: it may have been
// chosen by another system, and the advice was not.
func sentence(what, advice string) string {
	what = strings.TrimRight(what, ". ")
	first, size := utf8.DecodeRuneInString(what)
	what = string(unicode.ToUpper(first)) + what[size:]
	room := maxSentence - 1
	if advice != "" {
		advice = " " + strings.TrimRight(advice, ".") + "."
		room -= utf8.RuneCountInString(advice)
	}
	if runes := []rune(what); len(runes) > room {
		what = string(runes[:room-1]) + "…"
	}
	return what + "." + advice
}
