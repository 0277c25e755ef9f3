package builders

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// WaiverBuilder makes a Waiver.
type WaiverBuilder struct{ waiver governancev1alpha1.Waiver }

// MakeWaiver begins with a waiver that Ada approved on 1 July 2024 and that accepts until 1 October 2024 that the
// process "refunds" is ReviewOverdue.
func MakeWaiver(name string) *WaiverBuilder {
	until := instant("2024-10-01")
	return &WaiverBuilder{governancev1alpha1.Waiver{
		TypeMeta:   typeMeta("Waiver"),
		ObjectMeta: objectMeta(name),
		Spec: governancev1alpha1.WaiverSpec{
			SubjectRef:    subject("refunds"),
			Rules:         []governancev1alpha1.WaivedRule{{Rule: governancev1alpha1.RuleReviewOverdue}},
			Until:         &until,
			Justification: "the department moves house",
			ApprovedBy:    "ada",
			ApprovedAt:    instant("2024-07-01"),
		},
	}}
}

// InNamespace puts the waiver into a namespace.
func (b *WaiverBuilder) InNamespace(namespace string) *WaiverBuilder {
	b.waiver.Namespace = namespace
	return b
}

// Of names the process.
func (b *WaiverBuilder) Of(process string) *WaiverBuilder {
	b.waiver.Spec.SubjectRef = subject(process)
	return b
}

// OfKPI names the KPI.
func (b *WaiverBuilder) OfKPI(kpi string) *WaiverBuilder {
	b.waiver.Spec.SubjectRef = governancev1alpha1.SubjectReference{
		Kind: governancev1alpha1.KindKPI, Name: governancev1alpha1.ObjectName(kpi),
	}
	return b
}

// Accepts names the findings that are accepted, whatever they are about.
func (b *WaiverBuilder) Accepts(rules ...governancev1alpha1.Rule) *WaiverBuilder {
	b.waiver.Spec.Rules = nil
	for _, rule := range rules {
		b.waiver.Spec.Rules = append(b.waiver.Spec.Rules, governancev1alpha1.WaivedRule{Rule: rule})
	}
	return b
}

// AcceptsAbout names the one finding that is accepted.
func (b *WaiverBuilder) AcceptsAbout(rule governancev1alpha1.Rule, about string) *WaiverBuilder {
	b.waiver.Spec.Rules = []governancev1alpha1.WaivedRule{{Rule: rule, About: about}}
	return b
}

// Until says when the acceptance ends.
func (b *WaiverBuilder) Until(when string) *WaiverBuilder {
	until := instant(when)
	b.waiver.Spec.Until = &until
	return b
}

// Moves moves an occurrence, in place of accepting findings.
func (b *WaiverBuilder) Moves(requirement, occurrence, to string) *WaiverBuilder {
	b.clear()
	b.waiver.Spec.Move = &governancev1alpha1.OccurrenceMove{
		Requirement: governancev1alpha1.Key(requirement),
		Occurrence:  governancev1alpha1.Date(occurrence),
		To:          governancev1alpha1.Date(to),
	}
	return b
}

// Skips skips an occurrence, in place of accepting findings.
func (b *WaiverBuilder) Skips(requirement, occurrence string) *WaiverBuilder {
	b.clear()
	b.waiver.Spec.Skip = &governancev1alpha1.OccurrenceSkip{
		Requirement: governancev1alpha1.Key(requirement),
		Occurrence:  governancev1alpha1.Date(occurrence),
	}
	return b
}

func (b *WaiverBuilder) clear() {
	spec := &b.waiver.Spec
	spec.Rules, spec.Until, spec.Move, spec.Skip = nil, nil, nil, nil
}

// ApprovedBy names the approver.
func (b *WaiverBuilder) ApprovedBy(user string) *WaiverBuilder {
	b.waiver.Spec.ApprovedBy = governancev1alpha1.Identity(user)
	return b
}

// ActingFor names the group on whose behalf it was approved.
func (b *WaiverBuilder) ActingFor(group string) *WaiverBuilder {
	b.waiver.Spec.ActingFor = governancev1alpha1.Identity(group)
	return b
}

// ApprovedOn says when it was approved.
func (b *WaiverBuilder) ApprovedOn(when string) *WaiverBuilder {
	b.waiver.Spec.ApprovedAt = instant(when)
	return b
}

// ApprovedAt says at which instant it was approved.
func (b *WaiverBuilder) ApprovedAt(at time.Time) *WaiverBuilder {
	b.waiver.Spec.ApprovedAt = metav1.NewTime(at.UTC())
	return b
}

// Extends names the waiver that is prolonged.
func (b *WaiverBuilder) Extends(name string) *WaiverBuilder {
	b.waiver.Spec.Extends = governancev1alpha1.ObjectName(name)
	return b
}

// Obj gives a Waiver of its own; the builder can go on.
func (b *WaiverBuilder) Obj() *governancev1alpha1.Waiver { return b.waiver.DeepCopy() }
