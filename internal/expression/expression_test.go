package expression_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/internal/expression"
)

// document is what most tests look at.
func document(t *testing.T) map[string]any {
	t.Helper()
	var reply any
	err := json.Unmarshal([]byte(`{
		"open": 12, "share": 0.97, "text": "4.5", "flag": true, "nothing": null, "at": "2026-03-01T08:00:00+01:00",
		"since": 1772348400.5, "queues": [{"name": "a", "waiting": 3}, {"name": "b", "waiting": 4}], "big": 9007199254740993
	}`), &reply)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{"reply": reply}
}

// compile makes a program over one variable.
func compile(t *testing.T, text string) *expression.Program {
	t.Helper()
	program, err := expression.Compile(text, "reply")
	if err != nil {
		t.Fatalf("compiling %s: %v", text, err)
	}
	return program
}

func TestNumberTakesANumberOutOfADocument(t *testing.T) {
	tests := map[string]struct {
		text string
		want float64
	}{
		"a number of JSON":                    {`reply.open`, 12},
		"a fraction":                          {`reply.share`, 0.97},
		"a text, converted":                   {`double(reply.text)`, 4.5},
		"an int":                              {`reply.queues.size()`, 2},
		"an uint":                             {`7u`, 7},
		"arithmetic in doubles":               {`reply.open / 5.0`, 2.4},
		"a comparison of double and int":      {`reply.open > 10 ? 1 : 0`, 1},
		"a choice":                            {`reply.flag ? 1.0 : 0.0`, 1},
		"one of a list":                       {`reply.queues.filter(q, q.name == "b")[0].waiting`, 4},
		"the largest of a list":               {`math.greatest(reply.queues.map(q, q.waiting))`, 4},
		"a sorted list":                       {`reply.queues.map(q, double(q.waiting)).sort()[0]`, 3},
		"an optional field that is there":     {`reply.?open.orValue(0.0)`, 12},
		"an optional field that is not there": {`reply.?closed.orValue(-1.0)`, -1},
		"an optional, taken out":              {`reply.?open`, 12},
		"a number that no double holds":       {`reply.big`, 9007199254740992},
		"text functions":                      {`double("a=1.5;b=2".split(";")[0].substring(2))`, 1.5},
		"not a number, for the caller":        {`double("NaN")`, math.NaN()},
		"infinity, for the caller":            {`1.0 / 0.0`, math.Inf(1)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := compile(t, test.text).Number(t.Context(), document(t))
			if err != nil || got != test.want && !(math.IsNaN(got) && math.IsNaN(test.want)) {
				t.Errorf("%s is %v, %v; want %v", test.text, got, err, test.want)
			}
		})
	}
}

