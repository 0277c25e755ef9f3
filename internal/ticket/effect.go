package ticket

import (
	"fmt"
	"slices"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// IsAboutNumber is true for a Remediation of a finding that only a number which has become good clears, and for that of a group
// about one KPI which has such a finding, or had one when its effect began.
func IsAboutNumber(remediation *v1alpha1.Remediation) bool {
	group := remediation.Spec.Group
	if group == nil {
		identity := IdentityOf(remediation)
		return textOf(identity.Kind, identity.Rule).number
	}
	if group.SubjectRef == nil || governance.KindOf(group.SubjectRef.Kind) != v1alpha1.KindKPI {
		return false
	}
	return remediation.Status.Effect != nil || slices.ContainsFunc(standingOf(remediation.Status.Findings), func(f v1alpha1.RemediedFinding) bool {
		return textOf(f.Kind, f.Rule).number
	})
}

// EffectOf is what a remediation has done to a KPI so far: before keeps the value with which it began, after is the value with
// which it was verified, and is taken back where the finding returns. A nil effect begins.
func EffectOf(so *v1alpha1.Effect, measured *governance.Subject, verdict Verdict) *v1alpha1.Effect {
	effect := &v1alpha1.Effect{KPI: v1alpha1.ObjectName(measured.Name), Unit: measured.Unit, Before: measured.Value}
	if so != nil {
		effect = so.DeepCopy()
	}
	switch {
	case verdict.Gone == "":
		effect.After = nil
	case verdict.Gone == v1alpha1.ReasonFindingGone && verdict.Verified && effect.After == nil:
		effect.After = measured.Value
	}
	return effect
}

// EffectText says what has become of the number, for people to be proud of; empty where it is not known.
func EffectText(remediation *v1alpha1.Remediation) string {
	effect := remediation.Status.Effect
	if effect == nil || effect.Before == nil || effect.After == nil {
		return ""
	}
	unit := ""
	if effect.Unit != "" {
		unit = " " + oneLine(effect.Unit)
	}
	return fmt.Sprintf("The effect: %s was %s%s when this began, and is %s%s now. Thank you.",
		effect.KPI, *effect.Before, unit, *effect.After, unit)
}
