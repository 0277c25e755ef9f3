package governance_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/cadence"
	"github.com/gemba-dev/gemba/internal/governance"
)

// reviewedOn is a world in which refunds was reviewed on some days, at ten o'clock.
func reviewedOn(process *builders.ProcessBuilder, days ...string) *world {
	w := newWorld(process.InEffectSince("2020-01-15"))
	w.judge("2020-01-20")
	for _, day := range days {
		w.reviews = append(w.reviews, *builders.MakeReview("review-" + day).Of(w.process.Name).HeldOn(day + "T10:00:00Z").Obj())
		review := w.reviews[len(w.reviews)-1].Name
		w.judgeReview(review, at(day+"T10:00:00Z"))
		w.judge(day + "T10:00:00Z")
	}
	return w
}

// until says until when a notice was told, and is empty where it never was.
func until(marks []v1alpha1.NoticeMark, reason v1alpha1.NoticeReason, about string) string {
	mark := governance.MarkOf(marks, &v1alpha1.Notice{Reason: reason, About: about})
	if mark == nil {
		return ""
	}
	return mark.Until.UTC().Format(time.RFC3339)
}

// untilFull says until when it was told that each full review was held in time.
func untilFull(status *v1alpha1.ProcessStatus) string {
	return until(status.Noticed, v1alpha1.NoticeReviewedInTime, "full")
}

// noticed gives reason, about, since and reached of the notices of a status, one a line.
func noticed(notices []v1alpha1.Notice) string {
	lines := make([]string, 0, len(notices))
	for _, one := range notices {
		lines = append(lines, strings.Join([]string{
			string(one.Reason), one.About, one.Since.UTC().Format(time.RFC3339), one.Reached.UTC().Format(time.RFC3339),
		}, " "))
	}
	return strings.Join(lines, "\n")
}

func TestReviewedInTime(t *testing.T) {
	t.Parallel()
	annual := func() *builders.ProcessBuilder { return builders.MakeProcess("refunds").Every("P12M") }
	for sentence, test := range map[string]struct {
		world *world
		at    string
		want  string // since and reached; empty: nothing is told
	}{
		"a single review in time is no year": {
			reviewedOn(annual(), "2021-01-10"), "2021-12-31", ""},
		"a second before the year has passed nothing is told": {
			reviewedOn(annual(), "2021-01-10", "2022-01-05"), "2022-01-10T09:59:59Z", ""},
		"a year after the first review it is": {
			reviewedOn(annual(), "2021-01-10", "2022-01-05"), "2022-01-10T10:00:00Z", "2021-01-10T10:00:00Z 2022-01-10T10:00:00Z"},
		"a year without a review proves nothing, although none was due": {
			reviewedOn(annual(), "2021-01-10"), "2022-01-10T12:00:00Z", ""},
		"and is told with the review that comes in time": {
			reviewedOn(annual(), "2021-01-10", "2022-01-10"), "2022-01-10T10:00:00Z",
			"2021-01-10T10:00:00Z 2022-01-10T10:00:00Z"},
		"each further year is a milestone": {
			reviewedOn(annual(), "2021-01-10", "2022-01-05", "2023-01-02"), "2023-01-10T10:00:00Z",
			"2021-01-10T10:00:00Z 2023-01-10T10:00:00Z"},
		"between two nothing moves": {
			reviewedOn(annual(), "2021-01-10", "2022-01-05", "2023-01-02"), "2023-01-10T09:59:59Z",
			"2021-01-10T10:00:00Z 2022-01-10T10:00:00Z"},
		"it goes as soon as a review is overdue": {
			reviewedOn(annual(), "2021-01-10", "2022-01-05"), "2023-01-06T00:00:00Z", ""},
		"a late review begins nothing": {
			reviewedOn(annual(), "2021-01-10", "2022-01-05", "2023-02-01"), "2023-12-31", ""},
		"and a year in time after it does": {
			reviewedOn(annual(), "2021-01-10", "2022-02-05", "2022-06-01", "2022-12-01"), "2023-06-01T10:00:00Z",
			"2022-06-01T10:00:00Z 2023-06-01T10:00:00Z"},
		"a leap day is told on the last day of February": {
			reviewedOn(annual(), "2020-02-29", "2020-12-01"), "2021-02-28T10:00:00Z", "2020-02-29T10:00:00Z 2021-02-28T10:00:00Z"},
		"a review that asks for changes was held in time": {
			func() *world {
				w := reviewedOn(annual(), "2021-01-10")
				w.record(builders.MakeReview("strict").Of("refunds").HeldOn("2022-01-05").Outcome(v1alpha1.OutcomeChangesRequired).
					Asks("ask", "Ask for the receipt."), "2022-01-05T12:00:00Z")
				return w
			}(), "2022-01-10T10:00:00Z", "2021-01-10T10:00:00Z 2022-01-10T10:00:00Z"},
		"the policy says after how long": {
			reviewedOn(annual(), "2021-01-10", "2021-03-30").under(
				builders.MakePolicy("strict").Notices(v1alpha1.NoticeSettings{ReviewedInTimeEvery: "P3M"})),
			"2021-04-10T10:00:00Z", "2021-01-10T10:00:00Z 2021-04-10T10:00:00Z"},
		"and no milestone is reached while nobody had to review anything": {
			reviewedOn(annual(), "2021-01-10", "2021-03-30").under(
				builders.MakePolicy("monthly").Notices(v1alpha1.NoticeSettings{ReviewedInTimeEvery: "P1M"})),
			"2021-09-01", "2021-01-10T10:00:00Z 2021-04-10T10:00:00Z"},
		"and whether at all": {
			reviewedOn(annual(), "2021-01-10", "2022-01-05").under(
				builders.MakePolicy("dry").Notices(v1alpha1.NoticeSettings{Enabled: new(bool)})), "2022-06-01", ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			status := test.world.look(at(test.at)).Status
			want := test.want
			if want != "" {
				want = "ReviewedInTime full " + want
			}
			if got := noticed(status.Notices); got != want {
				t.Errorf("told %q, want %q", got, want)
			}
		})
	}
}

