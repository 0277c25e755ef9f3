package governance

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
	"github.com/gemba-dev/gemba/internal/status"
)

// lapsesSoon is how long before its end a waiver is announced to lapse.
const lapsesSoon = 14 * 24 * time.Hour

// WaiverInput is all that a verdict on a Waiver needs.
type WaiverInput struct {
	Waiver *governancev1alpha1.Waiver
	// Subject of the waiver; nil where it does not exist.
	Subject *Subject
	// Siblings are all waivers of the namespace for the same subject, the Waiver among them.
	Siblings []governancev1alpha1.Waiver
	// Reviews of the subject.
	Reviews []governancev1alpha1.Review
	// Policy that applies to the subject.
	Policy Policy
	// Cadences that the subject names.
	Cadences Cadences
}

// WaiverVerdict is the answer about a Waiver.
type WaiverVerdict struct {
	Status     governancev1alpha1.WaiverStatus
	NextChange time.Time
}

// JudgeWaiver tells whether a waiver is in force, and why not.
func JudgeWaiver(in WaiverInput, now time.Time) WaiverVerdict {
	verdict := WaiverVerdict{Status: *in.Waiver.Status.DeepCopy()}
	verdict.Status.ObservedGeneration = in.Waiver.Generation
	readiness, next := waiverReadiness(in, now)
	verdict.NextChange = next
	status.SetReady(&verdict.Status.Conditions, readiness, in.Waiver.Generation, now)
	return verdict
}

func waiverReadiness(in WaiverInput, now time.Time) (status.Readiness, time.Time) {
	if in.Subject == nil {
		return status.NotFound(fmt.Sprintf("%s %s does not exist in this namespace: create it, or delete the waiver.",
			KindOf(in.Waiver.Spec.SubjectRef.Kind), in.Waiver.Spec.SubjectRef.Name)), time.Time{}
	}
	if refusal := admitWaiver(in.Waiver, in.Subject, in.Siblings, in.Policy); refusal != nil {
		return status.Readiness{Reason: refusal.reason, Message: refusal.message}, time.Time{}
	}
	if refusal := unknownOccurrence(in, now); refusal != nil {
		return status.Readiness{Reason: refusal.reason, Message: refusal.message}, time.Time{}
	}
	return waiverTerm(in.Waiver, now)
}

// waiverTerm tells where in its term an admitted waiver is.
func waiverTerm(waiver *governancev1alpha1.Waiver, now time.Time) (status.Readiness, time.Time) {
	inForce := status.Readiness{Ready: true, Reason: governancev1alpha1.ReasonInForce, Message: "The waiver is in force."}
	if waiver.Spec.Until == nil {
		return inForce, time.Time{}
	}
	until := waiver.Spec.Until.Time
	announce := until.Add(-lapsesSoon)
	switch {
	case !now.Before(until):
		return status.Readiness{Ready: true, Reason: governancev1alpha1.ReasonLapsed, Message: fmt.Sprintf(
			"The waiver lapsed at %s: what it accepted is a finding again.", rfc3339(until))}, time.Time{}
	case !now.Before(announce):
		return status.Readiness{Ready: true, Reason: governancev1alpha1.ReasonLapsesSoon, Message: fmt.Sprintf(
			"The waiver is in force until %s: remedy what it accepts, or extend it.", rfc3339(until))}, until
	}
	inForce.Message = fmt.Sprintf("The waiver is in force until %s.", rfc3339(until))
	return inForce, announce
}

// admitWaiver tells why a waiver is not accepted under a policy; nil where it is. It is the one judge of waivers, for
// their own status and for the verdicts on their subjects.
func admitWaiver(
	waiver *governancev1alpha1.Waiver, subject *Subject, siblings []governancev1alpha1.Waiver, policy Policy,
) *referenceProblem {
	if refusal := admitAlone(waiver, subject, policy); refusal != nil {
		return refusal
	}
	return admitExtension(waiver, subject, siblings, policy)
}

// admitAlone tells why a waiver is not accepted, whatever others there are; nil where it is.
func admitAlone(
	waiver *governancev1alpha1.Waiver, subject *Subject, policy Policy,
) *referenceProblem {
	approver := speaker{user: waiver.Spec.ApprovedBy, group: waiver.Spec.ActingFor}
	if policy.SeparationOfDuties && approver.owns(subject.Owner) {
		return &referenceProblem{governancev1alpha1.ReasonApproverIsOwner,
			"The owner cannot accept findings about what they own: have somebody else approve the waiver."}
	}
	if approvers := policy.WaiverApprovers(); len(approvers) > 0 && !approver.isAmong(approvers) {
		return &referenceProblem{governancev1alpha1.ReasonNotAnApprover,
			"The policy does not name the approver: have one of its waiverApprovers approve the waiver."}
	}
	for _, waived := range waiver.Spec.Rules {
		if _, known := Rule(waived.Rule); !known {
			return &referenceProblem{governancev1alpha1.ReasonInvalidSpec,
				fmt.Sprintf("%s is no rule: name one that the findings of the subject show.", waived.Rule)}
		}
		if !policy.Waivable(waived.Rule, subject) {
			return &referenceProblem{governancev1alpha1.ReasonNotWaivable, fmt.Sprintf(
				"%s of a KPI that is Fatal cannot be waived: remedy it, or take the rule out of the waiver.", waived.Rule)}
		}
	}
	return admitTerm(waiver, policy)
}

