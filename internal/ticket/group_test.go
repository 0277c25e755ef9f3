package ticket_test

import (
	"testing"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/ticket"
)

func TestWhatAWaiverAcceptsStaysOnTheTicketOfItsGroup(t *testing.T) {
	t.Parallel()
	of := func(kpi, waiver string) v1alpha1.RemediedFinding {
		return v1alpha1.RemediedFinding{
			Kind: v1alpha1.KindKPI, Subject: v1alpha1.ObjectName(kpi), VerifyFor: "168h",
			Finding: v1alpha1.Finding{Rule: v1alpha1.RuleBreached, Severity: v1alpha1.SeverityHigh, WaivedBy: v1alpha1.ObjectName(waiver)},
		}
	}
	status := &v1alpha1.RemediationStatus{Findings: []v1alpha1.RemediedFinding{of("refund-days", ""), of("calls", "")}}
	look := func(after time.Duration, accepted ...v1alpha1.RemediedFinding) *v1alpha1.RemediedFinding {
		seen := ticket.Observation{Group: true, Findings: []v1alpha1.RemediedFinding{of("calls", "")}, Accepted: accepted}
		status.Findings, _ = ticket.Regroup(status, seen, noon.Add(after))
		for i := range status.Findings {
			if status.Findings[i].Subject == "refund-days" {
				return &status.Findings[i]
			}
		}
		return nil
	}
	if gone := look(0); gone == nil || gone.GoneAt == nil || gone.WaivedBy != "" {
		t.Fatalf("of one that is gone it says %+v", gone)
	}
	if back := look(time.Hour, of("refund-days", "until-summer")); back == nil || back.WaivedBy != "until-summer" {
		t.Fatalf("of one that has come back under a waiver it says %+v", back)
	}
	if kept := look(1000*time.Hour, of("refund-days", "until-summer")); kept == nil {
		t.Error("it is forgotten while the waiver accepts it")
	}
	if left := look(1001 * time.Hour); left != nil {
		t.Errorf("it is kept although nothing is left of it: %+v", left)
	}
}
