package ticket

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

const (
	// maxAttempts is how many attempts are kept of those that stand in a ticket: the last ones.
	maxAttempts = 8
	// maxAttemptText bounds each answer about an attempt in characters, maxAnswerRead what of it is read at all, in bytes.
	maxAttemptText = 512
	maxAnswerRead  = 8 * maxAttemptText
	// maxTextRead bounds what of the text of a ticket is read, in bytes: its end, where the form is.
	maxTextRead = 128 << 10
)

// question is what a line of a form asks for.
type question int

// The questions. askNothing is that of no line of a form: what follows answers none.
const (
	askNothing question = iota
	askHypothesis
	askDone
	askResult
	askLearned
)

// labels are what lines of a form begin with, in small letters.
var labels = map[string]question{
	"hypothesis": askHypothesis, "done": askDone, "what was done": askDone, "result": askResult,
	"learned": askLearned, "learnt": askLearned, "what was learned": askLearned, "what we learned": askLearned, "learnings": askLearned,
	"lesson": askLearned, "lessons": askLearned, "lesson learned": askLearned, "lessons learned": askLearned,
}

// attemptsIn reads the attempts out of the text of a ticket that people edit: what follows a label is its answer, until the next
// label, a heading, a signature, or what Gemba has written below. A label that was answered already, and a heading "Attempt 2", begin
// another attempt. One without an answer is none. Where the heading of the form stands, what is above it is not read: people paste logs
// there, whose lines may begin like labels.
func attemptsIn(text string) []v1alpha1.TicketAttempt {
	reader := &formReader{lead: lead}
	if at := formAt(text); at >= 0 {
		text, reader.lead = text[at:], leadInForm
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(endOfText(text))
	for line := range strings.Lines(text) {
		reader.read(strings.TrimRightFunc(line, unicode.IsSpace))
	}
	reader.next()
	return reader.attempts
}

// formAt is where the heading of the form stands in a text; negative where it does not.
func formAt(text string) int {
	for from := 0; ; {
		found := strings.Index(text[from:], formHeading)
		if found < 0 {
			return -1
		}
		at := from + found
		line := strings.LastIndexAny(text[from:at], "\r\n")
		begins := from == 0 || line >= 0
		if begins && strings.Trim(text[from+line+1:at], beforeHeading) == "" {
			return at
		}
		from = at + len(formHeading)
	}
}

// endOfText is the end of a text, in whole lines.
func endOfText(text string) string {
	if len(text) <= maxTextRead {
		return text
	}
	end := text[len(text)-maxTextRead:]
	line := strings.IndexAny(end, "\r\n")
	if line < 0 {
		return ""
	}
	return end[line:]
}

// formReader reads a form line by line.
type formReader struct {
	// lead is what may stand before a label.
	lead     *regexp.Regexp
	attempts []v1alpha1.TicketAttempt
	// present are the answers of the attempt that is read; at is the question whose answer goes on.
	present map[question]*strings.Builder
	at      question
}

func (r *formReader) read(line string) {
	if asked, said, isLabel := r.labelled(line); isLabel {
		r.begin(asked)
		r.say(said)
		return
	}
	switch {
	case attemptHeading.MatchString(line):
		r.next()
	case ends(line):
		r.at = askNothing
	default:
		r.say(line)
	}
}

// begin turns to a question: of another attempt where this one has it already.
func (r *formReader) begin(asked question) {
	_, had := r.present[asked]
	if had || asked == askHypothesis && len(r.present) > 0 {
		r.next()
	}
	if r.present == nil {
		r.present = map[question]*strings.Builder{}
	}
	r.present[asked], r.at = &strings.Builder{}, asked
}

// say adds to the answer that goes on, as far as there is room.
func (r *formReader) say(text string) {
	if r.at == askNothing {
		return
	}
	said := r.present[r.at]
	if room := maxAnswerRead - said.Len(); room > 0 {
		said.WriteString("\n" + text[:min(len(text), room)])
	}
}

// next ends an attempt, and keeps it where something is said about it.
func (r *formReader) next() {
	read := v1alpha1.TicketAttempt{
		Hypothesis: r.said(askHypothesis), Done: r.said(askDone), Result: r.said(askResult), Learned: r.said(askLearned),
	}
	if read != (v1alpha1.TicketAttempt{}) {
		r.attempts = append(r.attempts, read)
		r.attempts = r.attempts[max(len(r.attempts)-maxAttempts, 0):]
	}
	r.present, r.at = nil, askNothing
}

func (r *formReader) said(asked question) string {
	answer := r.present[asked]
	if answer == nil {
		return ""
	}
	said := shorten(strings.ToValidUTF8(answer.String(), ""), maxAttemptText)
	if strings.Trim(said, emphasis+" -–—.…") == "" {
		// A dash where nothing is to be said.
		return ""
	}
	return said
}

const (
	emphasis = "*_`~"
	// beforeHeading is what may stand before the heading of the form.
	beforeHeading = emphasis + "#> \t\u00a0h123456."
)

var (
	// lead is what may stand before a label: quotation marks, bullets, boxes to tick, headings, and the beginning of an emphasis. A
	// number only below the heading of the form: above it the questions of a review have one.
	lead       = regexp.MustCompile("^(?:" + leading + ")*")
	leadInForm = regexp.MustCompile("^(?:" + leading + `|[0-9]{1,3}[.)]\s)*`)
	// isHeading tells lines that are all label: "## Learned", "h3. Learned", "**Learned**".
	isHeading = regexp.MustCompile(`^\s*(?:#{1,6}\s|h[1-6]\.\s|[*_]{1,3}[^*_]+[*_]{1,3}$)`)
	// attemptHeading is a line that says which attempt follows.
	attemptHeading = regexp.MustCompile("(?i)^[\\s>*+•#_`~h1-6.-]*attempt(?:\\s+(?:no\\.?\\s*)?#?[0-9]{1,3})?\\s*[:.]?[*_\\s]*$")
	// around is what Gemba itself writes before the form and after it.
	around = regexp.MustCompile("^[\\s>*#_`~]*(?:h[1-6]\\.\\s*)?(?:Attempts \\(for another one |Opened by Gemba for Remediation |<!--)")
	// signature is the line above one, and that between two parts of a text.
	signature = regexp.MustCompile(`^\s*-{2,}$`)
)

const leading = "[\\s\u00a0>*+•#_`~-]|\\[[ xX]?\\]|h[1-6]\\.\\s"

// ends is true for a line that belongs to no answer, and after which none goes on.
func ends(line string) bool {
	return around.MatchString(line) || signature.MatchString(line) || strings.HasPrefix(line, "#") && isHeading.MatchString(line)
}

// labelled takes a line apart that begins with a label.
func (r *formReader) labelled(line string) (asked question, said string, ok bool) {
	rest := line[len(r.lead.FindString(line)):]
	label, said, colon := cutColon(rest)
	if !colon {
		if !isHeading.MatchString(line) {
			return askNothing, "", false
		}
		label = rest
	}
	asked, ok = labels[strings.ToLower(strings.Trim(label, emphasis+" \t\u00a0"))]
	// An emphasis may end behind the colon.
	return asked, strings.TrimLeft(said, emphasis), ok
}

// maxLabel bounds where the colon of a label may stand, in bytes.
const maxLabel = 40

// cutColon cuts a line at its first colon, also at the wide one of East Asian texts.
func cutColon(line string) (before, after string, found bool) {
	at := strings.IndexAny(line, ":：")
	if at < 0 || at > maxLabel {
		return "", "", false
	}
	before, after = line[:at], line[at:]
	return before, strings.TrimPrefix(strings.TrimPrefix(after, ":"), "："), true
}
