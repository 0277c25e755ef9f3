package governance

import (
	"fmt"
	"time"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

// CompileCadence turns a declared cadence into a schedule. The error is a sentence that says what to change.
func CompileCadence(spec *governancev1alpha1.ReviewCadenceSpec) (*cadence.Schedule, error) {
	leads := make([]string, 0, len(spec.LeadTimes))
	for _, lead := range spec.LeadTimes {
		leads = append(leads, string(lead))
	}
	days, err := businessDays(spec.BusinessDays)
	if err != nil {
		return nil, err
	}
	return schedules.compile(cadence.Spec{
		Every:        string(spec.Every),
		RRule:        spec.RRule,
		Anchor:       cadence.Anchor(spec.Anchor),
		StartDate:    string(spec.StartDate),
		TimeZone:     spec.TimeZone,
		DueTime:      withSeconds(spec.DueTime),
		BusinessDays: days,
		OpenBefore:   string(spec.OpenBefore),
		LeadTimes:    leads,
		Grace:        string(spec.Grace),
	})
}

// compileEvery gives the rolling schedule of an inline period, in UTC.
func compileEvery(every governancev1alpha1.Period) (*cadence.Schedule, error) {
	return schedules.compile(cadence.Spec{Every: string(every), Anchor: cadence.Completion})
}

// withSeconds completes a time of day: 17:00 is 17:00:00.
func withSeconds(declared governancev1alpha1.TimeOfDay) string {
	if len(declared) == len("17:00") {
		return string(declared) + ":00"
	}
	return string(declared)
}

var weekdays = map[governancev1alpha1.Weekday]time.Weekday{
	"Monday": time.Monday, "Tuesday": time.Tuesday, "Wednesday": time.Wednesday, "Thursday": time.Thursday,
	"Friday": time.Friday, "Saturday": time.Saturday, "Sunday": time.Sunday,
}

func businessDays(declared *governancev1alpha1.BusinessDays) (cadence.BusinessDays, error) {
	if declared == nil {
		return cadence.BusinessDays{}, nil
	}
	days := cadence.BusinessDays{Roll: cadence.Roll(declared.Roll)}
	for _, name := range declared.Weekend {
		weekday, known := weekdays[name]
		if !known {
			return days, fmt.Errorf("%q is no day of the week: write Monday to Sunday", name)
		}
		days.Weekend = append(days.Weekend, weekday)
	}
	for _, holiday := range declared.Holidays {
		days.Holidays = append(days.Holidays, string(holiday))
	}
	return days, nil
}
