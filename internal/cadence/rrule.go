package cadence

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

const maxRuleLength = 256

// rule is the subset of RFC 5545 recurrence rules that falls on days, with everything explicit.
type rule struct {
	freq                          rrule.Frequency
	interval                      int
	byDay                         []weekday
	byMonth, byMonthDay, bySetPos []int
	// start is a day that the interval counts from; the rule itself has no beginning.
	start Date
}

// weekday is an entry of BYDAY; n is 0 for every one.
type weekday struct {
	n   int
	day string
}

var frequencies = map[string]rrule.Frequency{
	"DAILY": rrule.DAILY, "WEEKLY": rrule.WEEKLY, "MONTHLY": rrule.MONTHLY, "YEARLY": rrule.YEARLY,
}

var ruleWeekdays = map[string]rrule.Weekday{
	"MO": rrule.MO, "TU": rrule.TU, "WE": rrule.WE, "TH": rrule.TH, "FR": rrule.FR, "SA": rrule.SA, "SU": rrule.SU,
}

var weekdayNames = [7]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// ruleParts are the parts that a rule may have, with the function that reads each.
var ruleParts = map[string]func(*rule, string) error{
	"FREQ":       (*rule).readFrequency,
	"INTERVAL":   (*rule).readInterval,
	"BYDAY":      (*rule).readDays,
	"BYMONTH":    func(r *rule, v string) error { return readNumbers(&r.byMonth, v, 12, false) },
	"BYMONTHDAY": func(r *rule, v string) error { return readNumbers(&r.byMonthDay, v, 31, true) },
	"BYSETPOS":   func(r *rule, v string) error { return readNumbers(&r.bySetPos, v, 366, true) },
}

// parseRule reads the text and makes explicit what the rule takes from its start (which may be zero).
func parseRule(text string, start Date) (*rule, error) {
	if len(text) > maxRuleLength {
		return nil, fmt.Errorf("the rrule is longer than %d characters: write a shorter one", maxRuleLength)
	}
	r := &rule{interval: 1}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(strings.ToUpper(strings.TrimPrefix(text, "RRULE:")), ";") {
		name, value, _ := strings.Cut(part, "=")
		read, known := ruleParts[name]
		if !known {
			return nil, fmt.Errorf("the rrule part %.40q is not supported: use FREQ, INTERVAL, BYDAY, BYMONTH, BYMONTHDAY and BYSETPOS", name)
		}
		if seen[name] {
			return nil, fmt.Errorf("the rrule has %s twice: write it once, values separated by commas", name)
		}
		seen[name] = true
		if err := read(r, value); err != nil {
			return nil, fmt.Errorf("rrule %s: %w", name, err)
		}
	}
	if !seen["FREQ"] {
		return nil, errors.New("the rrule has no FREQ: begin it with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")
	}
	if err := r.check(start); err != nil {
		return nil, err
	}
	r.anchorAt(start)
	return r, nil
}

func (r *rule) readFrequency(value string) error {
	freq, ok := frequencies[value]
	if !ok {
		return fmt.Errorf("%.40q is not supported: reviews fall due by the day, use DAILY, WEEKLY, MONTHLY or YEARLY", value)
	}
	r.freq = freq
	return nil
}

func (r *rule) readInterval(value string) error {
	var numbers []int
	if err := readNumbers(&numbers, value, 999, false); err != nil {
		return err
	}
	if len(numbers) != 1 {
		return errors.New("write one number")
	}
	r.interval = numbers[0]
	return nil
}

var dayPattern = regexp.MustCompile(`^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$`)

