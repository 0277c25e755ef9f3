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
