package governance

import (
	"fmt"
	"time"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

// decisionPending finds what counted reviews decided and what is not done: steps to change or to remove, actions, a
// subject to retire. It stands from when the oldest of those reviews was held.
func decisionPending(s *view) []found {
	var pending pendingDecisions
	for i, review := range s.history.reviews {
		later := s.history.after(i)
		pending.addVerdicts(s, review, later)
		pending.addActions(review, later)
		pending.addRetirement(review, later)
	}
	message := pending.message(s.subject.Kind)
	if message == "" {
		return nil
	}
	finding := found{since: pending.since, message: message}
	due := s.policy.Limits.ActOnReviewWithin.AddTo(cadence.DateIn(pending.since, time.UTC), 1)
	late := time.Date(due.Year, due.Month, due.Day, 23, 59, 59, 0, time.UTC).Add(time.Second)
	if s.now.Before(late) {
		finding.changes = late
		finding.severity = governancev1alpha1.SeverityLow
		return []found{finding}
	}
	finding.severity = s.policy.Severity(governancev1alpha1.RuleDecisionPending, governancev1alpha1.SeverityMedium)
	return []found{finding}
}

// pendingDecisions collects what is not done.
type pendingDecisions struct {
	since                   time.Time
	change, remove, actions []string
	retire                  bool
}

func (p *pendingDecisions) stands(from time.Time) {
	if p.since.IsZero() || from.Before(p.since) {
		p.since = from
	}
}

func (p *pendingDecisions) addVerdicts(s *view, review *governancev1alpha1.Review, later []*governancev1alpha1.Review) {
	for _, verdict := range review.Spec.Verdicts {
		if verdict.Verdict == governancev1alpha1.VerdictKeep || keptLater(verdict.Step, later) {
			continue
		}
		step := stepOf(s.subject, verdict.Step)
		if step == nil || isProven(s, review, verdict, step) {
			continue
		}
		p.stands(review.Spec.HeldAt.Time)
		if verdict.Verdict == governancev1alpha1.VerdictRemove {
			p.remove = appendNew(p.remove, string(verdict.Step))
			continue
		}
		p.change = appendNew(p.change, string(verdict.Step))
	}
}

// isProven tells whether the declaration shows that a step that is still there was changed as asked. Of a review that
// is older than the cluster's knowledge of the subject it is known only where the review says what text it read.
func isProven(
	s *view, review *governancev1alpha1.Review, verdict governancev1alpha1.StepVerdict, step *governancev1alpha1.Step,
) bool {
	if verdict.Verdict == governancev1alpha1.VerdictRemove {
		return false
	}
	counted := review.Status.Counted
	if isOld(review, s.history.observedSince) && review.Spec.SubjectDigest != counted.Digest {
		return true
	}
	for _, approved := range counted.Steps {
		if approved.Step == verdict.Step {
			return approved.Digest != StepDigest(step)
		}
	}
	return false
}

func keptLater(step governancev1alpha1.Key, later []*governancev1alpha1.Review) bool {
	for _, review := range later {
		for _, verdict := range review.Spec.Verdicts {
			if verdict.Step == step && verdict.Verdict == governancev1alpha1.VerdictKeep {
				return true
			}
		}
	}
	return false
}

func (p *pendingDecisions) addActions(review *governancev1alpha1.Review, later []*governancev1alpha1.Review) {
	for _, action := range review.Spec.Actions {
		if isDone(review.Name, action.Name, later) {
			continue
		}
		p.stands(review.Spec.HeldAt.Time)
		p.actions = appendNew(p.actions, review.Name+"/"+string(action.Name))
	}
}

func isDone(review string, action governancev1alpha1.Key, later []*governancev1alpha1.Review) bool {
	for _, other := range later {
		for _, done := range other.Spec.ActionsDone {
			if string(done.Review) == review && done.Action == action {
				return true
			}
		}
	}
	return false
}

// addRetirement notes a subject that a full review told to retire and that no later one approved. Its retirement ends
// all judging, so that it need not be looked at here.
func (p *pendingDecisions) addRetirement(review *governancev1alpha1.Review, later []*governancev1alpha1.Review) {
	if review.Spec.Outcome != governancev1alpha1.OutcomeRetire || approvedLater(later) {
		return
	}
	p.stands(review.Spec.HeldAt.Time)
	p.retire = true
}

func approvedLater(later []*governancev1alpha1.Review) bool {
	for _, review := range later {
		if isFull(review) && review.Spec.Outcome == governancev1alpha1.OutcomeApproved {
			return true
		}
	}
	return false
}

func (p *pendingDecisions) message(kind governancev1alpha1.SubjectKind) string {
	retire := ""
	if p.retire {
		retire = "retire the " + noun(kind)
	}
	parts := joinParts(retire, part("remove", p.remove), part("change", p.change), part("do", p.actions))
	if parts == "" {
		return ""
	}
	return fmt.Sprintf("Reviews decided what is not done yet: %s. Do it, or have a later review decide otherwise.", parts)
}

func stepOf(subject *Subject, name governancev1alpha1.Key) *governancev1alpha1.Step {
	for i := range subject.Steps {
		if subject.Steps[i].Name == name {
			return &subject.Steps[i]
		}
	}
	return nil
}

func appendNew(names []string, name string) []string {
	for _, known := range names {
		if known == name {
			return names
		}
	}
	return append(names, name)
}
