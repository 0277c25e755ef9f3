package governance

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
	"github.com/gemba-dev/gemba/internal/kpi"
)

// Subject is what reviews, waivers and tickets are about: what a Process and a KPI have in common.
type Subject struct {
	// Kind, Namespace and Name identify the subject.
	Kind            governancev1alpha1.SubjectKind
	Namespace, Name string
	// Labels and Generation are those of the object.
	Labels     map[string]string
	Generation int64
	// UID of the object, for what it owns.
	UID types.UID
	// Deleting is true while the object is being deleted.
	Deleting bool
	// Suspended is true where messages about the subject are stopped.
	Suspended bool
	// Retired is true for what is no longer in use. A KPI is retired by taking its declaration away.
	Retired bool
	// Owner of the subject, who reviews and waives nothing about it.
	Owner governancev1alpha1.Party
	// Accountable for a process as a whole; nil where nobody is named, and for a KPI.
	Accountable *governancev1alpha1.Party
	// Why the subject exists.
	Why governancev1alpha1.Text
	// Objective of a KPI in a few words, and the Action to take where it is missed; empty for a process.
	Objective string
	Action    governancev1alpha1.Text
	// Value of a KPI as it was last written, and its Unit; nil where it was never measured, and for a process.
	Value *governancev1alpha1.Decimal
	Unit  string
	// Links to what explains the subject.
	Links []governancev1alpha1.TypedLink
	// Reviews that are declared, as far as they are.
	Reviews []governancev1alpha1.ReviewRequirement
	// Steps that a full review needs a verdict on; a KPI has none.
	Steps []governancev1alpha1.Step
	// Tier of a process; empty for a KPI.
	Tier governancev1alpha1.Tier
	// InEffectSince is the declared first day; empty where none is.
	InEffectSince governancev1alpha1.Date
	// Digest of the text that a review approves.
	Digest governancev1alpha1.Digest
	// Unwaivable are the rules whose findings about the subject no waiver accepts, unless the policy says so.
	Unwaivable []governancev1alpha1.Rule
	// Status as it was last written.
	Status *governancev1alpha1.SubjectStatus
}

// ProcessSubject sees a process as a subject; nil stays nil.
func ProcessSubject(process *governancev1alpha1.Process) *Subject {
	if process == nil {
		return nil
	}
	return &Subject{
		Kind: governancev1alpha1.KindProcess, Namespace: process.Namespace, Name: process.Name,
		Labels: process.Labels, Generation: process.Generation, UID: process.UID,
		Deleting: !process.DeletionTimestamp.IsZero(), Suspended: process.Spec.Suspend,
		Retired: process.Spec.Lifecycle == governancev1alpha1.LifecycleRetired,
		Owner:   process.Spec.Owner, Accountable: process.Spec.Accountable, Why: process.Spec.Why, Links: process.Spec.Links,
		Reviews: process.Spec.Reviews, Steps: process.Spec.Steps, Tier: process.Spec.Tier,
		InEffectSince: process.Spec.InEffectSince, Digest: ProcessDigest(&process.Spec), Status: &process.Status.SubjectStatus,
	}
}

// KPISubject sees a KPI as a subject; nil stays nil.
func KPISubject(declared *governancev1alpha1.KPI) *Subject {
	if declared == nil {
		return nil
	}
	spec := &declared.Spec
	seen := &Subject{
		Kind: governancev1alpha1.KindKPI, Namespace: declared.Namespace, Name: declared.Name,
		Labels: declared.Labels, Generation: declared.Generation, UID: declared.UID,
		Deleting: !declared.DeletionTimestamp.IsZero(), Suspended: spec.Suspend,
		Value: declared.Status.Value, Unit: spec.Unit,
		Owner: spec.Owner, Why: spec.Why, Objective: kpi.ObjectiveText(spec), Action: spec.Action, Links: spec.Links,
		Reviews: spec.Reviews, InEffectSince: spec.InEffectSince, Digest: KPIDigest(spec),
		Retired: hasReason(declared, governancev1alpha1.ReasonRetired),
		Status:  &declared.Status.SubjectStatus,
	}
	if spec.Criticality == governancev1alpha1.CriticalityFatal {
		seen.Unwaivable = []governancev1alpha1.Rule{governancev1alpha1.RuleBreached}
	}
	return seen
}

