package cadence

import (
	"strings"
	"time"
)

const extraPrefix = "change-"

// isExtra says whether the identifier is that of an extra period.
func isExtra(id string) bool { return strings.HasPrefix(id, extraPrefix) }

// judgeExtra finds the extra period of a change. Closed ones are kept from the previous ledger, since nothing tells
// of a change that was approved; one whose change went away without a review is dropped.
func (j *judge) judgeExtra() {
	if c := j.in.Change; c != nil && !wholeSecond(c.Since).After(j.now) {
		current := Entry{ID: extraPrefix + c.Key, Opens: wholeSecond(c.Since), Due: wholeSecond(c.Due)}
		j.keepExtras(current)
		j.openExtra(current)
		return
	}
	j.keepExtras(Entry{})
}

// keepExtras takes over the closed extra periods of the previous state, but the one that is judged anew. Of those that leave it
// keeps that they broke a row.
func (j *judge) keepExtras(current Entry) {
	prev := j.in.Prev
	if prev == nil {
		return
	}
	j.inTimeAfter = prev.InTimeAfter
	for _, e := range prev.Ledger {
		switch {
		case !isExtra(e.ID):
		case e.ID != current.ID:
			j.extras = append(j.extras, e)
		case !e.Opens.Equal(current.Opens):
			// The same text has come once more, and takes the place of the first time.
			j.leave(e)
		}
	}
	if prev.Extra != nil && prev.Extra.ID != current.ID {
		if e := j.closeExtra(*prev.Extra); !e.ClosedAt.IsZero() {
			j.extras = append(j.extras, e)
		}
	}
	if surplus := len(j.extras) - ledgerAtLeast; surplus > 0 {
		j.leave(j.extras[:surplus]...)
		j.extras = j.extras[surplus:]
	}
}

// leave keeps of extra periods that leave the ledger that they broke a row.
func (j *judge) leave(extras ...Entry) {
	j.inTimeAfter = later(j.inTimeAfter, lastUnpunctual(extras))
}

func (j *judge) openExtra(e Entry) {
	e.Deadline = e.Due
	e = j.closeExtra(e)
	if !e.ClosedAt.IsZero() {
		j.extras = append(j.extras, e)
		return
	}
	e.State = Open
	if j.now.After(e.Deadline) {
		e.State = Overdue
	}
	j.extra = &e
}

// closeExtra lets the first review since the change close the extra period, whatever else that review counts for.
func (j *judge) closeExtra(e Entry) Entry {
	for _, h := range j.held {
		if h.HeldAt.Before(wholeSecond(e.Opens)) {
			continue
		}
		p := period{Entry: e}
		p.take(h)
		p.State = verdictOf(&p)
		return p.Entry
	}
	return e
}

// extraMissed is the deadline of the extra period if it has passed, else zero.
func (j *judge) extraMissed() time.Time {
	if j.extra == nil || j.extra.State != Overdue {
		return time.Time{}
	}
	return j.extra.Deadline
}
