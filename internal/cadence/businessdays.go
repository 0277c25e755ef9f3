package cadence

import (
	"errors"
	"fmt"
	"time"
)

// workdays knows which days are none, and rolls dates off them.
type workdays struct {
	weekend  [7]bool
	holidays map[Date]bool
	roll     Roll
}

func compileBusinessDays(spec BusinessDays) (workdays, error) {
	w := workdays{holidays: map[Date]bool{}, roll: spec.Roll}
	switch spec.Roll {
	case "", RollNone:
		w.roll = RollNone
	case RollFollowing, RollPreceding, RollModifiedFollowing:
	default:
		return w, fmt.Errorf("businessDays.roll %.40q is not known: use None, Following, Preceding or ModifiedFollowing", spec.Roll)
	}
	for _, day := range spec.Weekend {
		if day < time.Sunday || day > time.Saturday {
			return w, fmt.Errorf("businessDays.weekend holds %d, which is no day of the week", int(day))
		}
		w.weekend[day] = true
	}
	if w.weekend == [7]bool{true, true, true, true, true, true, true} {
		return w, errors.New("businessDays.weekend names all seven days: leave at least one business day")
	}
	for _, text := range spec.Holidays {
		day, err := ParseDate(text)
		if err != nil {
			return w, fmt.Errorf("businessDays.holidays: %w", err)
		}
		w.holidays[day] = true
	}
	return w, nil
}

func (w workdays) isBusinessDay(d Date) bool { return !w.weekend[d.Weekday()] && !w.holidays[d] }

// rolled is the day on which an occurrence of day d falls due.
func (w workdays) rolled(d Date) Date {
	switch w.roll {
	case RollFollowing:
		return w.seek(d, 1)
	case RollPreceding:
		return w.seek(d, -1)
	case RollModifiedFollowing:
		if following := w.seek(d, 1); following.Month == d.Month {
			return following
		}
		return w.seek(d, -1)
	default:
		return d
	}
}

// seek ends: holidays are finite and the week has a business day.
func (w workdays) seek(d Date, step int) Date {
	for !w.isBusinessDay(d) {
		d = d.AddDays(step)
	}
	return d
}

// reach is the greatest number of days by which rolling can move a date.
func (w workdays) reach() int {
	if w.roll == RollNone {
		return 0
	}
	return 7 * (len(w.holidays) + 1)
}
