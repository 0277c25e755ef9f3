package cadence

import (
	"slices"
)

const (
	ledgerAtLeast = 12
	ledgerAtMost  = 60
	ledgerMonths  = 24
)

// add counts a closed entry n times.
func (t *Totals) add(e Entry, n int) {
	if e.ClosedAt.IsZero() {
		return
	}
	switch e.State {
	case Satisfied:
		t.Satisfied += n
	case Late:
		t.Late += n
	case Failed:
		t.Failed += n
	case Gap:
		t.Gap += n
	case Waived:
		t.Waived += n
	}
}

// opened are the periods that belong in the ledger: those that have opened, once there is a base to recompute from.
func (j *judge) opened() []period {
	if !j.base.known {
		return j.periods[:j.frozen]
	}
	for i := range j.periods {
		if j.periods[i].Opens.After(j.now) {
			return j.periods[:i]
		}
	}
	return j.periods
}

// ledger is the bounded list of entries; what it leaves out of the frozen ones is counted in the cut-over.
func (j *judge) ledger(opened []period) []Entry {
	first := firstKept(opened, ledgerAtMost-len(j.extras))
	j.drop(opened[:min(first, j.frozen)])
	entries := make([]Entry, 0, len(opened)-first+len(j.extras))
	for _, p := range opened[first:] {
		entries = append(entries, p.Entry)
	}
	j.markAmended(entries)
	// The order of the others stays as it is: they are read back in it, and a review goes to the first that takes it.
	for _, extra := range j.extras {
		at := slices.IndexFunc(entries, func(e Entry) bool { return e.Opens.After(extra.Opens) })
		if at < 0 {
			at = len(entries)
		}
		entries = slices.Insert(entries, at, extra)
	}
	return entries
}

// firstKept is the index of the first period that the ledger keeps. The months count back from the latest period
// and not from now, so that the ledger changes when something happens and not because time passes.
func firstKept(opened []period, most int) int {
	n := len(opened)
	if n <= ledgerAtLeast {
		return 0
	}
	since := opened[n-1].Due.AddDate(0, -ledgerMonths, 0)
	first := n - ledgerAtLeast
	for first > 0 && n-first < most && !opened[first-1].Due.Before(since) {
		first--
	}
	return first
}

// drop keeps what frozen entries tell that leave the ledger, since no schedule can make them again.
func (j *judge) drop(leaving []period) {
	for i := range leaving {
		p := &leaving[i]
		j.cut.Dropped.add(p.Entry, 1)
		j.cut.InTimeSince = inTimeWith(j.cut.InTimeSince, p.Entry)
		if p.reviewed() {
			j.cut.droppedWith(Held{Name: p.ClosedBy, HeldAt: p.ClosedAt})
		}
		if j.missed(p) {
			j.cut.Missed = earlier(j.cut.Missed, p.Deadline)
		}
	}
}

// droppedWith moves the mark up to which reviews are not placed again.
func (c *CutOver) droppedWith(h Held) {
	if !c.droppedBefore(h) {
		c.DroppedUntil, c.DroppedBy = h.HeldAt, h.Name
	}
}

// droppedBefore says whether a review lies at or before the mark.
func (c *CutOver) droppedBefore(h Held) bool {
	return compareHeld(h, Held{Name: c.DroppedBy, HeldAt: c.DroppedUntil}) <= 0
}

// totals count all periods that have closed, those included that have left the ledger. They are counted before the
// ledger is made, which moves frozen entries from the periods to the cut-over.
func (j *judge) totals(opened []period) Totals {
	var t Totals
	if j.cut != nil {
		t = j.cut.Dropped
	}
	for i := range opened {
		t.add(opened[i].Entry, 1)
	}
	return t
}

// markAmended marks the entries that the previous ledger shows closed in another way, and keeps the mark.
func (j *judge) markAmended(entries []Entry) {
	if j.in.Prev == nil || len(j.in.Prev.Ledger) == 0 {
		return
	}
	before := make(map[string]*Entry, len(j.in.Prev.Ledger))
	for i := range j.in.Prev.Ledger {
		before[j.in.Prev.Ledger[i].ID] = &j.in.Prev.Ledger[i]
	}
	for i := range entries {
		e := &entries[i]
		if old, ok := before[e.ID]; ok {
			e.Amended = old.Amended || (!old.ClosedAt.IsZero() && closedOtherwise(old, e))
		}
	}
}

func closedOtherwise(old, e *Entry) bool {
	return old.ClosedBy != e.ClosedBy || old.State != e.State || !old.ClosedAt.Equal(e.ClosedAt)
}
