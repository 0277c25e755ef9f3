package governance

import (
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

// Limits are the numbers that the rules judge by, all of them set.
type Limits struct {
	// ReviewInterval and KPIReviewInterval are the longest elapsed times without a counted full review, of a process and
	// of a KPI.
	ReviewInterval, KPIReviewInterval cadence.Period
	// ActOnReviewWithin is how long decisions of a review may stay undone.
	ActOnReviewWithin cadence.Period
	// Waiver is the longest time for which findings may be accepted.
	Waiver cadence.Period
	// WaiverExtensions is how often a waiver may be prolonged.
	WaiverExtensions int
	// TargetOutgrown is for how long a KPI is met without risk before its target is outgrown.
	TargetOutgrown cadence.Period
	// Steps, Roles, Touchpoints, Handoffs and KPIs bound the size of a process.
	Steps, Roles, Touchpoints, Handoffs, KPIs int32
	// PeopleCauseShare is how many in a hundred causes may be People, ClosedCauses how many causes that is judged by.
	PeopleCauseShare, ClosedCauses int32
}

// defaultLimits are those of a cluster without a policy; the schema of GovernancePolicy has the same ones.
var defaultLimits = Limits{
	ReviewInterval:    cadence.Period{Months: 12},
	KPIReviewInterval: cadence.Period{Months: 18},
	TargetOutgrown:    cadence.Period{Months: 12},
	ActOnReviewWithin: cadence.Period{Days: 60},
	Waiver:            cadence.Period{Months: 6},
	WaiverExtensions:  2,
	Steps:             20,
	Roles:             8,
	Touchpoints:       12,
	Handoffs:          8,
	KPIs:              7,
	PeopleCauseShare:  10,
	ClosedCauses:      10,
}

// Policy is what applies to the subjects of a namespace, with defaults filled in. The zero Policy is not usable; see
// EffectivePolicy.
type Policy struct {
	// Name of the GovernancePolicy; empty where the defaults apply.
	Name string
	// Limits that the rules judge by.
	Limits Limits
	// Notices say after how long something good is told.
	Notices Notices
	// SeparationOfDuties keeps owners from reviewing and waiving what they own.
	SeparationOfDuties bool

	spec     governancev1alpha1.GovernancePolicySpec
	settings map[governancev1alpha1.Rule]governancev1alpha1.RuleSetting
}

// SelectPolicy gives the policy that judges a namespace with the given labels: of those that choose it the one with the
// highest priority, then the first by name; nil where none does. A policy whose selector is not understood chooses
// nothing.
func SelectPolicy(
	policies []governancev1alpha1.GovernancePolicy, namespaceLabels map[string]string,
) *governancev1alpha1.GovernancePolicy {
	var best *governancev1alpha1.GovernancePolicy
	for i := range policies {
		candidate := &policies[i]
		if !Selects(candidate.Spec.NamespaceSelector, namespaceLabels) {
			continue
		}
		if best == nil || outranks(candidate, best) {
			best = candidate
		}
	}
	return best
}

func outranks(a, b *governancev1alpha1.GovernancePolicy) bool {
	if a.Spec.Priority != b.Spec.Priority {
		return a.Spec.Priority > b.Spec.Priority
	}
	return a.Name < b.Name
}

// Selects tells whether a selector chooses labels. No selector chooses all, one that is not understood nothing.
func Selects(selector *metav1.LabelSelector, of map[string]string) bool {
	if selector == nil {
		return true
	}
	parsed, err := metav1.LabelSelectorAsSelector(selector)
	return err == nil && parsed.Matches(labels.Set(of))
}

// EffectivePolicy fills in the defaults; nil gives the defaults alone.
func EffectivePolicy(policy *governancev1alpha1.GovernancePolicy) Policy {
	effective := Policy{Limits: defaultLimits, Notices: defaultNotices, SeparationOfDuties: true}
	if policy == nil {
		return effective
	}
	effective.Name = policy.Name
	effective.spec = policy.Spec
	effective.Limits = limitsOf(policy.Spec.Limits)
	effective.Notices = noticesOf(policy.Spec.Notices)
	if policy.Spec.SeparationOfDuties != nil {
		effective.SeparationOfDuties = *policy.Spec.SeparationOfDuties
	}
	effective.settings = make(map[governancev1alpha1.Rule]governancev1alpha1.RuleSetting, len(policy.Spec.Rules))
	for _, setting := range policy.Spec.Rules {
		effective.settings[setting.Name] = setting
	}
	return effective
}

func limitsOf(declared governancev1alpha1.Limits) Limits {
	limits := defaultLimits
	overridePeriod(&limits.ReviewInterval, declared.MaxProcessReviewInterval)
	overridePeriod(&limits.KPIReviewInterval, declared.MaxKPIReviewInterval)
	overridePeriod(&limits.TargetOutgrown, declared.TargetOutgrownAfter)
	overridePeriod(&limits.ActOnReviewWithin, declared.ActOnReviewWithin)
	overridePeriod(&limits.Waiver, declared.MaxWaiver)
	overrideCount(&limits.Steps, declared.MaxSteps)
	overrideCount(&limits.Roles, declared.MaxRoles)
	overrideCount(&limits.Touchpoints, declared.MaxTouchpoints)
	overrideCount(&limits.Handoffs, declared.MaxHandoffs)
	overrideCount(&limits.KPIs, declared.MaxKPIs)
	overrideCount(&limits.ClosedCauses, declared.MinClosedCauses)
	if declared.MaxPeopleCauseShare != nil {
		limits.PeopleCauseShare = *declared.MaxPeopleCauseShare
	}
	if declared.MaxWaiverExtensions != nil {
		limits.WaiverExtensions = int(*declared.MaxWaiverExtensions)
	}
	return limits
}

// overridePeriod takes a declared period; one that does not parse leaves the default, which the schema makes impossible.
func overridePeriod(limit *cadence.Period, declared governancev1alpha1.Period) {
	if period, err := cadence.ParsePeriod(string(declared)); err == nil {
		*limit = period
	}
}

func overrideCount(limit *int32, declared int32) {
	if declared > 0 {
		*limit = declared
	}
}

// Severity of a finding of a rule whose own severity is given.
func (p Policy) Severity(rule governancev1alpha1.Rule, own governancev1alpha1.Severity) governancev1alpha1.Severity {
	if declared := p.settings[rule].Severity; declared != "" {
		return declared
	}
	return own
}

// Ticketed tells whether findings of a rule may open tickets.
func (p Policy) Ticketed(rule governancev1alpha1.Rule) bool {
	ticketed := p.settings[rule].Ticketed
	return ticketed == nil || *ticketed
}

// VerifyFor is how long a finding of a rule must stay gone before its ticket is closed.
func (p Policy) VerifyFor(rule governancev1alpha1.Rule) time.Duration {
	if declared, err := time.ParseDuration(string(p.settings[rule].VerifyFor)); err == nil {
		return declared
	}
	return rulesByName[rule].VerifyFor
}

// DisabledUntil tells whether a rule is switched off at an instant, and until when. The day on which it comes back
// begins at midnight UTC.
func (p Policy) DisabledUntil(rule governancev1alpha1.Rule, now time.Time) (until time.Time, disabled bool) {
	declared := p.settings[rule].Disabled
	if declared == nil {
		return time.Time{}, false
	}
	until, err := time.Parse(time.DateOnly, string(declared.Until))
	return until, err == nil && now.Before(until)
}

// ReviewInterval is the longest elapsed time without a counted full review of a subject: the shortest that applies.
func (p Policy) ReviewInterval(subject *Subject) cadence.Period {
	shortest := p.Limits.ReviewInterval
	if subject.Kind == governancev1alpha1.KindKPI {
		shortest = p.Limits.KPIReviewInterval
	}
	for _, requirement := range p.requirementsFor(subject) {
		declared, err := cadence.ParsePeriod(string(requirement.MaxReviewInterval))
		if err == nil && declared.CompareAt(shortest, comparisonDay) < 0 {
			shortest = declared
		}
	}
	return shortest
}

// comparisonDay is the day on which the lengths of two calendar periods are compared.
var comparisonDay = cadence.Date{Year: 2001, Month: time.January, Day: 1}

// MinApprovals is how many reviewers must approve a full review of a subject: the highest number that applies.
func (p Policy) MinApprovals(subject *Subject) int {
	most := 1
	for _, requirement := range p.requirementsFor(subject) {
		most = max(most, int(requirement.MinApprovals))
	}
	return most
}

func (p Policy) requirementsFor(subject *Subject) []governancev1alpha1.PolicyRequirement {
	var applying []governancev1alpha1.PolicyRequirement
	for _, requirement := range p.spec.Requirements {
		if requirement.Tier != "" && requirement.Tier != subject.Tier {
			continue
		}
		if Selects(requirement.Selector, subject.Labels) {
			applying = append(applying, requirement)
		}
	}
	return applying
}

// DefaultCadence names the cadence of the implied full review of a kind; empty where the limit itself is the period.
func (p Policy) DefaultCadence(kind governancev1alpha1.SubjectKind) string {
	named := p.spec.Defaults.ProcessCadenceRef
	if kind == governancev1alpha1.KindKPI {
		named = p.spec.Defaults.KPICadenceRef
	}
	if named == nil {
		return ""
	}
	return string(named.Name)
}

// Waivable tells whether waivers may accept findings of a rule about a subject.
func (p Policy) Waivable(rule governancev1alpha1.Rule, subject *Subject) bool {
	return p.settings[rule].CriticalWaivable || !slices.Contains(subject.Unwaivable, rule)
}

// MinAssurance that a review needs to count.
func (p Policy) MinAssurance() governancev1alpha1.Assurance {
	if p.spec.MinAssurance == "" {
		return governancev1alpha1.AssuranceAsserted
	}
	return p.spec.MinAssurance
}

// WaiverApprovers are the users and groups who may approve waivers; empty: anyone but the owner.
func (p Policy) WaiverApprovers() []governancev1alpha1.Identity {
	return p.spec.WaiverApprovers
}

// Routes say which findings open tickets, the first that matches first.
func (p Policy) Routes() []governancev1alpha1.Route {
	return p.spec.Routes
}
