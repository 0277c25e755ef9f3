package governance

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

// history is what counts among the Reviews of one subject, the oldest first.
type history struct {
	// reviews that count.
	reviews []*governancev1alpha1.Review
	// observedSince is when this cluster first saw the subject; zero where that is now.
	observedSince time.Time
}

// newHistory keeps the reviews that count at an instant: those that are recorded as counted and, where several
// approvals were counted together, all of them are still there. A withdrawal takes effect at once.
func newHistory(reviews []governancev1alpha1.Review, observedSince, now time.Time) history {
	standing := make(map[governancev1alpha1.ObjectName]bool, len(reviews))
	for i := range reviews {
		standing[governancev1alpha1.ObjectName(reviews[i].Name)] = reviews[i].Spec.Withdrawn == nil
	}
	counts := history{observedSince: observedSince}
	for i := range reviews {
		review := &reviews[i]
		if isCounted(review) && allStand(review.Status.Counted.With, standing) && !review.Spec.HeldAt.After(now) {
			counts.reviews = append(counts.reviews, review)
		}
	}
	slices.SortFunc(counts.reviews, func(a, b *governancev1alpha1.Review) int {
		return cmp.Or(a.Spec.HeldAt.Compare(b.Spec.HeldAt.Time), cmp.Compare(a.Name, b.Name))
	})
	return counts
}

// isCounted tells whether a review was counted and not withdrawn since.
func isCounted(review *governancev1alpha1.Review) bool {
	return review.Spec.Withdrawn == nil && review.Status.Counted != nil &&
		meta.IsStatusConditionTrue(review.Status.Conditions, governancev1alpha1.ConditionCounted)
}

func allStand(names []governancev1alpha1.ObjectName, standing map[governancev1alpha1.ObjectName]bool) bool {
	return !slices.ContainsFunc(names, func(name governancev1alpha1.ObjectName) bool { return !standing[name] })
}

// isOld tells whether a review was held before this cluster first saw its subject, so that neither today's text nor
// today's list of reviewers is held against it. What was decided once stands: a subject that is deleted and declared
// again is first seen again, and that shall not make a refused review count.
func isOld(review *governancev1alpha1.Review, observedSince time.Time) bool {
	if decided := review.Status.PredatesSubject; decided != nil {
		return *decided
	}
	return review.Spec.HeldAt.Time.Before(observedSince)
}

// held gives the counted reviews of one requirement, those that were counted together as one.
func (h history) held(r requirement) []cadence.Held {
	return h.groups(func(review *governancev1alpha1.Review) bool { return answers(review, r) })
}

// answers tells whether a counted review is one of a requirement. What was counted as another type is no full review,
// also where the requirement was made one since.
func answers(review *governancev1alpha1.Review, r requirement) bool {
	return review.Status.Counted.Requirement == r.declared.Name && (isFull(review) || !r.full())
}

// fullHeld gives when full reviews were held, under any requirement.
func (h history) fullHeld() []time.Time {
	groups := h.groups(isFull)
	instants := make([]time.Time, 0, len(groups))
	for _, group := range groups {
		instants = append(instants, group.HeldAt)
	}
	return instants
}

func (h history) groups(belongs func(*governancev1alpha1.Review) bool) []cadence.Held {
	index := make(map[string]int)
	var held []cadence.Held
	for _, review := range h.reviews {
		if !belongs(review) {
			continue
		}
		one := cadence.Held{Name: review.Name, HeldAt: review.Spec.HeldAt.Time, Outcome: outcomeOf(review)}
		key := groupKey(review)
		at, seen := index[key]
		if !seen {
			index[key] = len(held)
			held = append(held, one)
			continue
		}
		held[at] = together(held[at], one)
	}
	return held
}

func groupKey(review *governancev1alpha1.Review) string {
	if len(review.Status.Counted.With) < 2 {
		return review.Name
	}
	names := make([]string, 0, len(review.Status.Counted.With))
	for _, name := range review.Status.Counted.With {
		names = append(names, string(name))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// together counts a later approval with those before it: the latest instant, the worst outcome.
func together(group, later cadence.Held) cadence.Held {
	if len(group.Members) == 0 {
		group.Members = []string{group.Name}
	}
	group.Members = append(group.Members, later.Name)
	group.Name, group.HeldAt = later.Name, later.HeldAt
	if outcomeRank[later.Outcome] > outcomeRank[group.Outcome] {
		group.Outcome = later.Outcome
	}
	return group
}

var outcomeRank = map[cadence.Outcome]int{cadence.Approved: 0, cadence.ChangesRequired: 1, cadence.Retire: 2}

// outcomeOf gives the outcome of a review; a contact or a walk that names none approves.
func outcomeOf(review *governancev1alpha1.Review) cadence.Outcome {
	if review.Spec.Outcome == "" {
		return cadence.Approved
	}
	return cadence.Outcome(review.Spec.Outcome)
}

func isFull(review *governancev1alpha1.Review) bool {
	return review.Status.Counted.Type == governancev1alpha1.ReviewFull
}

// lastFull gives the last counted full review; nil where there is none.
func (h history) lastFull() *governancev1alpha1.Review {
	for i := len(h.reviews) - 1; i >= 0; i-- {
		if isFull(h.reviews[i]) {
			return h.reviews[i]
		}
	}
	return nil
}

// after gives the reviews that were held after one; those that were counted together with it are not later ones.
func (h history) after(index int) []*governancev1alpha1.Review {
	later := h.reviews[index+1:]
	if len(h.reviews[index].Status.Counted.With) < 2 {
		return later
	}
	key := groupKey(h.reviews[index])
	return slices.DeleteFunc(slices.Clone(later), func(review *governancev1alpha1.Review) bool {
		return groupKey(review) == key
	})
}

// last gives the last counted review of a requirement; nil where there is none.
func (h history) last(r requirement) *governancev1alpha1.Review {
	for i := len(h.reviews) - 1; i >= 0; i-- {
		if answers(h.reviews[i], r) {
			return h.reviews[i]
		}
	}
	return nil
}

// earliest gives when the subject was first reviewed under any requirement; nil where it never was.
func (h history) earliest() *time.Time {
	if len(h.reviews) == 0 {
		return nil
	}
	return &h.reviews[0].Spec.HeldAt.Time
}

// markCounted makes a copy of a review look as it will once it is counted.
func markCounted(review *governancev1alpha1.Review, record *governancev1alpha1.CountedRecord) {
	review.Status.Counted = record.DeepCopy()
	meta.SetStatusCondition(&review.Status.Conditions, metav1.Condition{
		Type: governancev1alpha1.ConditionCounted, Status: metav1.ConditionTrue, Reason: governancev1alpha1.ReasonCounted,
	})
}
