package governance

import (
	"fmt"
	"strings"
	"unicode"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// The pace of speech, and the length of an elevator ride.
const (
	wordsPerMinute         = 150
	cjkCharactersPerMinute = 250
	rideSeconds            = 60
)

func notExplainable(s *processView) []found {
	if s.rides <= 1 {
		return nil
	}
	return []found{{message: fmt.Sprintf(
		"Telling the process takes %d elevator rides of %d s: shorten it until one is enough.", s.rides, rideSeconds)}}
}

func tooManySteps(s *processView) []found {
	return tooMany(s.counts.Steps, s.policy.Limits.Steps, "steps")
}

func tooManyRoles(s *processView) []found {
	return tooMany(s.counts.Roles, s.policy.Limits.Roles, "roles")
}

func tooManyTouchpoints(s *processView) []found {
	return tooMany(s.counts.Touchpoints, s.policy.Limits.Touchpoints, "touchpoints")
}

func tooManyHandoffs(s *processView) []found {
	return tooMany(s.counts.Handoffs, s.policy.Limits.Handoffs, "handoffs")
}

func tooMany(count, limit int32, what string) []found {
	if count <= limit {
		return nil
	}
	return []found{{message: fmt.Sprintf("The process has %d %s, and the limit is %d: simplify it.", count, what, limit)}}
}

func noCustomer(s *processView) []found {
	if len(s.process.Spec.Customers) > 0 {
		return nil
	}
	return []found{{message: "Nobody is named for whom the process exists: list its customers, inside or outside."}}
}

// countsOf measures steps.
func countsOf(steps []governancev1alpha1.Step) governancev1alpha1.ProcessCounts {
	roles, departments, systems := distinct{}, distinct{}, distinct{}
	counts := governancev1alpha1.ProcessCounts{Steps: int32(len(steps))}
	for i := range steps {
		step := &steps[i]
		roles.add(step.Role)
		departments.add(step.Department)
		systems.add(step.System)
		if step.Touchpoint {
			counts.Touchpoints++
		}
		if i > 0 && changesHands(&steps[i-1], step) {
			counts.Handoffs++
		}
	}
	counts.Roles, counts.Departments, counts.Systems = int32(len(roles)), int32(len(departments)), int32(len(systems))
	return counts
}

type distinct map[governancev1alpha1.Label]struct{}

func (d distinct) add(label governancev1alpha1.Label) {
	if label != "" {
		d[label] = struct{}{}
	}
}

// changesHands tells whether the work goes to another role or department; what is not said does not count.
func changesHands(from, to *governancev1alpha1.Step) bool {
	return differs(from.Role, to.Role) || differs(from.Department, to.Department)
}

func differs(a, b governancev1alpha1.Label) bool {
	return a != "" && b != "" && a != b
}

// ridesOf gives how many elevator rides it takes to tell what a process does and its steps, each by its title: what is
// done, or its name.
func ridesOf(spec *governancev1alpha1.ProcessSpec) int32 {
	var told speech
	told.add(string(spec.What))
	for i := range spec.Steps {
		step := &spec.Steps[i]
		if step.What != "" {
			told.add(string(step.What))
			continue
		}
		told.add(strings.ReplaceAll(string(step.Name), "-", " "))
	}
	return int32(roundUp(told.seconds(), rideSeconds))
}

// speech counts what is said: words, and characters of the scripts that do not part words.
type speech struct {
	words, characters int
}

func (s *speech) add(text string) {
	inWord := false
	for _, letter := range text {
		if isCJK(letter) {
			s.characters++
			inWord = false
			continue
		}
		starts := unicode.IsLetter(letter) || unicode.IsDigit(letter)
		if starts && !inWord {
			s.words++
		}
		inWord = starts || (inWord && !unicode.IsSpace(letter))
	}
}

// seconds that it takes to say, rounded up.
func (s *speech) seconds() int {
	return roundUp(s.words*60, wordsPerMinute) + roundUp(s.characters*60, cjkCharactersPerMinute)
}

func roundUp(number, by int) int {
	return (number + by - 1) / by
}

// longVowel draws out the kana before it; Unicode counts it to no script of its own.
const longVowel = 'ー'

func isCJK(letter rune) bool {
	return letter == longVowel || unicode.In(letter, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}
