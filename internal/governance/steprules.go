package governance

import (
	"fmt"
	"strings"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// namedSteps is how many steps a message names before it counts the rest.
const namedSteps = 5

// stepUnjustified finds steps without a why, and steps that were added or changed since the last full review without a
// verdict that asked for the change.
func stepUnjustified(s *processView) []found {
	approved := approvedSteps(s.history)
	asked := changesAsked(s.history)
	var without, added, changed []string
	for i := range s.process.Spec.Steps {
		step := &s.process.Spec.Steps[i]
		before, known := approved[step.Name]
		switch {
		case step.Why == "":
			without = append(without, string(step.Name))
		case approved == nil:
		case !known:
			added = append(added, string(step.Name))
		case before != StepDigest(step) && !asked[step.Name]:
			changed = append(changed, string(step.Name))
		}
	}
	parts := joinParts(
		part("without a why", without), part("added since the last full review", added),
		part("changed since the last full review", changed))
	if parts == "" {
		return nil
	}
	return []found{{message: "Nobody has justified these steps: " + parts + ". Say why, or review them."}}
}

// approvedSteps gives the digests of the steps as the last full review approved them; nil where there is none.
func approvedSteps(h history) map[governancev1alpha1.Key]governancev1alpha1.Digest {
	last := h.lastFull()
	if last == nil {
		return nil
	}
	approved := make(map[governancev1alpha1.Key]governancev1alpha1.Digest, len(last.Status.Counted.Steps))
	for _, step := range last.Status.Counted.Steps {
		approved[step.Step] = step.Digest
	}
	return approved
}

// changesAsked gives the steps that the last full review, one counted together with it, or one since told to change.
func changesAsked(h history) map[governancev1alpha1.Key]bool {
	asked := make(map[governancev1alpha1.Key]bool)
	last := h.lastFull()
	if last == nil {
		return asked
	}
	group := groupKey(last)
	for _, review := range h.reviews {
		if review.Spec.HeldAt.Before(&last.Spec.HeldAt) && groupKey(review) != group {
			continue
		}
		for _, verdict := range review.Spec.Verdicts {
			if verdict.Verdict == governancev1alpha1.VerdictChange {
				asked[verdict.Step] = true
			}
		}
	}
	return asked
}

// part names at most five things and counts the rest; empty for none.
func part(label string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	if len(names) <= namedSteps {
		return label + ": " + strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s: %s and %d more", label, strings.Join(names[:namedSteps], ", "), len(names)-namedSteps)
}

func joinParts(parts ...string) string {
	var said []string
	for _, one := range parts {
		if one != "" {
			said = append(said, one)
		}
	}
	return strings.Join(said, "; ")
}

// authorityGap finds decision steps where nobody may decide, or whose highest limit escalates to nobody.
func authorityGap(s *processView) []found {
	var nobody, open []string
	for i := range s.process.Spec.Steps {
		step := &s.process.Spec.Steps[i]
		switch {
		case !step.Decision:
		case len(step.Authority) == 0:
			nobody = append(nobody, string(step.Name))
		case endsNowhere(step.Authority):
			open = append(open, string(step.Name))
		}
	}
	parts := joinParts(part("nobody may decide in", nobody), part("nobody decides above the highest limit in", open))
	if parts == "" {
		return nil
	}
	return []found{{message: "Customers can be refused for lack of authority: " + parts + ". Say who decides."}}
}

// endsNowhere tells whether the highest limit of some unit escalates to nobody. A role without limit decides all.
func endsNowhere(authority []governancev1alpha1.Authority) bool {
	highest := make(map[string]governancev1alpha1.Authority)
	for _, one := range authority {
		if one.Limit == nil {
			return false
		}
		before, seen := highest[one.Unit]
		if !seen || exceeds(*one.Limit, *before.Limit) {
			highest[one.Unit] = one
		}
	}
	for _, one := range highest {
		if one.EscalatesTo == "" {
			return true
		}
	}
	return false
}

// exceeds compares two decimals; what is not a decimal exceeds nothing.
func exceeds(a, b governancev1alpha1.Decimal) bool {
	left, okLeft := a.Rat()
	right, okRight := b.Rat()
	return okLeft && okRight && left.Cmp(right) > 0
}
