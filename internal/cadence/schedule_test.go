package cadence

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOccurrences(t *testing.T) {
	germanWeekend := []time.Weekday{time.Saturday, time.Sunday}
	for name, test := range map[string]struct {
		spec Spec
		from string
		want []string // nominal date, then due as a local time with its offset
	}{
		"a monthly cadence that starts on 31 January keeps its anchor day": {
			spec: Spec{Every: "P1M", Anchor: Calendar, StartDate: "2026-01-31"},
			from: "2026-01-01",
			want: []string{
				"2026-01-31 2026-01-31T23:59:59Z", "2026-02-28 2026-02-28T23:59:59Z", "2026-03-31 2026-03-31T23:59:59Z",
				"2026-04-30 2026-04-30T23:59:59Z", "2026-05-31 2026-05-31T23:59:59Z",
			},
		},
		"a yearly cadence that starts on 29 February comes back to it in leap years": {
			spec: Spec{Every: "P1Y", Anchor: Calendar, StartDate: "2024-02-29"},
			from: "2024-01-01",
			want: []string{
				"2024-02-29 2024-02-29T23:59:59Z", "2025-02-28 2025-02-28T23:59:59Z", "2026-02-28 2026-02-28T23:59:59Z",
				"2027-02-28 2027-02-28T23:59:59Z", "2028-02-29 2028-02-29T23:59:59Z",
			},
		},
		"a rule for 29 February falls due in leap years alone": {
			spec: Spec{RRule: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"},
			from: "2023-01-01",
			want: []string{"2024-02-29 2024-02-29T23:59:59Z", "2028-02-29 2028-02-29T23:59:59Z"},
		},
		"a due time in Berlin's spring gap takes the offset before it": {
			spec: Spec{RRule: "FREQ=DAILY", TimeZone: "Europe/Berlin", DueTime: "02:30:00"},
			from: "2026-03-28",
			want: []string{
				"2026-03-28 2026-03-28T02:30:00+01:00", "2026-03-29 2026-03-29T03:30:00+02:00",
				"2026-03-30 2026-03-30T02:30:00+02:00",
			},
		},
		"a due time in Berlin's autumn overlap is the first of the two": {
			spec: Spec{RRule: "FREQ=DAILY", TimeZone: "Europe/Berlin", DueTime: "02:30:00"},
			from: "2026-10-24",
			want: []string{
				"2026-10-24 2026-10-24T02:30:00+02:00", "2026-10-25 2026-10-25T02:30:00+02:00",
				"2026-10-26 2026-10-26T02:30:00+01:00",
			},
		},
		"Lord Howe's gap of half an hour moves the due time by half an hour": {
			spec: Spec{RRule: "FREQ=DAILY", TimeZone: "Australia/Lord_Howe", DueTime: "02:15:00"},
			from: "2026-10-03",
			want: []string{
				"2026-10-03 2026-10-03T02:15:00+10:30", "2026-10-04 2026-10-04T02:45:00+11:00",
				"2026-10-05 2026-10-05T02:15:00+11:00",
			},
		},
		"Lord Howe's overlap of half an hour takes the first of the two": {
			spec: Spec{RRule: "FREQ=DAILY", TimeZone: "Australia/Lord_Howe", DueTime: "01:45:00"},
			from: "2026-04-04",
			want: []string{
				"2026-04-04 2026-04-04T01:45:00+11:00", "2026-04-05 2026-04-05T01:45:00+11:00",
				"2026-04-06 2026-04-06T01:45:00+10:30",
			},
		},
		"the day that Apia never had falls due with the next day and asks for no review of its own": {
			spec: Spec{RRule: "FREQ=DAILY", TimeZone: "Pacific/Apia"},
			from: "2011-12-28",
			want: []string{
				"2011-12-28 2011-12-28T23:59:59-10:00", "2011-12-29 2011-12-29T23:59:59-10:00",
				"2011-12-30 2011-12-31T23:59:59+14:00", "2012-01-01 2012-01-01T23:59:59+14:00",
			},
		},
		"Kathmandu's offset has a quarter of an hour": {
			spec: Spec{RRule: "FREQ=WEEKLY;BYDAY=SU", TimeZone: "Asia/Kathmandu", DueTime: "17:00:00"},
			from: "2026-01-01",
			want: []string{"2026-01-04 2026-01-04T17:00:00+05:45", "2026-01-11 2026-01-11T17:00:00+05:45"},
		},
		"BYSETPOS=-1 takes the last working day of the month": {
			spec: Spec{RRule: "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"},
			from: "2026-01-01",
			want: []string{
				"2026-01-30 2026-01-30T23:59:59Z", "2026-02-27 2026-02-27T23:59:59Z", "2026-03-31 2026-03-31T23:59:59Z",
				"2026-04-30 2026-04-30T23:59:59Z", "2026-05-29 2026-05-29T23:59:59Z",
			},
		},
		"the first Monday of each quarter": {
			spec: Spec{RRule: "FREQ=MONTHLY;BYMONTH=1,4,7,10;BYDAY=1MO"},
			from: "2026-01-01",
			want: []string{"2026-01-05 2026-01-05T23:59:59Z", "2026-04-06 2026-04-06T23:59:59Z", "2026-07-06 2026-07-06T23:59:59Z"},
		},
		"every second week counts from its startDate": {
			spec: Spec{RRule: "FREQ=WEEKLY;INTERVAL=2", StartDate: "2026-01-07"},
			from: "2025-01-01",
			want: []string{
				"2026-01-07 2026-01-07T23:59:59Z", "2026-01-21 2026-01-21T23:59:59Z", "2026-02-04 2026-02-04T23:59:59Z",
			},
		},
		"a month end on a holiday rolls into the next month with Following": {
			spec: Spec{RRule: "FREQ=MONTHLY;BYMONTHDAY=-1", BusinessDays: BusinessDays{
				Weekend: germanWeekend, Holidays: []string{"2026-12-31", "2027-01-01"}, Roll: RollFollowing,
			}},
			from: "2026-12-01",
			want: []string{"2026-12-31 2027-01-04T23:59:59Z", "2027-01-31 2027-02-01T23:59:59Z"},
		},
		"a month end on a holiday stays in its month with ModifiedFollowing": {
			spec: Spec{RRule: "FREQ=MONTHLY;BYMONTHDAY=-1", BusinessDays: BusinessDays{
				Weekend: germanWeekend, Holidays: []string{"2026-12-31", "2027-01-01"}, Roll: RollModifiedFollowing,
			}},
			from: "2026-12-01",
			want: []string{"2026-12-31 2026-12-30T23:59:59Z", "2027-01-31 2027-01-29T23:59:59Z"},
		},
		"a month's first day on a holiday rolls into the month before with Preceding": {
			spec: Spec{RRule: "FREQ=MONTHLY;BYMONTHDAY=1", BusinessDays: BusinessDays{
				Weekend: germanWeekend, Holidays: []string{"2026-12-31", "2027-01-01"}, Roll: RollPreceding,
			}},
			from: "2027-01-01",
			want: []string{"2027-01-01 2026-12-30T23:59:59Z", "2027-02-01 2027-02-01T23:59:59Z"},
		},
		"without a roll rule weekends and holidays change nothing": {
			spec: Spec{RRule: "FREQ=MONTHLY;BYMONTHDAY=31", BusinessDays: BusinessDays{Weekend: germanWeekend}},
			from: "2026-01-01",
			want: []string{"2026-01-31 2026-01-31T23:59:59Z", "2026-03-31 2026-03-31T23:59:59Z"},
		},
		"days that roll to the same due instant ask for one review": {
			spec: Spec{RRule: "FREQ=DAILY", BusinessDays: BusinessDays{Weekend: germanWeekend, Roll: RollFollowing}},
			from: "2026-01-01",
			want: []string{
				"2026-01-01 2026-01-01T23:59:59Z", "2026-01-02 2026-01-02T23:59:59Z", "2026-01-03 2026-01-05T23:59:59Z",
				"2026-01-06 2026-01-06T23:59:59Z",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := compiled(t, test.spec)
			var got []string
			for o := range s.Occurrences(day(test.from)) {
				got = append(got, o.Nominal.String()+" "+o.Due.In(s.Location()).Format(time.RFC3339))
				if len(got) == len(test.want) {
					break
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestOpens(t *testing.T) {
	for name, test := range map[string]struct {
		spec Spec
		at   string
		want string
	}{
		"by default a period opens one second after its predecessor was due": {
			spec: Spec{RRule: "FREQ=WEEKLY;BYDAY=FR"},
			at:   "2026-01-09", want: "2026-01-03T00:00:00Z",
		},
		"the first period opens when one before startDate would have been due": {
			spec: Spec{Every: "P3M", Anchor: Calendar, StartDate: "2026-03-31"},
			at:   "2026-03-31", want: "2026-01-01T00:00:00Z",
		},
		"openBefore counts back from the rolled due date": {
			spec: Spec{RRule: "FREQ=MONTHLY;BYMONTHDAY=31", OpenBefore: "P1W", DueTime: "17:00:00", BusinessDays: BusinessDays{
				Weekend: []time.Weekday{time.Saturday, time.Sunday}, Roll: RollFollowing,
			}},
			at: "2026-01-31", want: "2026-01-26T17:00:00Z",
		},
		"openBefore never reaches back past the due date before": {
			spec: Spec{RRule: "FREQ=MONTHLY;BYMONTHDAY=-1", OpenBefore: "P31D"},
			at:   "2026-04-30", want: "2026-04-01T00:00:00Z",
		},
	} {
		t.Run(name, func(t *testing.T) {
			for o := range compiled(t, test.spec).Occurrences(day(test.at)) {
				if got := o.Opens.Format(time.RFC3339); o.Nominal != day(test.at) || got != test.want {
					t.Errorf("%s opens at %s, want %s", o.Nominal, got, test.want)
				}
				return
			}
			t.Error("no occurrence")
		})
	}
}

func TestCompileSaysWhatToDo(t *testing.T) {
	allWeek := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	for name, test := range map[string]struct {
		spec Spec
		want string
	}{
		"neither every nor rrule":                     {Spec{}, "set exactly one"},
		"both every and rrule":                        {Spec{Every: "P1M", RRule: "FREQ=DAILY"}, "set exactly one"},
		"a period of zero":                            {Spec{Every: "P0D"}, "write at least P1D"},
		"a period of 400 years":                       {Spec{Every: "P400Y"}, "is not a period"},
		"a period of hours":                           {Spec{Every: "PT12H"}, "is not a period"},
		"an unknown zone":                             {Spec{Every: "P1M", TimeZone: "Mars/Olympus"}, "use an IANA name"},
		"the machine's own zone":                      {Spec{Every: "P1M", TimeZone: "Local"}, "use an IANA name"},
		"a zone that leaves the zone folder":          {Spec{Every: "P1M", TimeZone: "../../etc/passwd"}, "use an IANA name"},
		"a due time of 25 hours":                      {Spec{Every: "P1M", DueTime: "25:00:00"}, "no time of day"},
		"a due time with a fraction":                  {Spec{Every: "P1M", DueTime: "12:00:00.5"}, "no time of day"},
		"an anchor that is none":                      {Spec{Every: "P1M", Anchor: "Rolling"}, "use Completion or Calendar"},
		"a rolling rrule":                             {Spec{RRule: "FREQ=DAILY", Anchor: Completion}, "leave anchor out"},
		"Calendar with every and no startDate":        {Spec{Every: "P1M", Anchor: Calendar}, "needs a startDate"},
		"Completion with a startDate":                 {Spec{Every: "P1M", StartDate: "2026-01-01"}, "startDate has no meaning"},
		"Completion with openBefore":                  {Spec{Every: "P1M", OpenBefore: "P1W"}, "openBefore has no meaning"},
		"a startDate that does not exist":             {Spec{Every: "P1M", Anchor: Calendar, StartDate: "2026-02-30"}, "is not a date"},
		"a startDate out of range":                    {Spec{Every: "P1M", Anchor: Calendar, StartDate: "9999-01-01"}, "out of range"},
		"a rule by the second":                        {Spec{RRule: "FREQ=SECONDLY"}, "reviews fall due by the day"},
		"a rule by the hour":                          {Spec{RRule: "FREQ=HOURLY;INTERVAL=12"}, "reviews fall due by the day"},
		"a rule without FREQ":                         {Spec{RRule: "BYDAY=MO"}, "has no FREQ"},
		"a rule with COUNT":                           {Spec{RRule: "FREQ=DAILY;COUNT=3"}, "\"COUNT\" is not supported"},
		"a rule with UNTIL":                           {Spec{RRule: "FREQ=DAILY;UNTIL=20270101T000000Z"}, "\"UNTIL\" is not supported"},
		"a rule with BYHOUR":                          {Spec{RRule: "FREQ=DAILY;BYHOUR=9"}, "\"BYHOUR\" is not supported"},
		"a rule with the same part twice":             {Spec{RRule: "FREQ=DAILY;FREQ=WEEKLY"}, "FREQ twice"},
		"a rule that ends in a semicolon":             {Spec{RRule: "FREQ=DAILY;"}, "is not supported"},
		"a rule of several lines":                     {Spec{RRule: "DTSTART:20260101\nRRULE:FREQ=DAILY"}, "is not supported"},
		"INTERVAL above 1 and no startDate":           {Spec{RRule: "FREQ=WEEKLY;BYDAY=MO;INTERVAL=2"}, "needs a startDate"},
		"INTERVAL of zero":                            {Spec{RRule: "FREQ=DAILY;INTERVAL=0"}, "from 1 to 999"},
		"a month of 13":                               {Spec{RRule: "FREQ=YEARLY;BYMONTH=13;BYMONTHDAY=1"}, "from 1 to 12"},
		"a day of month of 32":                        {Spec{RRule: "FREQ=MONTHLY;BYMONTHDAY=32"}, "from 1 to 31"},
		"a day that is none":                          {Spec{RRule: "FREQ=WEEKLY;BYDAY=XX"}, "is no day"},
		"a day numbered 0":                            {Spec{RRule: "FREQ=MONTHLY;BYDAY=0MO"}, "counts to no day"},
		"a numbered day of the week":                  {Spec{RRule: "FREQ=WEEKLY;BYDAY=1MO"}, "needs FREQ=MONTHLY or FREQ=YEARLY"},
		"a day of month each week":                    {Spec{RRule: "FREQ=WEEKLY;BYMONTHDAY=1"}, "no meaning with FREQ=WEEKLY"},
		"BYSETPOS with nothing to choose from":        {Spec{RRule: "FREQ=MONTHLY;BYSETPOS=1", StartDate: "2026-01-01"}, "add BYDAY or BYMONTHDAY"},
		"a monthly rule that names no day":            {Spec{RRule: "FREQ=MONTHLY"}, "say on which day"},
		"a yearly rule that names only a month":       {Spec{RRule: "FREQ=YEARLY;BYMONTH=3"}, "say on which day"},
		"a rule that never occurs":                    {Spec{RRule: "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"}, "has no occurrence"},
		"a daily rule that never occurs":              {Spec{RRule: "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, "has no occurrence"},
		"a sixth Monday of the month":                 {Spec{RRule: "FREQ=MONTHLY;BYDAY=6MO"}, "has no occurrence"},
		"once in fifty years":                         {Spec{RRule: "FREQ=YEARLY;INTERVAL=50;BYMONTH=1;BYMONTHDAY=1", StartDate: "2026-01-01"}, "none for 40 years"},
		"every second year from an odd one on 29 Feb": {Spec{RRule: "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29", StartDate: "2025-01-01"}, "has no occurrence"},
		"a week that is all weekend":                  {Spec{Every: "P1M", BusinessDays: BusinessDays{Weekend: allWeek}}, "leave at least one business day"},
		"a roll rule that is none":                    {Spec{Every: "P1M", BusinessDays: BusinessDays{Roll: "Sideways"}}, "use None, Following"},
		"a holiday that is no date":                   {Spec{Every: "P1M", BusinessDays: BusinessDays{Holidays: []string{"Easter"}}}, "is not a date"},
		"a grace longer than the interval":            {Spec{Every: "P1M", Grace: "P32D"}, "grace P32D is longer"},
		"an openBefore longer than the interval":      {Spec{RRule: "FREQ=WEEKLY;BYDAY=MO", OpenBefore: "P8D"}, "openBefore P8D is longer"},
		"a grace that is no period":                   {Spec{Every: "P1M", Grace: "two weeks"}, "grace: "},
		"a lead time that is no period":               {Spec{Every: "P1M", LeadTimes: []string{"P1W", "7d"}}, "leadTimes: "},
		"more lead times than anybody reads":          {Spec{Every: "P1M", LeadTimes: slices.Repeat([]string{"P1D"}, 9)}, "remove some"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Compile(test.spec)
			if err == nil {
				t.Fatal("was accepted")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("said %q, want it to hold %q", err, test.want)
			}
			if len(err.Error()) > 200 {
				t.Errorf("said it in %d characters: %q", len(err.Error()), err)
			}
		})
	}
}

func TestExceedsLimit(t *testing.T) {
	for name, test := range map[string]struct {
		spec     Spec
		limit    string
		exceeds  bool
		interval int
	}{
		"twelve months are a year":                        {Spec{Every: "P12M"}, "P1Y", false, 366},
		"a year of 365 days is never too long":            {Spec{Every: "P365D"}, "P12M", false, 365},
		"a year of 366 days is, but for one year in four": {Spec{Every: "P366D"}, "P12M", true, 366},
		"two years are longer than one":                   {Spec{Every: "P24M"}, "P12M", true, 731},
		"the third Friday of March moves in the year":     {Spec{RRule: "FREQ=YEARLY;BYMONTH=3;BYDAY=3FR"}, "P12M", true, 371},
		"the last day of December does not":               {Spec{RRule: "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"}, "P12M", false, 366},
		"two months in the year leave one long distance":  {Spec{RRule: "FREQ=YEARLY;BYMONTH=1,2;BYMONTHDAY=1"}, "P6M", true, 335},
	} {
		t.Run(name, func(t *testing.T) {
			s := compiled(t, test.spec)
			for range 2 { // the second answer is remembered
				if got := s.ExceedsLimit(mustPeriod(test.limit)); got != test.exceeds {
					t.Errorf("exceeds %s: %v", test.limit, got)
				}
			}
			if got := s.MaxInterval(); got != test.interval {
				t.Errorf("longest interval is %d days, want %d", got, test.interval)
			}
		})
	}
}

func TestDigest(t *testing.T) {
	base := Spec{RRule: "FREQ=WEEKLY;BYDAY=MO,FR", Grace: "P2D", LeadTimes: []string{"P1D"}}
	for name, test := range map[string]struct {
		edit func(*Spec)
		same bool
	}{
		"another order of days means the same": {func(s *Spec) { s.RRule = "BYDAY=FR,MO;FREQ=WEEKLY" }, true},
		"a default spelt out means the same": {func(s *Spec) {
			s.TimeZone, s.DueTime, s.Anchor, s.BusinessDays.Roll = "UTC", "23:59:59", Calendar, RollNone
		}, true},
		"lead times move no deadline":   {func(s *Spec) { s.LeadTimes = nil }, true},
		"another day is another one":    {func(s *Spec) { s.RRule = "FREQ=WEEKLY;BYDAY=MO" }, false},
		"another grace is another one":  {func(s *Spec) { s.Grace = "P1D" }, false},
		"another zone is another one":   {func(s *Spec) { s.TimeZone = "Asia/Tokyo" }, false},
		"a holiday more is another one": {func(s *Spec) { s.BusinessDays.Holidays = []string{"2026-12-25"} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			edited := base
			test.edit(&edited)
			if got := compiled(t, edited).Digest() == compiled(t, base).Digest(); got != test.same {
				t.Errorf("same digest: %v", got)
			}
		})
	}
}
