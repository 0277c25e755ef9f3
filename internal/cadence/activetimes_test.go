package cadence_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gemba-dev/gemba/internal/cadence"
)

var workdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}

func TestWhenPeopleAreToldNext(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct {
		zone     string
		weekdays []time.Weekday
		from, to string
		now      string
		want     string
	}{
		"within the hours it is now": {
			"Europe/Berlin", workdays, "08:00", "17:00", "2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z",
		},
		"before the hours it is when they begin": {
			"Europe/Berlin", workdays, "08:00", "17:00", "2026-03-02T05:00:00Z", "2026-03-02T07:00:00Z",
		},
		"the end of the hours belongs to the night": {
			"Europe/Berlin", workdays, "08:00", "17:00", "2026-03-02T16:00:00Z", "2026-03-03T07:00:00Z",
		},
		"on Friday evening it is Monday morning": {
			"Europe/Berlin", workdays, "08:00", "17:00", "2026-03-06T20:00:00Z", "2026-03-09T07:00:00Z",
		},
		"over the weekend on which clocks are put forward it is the new offset": {
			"Europe/Berlin", workdays, "08:00", "17:00", "2026-03-28T12:00:00Z", "2026-03-30T06:00:00Z",
		},
		"hours that the zone skips are none": {
			"Europe/Berlin", []time.Weekday{time.Sunday}, "02:00", "03:00", "2026-03-29T00:00:00Z", "2026-04-05T00:00:00Z",
		},
		"a day that the zone skips has no hours": {
			"Pacific/Apia", []time.Weekday{time.Friday}, "", "", "2011-12-30T00:00:00Z", "2012-01-05T10:00:00Z",
		},
		"without hours the whole day counts": {
			"", workdays, "", "", "2026-03-06T23:59:59Z", "2026-03-06T23:59:59Z",
		},
		"without weekdays every day counts": {
			"", nil, "08:00", "", "2026-03-07T01:00:00Z", "2026-03-07T08:00:00Z",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			active, err := cadence.CompileActiveTimes(test.zone, test.weekdays, test.from, test.to)
			if err != nil {
				t.Fatal(err)
			}
			now, err := time.Parse(time.RFC3339, test.now)
			if err != nil {
				t.Fatal(err)
			}
			if got := active.Next(now).UTC().Format(time.RFC3339); got != test.want {
				t.Errorf("it is %s, want %s", got, test.want)
			}
		})
	}
}

func TestActiveTimesThatAreNotUnderstood(t *testing.T) {
	t.Parallel()
	for sentence, test := range map[string]struct{ zone, from, to, want string }{
		"a zone that there is not":  {"Mars/Olympus", "", "", "IANA name"},
		"a time that there is not":  {"", "25:00", "", "no time of day"},
		"a time of another form":    {"", "8:00", "", "no time of day"},
		"hours that begin too late": {"", "17:00", "08:00", "let from lie before to"},
	} {
		_, err := cadence.CompileActiveTimes(test.zone, nil, test.from, test.to)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

func TestTheZeroActiveTimesAreAlways(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 7, 3, 0, 0, 0, time.UTC)
	if got := (cadence.ActiveTimes{}).Next(now); !got.Equal(now) {
		t.Errorf("it is %s", got)
	}
}

// Whatever the zone, the next active instant is not in the past, is active itself, and nothing before it is.
func TestTheNextActiveInstantIsTheFirst(t *testing.T) {
	t.Parallel()
	zones := []string{"UTC", "Europe/Berlin", "Pacific/Apia", "America/St_Johns", "Australia/Lord_Howe"}
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 1, 7, rapid.ID[int]).Draw(t, "weekdays")
		weekdays := make([]time.Weekday, 0, len(days))
		for _, day := range days {
			weekdays = append(weekdays, time.Weekday(day))
		}
		active, err := cadence.CompileActiveTimes(rapid.SampledFrom(zones).Draw(t, "zone"), weekdays, "08:00", "17:30")
		if err != nil {
			t.Fatal(err)
		}
		now := time.Unix(rapid.Int64Range(1_200_000_000, 2_000_000_000).Draw(t, "now"), 0)
		next := active.Next(now)
		if next.Before(now) || next.Sub(now) > 9*24*time.Hour || !active.Next(next).Equal(next) {
			t.Fatalf("after %s comes %s, after that %s", now, next, active.Next(next))
		}
		if between := now.Add(next.Sub(now) / 2); !active.Next(between).Equal(next) && !next.Equal(now) {
			t.Fatalf("from %s it is %s, from %s it is %s", now, next, between, active.Next(between))
		}
	})
}
