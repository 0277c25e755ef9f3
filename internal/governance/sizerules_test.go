package governance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

func TestElevatorRides(t *testing.T) {
	t.Parallel()
	words := func(number int) string { return strings.TrimSpace(strings.Repeat("word ", number)) }
	for sentence, test := range map[string]struct {
		process *builders.ProcessBuilder
		rides   int32
	}{
		"what is not told takes no ride":                         {builders.MakeProcess("refunds"), 0},
		"one word takes a ride":                                  {builders.MakeProcess("refunds").What("Pays."), 1},
		"150 words fill one ride exactly":                        {builders.MakeProcess("refunds").What(words(150)), 1},
		"one word more takes a second ride":                      {builders.MakeProcess("refunds").What(words(151)), 2},
		"500 words take four":                                    {builders.MakeProcess("refunds").What(words(500)), 4},
		"250 Chinese characters fill one ride exactly":           {builders.MakeProcess("refunds").What(strings.Repeat("货", 250)), 1},
		"one character more takes a second ride":                 {builders.MakeProcess("refunds").What(strings.Repeat("货", 251)), 2},
		"kana and hangul are counted by the character":           {builders.MakeProcess("refunds").What(strings.Repeat("カな한", 84)), 2},
		"a mark that draws out a kana is a character too":        {builders.MakeProcess("refunds").What(strings.Repeat("カード", 83)), 1},
		"a word that touches a character is a word":              {builders.MakeProcess("refunds").What(strings.Repeat("货word", 94)), 2},
		"words beside characters are counted as words":           {builders.MakeProcess("refunds").What(strings.Repeat("货", 125) + " " + words(75)), 1},
		"an apostrophe or a hyphen parts no word":                {builders.MakeProcess("refunds").What(strings.Repeat("doesn't e-mail ", 75)), 1},
		"punctuation alone is no word":                           {builders.MakeProcess("refunds").What(words(150) + " - – …"), 1},
		"a step is told by what is done":                         {builders.MakeProcess("refunds").What(words(149)).StepOf(v1alpha1.Step{Name: "a-long-name", What: "Pay"}), 1},
		"a step that does not say what is done is told by name":  {builders.MakeProcess("refunds").What(words(149)).Step("pay-back", "x"), 2},
		"why it exists, for whom and why a step is are not told": {builders.MakeProcess("refunds").Why(words(300)).What(words(149)).Step("pay", words(90)), 1},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			status := newWorld(test.process).judge("2024-07-02").Status
			if status.ElevatorRides != test.rides {
				t.Errorf("%d rides", status.ElevatorRides)
			}
			says := ""
			if test.rides > 1 {
				says = fmt.Sprintf("Telling the process takes %d elevator rides of 60 s: shorten it until one is enough.", test.rides)
			}
			wantMessage(t, &status, v1alpha1.RuleNotExplainable, says)
		})
	}
}

func TestSizeRules(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		rule v1alpha1.Rule
		step func(number int) v1alpha1.Step
		most int
		says string
	}{
		"twenty steps are enough": {
			rule: v1alpha1.RuleTooManySteps, most: 20,
			step: func(int) v1alpha1.Step { return v1alpha1.Step{} },
			says: "The process has 21 steps, and the limit is 20: simplify it.",
		},
		"eight roles are enough": {
			rule: v1alpha1.RuleTooManyRoles, most: 8,
			step: func(n int) v1alpha1.Step { return v1alpha1.Step{Role: v1alpha1.Label(fmt.Sprint("role ", n))} },
			says: "The process has 9 roles, and the limit is 8: simplify it.",
		},
		"twelve touchpoints are enough": {
			rule: v1alpha1.RuleTooManyTouchpoints, most: 12,
			step: func(int) v1alpha1.Step { return v1alpha1.Step{Touchpoint: true} },
			says: "The process has 13 touchpoints, and the limit is 12: simplify it.",
		},
		"eight handoffs are enough": {
			rule: v1alpha1.RuleTooManyHandoffs, most: 9,
			step: func(n int) v1alpha1.Step { return v1alpha1.Step{Role: []v1alpha1.Label{"clerk", "head"}[n%2]} },
			says: "The process has 9 handoffs, and the limit is 8: simplify it.",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			process := builders.MakeProcess("refunds")
			for n := range test.most {
				step := test.step(n)
				step.Name = v1alpha1.Key(fmt.Sprint("step-", n))
				process.StepOf(step)
			}
			status := newWorld(process).judge("2024-07-02").Status
			wantMessage(t, &status, test.rule, "")
			step := test.step(test.most)
			step.Name = "one-more"
			status = newWorld(process.StepOf(step)).judge("2024-07-02").Status
			wantMessage(t, &status, test.rule, test.says)
		})
	}
}

func TestPolicyLimitsBoundTheSize(t *testing.T) {
	t.Parallel()
	narrow := builders.MakePolicy("narrow").Limits(v1alpha1.Limits{MaxSteps: 1, MaxRoles: 1, MaxTouchpoints: 1, MaxHandoffs: 1})
	process := builders.MakeProcess("refunds").
		StepOf(v1alpha1.Step{Name: "a", Why: "x", Role: "clerk", Touchpoint: true}).
		StepOf(v1alpha1.Step{Name: "b", Why: "x", Role: "head", Touchpoint: true}).
		StepOf(v1alpha1.Step{Name: "c", Why: "x", Role: "clerk"})
	status := newWorld(process).under(narrow).judge("2024-07-02").Status
	for rule, says := range map[v1alpha1.Rule]string{
		v1alpha1.RuleTooManySteps:       "The process has 3 steps, and the limit is 1: simplify it.",
		v1alpha1.RuleTooManyRoles:       "The process has 2 roles, and the limit is 1: simplify it.",
		v1alpha1.RuleTooManyTouchpoints: "The process has 2 touchpoints, and the limit is 1: simplify it.",
		v1alpha1.RuleTooManyHandoffs:    "The process has 2 handoffs, and the limit is 1: simplify it.",
	} {
		wantMessage(t, &status, rule, says)
	}
}

func TestCounts(t *testing.T) {
	t.Parallel()
	process := builders.MakeProcess("refunds").
		StepOf(v1alpha1.Step{Name: "a", Role: "clerk", Department: "service", System: "crm", Touchpoint: true}).
		StepOf(v1alpha1.Step{Name: "b"}).
		StepOf(v1alpha1.Step{Name: "c", Role: "clerk", Department: "billing", System: "sap"}).
		StepOf(v1alpha1.Step{Name: "d", Role: "head", System: "sap", Touchpoint: true}).
		StepOf(v1alpha1.Step{Name: "e", Role: "head", Department: "billing"})
	got := *newWorld(process).judge("2024-07-02").Status.Counts
	// From c to d the role changes; b says nothing, and what is not said changes nothing.
	want := v1alpha1.ProcessCounts{Steps: 5, Roles: 2, Departments: 2, Systems: 2, Touchpoints: 2, Handoffs: 1}
	if got != want {
		t.Errorf("counts are %+v, want %+v", got, want)
	}
}

func TestNoCustomer(t *testing.T) {
	t.Parallel()
	status := newWorld(builders.MakeProcess("refunds")).judge("2024-07-02").Status
	wantMessage(t, &status, v1alpha1.RuleNoCustomer, "")
	status = newWorld(builders.MakeProcess("refunds").NoCustomers()).judge("2024-07-02").Status
	wantMessage(t, &status, v1alpha1.RuleNoCustomer,
		"Nobody is named for whom the process exists: list its customers, inside or outside.")
}