func TestNumberSaysWhyThereIsNone(t *testing.T) {
	tests := map[string]struct {
		text string
		kind error
		want string
	}{
		"a text":                    {`reply.text`, expression.ErrText, "convert it with double(...)"},
		"null":                      {`reply.nothing`, expression.ErrNothing, "no value"},
		"an optional without value": {`reply.?closed`, expression.ErrNothing, "no value"},
		"true":                      {`reply.flag`, nil, "true or false"},
		"a list":                    {`reply.queues`, nil, "type list"},
		"an object":                 {`reply.queues[0]`, nil, "type map"},
		"a time":                    {`timestamp(reply.at)`, nil, "google.protobuf.Timestamp"},
		"a missing field":           {`reply.closed`, nil, "no such key: closed"},
		"a missing element":         {`reply.queues[7].waiting`, nil, "index out of bounds"},
		"a text that is no number":  {`double(reply.at)`, nil, "type conversion error"},
		"double and int in one sum": {`reply.open + 1`, nil, "no such overload"},
		"a division by zero":        {`1 / 0`, nil, "division by zero"},
		"an overflow":               {`9223372036854775807 + 1`, nil, "overflow"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := compile(t, test.text).Number(t.Context(), document(t))
			if err == nil || !strings.Contains(err.Error(), test.want) || test.kind != nil && !errors.Is(err, test.kind) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// Whoever writes an expression sees its errors, and need not be allowed to see the document.
func TestErrorsHoldNothingOfTheDocument(t *testing.T) {
	secret := map[string]any{"reply": map[string]any{"password": "hunter2", "list": []any{"hunter2"}, "map": map[string]any{"hunter2": 1.0}}}
	for _, text := range []string{
		`double(reply.password)`, `int(reply.password)`, `{}[reply.password]`, `reply[reply.password]`, `reply.list[reply.password]`,
		`timestamp(reply.password)`, `duration(reply.password)`, `reply.password`, `reply.list`, `reply.map`, `[][int(reply.password)]`,
		`"a".matches("(" + reply.password) ? 1 : 0`, `reply.password.format([1])`, `("%" + reply.password).format([1])`,
		`reply.password.substring(99)`, `reply.password + 1`, `reply.password.hunter2`, `optional.none().or(reply.password)`,
	} {
		program, err := expression.Compile(text, "reply")
		if err != nil {
			t.Logf("%s does not compile: %v", text, err)
			continue
		}
		_, number := program.Number(t.Context(), secret)
		_, at := program.Time(t.Context(), secret)
		if number == nil || at == nil {
			t.Errorf("%s has a value", text)
			continue
		}
		if told := number.Error() + at.Error(); strings.Contains(told, "hunter2") && !strings.Contains(text, "hunter2") {
			t.Errorf("%s: %s", text, told)
		}
	}
}

func TestTimeTakesATimeOutOfADocument(t *testing.T) {
	tests := map[string]struct {
		text, want string
	}{
		"a timestamp":                 {`timestamp(reply.at)`, "2026-03-01T07:00:00Z"},
		"a text":                      {`reply.at`, "2026-03-01T07:00:00Z"},
		"seconds with a fraction":     {`reply.since`, "2026-03-01T07:00:00.5Z"},
		"seconds as an int":           {`0`, "1970-01-01T00:00:00Z"},
		"milliseconds, converted":     {`timestamp(int(reply.since))`, "2026-03-01T07:00:00Z"},
		"an optional":                 {`reply.?at`, "2026-03-01T07:00:00Z"},
		"the end of a day":            {`timestamp("2026-03-01T00:00:00Z") + duration("24h")`, "2026-03-02T00:00:00Z"},
		"the last second that counts": {`253402300799u`, "9999-12-31T23:59:59Z"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := compile(t, test.text).Time(t.Context(), document(t))
			if err != nil || got.Format(time.RFC3339Nano) != test.want || got.Location() != time.UTC {
				t.Errorf("%s is %v, %v; want %s", test.text, got, err, test.want)
			}
		})
	}
}

func TestTimeSaysWhyThereIsNone(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"a text of another form":   {`"1 March 2026"`, "RFC 3339"},
		"a duration":               {`duration("1h")`, "make it a timestamp(...)"},
		"a negative number":        {`-1`, "seconds since 1970-01-01"},
		"milliseconds":             {`1772348400000`, "seconds since 1970-01-01"},
		"not a number":             {`double("NaN")`, "seconds since 1970-01-01"},
		"infinity":                 {`1.0 / 0.0`, "seconds since 1970-01-01"},
		"null":                     {`reply.nothing`, "no value"},
		"a timestamp of year 0":    {`timestamp("0000-" + "01-01T00:00:00Z")`, "overflow"},
		"a timestamp out of range": {`timestamp(9999999999999 + 0)`, "overflow"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := compile(t, test.text).Time(t.Context(), document(t))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

func TestCompileSaysWhere(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"a name that is not known":             {`replay.open`, "line 1, column 1: undeclared reference to 'replay'"},
		"a slip in the second line":            {"reply.open +\n  * 2.0", "line 2, column 3: "},
		"a function that is not known":         {`reply.open.eval()`, "line 1, column 16: undeclared reference to 'eval'"},
		"types that do not fit":                {`"a" + 1`, "line 1, column 5: found no matching overload for '_+_'"},
		"nothing":                              {``, "line 1, column 1: "},
		"a bad regular expression":             {`"a".matches("(")`, "line 1, column 13: "},
		"a bad duration":                       {`duration("soon")`, "line 1, column 10: "},
		"too long a text":                      {strings.Repeat("1+", 1024) + "1", "2049 characters; at most 2048"},
		"parentheses without end":              {strings.Repeat("(", 1000) + "1" + strings.Repeat(")", 1000), "recursion limit"},
		"characters that a terminal acts upon": {"\x1b[31m", "line 1, column 1: "},
		"a text that is no UTF-8":              {"\xff\xfe", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := expression.Compile(test.text, "reply")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("%v, want %q", err, test.want)
			}
			if length := len([]rune(err.Error())); length > 160 || strings.ContainsAny(err.Error(), "\n\x1b") {
				t.Errorf("the error is not fit to be shown: %q", err)
			}
		})
	}
}

// Whatever the language has, there is no way out of the expression and its variables.
func TestCompileKnowsNoWayOut(t *testing.T) {
	for _, text := range []string{`env("HOME")`, `now()`, `http.get("https://example.org")`, `reply.base64()`, `_reply`} {
		if _, err := expression.Compile(text, "reply"); err == nil {
			t.Errorf("%s compiles", text)
		}
	}
}

func TestProgramIsSafeForConcurrentUse(t *testing.T) {
	program := compile(t, `reply.queues.map(q, q.waiting).filter(w, w > 3.0).size()`)
	variables := document(t)
	done := make(chan error, 8)
	for range cap(done) {
		go func() {
			_, err := program.Number(context.Background(), variables)
			done <- err
		}()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
