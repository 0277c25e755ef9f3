package kpi

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

const (
	defaultEvery       = time.Minute
	defaultEveryManual = 744 * time.Hour
	defaultTrend       = 336 * time.Hour
	defaultProxyWindow = v1alpha1.Period("P26W")
	defaultMinSamples  = 12
	staleIntervals     = 3
)

// Every is how often the value is asked for: a minute where nothing is said; a month of 31 days, in which one is expected,
// where measurements are manual.
func Every(spec *v1alpha1.KPISpec) time.Duration {
	if spec.Source.Manual != nil {
		return durationOr(spec.Every, defaultEveryManual)
	}
	return durationOr(spec.Every, defaultEvery)
}

// StaleAfter is how old a value may be: three times Every where nothing is said.
func StaleAfter(spec *v1alpha1.KPISpec) time.Duration {
	return durationOr(spec.StaleAfter, staleIntervals*Every(spec))
}

// durationOr reads a duration in whole seconds. What the schema does not let pass counts as nothing said.
func durationOr(text v1alpha1.Duration, otherwise time.Duration) time.Duration {
	d, err := time.ParseDuration(string(text))
	if err != nil || d < 0 {
		return otherwise
	}
	return d.Truncate(time.Second)
}

// Offset spreads subjects over an interval: it is the same for the same key and interval, lies in [0, every), and is as
// good as random from one key to the next.
func Offset(key string, every time.Duration) time.Duration {
	if every <= 0 {
		return 0
	}
	sum := sha256.Sum256([]byte(key))
	return time.Duration(binary.BigEndian.Uint64(sum[:8]) % uint64(every))
}

const (
	secondsADay = 24 * 60 * 60
	// The mean lengths in the Gregorian calendar, which repeats after 146,097 days in 400 years of 4,800 months.
	secondsAYear    = 146_097 * secondsADay / 400
	secondsAMonth   = 146_097 * secondsADay / 4_800
	longestLookBack = 100 * secondsAYear * time.Second
)

// lengthOf turns a period into elapsed time by the mean lengths of months and years, so that steps derived from it do not
// shift from day to day. What is no period is none. At most a hundred years.
func lengthOf(p v1alpha1.Period) time.Duration {
	parsed, err := cadence.ParsePeriod(string(p))
	if err != nil {
		return 0
	}
	days := int64(7*parsed.Weeks + parsed.Days)
	seconds := int64(parsed.Years)*secondsAYear + int64(parsed.Months)*secondsAMonth + days*secondsADay
	return min(time.Duration(seconds)*time.Second, longestLookBack)
}
