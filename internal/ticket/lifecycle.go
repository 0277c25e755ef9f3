package ticket

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// Observation is what is seen of the finding of a Remediation.
type Observation struct {
	// Finding as its subject shows it; nil where it shows none.
	Finding *v1alpha1.Finding
	// Group says that it is about the findings of a group; Findings are then those that stand, and Accepted those that it had and
	// that a waiver accepts by now.
	Group              bool
	Findings, Accepted []v1alpha1.RemediedFinding
	// Gone is why the finding no longer stands, one of the reasons of the condition Recovered; empty where it stands.
	Gone string
	// Certain is false where the subject was not judged yet: then nothing is concluded.
	Certain bool
	// Muted is true where a process that the subject is a part of has the same finding: nothing new is said.
	Muted bool
	// Silent is true where somebody has stopped messages.
	Silent bool
}

// Observe looks for the finding of a Remediation in its subject; a nil subject is one that is not declared any more.
func Observe(remediation *v1alpha1.Remediation, subject *governance.Subject) Observation {
	observation := Observation{Certain: true, Silent: remediation.Spec.Suspend}
	if subject == nil {
		observation.Gone = v1alpha1.ReasonSubjectDeleted
		return observation
	}
	observation.Silent = observation.Silent || subject.Suspended
	if subject.Retired {
		observation.Gone = v1alpha1.ReasonRetired
		return observation
	}
	observation.Certain = subject.Status.ObservedGeneration > 0
	observation.Finding = findingOf(remediation, subject)
	switch {
	case observation.Finding == nil:
		observation.Gone = v1alpha1.ReasonFindingGone
	case observation.Finding.WaivedBy != "":
		observation.Gone = v1alpha1.ReasonWaived
	default:
		observation.Muted = observation.Finding.MutedBy != ""
	}
	return observation
}

// After is an observation as it counts after all that went before: what a Remediation was closed for stays so until its finding is
// back. That it has no claim to the finding any more, or that a waiver has lapsed by now, makes nothing good that was not. One that
// is deleted is told as it is.
func (o Observation) After(remediation *v1alpha1.Remediation) Observation {
	if o.Gone == "" || remediation.Status.State != v1alpha1.RemediationClosed || remediation.DeletionTimestamp != nil {
		return o
	}
	recovered := meta.FindStatusCondition(remediation.Status.Conditions, v1alpha1.ConditionRecovered)
	if recovered == nil || recovered.Status != metav1.ConditionTrue {
		return o
	}
	if _, known := goneForms[recovered.Reason]; known {
		o.Gone = recovered.Reason
	}
	return o
}

func findingOf(remediation *v1alpha1.Remediation, subject *governance.Subject) *v1alpha1.Finding {
	named := remediation.Spec.Finding
	if named == nil {
		return nil
	}
	for i := range subject.Status.Findings {
		finding := &subject.Status.Findings[i]
		if finding.Rule == named.Rule && finding.About == named.About {
			return finding
		}
	}
	return nil
}

// Verdict is where the finding of a Remediation stands.
type Verdict struct {
	// Kind of its subject.
	Kind v1alpha1.SubjectKind
	// Gone is why the finding no longer stands; empty where it does.
	Gone string
	// GoneSince is when it was first seen to be gone.
	GoneSince time.Time
	// Verified is true where it stayed gone for as long as its rule asks.
	Verified bool
	// VerifiedAt is when it will be verified, while it is not.
	VerifiedAt time.Time
	// Relapsed is true where it has come back just now.
	Relapsed bool
	// AwaitsCause is true where it is verified, and the cause that the route asks for is not named; CauseBy is until when
	// that is waited for.
	AwaitsCause bool
	CauseBy     time.Time
}

// causePatience is how long after it was verified a ticket waits for its cause. Then it is closed, and the cause counts as
// Unknown.
const causePatience = 14 * 24 * time.Hour

// Want is what follows for the ticket.
func (v Verdict) Want() Want {
	switch {
	case v.Gone == "":
		return WantOpen
	case v.Verified && !v.AwaitsCause:
		return WantClosed
	default:
		return WantAsIs
	}
}

