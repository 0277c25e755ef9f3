package kpi

import (
	"cmp"
	"math"
	"slices"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// answer is a value that was had.
type answer struct {
	at, askedAt time.Time
	// exact is what is judged, and value the same unrounded.
	exact micros
	value float64
}

const messageAtMost = 512

// read takes samples apart into answers, the oldest first, and attempts. Times that lie ahead of the clock are taken back
// to it: a source whose clock runs ahead would otherwise silence itself.
func read(samples []Sample, now time.Time) (answers []answer, attempts []v1alpha1.KPIAttempt) {
	for i := range samples {
		s := &samples[i]
		asked := s.AskedAt
		if asked.IsZero() {
			asked = s.At
		}
		asked = earliest(inSeconds(asked), now)
		attempt := v1alpha1.KPIAttempt{
			At: metav1.NewTime(asked), Result: s.Result, Message: firstCharacters(s.Message, messageAtMost),
		}
		if s.Result == v1alpha1.SampleAnswered {
			a, complaint := answerOf(s, asked)
			if attempt.Message = complaint; complaint == "" {
				answers = append(answers, a)
			} else {
				attempt.Result = v1alpha1.SampleNotANumber
			}
		}
		attempts = append(attempts, attempt)
	}
	slices.SortFunc(answers, compareAnswers)
	return answers, attempts
}

// compareAnswers orders by the time of the value. Where that is the same the one that was had first comes first, and is the
// one that is judged, as it would be if they came one by one.
func compareAnswers(a, b answer) int {
	return cmp.Or(a.at.Compare(b.at), a.askedAt.Compare(b.askedAt), cmp.Compare(a.value, b.value))
}

// answerOf reads a value; complaint says in a sentence why it is none.
func answerOf(s *Sample, asked time.Time) (a answer, complaint string) {
	switch {
	case math.IsNaN(s.Value):
		return answer{}, "The answer is NaN, which is no number."
	case math.IsInf(s.Value, 0):
		return answer{}, "The answer is infinite."
	}
	d, ok := DecimalOf(s.Value)
	if !ok {
		return answer{}, "The answer has more than twelve digits before the point."
	}
	a = answer{at: asked, askedAt: asked, value: s.Value}
	a.exact, _ = microsOf(d)
	if !s.At.IsZero() {
		a.at = earliest(inSeconds(s.At), asked)
	}
	return a, ""
}

// newestOf is the last of some attempts; nil where there are none. Two in one second are told apart by their words, so that
// the order of arrival does not matter.
func newestOf(attempts []v1alpha1.KPIAttempt) *v1alpha1.KPIAttempt {
	if len(attempts) == 0 {
		return nil
	}
	last := slices.MaxFunc(attempts, compareAttempts)
	return &last
}

func compareAttempts(a, b v1alpha1.KPIAttempt) int {
	return cmp.Or(a.At.Compare(b.At.Time), cmp.Compare(a.Result, b.Result), cmp.Compare(a.Message, b.Message))
}

// pointsOf are answers as points.
func pointsOf(answers []answer) []Point {
	points := make([]Point, 0, len(answers))
	for _, a := range answers {
		points = append(points, Point{At: a.at, Value: a.exact.float()})
	}
	return points
}
