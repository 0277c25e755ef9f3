package governance

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/cadence"
)

// Notices are the periods after which something good is told, and told again.
type Notices struct {
	// Off is true where nothing is told.
	Off bool
	// TargetHeld is for how long no value of a KPI misses its objective, ReviewedInTime for how long each review of a
	// requirement is held in time.
	TargetHeld, ReviewedInTime cadence.Period
}

// defaultNotices are those of a cluster without a policy; the schema of GovernancePolicy has the same ones.
var defaultNotices = Notices{TargetHeld: cadence.Period{Months: 3}, ReviewedInTime: cadence.Period{Months: 12}}

func noticesOf(declared governancev1alpha1.NoticeSettings) Notices {
	notices := defaultNotices
	notices.Off = declared.Enabled != nil && !*declared.Enabled
	overridePeriod(&notices.TargetHeld, declared.TargetHeldEvery)
	overridePeriod(&notices.ReviewedInTime, declared.ReviewedInTimeEvery)
	return notices
}

// maxNoticed bounds of how many notices it is kept until when they were told.
const maxNoticed = 16

// setNotices says what is going well, and keeps of each notice the last milestone that was reached.
func (j *subjectJudge) setNotices(notices []governancev1alpha1.Notice) {
	j.status.Notices = notices
	noticed := noticedBefore(j.status.Noticed, j.now)
	for i := range notices {
		noticed = noticedAlso(noticed, &notices[i])
	}
	if surplus := len(noticed) - maxNoticed; surplus > 0 {
		slices.SortStableFunc(noticed, func(a, b governancev1alpha1.NoticeMark) int { return b.Until.Compare(a.Until.Time) })
		noticed = noticed[:maxNoticed]
	}
	slices.SortFunc(noticed, func(a, b governancev1alpha1.NoticeMark) int {
		return cmp.Or(cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.About, b.About))
	})
	j.status.Noticed = noticed
}

// noticedBefore are the marks as they were. One that lies ahead was made by a clock that ran ahead, and would keep everything
// quiet until then: it is taken back to now.
func noticedBefore(marks []governancev1alpha1.NoticeMark, now time.Time) []governancev1alpha1.NoticeMark {
	noticed := slices.Clone(marks)
	for i := range noticed {
		if noticed[i].Until.After(now) {
			noticed[i].Until = timestamp(now)
		}
	}
	return noticed
}

// noticedAlso moves the mark of a notice to the milestone that it has reached, and never back.
func noticedAlso(marks []governancev1alpha1.NoticeMark, one *governancev1alpha1.Notice) []governancev1alpha1.NoticeMark {
	mark := MarkOf(marks, one)
	switch {
	case mark == nil:
		return append(marks, governancev1alpha1.NoticeMark{Reason: one.Reason, About: one.About, Until: one.Reached})
	case mark.Until.Before(&one.Reached):
		mark.Until = one.Reached
	}
	return marks
}

// MarkOf finds until when a notice was told; nil where it never was.
func MarkOf(marks []governancev1alpha1.NoticeMark, one *governancev1alpha1.Notice) *governancev1alpha1.NoticeMark {
	for i := range marks {
		if marks[i].Reason == one.Reason && marks[i].About == one.About {
			return &marks[i]
		}
	}
	return nil
}

// reviewedInTime tells of the requirements each review of which is held in time, and says when there is more to tell.
//
// A milestone is the end of a whole period since the first of those reviews. It is reached when it has passed without a late
// review, and one was held since the milestone before it: a time in which nobody had to review anything proves nothing.
func (j *subjectJudge) reviewedInTime(requirements []judged) (notices []governancev1alpha1.Notice) {
	if j.policy.Notices.Off {
		return nil
	}
	every := j.policy.Notices.ReviewedInTime
	for _, r := range requirements {
		since, last := r.state.InTimeSince, r.state.InTimeLast
		if !since.Before(last) {
			continue
		}
		// The last review speaks for the whole period in which it was held, once that has ended.
		passed, proven := every.Within(since, j.now), every.Within(since, last.Add(-time.Second))+1
		if proven > passed {
			j.changesAt(every.From(since, proven))
		}
		if whole := min(passed, proven); whole > 0 {
			reached := every.From(since, whole)
			notices = append(notices, governancev1alpha1.Notice{
				Reason: governancev1alpha1.NoticeReviewedInTime, About: string(r.declared.Name),
				Since: timestamp(since), Reached: timestamp(reached),
				Message: fmt.Sprintf("Each review of requirement %s was held in time %s.", r.declared.Name, fromTo(since, reached)),
			})
		}
	}
	return notices
}

// targetHeld tells that no value of a KPI misses its objective. What misses, and what has not recovered from that, breaks the
// row; values that are missing do not, and prove nothing either: a milestone is reached with the first value from then on.
// What is met at another's expense is nothing to be proud of, nor is a score that does not move with what it stands for.
func (j *kpiJudge) targetHeld() []governancev1alpha1.Notice {
	runs, every := j.status.Runs, j.policy.Notices.TargetHeld
	if j.policy.Notices.Off || runs == nil || runs.WithinSince == nil || j.status.ValueTime == nil || !j.isHeld() {
		return nil
	}
	// Measurements by hand are judged anew by each objective: those from before it was set have not held it.
	since := later(instantOf(runs.WithinSince), instantOf(j.status.DefinedSince))
	whole := every.Within(since, instantOf(j.status.ValueTime))
	if whole == 0 {
		return nil
	}
	reached := every.From(since, whole)
	message := fmt.Sprintf("No value missed the objective %s %s.", j.status.Objective, fromTo(since, reached))
	if outgrown := j.stands(governancev1alpha1.RuleTargetOutgrown); outgrown != nil && outgrown.WaivedBy == "" {
		message += " It was met so easily that a better one can be aimed at: see TargetOutgrown."
	}
	return []governancev1alpha1.Notice{{
		Reason: governancev1alpha1.NoticeTargetHeld, Since: timestamp(since), Reached: timestamp(reached), Message: message,
	}}
}

// isHeld tells whether the last value left the KPI met, nobody pays for that, and it says something.
func (j *kpiJudge) isHeld() bool {
	judged := j.status.Judged
	return (judged == governancev1alpha1.KPIMet || judged == governancev1alpha1.KPIAtRisk) &&
		j.stands(governancev1alpha1.RuleKPIConflict) == nil && j.stands(governancev1alpha1.RuleNotPredictive) == nil
}

// stands gives the first finding of a rule; nil where there is none.
func (j *kpiJudge) stands(rule governancev1alpha1.Rule) *governancev1alpha1.Finding {
	for i := range j.status.Findings {
		if j.status.Findings[i].Rule == rule {
			return &j.status.Findings[i]
		}
	}
	return nil
}

func fromTo(since, until time.Time) string {
	return "from " + rfc3339(since) + " to " + rfc3339(until)
}