func admitTerm(waiver *governancev1alpha1.Waiver, policy Policy) *referenceProblem {
	if waiver.Spec.Until == nil {
		return nil
	}
	longest := policy.Limits.Waiver.AddTo(cadence.DateIn(waiver.Spec.ApprovedAt.Time, time.UTC), 1)
	if !cadence.DateIn(waiver.Spec.Until.Time, time.UTC).After(longest) {
		return nil
	}
	return &referenceProblem{governancev1alpha1.ReasonTooLong, fmt.Sprintf(
		"The waiver is longer than the %s that the policy allows: let it end by %s.", policy.Limits.Waiver, longest)}
}

// unknownOccurrence tells whether a waiver moves or skips an occurrence that there is not.
func unknownOccurrence(in WaiverInput, now time.Time) *referenceProblem {
	var name governancev1alpha1.Key
	var occurrence governancev1alpha1.Date
	switch {
	case in.Waiver.Spec.Move != nil:
		name, occurrence = in.Waiver.Spec.Move.Requirement, in.Waiver.Spec.Move.Occurrence
	case in.Waiver.Spec.Skip != nil:
		name, occurrence = in.Waiver.Spec.Skip.Requirement, in.Waiver.Spec.Skip.Occurrence
	default:
		return nil
	}
	for _, r := range requirementsOf(in.Subject, in.Policy, in.Cadences) {
		if r.declared.Name == name {
			return occurrenceProblem(in, r, occurrence, now)
		}
	}
	return &referenceProblem{governancev1alpha1.ReasonUnknownOccurrence,
		fmt.Sprintf("The %s has no review requirement %s: name one that its status shows.",
			noun(in.Subject.Kind), name)}
}

func occurrenceProblem(
	in WaiverInput, r requirement, occurrence governancev1alpha1.Date, now time.Time,
) *referenceProblem {
	observed := now
	if in.Subject.Status.ObservedSince != nil {
		observed = in.Subject.Status.ObservedSince.Time
	}
	// With the others in force: where a rolling occurrence is skipped, the next one is counted from it.
	waivers, _ := waiversInForce(in.Subject, in.Siblings, in.Policy, now)
	evaluated := evaluation{
		subject: in.Subject, history: newHistory(in.Reviews, observed, now), waivers: waivers, now: now,
	}
	state, _ := evaluated.evaluate(r)
	day, err := cadence.ParseDate(string(occurrence))
	if err != nil || slices.Contains(state.UnknownOccurrences, day) {
		return &referenceProblem{governancev1alpha1.ReasonUnknownOccurrence, fmt.Sprintf(
			"%s is no occurrence of %s: name the nominal date of one, as status.reviews[].current.nominal shows it.",
			occurrence, r.declared.Name)}
	}
	if slices.Contains(state.InvalidMoves, day) {
		return &referenceProblem{governancev1alpha1.ReasonInvalidSpec, fmt.Sprintf(
			"The occurrence %s of %s cannot move there: move it to a day before the next occurrence.",
			occurrence, r.declared.Name)}
	}
	return nil
}

// waiversInForce gives the waivers of a subject that are accepted and have not lapsed, by name, and when the first of
// them lapses.
func waiversInForce(
	subject *Subject, waivers []governancev1alpha1.Waiver, policy Policy, now time.Time,
) (inForce []governancev1alpha1.Waiver, next time.Time) {
	for i := range waivers {
		waiver := &waivers[i]
		if waiver.DeletionTimestamp != nil || admitWaiver(waiver, subject, waivers, policy) != nil {
			continue
		}
		if until := waiver.Spec.Until; until != nil {
			if !now.Before(until.Time) {
				continue
			}
			next = earlier(next, until.Time)
		}
		inForce = append(inForce, *waiver)
	}
	slices.SortFunc(inForce, func(a, b governancev1alpha1.Waiver) int { return cmp.Compare(a.Name, b.Name) })
	return inForce, next
}

func itoa(number int32) string {
	return strconv.FormatInt(int64(number), 10)
}
