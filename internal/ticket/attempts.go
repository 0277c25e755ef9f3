package ticket

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

const (
	// maxAttempts is how many attempts are kept of those that stand in a ticket: the last ones.
	maxAttempts = 8
	// maxAttemptText bounds each answer about an attempt in characters, maxAnswerRead what of it is read at all, in bytes.
	maxAttemptText = 512
	maxAnswerRead  = 8 * maxAttemptText
)

// attemptsText asks people to write down what they try, where a ticket is opened that asks for it.
func attemptsText(content Content) string {
	if !asksForAttempts(content) {
		return ""
	}
	const why = "An attempt may fail: what counts is what was learned from it."
	if !content.ReadsText {
		return "Write down what is tried, in spec.attempts of the Remediation named below. " + why
	}
	return "Write down what is tried, at the end of this text or in spec.attempts of the Remediation named below. " + why
}

// attemptForm is what people fill in, the last thing of a text but for what names the ticket: there an answer ends by itself. It is
// written as a list, because lines of a text run together where it is shown.
func attemptForm(content Content) string {
	if !asksForAttempts(content) || !content.ReadsText {
		return ""
	}
	return formHeading + "\n\n- Hypothesis:\n- Done:\n- Result:\n- Learned:"
}

const formHeading = "Attempts (for another one repeat the lines)"

func asksForAttempts(content Content) bool {
	return content.Operation == v1alpha1.OperationCreate && governance.AsksForAttempts(content.Remediation)
}

// learnText asks, where something has come back, what was learned from the last attempt.
func learnText(content Content) string {
	if !governance.AsksForAttempts(content.Remediation) || !governance.LacksLearning(content.Remediation) {
		return ""
	}
	where := "in spec.attempts of the Remediation named below"
	if content.ReadsText {
		where = "in the text of this ticket or " + where
	}
	return "Before the next attempt: what was learned from the last one? Write it down " + where + "."
}

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
	"learned": askLearned, "learnt": askLearned, "what was learned": askLearned, "lessons learned": askLearned,
}

// attemptsIn reads the attempts out of the text of a ticket that people edit: what follows a label is its answer, until the next
// label, a heading, or what Gemba has written below. A label that was answered already, and a heading "Attempt 2", begin another attempt.
// One without an answer is none.
func attemptsIn(text string) []v1alpha1.TicketAttempt {
	reader := &formReader{}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	for line := range strings.Lines(text) {
		reader.read(strings.TrimRightFunc(line, unicode.IsSpace))
	}
	reader.next()
	return reader.attempts
}

// formReader reads a form line by line.
type formReader struct {
	attempts []v1alpha1.TicketAttempt
	// present are the answers of the attempt that is read; at is the question whose answer goes on.
	present map[question]string
	at      question
}

func (r *formReader) read(line string) {
	if asked, said, isLabel := labelled(line); isLabel {
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
		r.present = map[question]string{}
	}
	r.present[asked], r.at = "", asked
}

// say adds to the answer that goes on.
func (r *formReader) say(text string) {
	said := r.present[r.at]
	if r.at == askNothing || len(said) > maxAnswerRead {
		return
	}
	r.present[r.at] = said + "\n" + text
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
	said := shorten(strings.ToValidUTF8(r.present[asked], ""), maxAttemptText)
	if strings.Trim(said, emphasis+" -–—.…") == "" {
		// A dash where nothing is to be said.
		return ""
	}
	return said
}

const emphasis = "*_`~"

var (
	// lead is what may stand before a label: quotation marks, bullets, boxes to tick, headings, and the beginning of an emphasis. No
	// number: the questions of a review have one.
	lead = regexp.MustCompile("^(?:[\\s\u00a0>*+•#_`~-]|\\[[ xX]?\\]|h[1-6]\\.\\s)*")
	// isHeading tells lines that are all label: "## Learned", "h3. Learned", "**Learned**".
	isHeading = regexp.MustCompile(`^\s*(?:#{1,6}\s|h[1-6]\.\s|[*_]{1,3}[^*_]+[*_]{1,3}$)`)
	// attemptHeading is a line that says which attempt follows.
	attemptHeading = regexp.MustCompile("(?i)^[\\s>*+•#_`~h1-6.-]*attempt(?:\\s+(?:no\\.?\\s*)?#?[0-9]{1,3})?\\s*[:.]?[*_\\s]*$")
	// around is what Gemba itself writes before the form and after it.
	around = regexp.MustCompile(`^\s*(?:Attempts \(for another one |Opened by Gemba for Remediation |<!--)`)
)

// ends is true for a line that belongs to no answer, and after which none goes on.
func ends(line string) bool {
	return around.MatchString(line) || strings.HasPrefix(line, "#") && isHeading.MatchString(line)
}

// labelled takes a line apart that begins with a label.
func labelled(line string) (asked question, said string, ok bool) {
	rest := line[len(lead.FindString(line)):]
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

// AwaitsLesson says whether it is worth reading the ticket of a Remediation that is closed: people may still write down there what was
// learned, and are waited for as long as for a cause. Later the Remediation takes it.
func AwaitsLesson(remediation *v1alpha1.Remediation, ticket v1alpha1.TicketStatus, now time.Time) bool {
	current := &remediation.Status
	isRecent := current.State == v1alpha1.RemediationClosed && current.ClosedAt != nil && now.Before(current.ClosedAt.Add(causePatience))
	return isRecent && Answerable(ticket) && governance.LacksLearning(remediation)
}
