package ticket_test

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

func TestATicketWaitsForItsCause(t *testing.T) {
	t.Parallel()
	const twoWeeks = 14 * 24 * time.Hour
	for sentence, test := range map[string]struct {
		demand v1alpha1.CauseDemand
		cause  *v1alpha1.Cause
		gone   string
		since  time.Duration
		want   ticket.Want
		counts v1alpha1.CauseCategory
	}{
		"where it is asked for and not named, for a while": {
			demand: v1alpha1.CauseRequired, gone: v1alpha1.ReasonFindingGone, since: time.Hour, want: ticket.WantAsIs, counts: v1alpha1.CauseUnknown,
		},
		"to the last second of two weeks": {
			demand: v1alpha1.CauseRequired, gone: v1alpha1.ReasonFindingGone, since: twoWeeks - time.Second, want: ticket.WantAsIs,
			counts: v1alpha1.CauseUnknown,
		},
		"and no longer": {
			demand: v1alpha1.CauseRequired, gone: v1alpha1.ReasonFindingGone, since: twoWeeks, want: ticket.WantClosed, counts: v1alpha1.CauseUnknown,
		},
		"not once it is named": {
			demand: v1alpha1.CauseRequired, cause: &v1alpha1.Cause{Category: v1alpha1.CauseHandoff}, gone: v1alpha1.ReasonFindingGone,
			since: time.Hour, want: ticket.WantClosed, counts: v1alpha1.CauseHandoff,
		},
		"not where it is optional": {demand: v1alpha1.CauseOptional, gone: v1alpha1.ReasonFindingGone, since: time.Hour, want: ticket.WantClosed},
		"not where the finding was accepted": {
			demand: v1alpha1.CauseRequired, gone: v1alpha1.ReasonWaived, since: time.Hour, want: ticket.WantClosed, counts: v1alpha1.CauseUnknown,
		},
		"not where the subject is gone": {
			demand: v1alpha1.CauseRequired, gone: v1alpha1.ReasonSubjectDeleted, since: time.Hour, want: ticket.WantClosed, counts: v1alpha1.CauseUnknown,
		},
	} {
		remediation := remedy("refunds-0123abcd", episode)
		remediation.Spec.Route.Cause, remediation.Spec.Cause, remediation.Spec.Route.VerifyFor = test.demand, test.cause, ""
		at := metav1.NewTime(noon.Add(-test.since))
		remediation.Status.RecoveredAt = &at
		verdict := ticket.Judge(&remediation, ticket.Observation{Gone: test.gone, Certain: true}, noon)
		if got := verdict.Want(); got != test.want || !verdict.Verified {
			t.Errorf("%s: it wants %d, verified %t", sentence, got, verdict.Verified)
		}
		if got := ticket.CauseOf(&remediation); got != test.counts {
			t.Errorf("%s: the cause counts as %q", sentence, got)
		}
		if verdict.AwaitsCause && !verdict.CauseBy.Equal(at.Add(twoWeeks)) {
			t.Errorf("%s: it waits until %s", sentence, verdict.CauseBy)
		}
	}
}

func TestTheQuestionForTheCauseSaysUntilWhenItIsWaitedFor(t *testing.T) {
	t.Parallel()
	content := saying(v1alpha1.OperationComment, ticket.ReasonRecovered, sample())
	content.CauseBy = noon.Add(14 * 24 * time.Hour)
	_, message := render(t, content)
	for _, want := range []string{"is gone since", "what was at fault?", "Without an answer it is closed on 2026-03-16 12:00:00 UTC"} {
		if !strings.Contains(message.Body, want) {
			t.Errorf("it does not say %q: %s", want, message.Body)
		}
	}
}

func TestACauseThatIsNamedInATicketCounts(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		spec  *v1alpha1.Cause
		named v1alpha1.CauseCategory
		want  ticket.Want
		count v1alpha1.CauseCategory
	}{
		"where the remediation names none":        {nil, v1alpha1.CauseTraining, ticket.WantClosed, v1alpha1.CauseTraining},
		"behind the one that a remediation names": {&v1alpha1.Cause{Category: v1alpha1.CausePolicy}, v1alpha1.CauseTraining, ticket.WantClosed, v1alpha1.CausePolicy},
		"and is waited for where it is missing":   {nil, "", ticket.WantAsIs, v1alpha1.CauseUnknown},
	} {
		remediation := remedy("refunds-0123abcd", episode)
		remediation.Spec.Route.Cause, remediation.Spec.Cause, remediation.Spec.Route.VerifyFor = v1alpha1.CauseRequired, test.spec, ""
		remediation.Status.RecoveredAt = at(-time.Hour)
		remediation.Status.Tickets = []v1alpha1.TicketStatus{{System: "a/one"}, {System: "a/two", Cause: test.named}}
		verdict := ticket.Judge(&remediation, ticket.Observation{Gone: v1alpha1.ReasonFindingGone, Certain: true}, noon)
		if got := verdict.Want(); got != test.want {
			t.Errorf("%s: it wants %d", sentence, got)
		}
		if got := ticket.CauseOf(&remediation); got != test.count {
			t.Errorf("%s: it counts as %q", sentence, got)
		}
	}
}

func TestOfWhatATicketSaysOnlyACategoryIsACause(t *testing.T) {
	t.Parallel()
	language, err := ticket.LanguageOf(custom(func(p *v1alpha1.TicketProtocol) {
		p.Read = &v1alpha1.TicketReading{Path: `"/t"`, State: "reply.body.state", Cause: "reply.body.cause"}
	}))
	if err != nil {
		t.Fatal(err)
	}
	for said, want := range map[string]v1alpha1.CauseCategory{
		"Handoff": v1alpha1.CauseHandoff, "cause-KPI": v1alpha1.CauseKPI, " CAUSE-people ": v1alpha1.CausePeople,
		"cause-of-grief, cause-training": v1alpha1.CauseTraining, "cause-nothing\\ncause-policy\\ncause-people": v1alpha1.CausePolicy,
		"": "", "handoffs": "", "cause-": "", "not cause-handoff": "",
	} {
		reply := ticket.Reply{Body: []byte(`{"state": "open", "cause": "` + said + `"}`)}
		if got := language.Read(t.Context(), ticket.Message{}, reply).Cause; got != want {
			t.Errorf("%q is read as %q", said, got)
		}
	}
}
