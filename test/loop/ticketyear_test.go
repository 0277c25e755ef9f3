package loop

import (
	"context"
	"net/http/httptest"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/standin"
)

var _ = Describe("A year of a ticket", func() {
	It("reads like a diary", func(ctx context.Context) {
		// The namespace has a fixed name, since the names of remediations follow from it.
		w := newWorldIn(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "metering"}}, day("2026-01-04"))
		year := newTicketYear(w)
		year.begin()
		year.until("2026-01-20")
		year.closeTheIssue()
		year.until("2026-02-08")
		year.nameTheCause()
		year.until("2026-03-01")
		year.measure("2026-02-28", "6", "the two teams share one list: six days, better and not enough")
		year.until("2026-03-08")
		year.writeDownTheAttempt()
		year.until("2026-04-01")
		year.measure("2026-03-31", "3", "readings are booked where they are taken: three days")
		year.until("2026-05-01")
		year.measure("2026-05-01", "9", "the list is full of mistakes again: nine days")
		year.until("2026-05-10")
		year.declineTheIssue()
		year.until("2026-06-01")
		year.measure("2026-06-01", "4", "the meter reader checks the number at the door: four days")
		year.until("2026-07-01")
		year.d.expectGolden("year-of-a-ticket.txt")
	})
})

// ticketYear is what people do about a KPI in that year. Its tickets are issues of a GitHub; what is escalated goes to a desk.
type ticketYear struct {
	w      *world
	d      *diary
	github *standin.Tracker
	// url of the GitHub, which differs from run to run.
	url    string
	issues map[string]standin.Ticket
	status governancev1alpha1.RemediationStatus
}

func newTicketYear(w *world) *ticketYear {
	GinkgoHelper()
	year := &ticketYear{w: w, d: newDiary(w, ""), issues: map[string]standin.Ticket{}}
	year.github = standin.NewGitHub(standin.GitHubOptions{Options: standin.Options{
		Clock: w.clock, Credentials: []standin.Credential{standin.Bearer("token-of-the-bot")},
	}})
	server := httptest.NewServer(year.github)
	DeferCleanup(server.Close)
	year.url = server.URL
	w.apply(
		&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: "github", Annotations: map[string]string{
				governancev1alpha1.AnnotationAllowedHosts: strings.TrimPrefix(server.URL, "http://"),
			}},
			StringData: map[string]string{"token": "token-of-the-bot"},
		},
		builders.MakeTicketSystem("github").OfType(governancev1alpha1.TicketSystemGitHub, "repository=acme/ops").
			URL(server.URL).Bearer("github", "token").ReadEvery("24h").Obj(),
	)
	policy := builders.MakePolicy(w.namespace).Obj()
	w.edit(policy, func() { policy.Spec.Routes = []governancev1alpha1.Route{year.route()} })
	return year
}

