package samples

import (
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// Subject is something that is judged.
type Subject struct {
	Kind v1alpha1.SubjectKind
	Name types.NamespacedName
}

// String names a subject as messages do.
func (s Subject) String() string { return s.Name.Namespace + "/" + string(s.Kind) + "/" + s.Name.Name }

// Verdict is what Gemba must say of one sample, no more and no less.
type Verdict struct {
	Subject Subject
	// State of a KPI; empty for a process.
	State v1alpha1.KPIState
	// Findings by rule, in alphabetical order.
	Findings rules
	// Tickets are the findings for which the policy opens a ticket.
	Tickets rules
}

type rules = []v1alpha1.Rule

// Verdicts on the samples as they are applied at first.
var Verdicts = []Verdict{
	// Its parts are fine, each for itself.
	{
		Subject:  process("journeys", "house-move"),
		Findings: rules{v1alpha1.RuleTooManyTouchpoints, v1alpha1.RuleWatermelon},
		Tickets:  rules{v1alpha1.RuleWatermelon},
	},
	{Subject: process("journeys", "close-old-address")},
	{Subject: process("journeys", "meter-handover")},
	{Subject: process("journeys", "open-new-address")},
	{Subject: process("journeys", "first-correct-bill")},
	{
		Subject: kpi("journeys", "movers-retained"), State: v1alpha1.KPIBreached,
		Findings: rules{v1alpha1.RuleBreached},
		Tickets:  rules{v1alpha1.RuleBreached},
	},
	{Subject: kpi("journeys", "move-logged"), State: v1alpha1.KPIMet},
	{Subject: kpi("journeys", "reading-booked"), State: v1alpha1.KPIMet},
	{Subject: kpi("journeys", "contract-opened"), State: v1alpha1.KPIMet},
	{Subject: kpi("journeys", "bill-in-time"), State: v1alpha1.KPIMet},
	{
		Subject: kpi("journeys", "mover-satisfaction"), State: v1alpha1.KPIBreached,
		Findings: rules{v1alpha1.RuleBreached},
		Tickets:  rules{v1alpha1.RuleBreached},
	},
	{
		Subject: kpi("journeys", "qa-score"), State: v1alpha1.KPIMet,
		Findings: rules{v1alpha1.RuleNotPredictive},
	},
	{
		Subject:  process("metering", "supplier-switch"),
		Findings: rules{v1alpha1.RuleReviewOverdue},
		Tickets:  rules{v1alpha1.RuleReviewOverdue},
	},
	{Subject: kpi("metering", "switched-on-the-day"), State: v1alpha1.KPIMet},
	// Twelve roles hand over at least eleven times, so the fifth rule comes with the sixth.
	{
		Subject: process("billing", "refunds"),
		Findings: rules{
			v1alpha1.RuleDecisionPending, v1alpha1.RuleNoOutcome, v1alpha1.RuleNotExplainable,
			v1alpha1.RuleReviewOverdue, v1alpha1.RuleTooManyHandoffs, v1alpha1.RuleTooManyRoles,
			v1alpha1.RuleTooManySteps,
		},
		Tickets: rules{v1alpha1.RuleDecisionPending, v1alpha1.RuleNoOutcome, v1alpha1.RuleReviewOverdue},
	},
	{Subject: process("billing", "refunds-v2")},
	{Subject: kpi("billing", "refunded-in-three-days"), State: v1alpha1.KPIMet},
	{
		Subject:  process("billing", "disconnection-non-payment"),
		Findings: rules{v1alpha1.RuleNeverReviewed, v1alpha1.RuleNoCustomer},
		Tickets:  rules{v1alpha1.RuleNeverReviewed},
	},
	// Neither Key nor a journey, so that NoOutcome is Low.
	{
		Subject:  process("contact-centre", "tariff-change"),
		Findings: rules{v1alpha1.RuleCadenceTooLong, v1alpha1.RuleNoOutcome, v1alpha1.RuleStepUnjustified},
		Tickets:  rules{v1alpha1.RuleCadenceTooLong, v1alpha1.RuleStepUnjustified},
	},
	{
		Subject: kpi("contact-centre", "wrong-tariff-billed"), State: v1alpha1.KPIBreached,
		Findings: rules{v1alpha1.RuleBreached},
		Tickets:  rules{v1alpha1.RuleBreached},
	},
	{
		Subject: kpi("contact-centre", "greeting-omitted"), State: v1alpha1.KPIBreached,
		Findings: rules{v1alpha1.RuleBreached},
		Tickets:  rules{v1alpha1.RuleBreached},
	},
	{
		Subject: kpi("contact-centre", "plan-change-quota"), State: v1alpha1.KPIMet,
		Findings: rules{v1alpha1.RuleUnbalanced},
	},
	{
		Subject: kpi("contact-centre", "average-handle-time"), State: v1alpha1.KPIMet,
		Findings: rules{v1alpha1.RuleKPIConflict},
		Tickets:  rules{v1alpha1.RuleKPIConflict},
	},
	{
		Subject: kpi("contact-centre", "first-contact-resolution"), State: v1alpha1.KPIBreached,
		Findings: rules{v1alpha1.RuleBreached},
		Tickets:  rules{v1alpha1.RuleBreached},
	},
	{
		Subject: kpi("contact-centre", "calls-per-agent-hour"), State: v1alpha1.KPIStale,
		Findings: rules{v1alpha1.RuleNotActionable, v1alpha1.RuleReviewOverdue, v1alpha1.RuleStale},
		Tickets:  rules{v1alpha1.RuleNotActionable, v1alpha1.RuleReviewOverdue, v1alpha1.RuleStale},
	},
	{
		Subject: kpi("contact-centre", "chats-per-agent-hour"), State: v1alpha1.KPINeverMeasured,
		Findings: rules{v1alpha1.RuleNeverMeasured},
		Tickets:  rules{v1alpha1.RuleNeverMeasured},
	},
	{
		Subject:  process("contact-centre", "credit-check"),
		Findings: rules{v1alpha1.RuleAuthorityGap},
	},
	{
		Subject: kpi("contact-centre", "refused-for-authority"), State: v1alpha1.KPIBreached,
		Findings: rules{v1alpha1.RuleBreached},
		Tickets:  rules{v1alpha1.RuleBreached},
	},
	{
		Subject:  process("metering", "ev-charger-install"),
		Findings: rules{v1alpha1.RuleNoOutcome},
		Tickets:  rules{v1alpha1.RuleNoOutcome},
	},
	{Subject: kpi("metering", "install-score"), State: v1alpha1.KPIMet},
	{Subject: process("metering", "outage-information")},
	// Low, and ticketed all the same: the policy has a route for it.
	{
		Subject: kpi("metering", "outage-calls"), State: v1alpha1.KPIAtRisk,
		Findings: rules{v1alpha1.RuleAtRisk},
		Tickets:  rules{v1alpha1.RuleAtRisk},
	},
	{Subject: process("contact-centre", "complaint-handling")},
	{Subject: kpi("contact-centre", "complainants-retained"), State: v1alpha1.KPIMet},
	{Subject: process("billing", "paper-archive")},
	// Suspended: the verdict stands, and no ticket is opened.
	{
		Subject:  process("contact-centre", "loyalty-club"),
		Findings: rules{v1alpha1.RuleNoOutcome, v1alpha1.RuleReviewOverdue},
	},
}

// Watermelon is the sample that is green outside and red inside, and RedInside the outcome that its message names.
var (
	Watermelon = process("journeys", "house-move")
	RedInside  = kpi("journeys", "movers-retained")
)

// ReviewedLater is the sample whose finding one review clears.
var ReviewedLater = process("metering", "supplier-switch")

func process(namespace, name string) Subject {
	return Subject{v1alpha1.KindProcess, types.NamespacedName{Namespace: namespace, Name: name}}
}

func kpi(namespace, name string) Subject {
	return Subject{v1alpha1.KindKPI, types.NamespacedName{Namespace: namespace, Name: name}}
}

// RulesOf gives the rules of findings in alphabetical order.
func RulesOf(findings []v1alpha1.Finding) []v1alpha1.Rule {
	var found rules
	for i := range findings {
		found = append(found, findings[i].Rule)
	}
	slices.Sort(found)
	return found
}