func (r *rule) readDays(value string) error {
	for text := range strings.SplitSeq(value, ",") {
		parts := dayPattern.FindStringSubmatch(text)
		if parts == nil {
			return fmt.Errorf("%.40q is no day: write MO, TU, WE, TH, FR, SA or SU, or numbered as in 1MO and -1FR", text)
		}
		// The pattern leaves two digits or nothing, which is every one.
		n, _ := strconv.Atoi(parts[1])
		if parts[1] != "" && (n == 0 || n < -53 || n > 53) {
			return fmt.Errorf("%.40q counts to no day: number days from 1 to 53 or from -1 to -53", text)
		}
		if day := (weekday{n: n, day: parts[2]}); !slices.Contains(r.byDay, day) {
			r.byDay = append(r.byDay, day)
		}
	}
	return nil
}

// readNumbers reads a list of numbers from 1 to high, or from -1 to -high where signed.
func readNumbers(into *[]int, value string, high int, signed bool) error {
	for text := range strings.SplitSeq(value, ",") {
		n, err := strconv.Atoi(text)
		magnitude := n
		if signed {
			magnitude = max(n, -n)
		}
		if err != nil || magnitude < 1 || magnitude > high {
			return fmt.Errorf("%.40q is not a number from 1 to %d%s", text, high, signNote[signed])
		}
		if !slices.Contains(*into, n) {
			*into = append(*into, n)
		}
	}
	slices.Sort(*into)
	return nil
}

var signNote = map[bool]string{true: ", or its negative to count from the end"}

// check refuses what RFC 5545 leaves undefined and what would depend on a start that is not given.
func (r *rule) check(start Date) error {
	numbered := slices.ContainsFunc(r.byDay, func(d weekday) bool { return d.n != 0 })
	if numbered && r.freq != rrule.MONTHLY && r.freq != rrule.YEARLY {
		return errors.New("a numbered BYDAY such as 1MO needs FREQ=MONTHLY or FREQ=YEARLY in the rrule")
	}
	if r.freq == rrule.WEEKLY && len(r.byMonthDay) > 0 {
		return errors.New("BYMONTHDAY has no meaning with FREQ=WEEKLY in the rrule: use FREQ=MONTHLY or BYDAY")
	}
	if len(r.bySetPos) > 0 && len(r.byDay)+len(r.byMonthDay) == 0 {
		return errors.New("BYSETPOS chooses among days: add BYDAY or BYMONTHDAY to the rrule")
	}
	if start.IsZero() {
		return r.checkWithoutStart()
	}
	return nil
}

// checkWithoutStart refuses what only a start could make definite.
func (r *rule) checkWithoutStart() error {
	if r.interval > 1 {
		return errors.New("an rrule with INTERVAL above 1 needs a startDate to count from")
	}
	if r.freq != rrule.DAILY && !r.fixesDay() {
		return errors.New("the rrule does not say on which day: add BYDAY, BYMONTHDAY or a startDate")
	}
	return nil
}

func (r *rule) fixesDay() bool { return len(r.byDay)+len(r.byMonthDay) > 0 }

// anchorAt takes the day from the start where the rule does not name one, as RFC 5545 does.
func (r *rule) anchorAt(start Date) {
	if start.IsZero() {
		r.start = Date{Year: firstYear, Month: time.January, Day: 1}
		return
	}
	r.start = start
	if r.freq == rrule.DAILY || r.fixesDay() {
		return
	}
	if r.freq == rrule.WEEKLY {
		r.byDay = []weekday{{day: weekdayNames[start.Weekday()]}}
		return
	}
	r.byMonthDay = []int{start.Day}
	if r.freq == rrule.YEARLY && len(r.byMonth) == 0 {
		r.byMonth = []int{int(start.Month)}
	}
}

// String is the canonical text of the rule; equal rules have equal texts.
func (r *rule) String() string {
	days := slices.Clone(r.byDay)
	slices.SortFunc(days, func(a, b weekday) int {
		return strings.Compare(fmt.Sprint(a.day, a.n), fmt.Sprint(b.day, b.n))
	})
	start := ""
	if r.interval > 1 {
		start = r.start.String()
	}
	return fmt.Sprint(r.freq, r.interval, days, r.byMonth, r.byMonthDay, r.bySetPos, start)
}
