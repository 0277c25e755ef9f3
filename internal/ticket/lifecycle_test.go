package ticket_test

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/ticket"
)

const episode = "2025-10-22T21:59:59Z"

// overdue is the finding of these tests.
func overdue(change ...func(*v1alpha1.Finding)) v1alpha1.Finding {
	finding := v1alpha1.Finding{
		Rule: v1alpha1.RuleReviewOverdue, About: "full", Severity: v1alpha1.SeverityHigh,
		Since:   metav1.NewTime(time.Date(2025, 10, 22, 21, 59, 59, 0, time.UTC)),
		Message: "The full review was due on 2025-10-22T21:59:59Z.", Episode: episode,
	}
	for _, apply := range change {
		apply(&finding)
	}
	return finding
}

func remedy(name, episode string, change ...func(*v1alpha1.Remediation)) v1alpha1.Remediation {
	remediation := v1alpha1.Remediation{
		ObjectMeta: metav1.ObjectMeta{Namespace: "billing", Name: name},
		Spec: v1alpha1.RemediationSpec{
			SubjectRef: &v1alpha1.SubjectReference{Name: "refunds"},
			Finding:    &v1alpha1.FindingIdentity{Rule: v1alpha1.RuleReviewOverdue, About: "full", Episode: episode},
			Route:      v1alpha1.RouteSnapshot{ReopenWithin: "P30D"},
		},
		Status: v1alpha1.RemediationStatus{State: v1alpha1.RemediationOpen},
	}
	for _, apply := range change {
		apply(&remediation)
	}
	return remediation
}

func closedDaysAgo(days int) func(*v1alpha1.Remediation) {
	return func(r *v1alpha1.Remediation) {
		r.Status.State = v1alpha1.RemediationClosed
		r.Status.ClosedAt = at(-time.Duration(days) * 24 * time.Hour)
	}
}

func TestClaim(t *testing.T) {
	t.Parallel()
	deleted := func(r *v1alpha1.Remediation) { r.DeletionTimestamp = at(0) }
	aboutSomethingElse := func(r *v1alpha1.Remediation) { r.Spec.Finding.About = "weekly" }
	const earlier = "2024-10-22T21:59:59Z"
	for sentence, test := range map[string]struct {
		remediations []v1alpha1.Remediation
		want         string
	}{
		"a finding without a remediation needs a new one": {},
		"an open one is used whatever its episode": {
			[]v1alpha1.Remediation{remedy("open", earlier)}, "open",
		},
		"an open one comes before a closed one of the same episode": {
			[]v1alpha1.Remediation{remedy("closed", episode, closedDaysAgo(1)), remedy("open", earlier)}, "open",
		},
		"one closed long ago is used again within its episode": {
			[]v1alpha1.Remediation{remedy("closed", episode, closedDaysAgo(300))}, "closed",
		},
		"one of another episode that was closed within reopenWithin is used again": {
			[]v1alpha1.Remediation{remedy("recent", earlier, closedDaysAgo(29))}, "recent",
		},
		"one of another episode that was closed before reopenWithin is not": {
			[]v1alpha1.Remediation{remedy("old", earlier, closedDaysAgo(30))}, "",
		},
		"of two recent ones the one closed last is used": {
			[]v1alpha1.Remediation{
				remedy("a", earlier, closedDaysAgo(9)), remedy("b", "2023", closedDaysAgo(8)), remedy("c", "2022", closedDaysAgo(10)),
			}, "b",
		},
		"one that is being deleted is not used": {
			[]v1alpha1.Remediation{remedy("going", episode, deleted)}, "",
		},
		"one about something else is not used": {
			[]v1alpha1.Remediation{remedy("else", episode, aboutSomethingElse)}, "",
		},
	} {
		if got := ticket.Claim(test.remediations, overdue(), noon); got != test.want {
			t.Errorf("%s: got %q, want %q", sentence, got, test.want)
		}
	}
}

