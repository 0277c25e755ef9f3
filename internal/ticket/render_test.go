package ticket_test

import (
	"context"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"reflect"
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
		Status: v1alpha1.ProcessStatus{SubjectStatus: v1alpha1.SubjectStatus{Reviews: []v1alpha1.RequirementStatus{{
			Name: "full", LastReview: "refunds-2026", LastHeldAt: at(-3 * time.Hour),
		}}}},
	}
}

func saying(operation v1alpha1.Operation, reason ticket.Reason, process *v1alpha1.Process) ticket.Content {
	remediation := remedy("refunds-reviewoverdue-0123456789ab", episode)
	remediation.Status.Attempt = 2
	return ticket.Content{
		ClusterID: "prod", Remediation: &remediation, Subject: governance.ProcessSubject(process), Finding: overdue(), Operation: operation,
		Reason: reason, Ended: v1alpha1.ReasonFindingGone, EndedAt: noon.Add(-2 * time.Hour),
		TicketKey: "gemba-ticket", SubjectKey: "gemba-subject", TicketID: "DESK-7",
	}
}

// webhook is the language of the type Webhook.
func webhook(t interface{ Fatal(args ...any) }) ticket.Language {
	language, err := ticket.LanguageOf(&v1alpha1.TicketSystemSpec{Type: v1alpha1.TicketSystemWebhook})
	if err != nil {
		t.Fatal(err)
	}
	return language
}

func render(t testing.TB, content ticket.Content) (ticket.Request, ticket.Message) {
	t.Helper()
	request, err := ticket.Render(t.Context(), webhook(t), content, 3, ticket.Looked{})
	if err != nil {
		t.Fatal(err)
	}
	var event struct{ Data ticket.Message }
	if err := json.Unmarshal([]byte(request.Body), &event); err != nil {
		t.Fatalf("the body is no JSON: %v", err)
	}
	return request, event.Data
}

// whereItIsRead is the content of a message to a system in which people can answer.
func whereItIsRead(content ticket.Content) ticket.Content {
	content.CauseHint, content.ReadsText = "put a label on this ticket that begins with cause-, such as cause-handoff", true
	return content
}