// Each milestone wakes the verdict once, and is what it was when the status is lost.
func TestMilestonesAreKept(t *testing.T) {
	t.Parallel()
	w := reviewedOn(builders.MakeProcess("refunds").Every("P12M"), "2021-01-10", "2022-01-05")
	milestone := at("2022-01-10T10:00:00Z")
	before := w.judge("2022-01-06")
	if !before.NextChange.Equal(milestone) || before.Status.Noticed != nil {
		t.Errorf("the next change is at %s, and noticed is %v", before.NextChange, before.Status.Noticed)
	}
	reached := w.judgeAt(milestone)
	if got := untilFull(&reached.Status); got != "2022-01-10T10:00:00Z" {
		t.Errorf("noticed until %s, want %s", got, milestone)
	}
	const message = "Each review of requirement full was held in time from 2021-01-10T10:00:00Z to 2022-01-10T10:00:00Z."
	if got := reached.Status.Notices[0].Message; got != message {
		t.Errorf("it says %q, want %q", got, message)
	}
	w.withdraw("review-2022-01-05", "2022-01-20")
	if taken := w.judge("2022-01-20").Status; len(taken.Notices) != 0 || untilFull(&taken) == "" {
		t.Errorf("without the second review there is %q, noticed %v", noticed(taken.Notices), taken.Noticed)
	}
	w = reviewedOn(builders.MakeProcess("refunds").Every("P12M"), "2021-01-10", "2022-01-05")
	w.process.Status = v1alpha1.ProcessStatus{}
	if anew := w.look(milestone.Add(time.Hour)).Status; noticed(anew.Notices) != noticed(reached.Status.Notices) {
		t.Errorf("anew there is %q, want %q", noticed(anew.Notices), noticed(reached.Status.Notices))
	}
}

func TestWhatIsNotJudgedIsNotPraised(t *testing.T) {
	t.Parallel()
	for sentence, change := range map[string]func(*v1alpha1.Process){
		"a retired process": func(p *v1alpha1.Process) {
			p.Spec.Lifecycle, p.Spec.Retirement = v1alpha1.LifecycleRetired, &v1alpha1.Retirement{Reason: "nobody needs it"}
		},
		"a draft, also one that is held to the limit": func(p *v1alpha1.Process) { p.Spec.Lifecycle = v1alpha1.LifecycleDraft },
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			w := reviewedOn(builders.MakeProcess("refunds").Every("P12M"), "2021-01-10", "2022-01-05")
			before := w.judge("2022-02-01").Status
			change(w.process)
			status := w.judge("2022-03-01").Status
			if got, want := untilFull(&status), untilFull(&before); len(status.Notices) != 0 || got != want {
				t.Errorf("there is %q, noticed until %s, want none and %s", noticed(status.Notices), got, want)
			}
		})
	}
}

// Whatever becomes of a process, a notice tells of what stands, of whole periods, and nothing is noticed less than before.
func TestNoticesAreTrue(t *testing.T) {
	t.Parallel()
	monthly := cadence.Period{Months: 1}
	rapid.Check(t, func(t *rapid.T) {
		s := newStory(t)
		for number := range rapid.IntRange(1, 20).Draw(t, "turns") {
			s.turn(number)
			s.policy.Notices.ReviewedInTime = monthly
			before := s.process.Status.DeepCopy()
			status := s.judgeAt(s.now).Status
			for _, mark := range before.Noticed {
				if got := until(status.Noticed, mark.Reason, mark.About); got < mark.Until.UTC().Format(time.RFC3339) {
					t.Fatalf("noticed %v, and then until %q", mark, got)
				}
			}
			for _, one := range status.Notices {
				wantTrue(t, &status, one, s.now, monthly)
			}
		}
	})
}

func wantTrue(t *rapid.T, status *v1alpha1.ProcessStatus, one v1alpha1.Notice, now time.Time, every cadence.Period) {
	wantFit(t, one.Message)
	since, reached := one.Since.UTC(), one.Reached.UTC()
	whole := every.Within(since, reached)
	if whole == 0 || !every.From(since, whole).Equal(reached) || reached.After(now) || governance.MarkOf(status.Noticed, &one).Until.Before(&one.Reached) {
		t.Fatalf("at %s there is %q, noticed %v", now, noticed(status.Notices), status.Noticed)
	}
	requirement := requirementOf(status, one.About)
	if requirement == nil || requirement.Stage == v1alpha1.StageOverdue {
		t.Fatalf("praised at %s, and %s", now, text(requirement))
	}
	for _, entry := range requirement.Ledger {
		late := entry.State == v1alpha1.PeriodGap || entry.ClosedAt != nil && entry.ClosedAt.After(entry.Deadline.Time)
		if late && entry.State != v1alpha1.PeriodWaived && !entry.ClosedAt.Before(&one.Since) {
			t.Fatalf("praised since %s, and there is %s", since, text(entry))
		}
	}
}
