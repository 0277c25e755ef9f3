package cadence

import (
	"fmt"
	"time"
)

// ActiveTimes are the hours of a week in which people want to be told something. The zero value is always active.
type ActiveTimes struct {
	zone     *time.Location
	weekdays map[time.Weekday]bool
	// from and to are seconds of the local day; to is no longer active.
	from, to int
}

// CompileActiveTimes makes ActiveTimes of an IANA zone (empty: UTC), of weekdays (none: all), and of local times "15:04" or
// "15:04:05" (empty: the beginning and the end of the day). It errs where one of them is not understood, and where there is
// nothing between from and to.
func CompileActiveTimes(timeZone string, weekdays []time.Weekday, from, to string) (ActiveTimes, error) {
	zone, err := loadZone(timeZone)
	if err != nil {
		return ActiveTimes{}, err
	}
	active := ActiveTimes{zone: zone, weekdays: map[time.Weekday]bool{}, to: secondsPerDay}
	for _, day := range weekdays {
		active.weekdays[day] = true
	}
	if from != "" {
		if active.from, err = secondOfDay(from); err != nil {
			return ActiveTimes{}, err
		}
	}
	if to != "" {
		if active.to, err = secondOfDay(to); err != nil {
			return ActiveTimes{}, err
		}
	}
	if active.from >= active.to {
		return ActiveTimes{}, fmt.Errorf("there is nothing between %q and %q: let from lie before to", from, to)
	}
	return active, nil
}

// Next is the first active instant from now on: now itself where it is one.
func (a ActiveTimes) Next(now time.Time) time.Time {
	if a.zone == nil {
		return now
	}
	// The week after has every weekday; a day that the zone skips has no hours, so one more week is looked at.
	for day, left := DateIn(now, a.zone), 15; left > 0; day, left = day.AddDays(1), left-1 {
		if !a.isActiveDay(day) {
			continue
		}
		opens, closes := instant(day, a.from, a.zone), a.closes(day)
		if now.Before(closes) && opens.Before(closes) {
			return later(now, opens)
		}
	}
	return now
}

func (a ActiveTimes) isActiveDay(day Date) bool {
	return len(a.weekdays) == 0 || a.weekdays[day.Weekday()]
}

func (a ActiveTimes) closes(day Date) time.Time {
	if a.to == secondsPerDay {
		return instant(day.AddDays(1), 0, a.zone)
	}
	return instant(day, a.to, a.zone)
}

// secondOfDay reads a local time of day, with or without seconds.
func secondOfDay(text string) (int, error) {
	for _, form := range []string{time.TimeOnly, "15:04"} {
		if t, err := time.Parse(form, text); err == nil && len(text) == len(form) {
			return t.Hour()*3600 + t.Minute()*60 + t.Second(), nil
		}
	}
	return 0, fmt.Errorf("%.40q is no time of day: write it as in 08:30", text)
}