func TestMessagesReadAsInTheGoldenFiles(t *testing.T) {
	for name, content := range map[string]ticket.Content{
		"opened":   saying(v1alpha1.OperationCreate, ticket.ReasonOpened, sample()),
		"reopened": saying(v1alpha1.OperationReopen, ticket.ReasonRelapsed, sample()),
		"closed":   saying(v1alpha1.OperationClose, ticket.ReasonVerified, sample()),

		"kpi-breached":       sayingKPI(v1alpha1.OperationCreate, sampleKPI(), missed()),
		"kpi-breached-read":  whereItIsRead(sayingKPI(v1alpha1.OperationCreate, sampleKPI(), missed())),
		"kpi-review-overdue": sayingKPI(v1alpha1.OperationCreate, sampleKPI(), overdue()),

		"group-of-a-kpi":         sayingOfKPI(v1alpha1.OperationCreate, ticket.ReasonOpened),
		"group-of-a-kpi-updated": sayingOfKPI(v1alpha1.OperationComment, ticket.ReasonUpdated),
		"group-of-a-namespace":   sayingOfNamespace(v1alpha1.OperationCreate, ticket.ReasonOpened),
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

// processWhys are the reasons of rules that are told in other words where a process is concerned.
var processWhys = map[v1alpha1.Rule]string{
	v1alpha1.RuleReviewOverdue:  "Processes rot: what was right a year ago may be needless or wrong today, and only a review tells.",
	v1alpha1.RuleNeverReviewed:  "A process that nobody has ever examined as a whole may do harm that nobody has noticed.",
	v1alpha1.RuleNotExplainable: "A process that cannot be told in one elevator ride is too complex.",
}

func TestEveryRuleIsExplainedToThoseWhoAnswerForEachKind(t *testing.T) {
	t.Parallel()
	unseen := map[v1alpha1.Rule]string{}
	for _, rule := range governance.Rules() {
		unseen[rule.Name] = rule.Why
	}
	whys := maps.Clone(unseen)
	for kind, say := range map[v1alpha1.SubjectKind]func() ticket.Content{
		v1alpha1.KindProcess: func() ticket.Content { return saying(v1alpha1.OperationCreate, ticket.ReasonOpened, sample()) },
		v1alpha1.KindKPI:     func() ticket.Content { return sayingKPI(v1alpha1.OperationCreate, sampleKPI(), missed()) },
	} {
		for _, rule := range governance.RulesOf(kind) {
			delete(unseen, rule)
			content, why := say(), whys[rule]
			if own := processWhys[rule]; own != "" && kind == v1alpha1.KindProcess {
				why = own
			}
			content.Remediation.Spec.Finding.Rule, content.Finding.Rule = rule, rule
			_, message := render(t, content)
			if why == "" || !strings.Contains(message.Body, why) || strings.Contains(message.Title, string(rule)) ||
				strings.Contains(message.Body, "Look at the status") {
				t.Errorf("%s of a %s is not explained: %s\n%s", rule, kind, message.Title, message.Body)
			}
		}
	}
	for rule := range unseen {
		t.Errorf("%s judges no kind, so that nobody is told of it", rule)
	}
}

// anyText is text as long and as awkward as the API server lets it be.
func anyText(t *rapid.T, name string) v1alpha1.Text {
	unit := rapid.SampledFrom([]string{"x", "語", "\u0001", "\n", "😀", `"\`, "\u202e"}).Draw(t, name)
	return v1alpha1.Text(strings.Repeat(unit, rapid.IntRange(1, 2048).Draw(t, name+" length")))
}

// firstRunes is a text of exactly so many characters.
func firstRunes(text v1alpha1.Text, count int) string {
	return string([]rune(string(text) + strings.Repeat(" ", count))[:count])
}

// expectFits asserts that a message can be stored, can be verified, and is the same whenever it is rendered.
func expectFits(t *rapid.T, content ticket.Content) {
	t.Helper()
	language := webhook(t)
	one, err := ticket.Render(context.Background(), language, content, 1, ticket.Looked{})
	if err != nil {
		t.Fatal(err)
	}
	if len(one.Body) > ticket.MaxBody || !json.Valid([]byte(one.Body)) {
		t.Fatalf("the body has %d bytes", len(one.Body))
	}
	written := &v1alpha1.Delivery{Operation: content.Operation, MessageKey: one.MessageKey, Body: one.Body}
	about := v1alpha1.TicketStatus{Key: content.TicketKey, SubjectKey: content.SubjectKey, Delivery: written}
	if err := language.Verify(context.Background(), about); err != nil {
		t.Fatal(err)
	}
	other, _ := ticket.Render(context.Background(), language, content, 1, ticket.Looked{})
	if one != other {
		t.Fatal("rendered twice it differs")
	}
}

func TestAMessageFitsWhateverTheSubjectSays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		process := sample()
		process.Spec.Why = anyText(t, "why")
		for range rapid.IntRange(0, 200).Draw(t, "steps") {
			process.Spec.Steps = append(process.Spec.Steps, v1alpha1.Step{Name: v1alpha1.Key(strings.Repeat("s", 63))})
		}
		for range rapid.IntRange(0, 32).Draw(t, "questions") {
			process.Spec.Reviews[0].Questions = append(process.Spec.Reviews[0].Questions, anyText(t, "question"))
		}
		for range rapid.IntRange(0, 32).Draw(t, "links") {
			process.Spec.Links = append(process.Spec.Links, v1alpha1.TypedLink{URL: v1alpha1.Link("https://" + string(anyText(t, "link")))})
		}
		process.Spec.Owner.Role = v1alpha1.Label(firstRunes(anyText(t, "role"), 128))
		content := saying(v1alpha1.OperationCreate, ticket.ReasonOpened, process)
		content.Finding.Message = firstRunes(anyText(t, "message"), 512)
		expectFits(t, content)
	})
}

// opened is a message that opens a ticket.
var opened = ticket.Message{Operation: v1alpha1.OperationCreate}

func TestWebhookReplies(t *testing.T) {
	t.Parallel()
	language := webhook(t)
	long := strings.Repeat("x", 3000)
	for sentence, test := range map[string]struct {
		body string
		want ticket.Known
	}{
		"a reply names the ticket": {
			`{"id":"DESK-7","url":"https://desk.example/7","state":"open"}`,
			ticket.Known{ID: "DESK-7", URL: "https://desk.example/7", Open: true},
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
		reply := ticket.Reply{Status: 200, Body: []byte(test.body)}
		if got := language.Parse(context.Background(), opened, reply); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %+v", sentence, got)
		}
	}
}

func FuzzWebhookReply(f *testing.F) {
	f.Add([]byte(`{"id":"DESK-7","url":"https://desk.example/7","state":"open"}`))
	language := webhook(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		known := language.Parse(context.Background(), opened, ticket.Reply{Status: 200, Body: body})
		if len(known.ID) > 256 || len(known.URL) > 2048 || strings.ContainsAny(known.ID+known.URL, "\x00\n\x1b") {
			t.Errorf("took %+v", known)
		}
	})
}
