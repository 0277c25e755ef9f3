package cadence

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

const rollingPrefix = "from-"

// isRolling says whether the identifier is that of a Completion period.
func isRolling(id string) bool { return strings.HasPrefix(id, rollingPrefix) }

// roller makes one Completion period after the other.
type roller struct {
	j *judge
	// start is the instant that the next period counts from, day the date that its length is added to.
	start time.Time
	day   Date
	// named is the day that the last period is named after, count how many are.
	named Date
	count int
}

// unfoldCompletion lets each review close the period that is running and start the next.
func (j *judge) unfoldCompletion() {
	j.periods = slices.Grow(j.periods, len(j.held)+len(j.in.Skips)+1)
	r := roller{j: j}
	r.restart(j.rollingStart())
	q := queue{periods: j.periods[:j.frozen:j.frozen]}
	for _, h := range j.held {
		r.review(h, &q)
	}
	if !j.frozenOpen() {
		r.current()
	}
}

// rollingStart is where the first period counts from that is not frozen.
func (j *judge) rollingStart() time.Time {
	if j.cut != nil && !j.cut.Start.IsZero() {
		return j.cut.Start
	}
	return j.base.at
}

// frozenOpen says whether a frozen period waits for its review: then that review starts the next one.
func (j *judge) frozenOpen() bool {
	for i := range j.periods[:j.frozen] {
		if p := &j.periods[i]; !p.over(j.now) {
			return true
		}
	}
	return false
}

func (r *roller) restart(at time.Time) { r.start, r.day = at, r.j.date(at) }

// review closes a frozen period or the running one, if the review was held in either.
func (r *roller) review(h Held, frozen *queue) {
	j := r.j
	switch {
	case j.cut != nil && j.cut.droppedBefore(h):
	case frozen.place(h):
	case !h.HeldAt.After(r.start):
		j.outside = append(j.outside, h.Name)
	default:
		for p := r.period(); ; p = r.period() {
			if p.skip && p.over(h.HeldAt) {
				r.waive(p)
				continue
			}
			p.take(h)
			j.periods = append(j.periods, p)
			break
		}
	}
	if h.HeldAt.After(r.start) {
		r.restart(h.HeldAt)
	}
}

// current adds the period that is running, and before it those that are waived.
func (r *roller) current() {
	for p := r.period(); ; p = r.period() {
		if !p.skip {
			r.j.periods = append(r.j.periods, p)
			return
		}
		r.waive(p)
	}
}

// waive adds a waived period; the next one counts from its nominal date.
func (r *roller) waive(p period) {
	r.j.periods = append(r.j.periods, p)
	r.start, r.day = p.Due, p.Nominal
}

// period is the one that counts from the start.
func (r *roller) period() period {
	j, s := r.j, r.j.schedule
	nominal, due := s.rolling(r.day)
	p := period{from: r.day, skip: j.in.Skips[nominal]}
	p.ID = r.identify()
	p.Nominal, p.Opens, p.Due = nominal, r.start.Add(time.Second), due
	if to, ok := j.in.Moves[nominal]; ok {
		_, nextDue := s.rolling(nominal)
		if moved := s.at(to); moved.After(r.start) && moved.Before(nextDue) {
			p.Due = moved
		} else {
			j.invalid = append(j.invalid, nominal)
		}
	}
	p.Deadline = s.deadline(p.Due)
	if p.skip {
		p.Until = p.Due.Add(time.Second)
	}
	return p
}

// identify names the period after the day on which it starts; a second one of the same day gets a number. The period
// that an edit found running keeps its name.
func (r *roller) identify() string {
	j := r.j
	resumes := j.cut != nil && j.cut.StartID != ""
	if resumes && r.start.Equal(j.cut.Start) {
		return j.cut.StartID
	}
	if r.day != r.named {
		r.named, r.count = r.day, 0
	}
	for {
		r.count++
		id := rollingID(r.day, r.count)
		taken := j.isFrozen(id) || (resumes && id == j.cut.StartID)
		if !taken {
			return id
		}
	}
}

func rollingID(day Date, number int) string {
	id := rollingPrefix + day.String()
	if number > 1 {
		id += "-" + strconv.Itoa(number)
	}
	return id
}

// isFrozen says whether a frozen period has the name.
func (j *judge) isFrozen(id string) bool {
	return slices.ContainsFunc(j.periods[:j.frozen], func(p period) bool { return p.ID == id })
}