func TestObserve(t *testing.T) {
	t.Parallel()
	process := func(change func(*v1alpha1.Process)) *v1alpha1.Process {
		made := &v1alpha1.Process{Status: v1alpha1.ProcessStatus{SubjectStatus: v1alpha1.SubjectStatus{
			ObservedGeneration: 1, Findings: []v1alpha1.Finding{overdue()},
		}}}
		change(made)
		return made
	}
	for sentence, test := range map[string]struct {
		process *v1alpha1.Process
		want    string
		certain bool
		silent  bool
	}{
		"a finding that its subject shows stands":       {process(func(*v1alpha1.Process) {}), "", true, false},
		"a subject that is not declared has no finding": {nil, v1alpha1.ReasonSubjectDeleted, true, false},
		"a finding that its subject does not show is gone": {
			process(func(p *v1alpha1.Process) { p.Status.Findings = nil }), v1alpha1.ReasonFindingGone, true, false,
		},
		"a finding of the same rule about something else is another": {
			process(func(p *v1alpha1.Process) { p.Status.Findings[0].About = "weekly" }), v1alpha1.ReasonFindingGone, true, false,
		},
		"a waived finding does not stand": {
			process(func(p *v1alpha1.Process) { p.Status.Findings[0].WaivedBy = "w" }), v1alpha1.ReasonWaived, true, false,
		},
		"a retired process has no findings, whatever it shows": {
			process(func(p *v1alpha1.Process) { p.Spec.Lifecycle = v1alpha1.LifecycleRetired }), v1alpha1.ReasonRetired, true, false,
		},
		"a suspended process stops messages and no verdict": {
			process(func(p *v1alpha1.Process) { p.Spec.Suspend = true }), "", true, true,
		},
		"of a process that was not judged yet nothing is concluded": {
			process(func(p *v1alpha1.Process) { p.Status.SubjectStatus = v1alpha1.SubjectStatus{ObservedGeneration: -1} }),
			v1alpha1.ReasonFindingGone, false, false,
		},
	} {
		remediation := remedy("r", episode)
		got := ticket.Observe(&remediation, governance.ProcessSubject(test.process))
		if got.Gone != test.want || got.Certain != test.certain || got.Silent != test.silent {
			t.Errorf("%s: got %+v", sentence, got)
		}
	}
}

func TestObserveAKPI(t *testing.T) {
	t.Parallel()
	kpi := func(change func(*v1alpha1.KPI)) *v1alpha1.KPI {
		made := sampleKPI()
		made.Status.ObservedGeneration, made.Status.Findings = 1, []v1alpha1.Finding{missed()}
		change(made)
		return made
	}
	for sentence, test := range map[string]struct {
		kpi             *v1alpha1.KPI
		want            string
		certain, silent bool
	}{
		"a finding that the KPI shows stands":       {kpi(func(*v1alpha1.KPI) {}), "", true, false},
		"a KPI that is not declared has no finding": {nil, v1alpha1.ReasonSubjectDeleted, true, false},
		"a finding that the KPI does not show is gone": {
			kpi(func(k *v1alpha1.KPI) { k.Status.Findings[0].Rule = v1alpha1.RuleStale }), v1alpha1.ReasonFindingGone, true, false,
		},
		"a suspended KPI stops messages and no verdict": {
			kpi(func(k *v1alpha1.KPI) { k.Spec.Suspend = true }), "", true, true,
		},
		"of a KPI that was not judged yet nothing is concluded": {
			kpi(func(k *v1alpha1.KPI) { k.Status = v1alpha1.KPIStatus{} }), v1alpha1.ReasonFindingGone, false, false,
		},
	} {
		remediation := sayingKPI(v1alpha1.OperationCreate, sampleKPI(), missed()).Remediation
		got := ticket.Observe(remediation, governance.KPISubject(test.kpi))
		if got.Gone != test.want || got.Certain != test.certain || got.Silent != test.silent {
			t.Errorf("%s: got %+v", sentence, got)
		}
	}
}

func TestConditionsNameTheKindOfTheSubjectThatIsGone(t *testing.T) {
	t.Parallel()
	ofProcess, ofKPI := remedy("r", episode), sayingKPI(v1alpha1.OperationCreate, sampleKPI(), missed()).Remediation
	for want, test := range map[string]struct {
		remediation *v1alpha1.Remediation
		gone        string
	}{
		"The process is no longer declared.": {&ofProcess, v1alpha1.ReasonSubjectDeleted},
		"The process is retired.":            {&ofProcess, v1alpha1.ReasonRetired},
		"The KPI is no longer declared.":     {ofKPI, v1alpha1.ReasonSubjectDeleted},
	} {
		verdict := ticket.Judge(test.remediation, ticket.Observation{Gone: test.gone, Certain: true}, noon)
		for _, condition := range []metav1.Condition{ticket.RecoveredCondition(verdict), ticket.VerifiedCondition(verdict, v1alpha1.TicketStatus{})} {
			if condition.Message != want {
				t.Errorf("%s says %q, want %q", condition.Type, condition.Message, want)
			}
		}
	}
}

