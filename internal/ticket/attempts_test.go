package ticket_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// textReader reads a text as that of a ticket.
func textReader(t testing.TB) func(string) []v1alpha1.TicketAttempt {
	t.Helper()
	language, err := ticket.LanguageOf(custom(func(p *v1alpha1.TicketProtocol) {
		p.Read = &v1alpha1.TicketReading{Path: `""`, State: `"open"`, Text: `reply.body.text`}
	}))
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) []v1alpha1.TicketAttempt {
		body, err := json.Marshal(map[string]string{"text": text})
		if err != nil {
			t.Fatal(err)
		}
		return language.Read(context.Background(), ticket.Message{}, ticket.Reply{Status: 200, Body: body}).Attempts
	}
}

func TestAttemptsAreReadOutOfTheTextOfATicket(t *testing.T) {
	t.Parallel()
	full := v1alpha1.TicketAttempt{Hypothesis: "too few clerks", Done: "hired one", Result: "no change", Learned: "the queue is elsewhere"}
	learned := []v1alpha1.TicketAttempt{{Learned: "ask first"}}
	read := textReader(t)
	const heading, emptyForm = "Attempts (for another one repeat the lines)\n\n", "- Hypothesis:\n- Done:\n- Result:\n- Learned:"
	const below = "\n\nOpened by Gemba for Remediation a/b. Ticket key: gemba-1\n\n<!-- gemba-1 gemba-2 -->"
	for sentence, test := range map[string]struct {
		text string
		want []v1alpha1.TicketAttempt
	}{
		"a form that is filled in is an attempt": {
			"Rule Breached.\n\n- Hypothesis: too few clerks\n- Done: hired one\n- Result: no change\n- Learned: the queue is elsewhere" + below,
			[]v1alpha1.TicketAttempt{full},
		},
		"an empty form is none":                             {"- Hypothesis:\n- Done:\n- Result:\n- Learned:" + below, nil},
		"a text without a form is none":                     {"Process \"refunds\": a review is overdue.\nSince: yesterday\nBy when: now", nil},
		"no text at all is none":                            {"", nil},
		"dashes where nothing is to be said answer nothing": {"Hypothesis: -\nDone: …\nResult: --\nLearned: **", nil},
		"a line is enough":                                  {"Learned: ask first", learned},
		"capitals do not matter":                            {"LEARNED: ask first", learned},
		"lines may end as in a text of Windows":             {"- Result:\r\n- Learned: ask first\r\n\r\nOpened by Gemba for Remediation a/b.\r\n", learned},
		"and as in one of an old Macintosh":                 {"Result:\rLearned: ask first\r", learned},
		"the colon may stand apart":                         {"Learned : ask first", learned},
		"it may be that of an East Asian text":              {"Learned：ask first", learned},
		"a label may be bold":                               {"**Learned:** ask first", learned},
		"with its colon outside":                            {"- **Learned**: ask first", learned},
		"or set in the way of Jira":                         {"* *Learned:* ask first", learned},
		"or a heading":                                      {"### Learned\n\nask first\n", learned},
		"or a heading of Jira":                              {"h3. Learned\nask first", learned},
		"or a bold line":                                    {"**Learned**\nask first", learned},
		"it may be quoted":                                  {"> Learned: ask first", learned},
		"or ticked":                                         {"- [x] Learned: ask first", learned},
		"it may be said in other words":                     {"Lessons learned: ask first", learned},
		"such as these":                                     {"What we learned: ask first", learned},
		"or these":                                          {"Learnings: ask first", learned},
		"or this":                                           {"### Lessons\nask first", learned},
		"in the singular as well":                           {"Lesson: ask first", learned},
		"an answer may have several lines":                  {"Learned:\n  ask\n\n  first" + below, learned},
		"what Gemba has written below is no answer":         {"- Learned: ask first" + below, learned},
		"nor what stands under another heading":             {"Learned: ask first\n\n## Notes\nWe met on Monday.", learned},
		"an answer may hold a colon, and a word that is a label": {
			"Learned: ask: what is learned", []v1alpha1.TicketAttempt{{Learned: "ask: what is learned"}},
		},
		"the lines may come again": {
			"- Hypothesis: a\n- Learned: b\n\n- Hypothesis: c\n- Done: d\n- Learned: e" + below,
			[]v1alpha1.TicketAttempt{{Hypothesis: "a", Learned: "b"}, {Hypothesis: "c", Done: "d", Learned: "e"}},
		},
		"what stands above the form is no attempt": {
			"It failed:\n\nResult: FAILURE\nDone: 3 of 4\n\n" + heading + "- Learned: ask first" + below, learned,
		},
		"nor where the heading is made one of Jira": {
			"Result: FAILURE\n\nh3. " + heading + "- Learned: ask first" + below, learned,
		},
		"also where the heading is quoted above it": {
			"see " + strings.TrimSpace(heading) + " " + heading + "Result: FAILURE\n\n**" + strings.TrimSpace(heading) + "**\n- Learned: ask first" + below, learned,
		},
		"and where the text is one of an old Macintosh": {
			strings.ReplaceAll("Result: FAILURE\n"+heading+"- Learned: ask first"+below, "\n", "\r"), learned,
		},
		"what stands below Gemba's lines is": {
			"Result: FAILURE\n\n" + heading + emptyForm + below + "\n\nLearned: ask first", learned,
		},
		"the lines of the form may be numbered":       {heading + "1. Result: no change\n2) **Learned**: ask first", []v1alpha1.TicketAttempt{{Result: "no change", Learned: "ask first"}}},
		"where the form is gone all is read":          {"Result: FAILURE\n\n- Learned: ask first", []v1alpha1.TicketAttempt{{Result: "FAILURE", Learned: "ask first"}}},
		"an answer ends where a signature begins":     {heading + "- Learned: ask first\n-- \nKim\nHead of Refunds" + below, learned},
		"or a line across":                            {heading + "- Learned: ask first\n\n-----\nresult was 3" + below, learned},
		"a signature ends no form":                    {heading + "- Result: no change\n---\n- Learned: ask first", []v1alpha1.TicketAttempt{{Result: "no change", Learned: "ask first"}}},
		"a dash alone is the bullet of an empty line": {heading + "- Learned: ask\n-\n  first", []v1alpha1.TicketAttempt{{Learned: "ask - first"}}},
		"a space that does not break is a space":      {"-\u00a0Learned\u00a0:\u00a0ask\u00a0first", learned},
		"in any order": {
			"Result: a\nLearned: b\nResult: c\nLearned: d",
			[]v1alpha1.TicketAttempt{{Result: "a", Learned: "b"}, {Result: "c", Learned: "d"}},
		},
		"an empty form between two that are filled in is none": {
			"Hypothesis: a\nLearned: b\nHypothesis:\nDone:\nResult:\nLearned:\nHypothesis: c",
			[]v1alpha1.TicketAttempt{{Hypothesis: "a", Learned: "b"}, {Hypothesis: "c"}},
		},
		"a heading may begin another": {
			"## Attempt 1\nDone: a\n**Attempt 2:**\nResult: b",
			[]v1alpha1.TicketAttempt{{Done: "a"}, {Result: "b"}},
		},
		"a question of a review that begins like a label is none": {"Questions to answer:\n1. Result: how was it?", nil},
		"control characters are left out":                         {"Learned: ask\x1b[2J \u202efirst\x00", []v1alpha1.TicketAttempt{{Learned: "ask [2J first"}}},
		"what is long is shortened":                               {"Learned: " + strings.Repeat("ä", 600), []v1alpha1.TicketAttempt{{Learned: strings.Repeat("ä", 511) + "…"}}},
	} {
		if got := read(test.text); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: read %+v", sentence, got)
		}
	}
}

