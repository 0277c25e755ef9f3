package ticket_test

import (
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

func TestWhichStepsOfAnEscalationAreTaken(t *testing.T) {
	t.Parallel()
	steps := []v1alpha1.Escalation{{After: "1h", Severity: v1alpha1.SeverityHigh}, {After: "3h", Severity: v1alpha1.SeverityCritical}}
	leftClosed := v1alpha1.TicketStatus{State: v1alpha1.TicketClosed, ClosedOutside: 2}
	for sentence, test := range map[string]struct {
		steps    []v1alpha1.Escalation
		stood    time.Duration
		taken    int32
		tickets  []v1alpha1.TicketStatus
		want     int32
		next     time.Duration
		severity v1alpha1.Severity
	}{
		"none at first":                {steps: steps, want: 0, next: time.Hour, severity: v1alpha1.SeverityMedium},
		"the first when its time came": {steps: steps, stood: time.Hour, want: 1, next: 3 * time.Hour, severity: v1alpha1.SeverityHigh},
		"both at once after a while in which nobody looked": {
			steps: steps, stood: 4 * time.Hour, want: 2, severity: v1alpha1.SeverityCritical,
		},
		"the first at once, where somebody has closed the ticket again": {
			steps: steps, tickets: []v1alpha1.TicketStatus{leftClosed}, want: 1, next: 3 * time.Hour, severity: v1alpha1.SeverityHigh,
		},
		"the second at once, where that of the first was closed again too": {
			steps: steps, tickets: []v1alpha1.TicketStatus{leftClosed, leftClosed}, want: 2, severity: v1alpha1.SeverityCritical,
		},
		"no more than there are": {
			steps: steps[:1], stood: 5 * time.Hour, tickets: []v1alpha1.TicketStatus{leftClosed, leftClosed}, want: 1,
			severity: v1alpha1.SeverityHigh,
		},
		"one that was taken stays so": {steps: steps, taken: 1, want: 1, next: 3 * time.Hour, severity: v1alpha1.SeverityHigh},
		"none where there is none":    {want: 0, stood: time.Hour, severity: v1alpha1.SeverityMedium},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			pace := ticket.PaceOf(&v1alpha1.Pace{Escalate: test.steps})
			status := v1alpha1.RemediationStatus{AttemptSince: at(-test.stood), Escalation: test.taken}
			next := pace.Climb(&status, test.tickets, noon)
			if status.Escalation != test.want {
				t.Errorf("%d are taken, want %d", status.Escalation, test.want)
			}
			if want := noon.Add(test.next - test.stood); test.next > 0 && !next.Equal(want) || test.next == 0 && !next.IsZero() {
				t.Errorf("the next is at %s, want %s", next, want)
			}
			if got := pace.Severity(v1alpha1.SeverityMedium, status.Escalation); got != test.severity {
				t.Errorf("the severity is %s, want %s", got, test.severity)
			}
		})
	}
}

func TestAnEscalationLowersNoSeverity(t *testing.T) {
	t.Parallel()
	pace := ticket.PaceOf(&v1alpha1.Pace{Escalate: []v1alpha1.Escalation{{After: "1h", Severity: v1alpha1.SeverityLow}}})
	if got := pace.Severity(v1alpha1.SeverityHigh, 1); got != v1alpha1.SeverityHigh {
		t.Errorf("it is %s", got)
	}
}

func TestASystemThatTwoStepsNameHasOneTicket(t *testing.T) {
	t.Parallel()
	desk := v1alpha1.NamespacedReference{Namespace: "platform", Name: "desk"}
	managers := v1alpha1.NamespacedReference{Namespace: "platform", Name: "managers"}
	pace := ticket.PaceOf(&v1alpha1.Pace{Escalate: []v1alpha1.Escalation{
		{After: "1h", TicketSystemRef: &managers}, {After: "2h", TicketSystemRef: &desk}, {After: "3h", TicketSystemRef: &managers},
	}})
	systems := pace.Systems(desk)
	if len(systems) != 2 || systems[0] != desk || systems[1] != managers {
		t.Fatalf("the systems are %v", systems)
	}
	if step := pace.StepOf(managers, desk); step != 1 {
		t.Errorf("the managers are told by step %d", step)
	}
}
