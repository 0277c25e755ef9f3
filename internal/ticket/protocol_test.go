package ticket_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// custom is a ticket system that users describe, with a change.
func custom(change func(*v1alpha1.TicketProtocol)) *v1alpha1.TicketSystemSpec {
	protocol := &v1alpha1.TicketProtocol{Create: v1alpha1.TicketRequest{
		Path: `"/projects/" + pathEscape(parameters.project)`, Body: `{"title": ticket.title}`, ID: `reply.body.id`,
	}, Parameters: []v1alpha1.TicketParameter{{Name: "project", Description: "The key of the project."}}}
	change(protocol)
	return &v1alpha1.TicketSystemSpec{
		Type: v1alpha1.TicketSystemCustom, Custom: protocol,
		Parameters: map[v1alpha1.ParameterName]v1alpha1.ParameterValue{"project": "a b/c"},
	}
}

func TestWhatIsWrongWithACustomTicketSystemIsToldWithItsPlace(t *testing.T) {
	for want, spec := range map[string]*v1alpha1.TicketSystemSpec{
		"spec.custom.create.body: line 1, column 17": custom(func(p *v1alpha1.TicketProtocol) { p.Create.Body = `{"a": ticket.a +}` }),
		"spec.custom.create.path: line 2, column 3: undeclared reference to 'tocket'": custom(func(p *v1alpha1.TicketProtocol) {
			p.Create.Path = "\"/\" +\n  tocket.id"
		}),
		"spec.custom.close.lookup.done: line 1": custom(func(p *v1alpha1.TicketProtocol) {
			p.Close = &v1alpha1.TicketRequest{Path: `""`, Lookup: &v1alpha1.TicketLookup{Path: `""`, Done: `reply.x`}}
		}),
		"spec.custom.find.tickets: line 1": custom(func(p *v1alpha1.TicketProtocol) {
			p.Find = &v1alpha1.TicketSearch{Path: `""`, Tickets: `[`}
		}),
		"spec.custom.unknownOutcome: Search needs find": custom(func(p *v1alpha1.TicketProtocol) { p.UnknownOutcome = v1alpha1.UnknownSearch }),
		"spec.parameters lacks project: The key of the project.": func() *v1alpha1.TicketSystemSpec {
			spec := custom(func(*v1alpha1.TicketProtocol) {})
			spec.Parameters = nil
			return spec
		}(),
		"spec.parameters has projekt, which type: Jira does not know": {
			Type:       v1alpha1.TicketSystemJira,
			Parameters: map[v1alpha1.ParameterName]v1alpha1.ParameterValue{"project": "OPS", "projekt": "OPS"},
		},
		"the type Telegraph is not known to this version": {Type: "Telegraph"},
	} {
		_, err := ticket.LanguageOf(spec)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("it says %v, want %q", err, want)
		}
	}
}

func TestPathsStayBelowTheURLOfTheTicketSystem(t *testing.T) {
	for path, refused := range map[string]bool{
		`""`: false, `"/a"`: false, `"?a=b"`: false, `"/a/" + pathEscape("../x")`: true, `"/a/" + pathEscape("b/c d")`: false, `"/a?x=" + queryEscape("../")`: false,
		`"a"`: true, `".evil.example/"`: true, `"@evil.example/"`: true, `":81/"`: true, `"/a/../b"`: true, `"/a/%2e%2e/b"`: true,
		`"/a/./b"`: true, `"/a#b"`: true, `"/a b\n"`: true, `"/" + ticket.body`: true, `"//x"`: false,
	} {
		language, err := ticket.LanguageOf(custom(func(p *v1alpha1.TicketProtocol) { p.Create.Path = v1alpha1.Expression(path) }))
		if err != nil {
			t.Fatal(err)
		}
		about := ticket.Message{Operation: v1alpha1.OperationCreate, Body: strings.Repeat("long ", 1000)}
		if _, got, err := language.Target(t.Context(), about); (err != nil) != refused {
			t.Errorf("%s gives %q, %v", path, got, err)
		}
	}
}

// What a process owner writes becomes a value of JSON and never a part of its structure.
func TestNothingIsPastedIntoARequest(t *testing.T) {
	hostile := `"}, "state": "closed", "x": {"` + "\n\\\u0000</script>"
	language, err := ticket.LanguageOf(&v1alpha1.TicketSystemSpec{
		Type: v1alpha1.TicketSystemGitHub, Parameters: map[v1alpha1.ParameterName]v1alpha1.ParameterValue{"repository": "a/b"},
	})
	if err != nil {
		t.Fatal(err)
	}
	body, err := language.Body(t.Context(), ticket.Message{Operation: v1alpha1.OperationCreate, Title: hostile, Body: hostile}, ticket.Looked{})
	if err != nil {
		t.Fatal(err)
	}
	var decoded map[string]any
	if err := json.Unmarshal(body, &decoded); err != nil {
		t.Fatal(err)
	}
	if len(decoded) != 3 || decoded["title"] != hostile || decoded["state"] != nil {
		t.Errorf("it became %v", decoded)
	}
}
