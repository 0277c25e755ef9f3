package sampling

import (
	"container/heap"
	"time"
)

// turn is one thing to ask that waits for its time in the queue of a lane, or is under way.
type turn struct {
	group *group
	// past is what to fetch; nil where a value is to be asked for.
	past *past
	due  time.Time
	// place in the queue, counted from one; zero while it is in none.
	place    int
	underWay bool
}

// queue holds turns by the time they are due. Its zero value is empty.
type queue []*turn

// put makes a turn due at a time, by the clock on the wall: it counts also while the machine sleeps. A turn that is
// under way is left alone: it is put back when it is done.
func (q *queue) put(t *turn, due time.Time) {
	due = due.Round(0)
	switch {
	case t.underWay:
	case t.place > 0:
		t.due = due
		heap.Fix(q, t.place-1)
	default:
		t.due = due
		heap.Push(q, t)
	}
}

// hasten makes a turn due at a time, unless it is due before anyway.
func (q *queue) hasten(t *turn, due time.Time) {
	if t.place == 0 || due.Before(t.due) {
		q.put(t, due)
	}
}

// drop takes a turn out, if it is in.
func (q *queue) drop(t *turn) {
	if t.place > 0 {
		heap.Remove(q, t.place-1)
	}
}

// first is the turn that is due first; nil where there is none.
func (q *queue) first() *turn {
	if len(*q) == 0 {
		return nil
	}
	return (*q)[0]
}

// Len implements heap.Interface.
func (q *queue) Len() int { return len(*q) }

// Less implements heap.Interface. Among those due at the same time the key decides, so that the order is always the
// same.
func (q *queue) Less(i, j int) bool {
	a, b := (*q)[i], (*q)[j]
	if a.due.Equal(b.due) {
		return a.group.key < b.group.key
	}
	return a.due.Before(b.due)
}

// Swap implements heap.Interface.
func (q *queue) Swap(i, j int) {
	turns := *q
	turns[i], turns[j] = turns[j], turns[i]
	turns[i].place, turns[j].place = i+1, j+1
}

// Push implements heap.Interface.
func (q *queue) Push(x any) {
	if t, ok := x.(*turn); ok {
		*q = append(*q, t)
		t.place = len(*q)
	}
}

// Pop implements heap.Interface.
func (q *queue) Pop() any {
	turns := *q
	last := turns[len(turns)-1]
	turns[len(turns)-1] = nil
	*q = turns[:len(turns)-1]
	last.place = 0
	return last
}
