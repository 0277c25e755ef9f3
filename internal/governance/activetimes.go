package governance

import (
	"time"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

// ActiveTimes understands the active times of a route; nil is always. The error is a sentence.
func ActiveTimes(declared *governancev1alpha1.ActiveTimes) (cadence.ActiveTimes, error) {
	if declared == nil {
		return cadence.ActiveTimes{}, nil
	}
	days := make([]time.Weekday, 0, len(declared.Weekdays))
	for _, day := range declared.Weekdays {
		days = append(days, weekdays[day])
	}
	return cadence.CompileActiveTimes(declared.TimeZone, days, string(declared.From), string(declared.To))
}
