package ticket_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/ticket"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample is a process as the demo company would declare it.
func sample() *v1alpha1.Process {
	return &v1alpha1.Process{
		ObjectMeta: metav1.ObjectMeta{Namespace: "billing", Name: "refunds"},
		Spec: v1alpha1.ProcessSpec{
			Owner: v1alpha1.Party{User: "jane@hearthlight.example", Team: "billing-leads", Role: "head of billing",
				Contact: "jane@hearthlight.example"},
			Accountable: &v1alpha1.Party{Role: "chief operating officer"},
			Why:         "Customers get back\nwhat they paid too much.",
			Steps:       []v1alpha1.Step{{Name: "check-claim"}, {Name: "pay-out"}},
			Links: []v1alpha1.TypedLink{
				{Type: v1alpha1.LinkTraining, URL: "https://wiki.example/refunds"},
				{Type: v1alpha1.LinkSource, URL: "https://git.example/processes/refunds.yaml"},
			},
			Reviews: []v1alpha1.ReviewRequirement{{
				Name: "full", Every: "P12M", Questions: []v1alpha1.Text{"How long did the slowest refund take?"},
			}},
		},
		Status: v1alpha1.ProcessStatus{Reviews: []v1alpha1.RequirementStatus{{
			Name: "full", LastReview: "refunds-2026", LastHeldAt: at(-3 * time.Hour),
		}}},
	}
}

func saying(operation v1alpha1.Operation, reason ticket.Reason, process *v1alpha1.Process) ticket.Content {
	remediation := remedy("refunds-reviewoverdue-0123456789ab", episode)
	remediation.Status.Attempt = 2
	return ticket.Content{
		ClusterID: "prod", Remediation: &remediation, Process: process, Finding: overdue(), Operation: operation,
		Reason: reason, Ended: v1alpha1.ReasonFindingGone, EndedAt: noon.Add(-2 * time.Hour),
		TicketKey: "gemba-ticket", SubjectKey: "gemba-subject", TicketID: "DESK-7",
	}
}

func render(t testing.TB, content ticket.Content) (ticket.Request, ticket.Message) {
	t.Helper()
	backend, _ := ticket.BackendFor(v1alpha1.TicketSystemWebhook)
	request, err := ticket.Render(backend, content, 3)
	if err != nil {
		t.Fatal(err)
	}
	var event struct{ Data ticket.Message }
	if err := json.Unmarshal([]byte(request.Body), &event); err != nil {
		t.Fatalf("the body is no JSON: %v", err)
	}
	return request, event.Data
}

func TestMessagesReadAsInTheGoldenFiles(t *testing.T) {
	for name, content := range map[string]ticket.Content{
		"opened":   saying(v1alpha1.OperationCreate, ticket.ReasonOpened, sample()),
		"reopened": saying(v1alpha1.OperationReopen, ticket.ReasonRelapsed, sample()),
		"closed":   saying(v1alpha1.OperationClose, ticket.ReasonVerified, sample()),
	} {
		t.Run(name, func(t *testing.T) {
			request, message := render(t, content)
			got := request.Body + "\n\n" + message.Title + "\n\n" + message.Body + "\n"
			path := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the message reads\n%s\nwant\n%s", got, want)
			}
			if strings.Contains(got, "jane") {
				t.Error("the message names a person")
			}
		})
	}
}

func TestTheReviewInATicketIsOneOnceItIsFilledIn(t *testing.T) {
	t.Parallel()
	_, message := render(t, saying(v1alpha1.OperationCreate, ticket.ReasonOpened, sample()))
	_, rest, found := strings.Cut(message.Body, "apiVersion:")
	if !found {
		t.Fatal("the ticket holds no Review")
	}
	template, _, _ := strings.Cut("apiVersion:"+rest, "\n\n")
	template = strings.Replace(template, "heldAt: REPLACE", "heldAt: 2026-03-02T12:00:00Z", 1)
	var review v1alpha1.Review
	if err := yaml.UnmarshalStrict([]byte(template), &review); err != nil {
		t.Fatalf("the template does not decode: %v\n%s", err, template)
	}
	if review.Kind != "Review" || review.Namespace != "billing" || review.Spec.SubjectRef.Name != "refunds" ||
		review.Spec.Requirement != "full" || len(review.Spec.Verdicts) != 2 || len(review.Spec.Answers) != 1 {
		t.Errorf("the review is %+v", review)
	}
}

func TestEveryRuleIsExplained(t *testing.T) {
	t.Parallel()
	for _, rule := range governance.Rules() {
		content := saying(v1alpha1.OperationCreate, ticket.ReasonOpened, sample())
		content.Remediation.Spec.Finding.Rule, content.Finding.Rule = rule.Name, rule.Name
		_, message := render(t, content)
		if !strings.Contains(message.Body, rule.Why) || strings.Contains(message.Title, string(rule.Name)) {
			t.Errorf("%s is not explained: %s\n%s", rule.Name, message.Title, message.Body)
		}
	}
}

