package governance_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/api/equality"
	"pgregory.net/rapid"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// A status that was written is not written again while nothing happens: neither at once, nor at any time before the
// announced change.
func TestNothingChangesBeforeNextChange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newStory(t)
		for number := range rapid.IntRange(1, 12).Draw(t, "turns") {
			s.turn(number)
			verdict := s.judgeAt(s.now)
			wantSame(t, "judged again at once", &verdict.Status, s.look(s.now).Status)
			horizon := s.now.AddDate(5, 0, 0)
			if !verdict.NextChange.IsZero() {
				if !verdict.NextChange.After(s.now) {
					t.Fatalf("at %s the next change is said to be at %s", s.now, verdict.NextChange)
				}
				horizon = verdict.NextChange.Add(-time.Second)
			}
			seconds := int64(horizon.Sub(s.now) / time.Second)
			later := s.now.Add(time.Duration(rapid.Int64Range(0, seconds).Draw(t, "later")) * time.Second)
			wantSame(t, "judged again at "+later.String(), &verdict.Status, s.look(later).Status)
			wantSame(t, "judged again just before the next change", &verdict.Status, s.look(horizon).Status)
		}
	})
}

// Without waivers and switched-off rules, whose end need not matter to anybody, a wake-up is never in vain.
func TestSomethingChangesAtNextChange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newStory(t)
		for number := range rapid.IntRange(1, 12).Draw(t, "turns") {
			s.turn(number)
			s.waivers = nil
			verdict := s.judgeAt(s.now)
			if verdict.NextChange.IsZero() {
				continue
			}
			if after := s.look(verdict.NextChange).Status; equality.Semantic.DeepEqual(after, verdict.Status) {
				t.Fatalf("nothing differs at %s:\n%s", verdict.NextChange, text(after))
			}
		}
	})
}

// The same end is reached in however many steps the clock gets there.
func TestStepsOfTheClockDoNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newStory(t)
		for number := range rapid.IntRange(1, 8).Draw(t, "turns") {
			s.turn(number)
			s.judgeAt(s.now)
		}
		end := s.now.AddDate(0, rapid.IntRange(1, 30).Draw(t, "months"), 0)
		leap := s.look(end).Status
		for range 1000 {
			next := s.look(s.now).NextChange
			if next.IsZero() || next.After(end) {
				break
			}
			s.now = next
			s.judgeAt(s.now)
		}
		walk := s.look(end).Status
		// When something was first seen depends on when one looked; what stands does not.
		for _, status := range []*v1alpha1.ProcessStatus{&leap, &walk} {
			status.Changes, status.Conditions, status.Episodes, status.Noticed = nil, nil, nil, nil
			for i := range status.Findings {
				status.Findings[i].Since, status.Findings[i].Episode = stamp("2024-01-01"), ""
			}
		}
		wantSame(t, "walked to "+end.String(), &leap, walk)
	})
}

// What a review is recorded to count for is what the ledger of the process shows.
func TestTheRecordAgreesWithTheLedger(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newStory(t)
		s.process.Spec.Lifecycle = v1alpha1.LifecycleActive
		s.judgeAt(s.now)
		for number := range rapid.IntRange(1, 12).Draw(t, "turns") {
			s.turn(number)
			status := s.judgeAt(s.now).Status
			review := s.find(s.recorded)
			if review == nil || review.Status.Counted == nil {
				continue
			}
			record := review.Status.Counted
			closer := review.Name
			for _, name := range record.With {
				if other := s.find(string(name)); other.Spec.HeldAt.After(s.find(closer).Spec.HeldAt.Time) {
					closer = other.Name
				}
			}
			requirement := requirementOf(&status, string(record.Requirement))
			if got := closedBy(requirement, closer); got != record.Period && (got != "" || len(requirement.Ledger) < 12) {
				t.Fatalf("%s is recorded for %q, and the ledger shows %q:\n%s", closer, record.Period, got, text(requirement))
			}
		}
	})
}

// closedBy gives the regular period that a review closed; empty for none.
func closedBy(requirement *v1alpha1.RequirementStatus, review string) string {
	for _, entry := range requirement.Ledger {
		if string(entry.ClosedBy) == review && !strings.HasPrefix(entry.ID, "change-") {
			return entry.ID
		}
	}
	return ""
}

// Messages are sentences that fit, name no person and say no time that moves.
func TestMessagesAreFitToBeShown(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := newStory(t)
		s.process.Spec.Owner.User, s.process.Spec.Owner.Team = "otto", "deskteam"
		for number := range rapid.IntRange(1, 8).Draw(t, "turns") {
			s.turn(number)
			status := s.judgeAt(s.now).Status
			messages := make([]string, 0, len(status.Findings)+len(status.Conditions))
			for _, finding := range status.Findings {
				messages = append(messages, finding.Message)
			}
			for _, condition := range status.Conditions {
				if utf8.RuneCountInString(condition.Message) > 200 {
					t.Errorf("%s is too long: %q", condition.Type, condition.Message)
				}
				messages = append(messages, condition.Message)
			}
			for i := range s.reviews {
				for _, condition := range s.reviews[i].Status.Conditions {
					messages = append(messages, condition.Message)
				}
			}
			for _, message := range messages {
				wantFit(t, message)
			}
		}
	})
}

func wantFit(t *rapid.T, message string) {
	for _, word := range []string{"otto", "deskteam", "vera", "walt", "ada", " ago", "0001-01-01", "%!", "  "} {
		if strings.Contains(message, word) {
			t.Errorf("message %q says %q", message, word)
		}
	}
	if message == "" || !strings.HasSuffix(message, ".") && !strings.HasSuffix(message, "…") {
		t.Errorf("message %q is no sentence", message)
	}
}

func wantSame(t *rapid.T, when string, before *v1alpha1.ProcessStatus, after v1alpha1.ProcessStatus) {
	if !equality.Semantic.DeepEqual(*before, after) {
		t.Fatalf("%s the status differs:\n%s\nwas\n%s", when, text(after), text(before))
	}
}

func text(of any) string {
	encoded, err := json.MarshalIndent(of, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(encoded)
}