// KindOf gives the kind of a reference to a subject, with its default filled in.
func KindOf(kind governancev1alpha1.SubjectKind) governancev1alpha1.SubjectKind {
	if kind == "" {
		return governancev1alpha1.KindProcess
	}
	return kind
}

// Noun is the word for a kind of subject within a sentence: "process" or "KPI".
func Noun(kind governancev1alpha1.SubjectKind) string { return noun(KindOf(kind)) }

// RulesOf gives the rules that judge a kind of subject, in the order in which they are applied.
func RulesOf(kind governancev1alpha1.SubjectKind) []governancev1alpha1.Rule {
	if KindOf(kind) == governancev1alpha1.KindKPI {
		return namesOf(kpiRules)
	}
	return namesOf(processRules)
}

func namesOf[V viewer](rules []rule[V]) []governancev1alpha1.Rule {
	names := make([]governancev1alpha1.Rule, 0, len(rules))
	for _, one := range rules {
		names = append(names, one.name)
	}
	return names
}

// judged is one requirement with the verdict on it.
type judged struct {
	requirement
	state  cadence.State
	change *governancev1alpha1.SubjectChange
}

// view is all that a rule about any subject may look at.
type view struct {
	subject      *Subject
	policy       Policy
	history      history
	requirements []judged
	now          time.Time
	// muting names what has the same finding already, for whom it is a part of.
	muting Muting
	// experience is what earlier remediations tell.
	experience Experience
}

// FindingKey names a finding of one subject.
type FindingKey struct {
	Rule  governancev1alpha1.Rule
	About string
}

// Muting says of findings which process has the same one, as "namespace/name", that the subject is a part of.
type Muting map[FindingKey]string

// Add takes up the findings of a process above, unless one that is nearer has the same. What is muted itself mutes nothing: the one
// above it does. Nor does what the policy of both opens no ticket for.
func (m Muting) Add(above *governancev1alpha1.Process, policy Policy) {
	if above.Spec.Suspend {
		return
	}
	for _, finding := range above.Status.Findings {
		key := FindingKey{finding.Rule, finding.About}
		if m[key] == "" && finding.MutedBy == "" && finding.WaivedBy == "" && policy.Covers(above.Labels, finding) {
			m[key] = above.Namespace + "/" + above.Name
		}
	}
}

// common gives the part that rules about any subject look at.
func (v *view) common() *view { return v }

// viewer is what a rule looks at: a view, and what is particular to a kind.
type viewer interface{ common() *view }

// found is what a rule found, before severity, waivers and the past are brought in.
type found struct {
	about string
	// since and episode are set where the rule knows them; otherwise they are taken from the first observation.
	since   time.Time
	episode string
	// severity is set where it is not the rule's own.
	severity governancev1alpha1.Severity
	message  string
	// changes is when the finding can change next without anything else happening; zero for never.
	changes time.Time
}

// rule yields the findings of one rule about what it looks at.
type rule[V viewer] struct {
	name governancev1alpha1.Rule
	find func(V) []found
}

// onAny lets a rule about any subject look at one kind.
func onAny[V viewer](find func(*view) []found) func(V) []found {
	return func(looked V) []found { return find(looked.common()) }
}

// limitRules are the rules that a draft is held to which was in effect before: leaving Active must not silence them.
var limitRules = map[governancev1alpha1.Rule]bool{
	governancev1alpha1.RuleNeverReviewed: true,
	governancev1alpha1.RuleReviewOverdue: true,
}

// wellDefinedRules are those that ConditionWellDefined sums up.
var wellDefinedRules = map[governancev1alpha1.Rule]bool{
	governancev1alpha1.RuleNotExplainable:     true,
	governancev1alpha1.RuleTooManySteps:       true,
	governancev1alpha1.RuleTooManyRoles:       true,
	governancev1alpha1.RuleTooManyTouchpoints: true,
	governancev1alpha1.RuleTooManyHandoffs:    true,
	governancev1alpha1.RuleTooManyKPIs:        true,
	governancev1alpha1.RuleNoCustomer:         true,
	governancev1alpha1.RuleNoOutcome:          true,
	governancev1alpha1.RuleAuthorityGap:       true,
	governancev1alpha1.RuleNotActionable:      true,
	governancev1alpha1.RuleUnbalanced:         true,
}