func TestAFindingIsVerifiedAfterItStayedGoneForAsLongAsItsRuleAsks(t *testing.T) {
	t.Parallel()
	remediation := remedy("r", episode)
	remediation.Spec.Route.VerifyFor = "1h0m0s"
	stands, gone := overdue(), ticket.Observation{Gone: v1alpha1.ReasonFindingGone, Certain: true}
	observed := ticket.Observation{Finding: &stands, Certain: true}

	type moment struct {
		at                 time.Duration
		observation        ticket.Observation
		want               ticket.Want
		attempt            int32
		relapsed, verified bool
	}
	for _, step := range []moment{
		{0, observed, ticket.WantOpen, 1, false, false},
		{10 * time.Minute, gone, ticket.WantAsIs, 1, false, false},
		{20 * time.Minute, observed, ticket.WantOpen, 2, true, false},
		{25 * time.Minute, observed, ticket.WantOpen, 2, false, false},
		{30 * time.Minute, gone, ticket.WantAsIs, 2, false, false},
		{90*time.Minute - time.Second, gone, ticket.WantAsIs, 2, false, false},
		{90 * time.Minute, gone, ticket.WantClosed, 2, false, true},
		{91 * time.Minute, observed, ticket.WantOpen, 3, true, false},
		{92 * time.Minute, ticket.Observation{Gone: v1alpha1.ReasonRetired}, ticket.WantClosed, 3, false, true},
	} {
		verdict := ticket.Judge(&remediation, step.observation, noon.Add(step.at))
		if verdict.Want() != step.want || remediation.Status.Attempt != step.attempt || verdict.Relapsed != step.relapsed ||
			verdict.Verified != step.verified {
			t.Errorf("at %s: %+v, attempt %d", step.at, verdict, remediation.Status.Attempt)
		}
	}
}

func TestStateOf(t *testing.T) {
	t.Parallel()
	delivered := func(state v1alpha1.TicketState, operation v1alpha1.Operation) v1alpha1.TicketStatus {
		return told(state, operation, v1alpha1.DeliveryDelivered)
	}
	const create, closing = v1alpha1.OperationCreate, v1alpha1.OperationClose
	standing := ticket.Verdict{}
	recovered := ticket.Verdict{Gone: v1alpha1.ReasonFindingGone}
	verified := ticket.Verdict{Gone: v1alpha1.ReasonFindingGone, Verified: true}
	for sentence, test := range map[string]struct {
		verdict ticket.Verdict
		ticket  v1alpha1.TicketStatus
		want    v1alpha1.RemediationState
	}{
		"without a ticket it is pending":                {standing, v1alpha1.TicketStatus{}, v1alpha1.RemediationPending},
		"with an open ticket it is open":                {standing, delivered(v1alpha1.TicketOpen, create), v1alpha1.RemediationOpen},
		"with a ticket to be reopened it is pending":    {standing, delivered(v1alpha1.TicketClosed, closing), v1alpha1.RemediationPending},
		"recovered it is being verified":                {recovered, delivered(v1alpha1.TicketOpen, create), v1alpha1.RemediationVerifying},
		"verified it waits for its ticket to be closed": {verified, delivered(v1alpha1.TicketOpen, create), v1alpha1.RemediationVerifying},
		"verified with a closed ticket it is closed":    {verified, delivered(v1alpha1.TicketClosed, closing), v1alpha1.RemediationClosed},
		"verified without a ticket it is closed":        {verified, v1alpha1.TicketStatus{}, v1alpha1.RemediationClosed},
		"verified it is closed though closing the ticket was refused": {
			verified, told(v1alpha1.TicketOpen, closing, v1alpha1.DeliveryRefused), v1alpha1.RemediationClosed,
		},
		"verified it is not closed while a message hangs in the air": {
			verified, told(v1alpha1.TicketPending, create, v1alpha1.DeliveryUnknown), v1alpha1.RemediationVerifying,
		},
	} {
		if got := ticket.StateOf(test.verdict, test.ticket); got != test.want {
			t.Errorf("%s: got %s", sentence, got)
		}
	}
}