// Judge decides where the finding stands and writes attempt, findings and recoveredAt to the status. A waiver, a review
// that was withdrawn and a number that turned bad again are all relapses: the next attempt of the same ticket.
func Judge(remediation *v1alpha1.Remediation, observation Observation, now time.Time) Verdict {
	status, kind := &remediation.Status, IdentityOf(remediation).Kind
	status.Attempt = max(status.Attempt, 1)
	if status.AttemptSince == nil {
		beginAttempt(status, now)
	}
	see(remediation, observation, now)
	if observation.Gone == "" {
		relapsed := status.RecoveredAt != nil
		if relapsed {
			status.Attempt++
			status.RecoveredAt = nil
			beginAttempt(status, now)
		}
		return Verdict{Kind: kind, Relapsed: relapsed}
	}
	if status.RecoveredAt == nil {
		at := metav1.NewTime(now)
		status.RecoveredAt = &at
	}
	verdict := Verdict{Kind: kind, Gone: observation.Gone, GoneSince: status.RecoveredAt.Time}
	verdict.VerifiedAt = verdict.GoneSince.Add(verifyFor(remediation, observation.Gone))
	if observation.Group {
		verdict.VerifiedAt = groupVerifiedAt(status.Findings, verdict.GoneSince)
	}
	verdict.Verified = !now.Before(verdict.VerifiedAt)
	if verdict.Verified && lacksCause(remediation) && observation.Gone == v1alpha1.ReasonFindingGone {
		verdict.CauseBy = verdict.VerifiedAt.Add(causePatience)
		verdict.AwaitsCause = now.Before(verdict.CauseBy)
	}
	return verdict
}

// see writes the findings to the status, as they are seen now, or were last.
func see(remediation *v1alpha1.Remediation, observation Observation, now time.Time) {
	status := &remediation.Status
	if identity := IdentityOf(remediation); !observation.Group {
		// An earlier version named rule and about alone.
		for i := range status.Findings {
			status.Findings[i].Kind, status.Findings[i].Subject = identity.Kind, v1alpha1.ObjectName(identity.Name)
		}
	}
	switch {
	case observation.Group:
		var standing int
		status.Findings, standing = Regroup(status, observation, now)
		status.Standing = int32(standing) //nolint:gosec // findings of one namespace
	case observation.Finding != nil:
		identity := IdentityOf(remediation)
		status.Findings = []v1alpha1.RemediedFinding{{
			Kind: identity.Kind, Subject: v1alpha1.ObjectName(identity.Name), Finding: *observation.Finding,
		}}
		fallthrough
	default:
		status.Standing = int32(order(observation.Gone == "")) //nolint:gosec // 0 or 1
	}
	status.Rule = ruleShown(remediation)
}

// ruleShown is the rule that has found what a Remediation is for. A group whose findings are all gone shows what it showed.
func ruleShown(remediation *v1alpha1.Remediation) v1alpha1.Rule {
	if finding := remediation.Spec.Finding; finding != nil {
		return finding.Rule
	}
	shown := remediation.Status.Rule
	for i, finding := range remediation.Status.Findings {
		if i > 0 && finding.Rule != shown {
			return v1alpha1.SeveralRules
		}
		shown = finding.Rule
	}
	return shown
}

func beginAttempt(status *v1alpha1.RemediationStatus, now time.Time) {
	at := metav1.NewTime(now)
	status.AttemptSince, status.Escalation = &at, 0
}

// verifyFor is how long a finding must stay gone: what its subject's end brings needs no proof.
func verifyFor(remediation *v1alpha1.Remediation, gone string) time.Duration {
	if gone == v1alpha1.ReasonRetired || gone == v1alpha1.ReasonSubjectDeleted {
		return 0
	}
	declared, err := time.ParseDuration(string(remediation.Spec.Route.VerifyFor))
	if err != nil {
		return 0
	}
	return max(declared, 0)
}

// StateOf says where a Remediation stands, from its finding and its tickets.
func StateOf(verdict Verdict, tickets ...v1alpha1.TicketStatus) v1alpha1.RemediationState {
	switch {
	case verdict.Gone == "" && slices.ContainsFunc(tickets, wasOpened):
		return v1alpha1.RemediationOpen
	case verdict.Gone == "":
		return v1alpha1.RemediationPending
	case verdict.Verified && !slices.ContainsFunc(tickets, isNotDone):
		return v1alpha1.RemediationClosed
	default:
		return v1alpha1.RemediationVerifying
	}
}

func wasOpened(ticket v1alpha1.TicketStatus) bool {
	return ticket.State == v1alpha1.TicketOpen || ticket.ClosedOutside > 0 || ticket.Declined
}

func isNotDone(ticket v1alpha1.TicketStatus) bool { return !Done(ticket) }
