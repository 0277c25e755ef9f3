package expression

import (
	"strings"
	"testing"
)

func compiled(t *testing.T, text string) *Program {
	t.Helper()
	program, err := Compile(text, "reply")
	if err != nil {
		t.Fatal(err)
	}
	return program
}

func TestTextsOfExpressions(t *testing.T) {
	reply := map[string]any{"id": 7.0, "name": "a/b c", "part": 1.5, "huge": 1e300, "list": []any{}}
	for text, want := range map[string]string{
		`reply.name`:                   "a/b c",
		`reply.id`:                     "7",
		`3`:                            "3",
		`"x" + pathEscape(reply.name)`: "xa%2Fb%20c",
		`queryEscape(reply.name)`:      "a%2Fb+c",
		`reply[?"none"].orValue("")`:   "",
	} {
		got, err := compiled(t, text).Text(t.Context(), map[string]any{"reply": reply})
		if err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		`reply.part`: "convert it with string", `reply.huge`: "convert it with string", `reply.list`: "no text",
		`reply.none`: "no such key", `null`: ErrNothing.Error(), `pathEscape(reply.id)`: "no such overload",
	} {
		_, err := compiled(t, text).Text(t.Context(), map[string]any{"reply": reply})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestConditions(t *testing.T) {
	for text, want := range map[string]bool{`1 < 2`: true, `reply == 1.0`: false} {
		got, err := compiled(t, text).Bool(t.Context(), map[string]any{"reply": 2.0})
		if err != nil || got != want {
			t.Errorf("%s is %t, %v", text, got, err)
		}
	}
	if _, err := compiled(t, `"true"`).Bool(t.Context(), map[string]any{"reply": 2.0}); err == nil {
		t.Error("a text is no condition")
	}
}

func TestValuesAsJSON(t *testing.T) {
	reply := map[string]any{"text": "a \"quote\" & <tag>\n\u2028", "whole": 3.0, "nothing": nil}
	for text, want := range map[string]string{
		`{"b": reply.text, "a": reply.whole}`: `{"a":3,"b":"a \"quote\" & <tag>\n\u2028"}`,
		`[1, 2.5, true, reply.nothing]`:       `[1,2.5,true,null]`,
		`{?"x": optional.none(), "y": {}}`:    `{"y":{}}`,
		`"injected\",\"state\":\"closed"`:     `"injected\",\"state\":\"closed"`,
	} {
		got, err := compiled(t, text).JSON(t.Context(), map[string]any{"reply": reply})
		if err != nil || string(got) != want {
			t.Errorf("%s is %s, %v; want %s", text, got, err, want)
		}
	}
	if got, err := compiled(t, `{true: 3}`).JSON(t.Context(), map[string]any{"reply": reply}); err == nil {
		t.Errorf("a field that is no text becomes %s", got)
	}
}

func TestListsOfObjects(t *testing.T) {
	reply := []any{map[string]any{"id": 7.0, "url": "u", "more": []any{}}, "no object", map[string]any{"id": "x"}}
	found, err := compiled(t, `reply`).Fields(t.Context(), map[string]any{"reply": reply})
	if err != nil || len(found) != 2 || found[0]["id"] != "7" || found[0]["url"] != "u" || found[1]["id"] != "x" {
		t.Errorf("found %v, %v", found, err)
	}
	if _, present := found[0]["more"]; present {
		t.Error("a list is no text")
	}
	for _, none := range []any{"text", 1.0, map[string]any{"a": 1.0}} {
		if _, err := compiled(t, `reply`).Fields(t.Context(), map[string]any{"reply": none}); err == nil {
			t.Errorf("%v is no list of objects", none)
		}
	}
}
