package governance

import (
	"fmt"
	"time"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

// Cadences are the ReviewCadences of the cluster by name, at least those that the subject and its policy name.
type Cadences map[string]*governancev1alpha1.ReviewCadence

// requirement is a review requirement of a subject with all that judging it needs.
type requirement struct {
	declared governancev1alpha1.ReviewRequirement
	// schedule is nil where it cannot be computed; problem then says why.
	schedule *cadence.Schedule
	problem  *referenceProblem
	// limit on the elapsed time between two full reviews; zero for other types.
	limit cadence.Period
	// approvals that a review needs.
	approvals int
}

// referenceProblem says why a reference of a subject cannot be used.
type referenceProblem struct {
	reason, message string
}

// full tells whether the requirement is one for full reviews.
func (r requirement) full() bool {
	return r.declared.Type == governancev1alpha1.ReviewFull
}

// requirementsOf gives the review requirements of a subject: those declared, and the full review that is always needed.
func requirementsOf(subject *Subject, policy Policy, cadences Cadences) []requirement {
	declared := subject.Reviews
	if !hasFull(declared) {
		implied := governancev1alpha1.ReviewRequirement{
			Name: governancev1alpha1.RequirementFull, Type: governancev1alpha1.ReviewFull,
		}
		if name := policy.DefaultCadence(subject.Kind); name != "" {
			implied.CadenceRef = &governancev1alpha1.ClusterReference{Name: governancev1alpha1.ObjectName(name)}
		} else {
			implied.Every = governancev1alpha1.Period(policy.ReviewInterval(subject).String())
		}
		declared = append([]governancev1alpha1.ReviewRequirement{implied}, declared...)
	}
	requirements := make([]requirement, 0, len(declared))
	for _, one := range declared {
		requirements = append(requirements, newRequirement(one, subject, policy, cadences))
	}
	return requirements
}

func hasFull(declared []governancev1alpha1.ReviewRequirement) bool {
	for _, one := range declared {
		if one.Type == governancev1alpha1.ReviewFull || one.Type == "" {
			return true
		}
	}
	return false
}

func newRequirement(
	declared governancev1alpha1.ReviewRequirement, subject *Subject, policy Policy, cadences Cadences,
) requirement {
	if declared.Type == "" {
		declared.Type = governancev1alpha1.ReviewFull
	}
	built := requirement{declared: declared, approvals: max(1, int(declared.MinApprovals))}
	if built.full() {
		built.limit = policy.ReviewInterval(subject)
		built.approvals = max(built.approvals, policy.MinApprovals(subject))
	}
	built.schedule, built.problem = scheduleOf(declared, cadences)
	return built
}

func scheduleOf(
	declared governancev1alpha1.ReviewRequirement, cadences Cadences,
) (*cadence.Schedule, *referenceProblem) {
	if declared.CadenceRef == nil {
		schedule, err := compileEvery(declared.Every)
		if err != nil {
			return nil, &referenceProblem{governancev1alpha1.ReasonInvalidSpec,
				fmt.Sprintf("requirement %s: %v", declared.Name, err)}
		}
		return schedule, nil
	}
	name := string(declared.CadenceRef.Name)
	found, exists := cadences[name]
	if !exists {
		return nil, &referenceProblem{governancev1alpha1.ReasonReferenceNotFound,
			fmt.Sprintf("ReviewCadence %s of requirement %s does not exist: create it or name another one",
				name, declared.Name)}
	}
	schedule, err := CompileCadence(&found.Spec)
	if err != nil {
		return nil, &referenceProblem{governancev1alpha1.ReasonReferenceNotReady,
			fmt.Sprintf("ReviewCadence %s of requirement %s cannot be used: %v", name, declared.Name, err)}
	}
	return schedule, nil
}

// evaluation is all that the periods of a subject's requirements depend on.
type evaluation struct {
	subject *Subject
	history history
	waivers []governancev1alpha1.Waiver
	now     time.Time
}

// evaluate judges one requirement, given what the status said of it before; change is the change of text that an extra
// period answers, nil where there is none.
func (e evaluation) evaluate(r requirement) (state cadence.State, change *governancev1alpha1.SubjectChange) {
	stored := storedRequirement(e.subject, r.declared.Name)
	change = e.changeFor(r, stored)
	input := cadence.Input{
		Requirement:    cadence.Requirement{Schedule: r.schedule, Full: r.full(), Limit: r.limit},
		InEffectSince:  e.inEffectSince(),
		EarliestReview: e.history.earliest(),
		FullHeld:       e.history.fullHeld(),
		Held:           e.history.held(r),
		ObservedSince:  e.observedSince(),
		Change:         cadenceChange(r, change),
		Prev:           stateOf(stored),
	}
	input.Moves, input.Skips = occurrenceWaivers(e.waivers, r.declared.Name)
	return cadence.Evaluate(input, e.now), change
}

// observedSince is when this cluster first saw the subject: now, on the first pass.
func (e evaluation) observedSince() time.Time {
	if e.subject.Status.ObservedSince == nil {
		return e.now
	}
	return e.subject.Status.ObservedSince.Time
}

// inEffectSince is the declared day, or the day on which the subject was first observed where that is earlier: what is
// judged is in effect, whatever day in the future it declares.
func (e evaluation) inEffectSince() *cadence.Date {
	declared, err := cadence.ParseDate(string(e.subject.InEffectSince))
	if err != nil {
		return nil
	}
	observed := cadence.DateIn(e.observedSince(), time.UTC)
	if observed.Before(declared) {
		return &observed
	}
	return &declared
}

// changeFor tells whether the text differs from the one that the last counted review of the requirement approved, and
// since when that has been seen. Another edit before that review does not put it off.
func (e evaluation) changeFor(
	r requirement, stored *governancev1alpha1.RequirementStatus,
) *governancev1alpha1.SubjectChange {
	if r.declared.OnChange == nil || r.declared.OnChange.Action != governancev1alpha1.ChangeReviewed {
		return nil
	}
	last := e.history.last(r)
	if last == nil || last.Status.Counted.Digest == e.subject.Digest {
		return nil
	}
	since := timestamp(e.now)
	if stored != nil && stored.Change != nil && !stored.Change.Since.Before(&last.Spec.HeldAt) {
		since = stored.Change.Since
	}
	return &governancev1alpha1.SubjectChange{Digest: e.subject.Digest, Since: since}
}

func cadenceChange(r requirement, change *governancev1alpha1.SubjectChange) *cadence.Change {
	if change == nil {
		return nil
	}
	within, err := cadence.ParsePeriod(string(r.declared.OnChange.Within))
	if err != nil {
		return nil
	}
	due := within.AddTo(cadence.DateIn(change.Since.Time, time.UTC), 1)
	return &cadence.Change{
		Key:   shortDigest(change.Digest),
		Since: change.Since.Time,
		Due:   time.Date(due.Year, due.Month, due.Day, 23, 59, 59, 0, time.UTC),
	}
}

// shortDigest gives the last twelve digits of a digest.
func shortDigest(digest governancev1alpha1.Digest) string {
	return string(digest[max(0, len(digest)-12):])
}

// occurrenceWaivers gives the moved and skipped occurrences of a requirement. The waivers are those in force.
func occurrenceWaivers(
	waivers []governancev1alpha1.Waiver, requirement governancev1alpha1.Key,
) (moves map[cadence.Date]cadence.Date, skips map[cadence.Date]bool) {
	for i := range waivers {
		spec := &waivers[i].Spec
		if spec.Move != nil && spec.Move.Requirement == requirement {
			moves = addMove(moves, spec.Move)
		}
		if spec.Skip != nil && spec.Skip.Requirement == requirement {
			skips = addSkip(skips, spec.Skip)
		}
	}
	return moves, skips
}

func addMove(moves map[cadence.Date]cadence.Date, move *governancev1alpha1.OccurrenceMove) map[cadence.Date]cadence.Date {
	from, errFrom := cadence.ParseDate(string(move.Occurrence))
	to, errTo := cadence.ParseDate(string(move.To))
	if errFrom != nil || errTo != nil {
		return moves
	}
	if moves == nil {
		moves = make(map[cadence.Date]cadence.Date)
	}
	moves[from] = to
	return moves
}

func addSkip(skips map[cadence.Date]bool, skip *governancev1alpha1.OccurrenceSkip) map[cadence.Date]bool {
	day, err := cadence.ParseDate(string(skip.Occurrence))
	if err != nil {
		return skips
	}
	if skips == nil {
		skips = make(map[cadence.Date]bool)
	}
	skips[day] = true
	return skips
}
