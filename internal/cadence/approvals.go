package cadence

import (
	"cmp"
	"slices"
	"time"
)

// approvalDays is how far apart the first and the last approval of a group may be.
const approvalDays = 30

// Approval is one review that asks to be counted under a requirement.
type Approval struct {
	Name     string
	Reviewer string
	// Digest of the text that was reviewed: only approvals of the same text latch together.
	Digest  string
	HeldAt  time.Time
	Outcome Outcome
	// LatchedWith is the Held.Name of the group the approval was counted in, as recorded by the caller; empty: none yet.
	LatchedWith string
}

// Group latches approvals together: n by distinct reviewers of the same text within 30 days count as one review, at
// the instant of the latest and with the worst outcome. Further approvals by the same reviewers in that time go with
// them. A group that was latched stays as it is, unless fewer than n reviewers remain in it: then its approvals wait
// again with the others. The names of those that wait are returned in order, the groups by time.
func Group(approvals []Approval, n int) (counted []Held, waiting []string) {
	latched, pool := latchedGroups(approvals, n)
	fresh, left := freshGroups(pool, n)
	for _, group := range append(latched, fresh...) {
		counted = append(counted, heldTogether(group))
	}
	for _, a := range left {
		waiting = append(waiting, a.Name)
	}
	slices.Sort(waiting)
	slices.SortFunc(counted, compareHeld)
	return counted, waiting
}

// latchedGroups takes out the groups that still have their n reviewers; everything else is the pool.
func latchedGroups(approvals []Approval, n int) (groups [][]Approval, pool []Approval) {
	byName := map[string][]Approval{}
	for _, a := range sortedApprovals(approvals) {
		byName[a.LatchedWith] = append(byName[a.LatchedWith], a)
	}
	for name, members := range byName {
		if name != "" && reviewers(members) >= n {
			groups = append(groups, members)
			continue
		}
		pool = append(pool, members...)
	}
	return groups, sortedApprovals(pool)
}

// freshGroups goes through the pool in time and latches as soon as n reviewers of one text are together.
func freshGroups(pool []Approval, n int) (groups [][]Approval, left []Approval) {
	open := map[string][]Approval{}
	for _, a := range pool {
		together := slices.Concat(open[a.Digest], []Approval{a})
		recent := slices.IndexFunc(together, func(b Approval) bool {
			return !b.HeldAt.UTC().AddDate(0, 0, approvalDays).Before(a.HeldAt)
		})
		left = append(left, together[:recent]...)
		together = together[recent:]
		if reviewers(together) >= n {
			groups = append(groups, together)
			together = nil
		}
		open[a.Digest] = together
	}
	for _, waiting := range open {
		left = append(left, waiting...)
	}
	return groups, left
}

func sortedApprovals(approvals []Approval) []Approval {
	return slices.SortedFunc(slices.Values(approvals), func(a, b Approval) int {
		return cmp.Or(a.HeldAt.Compare(b.HeldAt), cmp.Compare(a.Name, b.Name))
	})
}

// reviewers counts the distinct ones.
func reviewers(approvals []Approval) int {
	distinct := map[string]bool{}
	for _, a := range approvals {
		distinct[a.Reviewer] = true
	}
	return len(distinct)
}

// heldTogether makes one event of a group that is sorted by time.
func heldTogether(group []Approval) Held {
	latest := group[len(group)-1]
	h := Held{Name: latest.Name, HeldAt: latest.HeldAt, Outcome: Approved}
	for _, a := range group {
		if severity[a.Outcome] > severity[h.Outcome] {
			h.Outcome = a.Outcome
		}
		if len(group) > 1 {
			h.Members = append(h.Members, a.Name)
		}
	}
	return h
}

// severity orders outcomes; one that is not known is as good as Approved.
var severity = map[Outcome]int{ChangesRequired: 1, Retire: 2}