func TestTheLastEightAttemptsAreKept(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 20 {
		fmt.Fprintf(&text, "Hypothesis: %d\n", i)
	}
	got := textReader(t)(text.String())
	if len(got) != 8 || got[0].Hypothesis != "12" || got[7].Hypothesis != "19" {
		t.Errorf("kept %+v", got)
	}
}

// A text may be as long as its system lets it be: of each answer the beginning is read, and of the whole the end, where the form is.
func TestOfALongTextTheEndIsRead(t *testing.T) {
	t.Parallel()
	const whole = 128 << 10
	filler := func(least int) string { return strings.Repeat("line\n", least/5+1) }
	for sentence, test := range map[string]struct {
		text string
		want []v1alpha1.TicketAttempt
	}{
		"what stands further above is not read":       {"Result: a\n# Log\n" + filler(whole) + "Learned: b", []v1alpha1.TicketAttempt{{Learned: "b"}}},
		"what stands above it within the end is":      {"Result: a\n# Log\n" + filler(whole-100) + "Learned: b", []v1alpha1.TicketAttempt{{Result: "a", Learned: "b"}}},
		"nor does the end begin in a line":            {strings.Repeat("x", 99) + "Learned: a" + strings.Repeat("\n", whole-len("Learned: a")), nil},
		"a line that is as long as that says nothing": {"Learned: a\n" + strings.Repeat("x", whole), nil},
		"an answer ends where it is too long to be read": {
			"Learned: a\n" + strings.Repeat("\n", 8*512) + "b\nResult: c", []v1alpha1.TicketAttempt{{Result: "c", Learned: "a"}},
		},
		"also within a line": {
			"Learned: a" + strings.Repeat(" ", 8*512) + "b\nc\nResult: d", []v1alpha1.TicketAttempt{{Result: "d", Learned: "a"}},
		},
	} {
		if got := textReader(t)(test.text); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: read %+v", sentence, got)
		}
	}
}

func FuzzAttempts(f *testing.F) {
	f.Add("- Hypothesis: a\n- Done: b\n- Result: c\n- Learned: d")
	f.Add("## Attempt 2\r\n**Learned**:\r\n> x\x00\xff\n<!-- y -->")
	f.Add("Learned：" + strings.Repeat("- ", 2000))
	read := textReader(f)
	f.Fuzz(func(t *testing.T, text string) {
		attempts := read(text)
		if len(attempts) > 8 {
			t.Errorf("took %d", len(attempts))
		}
		for _, attempt := range attempts {
			if attempt == (v1alpha1.TicketAttempt{}) {
				t.Error("took one of which nothing is said")
			}
			for _, said := range []string{attempt.Hypothesis, attempt.Done, attempt.Result, attempt.Learned} {
				if !utf8.ValidString(said) || utf8.RuneCountInString(said) > 512 || strings.ContainsFunc(said, unicode.IsControl) {
					t.Errorf("took %q", said)
				}
			}
		}
	})
}
