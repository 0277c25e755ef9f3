package expression_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/gemba-dev/gemba/internal/expression"
)

// hostile is a document of a size that a source lets through: flat lists, long texts, deep nesting.
func hostile() map[string]any {
	long := make([]any, 30_000)
	for i := range long {
		long[i] = float64(i)
	}
	var deep any = "bottom"
	for range 60 {
		deep = map[string]any{"next": deep}
	}
	return map[string]any{"reply": map[string]any{
		"long": long, "deep": deep, "text": strings.Repeat("a", 60_000), "some": long[:3000], "pattern": strings.Repeat("(a{1,50})", 100),
	}}
}

// Each of these would hang, or fill the memory, in a language without bounds. What is bounded is an error, or, where the
// language has an answer at little cost, that answer.
func TestHostileExpressionsEnd(t *testing.T) {
	chain := func(start, step string, times int, end string) string {
		return start + strings.Repeat(step, times) + end
	}
	tests := map[string]struct {
		text string
		want string
	}{
		"lists in lists, compared":        {chain(`[dyn([0])]`, `.map(a,dyn([a,a,a,a,a,a,a,a]))`, 12, `.size()`), "too"},
		"lists in maps":                   {chain(`[dyn({0:0})]`, `.map(a,dyn({0:a,1:a,2:a,3:a,4:a}))`, 12, `.size()`), "too"},
		"a list doubled":                  {chain(`[[0]]`, `.map(a,a+a+a+a+a+a+a+a)`, 12, `[0].size()`), "too"},
		"three elements doubled":          {chain(`[[[0],[0],[0]]]`, `.map(a,a+a+a+a+a+a+a+a)`, 12, `[0].size()`), "too"},
		"heavy elements, doubled":         {`[[reply.long,reply.long,reply.long]]` + strings.Repeat(`.map(a,a+a)`, 12) + `[0].size()`, "too"},
		"heavy elements, appended":        {`lists.range(5000).map(i, reply.long).size()`, "too"},
		"a text doubled":                  {chain(`["aaaaaaaa"]`, `.map(a,a+a+a+a+a+a+a+a)`, 12, `[0].size()`), "too"},
		"bytes doubled":                   {chain(`[b"aaaaaaaa"]`, `.map(a,a+a+a+a+a+a+a+a)`, 12, `[0].size()`), "too"},
		"a text replaced by longer ones":  {chain(`"a"`, `.replace("a","aaaaaaaaaa")`, 60, `.size()`), "too"},
		"nothing replaced by a long text": {`reply.text.replace("", reply.text).size()`, "too"},
		"a long text between elements":    {`lists.range(9999).map(i, "").join(reply.text).size()`, "too"},
		"long elements joined":            {`lists.range(999).map(i, reply.text).join().size()`, "too large"},
		"everything compared with all":    {`reply.long.distinct().size()`, "too"},
		"a needle as long as the hay":     {`reply.text.indexOf(reply.text + "b")`, "too"},
		"the same from behind":            {`reply.text.lastIndexOf(reply.text + "b")`, "too"},
		"a range without end":             {`lists.range(9223372036854775807).size()`, "lists.range"},
		"a pattern of repetitions":        {`"a".matches("(((a{1,30}){1,30}){1,30}){1,3}") ? 1 : 0`, "invalid matches argument"},
		"a pattern of the document":       {`reply.text.matches(reply.pattern) ? 1 : 0`, "too"},
		"a pattern over a long text":      {`reply.text.matches("(a?){500}b") ? 1 : 0`, "too"},
		"loops in loops":                  {`reply.long.all(a, reply.long.all(b, reply.long.all(c, a + b + c >= 0.0))) ? 1 : 0`, "too"},
		"a long list searched for each":   {`reply.long.all(a, a in reply.long) ? 1 : 0`, "too"},
		"a document compared for each":    {`reply.long.all(a, reply == reply) ? 1 : 0`, "too"},
		"a document printed for each":     {`reply.long.all(a, "%s".format([reply.long]) != "") ? 1 : 0`, "too"},
		"digits without end":              {`"%.1000000000f".format([1.0]).size()`, "precision"},
		"a key that is a document":        {`{}[[reply.long]] == 1 ? 1 : 0`, "invalid qualifier type"},
		"a deep document":                 {`reply.deep == reply.deep ? 1 : 0`, ""},
		"a text in a loop":                {`reply.long.all(a, reply.text.contains("b") == false) ? 1 : 0`, "too"},
		"heavy elements in a list":        {`[` + chain(`reply.long`, `,reply.long`, 19, ``) + `].size()`, "too"},
		"heavy lists in one":              {`(` + chain(`[reply.long,reply.long]`, `+[reply.long,reply.long]`, 9, ``) + `).size()`, "too"},
		"a large pattern over a letter":   {`"a".matches(reply.pattern) ? 1 : 0`, "too"},
		"documents compared":              {chain(`reply == reply`, ` && reply == reply`, 9, ` ? 1 : 0`), "too"},
		"documents printed":               {chain(`"%s".format([reply.long]) != ""`, ` && "%s".format([reply.long]) != ""`, 9, ` ? 1 : 0`), "too"},
		"much work in one call":           {`reply.text.contains(reply.text) ? 1 : 0`, "too"},
		"a long sum":                      {chain(`1`, `+1`, 40, ``), ""},
		"a long way down":                 {chain(`reply`, `.?next`, 40, `.orValue(1)`), ""},
		"types of types":                  {chain(``, `type(`, 200, `1`) + strings.Repeat(")", 200), "recursion"},
		"options of options":              {chain(``, `optional.of(`, 150, `1`) + strings.Repeat(")", 150), "recursion"},
		"a sum that is too long":          {chain(`1`, `+1`, 900, ``), "recursion"},
		"lists within lists":              {strings.Repeat("[", 20) + strings.Repeat("]", 20) + ` == [] ? 1 : 0`, "within each other"},
		"lists within lists within lists": {strings.Repeat("[", 1000) + strings.Repeat("]", 1000), "recursion limit"},
		"maps within maps":                {strings.Repeat("{0:", 20) + "0" + strings.Repeat("}", 20) + `.size()`, "within each other"},
		"too many macros":                 {chain(`[0]`, `.map(a,a)`, 20, ``), "20 macros"},
		"a long condition":                {chain(`true`, `&&true`, 300, ` ? 1 : 0`), ""},
		"elements by their key, sorted":   {`reply.some.sortBy(a, -a).map(a, double(a))[0]`, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			program, err := expression.Compile(test.text, "reply")
			if err == nil {
				_, err = program.Number(t.Context(), hostile())
			}
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
			if err != nil && len([]rune(err.Error())) > 160 {
				t.Errorf("the error has %d characters", len(err.Error()))
			}
		})
	}
}

func TestAnEvaluationStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	program, err := expression.Compile(`reply.some.all(a, a >= 0.0) ? 1 : 0`, "reply")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := program.Number(ctx, hostile()); !errors.Is(err, expression.ErrTooCostly) {
		t.Errorf("%v, want ErrTooCostly", err)
	}
	if _, err := program.Number(t.Context(), hostile()); err != nil {
		t.Errorf("without the cancellation: %v", err)
	}
}

func FuzzCompile(f *testing.F) {
	for _, seed := range []string{
		`reply.open`, `reply.?a.orValue(1.0)`, `[1, 2].map(a, a * 2).size()`, `"%s".format([reply])`, `{"a": [b"x"]}["a"]`,
		`reply.long.sortBy(a, -a)[0]`, `"a".replace("a", "b").split("")`, `timestamp("2026-01-01T00:00:00Z") + duration("1h")`,
		`optional.of(reply).optMap(r, r.text)`, `math.greatest([1.0, 2])`, `"a".matches("a{2,3}")`, `has(reply.a) ? 1 : 0`,
	} {
		f.Add(seed)
	}
	variables := map[string]any{"reply": map[string]any{"open": 1.0, "text": "abc", "long": []any{1.0, 2.0, "x"}}}
	f.Fuzz(func(t *testing.T, text string) {
		program, err := expression.Compile(text, "reply")
		if err != nil {
			return
		}
		_, _ = program.Number(t.Context(), variables)
		_, _ = program.Time(t.Context(), variables)
	})
}