// route is how the year is led: weekly reminders, the board after a month, and no word at night.
func (y *ticketYear) route() governancev1alpha1.Route {
	system := func(name governancev1alpha1.ObjectName) governancev1alpha1.NamespacedReference {
		return governancev1alpha1.NamespacedReference{Namespace: governancev1alpha1.ObjectName(y.w.namespace), Name: name}
	}
	board := system("desk")
	return governancev1alpha1.Route{
		Name: "numbers", TicketSystemRef: system("github"), Rules: []governancev1alpha1.Rule{governancev1alpha1.RuleBreached},
		MinSeverity: governancev1alpha1.SeverityMedium, ReopenWithin: "P90D",
		Pace: governancev1alpha1.Pace{
			RepeatEvery: "168h", MaxRepeats: 2,
			Escalate: []governancev1alpha1.Escalation{
				{After: "720h", Severity: governancev1alpha1.SeverityCritical, TicketSystemRef: &board},
			},
			ActiveTimes: &governancev1alpha1.ActiveTimes{
				TimeZone: "Europe/Berlin", From: "08:00", To: "18:00",
				Weekdays: []governancev1alpha1.Weekday{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"},
			},
		},
	}
}

func (y *ticketYear) until(date string) { y.w.runUntil(day(date), y.look) }

func (y *ticketYear) begin() {
	y.d.did("the metering team declares its process and the number that its customers feel: twelve days until a reading is booked, five are promised")
	y.w.apply(
		builders.MakeProcess("meter-reading").InEffectSince("2026-01-01").Step("book", "the bill rests on it").Obj(),
		builders.MakeKPI("days-to-booking").Process("meter-reading").Outcome(governancev1alpha1.PerspectiveCustomer).
			AtMost("5").InEffectSince("2026-01-01").Measured("2026-01-03", "12").
			Tune(func(spec *governancev1alpha1.KPISpec) {
				spec.Unit, spec.Every, spec.StaleAfter = "days", "24h", "8760h"
			}).Obj(),
	)
}

func (y *ticketYear) measure(date, value, what string) {
	y.d.did("%s", what)
	kpi := builders.MakeKPI("days-to-booking").InNamespace(y.w.namespace).Obj()
	at := day(date)
	y.w.edit(kpi, func() {
		manual := kpi.Spec.Source.Manual
		manual.Measurements = append(manual.Measurements, governancev1alpha1.Measurement{
			Value: governancev1alpha1.Decimal(value), From: governancev1alpha1.Date(date), To: governancev1alpha1.Date(date),
			TakenAt: metav1.NewTime(at),
		})
	})
}

func (y *ticketYear) closeTheIssue() {
	GinkgoHelper()
	y.d.did("somebody closes the issue: it was so quiet about it")
	Expect(y.github.CloseOutside("1")).To(Succeed())
	y.seen()
}

func (y *ticketYear) nameTheCause() {
	GinkgoHelper()
	y.d.did("the team lead labels the issue: two teams had waited for each other")
	Expect(y.github.LabelOutside("1", "cause-handoff")).To(Succeed())
	y.seen()
}

func (y *ticketYear) writeDownTheAttempt() {
	GinkgoHelper()
	y.d.did("the team lead fills in the form of the issue: what was tried, and what was learned")
	const form = "- Hypothesis:\n- Done:\n- Result:\n- Learned:"
	filled := strings.NewReplacer("Hypothesis:", "Hypothesis: the teams wait for each other", "Done:", "Done: they share one list",
		"Result:", "Result: six days", "Learned:", "Learned: a list that is copied is a queue").Replace(form)
	Expect(y.issues["1"].Body).To(ContainSubstring(form))
	Expect(y.github.EditOutside("1", strings.Replace(y.issues["1"].Body, form, filled, 1))).To(Succeed())
	y.seen()
}

func (y *ticketYear) declineTheIssue() {
	GinkgoHelper()
	y.d.did("somebody closes the issue as not planned")
	Expect(y.github.DeclineOutside("1")).To(Succeed())
	y.seen()
}

// look notes what has changed since the last look.
func (y *ticketYear) look() {
	GinkgoHelper()
	for _, remediation := range y.w.remediations() {
		was, is := y.status, remediation.Status
		if was.State != is.State || was.Attempt != is.Attempt || was.Escalation != is.Escalation {
			y.d.line("remediation: %s, attempt %d, step %d, %s, %s", is.State, is.Attempt, is.Escalation,
				condition(is.Conditions, governancev1alpha1.ConditionRecovered), condition(is.Conditions, governancev1alpha1.ConditionVerified))
		}
		if was.Cause != is.Cause && is.Cause != "" {
			y.d.line("cause: %s", is.Cause)
		}
		if was, is := learnedIn(was), learnedIn(is); was != is {
			y.d.line("learned: %s", is)
		}
		if is.Effect != nil && is.Effect.After != nil && (was.Effect == nil || was.Effect.After == nil) {
			y.d.line("effect: %s from %s to %s %s", is.Effect.KPI, *is.Effect.Before, *is.Effect.After, is.Effect.Unit)
		}
		y.status = is
	}
	for _, issue := range y.github.Tickets() {
		y.tell(issue)
	}
	messages := y.w.desk.Messages()
	for _, message := range messages[y.d.heard:] {
		y.d.line("board: %s (%s): %s", message.Event.Data.Operation, message.Event.Data.Reason, y.firstLine(message.Event.Data.Body))
	}
	y.d.heard = len(messages)
}

// learnedIn is what was learned from the attempts that people have written down in tickets.
func learnedIn(status governancev1alpha1.RemediationStatus) string {
	var learned []string
	for _, ticket := range status.Tickets {
		for _, attempt := range ticket.Attempts {
			learned = append(learned, attempt.Learned)
		}
	}
	return strings.Join(learned, "; ")
}

// seen takes what people did in GitHub for known: only what Gemba does there is told.
func (y *ticketYear) seen() {
	for _, issue := range y.github.Tickets() {
		y.issues[issue.ID] = issue
	}
}

func (y *ticketYear) tell(issue standin.Ticket) {
	was, known := y.issues[issue.ID]
	if !known {
		y.d.line("github: opened #%s %q", issue.ID, issue.Title)
		was = standin.Ticket{State: issue.State}
	}
	for _, comment := range issue.Comments[len(was.Comments):] {
		y.d.line("github: #%s: %s", issue.ID, y.firstLine(comment))
	}
	if was.State != issue.State {
		y.d.line("github: #%s is %s", issue.ID, issue.State)
	}
	y.issues[issue.ID] = issue
}

func (y *ticketYear) firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.ReplaceAll(line, y.url, "https://github.example.com")
}