func TestAMessageFitsWhateverTheSubjectSays(t *testing.T) {
	t.Parallel()
	text := func(t *rapid.T, name string) v1alpha1.Text {
		unit := rapid.SampledFrom([]string{"x", "語", "\u0001", "\n", "😀", `"\`, "\u202e"}).Draw(t, name)
		return v1alpha1.Text(strings.Repeat(unit, rapid.IntRange(1, 2048).Draw(t, name+" length")))
	}
	rapid.Check(t, func(t *rapid.T) {
		process := sample()
		process.Spec.Why = text(t, "why")
		for range rapid.IntRange(0, 200).Draw(t, "steps") {
			process.Spec.Steps = append(process.Spec.Steps, v1alpha1.Step{Name: v1alpha1.Key(strings.Repeat("s", 63))})
		}
		for range rapid.IntRange(0, 32).Draw(t, "questions") {
			process.Spec.Reviews[0].Questions = append(process.Spec.Reviews[0].Questions, text(t, "question"))
		}
		for range rapid.IntRange(0, 32).Draw(t, "links") {
			process.Spec.Links = append(process.Spec.Links, v1alpha1.TypedLink{URL: v1alpha1.Link("https://" + string(text(t, "link")))})
		}
		process.Spec.Owner.Role = v1alpha1.Label(string([]rune(string(text(t, "role")) + strings.Repeat(" ", 128))[:128]))
		content := saying(v1alpha1.OperationCreate, ticket.ReasonOpened, process)
		content.Finding.Message = string([]rune(string(text(t, "message")) + strings.Repeat(" ", 512))[:512])
		backend, _ := ticket.BackendFor(v1alpha1.TicketSystemWebhook)
		one, err := ticket.Render(backend, content, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(one.Body) > ticket.MaxBody || !json.Valid([]byte(one.Body)) {
			t.Fatalf("the body has %d bytes", len(one.Body))
		}
		written := &v1alpha1.Delivery{Operation: content.Operation, MessageKey: one.MessageKey, Body: one.Body}
		if err := backend.Verify(written, content.TicketKey); err != nil {
			t.Fatal(err)
		}
		other, _ := ticket.Render(backend, content, 1)
		if one != other {
			t.Fatal("rendered twice it differs")
		}
	})
}

func TestWebhookReplies(t *testing.T) {
	t.Parallel()
	backend, _ := ticket.BackendFor(v1alpha1.TicketSystemWebhook)
	long := strings.Repeat("x", 3000)
	for sentence, test := range map[string]struct {
		body string
		want ticket.Known
	}{
		"a reply names the ticket": {
			`{"id":"DESK-7","url":"https://desk.example/7","state":"open"}`,
			ticket.Known{ID: "DESK-7", URL: "https://desk.example/7"},
		},
		"a reply says that the ticket is closed": {`{"id":"DESK-7","state":"closed"}`, ticket.Known{ID: "DESK-7", Closed: true}},
		"an empty reply says nothing":            {``, ticket.Known{}},
		"what is no JSON says nothing":           {`<html>`, ticket.Known{}},
		"a number is an id too, and takes nothing from the rest": {
			`{"id":42,"url":"https://desk.example/42","state":"Closed"}`,
			ticket.Known{ID: "42", URL: "https://desk.example/42", Closed: true},
		},
		"what is neither text nor number is left out alone": {`{"id":{},"url":[],"state":"closed"}`, ticket.Known{Closed: true}},
		"an id that is too long is left out":                {`{"id":"` + long + `"}`, ticket.Known{}},
		"an id that would play tricks on a terminal is out": {`{"id":"\u001b[2J"}`, ticket.Known{}},
		"a link that is no link of the web is left out":     {`{"id":"1","url":"javascript:alert(1)"}`, ticket.Known{ID: "1"}},
		"a link that is too long is left out":               {`{"id":"1","url":"https://` + long + `"}`, ticket.Known{ID: "1"}},
	} {
		if got := backend.Parse([]byte(test.body)); got != test.want {
			t.Errorf("%s: got %+v", sentence, got)
		}
	}
}

func FuzzWebhookReply(f *testing.F) {
	f.Add([]byte(`{"id":"DESK-7","url":"https://desk.example/7","state":"open"}`))
	backend, _ := ticket.BackendFor(v1alpha1.TicketSystemWebhook)
	f.Fuzz(func(t *testing.T, body []byte) {
		known := backend.Parse(body)
		if len(known.ID) > 256 || len(known.URL) > 2048 || strings.ContainsAny(known.ID+known.URL, "\x00\n\x1b") {
			t.Errorf("took %+v", known)
		}
	})
}
